//! What SQLite and PostgreSQL spell differently, in one place.
//!
//! SQL in `store` is written once with `?` for values; [`Dialect`] supplies the words that differ.

mod walls;

use sea_orm::{ConnectionTrait, DbBackend, Value};
use serde_json::Value as Json;

use crate::store::script::Sql;

/// The greatest id, on SQLite.
const LAST_ID: &str = "x'ffffffffffffffffffffffffffffffff'";

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// The dialect of a connection.
    pub(crate) fn of(connection: &impl ConnectionTrait) -> Self {
        match connection.get_database_backend() {
            DbBackend::Sqlite => Self::Sqlite,
            DbBackend::Postgres | DbBackend::MySql | _ => Self::Postgres,
        }
    }

    /// For building statements.
    pub(crate) fn backend(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        }
    }

    /// Whether one task writes, and commands share its commits.
    pub(crate) fn has_one_writer(self) -> bool {
        match self {
            Self::Sqlite => true,
            Self::Postgres => false,
        }
    }

    /// `?` as it stands in a statement's text, being the `n`th (from 1).
    ///
    /// SQLite takes plain `?`: numbered ones bind wrongly across several statements of one text.
    pub(crate) fn placeholder(self, n: usize) -> String {
        match self {
            Self::Sqlite => "?".to_owned(),
            Self::Postgres => format!("${n}"),
        }
    }

    /// What stands before and after the `n`th part (from 0) of a script: SQLite has statements in a
    /// row, PostgreSQL one with common table expressions.
    pub(crate) fn part(self, n: usize) -> (String, &'static str) {
        match (self, n) {
            (Self::Sqlite, _) => (String::new(), ";"),
            (Self::Postgres, 0) => ("WITH root AS (".to_owned(), " RETURNING 1)"),
            (Self::Postgres, n) => (format!(", p{n} AS ("), ")"),
        }
    }

    /// A number above zero if a script's root took effect; `?` are the activity's key. SQLite
    /// is asked for the row that the first part after the root makes.
    pub(crate) fn applied(self) -> &'static str {
        match self {
            Self::Sqlite => "(SELECT count(*) FROM activities WHERE account_id = ? AND id = ?)",
            Self::Postgres => "(SELECT count(*) FROM root)",
        }
    }

    /// Whether a script's root took effect, as its `n`th part asks; `?` are the activity's key.
    pub(crate) fn guard(self, n: usize) -> &'static str {
        match (self, n) {
            (Self::Sqlite, 1) => "changes() > 0",
            (Self::Sqlite, _) => {
                "EXISTS (SELECT 1 FROM activities WHERE account_id = ? AND id = ?)"
            }
            (Self::Postgres, _) => "EXISTS (SELECT 1 FROM root)",
        }
    }

    /// The function that gives the greatest of its arguments.
    pub(crate) fn greatest(self) -> &'static str {
        match self {
            Self::Sqlite => "MAX",
            Self::Postgres => "GREATEST",
        }
    }

    /// How many rows share a connection's counts: on PostgreSQL several, lest writers wait for one.
    pub(crate) fn count_shards(self) -> u8 {
        match self {
            Self::Sqlite => 1,
            Self::Postgres => 16,
        }
    }

    /// What makes a migration wait for another process's; it holds until its transaction ends. SQLite
    /// needs none: its one file has one server.
    pub(crate) fn migration_lock(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("SELECT pg_advisory_xact_lock(7164223)"),
        }
    }

    /// Selects the names of the directory's tables that were never counted, and whether each has grown to be
    /// worth it (32 KiB). SQLite needs none: its plans are tested without statistics.
    pub(crate) fn uncounted_tables(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(
                "SELECT CAST(relname AS text), pg_relation_size(oid) >= 32768 FROM pg_class \
                 WHERE reltuples < 0 AND relkind = 'r' \
                 AND relnamespace = to_regnamespace(current_schema()) AND relname IN \
                 ('users', 'groups', 'group_members', 'user_emails', 'user_states', \
                 'pushed_values')",
            ),
        }
    }

    /// What makes a transaction wait for another that names the same text, `?`. SQLite needs none: it
    /// has one writer.
    pub(crate) fn subject_lock(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("SELECT pg_advisory_xact_lock(hashtextextended(?, 7))"),
        }
    }

    /// A select of the database's encoding. SQLite needs none: its texts are Unicode in any case.
    pub(crate) fn encoding(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("SELECT current_setting('server_encoding')"),
        }
    }

    /// The type of ids.
    pub(crate) fn uuid_type(self) -> &'static str {
        match self {
            Self::Sqlite => "BLOB",
            Self::Postgres => "uuid",
        }
    }

    /// The column where no index is to be chosen for its sake. PostgreSQL knows how many rows to
    /// expect and needs no such word.
    pub(crate) fn unindexed(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("+{column}"),
            Self::Postgres => column.to_owned(),
        }
    }

    /// A value that is a JSON text, where a JSON column takes it.
    pub(crate) fn json_value(self) -> &'static str {
        match self {
            Self::Sqlite => "?",
            Self::Postgres => "CAST(? AS jsonb)",
        }
    }

    /// A select of the ids in a value that is a JSON array of hyphen-less texts.
    pub(crate) fn each_id(self) -> &'static str {
        match self {
            Self::Sqlite => "(SELECT unhex(value) FROM json_each(?))",
            Self::Postgres => {
                "(SELECT CAST(value AS uuid) FROM jsonb_array_elements_text(CAST(? AS jsonb)))"
            }
        }
    }

    /// A table `ids(wanted)` of the same.
    pub(crate) fn wanted_ids(self) -> &'static str {
        match self {
            Self::Sqlite => "(SELECT unhex(value) AS wanted FROM json_each(?)) ids",
            Self::Postgres => {
                "(SELECT CAST(value AS uuid) AS wanted \
                 FROM jsonb_array_elements_text(CAST(? AS jsonb))) ids"
            }
        }
    }

    /// A table `pairs(owner, wanted)` of the ids in a value that is a JSON array of pairs of such texts.
    pub(crate) fn wanted_pairs(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "(SELECT unhex(json_extract(value, '$[0]')) AS owner, \
                 unhex(json_extract(value, '$[1]')) AS wanted FROM json_each(?)) pairs"
            }
            Self::Postgres => {
                "(SELECT CAST(value ->> 0 AS uuid) AS owner, CAST(value ->> 1 AS uuid) AS wanted \
                 FROM jsonb_array_elements(CAST(? AS jsonb))) pairs"
            }
        }
    }

    /// A table `el(value)` of the texts in a value that is a JSON array.
    pub(crate) fn each_text(self) -> &'static str {
        match self {
            Self::Sqlite => "json_each(?) AS el",
            Self::Postgres => "jsonb_array_elements_text(CAST(? AS jsonb)) AS el(value)",
        }
    }

    /// What follows a value that is to be among few rows of a select. As an array they are few to
    /// PostgreSQL too, which cannot tell how many rows a recursive select has.
    pub(crate) fn among(self, select: &str) -> String {
        match self {
            Self::Sqlite => format!("IN ({select})"),
            Self::Postgres => format!("= ANY (ARRAY({select}))"),
        }
    }

    /// A FROM clause that looks up rows of `table`, as `d`, for each row of `few`. PostgreSQL without
    /// statistics would join them the other way round.
    pub(crate) fn look_up_each(self, few: &str, table: &str, condition: &str) -> String {
        match self {
            Self::Sqlite => format!("{few} CROSS JOIN {table} d WHERE {condition}"),
            Self::Postgres => format!(
                "{few} CROSS JOIN LATERAL (SELECT * FROM {table} d WHERE {condition} OFFSET 0) d"
            ),
        }
    }

    /// What has a table of a WITH clause put together once, however often it is read. SQLite would do it
    /// anew for each row that looks into it; PostgreSQL chooses well.
    pub(crate) fn put_together_once(self) -> &'static str {
        match self {
            Self::Sqlite => "MATERIALIZED ",
            Self::Postgres => "",
        }
    }

    /// As [`Dialect::look_up_each`], but only a column of what belongs to each row, which holds ids, and of
    /// that its first values: as much work as the limit says, if an index has them in that order.
    pub(crate) fn look_up_first(
        self,
        few: &str,
        (table, column): (&str, &str),
        condition: Sql,
        limit: u64,
    ) -> Sql {
        let Sql { text: condition, mut values } = condition;
        let in_order = format!(
            "SELECT DISTINCT d.{column} FROM {table} d WHERE {condition} ORDER BY d.{column}"
        );
        let text = match self {
            // Without LATERAL, an index is walked up to the last that is wanted. `IN` with that many would
            // be put together anew for each row looked at.
            Self::Sqlite => {
                values.extend(values.clone());
                let last = limit.saturating_sub(1);
                format!(
                    "{few} CROSS JOIN {table} d WHERE {condition} AND d.{column} <= \
                     COALESCE(({in_order} LIMIT 1 OFFSET {last}), {LAST_ID})"
                )
            }
            Self::Postgres => format!("{few} CROSS JOIN LATERAL ({in_order} LIMIT {limit}) d"),
        };
        Sql { text, values }
    }

    /// How many statements of one kind of look-up run at a time.
    pub(crate) fn lookup_lanes(self) -> usize {
        match self {
            Self::Sqlite => 2,
            Self::Postgres => 1,
        }
    }

    /// How many look-ups one statement answers at most. SQLite prepares a text for each number of them.
    pub(crate) fn lookups_together(self) -> usize {
        match self {
            Self::Sqlite => 8,
            Self::Postgres => 32,
        }
    }

    /// A look-up's select, done for each row of values: what it finds, with `lookup_number` (from 1)
    /// beside it. None if PostgreSQL is not told how to read a type of value.
    pub(crate) fn for_each_row(self, select: &str, rows: &[&[Value]]) -> Option<Sql> {
        match self {
            Self::Sqlite => {
                let one = |n| format!("SELECT *, {n} AS lookup_number FROM ({select})");
                let all: Vec<String> = (1..=rows.len()).map(one).collect();
                Some(Sql::new(all.join(" UNION ALL "), rows.concat()))
            }
            Self::Postgres => for_each_lateral(select, rows),
        }
    }

    /// The lesser of two numbers.
    pub(crate) fn lesser(self, a: &str, b: &str) -> String {
        match self {
            Self::Sqlite => format!("min({a}, {b})"),
            Self::Postgres => format!("least({a}, {b})"),
        }
    }

    /// A text expression, compared byte by byte whatever the database's own order is.
    pub(crate) fn by_bytes(self, expression: &str) -> String {
        match self {
            Self::Sqlite => format!("({expression})"),
            Self::Postgres => format!("(({expression}) COLLATE \"C\")"),
        }
    }

    /// The hyphenated text of an id column.
    pub(crate) fn id_text(self, column: &str) -> String {
        match self {
            Self::Sqlite => {
                let hex = format!("lower(hex({column}))");
                let part = |from: u8, len: u8| format!("substr({hex}, {from}, {len})");
                [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)].join(" || '-' || ")
            }
            Self::Postgres => format!("(CAST({column} AS text) COLLATE \"C\")"),
        }
    }

    /// The text at `keys` in a JSON expression, or null.
    pub(crate) fn json_text(self, json: &str, keys: &[&str]) -> String {
        match self {
            Self::Sqlite if keys.is_empty() => json.to_owned(),
            Self::Sqlite => format!("json_extract({json}, '{}')", sqlite_path(keys)),
            Self::Postgres => {
                format!("(({json} #>> '{}') COLLATE \"C\")", postgres_path(keys))
            }
        }
    }

    /// Whether the boolean at `keys` in a JSON expression is what the value says.
    pub(crate) fn json_bool(self, json: &str, keys: &[&str], is: bool) -> String {
        let text = self.json_text(json, keys);
        let word = match (self, is) {
            (Self::Sqlite, true) => "1",
            (Self::Sqlite, false) => "0",
            (Self::Postgres, true) => "'true'",
            (Self::Postgres, false) => "'false'",
        };
        format!("({text} IS NOT NULL AND {text} = {word})")
    }

    /// The number at `keys` in a JSON expression, or null.
    pub(crate) fn json_number(self, json: &str, keys: &[&str]) -> String {
        match self {
            Self::Sqlite => self.json_text(json, keys),
            Self::Postgres => {
                format!("CAST({json} #>> '{}' AS double precision)", postgres_path(keys))
            }
        }
    }

    /// A table of the elements of the array at `keys`, whose JSON is then `el.value`; no rows if
    /// there is no array.
    pub(crate) fn json_elements(self, json: &str, keys: &[&str]) -> String {
        match self {
            Self::Sqlite => format!("json_each({json}, '{}') AS el", sqlite_path(keys)),
            Self::Postgres => format!(
                "jsonb_array_elements({json} #> '{}') WITH ORDINALITY AS el(value, key)",
                postgres_path(keys)
            ),
        }
    }

    /// Where in `text` the value stands (from 1; 0: nowhere).
    pub(crate) fn position(self, text: &str) -> String {
        match self {
            Self::Sqlite => format!("instr({text}, ?)"),
            Self::Postgres => format!("strpos({text}, ?)"),
        }
    }

    /// An aggregate: a JSON array, as text, of `[parts…]` arrays.
    pub(crate) fn array_of_arrays(self, parts: &[&str], order: &str) -> String {
        let parts = parts.join(", ");
        match self {
            Self::Sqlite => format!("json_group_array(json_array({parts}) ORDER BY {order})"),
            Self::Postgres => {
                format!("CAST(json_agg(json_build_array({parts}) ORDER BY {order}) AS text)")
            }
        }
    }

    /// Whether a page of resources is read as one text.
    pub(crate) fn packs_pages(self) -> bool {
        match self {
            Self::Sqlite => true,
            Self::Postgres => false,
        }
    }

    /// An aggregate: a JSON array, as text, of `[id, parts…]` arrays, in any order. The parts are
    /// JSON texts or numbers, and stand in it as they are.
    pub(crate) fn packed(self, id: &str, parts: &[String]) -> String {
        let parts = parts.join(" || ',' || ");
        let item = format!("'[\"' || {} || '\",' || {parts} || ']'", self.id_in_array(id));
        let list = match self {
            Self::Sqlite => "group_concat",
            Self::Postgres => "string_agg",
        };
        format!("'[' || {list}({item}, ',') || ']'")
    }

    /// An id in such an array: text that reads as an id, with or without hyphens.
    pub(crate) fn id_in_array(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("hex({column})"),
            Self::Postgres => column.to_owned(),
        }
    }
}

