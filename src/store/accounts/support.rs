//! The operator's support users: what groups make of them ([`posts`]), the directory ([`directory`]), and
//! changes of both. Rows have periods: a change closes one and makes another.

mod directory;
pub(crate) mod grants;
mod listed;
mod posts;

use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};

use crate::domain::account::SupportMode;
use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, DelegationId, ResourceId, SupportFunctionId};
use crate::domain::persons::support::{
    Check, Delegation, Function, Functions, GivenFunction, NewTeam, Post,
};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Permit;
use crate::store::dialect::Dialect;
use crate::store::rights::reshape;
use crate::store::script::Sql;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, activities};

/// A change of the operator's support users, with its line of the record.
#[derive(Debug)]
pub(crate) struct Change {
    /// What changes.
    pub(crate) what: What,
    /// The record's line; its account and moment are those of the change.
    pub(crate) activity: Activity,
}

/// What changes.
#[derive(Debug)]
pub(crate) enum What {
    /// Have a group give something.
    Give(GivenFunction),
    /// Have it give that no longer.
    End(SupportFunctionId),
    /// Have somebody stand in.
    Delegate(Delegation),
    /// No longer.
    EndDelegation(DelegationId),
    /// Note a background check, by the second.
    Check(ResourceId, ResourceId, Check),
}

impl Store {
    /// Applies a change; false if what it changes is not there any more.
    ///
    /// # Errors
    /// [`StoreError::Taken`](crate::store::StoreError::Taken) if it is there already, and if the database
    /// fails.
    pub(crate) async fn change_support(&self, change: Change, permit: Permit) -> Result<bool> {
        let write = Rows::Support(Box::new(change)).into();
        Ok(self.writer.apply(write, Warrant::Decided(permit)).await?.done)
    }

    /// What an active user of the operator's account is, and where they work: by groups, by seeds, by
    /// standing in for a director.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn staff_functions(
        &self,
        account: AccountId,
        user: ResourceId,
        now: Timestamp,
    ) -> Result<Functions> {
        let mut sql = posts::of_one(self.dialect, (account, user), now);
        sql.push(" SELECT gives, name FROM posts WHERE user_id = ?", [user.uuid().into()]);
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(|row| posts::read(row, 0)).collect()
    }

    /// Whether the operator's account has an active director.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn has_director(&self, account: AccountId, now: Timestamp) -> Result<bool> {
        let mut sql = posts::of_all(self.dialect, account, now);
        let director = Post::Function(Function::Csd);
        sql.push(
            " SELECT 1 FROM posts WHERE gives = ? AND name = ? LIMIT 1",
            [director.kind().into(), director.name().into()],
        );
        Ok(self.reads.query_one_raw(sql.statement(self.dialect)).await?.is_some())
    }

    /// Whether a user, or another who may be the same human, is in a group, groups in it included.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn may_be_in(
        &self,
        (account, user): (AccountId, ResourceId),
        group: ResourceId,
    ) -> Result<bool> {
        let mut sql = posts::of_selves(self.dialect, (account, user));
        sql.push(" SELECT 1 FROM up WHERE group_id = ? LIMIT 1", [group.uuid().into()]);
        Ok(self.reads.query_one_raw(sql.statement(self.dialect)).await?.is_some())
    }
}

/// Applies a change in the caller's transaction; says whether it took effect.
pub(in crate::store) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    let activity = &change.activity;
    let done = match &change.what {
        What::Give(new) => give(tx, new, activity).await.map(|()| true)?,
        What::End(id) => close(tx, ("support_functions", "id"), id.uuid(), activity).await?,
        What::Delegate(new) => delegate(tx, new, activity).await.map(|()| true)?,
        What::EndDelegation(id) => {
            close(tx, ("csd_delegations", "id"), id.uuid(), activity).await?
        }
        What::Check(user, by, check) => {
            note(tx, (*user, *by), check, activity).await.map(|()| true)?
        }
    };
    if done {
        // By what teams and functions groups give, support users are let in.
        if let What::Give(_) | What::End(_) = &change.what {
            reshape(tx, activity.account).await?;
        }
        activities::insert(tx, activity).await?;
    }
    Ok(done)
}

async fn give(tx: &impl ConnectionTrait, new: &GivenFunction, activity: &Activity) -> Result<()> {
    let values: Vec<Value> = vec![
        new.account.uuid().into(),
        new.id.uuid().into(),
        OPEN_END.micros().into(),
        activity.at.micros().into(),
        new.group.uuid().into(),
        new.post.kind().into(),
        new.post.name().into(),
        new.is_pending.into(),
        new.created_at.micros().into(),
        new.created_by.uuid().into(),
    ];
    insert(tx, "support_functions", values).await
}

