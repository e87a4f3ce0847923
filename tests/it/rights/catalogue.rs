//! The catalogue's releases: the first by itself, later ones by a command, and what they do to rows.

mod command_line;

use std::sync::Arc;

use countersign::app::rights::losses::Loss;
use countersign::app::{App, Error, Outcome};
use countersign::domain::account::Slug;
use countersign::domain::actor::Actor;
use countersign::domain::command::{ActivateCatalogue, Command, CreateAccount};
use countersign::domain::rights::RightKey;
use countersign::domain::rights::catalogue::{Catalogue, CatalogueChange};
use countersign::store::Store;
use serde_json::json;

use crate::world::database::TestDatabase;
use crate::world::seeds::{FrozenClock, SeededIds};
use crate::world::{TestApp, settings};

const OPEN: &str = "valid_to = 9223372036854775807";

/// The shipped text with passages put in place of others, which must be there.
#[track_caller]
fn edited(edits: &[(&str, &str)]) -> String {
    let shipped = Catalogue::shipped();
    edits.iter().fold(shipped.text().to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replacen(old, new, 1)
    })
}

#[track_caller]
fn catalogue(edits: &[(&str, &str)]) -> Arc<Catalogue> {
    Arc::new(Catalogue::parse(&edited(edits)).expect("it is right"))
}

/// The line of the rights of the bundle `reader`.
const READER: &str =
    r#"rights = ["dashboards.read", "campaigns.read", "responses.read", "documents.read"]"#;
/// The same without two of them, with one that is new.
const LESS: &str = r#"rights = ["dashboards.read", "responses.read", "connectors.manage"]"#;

async fn activate(app: &App, catalogue: &Arc<Catalogue>) -> Result<Outcome, Error> {
    let catalogue = Arc::clone(catalogue);
    app.change(&Actor::Platform, Command::ActivateCatalogue(ActivateCatalogue { catalogue })).await
}

/// An application with an operator's account, which keeps the record.
async fn operated() -> TestApp {
    let app = TestApp::new().await;
    let slug = Slug::parse("vendor").expect("a slug");
    let name = "Vendor".to_owned();
    let kind = countersign::domain::account::Kind::Operator;
    let create =
        CreateAccount { slug, name, kind, parent: None, team: None, first_administrator: None };
    app.app.change(&Actor::Platform, Command::CreateAccount(create)).await.expect("an account");
    app
}

/// Another process on the same database, configured otherwise.
async fn beside(app: &TestApp, catalogue: Arc<Catalogue>) -> App {
    let store = Store::open(&app.database.settings()).await.expect("a second pool");
    let settings = countersign::app::Settings { catalogue, ..settings() };
    App::new(store, app.clock.clone(), Arc::new(SeededIds::starting_at(1_000_000)), settings)
}

#[tokio::test]
async fn s13_the_first_start_activates_the_catalogue_even_if_two_start_at_once() {
    let database = TestDatabase::create().await;
    let store = Store::open(&database.settings()).await.expect("a database");
    store.migrate().await.expect("a schema");
    let clock = Arc::new(FrozenClock::default());
    let process = |seed| {
        let ids = Arc::new(SeededIds::starting_at(seed));
        App::new(store.clone(), clock.clone(), ids, settings())
    };
    let (one, other) = (process(0), process(1_000_000));
    let (opened, also) = tokio::join!(one.open_catalogue(), other.open_catalogue());
    opened.expect("the first");
    also.expect("the other");
    one.open_catalogue().await.expect("again");
    assert_eq!(database.number("SELECT count(*) FROM catalogue_releases").await, 1);
    let shipped = Catalogue::shipped();
    let open = |table: &str| format!("SELECT count(*) FROM {table} WHERE {OPEN}");
    let count = |count: usize| i64::try_from(count).expect("a small number");
    let rights = database.number(&open("catalogue_rights")).await;
    assert_eq!(rights, count(shipped.rights.len()));
    let in_bundles = shipped.bundles.values().map(|bundle| bundle.rights.len()).sum();
    assert_eq!(database.number(&open("bundle_rights")).await, count(in_bundles));
    let in_roles = shipped.roles.values().map(|role| role.bundles.len()).sum();
    assert_eq!(database.number(&open("role_bundles")).await, count(in_roles));
    let names = database.texts("SELECT name FROM roles WHERE level = 'account' ORDER BY 1").await;
    let expected =
        ["Member", "Security administrator", "User administrator", "Workspace administrator"];
    assert_eq!(names, expected);
}

