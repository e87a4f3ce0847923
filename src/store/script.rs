//! Hot writes: a root statement, and what follows if it took effect, sent as one text.
//!
//! PostgreSQL gets one statement with a common table expression for each part; SQLite gets several
//! statements in one call. Parts are written once with these words:
//! `?` a value, `{json}` a JSON value, `{guard}` whether the root took effect.
//!
//! INVARIANT: the activity is the first part after the root. On SQLite its row shows the later parts
//! that the root took effect (`changes()` speaks only of the statement just before).

use sea_orm::{QueryResult, Statement, Value};

use crate::domain::effect::{Delivery, Effect};
use crate::domain::event::Activity;
use crate::domain::event::origin::Door;
use crate::domain::ids::ResourceId;
use crate::store::Result;
use crate::store::dialect::Dialect;

/// A hot write being put together.
#[derive(Debug)]
pub(crate) struct Script {
    dialect: Dialect,
    text: String,
    values: Vec<Value>,
    marker: [Value; 2],
    parts: usize,
}

/// What a script did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// Whether the root took effect.
    pub done: bool,
    /// Of member changes: whether the group exists, and then its version before or after.
    pub version: Option<i64>,
    /// Of member changes: how many of the ids name a live user or group.
    pub known: Option<i64>,
}

/// SQL text with its values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sql {
    /// The text, with `?`.
    pub(crate) text: String,
    /// Its values, in order.
    pub(crate) values: Vec<Value>,
}

impl Sql {
    /// Text with its values.
    pub(crate) fn new(text: impl Into<String>, values: Vec<Value>) -> Self {
        Self { text: text.into(), values }
    }

    /// Adds more text with its values.
    pub(crate) fn push(&mut self, text: &str, values: impl IntoIterator<Item = Value>) {
        self.text.push_str(text);
        self.values.extend(values);
    }

    /// The statement for this dialect.
    pub(crate) fn statement(self, dialect: Dialect) -> Statement {
        let mut text = String::with_capacity(self.text.len() + 16);
        let mut n = 0;
        for piece in self.text.split_inclusive('?') {
            match piece.strip_suffix('?') {
                Some(before) => {
                    n += 1;
                    text.push_str(before);
                    text.push_str(&dialect.placeholder(n));
                }
                None => text.push_str(piece),
            }
        }
        Statement::from_sql_and_values(dialect.backend(), text, self.values)
    }
}

impl Script {
    /// Begins with the root, and records its activity and effect.
    pub(crate) fn begin(dialect: Dialect, activity: &Activity, root: &Sql) -> Self {
        let mut script = Self {
            dialect,
            text: String::with_capacity(4096),
            values: Vec::with_capacity(64),
            marker: [activity.account.uuid().into(), activity.id.uuid().into()],
            parts: 0,
        };
        script.part(root);
        script.record(activity);
        script
    }

    /// Whose words it is written in.
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Adds what follows if the root took effect; the text says so with `{guard}`.
    pub(crate) fn then(&mut self, text: &str, values: Vec<Value>) {
        self.part(&Sql::new(text, values));
    }

    /// Ends with the answer to the caller.
    pub(crate) fn finish(self) -> Statement {
        self.answer(&Sql::new("{applied} AS applied, NULL AS version, NULL AS known", vec![]))
    }

    /// Ends with the answer about a group whose members changed: no row if there is no such group.
    pub(crate) fn finish_group(self, group: ResourceId, known: Sql) -> Statement {
        let [account, _] = self.marker.clone();
        let mut select = Sql::new("{applied} AS applied, g.version, (", vec![]);
        select.push(&known.text, known.values);
        select.push(
            ") AS known FROM groups g WHERE g.account_id = ? AND g.id = ? AND g.deleted_at IS NULL",
            [account, group.uuid().into()],
        );
        self.answer(&select)
    }

    fn answer(mut self, select: &Sql) -> Statement {
        self.text.push_str(" SELECT ");
        self.expand(select);
        Statement::from_sql_and_values(self.dialect.backend(), self.text, self.values)
    }

