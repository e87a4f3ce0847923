//! What administrators and users do about passwords and languages over REST (S10, S11): a link to choose a
//! password, mailed; the language that somebody chooses for themselves.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::api::people::{By, JSON, Person, Seat};
use crate::api::sso::grant;
use crate::api::users::approver;
use crate::scim::patch_op;
use crate::world::browser::{Browser, Page};
use crate::world::client::Answer;
use crate::world::leaks;
use crate::world::mailbox::Folder;

const BASE: &str = "/api/v1/accounts/acme";
const CHOSEN: &str = "une tasse bleue";

async fn administrator(seat: &Seat) -> Person {
    let person = seat.person("chief").await;
    grant(seat, &person, "users.administer").await;
    person
}

async fn send(seat: &Seat, by: &By, method: Method, path: &str, body: &Value) -> Answer {
    seat.call(by, method, &format!("{BASE}{path}"), Some((JSON, body.to_string()))).await
}

async fn mail(seat: &Seat, by: &By, path: &str) -> Answer {
    seat.call(by, Method::POST, &format!("{BASE}{path}/password-mails"), None).await
}

/// Makes Ada; her path, and the link that she is invited by.
async fn ada(seat: &Seat, by: &By, kind: &str, folder: &Folder) -> (String, String) {
    let ada = json!({ "user_name": "ada", "given_name": "Ada", "family_name": "Lovelace",
                      "language": "en", "email": "ada@example.com" });
    let made = send(seat, by, Method::POST, kind, &ada).await.expect(StatusCode::CREATED);
    (format!("{kind}/{}", made.id()), folder.link(&seat.test.app).await)
}

async fn choose(seat: &Seat, link: &str) -> StatusCode {
    let form = [("password", CHOSEN), ("again", CHOSEN)];
    Browser::new(&seat.test.app).post(&format!("/link/{link}"), &form).await.status
}

#[track_caller]
fn code(answer: &Answer) -> &str {
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text);
    answer.body["errors"][0]["code"].as_str().expect("a code")
}

#[tokio::test]
async fn s10_s11_an_administrator_has_the_link_mailed_that_is_due() {
    for kind in ["/users", "/recipients"] {
        let (seat, folder) = (Seat::new().await, Folder::new());
        let by = administrator(&seat).await.by_cookie();
        let (path, first) = ada(&seat, &by, kind, &folder).await;
        let sent = mail(&seat, &by, &path).await.expect(StatusCode::ACCEPTED);
        assert_eq!(sent.text, "", "the link is in no answer");
        let second = folder.link(&seat.test.app).await;
        assert_eq!(choose(&seat, &first).await, StatusCode::GONE, "the newer one ends it");
        assert_eq!(choose(&seat, &second).await, StatusCode::OK);
        assert_eq!(folder.collect(&seat.test.app).await.len(), 1, "the notice");
        mail(&seat, &by, &path).await.expect(StatusCode::ACCEPTED);
        assert_eq!(choose(&seat, &folder.link(&seat.test.app).await).await, StatusCode::OK);
        for (purpose, count) in [("invitation", 2), ("reset", 1)] {
            let of = format!("SELECT count(*) FROM one_time_links WHERE purpose = '{purpose}'");
            assert_eq!(seat.test.database.number(&of).await, count, "{purpose}");
        }
        let recorded = "SELECT count(*) FROM activities WHERE action = 'password_mail.sent' \
                        AND outcome = 'done' AND target_kind = 'user' AND actor_kind = 'user'";
        assert_eq!(seat.test.database.number(recorded).await, 2);
    }
}

#[tokio::test]
async fn s10_mails_to_one_address_are_three_an_hour_whoever_asks() {
    let (seat, folder) = (Seat::new().await, Folder::new());
    let by = administrator(&seat).await.by_cookie();
    let (path, _) = ada(&seat, &by, "/users", &folder).await;
    for _ in 0..3 {
        mail(&seat, &by, &path).await.expect(StatusCode::ACCEPTED);
    }
    let refused = mail(&seat, &by, &path).await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.body["type"], "urn:countersign:problem:too-many-requests");
    let seconds: u64 =
        refused.headers[header::RETRY_AFTER].to_str().expect("text").parse().expect("n");
    assert!((3_500..=3_600).contains(&seconds), "{seconds}");
    assert_eq!(seat.test.database.number("SELECT count(*) FROM one_time_links").await, 4);
}

