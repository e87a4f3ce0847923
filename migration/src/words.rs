//! The few words of DDL that SQLite and PostgreSQL spell differently.

use sea_orm_migration::prelude::{DbErr, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Placeholders of the steps, then SQLite's word, then PostgreSQL's.
///
/// `{keyed}` ends a table whose rows are small and always found by their primary key.
/// `{text}` compares byte by byte, as Rust does, so that both databases sort and match alike.
/// `{updated}` leaves room on a page for rows that are rewritten often.
/// `{roles}` and `{entitlements}` are those of a user `u`, a row each, as JSON in `value`.
const WORDS: [(&str, &str, &str); 8] = [
    ("{uuid}", "BLOB", "uuid"),
    ("{json}", "TEXT", "jsonb"),
    ("{bytes}", "BLOB", "bytea"),
    ("{text}", "TEXT", "text COLLATE \"C\""),
    ("{keyed}", " WITHOUT ROWID", ""),
    ("{roles}", "json_each(u.folded, '$.roles')", "jsonb_array_elements(u.folded -> 'roles')"),
    (
        "{entitlements}",
        "json_each(u.folded, '$.entitlements')",
        "jsonb_array_elements(u.folded -> 'entitlements')",
    ),
    ("{updated}", "", " WITH (fillfactor = 80)"),
];

/// Runs the statements of one step in order.
///
/// # Errors
/// Whatever the database answers.
pub(crate) async fn run(manager: &SchemaManager<'_>, steps: &[&str]) -> Result<(), DbErr> {
    let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
    for step in steps {
        let mut sql = (*step).to_owned();
        for (word, on_sqlite, on_postgres) in WORDS {
            sql = sql.replace(word, if sqlite { on_sqlite } else { on_postgres });
        }
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}
