//! Of the record: how seals are added, and the triggers that keep it as it is, by the names that each database
//! has them under.

use crate::store::dialect::Dialect;

/// A select of the names of those that are in force, and which must be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Walls {
    /// The select.
    pub(crate) select: &'static str,
    /// The names.
    pub(crate) names: &'static [&'static str],
}

const ON_SQLITE: Walls = Walls {
    select: "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    names: &[
        "activities_unchanged",
        "activities_undeleted",
        "activities_unreplaced",
        "activity_seals_unchanged",
        "activity_seals_undeleted",
        "activity_seals_unreplaced",
        "activity_checkpoints_unchanged",
        "activity_checkpoints_undeleted",
        "activity_checkpoints_unreplaced",
        "activity_personal_unchanged",
        "activity_personal_unreplaced",
    ],
};

const ON_POSTGRES: Walls = Walls {
    select: "SELECT CAST(t.tgname AS text) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
             WHERE t.tgenabled = 'A' AND c.relnamespace = to_regnamespace(current_schema())",
    names: &[
        "activities_stand",
        "activity_seals_stand",
        "activity_checkpoints_stand",
        "activity_personal_stands",
    ],
};

impl Dialect {
    /// Adds seals: rows `[account, seq, activity, hash before, hash]` of a JSON array, ids and hashes in
    /// hexadecimal. One text for any number of them.
    pub(crate) fn add_seals(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "INSERT INTO activity_seals (account_id, seq, activity_id, prev_hash, hash) \
                 SELECT unhex(value ->> 0), value ->> 1, unhex(value ->> 2), unhex(value ->> 3), \
                 unhex(value ->> 4) FROM json_each(?)"
            }
            Self::Postgres => {
                "INSERT INTO activity_seals (account_id, seq, activity_id, prev_hash, hash) \
                 SELECT CAST(value ->> 0 AS uuid), CAST(value ->> 1 AS bigint), \
                 CAST(value ->> 2 AS uuid), decode(value ->> 3, 'hex'), decode(value ->> 4, 'hex') \
                 FROM jsonb_array_elements(CAST(? AS jsonb))"
            }
        }
    }

    /// What keeps the record as it is.
    pub(crate) fn walls(self) -> Walls {
        match self {
            Self::Sqlite => ON_SQLITE,
            Self::Postgres => ON_POSTGRES,
        }
    }
}
