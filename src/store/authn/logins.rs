//! Sign-ins under way at a provider, and the links that they make between its subjects and our users.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    QueryFilter, QueryOrder as _, QuerySelect, QueryTrait as _, Set,
};

use crate::domain::account::Kind;
use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, ConnectionId, PersonId, ResourceId, SessionId, SsoId};
use crate::domain::persons::{Identity, Subject};
use crate::domain::sessions::EndedWhy;
use crate::domain::sso::{Login, OPEN_LOGINS};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Permit;
use crate::store::authn::{Change as Authn, factors, sessions as live};
use crate::store::dialect::Dialect;
use crate::store::entity::{
    accounts, identities, login_transactions, logout_tokens, persons, sessions, sso_connections,
    user_persons,
};
use crate::store::script::Sql;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError, activities};

/// A change of sign-ins and links.
#[derive(Debug)]
pub(crate) enum Change {
    /// Begin a sign-in; the browser's oldest beyond its limit end.
    Begin(Box<Login>),
    /// Take a sign-in out; done once.
    Take([u8; 32]),
    /// Link a subject to a user; not done if one of them has become another person meanwhile.
    Link(Box<NewLink>),
    /// Unlink a user from all subjects and from their person, and end their sessions.
    Unlink(ResourceId, Box<Activity>),
    /// End sessions as the provider says, if this is the first time it says so.
    LogOut(Box<LogOut>),
}

/// A link to be made.
#[derive(Debug)]
pub(crate) struct NewLink {
    /// The link.
    pub(crate) identity: Identity,
    /// Whether the person is to be made with it.
    pub(crate) is_new_person: bool,
    /// The person that the user is so far; the user becomes that of the link, if it is another.
    pub(crate) person_before: Option<PersonId>,
    /// The activity.
    pub(crate) activity: Activity,
}

/// A provider's word that sessions are over.
#[derive(Debug)]
pub(crate) struct LogOut {
    /// The provider.
    pub(crate) sso: SsoId,
    /// Its issuer identifier.
    pub(crate) issuer: String,
    /// The token's id.
    pub(crate) jti: String,
    /// Until when the id is kept.
    pub(crate) expires_at: Timestamp,
    /// Which session there.
    pub(crate) provider_session: Option<String>,
    /// Whose.
    pub(crate) subject: Option<String>,
    /// The activity.
    pub(crate) activity: Activity,
}

/// The user that a subject is linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Linked {
    /// The user.
    pub(crate) user: ResourceId,
    /// Whether it exists still.
    pub(crate) exists: bool,
    /// Whether it is active.
    pub(crate) is_active: bool,
}

/// A user who could be the one who came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The user.
    pub(crate) user: ResourceId,
    /// Whether it is active.
    pub(crate) is_active: bool,
    /// The person it is, if it has become one.
    pub(crate) person: Option<PersonId>,
    /// Whether the provider calls it something else already.
    pub(crate) is_linked: bool,
}

