//! What a new session rests on, asked again in the transaction that writes it: what was proven a moment
//! before may have been taken back meanwhile, and whoever takes it back ends only the sessions there are.
//!
//! Each row asked for is locked to the end of the transaction, so that whoever takes it back waits, and
//! then sees the session.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, EntityTrait as _,
    QueryFilter as _, QuerySelect as _,
};

use crate::domain::ids::SessionId;
use crate::domain::persons::Subject;
use crate::domain::sessions::Session;
use crate::domain::time::{OPEN_END, Timestamp};
use crate::store::Result;
use crate::store::dialect::Dialect;
use crate::store::entity::{identities, passwords, sso_connections, user_persons};
use crate::store::script::Sql;

/// What a session rests on.
#[derive(Debug, Clone)]
pub(crate) enum Basis {
    /// The session that it raises, and which ends with it.
    Session(SessionId),
    /// The link of a subject to the user, and the word of its provider, which was asked for at that moment.
    Identity(Subject, Timestamp),
    /// The user's password as it was set at that moment, whatever it was hashed at since.
    Password(Timestamp),
}

/// Whether an SSO session's link is open still, its connection is there, and its provider has not said
/// since the sign-in began that it is over.
pub(super) async fn is_vouched(
    tx: &DatabaseTransaction,
    session: &Session,
    subject: &Subject,
    begun_at: Timestamp,
) -> Result<bool> {
    let Some(sso) = session.sso else { return Ok(false) };
    let connection = sso_connections::Entity::find_by_id((session.account.uuid(), sso.uuid()))
        .lock_shared()
        .one(tx)
        .await?;
    if connection.is_none() {
        return Ok(false);
    }
    let link = identities::Entity::find()
        .filter(identities::Column::AccountId.eq(session.account.uuid()))
        .filter(identities::Column::Issuer.eq(subject.issuer.as_str()))
        .filter(identities::Column::Subject.eq(subject.subject.as_str()))
        .filter(identities::Column::ValidTo.eq(OPEN_END.micros()))
        .filter(identities::Column::UserId.eq(session.user.uuid()))
        .filter(identities::Column::PersonId.eq(session.person.uuid()))
        .lock_shared()
        .one(tx)
        .await?;
    Ok(link.is_some() && !is_over(tx, session, subject, begun_at).await?)
}

/// Whether the user's password is still the one that was set at that moment: to check one takes Argon2 a
/// while, in which it may be reset.
pub(super) async fn is_password(
    tx: &DatabaseTransaction,
    session: &Session,
    set_at: Timestamp,
) -> Result<bool> {
    let key = (session.account.uuid(), session.user.uuid());
    let row = passwords::Entity::find_by_id(key).lock_shared().one(tx).await?;
    Ok(row.is_some_and(|row| row.changed_at == set_at.micros()))
}

/// Whether the user is still the person whose session it is to be.
pub(super) async fn is_person(tx: &DatabaseTransaction, session: &Session) -> Result<bool> {
    let key = (session.account.uuid(), session.user.uuid());
    let row = user_persons::Entity::find_by_id(key).lock_shared().one(tx).await?;
    Ok(row.is_some_and(|row| row.person_id == session.person.uuid()))
}

/// Whether the provider has said so: of its session, or of all that the subject has.
async fn is_over(
    tx: &DatabaseTransaction,
    session: &Session,
    subject: &Subject,
    begun_at: Timestamp,
) -> Result<bool> {
    let there = session.provider_session.as_deref().unwrap_or_default();
    let sql = Sql::new(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM logout_tokens WHERE issuer = ? AND subject = ? \
         AND provider_session IN ('', ?) AND received_at >= ?) \
         OR EXISTS (SELECT 1 FROM logout_tokens WHERE issuer = ? AND provider_session = ? \
         AND provider_session <> '' AND subject = '' AND received_at >= ?)",
        vec![
            subject.issuer.as_str().into(),
            subject.subject.as_str().into(),
            there.into(),
            begun_at.micros().into(),
            subject.issuer.as_str().into(),
            there.into(),
            begun_at.micros().into(),
        ],
    );
    Ok(tx.query_one_raw(sql.statement(Dialect::of(tx))).await?.is_some())
}
