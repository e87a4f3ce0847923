//! An account's provisioning connections for whoever administers it: how they fare, and the tokens by which
//! they are reached.

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};

use crate::domain::connection::{Listed, Refusals};
use crate::domain::ids::ConnectionId;
use crate::domain::records::pages::{Part, Place, Wanted};
use crate::domain::time::Timestamp;
use crate::policy::Scope;
use crate::store::entity::{connections, tokens};
use crate::store::lists::keyset;
use crate::store::script::Sql;
use crate::store::tokens::{connection, token};
use crate::store::{Result, Store};

impl Store {
    /// A part of an account's connections, by name, each with its live tokens, oldest first. Two statements.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn listed_connections(
        &self,
        scope: &Scope,
        wanted: &Wanted,
        now: Timestamp,
    ) -> Result<Part<Listed>> {
        let Scope::Account(account) = scope else {
            return Ok(Part { items: vec![], next: None });
        };
        let mut sql = Sql::new(
            "SELECT c.* FROM connections c WHERE c.account_id = ?",
            vec![account.uuid().into()],
        );
        keyset::end(&mut sql, wanted, ("c.name", "c.id"));
        let statement = sql.statement(self.dialect);
        let rows = connections::Entity::find().from_raw_sql(statement).all(&self.reads).await?;
        let part = wanted.cut(rows, |row| Place::text(&row.name, row.id));
        Ok(Part { items: self.with_tokens(part.items, now).await?, next: part.next })
    }

    /// One of them.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn listed_connection(
        &self,
        scope: &Scope,
        id: ConnectionId,
        now: Timestamp,
    ) -> Result<Option<Listed>> {
        let Scope::Account(account) = scope else { return Ok(None) };
        let key = (account.uuid(), id.uuid());
        let row = connections::Entity::find_by_id(key).one(&self.reads).await?;
        Ok(self.with_tokens(row.into_iter().collect(), now).await?.pop())
    }

    async fn with_tokens(
        &self,
        rows: Vec<connections::Model>,
        now: Timestamp,
    ) -> Result<Vec<Listed>> {
        let Some(first) = rows.first() else { return Ok(vec![]) };
        let live = Condition::all()
            .add(tokens::Column::AccountId.eq(first.account_id))
            .add(tokens::Column::ConnectionId.is_in(rows.iter().map(|row| row.id)))
            .add(tokens::Column::RevokedAt.is_null())
            .add(tokens::Column::ExpiresAt.gt(now.micros()));
        let live = tokens::Entity::find()
            .filter(live)
            .order_by_asc(tokens::Column::CreatedAt)
            .order_by_asc(tokens::Column::Id);
        let mut listed = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
        for row in live.all(&self.reads).await? {
            let token = token(row)?;
            if let Some(it) = listed.iter_mut().find(|it| it.connection.id == token.connection) {
                it.tokens.push(token);
            }
        }
        Ok(listed)
    }
}

fn read(row: connections::Model) -> Result<Listed> {
    let moment = Timestamp::from_micros;
    let refusals = row.refused_since.zip(row.refused_at).map(|(first, last)| Refusals {
        first: moment(first),
        last: moment(last),
        status: row.refused_status.and_then(|it| u16::try_from(it).ok()).unwrap_or(500),
    });
    let created_at = moment(row.created_at);
    Ok(Listed { connection: connection(row)?, created_at, refusals, tokens: vec![] })
}
