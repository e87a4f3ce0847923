//! Tampering with the record, on an export and in the database: each found, and where (issue 5). The tail
//! and the whole chain by a checkpoint that was kept outside.

use serde_json::{Value, json};

use crate::audit::sealing::Scene;

/// What is done to an export of eight lines, and what must be said.
type Deed = (&'static str, fn(&mut Vec<Value>), &'static [&'static str]);

const ON_EXPORTS: [Deed; 8] = [
    ("flip", |lines| lines[2]["action"] = json!("user.deleted"), &["line 3, ", "was changed"]),
    (
        "flip what is personal",
        |lines| lines[2]["after"] = json!({ "x": 1 }),
        &["line 3, ", "what is personal of it"],
    ),
    ("drop", |lines| drop(lines.remove(2)), &["before it number 6 is missing"]),
    ("swap", |lines| lines.swap(2, 3), &["line 4, ", "swapped"]),
    (
        "insert",
        |lines| {
            let mut other = lines[4].clone();
            let id = other["id"].as_str().expect("an id").to_owned();
            other["id"] = json!(format!("{}f", id.get(..35).expect("an id")));
            for field in ["seq", "prev_hash", "hash"] {
                other[field] = Value::Null;
            }
            lines.insert(4, other);
        },
        &["line 5, ", "was put in"],
    ),
    (
        "repeat",
        |lines| lines.insert(4, lines[4].clone()),
        &["line 6, ", "was put in: its number 4"],
    ),
    ("cut the beginning", |lines| lines.truncate(5), &["numbers 1 to 3 are missing"]),
    ("garble", |lines| lines[1] = json!("x"), &["line 2: is no line of an export"]),
];

#[tokio::test]
async fn what_was_done_to_an_export_is_found_and_where() {
    let scene = Scene::new().await;
    let whole = scene.export();
    for (deed, act, expected) in ON_EXPORTS {
        let mut lines = whole.clone();
        act(&mut lines);
        let (is_good, told) = scene.verify(&lines, &[]);
        assert!(!is_good, "{deed}: {told}");
        for part in expected {
            assert!(told.contains(part), "{deed}: {told}");
        }
    }
}

#[tokio::test]
async fn the_end_of_an_export_that_was_cut_off_is_found_by_a_checkpoint() {
    let scene = Scene::new().await;
    let (checkpoint, keys) = (scene.checkpoint(), scene.keys());
    let lines = scene.export();
    let (is_good, told) = scene.verify(&lines[2..], &[]);
    assert!(is_good && told.contains("nobody sees that the end was cut off"), "{told}");
    let outside = ["--checkpoint", &checkpoint, "--key", &keys];
    let (is_good, told) = scene.verify(&lines[4..], &outside);
    assert!(!is_good && told.contains("cut off: it ends with number"), "{told}");
}

/// Statements that an insider with the database's own rights gives, and what must be said.
type Statements = (&'static str, &'static [&'static str], &'static [&'static str]);

const ON_DATABASES: [Statements; 6] = [
    (
        "flip",
        &["UPDATE activities SET action = 'user.deleted' WHERE id = {5}"],
        &["{id5}: (number 5) was changed"],
    ),
    (
        "flip what is personal",
        &[
            "UPDATE activity_personal SET payload = '{\"after\":{\"x\":1},\"ip\":\"::1\"}' WHERE activity_id = {5}",
        ],
        &["{id5}: was changed: what is personal of it"],
    ),
    (
        "drop",
        &["DELETE FROM activities WHERE id = {5}"],
        &["{id6}: (number 6): before it number 5 is missing"],
    ),
    (
        "swap",
        &[
            "UPDATE activity_seals SET seq = 1005 WHERE seq = 5",
            "UPDATE activity_seals SET seq = 5 WHERE seq = 6",
            "UPDATE activity_seals SET seq = 6 WHERE seq = 1005",
        ],
        &["{id5}: (number 6) was changed", "{id6}: (number 5) was changed"],
    ),
    (
        "insert",
        &["INSERT INTO activities (account_id, id, at, action, outcome, actor_kind, target_kind) \
           SELECT account_id, {new}, at, 'user.deleted', outcome, actor_kind, target_kind \
           FROM activities WHERE id = {3}"],
        &["was put in: it has no seal"],
    ),
    (
        "take the seal away",
        &["DELETE FROM activity_seals WHERE seq = 3"],
        &["{id3}: was put in: it has no seal", "number 3 is missing"],
    ),
];

const TABLES: [&str; 3] = ["activities", "activity_seals", "activity_personal"];

#[tokio::test]
async fn what_was_done_to_the_database_is_found_and_where() {
    let scene = Scene::new().await;
    let ids: Vec<String> = scene
        .export()
        .iter()
        .rev()
        .map(|it| it["id"].as_str().expect("an id").to_owned())
        .collect();
    fell_walls(&scene).await;
    for table in TABLES {
        scene
            .test
            .database
            .run(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"))
            .await;
    }
    for (deed, statements, expected) in ON_DATABASES {
        for sql in statements {
            scene.test.database.run(&spelled(&scene, &ids, sql)).await;
        }
        let (is_good, told) = scene.verify_database(&[]);
        for part in expected {
            let part = named(&ids, part);
            assert!(told.contains(&part), "{deed}: no `{part}` in {told}");
        }
        assert!(!is_good && told.contains("is not in force"), "{deed}: {told}");
        for table in TABLES {
            let database = &scene.test.database;
            database.run(&format!("DELETE FROM {table}")).await;
            database.run(&format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
        }
    }
}

#[tokio::test]
async fn a_database_that_was_cut_off_or_made_anew_is_found_by_a_checkpoint() {
    let scene = Scene::new().await;
    let (checkpoint, keys) = (scene.checkpoint(), scene.keys());
    let outside = ["--checkpoint", checkpoint.as_str(), "--key", &keys];
    fell_walls(&scene).await;
    let database = &scene.test.database;
    database.run("DELETE FROM activity_checkpoints").await;
    // Whoever can do all that can also have the chain made anew, by the server's own means.
    database.run("DELETE FROM activity_seals").await;
    database.run("UPDATE activities SET outcome = 'denied' WHERE action = 'token.issued'").await;
    database
        .run(
            "INSERT INTO outbox (account_id, id, effect, payload) \
             SELECT account_id, id, 'announce', '{}' FROM activities WHERE true \
             ON CONFLICT DO NOTHING",
        )
        .await;
    scene.seal().await;
    let lines = scene.export();
    let (is_good, told) = scene.verify(&lines, &[]);
    assert!(is_good, "without a checkpoint nobody sees it: {told}");
    for (is_good, told) in [scene.verify(&lines, &outside), scene.verify_database(&outside)] {
        assert!(
            !is_good && told.contains("was made anew somewhere between the numbers 1 and 8"),
            "{told}"
        );
    }
    let newest = "SELECT activity_id FROM activity_seals WHERE seq > 6";
    database.run(&format!("DELETE FROM activities WHERE id IN ({newest})")).await;
    database.run("DELETE FROM activity_seals WHERE seq > 6").await;
    let (is_good, told) = scene.verify_database(&outside);
    assert!(!is_good && told.contains("cut off: it ends with number 6"), "{told}");
}

/// Whoever writes checkpoints of their own into the database proves nothing by them.
#[tokio::test]
async fn a_checkpoint_in_the_database_that_nobody_signed_is_found() {
    let scene = Scene::new().await;
    let (_, keys) = (scene.checkpoint(), scene.keys());
    let (is_good, told) = scene.verify_database(&["--key", &keys]);
    assert!(is_good && told.contains("proven up to number 8 by checkpoints"), "{told}");
    fell_walls(&scene).await;
    let database = &scene.test.database;
    let others: Value = serde_json::from_str(&std::fs::read_to_string(&keys).expect("keys"))
        .map(|mut keys: Value| {
            keys["keys"][0]["x"] = json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
            keys
        })
        .expect("JSON");
    let others = scene.keep("others", &others.to_string());
    let unsigned = "(number 8) is not signed by the keys that are known";
    let (is_good, told) = scene.verify_database(&["--key", &others]);
    assert!(!is_good && told.contains(unsigned), "{told}");
    assert!(told.contains("proven by no checkpoint"), "{told}");
    database.run("UPDATE activity_checkpoints SET at = at + 1000000").await;
    for arguments in [&["--key", keys.as_str()][..], &[]] {
        let (is_good, told) = scene.verify_database(arguments);
        assert!(!is_good && told.contains(unsigned), "{told}");
        assert!(told.contains("proven by no checkpoint"), "{told}");
    }
}

/// Takes down what stands around the record, as only an owner of the database can.
async fn fell_walls(scene: &Scene) {
    let database = &scene.test.database;
    if database.is_sqlite() {
        let names =
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'activit%'";
        for name in database.texts(names).await {
            database.run(&format!("DROP TRIGGER {name}")).await;
        }
    } else {
        for table in TABLES.iter().chain(&["activity_checkpoints"]) {
            database.run(&format!("ALTER TABLE {table} DISABLE TRIGGER USER")).await;
        }
    }
}

/// Ids as the database writes them.
fn spelled(scene: &Scene, ids: &[String], sql: &str) -> String {
    let is_sqlite = scene.test.database.is_sqlite();
    let literal = |id: &str| {
        if is_sqlite { format!("x'{}'", id.replace('-', "")) } else { format!("'{id}'") }
    };
    let new = "018f0000-0000-7000-8000-00000000abcd";
    let sql = sql.replace("{new}", &literal(new));
    (1..=8).fold(sql, |sql, n| sql.replace(&format!("{{{n}}}"), &literal(&ids[n - 1])))
}

/// What is to be said, with the ids that it speaks of.
fn named(ids: &[String], part: &str) -> String {
    let name = |text: String, n: usize| text.replace(&format!("{{id{n}}}"), &ids[n - 1]);
    (1..=8).fold(part.to_owned(), name)
}
