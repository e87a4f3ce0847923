//! Passwords, and what a sign-in by one rests on.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    QueryFilter, QueryResult, QuerySelect, Set, Value,
};

use crate::domain::effect::Delivery;
use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, ResourceId, SessionId};
use crate::domain::sessions::EndedWhy;
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::{Comes, Scope};
use crate::scim::schema::COUNTERSIGN_USER;
use crate::store::authn::{links, sessions as ended};
use crate::store::entity::{passwords, sessions};
use crate::store::script::Sql;
use crate::store::{Result, Store, activities, outbox};

/// Accounts that one address may have a password in and still be written to about it.
const ADDRESSES: u8 = 10;
/// To how many users of an account technical mails go at most.
const READERS: u8 = 200;

/// A change of passwords.
#[derive(Debug)]
pub(crate) enum Change {
    /// A user's new password; done unless what it rests on has changed.
    Set(Box<NewPassword>),
    /// The same password, hashed at today's cost.
    Rehash(Box<Rehash>),
}

/// A password to be set.
#[derive(Debug)]
pub(crate) struct NewPassword {
    /// By what right.
    pub(crate) by: By,
    /// The account.
    pub(crate) account: AccountId,
    /// The user.
    pub(crate) user: ResourceId,
    /// Its hash.
    pub(crate) hash: String,
    /// The address that the user is known to read, folded.
    pub(crate) mail_key: Option<String>,
    /// Mails about it.
    pub(crate) notices: Vec<Delivery>,
    /// The activity.
    pub(crate) activity: Activity,
}

/// By what right a password is set.
#[derive(Debug)]
pub(crate) enum By {
    /// By the link whose secret has that hash, which is used up. All sessions of the user end.
    Link([u8; 32]),
    /// By the password that had this hash, in a session. All other sessions of the user end.
    Session(SessionId, String),
}

/// A hash to be put in place of one for the same password.
#[derive(Debug)]
pub(crate) struct Rehash {
    /// The account.
    pub(crate) account: AccountId,
    /// The user.
    pub(crate) user: ResourceId,
    /// The hash as it is.
    pub(crate) before: String,
    /// The hash as it shall be.
    pub(crate) after: String,
}

/// A user as far as passwords go.
#[derive(Debug, Clone)]
pub(crate) struct PasswordUser {
    /// The account.
    pub(crate) account: AccountId,
    /// The account's name in URLs.
    pub(crate) slug: String,
    /// The account's name for people.
    pub(crate) account_name: String,
    /// How the user comes in: by SSO if linked already, or provisioned by a connection that SSO is for.
    pub(crate) comes: Comes,
    /// The user.
    pub(crate) user: ResourceId,
    /// Whether they may sign in at all: they are active, and their account is in service.
    pub(crate) is_active: bool,
    /// Since when that is so.
    pub(crate) active_since: Timestamp,
    /// The SCIM document.
    pub(crate) document: String,
    /// The language that they chose themselves.
    pub(crate) own_language: Option<String>,
    /// The password's hash.
    pub(crate) hash: Option<String>,
    /// Whether that password was handed over by an administrator, and is to be changed first.
    pub(crate) is_initial: bool,
    /// When that password was set.
    pub(crate) set_at: Option<Timestamp>,
    /// The address that the user is known to read, folded.
    pub(crate) mail_key: Option<String>,
}

impl Store {
    /// The users in the account of that slug whose folded `userName` that is, or who are known to read
    /// at that folded address: for a sign-in. One statement, the same whether there are any.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn password_users_called(
        &self,
        slug: &str,
        key: &str,
    ) -> Result<Vec<PasswordUser>> {
        let condition = "u.deleted_at IS NULL AND (u.account_id, u.id) IN (\
             SELECT n.account_id, n.id FROM users n JOIN accounts b ON b.id = n.account_id \
             WHERE b.slug = ? AND n.user_name_key = ? AND n.deleted_at IS NULL UNION \
             SELECT m.account_id, m.user_id FROM passwords m JOIN accounts c ON c.id = m.account_id \
             WHERE c.slug = ? AND m.mail_key = ?)";
        let values = vec![slug.into(), key.into(), slug.into(), key.into()];
        self.password_users(condition, values).await
    }

    /// The same, for whoever may see accounts: to mail them a link.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn password_user_to_mail(
        &self,
        scope: &Scope,
        account: AccountId,
        user_name_key: &str,
    ) -> Result<Option<PasswordUser>> {
        let Scope::Operation = scope else { return Ok(None) };
        let found = self.password_users(
            "u.account_id = ? AND u.user_name_key = ? AND u.deleted_at IS NULL",
            vec![account.uuid().into(), user_name_key.into()],
        );
        Ok(found.await?.pop())
    }

    /// The user of that id.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn password_user(
        &self,
        account: AccountId,
        user: ResourceId,
    ) -> Result<Option<PasswordUser>> {
        let found = self.password_users(
            "u.account_id = ? AND u.id = ? AND u.deleted_at IS NULL",
            vec![account.uuid().into(), user.uuid().into()],
        );
        Ok(found.await?.pop())
    }

    /// The account's users who may sign in and opted in to mails about technical errors (S9); so many
    /// at most.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn technical_readers(&self, account: AccountId) -> Result<Vec<PasswordUser>> {
        let keys = [COUNTERSIGN_USER, "technicalNotifications"];
        let wants = self.dialect.json_bool("u.folded", &keys, true);
        let condition = format!(
            "u.account_id = ? AND u.deleted_at IS NULL AND u.active AND {} AND {wants} \
             ORDER BY u.id LIMIT {READERS}",
            ended::in_service("u")
        );
        self.password_users(&condition, vec![account.uuid().into()]).await
    }

    /// The users, in whatever account, who are known to read at that folded address.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn password_users_at(&self, mail_key: &str) -> Result<Vec<PasswordUser>> {
        let condition = format!("p.mail_key = ? AND u.deleted_at IS NULL LIMIT {ADDRESSES}");
        self.password_users(&condition, vec![mail_key.into()]).await
    }

    async fn password_users(
        &self,
        condition: &str,
        values: Vec<Value>,
    ) -> Result<Vec<PasswordUser>> {
        let flag =
            |condition: &str| format!("CAST(CASE WHEN {condition} THEN 1 ELSE 0 END AS bigint)");
        let is_by_sso = format!(
            "EXISTS (SELECT 1 FROM identities i WHERE i.account_id = u.account_id \
             AND i.user_id = u.id AND i.valid_to = {OPEN}) \
             OR EXISTS (SELECT 1 FROM sso_connections s WHERE s.account_id = u.account_id \
             AND s.connection_id = u.connection_id)",
            OPEN = OPEN_END.micros(),
        );
        let sql = Sql::new(
            format!(
                "SELECT a.id, a.slug, a.name, {}, u.id, {}, u.active_since, {}, u.document, \
                 p.hash, p.mail_key, p.changed_at, u.own_language, {} FROM users u JOIN accounts a ON a.id = u.account_id \
                 LEFT JOIN passwords p ON p.account_id = u.account_id AND p.user_id = u.id \
                 WHERE {condition}",
                flag("a.kind = 'operator'"),
                flag(&format!("u.active AND {}", ended::in_service("u"))),
                flag(&is_by_sso),
                flag("p.is_initial"),
            ),
            values,
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(user).collect()
    }
}

pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    match change {
        Change::Set(new) => set(tx, new).await,
        Change::Rehash(rehash) => replace_hash(tx, rehash).await,
    }
}

async fn set(tx: &DatabaseTransaction, new: &NewPassword) -> Result<bool> {
    let at = new.activity.at;
    let all = Condition::all()
        .add(sessions::Column::AccountId.eq(new.account.uuid()))
        .add(sessions::Column::UserId.eq(new.user.uuid()));
    let (is_right, sessions) = match &new.by {
        By::Link(link) => (links::consume(tx, *link, at).await?, all),
        By::Session(session, before) => {
            let found = find(tx, new.account, new.user).await?;
            let is_right = found.is_some_and(|found| found.hash == *before);
            (is_right, all.add(sessions::Column::Id.ne(session.uuid())))
        }
    };
    if !is_right {
        return Ok(false);
    }
    let row = passwords::ActiveModel {
        account_id: Set(new.account.uuid()),
        user_id: Set(new.user.uuid()),
        hash: Set(new.hash.clone()),
        changed_at: Set(at.micros()),
        mail_key: Set(new.mail_key.clone()),
        is_initial: Set(false),
    };
    if find(tx, new.account, new.user).await?.is_some() {
        row.update(tx).await?;
    } else {
        row.insert(tx).await?;
    }
    links::end_open(tx, (new.account, new.user), at).await?;
    ended::end_all(tx, sessions, EndedWhy::PasswordChanged, at).await?;
    for notice in &new.notices {
        outbox::insert(tx, notice).await?;
    }
    activities::insert(tx, &new.activity).await?;
    Ok(true)
}

async fn replace_hash(tx: &DatabaseTransaction, rehash: &Rehash) -> Result<bool> {
    let row = Condition::all()
        .add(passwords::Column::AccountId.eq(rehash.account.uuid()))
        .add(passwords::Column::UserId.eq(rehash.user.uuid()))
        .add(passwords::Column::Hash.eq(rehash.before.as_str()));
    let changed = passwords::Entity::update_many()
        .col_expr(passwords::Column::Hash, rehash.after.clone().into())
        .filter(row)
        .exec(tx)
        .await?;
    Ok(changed.rows_affected > 0)
}

/// The user's row, which nobody else changes, nor begins a session by, until the transaction ends.
async fn find(
    tx: &DatabaseTransaction,
    account: AccountId,
    user: ResourceId,
) -> Result<Option<passwords::Model>> {
    let key = (account.uuid(), user.uuid());
    Ok(passwords::Entity::find_by_id(key).lock_exclusive().one(tx).await?)
}

fn user(row: &QueryResult) -> Result<PasswordUser> {
    let is = |column: usize| row.try_get_by_index::<i64>(column).map(|flag| flag == 1);
    Ok(PasswordUser {
        account: AccountId::new(row.try_get_by_index(0)?),
        slug: row.try_get_by_index(1)?,
        account_name: row.try_get_by_index(2)?,
        comes: match (is(3)?, is(7)?) {
            (true, _) => Comes::AsStaff,
            (false, true) => Comes::BySso,
            (false, false) => Comes::ByPassword,
        },
        user: ResourceId::new(row.try_get_by_index(4)?),
        is_active: is(5)?,
        active_since: Timestamp::from_micros(row.try_get_by_index(6)?),
        document: row.try_get_by_index(8)?,
        hash: row.try_get_by_index(9)?,
        mail_key: row.try_get_by_index(10)?,
        set_at: row.try_get_by_index::<Option<i64>>(11)?.map(Timestamp::from_micros),
        own_language: row.try_get_by_index(12)?,
        is_initial: is(13)?,
    })
}