async fn delegate(tx: &impl ConnectionTrait, new: &Delegation, activity: &Activity) -> Result<()> {
    let values: Vec<Value> = vec![
        new.account.uuid().into(),
        new.id.uuid().into(),
        OPEN_END.micros().into(),
        activity.at.micros().into(),
        new.from.uuid().into(),
        new.to.uuid().into(),
        new.period.starts_at.micros().into(),
        new.period.ends_at.micros().into(),
        new.created_at.micros().into(),
    ];
    insert(tx, "csd_delegations", values).await
}

async fn note(
    tx: &impl ConnectionTrait,
    (user, by): (ResourceId, ResourceId),
    check: &Check,
    activity: &Activity,
) -> Result<()> {
    close(tx, ("background_checks", "user_id"), user.uuid(), activity).await?;
    let values: Vec<Value> = vec![
        activity.account.uuid().into(),
        user.uuid().into(),
        OPEN_END.micros().into(),
        activity.at.micros().into(),
        check.checked_on.as_str().into(),
        check.valid_until.as_str().into(),
        by.uuid().into(),
    ];
    insert(tx, "background_checks", values).await
}

/// Puts a mode in place of the one that an account has.
pub(super) async fn set_mode(
    tx: &impl ConnectionTrait,
    mode: SupportMode,
    activity: &Activity,
) -> Result<()> {
    let account = activity.account.uuid();
    close(tx, ("account_support_modes", "account_id"), account, activity).await?;
    let values: Vec<Value> = vec![
        account.into(),
        OPEN_END.micros().into(),
        activity.at.micros().into(),
        mode.as_str().into(),
        activity.actor.id().into(),
    ];
    insert(tx, "account_support_modes", values).await
}

/// Names who looks after a new account.
pub(super) async fn set_team(
    tx: &impl ConnectionTrait,
    team: NewTeam,
    activity: &Activity,
) -> Result<()> {
    let named = [(Function::Csm, Some(team.csm)), (Function::OnboardingPm, team.onboarding_pm)];
    for (function, user) in named {
        let Some(user) = user else { continue };
        let values: Vec<Value> = vec![
            activity.account.uuid().into(),
            function.as_str().into(),
            OPEN_END.micros().into(),
            activity.at.micros().into(),
            user.uuid().into(),
            activity.actor.id().into(),
        ];
        insert(tx, "account_team", values).await?;
    }
    Ok(())
}

/// The columns of each table, in the order in which its rows are written.
const COLUMNS: [(&str, &str); 5] = [
    (
        "support_functions",
        "account_id, id, valid_to, valid_from, group_id, gives, name, pending, created_at, created_by",
    ),
    (
        "csd_delegations",
        "account_id, id, valid_to, valid_from, from_user, to_user, starts_at, ends_at, created_at",
    ),
    (
        "background_checks",
        "account_id, user_id, valid_to, valid_from, checked_on, valid_until, noted_by",
    ),
    ("account_support_modes", "account_id, valid_to, valid_from, mode, set_by"),
    ("account_team", "account_id, function, valid_to, valid_from, user_id, set_by"),
];

async fn insert(tx: &impl ConnectionTrait, table: &'static str, values: Vec<Value>) -> Result<()> {
    let columns = COLUMNS.iter().find(|(of, _)| *of == table).map_or("", |(_, columns)| columns);
    let marks = vec!["?"; values.len()].join(", ");
    let sql = Sql::new(format!("INSERT INTO {table} ({columns}) VALUES ({marks})"), values);
    tx.execute_raw(sql.statement(Dialect::of(tx))).await?;
    Ok(())
}

/// Closes the open row whose column has that value; false if there is none.
async fn close(
    tx: &impl ConnectionTrait,
    (table, column): (&'static str, &'static str),
    value: uuid::Uuid,
    activity: &Activity,
) -> Result<bool> {
    let sql = Sql::new(
        format!(
            "UPDATE {table} SET valid_to = ? WHERE account_id = ? AND {column} = ? AND valid_to = ?"
        ),
        vec![
            activity.at.micros().into(),
            activity.account.uuid().into(),
            value.into(),
            OPEN_END.micros().into(),
        ],
    );
    Ok(tx.execute_raw(sql.statement(Dialect::of(tx))).await?.rows_affected() > 0)
}
