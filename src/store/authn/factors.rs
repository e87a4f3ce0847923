//! Second factors: seeds, passkeys, recovery codes, and the ceremonies that make and show them.
//!
//! Whatever adds or removes one first locks its person's row, so that "the first" and "the last" are
//! true when they are acted on.

pub(in crate::store::authn) mod reads;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter, Set,
};

use crate::domain::event::Activity;
use crate::domain::ids::{FactorId, PersonId, SessionId};
use crate::domain::passwords::links::Purpose;
use crate::domain::sessions::EndedWhy;
use crate::domain::time::Timestamp;
use crate::store::authn::{sessions as browsers, tries};
use crate::store::dialect::Dialect;
use crate::store::entity::{
    one_time_links, passkey_ceremonies, passkeys, persons, recovery_codes, sessions, totp_factors,
};
use crate::store::{Result, StoreError, activities};

pub(crate) use crate::store::authn::factors::reads::{KeptPasskey, KeptSeed};

/// A change of second factors.
#[derive(Debug)]
pub(crate) enum Change {
    /// Keep a seed that is not confirmed yet, in place of others like it.
    Draft(Draft),
    /// Keep a ceremony's state, in place of another of its session and purpose.
    Begin(Ceremony),
    /// Take a ceremony away; done by one only.
    Take(Ceremony),
    /// Enrol a factor; not done if what allowed it is no longer so.
    Enrol(Box<Enrolment>),
    /// Count a factor as shown; not done if it was shown before.
    Show(Box<Showing>),
    /// Remove a factor; not done if there is none, or it is the last and must stay.
    Remove(Box<Removal>),
    /// Replace the recovery codes.
    Codes(Box<Codes>),
}

/// A seed to be confirmed.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Whose.
    pub(crate) person: PersonId,
    /// The session that enrols it.
    pub(crate) session: SessionId,
    /// Its id.
    pub(crate) id: FactorId,
    /// Sealed.
    pub(crate) seed: Vec<u8>,
    /// When it was made.
    pub(crate) at: Timestamp,
}

/// A passkey ceremony.
#[derive(Debug, Clone)]
pub(crate) struct Ceremony {
    /// The session that began it.
    pub(crate) session: SessionId,
    /// `enrol` or `show`.
    pub(crate) purpose: &'static str,
    /// The library's state.
    pub(crate) state: String,
    /// When it began.
    pub(crate) at: Timestamp,
    /// Those begun before then are cleared away with it.
    pub(crate) since: Timestamp,
}

/// A factor to be enrolled.
#[derive(Debug)]
pub(crate) struct Enrolment {
    /// Whose.
    pub(crate) person: PersonId,
    /// What allows it.
    pub(crate) warrant: Warrant,
    /// The factor.
    pub(crate) factor: NewFactor,
    /// What the person calls it.
    pub(crate) name: String,
    /// Hashes of recovery codes to go with the first.
    pub(crate) codes: Vec<[u8; 32]>,
    /// The session that stays; the person's others end.
    pub(crate) session: SessionId,
    /// The activity; its moment is that of the enrolment.
    pub(crate) activity: Activity,
}

/// What allows an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Warrant {
    /// The person has none yet.
    First,
    /// The person has none yet, and this link (a hash) has not been used.
    FirstByLink([u8; 32]),
    /// The person has one, and has shown it just now.
    Another,
}

/// A factor to be enrolled.
#[derive(Debug)]
pub(crate) enum NewFactor {
    /// A seed kept before, with the step of its first code.
    Totp(FactorId, i64),
    /// A passkey.
    Passkey(FactorId, KeptPasskey),
}

/// A factor that was shown and found right.
#[derive(Debug)]
pub(crate) struct Showing {
    /// Whose.
    pub(crate) person: PersonId,
    /// When.
    pub(crate) at: Timestamp,
    /// Which.
    pub(crate) used: Used,
    /// The activity, where it has one of its own.
    pub(crate) activity: Option<Activity>,
}

/// Which factor was shown.
#[derive(Debug)]
pub(crate) enum Used {
    /// A code of that step.
    Totp(FactorId, i64),
    /// A passkey, as it is to be kept from now on.
    Passkey(KeptPasskey),
    /// A recovery code of that hash.
    Code([u8; 32]),
}

