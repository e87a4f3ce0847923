//! The keys that seal secrets at rest, rotated: while everything is in use, interrupted, and with a key
//! missing (SECURITY.md §8).

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::app::App;
use countersign::app::keys::access_tokens::Audience;
use countersign::authn::envelope::Keyring;
use countersign::domain::actor::Actor;
use countersign::domain::command::{ChangeSso, Command, SendLink};
use countersign::domain::keys::seals::Kind;
use countersign::domain::passwords::links::Purpose;
use countersign::domain::sso::SsoEdit;
use serde_json::json;

use super::scene::{Scene, account_id, add_sso};
use crate::login::factors::{code, enrol_app, show};
use crate::world::browser::{Browser, SESSION};
use crate::world::seeds::SeededIds;
use crate::world::server::Program;
use crate::world::sso_spec;

/// A key as the configuration has it: its id, and 32 times a byte.
fn key(id: &str, byte: u8) -> String {
    format!("{id}:{}", STANDARD.encode([byte; 32]))
}

/// What seals in tests, and what is to.
fn old() -> String {
    key("test", 7)
}

fn new() -> String {
    key("new", 8)
}

/// The same application with other keys, as another process would have them.
fn with_keys(scene: &Scene, keys: &[String]) -> App {
    let mut settings = scene.test.app.settings().clone();
    let keys_count = keys.len() as u64;
    let keys: Vec<_> = keys.iter().map(|key| key.clone().into()).collect();
    settings.keyring = Keyring::parse(&keys).expect("keys");
    let (store, clock) = (scene.test.store.clone(), scene.test.clock.clone());
    let ids = Arc::new(SeededIds::starting_at(1_000_000 * (1 + keys_count)));
    App::new(store, clock, ids, settings)
}

fn program(scene: &Scene, keys: &[String]) -> Program {
    let program = Program::new(&scene.test.database.url);
    if keys.is_empty() {
        program
    } else {
        program.with("COUNTERSIGN_SECRETS__KEYS", &keys.join(","))
    }
}

/// One sealed secret of each kind, at least.
async fn scene_with_everything() -> (Scene, Vec<u8>) {
    let mut scene = Scene::new().await;
    let body =
        json!({ "userName": "zoe", "emails": [{ "value": "zoe@acme.example", "primary": true }] });
    let scim = scene.test.scim("other").await;
    scim.post("/Users", &body).await.expect(axum::http::StatusCode::CREATED);
    let account = account_id(&scene.test, "other").await;
    let purpose = Purpose::Invitation;
    let send = SendLink { account, user_name: "zoe".to_owned(), purpose };
    scene.test.app.change(&Actor::Platform, Command::SendLink(send)).await.expect("a mail");
    scene.accepts(|_| {}).await;
    let (seed, _) = enrol_app(&scene.test, &mut scene.browser, "me").await;
    let session = scene.test.app.session(&scene.browser.cookies[SESSION]).await.expect("a session");
    scene.test.app.issue_access_token(&session, Audience::Ours).await.expect("a token");
    Browser::new(&scene.test.app).get(&scene.start()).await;
    while countersign::worker::deliver_batch(&scene.test.app).await.expect("delivered") > 0 {}
    scene.test.app.sign_checkpoints().await.expect("a checkpoint's key");
    (scene, seed)
}

/// Which keys seal, and whether all opens.
async fn in_use(app: &App) -> (BTreeSet<String>, bool) {
    let found = app.seals().await.expect("what is in use");
    let keys = found.iter().map(|used| used.key.clone().expect("a key")).collect();
    (keys, found.iter().all(|used| used.opens))
}

