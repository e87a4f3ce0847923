//! Who it is that came (C3, DECISIONS.md 6, 7, 32): by the link claim once, by (issuer, subject) for ever,
//! never by an address.

use axum::http::StatusCode;
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, UnlinkUser};
use countersign::domain::sso::Refusal;
use serde_json::json;

use super::scene::{Scene, account_id, add_sso, says, user};
use crate::scim::{USER, patch_op};
use crate::world::browser::Browser;
use crate::world::{TokenFor, sso_spec};

async fn patch(scene: &Scene, id: &str, path: &str, value: serde_json::Value) {
    let body = patch_op(&json!([{ "op": "replace", "path": path, "value": value }]));
    scene.scim.patch(&format!("/Users/{id}"), &body).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn c3_whoever_is_not_provisioned_is_told_what_to_do() {
    let mut scene = Scene::new().await;
    scene.refuses_as(Refusal::NotProvisioned, |lies| lies.claims = json!({ "sub": "u-x" })).await;
    let mut scene = Scene::with(|spec| spec.link_claim = "oid".to_owned()).await;
    scene.refuses_as(Refusal::NotProvisioned, |_| {}).await;
    for oid in [json!(""), json!(7), json!(["u-ann"])] {
        let claims = json!({ "oid": oid });
        scene.refuses_as(Refusal::NotProvisioned, |lies| lies.claims = claims).await;
    }
    scene.accepts(|lies| lies.claims = json!({ "oid": "u-ann", "sub": "pairwise" })).await;
    let french = Browser::new(&scene.test.app).speaking("fr");
    scene.browser = french;
    scene.provider.lies().claims = json!({ "oid": "u-y", "sub": "y" });
    let page = scene.sign_in().await.expect(StatusCode::FORBIDDEN);
    assert!(page.text.contains("ne vous a pas encore donné accès ici"), "{}", page.text);
}

#[tokio::test]
async fn c3_an_inactive_user_is_not_let_in_the_first_time_nor_later() {
    let mut scene = Scene::new().await;
    let ann = scene.ann.clone();
    patch(&scene, &ann, "active", json!(false)).await;
    scene.refuses_as(Refusal::Inactive, |_| {}).await;
    patch(&scene, &ann, "active", json!(true)).await;
    scene.accepts(|_| {}).await;
    patch(&scene, &ann, "active", json!(false)).await;
    let page = scene.sign_in().await.expect(StatusCode::FORBIDDEN);
    assert!(page.text.contains(says(Refusal::Inactive)), "{}", page.text);
    assert_eq!(scene.sessions().await, 0);
}

#[tokio::test]
async fn c3_two_users_of_one_external_id_are_both_refused() {
    let mut scene = Scene::new().await;
    user(&scene.scim, "ann2", "u-ann").await;
    scene.refuses_as(Refusal::Ambiguous, |_| {}).await;
}

/// nOAuth: an address proves nothing, whoever says that it is verified.
/// Budibase CVE-2026-73302, Databasement CVE-2026-121939, Gitea CVE-2026-120263, Capgo CVE-2026-56223.
#[tokio::test]
async fn c3_an_address_links_nobody() {
    let mut scene = Scene::new().await;
    let body = json!({ "schemas": [USER], "userName": "bob@acme.test", "externalId": "u-bob",
        "emails": [{ "value": "bob@acme.test", "primary": true }] });
    scene.scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    let claims = json!({ "sub": "u-mallory", "email": "bob@acme.test", "email_verified": true,
        "preferred_username": "bob@acme.test", "upn": "bob@acme.test" });
    scene.refuses_as(Refusal::NotProvisioned, |lies| lies.claims = claims).await;
    for claim in ["email", "upn", "preferred_username", ""] {
        let mut spec = sso_spec(&scene.provider.issuer);
        (spec.name, spec.link_claim) = ("Mail".to_owned(), claim.to_owned());
        assert!(!spec.faults(true).is_empty(), "{claim}");
    }
}

#[tokio::test]
async fn a_user_of_another_connection_is_not_linked() {
    let mut scene = Scene::new().await;
    let wanted = TokenFor { connection: "other", ..TokenFor::default() };
    let token = scene.test.token("acme", wanted).await;
    let other = scene.test.client("acme", &token);
    user(&other, "eve", "u-eve").await;
    scene.refuses_as(Refusal::NotProvisioned, |lies| lies.claims = json!({ "sub": "u-eve" })).await;
}

/// DECISIONS.md 7: only the first sign-in asks for `externalId`.
/// M38: what SCIM changes of a user moves no login.
#[tokio::test]
async fn a_link_is_frozen_whatever_scim_changes() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    let ann = scene.ann.clone();
    patch(&scene, &ann, "externalId", json!("u-other")).await;
    let bob = user(&scene.scim, "bob", "u-ann").await;
    assert_eq!(scene.sign_in().await.leads_to(), "/");
    let cast = if scene.test.database.is_sqlite() {
        "lower(hex(user_id))"
    } else {
        "replace(CAST(user_id AS text), '-', '')"
    };
    let sql = format!("SELECT {cast} FROM sessions WHERE ended_at IS NULL");
    let signed_in = scene.test.database.texts(&sql).await.concat();
    assert_eq!(signed_in, ann.replace('-', ""), "and not {bob}");
    // Nor does another subject get at a user who is linked already.
    scene.provider.lies().claims = json!({ "sub": "u-other" });
    let page = scene.sign_in().await.expect(StatusCode::FORBIDDEN);
    assert!(page.text.contains(says(Refusal::LinkedToAnother)), "{}", page.text);
}

