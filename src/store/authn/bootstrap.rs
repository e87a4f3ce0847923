//! The first approvers: named once, confirmed by each other, given their rights in the transaction of
//! the second confirmation.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, Set,
};
use uuid::Uuid;

use crate::domain::event::{Activity, Event};
use crate::domain::factors::Factors;
use crate::domain::ids::{AccountId, PersonId, ResourceId};
use crate::domain::passwords::links::OneTimeLink;
use crate::domain::persons::approvers::{Approver, Bootstrap, FUNCTION_CSD, USERS_ADMINISTER};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::store::authn::factors::reads;
use crate::store::authn::links;
use crate::store::entity::{bootstraps, seed_grants};
use crate::store::script::Sql;
use crate::store::{Result, Store, activities, rights};

/// The key of the one row.
const ONLY: i64 = 1;

/// A change of the first approvers.
#[derive(Debug)]
pub(crate) enum Change {
    /// Name them; not done if that was done before, or there are approvers.
    Start(Box<Naming>),
    /// New links for them; not done if they are others, or approvers already.
    Renew(Box<Naming>),
    /// One confirms the other; not done if they have, or it is complete.
    Confirm(Box<Confirmation>),
    /// Give a user of the demo what approvers would give them.
    Seed(Box<Seed>),
}

/// What a user of the demo has from the beginning.
#[derive(Debug)]
pub(crate) struct Seed {
    /// The account.
    pub(crate) account: AccountId,
    /// The user.
    pub(crate) user: ResourceId,
    /// Their rights.
    pub(crate) rights: &'static [&'static str],
    /// A link to enrol a first factor.
    pub(crate) link: Option<OneTimeLink>,
    /// The activity.
    pub(crate) activity: Activity,
}

/// The two, and their links.
#[derive(Debug)]
pub(crate) struct Naming {
    /// Who they are.
    pub(crate) bootstrap: Bootstrap,
    /// Links to enrol a first factor, as hashes.
    pub(crate) links: Vec<(ResourceId, [u8; 32])>,
    /// The activity.
    pub(crate) activity: Activity,
}

/// A confirmation.
#[derive(Debug)]
pub(crate) struct Confirmation {
    /// Who confirms.
    pub(crate) by: ResourceId,
    /// The activity; of the confirmation that completes it, the event is another.
    pub(crate) activity: Activity,
}

impl Store {
    /// The bootstrap, if there has been one.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn bootstrap(&self) -> Result<Option<Bootstrap>> {
        let row = bootstraps::Entity::find_by_id(ONLY).one(&self.reads).await?;
        Ok(row.map(|row| bootstrap(&row)))
    }

    /// Whether there are approvers in the operator's account, or were.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn has_approvers(&self, operator: AccountId) -> Result<bool> {
        has_approvers(&self.reads, operator).await
    }

    /// The active user of that folded userName.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn staff_by_name(
        &self,
        account: AccountId,
        key: &str,
    ) -> Result<Option<Approver>> {
        self.staff("u.user_name_key = ?", vec![account.uuid().into(), key.into()]).await
    }

    /// The active user of that id.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn staff_by_id(
        &self,
        account: AccountId,
        user: ResourceId,
    ) -> Result<Option<Approver>> {
        self.staff("u.id = ?", vec![account.uuid().into(), user.uuid().into()]).await
    }

    async fn staff(&self, which: &str, values: Vec<sea_orm::Value>) -> Result<Option<Approver>> {
        let sql = Sql::new(
            format!(
                "SELECT u.id, u.document, u.display_name, p.person_id FROM users u \
                 LEFT JOIN user_persons p ON p.account_id = u.account_id AND p.user_id = u.id \
                 WHERE u.account_id = ? AND {which} AND u.deleted_at IS NULL AND u.active"
            ),
            values,
        );
        let Some(row) = self.reads.query_one_raw(sql.statement(self.dialect)).await? else {
            return Ok(None);
        };
        let person = row.try_get_by_index::<Option<Uuid>>(3)?.map(PersonId::new);
        let factors = match person {
            Some(person) => self.factors(person).await?,
            None => Factors::default(),
        };
        Ok(Some(Approver {
            user: ResourceId::new(row.try_get_by_index(0)?),
            user_name: reads::user_name(&row.try_get_by_index::<String>(1)?),
            display_name: row.try_get_by_index(2)?,
            person,
            factors,
            confirmed_at: None,
        }))
    }
}

pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    match change {
        Change::Start(naming) => start(tx, naming).await,
        Change::Renew(naming) => renew(tx, naming).await,
        Change::Confirm(confirmation) => confirm(tx, confirmation).await,
        Change::Seed(seed) => self::seed(tx, seed).await,
    }
}

async fn start(tx: &DatabaseTransaction, naming: &Naming) -> Result<bool> {
    let is_known = bootstraps::Entity::find_by_id(ONLY).one(tx).await?.is_some();
    if is_known || has_approvers(tx, naming.bootstrap.account).await? {
        return Ok(false);
    }
    let [first, second] = naming.bootstrap.users;
    let row = bootstraps::ActiveModel {
        id: Set(ONLY),
        account_id: Set(naming.bootstrap.account.uuid()),
        first_user: Set(first.uuid()),
        second_user: Set(second.uuid()),
        first_confirmed_at: Set(None),
        second_confirmed_at: Set(None),
        created_at: Set(naming.activity.at.micros()),
        completed_at: Set(None),
    };
    row.insert(tx).await?;
    replace_links(tx, naming).await?;
    activities::insert(tx, &naming.activity).await?;
    Ok(true)
}