fn ids(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

async fn rotate(app: &App) -> u64 {
    let mut resealing = app.resealing().expect("a key");
    while resealing.step().await.expect("a step") {}
    resealing.finish().await.expect("an end").values().sum()
}

#[tokio::test]
async fn everything_is_sealed_anew_and_the_old_key_can_go() {
    let (mut scene, seed) = scene_with_everything().await;
    let kinds: BTreeSet<Kind> =
        scene.test.app.seals().await.expect("seals").iter().map(|used| used.kind).collect();
    assert_eq!(kinds, BTreeSet::from(Kind::ALL), "one of each");
    assert_eq!(in_use(&scene.test.app).await, (ids(&["test"]), true));
    let both = with_keys(&scene, &[new(), old()]);
    // Somebody's way through the provider begins before and ends after.
    let url = scene.begin().await;
    assert!(rotate(&both).await >= 7);
    assert_eq!(in_use(&both).await, (ids(&["new"]), true));
    assert_eq!(rotate(&both).await, 0, "again, there is nothing to do");
    let alone = with_keys(&scene, &[new()]);
    assert_eq!(in_use(&alone).await, (ids(&["new"]), true));
    let answer = scene.provider.authorize(&url);
    let cookies = scene.browser.cookies.clone();
    scene.browser = Browser::new(&alone);
    scene.browser.cookies = cookies;
    assert_eq!(scene.come_back(&answer).await.leads_to(), "/step-up");
    let code = code(&scene.test, &seed);
    assert_eq!(
        show(&mut scene.browser, "/step-up/code", &code).await.leads_to(),
        "/account/sessions"
    );
    let session = alone.session(&scene.browser.cookies[SESSION]).await.expect("a session");
    alone.issue_access_token(&session, Audience::Ours).await.expect("a token");
    let mail = alone.due_mails().await.expect("mails").remove(0);
    assert!(alone.ready_mail(&mail).await.expect("it opens").is_some());
}

#[tokio::test]
async fn what_is_interrupted_goes_on_where_it_was_and_all_opens_meanwhile() {
    let mut scene = Scene::new().await;
    for n in 0..120 {
        let mut spec = sso_spec(&scene.provider.issuer);
        spec.name = format!("P{n}");
        add_sso(&scene.test, "acme", spec).await;
    }
    let both = with_keys(&scene, &[new(), old()]);
    let mut killed = both.resealing().expect("a key");
    assert!(killed.step().await.expect("a step"));
    drop(killed);
    assert_eq!(in_use(&both).await, (ids(&["new", "test"]), true));
    scene.browser = Browser::new(&both);
    assert_eq!(scene.sign_in().await.leads_to(), "/");
    // The rest, by two at once.
    let (a, b) = tokio::join!(rotate(&both), rotate(&both));
    assert!(a + b >= 71, "{a} + {b}");
    assert_eq!(in_use(&both).await, (ids(&["new"]), true));
    let secrets = "SELECT count(DISTINCT client_secret) FROM sso_connections";
    assert_eq!(scene.test.database.number(secrets).await, 121);
}

/// Whoever changes a provider while its secret is sealed anew does not put the old seal back, and the
/// other way round.
#[tokio::test]
async fn a_change_of_something_else_leaves_the_seal_alone() {
    let scene = Scene::new().await;
    let both = with_keys(&scene, &[new(), old()]);
    let (account, sso) = (scene.sso.account, scene.sso.id);
    let change = |edit| {
        let change = ChangeSso { account, sso, edit, if_match: None };
        both.change(&Actor::Platform, Command::ChangeSso(Box::new(change)))
    };
    change(SsoEdit { max_age: Some(Some(60)), ..SsoEdit::default() }).await.expect("changed");
    assert_eq!(in_use(&both).await.0, ids(&["test"]));
    rotate(&both).await;
    change(SsoEdit { max_age: Some(None), ..SsoEdit::default() }).await.expect("changed");
    assert_eq!(in_use(&both).await, (ids(&["new"]), true));
}

#[tokio::test]
async fn with_the_key_missing_nothing_is_changed_and_the_error_names_it() {
    let (scene, _) = scene_with_everything().await;
    let before = scene.test.app.seals().await.expect("seals");
    for (keys, says) in [
        (vec![new()], "sealed by key `test`"),
        (vec![key("test", 9)], "sealed by key `test`"),
        (vec![], "`secrets.keys`"),
    ] {
        let program = program(&scene, &keys);
        let refused = program.run(&["secrets", "rotate"]);
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && told.contains(says), "{told}");
        let ill = program.run(&["doctor"]);
        let told = String::from_utf8_lossy(&ill.stderr).into_owned();
        assert!(!ill.status.success() && told.contains("1 TOTP seeds"), "{told}");
        assert_eq!(scene.test.app.seals().await.expect("seals"), before);
    }
    // What was sealed since by another key is done all the same, if somebody says so.
    let program = program(&scene, &[new()]);
    let left = program.run(&["secrets", "rotate", "--leave-unreadable"]);
    let told = String::from_utf8_lossy(&left.stderr).into_owned();
    assert!(!left.status.success() && told.contains("still in use: test"), "{told}");
    assert_eq!(scene.test.app.seals().await.expect("seals"), before);
}

#[tokio::test]
async fn the_command_line_rotates_and_says_which_keys_can_go() {
    let (scene, _) = scene_with_everything().await;
    let make = "UPDATE accounts SET kind = 'operator' WHERE slug = 'acme'";
    scene.test.database.run(make).await;
    let program = program(&scene, &[new(), old()]);
    let status = program.must(&["secrets", "status"]);
    assert!(status.contains("test") && !status.contains("new"), "{status}");
    let rotated = program.run(&["secrets", "rotate"]);
    let told = String::from_utf8_lossy(&rotated.stderr).into_owned();
    assert!(rotated.status.success(), "{told}");
    assert!(told.contains("1 TOTP seeds are sealed anew") && told.contains("Only `new`"), "{told}");
    assert_eq!(program.must(&["doctor"]), "all is well");
    assert_eq!(program.must(&["secrets", "status"]).matches("new").count(), Kind::ALL.len());
    let recorded = "SELECT count(*) FROM activities WHERE action = 'secrets.resealed'";
    assert_eq!(scene.test.database.number(recorded).await, 1);
    program.must(&["secrets", "rotate"]);
    assert_eq!(scene.test.database.number(recorded).await, 1, "nothing was done the second time");
}
