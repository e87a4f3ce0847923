//! Passkeys are enrolled and shown with a verified user, on our own origin only.

use url::Url;
use uuid::Uuid;
use webauthn_authenticator_rs::WebauthnAuthenticator as _;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

use super::{Credential, PasskeyError, RelyingParty};

const ORIGIN: &str = "http://localhost:8080";

fn rp() -> RelyingParty {
    RelyingParty::new(ORIGIN).expect("a relying party")
}

fn origin() -> Url {
    Url::parse(ORIGIN).expect("a URL")
}

fn enrol(key: &mut SoftPasskey) -> Credential {
    let begun = rp().begin_enrolment(Uuid::from_u128(7), "zoe", &[]).expect("begun");
    let options = serde_json::from_str(&begun.options).expect("options");
    let answer = key.do_registration(origin(), options).expect("an answer");
    let answer = serde_json::to_string(&answer).expect("JSON");
    rp().finish_enrolment(&begun.state, &answer).expect("enrolled")
}

/// The state and the answer of a showing.
fn show(key: &mut SoftPasskey, known: &[String]) -> (String, String) {
    let begun = rp().begin_showing(known).expect("begun");
    let options = serde_json::from_str(&begun.options).expect("options");
    let answer = key.do_authentication(origin(), options).expect("an answer");
    (begun.state, serde_json::to_string(&answer).expect("JSON"))
}

#[track_caller]
fn check(url: &str, has_domain: bool) {
    let made = RelyingParty::new(url);
    assert_eq!(made.is_ok(), has_domain, "{url}: {made:?}");
    if let Err(error) = made {
        assert!(matches!(error, PasskeyError::NoDomain));
        assert!(error.to_string().contains("server.public_url"), "{error}");
    }
}

#[test]
fn the_public_url_needs_a_domain_name() {
    check("https://id.example.com", true);
    check("https://id.example.com:8443/base", true);
    check("http://localhost:8080", true);
    check("http://127.0.0.1:8080", false);
    check("http://[::1]:8080", false);
    check("nonsense", false);
}

#[test]
fn a_passkey_is_enrolled_and_shown() {
    let mut key = SoftPasskey::new(true);
    let first = enrol(&mut key);
    let known = [first.json.clone()];
    let (state, answer) = show(&mut key, &known);
    let shown = rp().finish_showing(&state, &answer, &known).expect("shown");
    assert_eq!(shown.id, first.id);
    assert!(shown.counter > first.counter, "{} > {}", shown.counter, first.counter);
    assert!(["hwk", "swk"].contains(&shown.method));
}

#[test]
fn an_answer_does_for_its_own_challenge_only() {
    let mut key = SoftPasskey::new(true);
    let known = [enrol(&mut key).json];
    let (_, answer) = show(&mut key, &known);
    let (state, _) = show(&mut key, &known);
    assert!(rp().finish_showing(&state, &answer, &known).is_err());
}

#[test]
fn a_counter_that_is_behind_is_refused() {
    let mut key = SoftPasskey::new(true);
    let mut ahead: serde_json::Value = serde_json::from_str(&enrol(&mut key).json).expect("JSON");
    ahead["cred"]["counter"] = 1000.into();
    let known = [ahead.to_string()];
    let (state, answer) = show(&mut key, &known);
    assert!(rp().finish_showing(&state, &answer, &known).is_err());
}

#[test]
fn a_user_whom_the_authenticator_did_not_verify_is_refused() {
    let begun = rp().begin_enrolment(Uuid::from_u128(7), "zoe", &[]).expect("begun");
    let mut options: serde_json::Value = serde_json::from_str(&begun.options).expect("JSON");
    let wanted = options.pointer_mut("/publicKey/authenticatorSelection/userVerification");
    let wanted = wanted.expect("our demand");
    assert_eq!(wanted, "required");
    *wanted = "discouraged".into();
    let options = serde_json::from_value(options).expect("options");
    let mut lazy = SoftPasskey::new(false);
    let answer = lazy.do_registration(origin(), options).expect("an answer");
    let answer = serde_json::to_string(&answer).expect("JSON");
    assert!(rp().finish_enrolment(&begun.state, &answer).is_err());
}

#[test]
fn what_does_not_read_is_an_error_and_no_panic() {
    let begun = rp().begin_enrolment(Uuid::from_u128(7), "zoe", &[]).expect("begun");
    for answer in ["", "{}", "null", "[1]", "{\"id\":\"x\"}"] {
        assert!(rp().finish_enrolment(&begun.state, answer).is_err(), "{answer}");
        assert!(rp().finish_showing(&begun.state, answer, &[]).is_err(), "{answer}");
    }
    assert!(rp().begin_showing(&[]).is_err());
}
