//! Somebody whom a provider vouches for, without the provider, or who has a password that nobody chose: the
//! rows that a sign-in rests on.

use countersign::domain::ids::AccountId;
use countersign::domain::time::Timestamp;
use uuid::Uuid;

use crate::world::TestApp;
use crate::world::database::TestDatabase;

/// The issuer of such providers.
pub(crate) const ISSUER: &str = "https://vouching.test";

/// Has the account have a provider of that id whose subject `user` is the active user of that id.
pub(crate) async fn vouch(test: &TestApp, sso: Uuid, account: AccountId, user: &str) {
    let is_sqlite = test.database.is_sqlite();
    let uuid = |id: Uuid| literal(&test.database, id);
    let bytes = if is_sqlite { "x'00'" } else { "'\\x00'::bytea" };
    let (account, sso) = (uuid(account.uuid()), uuid(sso));
    let id = uuid(user.parse().expect("an id"));
    let connection = format!(
        "INSERT INTO sso_connections (account_id, id, name, issuer, client_id, client_secret, \
         scopes, link_claim, connection_id, acr_values, amr_values, created_at, updated_at) \
         SELECT c.account_id, {sso}, 'Vouching', '{ISSUER}', 'x', {bytes}, '[]', 'sub', c.id, '[]', \
         '[]', 1, 1 FROM connections c WHERE c.account_id = {account} AND c.name = 'default' \
         AND NOT EXISTS (SELECT 1 FROM sso_connections s \
         WHERE s.account_id = {account} AND s.id = {sso})"
    );
    let is_nobody = format!(
        "FROM users u WHERE u.account_id = {account} AND u.id = {id} AND u.active \
         AND NOT EXISTS (SELECT 1 FROM user_persons p \
         WHERE p.account_id = {account} AND p.user_id = {id})"
    );
    let person = format!("INSERT INTO persons (id, created_at) SELECT u.id, 1 {is_nobody}");
    let user_person = format!(
        "INSERT INTO user_persons (account_id, user_id, person_id) SELECT u.account_id, u.id, u.id \
         {is_nobody}"
    );
    let link = format!(
        "INSERT INTO identities (account_id, issuer, subject, valid_to, user_id, person_id, sso_id, \
         linked_at) SELECT p.account_id, '{ISSUER}', '{user}', 9223372036854775807, p.user_id, \
         p.person_id, {sso}, 1 FROM user_persons p WHERE p.account_id = {account} \
         AND p.user_id = {id} AND NOT EXISTS (SELECT 1 FROM identities i \
         WHERE i.account_id = {account} AND i.user_id = {id} AND i.valid_to = 9223372036854775807)"
    );
    for sql in [connection, person, user_person, link] {
        test.database.run(&sql).await;
    }
}

/// Has the user have a password, if they have none; when theirs was set.
pub(crate) async fn has_password(
    database: &TestDatabase,
    account: AccountId,
    user: &str,
) -> Timestamp {
    let account = literal(database, account.uuid());
    let user = literal(database, user.parse().expect("an id"));
    let those = format!("account_id = {account} AND user_id = {user}");
    let password = format!(
        "INSERT INTO passwords (account_id, user_id, hash, changed_at) SELECT account_id, id, 'x', 1 \
         FROM users WHERE account_id = {account} AND id = {user} \
         AND NOT EXISTS (SELECT 1 FROM passwords WHERE {those})"
    );
    database.run(&password).await;
    let set_at = format!("SELECT coalesce(max(changed_at), 0) FROM passwords WHERE {those}");
    Timestamp::from_micros(database.number(&set_at).await)
}

fn literal(database: &TestDatabase, id: Uuid) -> String {
    if database.is_sqlite() { format!("x'{}'", id.simple()) } else { format!("'{id}'::uuid") }
}
