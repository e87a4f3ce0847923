//! Users and recipients of an account, whichever connection owns them: for its administrators.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::{Map, Value};

use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, ConnectionId, PropertyId, ResourceId};
use crate::domain::records::Record;
use crate::domain::records::pages::{Part, Place, Wanted};
use crate::domain::time::Timestamp;
use crate::domain::users::User;
use crate::domain::users::people::{Filter, Kind, Person, Profile};
use crate::domain::users::properties::Assigned;
use crate::policy::{Permit, Scope};
use crate::scim::fold;
use crate::scim::schema::ResourceKind;
use crate::store::authn::links::Issue;
use crate::store::lists::keyset;
use crate::store::script::{Applied, Script, Sql};
use crate::store::users::{StoredUser, properties};
use crate::store::writer::{Warrant, Write};
use crate::store::{Result, Store, StoreError};

/// What an administrator says of somebody beside the document.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// What they are; counts when they are made.
    pub(crate) kind: Kind,
    /// Values of properties that change; none goes away.
    pub(crate) properties: Vec<(PropertyId, Option<String>)>,
    /// The link to be mailed to them. Its activity is not written: theirs says it.
    pub(crate) invitation: Option<Issue>,
    /// The hash of the password that is handed over to them.
    pub(crate) initial_password: Option<String>,
    /// Whether it may take an administrator from the account, but never the last one.
    pub(crate) may_take_administrator: bool,
}

/// Somebody to be made together with their account.
#[derive(Debug)]
pub(crate) struct Newcomer(pub(in crate::store) Statement);

/// Somebody as stored.
#[derive(Debug)]
pub(crate) struct StoredPerson {
    /// As administrators see them.
    pub(crate) person: Person,
    /// As a change starts from.
    pub(crate) stored: StoredUser,
}

impl Beside {
    /// Writes it in the user's own statement.
    pub(super) fn add(&self, script: &mut Script, activity: &Activity, id: ResourceId) {
        for (property, value) in &self.properties {
            properties::assign(script, (activity, id), (*property, value.as_deref()));
        }
        if let Some(Issue { link, mail, .. }) = &self.invitation {
            script.then(
                "INSERT INTO one_time_links (secret_hash, purpose, account_id, user_id, mail_key, \
                 created_at, expires_at) SELECT ?, ?, ?, ?, ?, ?, ? WHERE {guard}",
                vec![
                    link.secret_hash.to_vec().into(),
                    link.purpose.as_str().into(),
                    link.account.uuid().into(),
                    link.user.uuid().into(),
                    link.mail_key.clone().into(),
                    link.created_at.micros().into(),
                    link.expires_at.micros().into(),
                ],
            );
            if let Some(mail) = mail {
                script.deliver(mail);
            }
        }
        if let Some(hash) = &self.initial_password {
            script.then(
                "INSERT INTO passwords (account_id, user_id, hash, changed_at, is_initial) \
                 SELECT ?, ?, ?, ?, ? WHERE {guard}",
                vec![
                    activity.account.uuid().into(),
                    id.uuid().into(),
                    hash.clone().into(),
                    activity.at.micros().into(),
                    true.into(),
                ],
            );
        }
    }
}