    fn record(&mut self, activity: &Activity) {
        let [account, id] = self.marker.clone();
        let personal = activity.personal();
        self.then(
            "INSERT INTO activities (account_id, id, at, action, outcome, actor_kind, actor_id, \
             target_kind, target_id, detail, door, request_id, policy_version, commitment) \
             SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE {guard}",
            vec![
                account.clone(),
                id.clone(),
                activity.at.micros().into(),
                activity.event.name().into(),
                activity.outcome.as_str().into(),
                activity.actor.kind().into(),
                activity.actor.id().into(),
                activity.event.target_kind().into(),
                activity.target.into(),
                activity.detail.as_ref().map(ToString::to_string).into(),
                activity.origin.door.map(Door::as_str).into(),
                activity.origin.request_id.clone().into(),
                activity.policy_version.into(),
                personal.as_ref().map(|it| it.commitment().to_vec()).into(),
            ],
        );
        if let Some(it) = personal {
            self.then(
                "INSERT INTO activity_personal (account_id, activity_id, salt, payload) \
                 SELECT ?, ?, ?, ? WHERE {guard}",
                vec![account, id, it.salt.into(), it.payload.into()],
            );
        }
        self.deliver(&Delivery {
            account: activity.account,
            id: activity.id.uuid(),
            effect: Effect::Announce(activity.announcement()),
        });
    }

    /// Adds what is to be delivered if the root took effect.
    pub(crate) fn deliver(&mut self, delivery: &Delivery) {
        self.then(
            "INSERT INTO outbox (account_id, id, effect, payload) SELECT ?, ?, ?, ? WHERE {guard}",
            vec![
                delivery.account.uuid().into(),
                delivery.id.into(),
                delivery.effect.name().into(),
                delivery.effect.payload().into(),
            ],
        );
    }

    fn part(&mut self, sql: &Sql) {
        let (before, after) = self.dialect.part(self.parts);
        self.text.push_str(&before);
        self.expand(sql);
        self.text.push_str(after);
        self.parts += 1;
    }

    /// Writes a part, replacing its words.
    fn expand(&mut self, sql: &Sql) {
        let mut values = sql.values.iter().cloned();
        let mut rest = sql.text.as_str();
        while let Some(at) = rest.find(['?', '{']) {
            let (before, from) = rest.split_at(at);
            self.text.push_str(before);
            rest = if let Some(after) = from.strip_prefix('?') {
                self.value(values.next());
                after
            } else if let Some(after) = from.strip_prefix("{guard}") {
                self.guard();
                after
            } else if let Some(after) = from.strip_prefix("{applied}") {
                self.applied();
                after
            } else if let Some(after) = from.strip_prefix("{json}") {
                let (open, close) = self.dialect.json_value().split_once('?').unwrap_or(("", ""));
                self.text.push_str(open);
                self.value(values.next());
                self.text.push_str(close);
                after
            } else {
                self.text.push('{');
                from.strip_prefix('{').unwrap_or("")
            };
        }
        self.text.push_str(rest);
    }

    fn value(&mut self, value: Option<Value>) {
        self.values.push(value.unwrap_or(Value::String(None)));
        self.text.push_str(&self.dialect.placeholder(self.values.len()));
    }

    fn guard(&mut self) {
        self.marked(self.dialect.guard(self.parts));
    }

    fn applied(&mut self) {
        self.marked(self.dialect.applied());
    }

    /// Writes a text of the dialect, whose values, if any, are the activity's key.
    fn marked(&mut self, text: &'static str) {
        let mut pieces = text.split('?');
        self.text.push_str(pieces.next().unwrap_or_default());
        for (piece, value) in pieces.zip(self.marker.clone()) {
            self.value(Some(value));
            self.text.push_str(piece);
        }
    }
}

impl Applied {
    /// Reads a script's answer; no row means that the group it was about does not exist.
    pub(crate) fn read(row: Option<&QueryResult>) -> Result<Self> {
        let Some(row) = row else {
            return Ok(Self { done: false, version: None, known: None });
        };
        Ok(Self {
            done: row.try_get_by_index::<i64>(0)? > 0,
            version: row.try_get_by_index(1)?,
            known: row.try_get_by_index(2)?,
        })
    }
}
