//! A database for each test: an SQLite file, or a database on the server of `TEST_DATABASE_URL`.

use std::time::Duration;

use countersign::store::Settings;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::world::leaks;

/// A database that goes when the test ends.
pub(crate) struct TestDatabase {
    pub(crate) url: String,
    server: Option<String>,
    _folder: Option<TempDir>,
}

impl TestDatabase {
    pub(crate) async fn create() -> Self {
        leaks::watch();
        let Some(server) = server() else { return Self::on_sqlite() };
        // A default collation that does not sort byte by byte: nothing may lean on it.
        let options = "ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";
        Self::on_postgres(server, options).await
    }

    /// One that takes texts for bytes; none on SQLite, where there is no such thing.
    pub(crate) async fn without_encoding() -> Option<Self> {
        let server = server()?;
        let options = "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc";
        Some(Self::on_postgres(server, options).await)
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.server.is_none()
    }

    /// How the application opens it.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            url: SecretString::from(self.url.clone()),
            connections: 8,
            readers: 4,
            acquire_timeout: Duration::from_secs(20),
        }
    }

    /// A connection beside the application's, to look at rows and plans.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        Database::connect(&self.url).await.expect("a second connection")
    }

    /// The number that a statement answers.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.rows(sql).await[0].try_get_by_index(0).expect("a number")
    }

    /// The texts that a statement answers, one a row.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.rows(sql).await;
        rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
    }

    /// Changes rows behind the application's back.
    pub(crate) async fn run(&self, sql: &str) {
        let connection = self.connect().await;
        connection.execute_unprepared(sql).await.expect("a change");
        connection.close().await.expect("closing");
    }

    async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let connection = self.connect().await;
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let rows = connection.query_all_raw(statement).await.expect("an answer");
        connection.close().await.expect("closing");
        rows
    }

    fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
        Self { url, server: None, _folder: Some(folder) }
    }

    async fn on_postgres(server: String, options: &str) -> Self {
        let name = format!("cs_test_{:016x}", rand::random::<u64>());
        run(&server, &format!("CREATE DATABASE {name} TEMPLATE template0 {options}")).await;
        let mut url = url::Url::parse(&server).expect("TEST_DATABASE_URL is a URL");
        url.set_path(&name);
        Self { url: url.to_string(), server: Some(server), _folder: None }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(server) = self.server.take() else { return };
        let name = self.url.rsplit('/').next().unwrap_or_default().to_owned();
        // A runtime of its own: the test's may be ending.
        let drop = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            runtime.expect("a runtime").block_on(run(&server, &drop));
        });
        let _ = drop.join();
    }
}

/// The server that `TEST_DATABASE_URL` names.
fn server() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "tests choose their database by it")]
    std::env::var("TEST_DATABASE_URL").ok()
}

async fn run(server: &str, sql: &str) {
    let connection = Database::connect(server)
        .await
        .expect("TEST_DATABASE_URL names a running PostgreSQL server; tests/run.sh starts one");
    connection.execute_unprepared(sql).await.expect("the server lets databases be made");
    connection.close().await.expect("closing");
}
