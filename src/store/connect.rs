//! Opening the database: pools, durability, statement caches.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, Statement};

use crate::store::dialect::Dialect;
use crate::store::lookups::Lookups;
use crate::store::writer::Writer;
use crate::store::{Result, Store};

/// Statements a connection keeps prepared.
const STATEMENTS: usize = 500;

/// How PostgreSQL is to plan.
const PLANNING: &str = "SET jit = off; SET plan_cache_mode = force_generic_plan";

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `sqlite://FILE` or `postgres://…`.
    pub url: secrecy::SecretString,
    /// PostgreSQL: connections in the pool.
    pub connections: u32,
    /// SQLite: connections that read beside the one that writes.
    pub readers: u32,
    /// How long to wait for a connection.
    pub acquire_timeout: Duration,
}

/// What was sent to the database: how many statements, and on demand which.
#[derive(Debug, Default)]
pub(super) struct Sent {
    count: AtomicU64,
    is_kept: AtomicBool,
    kept: Mutex<Vec<Statement>>,
}

impl Sent {
    fn note(&self, statement: &Statement) {
        self.count.fetch_add(1, Ordering::Relaxed);
        if self.is_kept.load(Ordering::Relaxed) {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(statement.clone());
        }
    }
}

impl Store {
    /// Opens the database. On SQLite the file is created if it does not exist.
    ///
    /// # Errors
    /// If it cannot be reached.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let url = secrecy::ExposeSecret::expose_secret(&settings.url);
        let sent = Arc::new(Sent::default());
        let open = async |options| -> Result<DatabaseConnection> {
            let mut connection = Database::connect(options).await?;
            let sent = Arc::clone(&sent);
            connection.set_metric_callback(move |info| sent.note(info.statement));
            Ok(connection)
        };
        let (reads, writes) = if url.starts_with("sqlite:") {
            let writes = open(sqlite(url, settings, Role::Writer)).await?;
            (open(sqlite(url, settings, Role::Reader)).await?, writes)
        } else {
            let pool = open(postgres(url, settings)).await?;
            (pool.clone(), pool)
        };
        let dialect = Dialect::of(&reads);
        let lookups = Lookups::new(reads.clone(), dialect);
        Ok(Self { reads, lookups, writer: Writer::start(writes, dialect), dialect, sent })
    }

    /// How many statements were sent to the database so far; a script counts as one.
    pub fn statements(&self) -> u64 {
        self.sent.count.load(Ordering::Relaxed)
    }

    /// Keeps a copy of each statement sent from now on, so that the very ones that a request causes
    /// can be explained by the database.
    pub fn keep_statements(&self) {
        self.sent.is_kept.store(true, Ordering::Relaxed);
    }

    /// The statements kept since this was last asked, in the order of their ends.
    pub fn kept_statements(&self) -> Vec<Statement> {
        std::mem::take(&mut *self.sent.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Reader,
    Writer,
}

impl Role {
    /// The size of the page cache, as the pragma takes it (negative: KiB). The system caches pages as
    /// well, so a reader needs few of its own.
    fn cache_kib(self) -> &'static str {
        match self {
            Self::Reader => "-3072",
            Self::Writer => "-8192",
        }
    }
}

fn sqlite(url: &str, settings: &Settings, role: Role) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    let size = if role == Role::Writer { 1 } else { settings.readers };
    options
        .max_connections(size)
        .min_connections(size)
        .acquire_timeout(settings.acquire_timeout)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite = sqlite
                .create_if_missing(true)
                .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10))
                .statement_cache_capacity(STATEMENTS)
                .pragma("cache_size", role.cache_kib())
                .pragma("temp_store", "memory");
            if role == Role::Reader { sqlite.pragma("query_only", "on") } else { sqlite }
        });
    options
}

fn postgres(url: &str, settings: &Settings) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .max_connections(settings.connections)
        .min_connections(settings.connections.min(2))
        .acquire_timeout(settings.acquire_timeout)
        .test_before_acquire(false)
        .test_before_acquire_if_idle_for(Duration::from_secs(30))
        .sqlx_logging(false)
        .set_application_name("countersign")
        .map_sqlx_postgres_opts(|postgres| postgres.statement_cache_capacity(STATEMENTS))
        .map_sqlx_postgres_pool_opts(|pool| {
            // Compiling a plan takes 30 ms; our statements run for a few at most. And they find rows by
            // the same index whatever the values, so one plan serves them all.
            pool.after_connect(|connection, _| {
                Box::pin(
                    async move { sqlx::Executor::execute(connection, PLANNING).await.map(|_| ()) },
                )
            })
        });
    options
}
