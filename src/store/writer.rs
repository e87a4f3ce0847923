//! The one way to write, and on SQLite the one writer.
//!
//! On SQLite a single task owns the write connection. It takes all commands that wait, applies each
//! in a savepoint of one transaction, and answers them after the commit they share; one that fails
//! undoes itself alone. A lone command carries its own BEGIN and COMMIT in the same call. What waits
//! is data that owns its [`Permit`], so a caller that hangs up changes nothing about it. On
//! PostgreSQL each command is a statement of its own on the pool.

use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, QueryResult, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};

use crate::policy::{Permit, SystemPermit};
use crate::store::dialect::Dialect;
use crate::store::script::Applied;
use crate::store::users::properties;
use crate::store::{Result, StoreError, accounts, activities, authn, outbox, rights, tokens};

/// How many commands may wait; one more is answered `Busy`.
const QUEUE: usize = 1024;
/// How many commands share a commit at most.
const BATCH: usize = 64;
/// How often a write that lost a race inside PostgreSQL is tried again.
const RETRIES: u32 = 5;

/// Who lets a write through.
#[derive(Debug)]
pub(crate) enum Warrant {
    /// A decision on a command.
    Decided(Permit),
    /// The server's own book-keeping.
    System(SystemPermit),
}

impl From<Rows> for Write {
    fn from(rows: Rows) -> Self {
        Self::Rows(Box::new(rows))
    }
}

impl Warrant {
    /// Logs a failure together with what it was that failed.
    fn report(&self, applied: Result<Applied>) -> Result<Applied> {
        if let Err(StoreError::Database(error)) = &applied {
            let what = match self {
                Self::Decided(permit) => permit.command().event().name(),
                Self::System(permit) => permit.purpose(),
            };
            tracing::error!(%error, what, "store.write_failed");
        }
        applied
    }
}

/// A write, ready to be applied.
#[derive(Debug)]
pub(crate) enum Write {
    /// A hot write.
    Script(Statement),
    /// A write through the entities.
    Rows(Box<Rows>),
}

/// A write through the entities, in a transaction of its own.
#[derive(Debug)]
pub(crate) enum Rows {
    /// An account.
    Account(Box<accounts::NewAccount>),
    /// A token, and its connection.
    Token(tokens::NewToken),
    /// A token's end.
    Revocation(tokens::Revocation),
    /// When a mail is tried next.
    Postponed(outbox::Postponed),
    /// What tokens were used for lately.
    LastUses(tokens::LastUses),
    /// Mails that tell of failing provisioning.
    Notice(Box<tokens::health::Notice>),
    /// Who signs in, and how.
    Authn(authn::Change),
    /// What gives rights.
    Rights(Box<rights::Change>),
    /// Who administers an account, as it is noted.
    Administrators(Box<rights::administrators::Change>),
    /// A hot write that must not take an account's last administrator.
    Guarded(Box<rights::administrators::Guarded>),
    /// What waits for a second person.
    Approval(Box<rights::approvals::Change>),
    /// A release of the catalogue.
    Catalogue(Box<rights::catalogue::Activation>),
    /// An account itself.
    AccountChange(Box<accounts::changes::Change>),
    /// Who the operator's support users are.
    Support(Box<accounts::support::Change>),
    /// What properties an account's people can have.
    Properties(Box<properties::Change>),
    /// An activity alone: a denial.
    Activity(crate::domain::event::Activity),
    /// Seals of the record, and what was delivered with them.
    Sealing(Box<activities::chain::Sealing>),
    /// A signed head of a chain, or a key for it.
    Checkpoint(Box<activities::checkpoints::New>),
    /// What is personal in the record, to be erased.
    Erasure(Box<activities::personal::Erasure>),
}

#[derive(Debug)]
struct Job {
    write: Write,
    warrant: Warrant,
    reply: oneshot::Sender<Result<Applied>>,
}

/// A handle to the writer.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    connection: DatabaseConnection,
    queue: Option<mpsc::Sender<Job>>,
}

