//! Sessions, and the person that a user becomes at the first sign-in.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, PersonId, ResourceId, SessionId, SsoId};
use crate::domain::sessions::{EndedWhy, Level, Session, Visitor, Way};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Permit;
use crate::store::authn::basis::{self, Basis};
use crate::store::entity::{account_sign_in, persons, sessions, user_persons};
use crate::store::script::{Script, Sql};
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError, activities};

/// How many sessions are listed at most.
const SHOWN: u64 = 100;

/// A change of sessions.
#[derive(Debug)]
pub(crate) enum Change {
    /// Begin one; not done if what it rests on is no longer so.
    Start(Box<NewSession>),
    /// End some; done if one was live.
    End(Box<Ending>),
    /// Note that one was used.
    Seen(SessionId, Timestamp),
    /// Have an account demand a second factor of all, which ends sessions without one, or no longer.
    Demand(bool, Box<Activity>),
}

/// A session to begin.
#[derive(Debug)]
pub(crate) struct NewSession {
    /// The session.
    pub(crate) session: Session,
    /// Whether its person is new, and to be made with it.
    pub(crate) is_new_person: bool,
    /// What it rests on.
    pub(crate) rests_on: Basis,
    /// The sessions that its browser had, which end with it.
    pub(crate) replaces: Vec<SessionId>,
    /// The activity.
    pub(crate) activity: Activity,
}

/// Sessions to end.
#[derive(Debug)]
pub(crate) struct Ending {
    /// Which.
    pub(crate) which: Which,
    /// Why.
    pub(crate) why: EndedWhy,
    /// The activity; its moment is their end.
    pub(crate) activity: Activity,
}

/// Which live sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    /// One of a person.
    One(PersonId, SessionId),
    /// All of a person but one.
    OthersOf(PersonId, Option<SessionId>),
}

/// What a sign-in rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignInUser {
    /// Whether the account is the operator's.
    pub(crate) is_staff: bool,
    /// Whether the account demands a second factor of all.
    pub(crate) account_requires_second_factor: bool,
    /// The person, if the user has one already.
    pub(crate) person: Option<PersonId>,
    /// Whether that person has a second factor here.
    pub(crate) has_factor: bool,
}

impl Store {
    /// Says whether an account demands a second factor of all its users.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn demand_factor(
        &self,
        is_demanded: bool,
        activity: Activity,
        permit: Permit,
    ) -> Result<()> {
        let change = Change::Demand(is_demanded, Box::new(activity));
        let write = Rows::Authn(crate::store::authn::Change::Sessions(change)).into();
        self.writer.apply(write, Warrant::Decided(permit)).await.map(|_| ())
    }

    /// What a sign-in of the user rests on; none if there is no such active user, or their account is not in
    /// service. One statement.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn sign_in_user(
        &self,
        account: AccountId,
        user: ResourceId,
    ) -> Result<Option<SignInUser>> {
        let flag =
            |condition: &str| format!("CAST(CASE WHEN {condition} THEN 1 ELSE 0 END AS bigint)");
        let has_factor = "EXISTS (SELECT 1 FROM totp_factors t WHERE t.person_id = p.person_id \
                          AND t.confirmed_at IS NOT NULL) \
                          OR EXISTS (SELECT 1 FROM passkeys k WHERE k.person_id = p.person_id)";
        let sql = Sql::new(
            format!(
                "SELECT {}, {}, {}, p.person_id FROM users u \
                 JOIN accounts a ON a.id = u.account_id \
                 LEFT JOIN account_sign_in s ON s.account_id = u.account_id \
                 LEFT JOIN user_persons p ON p.account_id = u.account_id AND p.user_id = u.id \
                 WHERE u.account_id = ? AND u.id = ? AND u.deleted_at IS NULL AND u.active AND {}",
                flag("a.kind = 'operator'"),
                flag("s.requires_second_factor"),
                flag(has_factor),
                in_service("u"),
            ),
            vec![account.uuid().into(), user.uuid().into()],
        );
        let Some(row) = self.reads.query_one_raw(sql.statement(self.dialect)).await? else {
            return Ok(None);
        };
        let is = |column: usize| row.try_get_by_index::<i64>(column).map(|flag| flag == 1);
        Ok(Some(SignInUser {
            is_staff: is(0)?,
            account_requires_second_factor: is(1)?,
            has_factor: is(2)?,
            person: row.try_get_by_index::<Option<uuid::Uuid>>(3)?.map(PersonId::new),
        }))
    }

    /// The session of that id, if its account is in service and its user still active, and has been since it
    /// began: so a session that was made while its user was being deactivated opens nothing. One statement.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn session(&self, id: SessionId) -> Result<Option<Session>> {
        let sql = Sql::new(
            format!(
                "SELECT s.* FROM sessions s JOIN users u ON u.account_id = s.account_id \
                 AND u.id = s.user_id WHERE s.id = ? AND u.deleted_at IS NULL AND u.active \
                 AND s.created_at >= u.active_since AND {}",
                in_service("s")
            ),
            vec![id.uuid().into()],
        );
        let found = sessions::Entity::find()
            .from_raw_sql(sql.statement(self.dialect))
            .one(&self.reads)
            .await?;
        found.map(session).transpose()
    }

    /// A person's sessions that have neither been ended nor expired, latest first, a hundred at most.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn sessions_of(
        &self,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Vec<Session>> {
        let rows = sessions::Entity::find()
            .filter(sessions::Column::PersonId.eq(person.uuid()))
            .filter(sessions::Column::EndedAt.is_null())
            .filter(sessions::Column::ExpiresAt.gt(now.micros()))
            .order_by_desc(sessions::Column::LastSeenAt)
            .limit(SHOWN)
            .all(&self.reads)
            .await?;
        rows.into_iter().map(session).collect()
    }
}