/// A link for another password goes to nobody but who is known to read there: whoever may change addresses
/// comes in as nobody else by that (C5).
#[tokio::test]
async fn s10_c5_a_link_that_cannot_be_mailed_says_why() {
    let (seat, folder) = (Seat::new().await, Folder::new());
    let by = administrator(&seat).await.by_cookie();
    let (path, link) = ada(&seat, &by, "/users", &folder).await;
    assert_eq!(choose(&seat, &link).await, StatusCode::OK);
    folder.collect(&seat.test.app).await;
    let elsewhere = json!({ "email": "chief@example.com" });
    send(&seat, &by, Method::PATCH, &path, &elsewhere).await.expect(StatusCode::OK);
    assert_eq!(code(&mail(&seat, &by, &path).await), "other_address");
    let back = json!({ "email": "ADA@example.com", "active": false });
    send(&seat, &by, Method::PATCH, &path, &back).await.expect(StatusCode::OK);
    assert_eq!(code(&mail(&seat, &by, &path).await), "not_active");
    let nameless = format!("/users/{}", seat.scim.user("nobody-writes").await);
    assert_eq!(code(&mail(&seat, &by, &nameless).await), "no_address");
    let active = json!({ "active": true });
    send(&seat, &by, Method::PATCH, &path, &active).await.expect(StatusCode::OK);
    seat.test
        .database
        .run(
            "INSERT INTO persons (id, created_at) SELECT id, 1 FROM users WHERE user_name_key = 'ada'; \
             INSERT INTO identities (account_id, issuer, subject, valid_to, user_id, person_id, \
             sso_id, linked_at) SELECT account_id, 'https://op.test', 'ada', 9223372036854775807, \
             id, id, id, 1 FROM users WHERE user_name_key = 'ada'",
        )
        .await;
    let refused = mail(&seat, &by, &path).await.expect(StatusCode::FORBIDDEN);
    assert_eq!(refused.body["rule"], "no-password-beside-sso");
    assert!(folder.collect(&seat.test.app).await.is_empty());
}

#[tokio::test]
async fn s8_s10_only_administrators_of_the_account_have_links_mailed() {
    let (seat, folder) = (Seat::new().await, Folder::new());
    let by = administrator(&seat).await.by_cookie();
    let (user, _) = ada(&seat, &by, "/users", &folder).await;
    let (zoe, plain) = (approver(&seat, "zoe").await, seat.person("plain").await);
    for (person, rule) in [(&zoe, "two-planes"), (&plain, "administrators-only")] {
        let refused = mail(&seat, &person.by_cookie(), &user).await.expect(StatusCode::FORBIDDEN);
        assert_eq!(refused.body["rule"], rule, "{}", refused.text);
    }
    assert!(folder.collect(&seat.test.app).await.is_empty());
    grant(&seat, &plain, "recipients.administer").await;
    let as_recipient = user.replace("users", "recipients");
    mail(&seat, &plain.by_cookie(), &as_recipient).await.expect(StatusCode::NOT_FOUND);
    mail(&seat, &plain.by_cookie(), &user).await.expect(StatusCode::FORBIDDEN);
}

async fn speak(seat: &Seat, by: &By, language: Value) -> Answer {
    let body = (JSON, json!({ "language": language }).to_string());
    seat.call(by, Method::PATCH, "/api/v1/me", Some(body)).await
}

#[tokio::test]
async fn s11_each_user_chooses_the_language_that_they_are_spoken_to_in() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let by = ann.by_cookie();
    let path = format!("/Users/{}", ann.session.user);
    let language = json!([{ "op": "replace", "path": "preferredLanguage", "value": "en" }]);
    seat.scim.patch(&path, &patch_op(&language)).await.expect(StatusCode::OK);
    let before = seat.scim.get(&path).await;
    let page = async || seat.get(&by, "/account/sessions").await.text;
    assert!(page().await.contains("lang=\"en\""));
    let chosen = speak(&seat, &by, json!("fr-CH")).await.expect(StatusCode::OK);
    assert_eq!(chosen.body["user"]["language"], "fr-CH");
    assert!(page().await.contains("lang=\"fr\""), "pages follow");
    assert_eq!(seat.scim.get(&path).await.body, before.body, "the provider reads what it sent");
    let again = json!([{ "op": "replace", "path": "preferredLanguage", "value": "de" }]);
    seat.scim.patch(&path, &patch_op(&again)).await.expect(StatusCode::OK);
    assert_eq!(seat.get(&by, "/api/v1/me").await.body["user"]["language"], "fr-CH");
    let nothing = seat.call(&by, Method::PATCH, "/api/v1/me", Some((JSON, "{}".to_owned()))).await;
    assert_eq!(nothing.expect(StatusCode::OK).body["user"]["language"], "fr-CH");
    let wrong = speak(&seat, &by, json!("?")).await.expect(StatusCode::BAD_REQUEST);
    assert_eq!(wrong.body["errors"][0]["code"], "wrong_language");
    let back = speak(&seat, &by, Value::Null).await.expect(StatusCode::OK);
    assert_eq!(back.body["user"]["language"], "de");
    let recorded = "SELECT count(*) FROM activities WHERE action = 'user.language_chosen' \
                    AND outcome = 'done' AND actor_id = target_id";
    assert_eq!(seat.test.database.number(recorded).await, 2);
}