/// A factor to be removed.
#[derive(Debug)]
pub(crate) struct Removal {
    /// Whose.
    pub(crate) person: PersonId,
    /// Which.
    pub(crate) id: FactorId,
    /// Whether one must be left.
    pub(crate) must_keep_one: bool,
    /// The session that stays; the person's others end.
    pub(crate) session: SessionId,
    /// The activity.
    pub(crate) activity: Activity,
}

/// New recovery codes.
#[derive(Debug)]
pub(crate) struct Codes {
    /// Whose.
    pub(crate) person: PersonId,
    /// Their hashes.
    pub(crate) hashes: Vec<[u8; 32]>,
    /// The activity.
    pub(crate) activity: Activity,
}

pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    match change {
        Change::Draft(draft) => keep_draft(tx, draft).await.map(|()| true),
        Change::Begin(ceremony) => begin(tx, ceremony).await.map(|()| true),
        Change::Take(ceremony) => take(tx, ceremony).await,
        Change::Enrol(enrolment) => enrol(tx, enrolment).await,
        Change::Show(showing) => show(tx, showing).await,
        Change::Remove(removal) => remove(tx, removal).await,
        Change::Codes(codes) => {
            lock(tx, codes.person).await?;
            replace_codes(tx, codes.person, &codes.hashes, codes.activity.at).await?;
            activities::insert(tx, &codes.activity).await?;
            Ok(true)
        }
    }
}

async fn keep_draft(tx: &DatabaseTransaction, draft: &Draft) -> Result<()> {
    totp_factors::Entity::delete_many()
        .filter(totp_factors::Column::PersonId.eq(draft.person.uuid()))
        .filter(totp_factors::Column::ConfirmedAt.is_null())
        .exec(tx)
        .await?;
    let row = totp_factors::ActiveModel {
        person_id: Set(draft.person.uuid()),
        id: Set(draft.id.uuid()),
        name: Set(String::new()),
        seed: Set(draft.seed.clone()),
        last_step: Set(0),
        confirmed_at: Set(None),
        created_at: Set(draft.at.micros()),
        last_used_at: Set(None),
        session_id: Set(Some(draft.session.uuid())),
    };
    row.insert(tx).await?;
    Ok(())
}

async fn begin(tx: &DatabaseTransaction, ceremony: &Ceremony) -> Result<()> {
    let same = Condition::all()
        .add(passkey_ceremonies::Column::SessionId.eq(ceremony.session.uuid()))
        .add(passkey_ceremonies::Column::Purpose.eq(ceremony.purpose));
    let stale = passkey_ceremonies::Column::CreatedAt.lt(ceremony.since.micros());
    passkey_ceremonies::Entity::delete_many()
        .filter(Condition::any().add(same).add(stale))
        .exec(tx)
        .await?;
    let row = passkey_ceremonies::ActiveModel {
        session_id: Set(ceremony.session.uuid()),
        purpose: Set(ceremony.purpose.to_owned()),
        state: Set(ceremony.state.clone()),
        created_at: Set(ceremony.at.micros()),
    };
    row.insert(tx).await?;
    Ok(())
}

/// The state itself is part of the condition, so that what was read is what is taken.
async fn take(tx: &DatabaseTransaction, ceremony: &Ceremony) -> Result<bool> {
    let taken = passkey_ceremonies::Entity::delete_many()
        .filter(passkey_ceremonies::Column::SessionId.eq(ceremony.session.uuid()))
        .filter(passkey_ceremonies::Column::Purpose.eq(ceremony.purpose))
        .filter(passkey_ceremonies::Column::State.eq(ceremony.state.as_str()))
        .exec(tx)
        .await?;
    Ok(taken.rows_affected == 1)
}