/// Whether the account of a table's row is in service, as a condition.
pub(super) fn in_service(table: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM account_periods ap WHERE ap.account_id = {table}.account_id \
         AND ap.valid_to = {} AND ap.state = 'active')",
        OPEN_END.micros()
    )
}

pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    match change {
        Change::Start(new) => start(tx, new).await,
        Change::End(ending) => end(tx, ending).await,
        Change::Seen(id, at) => {
            sessions::Entity::update_many()
                .col_expr(sessions::Column::LastSeenAt, at.micros().into())
                .filter(sessions::Column::Id.eq(id.uuid()))
                .exec(tx)
                .await?;
            Ok(true)
        }
        Change::Demand(is_demanded, activity) => demand(tx, *is_demanded, activity).await,
    }
}

/// Ends a user's sessions in the statement that ends the user's access.
pub(in crate::store) fn end_with(script: &mut Script, activity: &Activity, user: ResourceId) {
    script.then(
        "UPDATE sessions SET ended_at = ?, ended_why = ? \
         WHERE account_id = ? AND user_id = ? AND ended_at IS NULL AND {guard}",
        vec![
            activity.at.micros().into(),
            EndedWhy::Deactivated.as_str().into(),
            activity.account.uuid().into(),
            user.uuid().into(),
        ],
    );
}

async fn start(tx: &DatabaseTransaction, new: &NewSession) -> Result<bool> {
    let NewSession { session, is_new_person, replaces, activity, .. } = new;
    if !holds(tx, new).await? {
        return Ok(false);
    }
    if !replaces.is_empty() {
        let those = sessions::Column::Id.is_in(replaces.iter().map(|id| id.uuid()));
        let those = Condition::all().add(those);
        end_all(tx, those, EndedWhy::SignedInAgain, activity.at).await?;
    }
    if *is_new_person {
        let at = Set(session.created_at.micros());
        let person = persons::ActiveModel { id: Set(session.person.uuid()), created_at: at };
        person.insert(tx).await?;
        let user = user_persons::ActiveModel {
            account_id: Set(session.account.uuid()),
            user_id: Set(session.user.uuid()),
            person_id: Set(session.person.uuid()),
        };
        user.insert(tx).await?;
    }
    row(session).insert(tx).await?;
    activities::insert(tx, activity).await?;
    Ok(true)
}

/// Whether what the session rests on is still so. One that it raises ends.
async fn holds(tx: &DatabaseTransaction, new: &NewSession) -> Result<bool> {
    match &new.rests_on {
        Basis::Session(id) => {
            let one = Condition::all().add(sessions::Column::Id.eq(id.uuid()));
            end_all(tx, one, EndedWhy::SteppedUp, new.activity.at).await
        }
        Basis::Identity(subject, begun_at) => {
            basis::is_vouched(tx, &new.session, subject, *begun_at).await
        }
        Basis::Password(set_at) => Ok((new.is_new_person
            || basis::is_person(tx, &new.session).await?)
            && basis::is_password(tx, &new.session, *set_at).await?),
    }
}