impl Store {
    /// Unlinks a user; false if they are not linked.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn unlink(&self, change: Change, permit: Permit) -> Result<bool> {
        let write = Rows::Authn(Authn::Logins(change)).into();
        Ok(self.writer.apply(write, Warrant::Decided(permit)).await?.done)
    }

    /// The sign-in of that state.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn login(&self, state_hash: &[u8; 32]) -> Result<Option<Login>> {
        let key = state_hash.to_vec();
        let row = login_transactions::Entity::find_by_id(key).one(&self.reads).await?;
        row.map(login).transpose()
    }

    /// The user that the subject is linked to in the account.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn linked_user(
        &self,
        account: AccountId,
        subject: &Subject,
    ) -> Result<Option<Linked>> {
        let sql = Sql::new(
            "SELECT i.user_id, CAST(CASE WHEN u.deleted_at IS NULL THEN 1 ELSE 0 END AS bigint), \
             CAST(CASE WHEN u.active THEN 1 ELSE 0 END AS bigint) FROM identities i \
             JOIN users u ON u.account_id = i.account_id AND u.id = i.user_id \
             WHERE i.account_id = ? AND i.issuer = ? AND i.subject = ? AND i.valid_to = ?",
            vec![
                account.uuid().into(),
                subject.issuer.as_str().into(),
                subject.subject.as_str().into(),
                OPEN_END.micros().into(),
            ],
        );
        let Some(row) = self.reads.query_one_raw(sql.statement(self.dialect)).await? else {
            return Ok(None);
        };
        Ok(Some(Linked {
            user: ResourceId::new(row.try_get_by_index(0)?),
            exists: row.try_get_by_index::<i64>(1)? == 1,
            is_active: row.try_get_by_index::<i64>(2)? == 1,
        }))
    }

    /// The live users of a provisioning connection with that `externalId`, two at most, and whether the
    /// issuer calls them something already.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn link_candidates(
        &self,
        (account, connection): (AccountId, ConnectionId),
        issuer: &str,
        external_id: &str,
    ) -> Result<Vec<Candidate>> {
        let sql = Sql::new(
            "SELECT u.id, CAST(CASE WHEN u.active THEN 1 ELSE 0 END AS bigint), p.person_id, \
             CAST(CASE WHEN EXISTS (SELECT 1 FROM identities i WHERE i.account_id = u.account_id \
             AND i.user_id = u.id AND i.valid_to = ? AND i.issuer = ?) THEN 1 ELSE 0 END AS bigint) \
             FROM users u \
             LEFT JOIN user_persons p ON p.account_id = u.account_id AND p.user_id = u.id \
             WHERE u.account_id = ? AND u.external_id = ? AND u.connection_id = ? \
             AND u.deleted_at IS NULL LIMIT 2",
            vec![
                OPEN_END.micros().into(),
                issuer.into(),
                account.uuid().into(),
                external_id.into(),
                connection.uuid().into(),
            ],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let candidate = |row: &sea_orm::QueryResult| {
            let person: Option<uuid::Uuid> = row.try_get_by_index(2)?;
            Ok(Candidate {
                user: ResourceId::new(row.try_get_by_index(0)?),
                is_active: row.try_get_by_index::<i64>(1)? == 1,
                person: person.map(PersonId::new),
                is_linked: row.try_get_by_index::<i64>(3)? == 1,
            })
        };
        rows.iter().map(candidate).collect()
    }

    /// Whether a person has an open link or a second factor.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn has_proofs(&self, person: PersonId) -> Result<bool> {
        has_proofs(&self.reads, person).await
    }

    /// The person that the subject is, in whatever account, or was last.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn person_of(&self, subject: &Subject) -> Result<Option<PersonId>> {
        person_of(&self.reads, subject).await
    }
}

pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    match change {
        Change::Begin(new) => begin(tx, new).await.map(|()| true),
        Change::Take(state_hash) => {
            let taken =
                login_transactions::Entity::delete_by_id(state_hash.to_vec()).exec(tx).await?;
            Ok(taken.rows_affected == 1)
        }
        Change::Link(new) => link(tx, new).await,
        Change::Unlink(user, activity) => unlink(tx, *user, activity).await,
        Change::LogOut(word) => log_out(tx, word).await,
    }
}

async fn begin(tx: &DatabaseTransaction, new: &Login) -> Result<()> {
    let of_browser = login_transactions::Column::BrowserHash.eq(new.browser_hash.to_vec());
    let newest = login_transactions::Entity::find()
        .select_only()
        .column(login_transactions::Column::StateHash)
        .filter(of_browser.clone())
        .order_by_desc(login_transactions::Column::CreatedAt)
        .limit(OPEN_LOGINS - 1)
        .into_query();
    login_transactions::Entity::delete_many()
        .filter(of_browser)
        .filter(login_transactions::Column::StateHash.not_in_subquery(newest))
        .exec(tx)
        .await?;
    let row = login_transactions::ActiveModel {
        state_hash: Set(new.state_hash.to_vec()),
        browser_hash: Set(new.browser_hash.to_vec()),
        account_id: Set(new.account.uuid()),
        sso_id: Set(new.sso.uuid()),
        nonce: Set(new.nonce.clone()),
        verifier: Set(new.verifier.clone()),
        return_to: Set(new.return_to.clone()),
        max_age: Set(new.max_age),
        replaces: Set(new.replaces.map(SessionId::uuid)),
        created_at: Set(new.created_at.micros()),
    };
    row.insert(tx).await?;
    Ok(())
}