impl Writer {
    /// Starts the writer; on SQLite that is a task, which ends with the last handle.
    pub(crate) fn start(connection: DatabaseConnection, dialect: Dialect) -> Self {
        let queue = dialect.has_one_writer().then(|| {
            let (sender, receiver) = mpsc::channel(QUEUE);
            tokio::spawn(run(connection.clone(), receiver));
            sender
        });
        Self { connection, queue }
    }

    /// The connection behind, for migrations.
    pub(crate) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Applies a write; when this returns, it is durable.
    pub(crate) async fn apply(&self, write: Write, warrant: Warrant) -> Result<Applied> {
        let Some(queue) = &self.queue else {
            let applied = apply_on_pool(&self.connection, write).await;
            return warrant.report(applied);
        };
        let (reply, answer) = oneshot::channel();
        queue.try_send(Job { write, warrant, reply }).map_err(|_| StoreError::Busy)?;
        answer.await.map_err(|_| StoreError::Busy)?
    }
}

async fn apply_on_pool(connection: &DatabaseConnection, write: Write) -> Result<Applied> {
    let mut attempt = 0;
    loop {
        let applied = match &write {
            Write::Script(statement) => query(connection, statement.clone()).await,
            Write::Rows(rows) => in_transaction(connection, rows).await,
        };
        match applied {
            Err(StoreError::Database(error)) if attempt < RETRIES && is_race(&error) => {
                attempt += 1;
                tokio::time::sleep(Duration::from_millis(u64::from(attempt) * 3)).await;
            }
            settled => return settled,
        }
    }
}

/// Serialization failure or deadlock (SQLSTATE 40001, 40P01): the statement was undone as a whole, and
/// may be run again.
fn is_race(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) =
        error
    else {
        return false;
    };
    let state = cause.as_database_error().and_then(sqlx::error::DatabaseError::code);
    state.is_some_and(|state| ["40001", "40P01"].contains(&state.as_ref()))
}

async fn in_transaction(connection: &DatabaseConnection, rows: &Rows) -> Result<Applied> {
    let tx = connection.begin().await?;
    let applied = entities(&tx, rows).await?;
    tx.commit().await?;
    Ok(applied)
}

async fn query(connection: &impl ConnectionTrait, statement: Statement) -> Result<Applied> {
    let rows: Vec<QueryResult> = connection.query_all_raw(statement).await?;
    Applied::read(rows.last())
}

async fn entities(tx: &DatabaseTransaction, rows: &Rows) -> Result<Applied> {
    match rows {
        Rows::Account(new) => {
            let done = accounts::insert(tx, new).await?;
            return Ok(Applied { done, version: None, known: None });
        }
        Rows::AccountChange(change) => {
            let done = accounts::changes::apply(tx, change).await?;
            return Ok(Applied { done, version: None, known: None });
        }
        Rows::Token(new) => tokens::insert(tx, new).await?,
        Rows::Revocation(revocation) => {
            let done = tokens::revoke(tx, revocation).await?;
            return Ok(Applied { done, version: None, known: None });
        }
        Rows::Postponed(mail) => {
            let done = outbox::postpone(tx, mail).await?;
            return Ok(Applied { done, version: None, known: None });
        }
        Rows::LastUses(uses) => tokens::note_uses(tx, uses).await?,
        Rows::Notice(notice) => {
            let done = tokens::health::tell(tx, notice).await?;
            return Ok(Applied { done, version: None, known: None });
        }
        Rows::Authn(change) => {
            let done = authn::apply(tx, change).await?;
            return Ok(Applied { done, version: None, known: None });
        }
        Rows::Rights(change) => {
            let done = rights::apply(tx, change).await?;
            return Ok(Applied { done, version: None, known: None });
        }
        Rows::Approval(change) => {
            let done = rights::approvals::apply(tx, change).await?;
            return Ok(Applied { done, version: None, known: None });
        }
        Rows::Administrators(change) => rights::administrators::note(tx, change).await?,
        Rows::Guarded(write) => return rights::administrators::guarded(tx, write).await,
        Rows::Catalogue(release) => {
            let done = rights::catalogue::apply(tx, release).await?;
            return Ok(Applied { done, version: None, known: None });
        }
        Rows::Support(change) => {
            let done = accounts::support::apply(tx, change).await?;
            return Ok(Applied { done, version: None, known: None });
        }
        Rows::Properties(change) => {
            let done = properties::apply(tx, change).await?;
            return Ok(Applied { done, version: None, known: None });
        }
        Rows::Activity(activity) => activities::insert(tx, activity).await?,
        Rows::Sealing(sealing) => {
            let done = activities::chain::apply(tx, sealing).await?;
            return Ok(Applied { done, version: None, known: None });
        }
        Rows::Checkpoint(new) => {
            let done = activities::checkpoints::apply(tx, new).await?;
            return Ok(Applied { done, version: None, known: None });
        }
        Rows::Erasure(erasure) => activities::personal::erase(tx, erasure).await?,
    }
    Ok(Applied { done: true, version: None, known: None })
}

