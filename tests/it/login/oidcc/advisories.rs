//! What went wrong elsewhere with signing in and linking (SECURITY.md §7, SIGNIN.md 4), and the test that it
//! does not go wrong here. Tests of names that stand below are here, the others where their matter is.
//!
//! | advisory | test |
//! |---|---|
//! | Grafana CVE-2025-41115 | `an_external_id_is_nobodys_internal_id` |
//! | Grafana CVE-2022-31107, CVE-2023-3128 | `a_login_name_links_nobody` |
//! | Budibase CVE-2026-73302, Databasement CVE-2026-121939, Gitea CVE-2026-120263, Capgo CVE-2026-56223 and CVE-2026-56215 | `c3_an_address_links_nobody` |
//! | CISO-assistant #4658 | `provisioning_again_adopts_nobody_and_moves_no_link` |
//! | better-auth GHSA-rjg6, CVE-2026-67330 | `a_provider_and_a_connection_of_one_name_share_nothing` |
//! | GitLab CVE-2022-1680, #363058 | `an_address_changed_by_scim_moves_no_link_and_gets_none` |
//! | UAA CVE-2019-3787 | `a_link_that_cannot_be_sent_says_what_to_do` |
//! | vouch #317, tale #2036, llmgateway #2933 | `a_user_created_inactive_does_not_come_in` |
//! | agent-bom #3687 | `deactivation_deletion_and_unlinking_end_sessions_and_tokens_in_every_process` |
//! | agent-bom #3687, the token in the query | `secrets_do_not_stand_in_urls` |
//! | ZITADEL CVE-2026-27840, a session | `a_live_cookie_opens_and_any_other_leads_to_sign_in` |
//! | ZITADEL CVE-2026-27840, a link | `a_link_with_anything_changed_opens_nothing` |
//! | ZITADEL CVE-2026-27840, an access token | `introspection_tells_nothing_of_anything_else` |
//! | Mattermost CVE-2025-12419 | `attack_state_wrong` |
//! | hono CVE-2026-81888 | `attack_state_missing` |
//! | Authlib CVE-2025-68158, `oidcc_plug` CVE-2026-66884 | `attack_state_from_another_browser` |
//! | Authlib CVE-2026-114617 | `no_claim_turns_the_nonce_off` |
//! | jsonwebtoken CVE-2026-25537, an ID token | `attack_exp_and_nbf_as_strings` |
//! | jsonwebtoken CVE-2026-25537, an access token | `moments_that_are_no_moments_let_nobody_in` |
//! | Jenkins oic-auth, no audience | `oidcc_client_test_missing_aud` |
//! | Jenkins oic-auth, no issuer | `oidcc_client_test_invalid_iss` |
//! | Jenkins oic-auth GHSA-vxmh, GHSA-9963 | `attack_session_fixation` |
//! | Jenkins oic-auth, letters folded | `a_subject_in_other_letters_is_another` |
//! | Vikunja CVE-2026-34727 | `no_way_gives_staff_a_full_session_without_a_second_factor` |
//! | Logto CVE-2026-15616, Gitea CVE-2026-73278 | `every_proof_is_worth_the_same_whichever_way_it_comes` |
//! | Casdoor CVE-2026-9091 | `another_factor_wants_the_one_there_is` |
//! | ZITADEL GHSA-7j7j | `wrong_ones_lock_whatever_they_are` |
//! | Rodauth CVE-2026-82470 | `a_code_counts_once` |
//! | MISP CVE-2026-103655 | `of_two_at_once_with_the_same_code_one_comes_in` |
//! | Doyensec 2025, internal attributes | `scim_gives_nobody_a_password_or_a_proven_address` |
//! | Doyensec 2025, races | `provisioning_and_a_sign_in_at_once_make_one_user` |
//! | Abblix #360 | `a_logout_token_by_a_new_key_is_taken` |

use std::path::Path;

use axum::http::StatusCode;
use countersign::domain::sso::Refusal;
use serde_json::{Value, json};

