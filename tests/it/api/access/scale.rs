//! What reading and changing rights costs in a large account: the same statements as in a small one.

use std::cell::Cell;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use countersign::app::rights::who_has::Wanted;
use countersign::domain::actor::Actor;
use countersign::domain::command::rights::RightsEdit;
use countersign::domain::ids::{MappingId, ResourceId};
use countersign::domain::rights::RightKey;
use countersign::domain::rights::sources::{MappingEdit, Place};
use serde_json::json;
use uuid::Uuid;

use crate::api::access::scene::{self, EVALUATION, Scene, question};

const MANY: u64 = 100_000;
const FEW: u64 = 100;
const RIGHT: &str = "dashboards.read";

/// How many statements each thing costs, and how long it took.
type Costs = Vec<(&'static str, u64, Duration)>;

/// DECISIONS.md 11, 29: no cost grows with the size of a group or an account unless the answer does.
/// The times, and the longest that a write waits beside the changes, are printed, not judged.
#[tokio::test]
async fn c1_c2_rights_cost_the_same_statements_in_an_account_of_100_and_of_100_000() {
    let (few, many) = (Box::pin(costs(FEW)).await, Box::pin(costs(MANY)).await);
    let statements = |costs: &Costs| -> Vec<(&str, u64)> {
        costs.iter().map(|(what, statements, _)| (*what, *statements)).collect()
    };
    assert_eq!(statements(&few), statements(&many));
    for ((what, statements, small), (_, _, large)) in few.iter().zip(&many) {
        say(&format!(
            "{what}: {statements} statements, {small:?} with {FEW}, {large:?} with {MANY}"
        ));
    }
}

#[expect(clippy::print_stdout, reason = "numbers, for whoever runs it with --nocapture")]
fn say(line: &str) {
    println!("{line}");
}

async fn costs(users: u64) -> Costs {
    let scene = Scene::new().await;
    fill(&scene, users).await;
    let last = nth(users);
    let (mut costs, right) = (Costs::new(), RightKey::parse(RIGHT).expect("a key"));
    let app = &scene.seat.test.app;
    let place = (scene.seat.acme, last);

    let mapping =
        note(&scene, &mut costs, "map a group", Box::pin(scene.map("reader", Place::Account)))
            .await;
    let mapping = MappingId::new(mapping);
    assert_eq!(reasons(&scene, last).await, [""; 0]);
    let read = app.rights_of(&Actor::Platform, place, None);
    let found = note(&scene, &mut costs, "read a user's rights", read).await.expect("rights");
    assert_eq!(found.held.len(), 4);
    let explain = app.explain(&Actor::Platform, place, &right, None);
    let told = note(&scene, &mut costs, "explain a right", explain).await.expect("an explanation");
    assert_eq!(told.ways.len(), 1);
    let wanted = Wanted::Right(right.clone());
    let who = (scene.seat.acme, &wanted);
    let list = app.who_has(&Actor::Platform, who, None, (None, 50));
    let page = note(&scene, &mut costs, "list 50 holders", list).await.expect("holders");
    assert_eq!(page.holders.len(), 50);
    let paused = Box::pin(pause(&scene, mapping, true));
    note(&scene, &mut costs, "pause the mapping", paused).await;
    let told = note(&scene, &mut costs, "decide anew", reasons(&scene, last)).await;
    assert_eq!(told, ["paused"]);
    let resumed = Box::pin(pause(&scene, mapping, false));
    note(&scene, &mut costs, "resume the mapping", resumed).await;
    if users == MANY {
        print_longest_wait(&scene, mapping).await;
    }
    costs
}

async fn note<T>(
    scene: &Scene,
    costs: &mut Costs,
    what: &'static str,
    work: impl Future<Output = T>,
) -> T {
    let (before, begun) = (scene.seat.test.store.statements(), Instant::now());
    let done = work.await;
    costs.push((what, scene.seat.test.store.statements() - before, begun.elapsed()));
    done
}

/// How long other writes wait, one after another, while the mapping is paused and resumed.
async fn print_longest_wait(scene: &Scene, mapping: MappingId) {
    let is_over = Cell::new(false);
    let changes = async {
        for n in 0..20 {
            pause(scene, mapping, n % 2 == 0).await;
        }
        is_over.set(true);
    };
    let writes = async {
        let (mut longest, mut count) = (Duration::ZERO, 0);
        while !is_over.get() {
            let begun = Instant::now();
            scene.seat.scim.user(&format!("joiner{count}")).await;
            longest = longest.max(begun.elapsed());
            count += 1;
        }
        (longest, count)
    };
    let ((), (longest, count)) = tokio::join!(changes, writes);
    say(&format!("beside 20 changes, {count} users were made; the longest took {longest:?}"));
}

async fn pause(scene: &Scene, mapping: MappingId, paused: bool) {
    let edit = MappingEdit { paused: Some(paused), ..MappingEdit::default() };
    scene.change(RightsEdit::EditMapping(mapping, edit)).await;
}

/// Why a user has not the right, as the product is told.
async fn reasons(scene: &Scene, user: ResourceId) -> Vec<String> {
    let asked = question(&user.to_string(), RIGHT, &json!({ "type": "account", "id": "acme" }));
    let answer = scene.post(EVALUATION, &asked).await.expect(StatusCode::OK);
    scene::reasons(&answer)
}

fn nth(n: u64) -> ResourceId {
    ResourceId::new(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + u128::from(n)))
}

/// Puts so many users into the group.
async fn fill(scene: &Scene, users: u64) {
    let (acme, group) = (scene.id(&scene.seat.acme.to_string()), scene.id(&scene.group));
    let (numbers, id, json) = if scene.seat.test.database.is_sqlite() {
        (
            format!(
                "WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < {users})"
            ),
            "unhex(printf('01920000000070008000%012x', n))",
            "'{}'",
        )
    } else {
        (
            format!("WITH k(n) AS (SELECT generate_series(1, {users}))"),
            "CAST('01920000-0000-7000-8000-' || lpad(to_hex(n), 12, '0') AS uuid)",
            "CAST('{}' AS jsonb)",
        )
    };
    let open = i64::MAX;
    scene
        .seat
        .test
        .database
        .run(&format!(
            "INSERT INTO users (account_id, id, connection_id, user_name_key, display_name, active, \
             active_since, document, folded, version, rights_version, created_at, updated_at) \
             {numbers} SELECT {acme}, {id}, (SELECT id FROM connections WHERE account_id = {acme}), \
             'u' || n, 'User ' || n, TRUE, 1, '{{}}', {json}, 1, 1, 1, 1 FROM k;\
             INSERT INTO group_members (account_id, group_id, valid_to, member_id, member_kind, \
             valid_from) {numbers} SELECT {acme}, {group}, {open}, {id}, 'User', 1 FROM k"
        ))
        .await;
}