async fn link(tx: &DatabaseTransaction, new: &NewLink) -> Result<bool> {
    let NewLink { identity, is_new_person, activity, .. } = new;
    let subject = &identity.subject;
    if let Some(lock) = Dialect::of(tx).subject_lock() {
        let key = format!("{} {}", subject.issuer, subject.subject);
        let sql = Sql::new(lock, vec![key.into()]);
        tx.query_one_raw(sql.statement(Dialect::of(tx))).await?;
    }
    let known = person_of(tx, subject).await?;
    if known.is_some_and(|person| person != identity.person) {
        return Ok(false);
    }
    // What the subject was linked to before is gone: the caller saw that.
    close(tx, of_subject(identity.account, subject), activity.at).await?;
    if *is_new_person {
        let at = Set(identity.linked_at.micros());
        let row = persons::ActiveModel { id: Set(identity.person.uuid()), created_at: at };
        row.insert(tx).await?;
    }
    let is_changed = new.person_before != Some(identity.person);
    if is_changed && !*is_new_person && is_operator(tx, identity.account).await? {
        factors::void(tx, identity.person, activity.at).await?;
    }
    if !become_person(tx, new).await? {
        return Ok(false);
    }
    let row = identities::ActiveModel {
        account_id: Set(identity.account.uuid()),
        issuer: Set(subject.issuer.clone()),
        subject: Set(subject.subject.clone()),
        valid_to: Set(OPEN_END.micros()),
        user_id: Set(identity.user.uuid()),
        person_id: Set(identity.person.uuid()),
        sso_id: Set(identity.sso.uuid()),
        linked_at: Set(identity.linked_at.micros()),
    };
    row.insert(tx).await?;
    activities::insert(tx, activity).await?;
    Ok(true)
}

async fn is_operator(tx: &DatabaseTransaction, account: AccountId) -> Result<bool> {
    let row = accounts::Entity::find_by_id(account.uuid()).one(tx).await?;
    Ok(row.is_some_and(|row| row.kind == Kind::Operator.as_str()))
}

/// Makes the user the link's person. Who was another before has their sessions ended; false if they are
/// not whom the caller saw, or that person has proofs to be kept by now.
async fn become_person(tx: &DatabaseTransaction, new: &NewLink) -> Result<bool> {
    let NewLink { identity, person_before, activity, .. } = new;
    let (account, user) = (identity.account.uuid(), identity.user.uuid());
    let person = identity.person.uuid();
    let Some(before) = person_before else {
        let row = user_persons::ActiveModel {
            account_id: Set(account),
            user_id: Set(user),
            person_id: Set(person),
        };
        row.insert(tx).await?;
        return Ok(true);
    };
    let is_other = *before != identity.person;
    if is_other && has_proofs(tx, *before).await? {
        return Ok(false);
    }
    // Also where it changes nothing: the row is then locked, and was there.
    let changed = user_persons::Entity::update_many()
        .col_expr(user_persons::Column::PersonId, person.into())
        .filter(user_persons::Column::AccountId.eq(account))
        .filter(user_persons::Column::UserId.eq(user))
        .filter(user_persons::Column::PersonId.eq(before.uuid()))
        .exec(tx)
        .await?;
    if changed.rows_affected == 0 {
        return Ok(false);
    }
    if is_other {
        let of_user = Condition::all()
            .add(sessions::Column::AccountId.eq(account))
            .add(sessions::Column::UserId.eq(user));
        live::end_all(tx, of_user, EndedWhy::Linked, activity.at).await?;
    }
    Ok(true)
}

async fn unlink(tx: &DatabaseTransaction, user: ResourceId, activity: &Activity) -> Result<bool> {
    let of_user = Condition::all()
        .add(identities::Column::AccountId.eq(activity.account.uuid()))
        .add(identities::Column::UserId.eq(user.uuid()));
    let was_linked = close(tx, of_user, activity.at).await?;
    let key = (activity.account.uuid(), user.uuid());
    let was_person = user_persons::Entity::delete_by_id(key).exec(tx).await?.rows_affected > 0;
    if !was_linked && !was_person {
        return Ok(false);
    }
    let of_user = Condition::all()
        .add(sessions::Column::AccountId.eq(activity.account.uuid()))
        .add(sessions::Column::UserId.eq(user.uuid()));
    live::end_all(tx, of_user, EndedWhy::Unlinked, activity.at).await?;
    activities::insert(tx, activity).await?;
    Ok(true)
}