use super::scene::{Scene, come_back, user};
use crate::login::passwords::{FIRST, House};
use crate::login::provider::Sign;
use crate::scim::USER;
use crate::world::TokenFor;
use crate::world::browser::Browser;

/// Who is signed in, by id without hyphens; each in a browser of their own.
async fn comes_as(scene: &mut Scene, subject: &str) -> String {
    scene.test.database.run("UPDATE sessions SET ended_at = 1").await;
    scene.browser = Browser::new(&scene.test.app);
    scene.provider.lies().claims = json!({ "sub": subject });
    assert_eq!(scene.sign_in().await.leads_to(), "/", "`{subject}`");
    let id = if scene.test.database.is_sqlite() {
        "lower(hex(user_id))"
    } else {
        "replace(CAST(user_id AS text), '-', '')"
    };
    let sql = format!("SELECT {id} FROM sessions WHERE ended_at > 1 OR ended_at IS NULL");
    scene.test.database.texts(&sql).await.concat()
}

#[test]
fn the_table_names_tests_that_there_are() {
    let mut tests = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                tests.push_str(&std::fs::read_to_string(path).expect("a source"));
            }
        }
    }
    let rows = include_str!("advisories.rs").lines().filter(|line| line.starts_with("//! | "));
    let named: Vec<&str> = rows.filter_map(|row| row.rsplit('`').nth(1)).collect();
    assert!(named.len() >= 30, "{named:?}");
    for name in named {
        assert!(tests.contains(&format!("fn {name}()")), "there is no test `{name}`");
    }
}

/// Grafana CVE-2025-41115: a number as `externalId` was taken for the id of another user, an administrator.
/// M39: an `externalId` is the provider's word and names nobody of ours.
#[tokio::test]
async fn an_external_id_is_nobodys_internal_id() {
    let mut scene = Scene::new().await;
    let ann = scene.ann.clone();
    let account = super::scene::account_id(&scene.test, "acme").await.to_string();
    for subject in ["1", "0", "-1", "1e308", "1 ", "01", "null", "admin", &ann, &account] {
        scene.browser = Browser::new(&scene.test.app);
        let mut claims = json!({ "sub": subject });
        std::mem::swap(&mut scene.provider.lies().claims, &mut claims);
        let page = scene.sign_in().await.expect(StatusCode::FORBIDDEN);
        let words = super::scene::says(Refusal::NotProvisioned);
        assert!(page.text.contains(words), "`{subject}`: {}", page.text);
        let name = format!("user-{}", subject.trim());
        let name = if subject.ends_with(' ') { format!("{name}-spaced") } else { name };
        let made = user(&scene.scim, &name, subject).await;
        let came = comes_as(&mut scene, subject).await;
        assert_eq!(came, made.replace('-', ""), "`{subject}` is their own user, and nobody else");
    }
    assert_eq!(comes_as(&mut scene, "u-ann").await, ann.replace('-', ""));
}

/// Grafana CVE-2022-31107 and CVE-2023-3128: who chose somebody's login name at the provider was they.
#[tokio::test]
async fn a_login_name_links_nobody() {
    let mut scene = Scene::new().await;
    let body = json!({ "schemas": [USER], "userName": "bob", "externalId": "u-bob",
        "displayName": "Bob", "nickName": "bobby" });
    scene.scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    for name in ["bob", "Bob", "bobby", "ann"] {
        let claims = json!({ "sub": name, "preferred_username": "bob", "name": "Bob", "login": "bob",
            "upn": "bob", "nickname": "bobby", "username": "bob" });
        scene.refuses_as(Refusal::NotProvisioned, |lies| lies.claims = claims).await;
    }
}