#[tokio::test]
async fn unlinking_ends_the_sessions_and_lets_the_next_sign_in_link_anew() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    let account = account_id(&scene.test, "acme").await;
    let unlink = || {
        let user = scene.ann.parse().expect("an id");
        Command::UnlinkUser(UnlinkUser { account, user })
    };
    scene.test.app.change(&Actor::Platform, unlink()).await.expect("it is unlinked");
    assert_eq!(scene.sessions().await, 0);
    assert!(scene.browser.get("/").await.leads_to().starts_with("/login"));
    scene.test.app.change(&Actor::Platform, unlink()).await.expect_err("nothing is left to unlink");
    let why = "SELECT ended_why FROM sessions";
    assert_eq!(scene.test.database.texts(why).await, ["unlinked"]);
    assert_eq!(scene.sign_in().await.leads_to(), "/");
    assert_eq!(scene.test.database.number("SELECT count(*) FROM identities").await, 2);
    assert_eq!(scene.test.database.number("SELECT count(*) FROM persons").await, 1);
    let seen = "SELECT action FROM activities WHERE action LIKE 'identity%' ORDER BY id";
    let linked = ["identity.linked", "identity.unlinked", "identity.linked"];
    assert_eq!(scene.test.database.texts(seen).await, linked);
}

/// M10: one subject at the provider is one person, whatever users come and go.
#[tokio::test]
async fn a_user_made_in_place_of_a_deleted_one_is_the_same_person() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    scene.scim.delete(&format!("/Users/{}", scene.ann)).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(scene.sessions().await, 0);
    let page = scene.sign_in().await.expect(StatusCode::FORBIDDEN);
    assert!(page.text.contains(says(Refusal::NotProvisioned)), "{}", page.text);
    user(&scene.scim, "ann", "u-ann").await;
    assert_eq!(scene.sign_in().await.leads_to(), "/");
    assert_eq!(scene.test.database.number("SELECT count(*) FROM persons").await, 1);
}

/// DECISIONS.md 6: the same (issuer, subject) in another account is the same person; an equal subject of
/// another issuer is not.
#[tokio::test]
async fn the_same_subject_in_another_account_is_the_same_person() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    let persons = "SELECT count(*) FROM persons";
    let elsewhere = crate::login::provider::Provider::start(scene.test.clock.clone()).await;
    for (slug, provider, expected) in
        [("twin", scene.provider.clone(), 1), ("stranger", elsewhere, 2)]
    {
        let scim = scene.test.scim(slug).await;
        user(&scim, "ann", "u-ann").await;
        let sso = add_sso(&scene.test, slug, sso_spec(&provider.issuer)).await;
        let mut browser = Browser::new(&scene.test.app);
        let page = browser.get(&format!("/accounts/{slug}/sso/{}/start", sso.id)).await;
        let answer = provider.authorize(&url::Url::parse(page.leads_to()).expect("a URL"));
        assert_eq!(super::scene::come_back(&mut browser, sso.id, &answer).await.leads_to(), "/");
        assert_eq!(scene.test.database.number(persons).await, expected, "{slug}");
    }
}

/// M70: a factor that somebody enrolled alone, before they became staff, does not count as staff's.
#[tokio::test]
async fn who_becomes_staff_leaves_the_factors_enrolled_alone_behind() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    let before = scene.browser.clone();
    crate::login::gate::give_factor(&scene.test.database).await;
    let scim = scene.test.scim("operator").await;
    scene.test.database.run("UPDATE accounts SET kind = 'operator' WHERE slug = 'operator'").await;
    user(&scim, "ann", "u-ann").await;
    let sso = add_sso(&scene.test, "operator", sso_spec(&scene.provider.issuer)).await;
    let mut browser = Browser::new(&scene.test.app);
    let page = browser.get(&format!("/accounts/operator/sso/{}/start", sso.id)).await;
    let answer = scene.provider.authorize(&url::Url::parse(page.leads_to()).expect("a URL"));
    let page = super::scene::come_back(&mut browser, sso.id, &answer).await;
    assert!(page.leads_to().starts_with("/step-up"), "{}", page.leads_to());
    for table in ["totp_factors", "passkeys", "recovery_codes"] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(scene.test.database.number(&sql).await, 0, "{table}");
    }
    let page = browser.get("/step-up").await.expect(StatusCode::OK);
    assert!(!page.text.contains("href=\"/enrol/me\""), "by a link only: {}", page.text);
    browser.post("/enrol/me/app", &[]).await.expect(StatusCode::FORBIDDEN);
    // The session that such a factor had raised has ended too.
    scene.browser = before;
    assert!(scene.browser.get("/").await.leads_to().starts_with("/login"));
}

#[tokio::test]
async fn first_sign_ins_at_once_make_one_person_and_one_link() {
    let scene = Scene::new().await;
    let (sso, mut comers) = (scene.sso.id, vec![]);
    for _ in 0..6 {
        let mut browser = Browser::new(&scene.test.app);
        let page = browser.get(&scene.start()).await;
        let answer = scene.provider.authorize(&url::Url::parse(page.leads_to()).expect("a URL"));
        comers.push((browser, answer));
    }
    let comers = comers.into_iter().map(|(mut browser, answer)| {
        tokio::spawn(
            async move { super::scene::come_back(&mut browser, sso, &answer).await.status },
        )
    });
    for came in comers.collect::<Vec<_>>() {
        assert_eq!(came.await.expect("it ends"), StatusCode::SEE_OTHER);
    }
    for table in ["identities", "persons", "user_persons"] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(scene.test.database.number(&sql).await, 1, "{table}");
    }
    assert_eq!(scene.sessions().await, 6);
}