async fn log_out(tx: &DatabaseTransaction, word: &LogOut) -> Result<bool> {
    // Sessions about to begin by it begin before, and end here, or see the word, and do not begin.
    let key = (word.activity.account.uuid(), word.sso.uuid());
    sso_connections::Entity::find_by_id(key).lock_exclusive().one(tx).await?;
    let seen = logout_tokens::ActiveModel {
        issuer: Set(word.issuer.clone()),
        jti: Set(word.jti.clone()),
        expires_at: Set(word.expires_at.micros()),
        subject: Set(word.subject.clone().unwrap_or_default()),
        provider_session: Set(word.provider_session.clone().unwrap_or_default()),
        received_at: Set(word.activity.at.micros()),
    };
    seen.insert(tx).await?;
    let account = word.activity.account;
    let mut which = Condition::all()
        .add(sessions::Column::AccountId.eq(account.uuid()))
        .add(sessions::Column::SsoId.eq(word.sso.uuid()));
    if let Some(session) = &word.provider_session {
        which = which.add(sessions::Column::ProviderSession.eq(session.as_str()));
    }
    if let Some(subject) = &word.subject {
        let subject = Subject { issuer: word.issuer.clone(), subject: subject.clone() };
        let whose = identities::Entity::find()
            .select_only()
            .column(identities::Column::UserId)
            .filter(of_subject(account, &subject))
            .filter(identities::Column::ValidTo.eq(OPEN_END.micros()));
        which = which.add(sessions::Column::UserId.in_subquery(whose.into_query()));
    }
    let done = live::end_all(tx, which, EndedWhy::LoggedOutByProvider, word.activity.at).await?;
    if done {
        activities::insert(tx, &word.activity).await?;
    }
    Ok(done)
}

async fn person_of(
    connection: &impl ConnectionTrait,
    subject: &Subject,
) -> Result<Option<PersonId>> {
    let row = identities::Entity::find()
        .filter(identities::Column::Issuer.eq(subject.issuer.as_str()))
        .filter(identities::Column::Subject.eq(subject.subject.as_str()))
        .order_by_desc(identities::Column::ValidTo)
        .one(connection)
        .await?;
    Ok(row.map(|row| PersonId::new(row.person_id)))
}

async fn has_proofs(connection: &impl ConnectionTrait, person: PersonId) -> Result<bool> {
    let id = person.uuid();
    let sql = Sql::new(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM identities WHERE person_id = ? AND valid_to = ?) \
         OR EXISTS (SELECT 1 FROM totp_factors WHERE person_id = ? AND confirmed_at IS NOT NULL) \
         OR EXISTS (SELECT 1 FROM passkeys WHERE person_id = ?)",
        vec![id.into(), OPEN_END.micros().into(), id.into(), id.into()],
    );
    let dialect = Dialect::of(connection);
    Ok(connection.query_one_raw(sql.statement(dialect)).await?.is_some())
}

/// Ends links; says whether one was open.
async fn close(tx: &DatabaseTransaction, which: Condition, at: Timestamp) -> Result<bool> {
    let closed = identities::Entity::update_many()
        .col_expr(identities::Column::ValidTo, at.micros().into())
        .filter(which.add(identities::Column::ValidTo.eq(OPEN_END.micros())))
        .exec(tx)
        .await?;
    Ok(closed.rows_affected > 0)
}

fn of_subject(account: AccountId, subject: &Subject) -> Condition {
    Condition::all()
        .add(identities::Column::AccountId.eq(account.uuid()))
        .add(identities::Column::Issuer.eq(subject.issuer.as_str()))
        .add(identities::Column::Subject.eq(subject.subject.as_str()))
}

fn login(row: login_transactions::Model) -> Result<Login> {
    let hash = |bytes: Vec<u8>| {
        bytes.try_into().map_err(|_| StoreError::Inconsistent {
            table: "login_transactions",
            what: "a hash is not 32 bytes".to_owned(),
        })
    };
    Ok(Login {
        state_hash: hash(row.state_hash)?,
        browser_hash: hash(row.browser_hash)?,
        account: AccountId::new(row.account_id),
        sso: SsoId::new(row.sso_id),
        nonce: row.nonce,
        verifier: row.verifier,
        return_to: row.return_to,
        max_age: row.max_age,
        replaces: row.replaces.map(SessionId::new),
        created_at: Timestamp::from_micros(row.created_at),
    })
}