#[tokio::test]
async fn s11_mails_speak_the_language_that_their_reader_chose() {
    let (seat, folder) = (Seat::new().await, Folder::new());
    let by = administrator(&seat).await.by_cookie();
    let (path, link) = ada(&seat, &by, "/users", &folder).await;
    assert_eq!(choose(&seat, &link).await, StatusCode::OK);
    folder.collect(&seat.test.app).await;
    let user = path.rsplit('/').next().expect("an id");
    let ada = seat.sign_in(user, crate::world::browser::password()).await;
    speak(&seat, &ada.by_cookie(), json!("fr")).await.expect(StatusCode::OK);
    mail(&seat, &by, &path).await.expect(StatusCode::ACCEPTED);
    let letters = folder.collect(&seat.test.app).await;
    let [letter] = letters.as_slice() else { panic!("{letters:?}") };
    assert!(letter.text.contains("mot de passe"), "{}", letter.text);
}

fn rita(password: &Value) -> Value {
    json!({ "user_name": "rita", "given_name": "Rita", "family_name": "Reader", "language": "en",
            "email": "rita@example.com", "password": password })
}

async fn enter(browser: &mut Browser, password: &str) -> Page {
    let form = [("user_name", "rita"), ("password", password), ("return_to", "/")];
    browser.post("/accounts/acme/login/password", &form).await
}

/// DECISIONS.md 33: handed over once, and worth nothing but the choice of another.
#[tokio::test]
async fn s12_a_recipient_begins_with_a_password_that_is_changed_at_the_first_sign_in() {
    let handed = "trois verres jaunes";
    for wanted in [json!("generated"), json!({ "chosen": handed })] {
        let (seat, folder) = (Seat::new().await, Folder::new());
        let by = administrator(&seat).await.by_cookie();
        let made = send(&seat, &by, Method::POST, "/recipients", &rita(&wanted)).await;
        let made = made.expect(StatusCode::CREATED);
        let first = made.body["password"].as_str().unwrap_or(handed).to_owned();
        leaks::secret(&first);
        assert_eq!(made.body.get("password").is_some(), wanted == "generated", "{}", made.text);
        let path = format!("/recipients/{}", made.id());
        let shown = seat.get(&by, &format!("{BASE}{path}")).await.expect(StatusCode::OK);
        assert!(shown.body.get("password").is_none(), "it is told once");
        assert!(folder.collect(&seat.test.app).await.is_empty(), "nobody is invited besides");
        let mut browser = Browser::new(&seat.test.app);
        let page = enter(&mut browser, &first).await;
        let place = page.leads_to();
        assert!(place.starts_with("/link/csl_"), "{place}");
        let sessions = "SELECT count(*) FROM sessions WHERE way = 'password'";
        let before = seat.test.database.number(sessions).await;
        browser.get("/account/sessions").await.expect(StatusCode::SEE_OTHER);
        let link = place.trim_start_matches("/link/");
        assert_eq!(choose(&seat, link).await, StatusCode::OK);
        enter(&mut browser, &first).await.expect(StatusCode::UNAUTHORIZED);
        assert_eq!(seat.test.database.number(sessions).await, before, "no session by the first");
        assert_eq!(enter(&mut browser, CHOSEN).await.leads_to(), "/");
        assert_eq!(seat.test.database.number(sessions).await, before + 1);
        assert_eq!(choose(&seat, link).await, StatusCode::GONE);
    }
}

#[tokio::test]
async fn s12_a_first_password_keeps_to_the_rules_and_is_for_recipients() {
    let seat = Seat::new().await;
    let by = administrator(&seat).await.by_cookie();
    for (kind, password, wrong) in [
        ("/recipients", json!({ "chosen": "short" }), "weak_password"),
        ("/recipients", json!({ "chosen": "passwordpassword" }), "weak_password"),
        ("/recipients", json!({ "chosen": "rita@example.com" }), "weak_password"),
        ("/users", json!("generated"), "recipients_only"),
    ] {
        let refused = send(&seat, &by, Method::POST, kind, &rita(&password)).await;
        let refused = refused.expect(StatusCode::BAD_REQUEST);
        assert_eq!(refused.body["errors"][0]["code"], wrong, "{}", refused.text);
        assert_eq!(refused.body["errors"][0]["field"], "password");
    }
    let refused = send(&seat, &by, Method::POST, "/recipients", &rita(&json!("other"))).await;
    assert_eq!(refused.body["type"], "urn:countersign:problem:invalid-json");
}

#[tokio::test]
async fn s10_s12_who_never_used_the_first_password_can_be_mailed_a_link_all_the_same() {
    let (seat, folder) = (Seat::new().await, Folder::new());
    let by = administrator(&seat).await.by_cookie();
    let made = send(&seat, &by, Method::POST, "/recipients", &rita(&json!("generated"))).await;
    let path = format!("/recipients/{}", made.expect(StatusCode::CREATED).id());
    mail(&seat, &by, &path).await.expect(StatusCode::ACCEPTED);
    assert_eq!(choose(&seat, &folder.link(&seat.test.app).await).await, StatusCode::OK);
    assert_eq!(enter(&mut Browser::new(&seat.test.app), CHOSEN).await.leads_to(), "/");
}
