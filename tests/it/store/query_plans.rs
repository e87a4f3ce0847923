//! The look-ups of identity providers are answered from indexes, however large the directory (DECISIONS
//! 38: 50 000 users, no planner switches).
//!
//! Requests go through HTTP; the statements that they cause are kept and explained as they were sent.
//! On SQLite the same must hold without statistics, since a new database has none.

use axum::http::StatusCode;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use crate::world::client::Client;
use crate::world::{TestApp, crowd};

/// A request, and how the database finds its rows: on SQLite, on PostgreSQL.
struct LookUp {
    request: &'static str,
    finds: usize,
    sqlite: &'static str,
    postgres: &'static str,
}

/// The look-ups that must be fast, and the index of each.
const LOOK_UPS: [LookUp; 14] = [
    LookUp {
        request: "/Users?filter=userName eq \"USER-777@example.com\"",
        finds: 1,
        sqlite: "SEARCH r USING INDEX users_by_user_name (account_id=? AND user_name_key=?)",
        postgres: "Index Scan using users_by_user_name",
    },
    LookUp {
        request: "/Users?filter=externalId eq \"ext-777\"",
        finds: 1,
        sqlite: "SEARCH r USING INDEX users_by_external_id (account_id=? AND external_id=?)",
        postgres: "Index Scan using users_by_external_id",
    },
    LookUp {
        request: "/Users?filter=emails.value eq \"User-777@example.com\"",
        finds: 1,
        sqlite: "SEARCH e USING PRIMARY KEY (account_id=? AND value_key=?)",
        postgres: "Index Only Scan using user_emails_pkey",
    },
    LookUp {
        request: "/Users?filter=emails[type eq \"work\" and value eq \"user-777@example.com\"]",
        finds: 1,
        sqlite: "SEARCH e USING PRIMARY KEY (account_id=? AND value_key=?)",
        postgres: "Index Only Scan using user_emails_pkey",
    },
    LookUp {
        request: "/Users?filter=displayName eq \"User 777\"",
        finds: 1,
        sqlite: "SEARCH r USING INDEX users_by_display_name (account_id=? AND display_name_key=?)",
        postgres: "Index Scan using users_by_display_name",
    },
    LookUp {
        request: "/Users?filter=id eq \"018f0000-0000-7000-8000-000000000309\"",
        finds: 1,
        sqlite: "SEARCH r USING INDEX sqlite_autoindex_users_1 (account_id=? AND id=?)",
        postgres: "Index Scan using users_",
    },
    LookUp {
        request: "/Users?filter=userName eq \"user-777@example.com\" and active eq true",
        finds: 1,
        sqlite: "SEARCH r USING INDEX users_by_user_name (account_id=? AND user_name_key=?)",
        postgres: "Index Scan using users_by_user_name",
    },
    LookUp {
        request: "/Users?filter=groups.value eq \"018f0000-0000-7000-9000-000000000007\"",
        finds: 250,
        sqlite: "SEARCH d USING PRIMARY KEY (account_id=? AND group_id=? AND valid_to=?)",
        postgres: "Index Scan using users_",
    },
    LookUp {
        request: "/Users?count=100",
        finds: 100,
        sqlite: "SEARCH r USING INDEX users_by_connection (account_id=? AND connection_id=?)",
        postgres: "Index Scan using users_",
    },
    LookUp {
        request: "/Groups?filter=displayName eq \"GROUP 77\"",
        finds: 1,
        sqlite: "SEARCH r USING INDEX groups_by_display_name \
                 (account_id=? AND display_name_key=?)",
        postgres: "Index Scan using groups_by_display_name",
    },
    LookUp {
        request: "/Groups?filter=externalId eq \"group-ext-77\"",
        finds: 1,
        sqlite: "SEARCH r USING INDEX groups_by_external_id (account_id=? AND external_id=?)",
        postgres: "Index Scan using groups_by_external_id",
    },
    LookUp {
        request: "/Groups?filter=members.value eq \"018f0000-0000-7000-8000-000000000309\"\
                  &excludedAttributes=members",
        finds: 2,
        sqlite: "SEARCH d USING COVERING INDEX group_members_by_member \
                 (account_id=? AND member_id=? AND valid_to=?)",
        postgres: "Index Only Scan using group_members_by_member",
    },
    LookUp {
        request: "/Groups?filter=id eq \"018f0000-0000-7000-9000-000000000007\" and \
                  members.value eq \"018f0000-0000-7000-8000-000000000006\"\
                  &excludedAttributes=members",
        finds: 1,
        sqlite: "SEARCH r USING INDEX sqlite_autoindex_groups_1 (account_id=? AND id=?)",
        postgres: "group_members",
    },
    LookUp {
        request: "/Groups/018f0000-0000-7000-9000-000000000007",
        finds: 250,
        sqlite: "SEARCH m USING PRIMARY KEY (account_id=? AND group_id=? AND valid_to=?)",
        postgres: "using group_members_pkey",
    },
];

#[tokio::test]
async fn look_ups_in_a_large_directory_use_their_indexes() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let connection = crowd::fill(&test.database).await;
    if test.database.is_sqlite() {
        // A connection of its own: one that is open already has no statistics yet.
        check_all(&test, &scim, "without statistics").await;
    }
    connection.execute_unprepared("ANALYZE").await.expect("statistics");
    connection.close().await.expect("closing");
    check_all(&test, &scim, "with statistics").await;
    check_shared(&test, &scim).await;
}