/// PostgreSQL reads the values from one JSON array, so that one text serves any number of rows.
fn for_each_lateral(select: &str, rows: &[&[Value]]) -> Option<Sql> {
    let read = |row: &&[Value]| row.iter().map(typed).collect::<Option<Vec<_>>>();
    let rows: Vec<Vec<(&str, Json)>> = rows.iter().map(read).collect::<Option<_>>()?;
    let columns: Vec<String> = (0..)
        .zip(rows.first()?)
        .map(|(n, (of, _))| format!("CAST(e.value ->> {n} AS {of}) AS v{n}"))
        .collect();
    let inner: String = (0..)
        .zip(select.split('?'))
        .map(|(n, piece)| if n == 0 { piece.to_owned() } else { format!("q.v{}{piece}", n - 1) })
        .collect();
    let text = format!(
        "SELECT x.*, q.lookup_number FROM (SELECT e.lookup_number, {} \
         FROM jsonb_array_elements(CAST(? AS jsonb)) WITH ORDINALITY AS e(value, lookup_number)) q \
         CROSS JOIN LATERAL (SELECT * FROM ({inner}) y OFFSET 0) x",
        columns.join(", ")
    );
    let bare = |row: Vec<(&str, Json)>| row.into_iter().map(|(_, value)| value).collect();
    let values: Json = rows.into_iter().map(bare).collect::<Vec<Json>>().into();
    Some(Sql::new(text, vec![values.to_string().into()]))
}

/// A value with its type in PostgreSQL, if it is one that look-ups have.
fn typed(value: &Value) -> Option<(&'static str, Json)> {
    if let Value::Uuid(Some(id)) = value {
        Some(("uuid", id.simple().to_string().into()))
    } else if let Value::String(Some(text)) = value {
        Some(("text", text.clone().into()))
    } else if let Value::BigInt(Some(number)) = value {
        Some(("bigint", (*number).into()))
    } else {
        None
    }
}

/// `$."a"."b"`: quoted, since URNs hold dots and colons. Keys come from the schema registry alone.
fn sqlite_path(keys: &[&str]) -> String {
    keys.iter().fold("$".to_owned(), |path, key| format!("{path}.\"{key}\""))
}

/// `{"a","b"}`.
fn postgres_path(keys: &[&str]) -> String {
    let quoted: Vec<String> = keys.iter().map(|key| format!("\"{key}\"")).collect();
    format!("{{{}}}", quoted.join(","))
}
