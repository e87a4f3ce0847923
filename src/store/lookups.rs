//! Look-ups that wait for the database share a statement.
//!
//! Most of what a look-up by a key costs on PostgreSQL is the message to and fro, not the row. So of
//! one kind of look-up one statement runs at a time; what arrives meanwhile waits, and goes together
//! as the next. A look-up that comes alone is sent at once as it stands, and nobody waits longer than
//! [`PATIENCE`] for a statement that is slow. On SQLite, which has no messages, all go alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult, Value};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::store::dialect::Dialect;
use crate::store::script::Sql;
use crate::store::{Result, StoreError};

/// After how long a statement no longer holds up others of its kind.
const PATIENCE: Duration = Duration::from_millis(5);

/// The look-ups of one database.
#[derive(Debug, Clone)]
pub(super) struct Lookups {
    reads: DatabaseConnection,
    dialect: Dialect,
    kinds: Arc<Mutex<BTreeMap<String, Kind>>>,
}

/// The look-ups of one statement text.
#[derive(Debug)]
struct Kind {
    running: usize,
    started: Instant,
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    values: Vec<Value>,
    reply: oneshot::Sender<Result<Vec<QueryResult>>>,
}

/// The right to run a statement of a kind. When it is dropped, those who wait get it.
struct Lane {
    lookups: Lookups,
    text: String,
}

impl Kind {
    fn new() -> Self {
        Self { running: 0, started: Instant::now(), waiting: vec![] }
    }
}

impl Waiting {
    fn answer(self, rows: Result<Vec<QueryResult>>) {
        // A client that hung up takes no reply.
        let _ = self.reply.send(rows);
    }
}

impl Lookups {
    /// Over the connections for reading.
    pub(super) fn new(reads: DatabaseConnection, dialect: Dialect) -> Self {
        Self { reads, dialect, kinds: Arc::default() }
    }

    /// The rows that a look-up finds; they should be few. The values are ids and texts.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn rows(&self, sql: Sql) -> Result<Vec<QueryResult>> {
        match self.enter(&sql) {
            Ok(_lane) => self.alone(sql).await,
            Err(reply) => reply.await.map_err(|_| StoreError::Busy)?,
        }
    }

    /// A lane if one is free; else the look-up waits for its reply.
    fn enter(
        &self,
        sql: &Sql,
    ) -> std::result::Result<Lane, oneshot::Receiver<Result<Vec<QueryResult>>>> {
        let mut kinds = self.kinds();
        let kind = kinds.entry(sql.text.clone()).or_insert_with(Kind::new);
        if kind.running < self.dialect.lookup_lanes() || kind.started.elapsed() > PATIENCE {
            kind.running += 1;
            kind.started = Instant::now();
            return Ok(Lane { lookups: self.clone(), text: sql.text.clone() });
        }
        let (reply, receiver) = oneshot::channel();
        kind.waiting.push(Waiting { values: sql.values.clone(), reply });
        Err(receiver)
    }

    /// Who goes next in a lane that its holder leaves; if nobody waits, the lane is free.
    fn leave(&self, text: &str) -> Vec<Waiting> {
        let mut kinds = self.kinds();
        let Some(kind) = kinds.get_mut(text) else { return vec![] };
        let count = kind.waiting.len().min(self.dialect.lookups_together());
        let next: Vec<Waiting> = kind.waiting.drain(..count).collect();
        kind.started = Instant::now();
        if next.is_empty() {
            kind.running -= 1;
        }
        if kind.running == 0 {
            kinds.remove(text);
        }
        next
    }

    async fn alone(&self, sql: Sql) -> Result<Vec<QueryResult>> {
        Ok(self.reads.query_all_raw(sql.statement(self.dialect)).await?)
    }

    /// Answers several look-ups with one statement. If that fails, each is tried alone: one with a
    /// value that the database refuses must not fail the others.
    async fn together(&self, text: &str, waiting: Vec<Waiting>) {
        let values: Vec<&[Value]> = waiting.iter().map(|one| one.values.as_slice()).collect();
        let Ok(found) = self.rows_of_each(text, &values).await else {
            for one in waiting {
                let rows = self.alone(Sql::new(text, one.values.clone())).await;
                one.answer(rows);
            }
            return;
        };
        for (one, rows) in waiting.into_iter().zip(found) {
            one.answer(Ok(rows));
        }
    }

    async fn rows_of_each(&self, text: &str, values: &[&[Value]]) -> Result<Vec<Vec<QueryResult>>> {
        let sql = self.dialect.for_each_row(text, values).ok_or_else(|| {
            StoreError::Database(DbErr::Custom("a look-up's values cannot be shared".to_owned()))
        })?;
        let mut found: Vec<Vec<QueryResult>> = values.iter().map(|_| vec![]).collect();
        for row in self.alone(sql).await? {
            let number: i64 = row.try_get("", "lookup_number")?;
            let place = usize::try_from(number - 1).ok().and_then(|n| found.get_mut(n));
            if let Some(rows) = place {
                rows.push(row);
            }
        }
        Ok(found)
    }

    fn kinds(&self) -> MutexGuard<'_, BTreeMap<String, Kind>> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let waiting = self.lookups.leave(&self.text);
        if waiting.is_empty() {
            return;
        }
        // Without a runtime the process ends, and nobody waits any more.
        let Ok(runtime) = Handle::try_current() else { return };
        let (lookups, text) = (self.lookups.clone(), std::mem::take(&mut self.text));
        runtime.spawn(async move {
            let lane = Self { lookups, text };
            lane.lookups.together(&lane.text, waiting).await;
        });
    }
}

#[cfg(test)]
mod tests;