/// CISO-assistant #4658: provisioning took over whoever had the name or address, and their login.
#[tokio::test]
async fn provisioning_again_adopts_nobody_and_moves_no_link() {
    let mut scene = Scene::new().await;
    let body = |name: &str, id: &str| {
        json!({ "schemas": [USER], "userName": name, "externalId": id,
                "emails": [{ "value": "bob@acme.test", "primary": true }] })
    };
    let bob = scene.scim.post("/Users", &body("bob", "u-bob")).await.expect(StatusCode::CREATED);
    let bob = bob.id().replace('-', "");
    assert_eq!(comes_as(&mut scene, "u-bob").await, bob);
    let links = "SELECT issuer || ' ' || subject FROM identities ORDER BY subject";
    let before = scene.test.database.texts(links).await;
    for name in ["bob", "BOB"] {
        let again = scene.scim.post("/Users", &body(name, "u-mallory")).await;
        again.refused(409, Some("uniqueness"));
    }
    // A second connection of the account may send whom it likes: they are others.
    let wanted = TokenFor { connection: "other", ..TokenFor::default() };
    let other = scene.test.client("acme", &scene.test.token("acme", wanted).await);
    other.post("/Users", &body("mallory", "u-bob")).await.expect(StatusCode::CREATED);
    assert_eq!(scene.test.database.texts(links).await, before);
    assert_eq!(comes_as(&mut scene, "u-bob").await, bob);
}

/// better-auth GHSA-rjg6, CVE-2026-67330: a SCIM provider that was given a login provider's id wrote its
/// users' logins.
#[tokio::test]
async fn a_provider_and_a_connection_of_one_name_share_nothing() {
    let mut scene = Scene::new().await;
    let id = scene.sso.id.to_string();
    for connection in [scene.sso.name.to_lowercase().as_str(), id.as_str()] {
        let wanted = TokenFor { connection, ..TokenFor::default() };
        let eves = scene.test.client("acme", &scene.test.token("acme", wanted).await);
        let subject = format!("u-eve-{connection}");
        user(&eves, &subject, &subject).await;
        let claims = json!({ "sub": subject });
        scene.refuses_as(Refusal::NotProvisioned, |lies| lies.claims = claims).await;
    }
}

/// vouch #317, tale #2036, llmgateway #2933: `active: false` counted in changes, but not at creation.
#[tokio::test]
async fn a_user_created_inactive_does_not_come_in() {
    for (n, active) in [json!(false), json!("False"), json!("false")].into_iter().enumerate() {
        let mut scene = Scene::new().await;
        let body = json!({ "schemas": [USER], "userName": "bob", "externalId": "u-bob",
            "active": active });
        scene.scim.post("/Users", &body).await.expect(StatusCode::CREATED);
        let claims = json!({ "sub": "u-bob" });
        scene.refuses_as(Refusal::Inactive, |lies| lies.claims = claims).await;
        assert_eq!(scene.sessions().await, 0, "{n}");
    }
}

/// Authlib CVE-2026-114617: a claim of the token said whether its nonce was to be looked at.
#[tokio::test]
async fn no_claim_turns_the_nonce_off() {
    for claims in [
        json!({ "nonce": null, "nonce_supported": false }),
        json!({ "nonce": "another", "nonce_supported": false }),
        json!({ "nonce": "", "nonce_supported": false }),
        json!({ "nonce": [], "amr": [] }),
        json!({ "nonce": true }),
        json!({ "nonce": null, "at_hash": null, "c_hash": null, "azp": "countersign" }),
    ] {
        Scene::new().await.refuses(|lies| lies.claims = claims).await;
    }
}

/// Jenkins oic-auth folded letters: two people of the provider were one user here.
/// M12: two spellings are two subjects.
#[tokio::test]
async fn a_subject_in_other_letters_is_another() {
    let mut scene = Scene::new().await;
    for subject in ["U-ANN", "u-ann ", "u-\u{e5}nn", "\u{ff55}-ann"] {
        let claims = json!({ "sub": subject });
        scene.refuses_as(Refusal::NotProvisioned, |lies| lies.claims = claims).await;
    }
    let other = user(&scene.scim, "another-ann", "U-ANN").await;
    assert_eq!(comes_as(&mut scene, "U-ANN").await, other.replace('-', ""));
    let ann = scene.ann.replace('-', "");
    assert_eq!(comes_as(&mut scene, "u-ann").await, ann);
    assert_eq!(scene.test.database.number("SELECT count(*) FROM persons").await, 2);
    // The issuer's letters count, too.
    let mut scene = Scene::new().await;
    let issuer = scene.provider.issuer.replace("http", "HTTP");
    scene.refuses(|lies| lies.claims = json!({ "iss": issuer })).await;
}

