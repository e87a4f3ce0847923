//! A large directory, put straight into the tables: through the API it would take minutes.

use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::world::TestDatabase;

/// Users in the crowd.
pub(crate) const USERS: u32 = 50_000;
/// Groups in the crowd.
pub(crate) const GROUPS: u32 = 200;
/// Members of the first group, beyond its share.
pub(crate) const LARGE: u32 = 12_000;

/// The id of a user of the crowd, counted from 1.
pub(crate) fn user_id(n: u32) -> String {
    format!("018f0000-0000-7000-8000-{n:012x}")
}

/// Fills the database's one connection: user `n` is `user-n@example.com`, a member of group
/// `n mod 200`; the first group has the first 12 000 users besides.
pub(crate) async fn fill(database: &TestDatabase) -> DatabaseConnection {
    let connection = database.connect().await;
    for step in STEPS {
        let step = words(step, database.is_sqlite());
        connection.execute_unprepared(&step).await.expect("the crowd fits");
    }
    connection
}

/// Makes all users of the crowd members of a group.
pub(crate) async fn join_all(database: &TestDatabase, group: &str) {
    let connection = database.connect().await;
    let id = if database.is_sqlite() {
        format!("unhex('{}')", group.replace('-', ""))
    } else {
        format!("CAST('{group}' AS uuid)")
    };
    let join = format!(
        "INSERT INTO group_members (account_id, group_id, valid_to, member_id, member_kind, \
         valid_from) SELECT account_id, {id}, 9223372036854775807, id, 'User', 1 FROM users"
    );
    connection.execute_unprepared(&join).await.expect("they join");
}

fn words(step: &str, is_sqlite: bool) -> String {
    let last = [("{users}", USERS), ("{groups}", GROUPS), ("{large}", LARGE)];
    let mut text = step.to_owned();
    for (word, number) in last {
        text = text.replace(word, &number.to_string());
    }
    let words: [(&str, &str, &str); 5] = [
        (
            "{numbers}",
            "(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 50000) \
             SELECT i FROM s) n",
            "(SELECT i FROM generate_series(1, 50000) AS s(i)) n",
        ),
        ("{hex}", "printf('%012x', i)", "lpad(to_hex(i), 12, '0')"),
        ("{uuid:", "unhex(replace('", "CAST(('"),
        (":i}", "' || printf('%012x', i), '-', ''))", "' || lpad(to_hex(i), 12, '0')) AS uuid)"),
        ("{json:", "(", "CAST("),
    ];
    for (word, on_sqlite, on_postgres) in words {
        text = text.replace(word, if is_sqlite { on_sqlite } else { on_postgres });
    }
    text.replace(":json}", if is_sqlite { ")" } else { " AS jsonb)" })
}

const STEPS: [&str; 6] = [
    "INSERT INTO users (account_id, id, connection_id, user_name_key, external_id, display_name, \
     display_name_key, active, active_since, document, folded, version, rights_version, created_at, \
     updated_at) SELECT c.account_id, {uuid:018f0000-0000-7000-8000-:i}, c.id, \
     'user-' || i || '@example.com', 'ext-' || i, 'User ' || i, 'user ' || i, true, 1, \
     '{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\
     \"id\":\"018f0000-0000-7000-8000-' || {hex} || '\",\"externalId\":\"ext-' || i || '\",\
     \"userName\":\"user-' || i || '@example.com\",\"displayName\":\"User ' || i || '\",\
     \"active\":true,\"emails\":[{\"value\":\"user-' || i || '@example.com\",\"type\":\"work\",\
     \"primary\":true}]}', \
     {json:'{\"userName\":\"user-' || i || '@example.com\",\"displayName\":\"user ' || i || '\",\
     \"active\":true,\"emails\":[{\"value\":\"user-' || i || '@example.com\",\"type\":\"work\",\
     \"primary\":true}]}':json}, 1, 1, i, i FROM connections c CROSS JOIN {numbers}",
    "INSERT INTO user_emails (account_id, value_key, user_id) \
     SELECT account_id, user_name_key, id FROM users",
    "INSERT INTO groups (account_id, id, connection_id, display_name, display_name_key, external_id, \
     document, folded, version, created_at, updated_at) SELECT c.account_id, \
     {uuid:018f0000-0000-7000-9000-:i}, c.id, 'Group ' || i, 'group ' || i, 'group-ext-' || i, \
     '{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],\
     \"id\":\"018f0000-0000-7000-9000-' || {hex} || '\",\"displayName\":\"Group ' || i || '\"}', \
     {json:'{\"displayName\":\"group ' || i || '\"}':json}, 1, i, i \
     FROM connections c CROSS JOIN {numbers} WHERE i <= {groups}",
    "INSERT INTO group_members (account_id, group_id, valid_to, member_id, member_kind, valid_from) \
     SELECT u.account_id, g.id, 9223372036854775807, u.id, 'User', 1 \
     FROM users u JOIN groups g ON g.account_id = u.account_id \
     AND g.created_at = u.created_at % {groups} + 1",
    "INSERT INTO group_members (account_id, group_id, valid_to, member_id, member_kind, valid_from) \
     SELECT u.account_id, g.id, 9223372036854775807, u.id, 'User', 1 \
     FROM users u JOIN groups g ON g.account_id = u.account_id AND g.created_at = 1 \
     WHERE u.created_at <= {large} AND u.created_at % {groups} <> 0",
    "UPDATE directory_counts SET users = {users}, groups = {groups} WHERE shard = 0",
];