async fn end(tx: &DatabaseTransaction, ending: &Ending) -> Result<bool> {
    let all = Condition::all();
    let which = match &ending.which {
        Which::One(person, id) => all
            .add(sessions::Column::PersonId.eq(person.uuid()))
            .add(sessions::Column::Id.eq(id.uuid())),
        Which::OthersOf(person, but) => all
            .add(sessions::Column::PersonId.eq(person.uuid()))
            .add_option(but.map(|id| sessions::Column::Id.ne(id.uuid()))),
    };
    let is_done = end_all(tx, which, ending.why, ending.activity.at).await?;
    if is_done {
        activities::insert(tx, &ending.activity).await?;
    }
    Ok(is_done)
}

/// Ends those of `which` that are live; says whether one was.
pub(in crate::store) async fn end_all(
    tx: &DatabaseTransaction,
    which: Condition,
    why: EndedWhy,
    at: Timestamp,
) -> Result<bool> {
    let ended = sessions::Entity::update_many()
        .col_expr(sessions::Column::EndedAt, at.micros().into())
        .col_expr(sessions::Column::EndedWhy, why.as_str().into())
        .filter(which.add(sessions::Column::EndedAt.is_null()))
        .exec(tx)
        .await?;
    Ok(ended.rows_affected > 0)
}

async fn demand(tx: &DatabaseTransaction, demanded: bool, activity: &Activity) -> Result<bool> {
    let account = activity.account.uuid();
    account_sign_in::Entity::delete_by_id(account).exec(tx).await?;
    if demanded {
        let row = account_sign_in::ActiveModel {
            account_id: Set(account),
            requires_second_factor: Set(true),
        };
        row.insert(tx).await?;
        let without = Condition::all()
            .add(sessions::Column::AccountId.eq(account))
            .add(sessions::Column::SecondFactorAt.is_null());
        end_all(tx, without, EndedWhy::FactorDemanded, activity.at).await?;
    }
    activities::insert(tx, activity).await?;
    Ok(true)
}

fn row(session: &Session) -> sessions::ActiveModel {
    sessions::ActiveModel {
        id: Set(session.id.uuid()),
        secret_hash: Set(session.secret_hash.to_vec()),
        account_id: Set(session.account.uuid()),
        user_id: Set(session.user.uuid()),
        person_id: Set(session.person.uuid()),
        is_staff: Set(session.is_staff),
        way: Set(session.way.as_str().to_owned()),
        level: Set(session.level.as_str().to_owned()),
        acr: Set(session.acr.clone()),
        amr: Set(serde_json::json!(session.amr).to_string()),
        auth_time: Set(session.auth_time.micros()),
        second_factor_at: Set(session.second_factor_at.map(Timestamp::micros)),
        own_factor_at: Set(session.own_factor_at.map(Timestamp::micros)),
        sso_id: Set(session.sso.map(SsoId::uuid)),
        provider_session: Set(session.provider_session.clone()),
        id_token: Set(session.id_token.clone()),
        created_at: Set(session.created_at.micros()),
        last_seen_at: Set(session.last_seen_at.micros()),
        expires_at: Set(session.expires_at.micros()),
        ip: Set(session.visitor.ip.clone()),
        agent: Set(session.visitor.agent.clone()),
        ended_at: Set(session.ended_at.map(Timestamp::micros)),
        ended_why: Set(None),
    }
}

fn session(row: sessions::Model) -> Result<Session> {
    let wrong = |what: &str| StoreError::Inconsistent { table: "sessions", what: what.to_owned() };
    Ok(Session {
        id: SessionId::new(row.id),
        secret_hash: row.secret_hash.try_into().map_err(|_| wrong("secret_hash"))?,
        account: AccountId::new(row.account_id),
        user: ResourceId::new(row.user_id),
        person: PersonId::new(row.person_id),
        is_staff: row.is_staff,
        way: Way::parse(&row.way).ok_or_else(|| wrong("way"))?,
        level: Level::parse(&row.level).ok_or_else(|| wrong("level"))?,
        acr: row.acr,
        amr: serde_json::from_str(&row.amr).map_err(|_| wrong("amr"))?,
        auth_time: Timestamp::from_micros(row.auth_time),
        second_factor_at: row.second_factor_at.map(Timestamp::from_micros),
        own_factor_at: row.own_factor_at.map(Timestamp::from_micros),
        sso: row.sso_id.map(SsoId::new),
        provider_session: row.provider_session,
        id_token: row.id_token,
        created_at: Timestamp::from_micros(row.created_at),
        last_seen_at: Timestamp::from_micros(row.last_seen_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        visitor: Visitor { ip: row.ip, agent: row.agent },
        ended_at: row.ended_at.map(Timestamp::from_micros),
    })
}
