//! Walls: what the database itself refuses, whoever asks (POLICY.md §1, DECISIONS.md 16). The same conditions
//! on both databases, as triggers.

use sea_orm_migration::prelude::{DbErr, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// One condition under which a row is refused, in terms of `NEW` and `OLD`.
pub(crate) struct Wall {
    /// The trigger's name.
    pub(crate) name: &'static str,
    /// Before what of which table.
    pub(crate) before: &'static str,
    /// The condition.
    pub(crate) refuses: &'static str,
    /// What the error says.
    pub(crate) saying: &'static str,
}

/// A table whose rows are not taken out.
pub(crate) struct Kept {
    /// The table.
    pub(crate) table: &'static str,
    /// Its primary key.
    pub(crate) key: &'static [&'static str],
    /// Whether they are not changed either.
    pub(crate) whole: bool,
}

/// Builds walls.
///
/// # Errors
/// Whatever the database answers.
pub(crate) async fn raise(manager: &SchemaManager<'_>, walls: &[Wall]) -> Result<(), DbErr> {
    for Wall { name, before, refuses, saying } in walls {
        if is_sqlite(manager) {
            let trigger = format!(
                "CREATE TRIGGER {name} BEFORE {before} WHEN {refuses}
                 BEGIN SELECT RAISE(ABORT, '{saying}'); END"
            );
            execute(manager, &trigger).await?;
            continue;
        }
        let function = format!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN IF {refuses} THEN RAISE EXCEPTION '{saying}'; END IF; RETURN NEW; END $$"
        );
        execute(manager, &function).await?;
        let trigger =
            format!("CREATE TRIGGER {name} BEFORE {before} FOR EACH ROW EXECUTE FUNCTION {name}()");
        execute(manager, &trigger).await?;
        execute(manager, &format!("ALTER TABLE {} ENABLE ALWAYS TRIGGER {name}", table(before)))
            .await?;
    }
    Ok(())
}

/// Takes them down.
///
/// # Errors
/// Whatever the database answers.
pub(crate) async fn lower(manager: &SchemaManager<'_>, walls: &[Wall]) -> Result<(), DbErr> {
    for Wall { name, before, .. } in walls.iter().rev() {
        if is_sqlite(manager) {
            execute(manager, &format!("DROP TRIGGER {name}")).await?;
        } else {
            execute(manager, &format!("DROP TRIGGER {name} ON {}", table(before))).await?;
            execute(manager, &format!("DROP FUNCTION {name}()")).await?;
        }
    }
    Ok(())
}

/// Has rows stay. On SQLite `REPLACE` takes rows out without asking a trigger for `DELETE`; on PostgreSQL the
/// statement is refused, not the row, `TRUNCATE` too.
///
/// # Errors
/// Whatever the database answers.
pub(crate) async fn keep_rows(manager: &SchemaManager<'_>, kept: &[Kept]) -> Result<(), DbErr> {
    for Kept { table, key, whole } in kept {
        let saying = if *whole { "are only added" } else { "are not taken out" };
        if is_sqlite(manager) {
            let same: Vec<String> = key.iter().map(|it| format!("k.{it} = NEW.{it}")).collect();
            let same = same.join(" AND ");
            let stop = format!("BEGIN SELECT RAISE(ABORT, 'rows of {table} {saying}'); END");
            for (what, before) in [
                ("undeleted", format!("BEFORE DELETE ON {table}")),
                (
                    "unreplaced",
                    format!(
                        "BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} k WHERE {same})"
                    ),
                ),
            ] {
                execute(manager, &format!("CREATE TRIGGER {table}_{what} {before} {stop}")).await?;
            }
            if *whole {
                let trigger =
                    format!("CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} {stop}");
                execute(manager, &trigger).await?;
            }
            continue;
        }
        let events = if *whole { "UPDATE OR DELETE OR TRUNCATE" } else { "DELETE OR TRUNCATE" };
        let function = format!(
            "CREATE FUNCTION {table}_stay() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'rows of {table} {saying}'; END $$"
        );
        execute(manager, &function).await?;
        let trigger = format!(
            "CREATE TRIGGER {table}_stay BEFORE {events} ON {table}
             FOR EACH STATEMENT EXECUTE FUNCTION {table}_stay()"
        );
        execute(manager, &trigger).await?;
        execute(manager, &format!("ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_stay"))
            .await?;
    }
    Ok(())
}

/// Lets them go.
///
/// # Errors
/// Whatever the database answers.
pub(crate) async fn drop_rows(manager: &SchemaManager<'_>, kept: &[Kept]) -> Result<(), DbErr> {
    for Kept { table, whole, .. } in kept.iter().rev() {
        if is_sqlite(manager) {
            execute(manager, &format!("DROP TRIGGER {table}_undeleted")).await?;
            execute(manager, &format!("DROP TRIGGER {table}_unreplaced")).await?;
            if *whole {
                execute(manager, &format!("DROP TRIGGER {table}_unchanged")).await?;
            }
        } else {
            execute(manager, &format!("DROP TRIGGER {table}_stay ON {table}")).await?;
            execute(manager, &format!("DROP FUNCTION {table}_stay()")).await?;
        }
    }
    Ok(())
}

/// The table in what a wall stands before.
fn table(before: &str) -> &str {
    before.rsplit(' ').next().unwrap_or(before)
}

fn is_sqlite(manager: &SchemaManager<'_>) -> bool {
    manager.get_database_backend() == DbBackend::Sqlite
}

async fn execute(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await.map(|_| ())
}
