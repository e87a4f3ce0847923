//! The directory of support users (W4), and what of an account staff see: whom it lets in, who looks
//! after it.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, QueryResult};
use serde_json::{Map, Value};

use crate::domain::account::SupportMode;
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::persons::support::{
    Day, Filter, Function, Functions, Post, SupportUser, Teammate,
};
use crate::domain::records::pages::{Part, Place, Wanted};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Scope;
use crate::scim::fold;
use crate::store::accounts::support::posts;
use crate::store::authn::staff::HAS_FACTOR;
use crate::store::dialect::Dialect;
use crate::store::lists::keyset;
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError};

/// The extension in which directories say for whom somebody works.
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

impl Store {
    /// A part of the directory, by name.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn support_users(
        &self,
        scope: &Scope,
        filter: &Filter,
        (wanted, now): (&Wanted, Timestamp),
    ) -> Result<Part<SupportUser>> {
        let Scope::Staff(account) = scope else { return Ok(Part { items: vec![], next: None }) };
        let mut sql = select(self.dialect, *account, now);
        let posts = [filter.function.map(Post::Function), filter.team.map(Post::Team)];
        for post in posts.into_iter().flatten() {
            sql.push(
                " AND u.id IN (SELECT p.user_id FROM posts p WHERE p.gives = ? AND p.name = ?)",
                [post.kind().into(), post.name().into()],
            );
        }
        if let Some(name) = &filter.name {
            let text = fold::text(name).replace('\\', "\\\\");
            let text = text.replace('%', "\\%").replace('_', "\\_");
            let holds = format!(" AND {KEY} LIKE ? ESCAPE '\\'");
            sql.push(&holds, [format!("%{text}%").into()]);
        }
        keyset::end(&mut sql, wanted, (KEY, "u.id"));
        let found = read(&self.reads, sql, wanted.order.is_descending).await?;
        Ok(wanted.cut(found, |it| Place::text(it.key.as_str(), it.user.uuid())))
    }

    /// One of them.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn support_user(
        &self,
        scope: &Scope,
        user: ResourceId,
        now: Timestamp,
    ) -> Result<Option<SupportUser>> {
        let Scope::Staff(account) = scope else { return Ok(None) };
        one_of(&self.reads, (*account, user), now).await
    }

    /// Whom an account lets in.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn support_mode(&self, account: AccountId) -> Result<SupportMode> {
        mode(&self.reads, account).await
    }

    /// Who looks after an account.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn account_team(&self, scope: &Scope) -> Result<Vec<Teammate>> {
        let Scope::Account(account) = scope else { return Ok(vec![]) };
        let sql = Sql::new(
            format!(
                "SELECT t.function, t.user_id, t.valid_from, (SELECT u.display_name FROM users u \
                 JOIN accounts a ON a.id = u.account_id AND a.kind = 'operator' \
                 WHERE u.id = t.user_id AND u.deleted_at IS NULL) FROM account_team t \
                 WHERE t.account_id = ? AND t.valid_to = {} ORDER BY t.function",
                OPEN_END.micros()
            ),
            vec![account.uuid().into()],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(teammate).collect()
    }
}

/// See [`Store::support_mode`].
pub(super) async fn mode(db: &impl ConnectionTrait, account: AccountId) -> Result<SupportMode> {
    let sql = Sql::new(
        format!(
            "SELECT mode FROM account_support_modes WHERE account_id = ? AND valid_to = {}",
            OPEN_END.micros()
        ),
        vec![account.uuid().into()],
    );
    let row = db.query_one_raw(sql.statement(Dialect::of(db))).await?;
    let Some(row) = row else { return Ok(SupportMode::default()) };
    let word: String = row.try_get_by_index(0)?;
    SupportMode::parse(&word)
        .ok_or(StoreError::Inconsistent { table: "account_support_modes", what: word })
}

/// One support user of the operator's account.
pub(super) async fn one_of(
    db: &impl ConnectionTrait,
    (account, user): (AccountId, ResourceId),
    now: Timestamp,
) -> Result<Option<SupportUser>> {
    let mut sql = select(Dialect::of(db), account, now);
    sql.push(" AND u.id = ?", [user.uuid().into()]);
    Ok(read(db, sql, false).await?.pop())
}

/// All of them.
pub(super) async fn all_of(
    db: &impl ConnectionTrait,
    account: AccountId,
    now: Timestamp,
) -> Result<Vec<SupportUser>> {
    read(db, select(Dialect::of(db), account, now), false).await
}