async fn run(connection: DatabaseConnection, mut queue: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut jobs, BATCH).await > 0 {
        if jobs.len() == 1
            && let Some(Job { write: Write::Script(_), .. }) = jobs.first()
        {
            for job in jobs.drain(..) {
                alone(&connection, job).await;
            }
        } else {
            together(&connection, std::mem::take(&mut jobs)).await;
        }
    }
}

/// One hot write with its own transaction, all in one call.
async fn alone(connection: &DatabaseConnection, job: Job) {
    let Job { write, warrant, reply } = job;
    let Write::Script(mut statement) = write else { return };
    statement.sql = format!("BEGIN IMMEDIATE; {}; COMMIT", statement.sql);
    let answer = query(connection, statement).await;
    if answer.is_err() {
        undo(connection, "ROLLBACK").await;
    }
    let _ = reply.send(warrant.report(answer));
}

/// Several writes, one commit.
async fn together(connection: &DatabaseConnection, jobs: Vec<Job>) {
    let mut replies = Vec::with_capacity(jobs.len());
    let committed = share_commit(connection, jobs, &mut replies).await;
    for (reply, answer) in replies {
        let answer = match &committed {
            Ok(()) => answer,
            Err(error) => Err(StoreError::Database(DbErr::Custom(error.to_string()))),
        };
        let _ = reply.send(answer);
    }
}

type Reply = (oneshot::Sender<Result<Applied>>, Result<Applied>);

async fn share_commit(
    connection: &DatabaseConnection,
    jobs: Vec<Job>,
    replies: &mut Vec<Reply>,
) -> Result<()> {
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = connection.begin_with_options(immediate).await?;
    for Job { write, warrant, reply } in jobs {
        let answer = match write {
            Write::Script(statement) => in_savepoint(&tx, statement).await,
            Write::Rows(rows) => in_nested(&tx, &rows).await,
        };
        replies.push((reply, warrant.report(answer)));
    }
    Ok(tx.commit().await?)
}

async fn in_savepoint(tx: &DatabaseTransaction, mut statement: Statement) -> Result<Applied> {
    statement.sql = format!("SAVEPOINT one; {}; RELEASE one", statement.sql);
    let answer = query(tx, statement).await;
    if answer.is_err() {
        undo(tx, "ROLLBACK TO one; RELEASE one").await;
    }
    answer
}

async fn in_nested(tx: &DatabaseTransaction, rows: &Rows) -> Result<Applied> {
    let nested = tx.begin().await?;
    let applied = entities(&nested, rows).await?;
    nested.commit().await?;
    Ok(applied)
}

async fn undo(connection: &impl ConnectionTrait, sql: &str) {
    if let Err(error) = connection.execute_unprepared(sql).await {
        tracing::error!(%error, "store.undo_failed");
    }
}