impl Store {
    /// A part of an account's people, by their userName.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn people(
        &self,
        scope: &Scope,
        filter: &Filter,
        wanted: &Wanted,
    ) -> Result<Part<Person>> {
        let Scope::Account(account) = scope else { return Ok(wanted.cut(vec![], by_name)) };
        let mut sql = select(*account);
        // Literals, which show planners the index that fits.
        match filter.kind {
            Some(Kind::User) => sql.push(" AND u.kind = 'user'", []),
            Some(Kind::Recipient) => sql.push(" AND u.kind = 'recipient'", []),
            None => {}
        }
        match filter.active {
            Some(true) => sql.push(" AND u.active", []),
            Some(false) => sql.push(" AND NOT u.active", []),
            None => {}
        }
        if let Some(name) = &filter.user_name {
            sql.push(" AND u.user_name_key = ?", [fold::text(name).into()]);
        }
        keyset::end(&mut sql, wanted, ("u.user_name_key", "u.id"));
        let found = self.read_people(*account, sql).await?;
        Ok(wanted.cut(found.into_iter().map(|it| it.person).collect(), by_name))
    }

    /// One of an account's people.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn person(
        &self,
        account: AccountId,
        id: ResourceId,
    ) -> Result<Option<StoredPerson>> {
        let mut sql = select(account);
        sql.push(" AND u.id = ?", [id.uuid().into()]);
        Ok(self.read_people(account, sql).await?.pop())
    }

    /// Somebody as they are to be made in the transaction that makes their account.
    pub(crate) fn newcomer(
        &self,
        place: (ConnectionId, ResourceId),
        (user, beside): (&User, &Beside),
        activity: &Activity,
    ) -> Newcomer {
        Newcomer(self.creation(place, (user, beside), activity))
    }

    /// Whether a human has that address, folded, by any of their users.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn reads_mail_at(
        &self,
        (account, user): (AccountId, ResourceId),
        address: &str,
    ) -> Result<bool> {
        let sql = Sql::new(
            "SELECT 1 FROM user_emails e WHERE e.value_key = ? AND ((e.account_id = ? \
             AND e.user_id = ?) OR EXISTS (SELECT 1 FROM user_persons a JOIN user_persons b \
             ON b.person_id = a.person_id WHERE a.account_id = ? AND a.user_id = ? \
             AND b.account_id = e.account_id AND b.user_id = e.user_id)) LIMIT 1",
            vec![
                fold::text(address).into(),
                account.uuid().into(),
                user.uuid().into(),
                account.uuid().into(),
                user.uuid().into(),
            ],
        );
        Ok(self.reads.query_one_raw(sql.statement(self.dialect)).await?.is_some())
    }

    /// Keeps the language that a user chose.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn choose_language(
        &self,
        id: ResourceId,
        language: Option<String>,
        activity: &Activity,
        permit: Permit,
    ) -> Result<Applied> {
        let root = Sql::new(
            "UPDATE users SET own_language = ? WHERE account_id = ? AND id = ? AND deleted_at IS NULL",
            vec![language.into(), activity.account.uuid().into(), id.uuid().into()],
        );
        let script = Script::begin(self.dialect, activity, &root);
        self.writer.apply(Write::Script(script.finish()), Warrant::Decided(permit)).await
    }

    async fn read_people(&self, account: AccountId, sql: Sql) -> Result<Vec<StoredPerson>> {
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let mut found: Vec<StoredPerson> =
            rows.iter().map(|row| read(account, row)).collect::<Result<_>>()?;
        let ids: Vec<ResourceId> = found.iter().map(|it| it.person.id).collect();
        let mut values: BTreeMap<ResourceId, Vec<Assigned>> =
            self.properties_of(account, &ids).await?;
        for it in &mut found {
            it.person.properties = values.remove(&it.person.id).unwrap_or_default();
        }
        Ok(found)
    }
}

fn by_name(person: &Person) -> Place {
    Place::text(fold::text(&person.profile.user_name), person.id.uuid())
}

fn select(account: AccountId) -> Sql {
    Sql::new(
        "SELECT u.id, u.connection_id, c.name, u.kind, u.document, u.version, u.rights_version, \
         u.active_since, u.created_at, u.updated_at FROM users u LEFT JOIN connections c \
         ON c.account_id = u.account_id AND c.id = u.connection_id \
         WHERE u.account_id = ? AND u.deleted_at IS NULL",
        vec![account.uuid().into()],
    )
}

fn read(account: AccountId, row: &QueryResult) -> Result<StoredPerson> {
    let bad = |what: String| StoreError::Inconsistent { table: "users", what };
    let moment = |column: usize| row.try_get_by_index::<i64>(column).map(Timestamp::from_micros);
    let id = ResourceId::new(row.try_get_by_index(0)?);
    let kind: String = row.try_get_by_index(3)?;
    let text: String = row.try_get_by_index(4)?;
    let (version, rights_version): (i64, i64) =
        (row.try_get_by_index(5)?, row.try_get_by_index(6)?);
    let document: Map<String, Value> =
        serde_json::from_str(&text).map_err(|error| bad(format!("{id}: {error}")))?;
    let (created_at, updated_at) = (moment(8)?, moment(9)?);
    Ok(StoredPerson {
        person: Person {
            account,
            id,
            kind: Kind::parse(&kind).ok_or_else(|| bad(format!("{id}: kind `{kind}`")))?,
            connection: row.try_get_by_index(2)?,
            profile: Profile::of(&document),
            properties: vec![],
            created_at,
            updated_at,
            version,
        },
        stored: StoredUser {
            connection: ConnectionId::new(row.try_get_by_index(1)?),
            record: Record {
                kind: ResourceKind::User,
                id,
                document: text,
                version: format!("{version}.{rights_version}"),
                created_at,
                updated_at,
                groups: vec![],
                members: None,
                holdings: None,
            },
            version,
            rights_version,
            active_since: moment(7)?,
        },
    })
}