/// Look-ups that come together go as one statement; it must use the indexes as well.
async fn check_shared(test: &TestApp, scim: &Client) {
    let is_sqlite = test.database.is_sqlite();
    let connection = test.database.connect().await;
    for look_up in LOOK_UPS.iter().take(3) {
        let (path, query) = look_up.request.split_once('?').unwrap_or((look_up.request, ""));
        let request = format!("{path}?{}", encoded(query));
        test.store.keep_statements();
        test.store.kept_statements();
        let answers = join_all((0..20).map(|_| scim.get(&request))).await;
        assert!(answers.into_iter().all(|answer| answer.status == StatusCode::OK));
        let sent = test.store.kept_statements();
        let shared = sent.into_iter().find(|sent| sent.sql.contains("lookup_number"));
        let shared = shared.unwrap_or_else(|| panic!("none shared a statement: {request}"));
        let plan = explain(&connection, shared, is_sqlite).await;
        let faults = faults_of(look_up, &plan, is_sqlite);
        assert!(faults.is_empty(), "shared:\n{}", faults.join("\n"));
    }
    connection.close().await.expect("closing");
}

async fn check_all(test: &TestApp, scim: &Client, when: &str) {
    let connection = test.database.connect().await;
    let mut faults = Vec::new();
    for look_up in &LOOK_UPS {
        let (path, query) = look_up.request.split_once('?').unwrap_or((look_up.request, ""));
        test.store.keep_statements();
        test.store.kept_statements();
        let answer = scim.get(&format!("{path}?{}", encoded(query))).await.expect(StatusCode::OK);
        let listed = answer.body["Resources"].as_array().or(answer.body["members"].as_array());
        let found = answer.body["totalResults"].as_u64().filter(|_| query.contains("filter"));
        let found = found.map_or(listed.map_or(0, Vec::len), |n| usize::try_from(n).expect("few"));
        assert_eq!(found, look_up.finds, "{}", look_up.request);
        let mut plans = Vec::new();
        for statement in test.store.kept_statements() {
            if statement.sql.contains("FROM users") || statement.sql.contains("FROM group") {
                plans.extend(explain(&connection, statement, test.database.is_sqlite()).await);
            }
        }
        faults.extend(faults_of(look_up, &plans, test.database.is_sqlite()));
    }
    assert!(faults.is_empty(), "{when}:\n{}", faults.join("\n"));
    connection.close().await.expect("closing");
}

/// `filter=a b&count=1` with the values encoded.
fn encoded(query: &str) -> String {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

async fn explain(
    connection: &DatabaseConnection,
    mut statement: Statement,
    is_sqlite: bool,
) -> Vec<String> {
    let (explain, column) = if is_sqlite { ("EXPLAIN QUERY PLAN ", 3) } else { ("EXPLAIN ", 0) };
    statement.sql = format!("{explain}{}", statement.sql);
    let rows = connection.query_all_raw(statement).await.expect("a plan");
    rows.iter().map(|row| row.try_get_by_index(column).expect("a line")).collect()
}

fn faults_of(look_up: &LookUp, plan: &[String], is_sqlite: bool) -> Vec<String> {
    let wanted = if is_sqlite { look_up.sqlite } else { look_up.postgres };
    let is_page = !look_up.request.contains("filter");
    let is_slow = |line: &&String| {
        let line = line.as_str();
        if is_sqlite {
            is_slow_on_sqlite(line, is_page)
        } else {
            is_slow_on_postgres(line, is_page)
        }
    };
    let mut faults: Vec<String> = plan.iter().filter(is_slow).cloned().collect();
    if !plan.iter().any(|line| line.contains(wanted)) {
        faults.push(format!("nowhere `{wanted}`"));
    }
    if faults.is_empty() {
        return vec![];
    }
    let plan: Vec<String> = plan.iter().map(|line| format!("    {line}")).collect();
    vec![format!("{}\n  {}\n{}", look_up.request, faults.join("\n  "), plan.join("\n"))]
}

/// A table read from end to end, an index entered by nothing but the account, a page sorted.
fn is_slow_on_sqlite(line: &str, is_page: bool) -> bool {
    let scanned = line.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
    let small =
        ["up", "down", "el", "x", "p", "m", "s", "CONSTANT", "json_each", "directory_counts"];
    let is_small = |name: &str| small.contains(&name);
    if is_page {
        return scanned.is_some_and(|name| !is_small(name))
            || line.contains("TEMP B-TREE FOR ORDER");
    }
    scanned.is_some_and(|name| !is_small(name) && !name.starts_with('('))
        || line.ends_with("(account_id=?)")
}

fn is_slow_on_postgres(line: &str, is_page: bool) -> bool {
    let reads_all = ["users", "groups", "group_members", "user_emails"]
        .iter()
        .any(|table| line.contains(&format!("Seq Scan on {table}")));
    let is_sort = line.trim_start().trim_start_matches("->  ").starts_with("Sort ");
    reads_all || is_page && is_sort
}

/// In a first sync nothing was counted yet, and plans made for an empty table are kept. A look-up must not read
/// all users then; on SQLite there is nothing to count.
#[tokio::test]
async fn tables_that_grew_are_counted_once_and_before_anybody_waits_for_them() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let before = test.app.count_new_tables().await.expect("looked at");
    assert_eq!(before, !test.database.is_sqlite());
    for n in 0..80 {
        let user = serde_json::json!({ "userName": format!("user-{n}"), "title": "x".repeat(400) });
        scim.post("/Users", &user).await.expect(axum::http::StatusCode::CREATED);
    }
    test.app.count_new_tables().await.expect("counted");
    if !test.database.is_sqlite() {
        let counted = "SELECT CAST(reltuples AS bigint) FROM pg_class WHERE relname = 'users'";
        assert_eq!(test.database.number(counted).await, 80);
    }
}