/// M68: what nobody activated is not what counts.
#[tokio::test]
async fn s13_another_configured_catalogue_waits_until_it_is_activated() {
    let app = operated().await;
    let wanted = catalogue(&[("\"Reader\"", "\"Onlooker\"")]);
    let process = beside(&app, Arc::clone(&wanted)).await;
    process.open_catalogue().await.expect("it starts all the same");
    let label = |active: &Catalogue| active.bundles["reader"].texts.label.en.clone();
    let active = process.catalogue().await.expect("a catalogue");
    assert_eq!((active.number, label(&active.catalogue)), (1, "Reader".to_owned()));
    activate(&process, &wanted).await.expect("nothing privileged in it");
    // The other process sees it at the next look.
    let active = app.app.catalogue().await.expect("a catalogue");
    assert_eq!((active.number, label(&active.catalogue)), (2, "Onlooker".to_owned()));
    assert_eq!(active.catalogue.hash(), wanted.hash());
    let again = activate(&process, &wanted).await.expect_err("it is active");
    assert!(again.to_string().contains("active one already"), "{again}");
    let recorded = "SELECT actor_kind FROM activities WHERE action = 'catalogue.activated'";
    assert_eq!(app.database.texts(recorded).await, ["platform"]);
}

/// DECISIONS.md 27: periods say since when something holds.
#[tokio::test]
async fn s7_a_release_closes_what_went_inserts_what_came_and_leaves_the_rest() {
    let app = operated().await;
    app.account("acme").await;
    let shapes = "SELECT count(*) FROM accounts WHERE shape_version = ";
    assert_eq!(app.database.number(&format!("{shapes}1")).await, 2);
    let rows = "SELECT count(*) FROM bundle_rights";
    let before = app.database.number(rows).await;
    let wanted = catalogue(&[(READER, LESS)]);
    activate(&app.app, &wanted).await.expect("nothing privileged in it");
    assert_eq!(app.database.number(rows).await, before + 1);
    let of_reader = |period: &str| {
        format!(
            "SELECT right_key FROM bundle_rights r JOIN bundles b ON b.id = r.bundle_id \
             WHERE b.catalogue_key = 'reader' AND {period} ORDER BY right_key"
        )
    };
    let open = app.database.texts(&of_reader(OPEN)).await;
    assert_eq!(open, ["connectors.manage", "dashboards.read", "responses.read"]);
    let closed = of_reader(&format!("NOT {OPEN} AND valid_from < valid_to"));
    assert_eq!(app.database.texts(&closed).await, ["campaigns.read", "documents.read"]);
    let versions = "SELECT version FROM bundles WHERE catalogue_key = 'reader'";
    assert_eq!(app.database.number(versions).await, 2);
    let others = "SELECT max(version) FROM bundles WHERE catalogue_key <> 'reader'";
    assert_eq!(app.database.number(others).await, 1);
    assert_eq!(app.database.number(&format!("{shapes}2")).await, 2);
}

#[tokio::test]
async fn s7_bundles_may_trade_their_names_and_go_and_come_back() {
    let app = operated().await;
    let traded = catalogue(&[
        ("label = { en = \"Reader\", fr = \"Lecteur\" }", "label = { en = \"X\", fr = \"X\" }"),
        ("label = { en = \"Analyst\", fr = \"Analyste\" }", READERS_LABEL),
        ("label = { en = \"X\", fr = \"X\" }", "label = { en = \"Analyst\", fr = \"Analyste\" }"),
    ]);
    activate(&app.app, &traded).await.expect("two names traded");
    let name = "SELECT name FROM bundles WHERE catalogue_key = 'analyst'";
    assert_eq!(app.database.texts(name).await, ["Reader"]);
    let shipped = Catalogue::shipped().text().to_owned();
    let (before, from) =
        shipped.split_once("[[bundles]]\nkey = \"technical\"").expect("the bundle");
    let (_, after) = from.split_once("\n\n").expect("its end");
    let without = [before, after].concat();
    let without = Arc::new(Catalogue::parse(&without).expect("it is right"));
    activate(&app.app, &without).await.expect("one bundle less");
    let there = "SELECT count(*) FROM bundles WHERE catalogue_key = 'technical' \
                 AND deleted_at IS NULL";
    assert_eq!(app.database.number(there).await, 0);
    activate(&app.app, &catalogue(&[])).await.expect("it comes back");
    assert_eq!(app.database.number(there).await, 1);
    // What was shipped first is a release of its own again.
    assert_eq!(app.database.number("SELECT max(number) FROM catalogue_releases").await, 4);
    let rights = "SELECT count(*) FROM bundle_rights r JOIN bundles b ON b.id = r.bundle_id \
                  WHERE b.catalogue_key = 'technical'";
    assert_eq!(app.database.number(rights).await, 6);
    assert_eq!(app.database.number(&format!("{rights} AND r.{OPEN}")).await, 3);
}

const READERS_LABEL: &str = "label = { en = \"Reader\", fr = \"Lecteur\" }";