/// Doyensec 2025: attributes that the schema does not have, or that are for the server to say, were taken.
#[tokio::test]
async fn scim_gives_nobody_a_password_or_a_proven_address() {
    let house = House::new().await;
    let body = json!({
        "userName": "eve", "password": FIRST, "emailVerified": true, "verified": true,
        "is_staff": true, "person_id": house.zoe, "mustChange": false, "secondFactor": true,
        "emails": [{ "value": "eve@acme.example", "primary": true, "verified": true }],
    });
    let made = house.scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    let shown: &Value = &house.scim.get(&format!("/Users/{}", made.id())).await.body;
    for name in ["password", "is_staff", "person_id", "secondFactor"] {
        assert!(shown.get(name).is_none(), "{name}: {shown}");
    }
    let page = house.enter(&mut house.browser(), "eve", FIRST).await;
    page.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(house.test.database.number("SELECT count(*) FROM passwords").await, 0);
    house.forget("eve@acme.example").await;
    assert!(house.folder.collect(&house.test.app).await.is_empty(), "nobody proved that address");
}

/// Doyensec 2025: a first sign-in while SCIM makes the user left two of them.
#[tokio::test(flavor = "multi_thread")]
async fn provisioning_and_a_sign_in_at_once_make_one_user() {
    let mut scene = Scene::new().await;
    scene.provider.lies().claims = json!({ "sub": "u-new" });
    let mut comers = vec![];
    for _ in 0..4 {
        let mut browser = Browser::new(&scene.test.app);
        let page = browser.get(&scene.start()).await;
        let answer = scene.provider.authorize(&url::Url::parse(page.leads_to()).expect("a URL"));
        comers.push((browser, answer));
    }
    let scim = scene.scim.clone();
    let made = tokio::spawn(async move { user(&scim, "new", "u-new").await });
    let sso = scene.sso.id;
    let comers = comers.into_iter().map(|(mut browser, answer)| {
        tokio::spawn(async move { come_back(&mut browser, sso, &answer).await.status.as_u16() })
    });
    for came in comers.collect::<Vec<_>>() {
        let status = came.await.expect("it ends");
        assert!([303, 403].contains(&status), "in, or not yet: {status}");
    }
    let made = made.await.expect("it is made").replace('-', "");
    assert_eq!(comes_as(&mut scene, "u-new").await, made);
    assert_eq!(scene.scim.filter("/Users", "externalId eq \"u-new\"").await.total(), 1);
    assert_eq!(scene.test.database.number("SELECT count(*) FROM identities").await, 1);
}

/// Abblix #360: sign-ins and logouts each kept keys of their own, and one of both had old ones.
#[tokio::test]
async fn a_logout_token_by_a_new_key_is_taken() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    scene.test.clock.advance_seconds(61);
    scene.provider.lies().published = vec!["rs2"];
    let token = scene.provider.logout_token(Sign::With("rs2"), &json!({}));
    assert_eq!(scene.back_channel(&token).await, StatusCode::OK);
    assert_eq!(scene.sessions().await, 0);
    // What the logout fetched serves the next sign-in, and the old key neither of both.
    let fetched = scene.provider.calls("/jwks");
    scene.provider.lies().sign = Sign::With("rs2");
    assert_eq!(scene.sign_in().await.leads_to(), "/");
    assert_eq!(scene.provider.calls("/jwks"), fetched);
    let old = scene.provider.logout_token(Sign::With("rs1"), &json!({}));
    assert_eq!(scene.back_channel(&old).await, StatusCode::BAD_REQUEST);
    assert_eq!(scene.sessions().await, 1);
}