/// Support users with all that is shown of them, as far as `WHERE`.
fn select(dialect: Dialect, account: AccountId, now: Timestamp) -> Sql {
    let mut sql = posts::of_all(dialect, account, now);
    sql.push(
        &format!(
            ", page(id, display_name, sort_key, document, has_factor, checked_until, has_sso) \
             AS (SELECT u.id, u.display_name, {KEY}, u.document, \
             CASE WHEN {HAS_FACTOR} OR {SHOWED_ONE} THEN 1 ELSE 0 END, \
             (SELECT c.valid_until FROM background_checks c WHERE c.account_id = u.account_id \
             AND c.user_id = u.id AND c.valid_to = {open}), \
             CASE WHEN EXISTS (SELECT 1 FROM identities i WHERE i.account_id = u.account_id \
             AND i.user_id = u.id AND i.valid_to = {open}) THEN 1 ELSE 0 END \
             FROM users u WHERE u.account_id = ? AND u.id IN (SELECT p.user_id FROM posts p)",
            open = OPEN_END.micros()
        ),
        [account.uuid().into()],
    );
    sql
}

/// Ends the page, and reads it with what each on it is.
async fn read(
    db: &impl ConnectionTrait,
    mut sql: Sql,
    is_descending: bool,
) -> Result<Vec<SupportUser>> {
    let order = if is_descending { "DESC" } else { "ASC" };
    sql.push(
        &format!(
            ") SELECT page.id, page.display_name, page.sort_key, page.document, \
             page.has_factor, page.checked_until, page.has_sso, p.gives, p.name \
             FROM page JOIN posts p ON p.user_id = page.id \
             ORDER BY page.sort_key {order}, page.id {order}"
        ),
        [],
    );
    let rows = db.query_all_raw(sql.statement(Dialect::of(db))).await?;
    let mut found: Vec<SupportUser> = vec![];
    for row in &rows {
        let user = ResourceId::new(row.try_get_by_index(0)?);
        let post = posts::read(row, 7)?;
        match found.last_mut().filter(|last| last.user == user) {
            Some(last) => add(&mut last.functions, post),
            None => found.push(one(row, user, post)?),
        }
    }
    for it in &mut found {
        // For whom staff of the operator's own work is plain.
        if !it.functions.has(Function::Partner) {
            it.employer = None;
        }
    }
    Ok(found)
}

/// Whether they showed a second factor in a session that is still kept, for instance at their provider (C4).
const SHOWED_ONE: &str = "EXISTS (SELECT 1 FROM sessions x WHERE x.account_id = u.account_id \
                          AND x.user_id = u.id AND x.is_staff AND x.second_factor_at IS NOT NULL)";

/// By what the directory is sorted: the name, folded.
const KEY: &str = "COALESCE(u.display_name_key, u.user_name_key)";

fn add(to: &mut Functions, post: Post) {
    match post {
        Post::Function(it) => drop(to.held.insert(it)),
        Post::Team(it) => drop(to.teams.insert(it)),
    }
}

fn one(row: &QueryResult, user: ResourceId, post: Post) -> Result<SupportUser> {
    let bad = |what: String| StoreError::Inconsistent { table: "users", what };
    let document: String = row.try_get_by_index(3)?;
    let document: Map<String, Value> =
        serde_json::from_str(&document).map_err(|error| bad(error.to_string()))?;
    let organization = document.get(ENTERPRISE).and_then(|it| it.get("organization"));
    let day = |text: String| {
        Day::parse(&text).ok_or(StoreError::Inconsistent { table: "background_checks", what: text })
    };
    Ok(SupportUser {
        user,
        display_name: row.try_get_by_index(1)?,
        key: row.try_get_by_index(2)?,
        functions: BTreeSet::from([post]).into_iter().collect(),
        employer: organization.and_then(Value::as_str).map(str::to_owned),
        has_factor: row.try_get_by_index::<i32>(4)? == 1,
        checked_until: row.try_get_by_index::<Option<String>>(5)?.map(day).transpose()?,
        has_sso: row.try_get_by_index::<i32>(6)? == 1,
    })
}

fn teammate(row: &QueryResult) -> Result<Teammate> {
    let word: String = row.try_get_by_index(0)?;
    Ok(Teammate {
        function: Function::parse(&word)
            .ok_or(StoreError::Inconsistent { table: "account_team", what: word })?,
        user: ResourceId::new(row.try_get_by_index(1)?),
        since: Timestamp::from_micros(row.try_get_by_index(2)?),
        display_name: row.try_get_by_index(3)?,
    })
}
