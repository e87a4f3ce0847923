//! W7: what is on record, its seals and its checkpoints are added, never changed, never taken out; what is
//! personal of it is taken out alone.

use sea_orm::ConnectionTrait as _;

use crate::audit::sealing::Scene;
use crate::world::TestApp;

/// What is tried on each table that is only added to: `{t}` its name, `{c}` one of its columns.
const TRIED: [&str; 6] = [
    "UPDATE {t} SET {c} = {c}",
    "UPDATE {t} SET {c} = {c} WHERE account_id IS NOT NULL",
    "DELETE FROM {t}",
    "WITH gone AS (SELECT account_id FROM {t}) DELETE FROM {t} WHERE account_id IN (SELECT account_id FROM gone)",
    "INSERT INTO {t} SELECT * FROM {t}",
    "INSERT INTO {t} SELECT * FROM {t} WHERE true ON CONFLICT ({k}) DO UPDATE SET {c} = excluded.{c}",
];
/// The same that SQLite alone knows.
const TRIED_ON_SQLITE: [&str; 3] = [
    "INSERT OR REPLACE INTO {t} SELECT * FROM {t}",
    "REPLACE INTO {t} SELECT * FROM {t}",
    "UPDATE OR REPLACE {t} SET {c} = {c}",
];
/// The same that PostgreSQL alone knows.
const TRIED_ON_POSTGRES: [&str; 6] = [
    "TRUNCATE {t}",
    "TRUNCATE {t} CASCADE",
    "DELETE FROM {t} WHERE false",
    "WITH gone AS (DELETE FROM {t} RETURNING account_id) SELECT count(*) FROM gone",
    "MERGE INTO {t} a USING {t} b ON a.account_id = b.account_id WHEN MATCHED THEN DELETE",
    "BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM {t}; COMMIT",
];

/// Tables, a column, their keys, and what the refusal says.
const TABLES: [(&str, &str, &str, &str); 3] = [
    ("activities", "outcome", "account_id, id", "activities are only added"),
    ("activity_seals", "hash", "account_id, seq", "seals are only added"),
    ("activity_checkpoints", "signature", "account_id, seq", "checkpoints are only added"),
];

/// Not by the application's own role, in whatever words.
#[tokio::test]
async fn w7_m64_no_statement_changes_or_takes_out_what_is_on_record() {
    let scene = Scene::new().await;
    scene.checkpoint();
    let own: &[&str] =
        if scene.test.database.is_sqlite() { &TRIED_ON_SQLITE } else { &TRIED_ON_POSTGRES };
    for (table, column, key, why) in TABLES {
        let before = digest(&scene.test, table).await;
        assert!(before.len() > 1 || table == "activity_checkpoints", "{table}");
        assert!(!before.is_empty(), "{table}");
        for sql in TRIED.iter().chain(own) {
            let sql = sql.replace("{t}", table).replace("{c}", column).replace("{k}", key);
            refused(&scene.test, &sql, why).await;
            assert_eq!(digest(&scene.test, table).await, before, "{sql}");
        }
    }
}

#[tokio::test]
async fn what_is_personal_is_not_changed_either() {
    let scene = Scene::new().await;
    let before = digest(&scene.test, "activity_personal").await;
    assert!(!before.is_empty());
    let why = "what is personal is only added and erased";
    let mut tried = vec![
        "UPDATE activity_personal SET payload = '{}'",
        "INSERT INTO activity_personal SELECT * FROM activity_personal",
    ];
    if scene.test.database.is_sqlite() {
        tried.push("REPLACE INTO activity_personal SELECT * FROM activity_personal");
    } else {
        tried.push("TRUNCATE activity_personal");
    }
    for sql in tried {
        refused(&scene.test, sql, why).await;
        assert_eq!(digest(&scene.test, "activity_personal").await, before, "{sql}");
    }
    scene.test.database.run("DELETE FROM activity_personal").await;
    assert!(digest(&scene.test, "activity_personal").await.is_empty());
}

async fn refused(test: &TestApp, sql: &str, wanted: &str) {
    let connection = test.database.connect().await;
    let refused = connection.execute_unprepared(sql).await;
    let why = refused.expect_err(sql).to_string();
    let is_key = sql.starts_with("INSERT") && why.to_lowercase().contains("unique");
    assert!(is_key || why.contains(wanted), "{sql}: {why}");
}

/// All of a table, as text.
async fn digest(test: &TestApp, table: &str) -> Vec<String> {
    let columns = match table {
        "activities" => "action || outcome || CAST(at AS text) || COALESCE(detail, '')",
        "activity_personal" => "payload",
        "activity_seals" => "CAST(seq AS text) || CAST(hash AS text)",
        _ => "CAST(seq AS text) || CAST(signature AS text)",
    };
    let columns = if test.database.is_sqlite() {
        columns
            .replace("CAST(hash AS text)", "hex(hash)")
            .replace("CAST(signature AS text)", "hex(signature)")
    } else {
        columns.to_owned()
    };
    test.database.texts(&format!("SELECT {columns} FROM {table} ORDER BY 1")).await
}
