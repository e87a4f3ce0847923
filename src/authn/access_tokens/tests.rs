//! What is taken for one of our tokens, and what is not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret as _;

use crate::authn::access_tokens::{Expected, generate, read, sign};
use crate::domain::keys::{Algorithm, Claims};
use crate::domain::time::Timestamp;

const ISSUER: &str = "https://id.test";
const NOW: i64 = 1_767_225_600;

fn claims() -> Claims {
    Claims {
        iss: ISSUER.to_owned(),
        aud: "product".to_owned(),
        sub: "user".to_owned(),
        client_id: "countersign".to_owned(),
        account: "account".to_owned(),
        sid: "session".to_owned(),
        acr: None,
        amr: vec!["pwd".to_owned()],
        auth_time: NOW - 60,
        iat: NOW,
        exp: NOW + 300,
        jti: "token".to_owned(),
        scope: "api".to_owned(),
        rights: None,
        rights_omitted: false,
    }
}

fn expected(at: i64) -> Expected<'static> {
    let now = Timestamp::from_micros(at * 1_000_000);
    Expected { issuer: ISSUER, audience: "product", now }
}

#[track_caller]
fn check(change: impl FnOnce(&mut Claims), at: i64, is_good: bool) {
    let pair = generate(Algorithm::Es256).expect("a pair");
    let mut claims = claims();
    change(&mut claims);
    let key = (pair.id.as_str(), Algorithm::Es256);
    let token = sign(&claims, key, &pair.private_key).expect("a token");
    let unverified = read(token.expose_secret()).expect("the form of ours");
    assert_eq!(unverified.key_id(), pair.id);
    let verified = unverified.verify(&pair.public_jwk, Algorithm::Es256, &expected(at));
    assert_eq!(verified, is_good.then_some(claims));
}

#[test]
fn a_token_lives_from_its_beginning_to_the_second_before_its_end() {
    check(|_| {}, NOW, true);
    check(|_| {}, NOW + 299, true);
    check(|_| {}, NOW + 300, false);
    // Another process's clock may be a little ahead, not more.
    check(|_| {}, NOW - 30, true);
    check(|_| {}, NOW - 31, false);
}

#[test]
fn a_token_that_claims_to_live_longer_than_ours_is_none() {
    check(|c| c.exp = NOW + 301, NOW, false);
    check(|c| c.exp = i64::MAX, NOW, false);
    check(|c| (c.iat, c.exp) = (i64::MIN, i64::MAX), NOW, false);
    check(|c| c.exp = c.iat, NOW, false);
    check(|c| c.exp = -1, NOW, false);
}

#[test]
fn another_issuer_or_audience_is_not_ours() {
    check(|c| c.iss = "https://id.test.evil".to_owned(), NOW, false);
    check(|c| c.aud = "another".to_owned(), NOW, false);
    check(|c| c.aud = String::new(), NOW, false);
}

#[test]
fn both_algorithms_sign_and_neither_verifies_for_the_other() {
    for (own, other) in [(Algorithm::Es256, Algorithm::EdDsa), (Algorithm::EdDsa, Algorithm::Es256)]
    {
        let (pair, stranger) = (generate(own).expect("one"), generate(other).expect("another"));
        let token = sign(&claims(), (&pair.id, own), &pair.private_key).expect("a token");
        let unverified = read(token.expose_secret()).expect("the form of ours");
        assert!(unverified.verify(&pair.public_jwk, own, &expected(NOW)).is_some());
        assert_eq!(unverified.verify(&pair.public_jwk, other, &expected(NOW)), None);
        assert_eq!(unverified.verify(&stranger.public_jwk, own, &expected(NOW)), None);
        assert_eq!(unverified.verify(&stranger.public_jwk, other, &expected(NOW)), None);
        assert_eq!(unverified.verify("{}", own, &expected(NOW)), None);
    }
}

#[test]
fn the_public_half_holds_nothing_of_the_private_one() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let pair = generate(algorithm).expect("a pair");
        let jwk: serde_json::Value = serde_json::from_str(&pair.public_jwk).expect("JSON");
        assert_eq!(jwk["kid"], pair.id);
        assert_eq!(jwk["alg"], algorithm.as_str());
        assert_eq!(jwk["use"], "sig");
        assert_eq!(jwk.get("d"), None);
        assert!(!format!("{pair:?}").contains(&format!("{:?}", pair.private_key.expose_secret())));
    }
}

#[test]
fn a_header_with_anything_but_type_algorithm_and_key_is_not_ours() {
    let token = |header: &str| format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(header));
    let ours = r#"{"typ":"at+jwt","alg":"ES256","kid":"k"}"#;
    assert!(read(&token(ours)).is_some());
    for header in [
        r#"{"typ":"JWT","alg":"ES256","kid":"k"}"#,
        r#"{"alg":"ES256","kid":"k"}"#,
        r#"{"typ":"at+jwt","alg":"ES256"}"#,
        r#"{"typ":"at+jwt","alg":"ES256","kid":null}"#,
        r#"{"typ":"at+jwt","alg":"ES256","kid":"k","kid":"l"}"#,
        r#"{"typ":"at+jwt","alg":"ES256","kid":"k","jku":"https://evil.test"}"#,
        r#"{"typ":"at+jwt","alg":"ES256","kid":"k","jwk":{}}"#,
        r#"{"typ":"at+jwt","alg":"ES256","kid":"k","x5u":"https://evil.test"}"#,
        r#"{"typ":"at+jwt","alg":"ES256","kid":"k","crit":["exp"]}"#,
        "[]",
        "",
    ] {
        assert!(read(&token(header)).is_none(), "{header}");
    }
    let good = token(ours);
    let header = good.split('.').next().unwrap_or_default();
    for text in ["", ".", "..", header, &format!("{header}.e30"), &format!("{header}.e30.")] {
        assert!(read(text).is_none(), "{text}");
    }
    assert!(read(&format!("{good}.e30")).is_none(), "four parts");
    assert!(read(&format!(" {good}")).is_none(), "a blank before");
    assert!(read(&format!("{good}{}", "x".repeat(8192))).is_none(), "too long");
}