async fn enrol(tx: &DatabaseTransaction, new: &Enrolment) -> Result<bool> {
    let (person, at) = (new.person, new.activity.at);
    lock(tx, person).await?;
    let is_first = count(tx, person).await? == 0;
    if is_first == (new.warrant == Warrant::Another) {
        return Ok(false);
    }
    // They may have become staff since they were let in.
    if new.warrant == Warrant::First && reads::is_staff(tx, Dialect::of(tx), person).await? {
        return Ok(false);
    }
    if let Warrant::FirstByLink(hash) = new.warrant
        && !use_link(tx, hash, at).await?
    {
        return Ok(false);
    }
    match &new.factor {
        NewFactor::Totp(id, step) => confirm(tx, new, *id, *step).await?,
        NewFactor::Passkey(id, kept) => {
            let row = passkeys::ActiveModel {
                person_id: Set(person.uuid()),
                id: Set(id.uuid()),
                name: Set(new.name.clone()),
                credential_id: Set(kept.credential_id.clone()),
                credential: Set(kept.credential.clone()),
                counter: Set(kept.counter),
                created_at: Set(at.micros()),
                last_used_at: Set(Some(at.micros())),
            };
            row.insert(tx).await?;
        }
    }
    if is_first {
        replace_codes(tx, person, &new.codes, at).await?;
    }
    end_others(tx, person, new.session, at).await?;
    activities::insert(tx, &new.activity).await?;
    Ok(true)
}

/// Whatever was written before in this transaction is undone if another was faster.
async fn confirm(tx: &DatabaseTransaction, new: &Enrolment, id: FactorId, step: i64) -> Result<()> {
    let at = new.activity.at.micros();
    let confirmed = totp_factors::Entity::update_many()
        .col_expr(totp_factors::Column::ConfirmedAt, Some(at).into())
        .col_expr(totp_factors::Column::LastUsedAt, Some(at).into())
        .col_expr(totp_factors::Column::LastStep, step.into())
        .col_expr(totp_factors::Column::Name, new.name.as_str().into())
        .filter(totp_factors::Column::PersonId.eq(new.person.uuid()))
        .filter(totp_factors::Column::Id.eq(id.uuid()))
        .filter(totp_factors::Column::ConfirmedAt.is_null())
        .exec(tx)
        .await?;
    if confirmed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Taken) }
}

async fn show(tx: &DatabaseTransaction, showing: &Showing) -> Result<bool> {
    if !tries::forget(tx, &tries::factors_of(showing.person), showing.at).await? {
        return Ok(false);
    }
    let at = Expr::value(Some(showing.at.micros()));
    let person = showing.person.uuid();
    let counted = match &showing.used {
        Used::Totp(id, step) => {
            totp_factors::Entity::update_many()
                .col_expr(totp_factors::Column::LastStep, (*step).into())
                .col_expr(totp_factors::Column::LastUsedAt, at)
                .filter(totp_factors::Column::PersonId.eq(person))
                .filter(totp_factors::Column::Id.eq(id.uuid()))
                .filter(totp_factors::Column::ConfirmedAt.is_not_null())
                .filter(totp_factors::Column::LastStep.lt(*step))
                .exec(tx)
                .await?
                .rows_affected
        }
        Used::Passkey(kept) => {
            passkeys::Entity::update_many()
                .col_expr(passkeys::Column::Credential, kept.credential.as_str().into())
                .col_expr(passkeys::Column::Counter, kept.counter.into())
                .col_expr(passkeys::Column::LastUsedAt, at)
                .filter(passkeys::Column::PersonId.eq(person))
                .filter(passkeys::Column::CredentialId.eq(kept.credential_id.as_str()))
                .filter(grows(kept.counter))
                .exec(tx)
                .await?
                .rows_affected
        }
        Used::Code(hash) => {
            recovery_codes::Entity::update_many()
                .col_expr(recovery_codes::Column::UsedAt, at)
                .filter(recovery_codes::Column::PersonId.eq(person))
                .filter(recovery_codes::Column::CodeHash.eq(hash.to_vec()))
                .filter(recovery_codes::Column::UsedAt.is_null())
                .exec(tx)
                .await?
                .rows_affected
        }
    };
    if counted != 1 {
        // Undoes that the tries were forgotten.
        return Err(StoreError::Taken);
    }
    if let Some(activity) = &showing.activity {
        activities::insert(tx, activity).await?;
    }
    Ok(true)
}

/// A counter must grow, unless the passkey does not count at all.
fn grows(counter: i64) -> Condition {
    if counter == 0 {
        Condition::all().add(passkeys::Column::Counter.eq(0))
    } else {
        Condition::all().add(passkeys::Column::Counter.lt(counter))
    }
}