async fn renew(tx: &DatabaseTransaction, naming: &Naming) -> Result<bool> {
    let row = bootstraps::Entity::find_by_id(ONLY).one(tx).await?;
    let same = |row: &bootstraps::Model| {
        row.completed_at.is_none()
            && row.account_id == naming.bootstrap.account.uuid()
            && naming.bootstrap.users.map(ResourceId::uuid) == [row.first_user, row.second_user]
    };
    if !row.as_ref().is_some_and(same) {
        return Ok(false);
    }
    replace_links(tx, naming).await?;
    activities::insert(tx, &naming.activity).await?;
    Ok(true)
}

async fn confirm(tx: &DatabaseTransaction, confirmation: &Confirmation) -> Result<bool> {
    use bootstraps::Column;
    let (by, at) = (confirmation.by.uuid(), confirmation.activity.at.micros());
    let mut confirmed = 0;
    let sides = [
        (Column::FirstUser, Column::FirstConfirmedAt),
        (Column::SecondUser, Column::SecondConfirmedAt),
    ];
    for (user, confirmed_at) in sides {
        let done = bootstraps::Entity::update_many()
            .col_expr(confirmed_at, Some(at).into())
            .filter(Column::AccountId.eq(confirmation.activity.account.uuid()))
            .filter(user.eq(by))
            .filter(confirmed_at.is_null())
            .filter(Column::CompletedAt.is_null())
            .exec(tx)
            .await?;
        confirmed += done.rows_affected;
    }
    let row = bootstraps::Entity::find_by_id(ONLY).one(tx).await?;
    let Some(row) = row.filter(|_| confirmed == 1) else { return Ok(false) };
    let mut activity = confirmation.activity.clone();
    if row.first_confirmed_at.is_some() && row.second_confirmed_at.is_some() {
        activity.event = Event::BootstrapCompleted;
        complete(tx, &row, at).await?;
    }
    activities::insert(tx, &activity).await?;
    Ok(true)
}

async fn complete(tx: &DatabaseTransaction, row: &bootstraps::Model, at: i64) -> Result<()> {
    bootstraps::Entity::update_many()
        .col_expr(bootstraps::Column::CompletedAt, Some(at).into())
        .filter(bootstraps::Column::Id.eq(ONLY))
        .exec(tx)
        .await?;
    for user in [row.first_user, row.second_user] {
        grant(tx, (row.account_id, user), &[USERS_ADMINISTER, FUNCTION_CSD], (at, "bootstrap"))
            .await?;
    }
    Ok(())
}

async fn seed(tx: &DatabaseTransaction, seed: &Seed) -> Result<bool> {
    let (account, at) = (seed.account.uuid(), seed.activity.at.micros());
    if !seed.rights.is_empty() {
        grant(tx, (account, seed.user.uuid()), seed.rights, (at, "demo")).await?;
    }
    if let Some(link) = &seed.link {
        links::make_enrolment(tx, link).await?;
    }
    activities::insert(tx, &seed.activity).await?;
    Ok(true)
}

/// Seed grants of some rights, from a moment on.
async fn grant(
    tx: &DatabaseTransaction,
    (account, user): (Uuid, Uuid),
    rights: &[&str],
    (at, why): (i64, &str),
) -> Result<()> {
    let rows = rights.iter().map(|right| seed_grants::ActiveModel {
        account_id: Set(account),
        user_id: Set(user),
        right_key: Set((*right).to_owned()),
        valid_to: Set(OPEN_END.micros()),
        valid_from: Set(at),
        why: Set(why.to_owned()),
    });
    seed_grants::Entity::insert_many(rows).exec_without_returning(tx).await?;
    rights::reshape(tx, AccountId::new(account)).await
}

/// New links for the two; what they had before is void.
async fn replace_links(tx: &DatabaseTransaction, naming: &Naming) -> Result<()> {
    let account = naming.bootstrap.account;
    for user in naming.bootstrap.users {
        links::end_enrolments(tx, (account, user), naming.activity.at).await?;
    }
    for (user, hash) in &naming.links {
        let link = OneTimeLink::enrolment((account, *user), *hash, naming.activity.at);
        links::make_enrolment(tx, &link).await?;
    }
    Ok(())
}

/// In a customer's account the same keys make nobody an approver.
async fn has_approvers(connection: &impl ConnectionTrait, operator: AccountId) -> Result<bool> {
    let rights = [USERS_ADMINISTER, FUNCTION_CSD];
    let grants = seed_grants::Entity::find()
        .filter(seed_grants::Column::AccountId.eq(operator.uuid()))
        .filter(seed_grants::Column::RightKey.is_in(rights));
    Ok(grants.count(connection).await? > 0)
}

fn bootstrap(row: &bootstraps::Model) -> Bootstrap {
    let moment = |micros: Option<i64>| micros.map(Timestamp::from_micros);
    Bootstrap {
        account: AccountId::new(row.account_id),
        users: [row.first_user, row.second_user].map(ResourceId::new),
        confirmed_at: [row.first_confirmed_at, row.second_confirmed_at].map(moment),
        completed_at: moment(row.completed_at),
    }
}