/// DECISIONS.md 18.
/// M68 (DECISIONS.md 18).
#[tokio::test]
async fn s13_what_gives_more_of_what_is_privileged_is_refused_and_changes_nothing() {
    let app = operated().await;
    let more = r#"rights = ["dashboards.read", "users.administer"]"#;
    let wanted = catalogue(&[(READER, more)]);
    let refused = activate(&app.app, &wanted).await.expect_err("it takes two");
    let Error::Denied { rule, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(rule, "catalogue-two-people");
    assert_eq!(app.database.number("SELECT count(*) FROM catalogue_releases").await, 1);
    let difference = app.app.catalogue_difference(&wanted).await.expect("a difference");
    let right = RightKey::parse("users.administer").expect("a key");
    assert_eq!(difference.raising, [CatalogueChange::BundleGained("reader".to_owned(), right)]);
    assert_eq!(difference.changes.len(), 4);
    // Nor is a mark taken away.
    let mark = "description.fr = \"Modifier ce qui vaut pour tout le compte : modèles de campagne, \
                designs par défaut et connecteurs autorisés.\"\nprivileged = true";
    let unmarked = catalogue(&[(mark, mark.trim_end_matches("\nprivileged = true"))]);
    let refused = activate(&app.app, &unmarked).await.expect_err("it takes two");
    assert!(matches!(refused, Error::Denied { .. }), "{refused:?}");
}

#[tokio::test]
async fn s13_without_an_operator_there_is_nobody_to_keep_the_record() {
    let app = TestApp::new().await;
    let wanted = catalogue(&[("\"Reader\"", "\"Onlooker\"")]);
    let refused = activate(&app.app, &wanted).await.expect_err("no operator");
    assert!(refused.to_string().contains("--operator"), "{refused}");
}

/// Issue 4: a removed right is reported with who loses it before it goes.
#[tokio::test]
async fn s13_who_loses_what_is_told_before_it_goes() {
    let app = operated().await;
    let acme = app.scim("acme").await;
    app.account("empty").await;
    for n in 0..7 {
        let body = json!({ "userName": format!("user{n}@acme.test"), "active": n != 6 });
        assert_eq!(acme.post("/Users", &body).await.status, 201);
    }
    give(&app, "reader", ("u.id", "user_name_key <> 'user5@acme.test'")).await;
    give(&app, "analyst", ("b.id", "user_name_key = 'user4@acme.test'")).await;
    let losses = |catalogue: Arc<Catalogue>| {
        let app = app.app.clone();
        async move { app.catalogue_losses(&Actor::Platform, &catalogue).await.expect("losses") }
    };
    // User 6 is not active, user 5 is no reader, user 4 has it by another bundle too.
    let found = losses(catalogue(&[(READER, LESS)])).await;
    let told: Vec<String> = found.iter().map(tell).collect();
    let four = "user0@acme.test user1@acme.test user2@acme.test user3@acme.test";
    assert_eq!(
        told,
        [format!("campaigns.read acme 4 {four}"), format!("documents.read acme 4 {four}")]
    );
    // A right that needs a permission which is off from now on.
    let needs = "description.fr = \"Lire les documents d'un espace de travail.\"";
    let found = losses(catalogue(&[(needs, &format!("{needs}\npermission = \"api\""))])).await;
    let told: Vec<String> = found.iter().map(tell).collect();
    assert_eq!(told, [format!("documents.read acme 5 {four} user4@acme.test")]);
    assert!(losses(catalogue(&[("\"Reader\"", "\"Onlooker\"")])).await.is_empty());
    // Looking changed nothing, and what was told comes true.
    let wanted = catalogue(&[(READER, LESS)]);
    activate(&app.app, &wanted).await.expect("nothing privileged in it");
    assert!(losses(wanted).await.is_empty());
}

fn tell(loss: &Loss) -> String {
    let Loss { right, account, users, named } = loss;
    format!("{right} {} {users} {}", account.as_str(), named.join(" "))
}

/// Gives a predefined bundle to users, as grants with those ids.
async fn give(app: &TestApp, bundle: &str, (id, whom): (&str, &str)) {
    let open = i64::MAX;
    let insert = format!(
        "INSERT INTO grants (account_id, id, valid_to, valid_from, user_id, gives, gives_owner, \
         gives_id, place, starts_at, ends_at, reason, version, created_at, given_by_kind) \
         SELECT u.account_id, {id}, {open}, 0, u.id, 'bundle', b.account_id, b.id, 'account', 0, \
         {open}, 'a test', 1, 0, 'platform' FROM users u CROSS JOIN bundles b \
         WHERE b.catalogue_key = '{bundle}' AND u.{whom}"
    );
    app.database.run(&insert).await;
}