async fn remove(tx: &DatabaseTransaction, removal: &Removal) -> Result<bool> {
    let (person, id) = (removal.person, removal.id.uuid());
    lock(tx, person).await?;
    let left = count(tx, person).await?.saturating_sub(1);
    if removal.must_keep_one && left == 0 {
        return Ok(false);
    }
    let seeds = totp_factors::Entity::delete_by_id((person.uuid(), id))
        .filter(totp_factors::Column::ConfirmedAt.is_not_null())
        .exec(tx)
        .await?;
    let keys = passkeys::Entity::delete_by_id((person.uuid(), id)).exec(tx).await?;
    if seeds.rows_affected + keys.rows_affected == 0 {
        return Ok(false);
    }
    if left == 0 {
        replace_codes(tx, person, &[], removal.activity.at).await?;
    }
    end_others(tx, person, removal.session, removal.activity.at).await?;
    activities::insert(tx, &removal.activity).await?;
    Ok(true)
}

/// Voids all that a person enrolled: on becoming staff, whose first factor takes two people (M70). Says how
/// many factors there were.
pub(super) async fn void(tx: &DatabaseTransaction, person: PersonId, at: Timestamp) -> Result<u64> {
    lock(tx, person).await?;
    let seeds = totp_factors::Entity::delete_many()
        .filter(totp_factors::Column::PersonId.eq(person.uuid()))
        .exec(tx)
        .await?;
    let keys = passkeys::Entity::delete_many()
        .filter(passkeys::Column::PersonId.eq(person.uuid()))
        .exec(tx)
        .await?;
    replace_codes(tx, person, &[], at).await?;
    let sessions = Condition::all().add(sessions::Column::PersonId.eq(person.uuid()));
    browsers::end_all(tx, sessions, EndedWhy::FactorChanged, at).await?;
    Ok(seeds.rows_affected + keys.rows_affected)
}

/// Makes other changes of this person's factors wait until the transaction ends.
async fn lock(tx: &DatabaseTransaction, person: PersonId) -> Result<()> {
    persons::Entity::update_many()
        .col_expr(persons::Column::CreatedAt, Expr::col(persons::Column::CreatedAt))
        .filter(persons::Column::Id.eq(person.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

async fn count(tx: &DatabaseTransaction, person: PersonId) -> Result<u64> {
    let seeds = totp_factors::Entity::find()
        .filter(totp_factors::Column::PersonId.eq(person.uuid()))
        .filter(totp_factors::Column::ConfirmedAt.is_not_null())
        .count(tx)
        .await?;
    let keys = passkeys::Entity::find().filter(passkeys::Column::PersonId.eq(person.uuid()));
    Ok(seeds + keys.count(tx).await?)
}

async fn use_link(tx: &DatabaseTransaction, hash: [u8; 32], at: Timestamp) -> Result<bool> {
    let used = one_time_links::Entity::update_many()
        .col_expr(one_time_links::Column::UsedAt, Some(at.micros()).into())
        .filter(one_time_links::Column::SecretHash.eq(hash.to_vec()))
        .filter(one_time_links::Column::Purpose.eq(Purpose::Enrolment.as_str()))
        .filter(one_time_links::Column::UsedAt.is_null())
        .filter(one_time_links::Column::ExpiresAt.gt(at.micros()))
        .exec(tx)
        .await?;
    Ok(used.rows_affected == 1)
}

async fn replace_codes(
    tx: &DatabaseTransaction,
    person: PersonId,
    hashes: &[[u8; 32]],
    at: Timestamp,
) -> Result<()> {
    recovery_codes::Entity::delete_many()
        .filter(recovery_codes::Column::PersonId.eq(person.uuid()))
        .exec(tx)
        .await?;
    let rows = hashes.iter().map(|hash| recovery_codes::ActiveModel {
        person_id: Set(person.uuid()),
        code_hash: Set(hash.to_vec()),
        created_at: Set(at.micros()),
        used_at: Set(None),
    });
    if !hashes.is_empty() {
        recovery_codes::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn end_others(
    tx: &DatabaseTransaction,
    person: PersonId,
    but: SessionId,
    at: Timestamp,
) -> Result<()> {
    let others = Condition::all()
        .add(sessions::Column::PersonId.eq(person.uuid()))
        .add(sessions::Column::Id.ne(but.uuid()));
    browsers::end_all(tx, others, EndedWhy::FactorChanged, at).await.map(|_| ())
}
