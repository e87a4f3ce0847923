//! How many statements each request costs, which is how its speed is kept (ARCHITECTURE.md: the fewest
//! statements that can answer it). A hot write is a script, one text sent in one call.

use std::fmt::Write as _;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::world::client::{Answer, Client};
use crate::world::{TestApp, TokenFor, crowd};

/// The same on both databases.
const EXPECTED: &str = "
the first request with a token: 3 + 1
create a user: 1
get a user: 1
get a user that is not there: 1
filter by userName: 1
filter by userName, nothing found: 1
patch a user: 2
patch a user that stays the same: 1
replace a user: 2
delete a user: 2
list a page of users: 2
list the last page of users: 2
only count the users: 1
create a group with a member: 1
get a group with members: 2
get a group without members: 1
list groups with members: 2
find the groups of a member: 1
add a member: 1
add a member again: 1
remove a member: 1
rename a group: 2
replace a group: 3
delete a group: 2
refuse a token with a wrong checksum: 0
";

struct Counting {
    test: TestApp,
    scim: Client,
    table: String,
}

impl Counting {
    async fn note(&mut self, what: &str, request: impl Future<Output = Answer>) -> Answer {
        let before = self.test.store.statements();
        let answer = request.await;
        let sent = self.test.store.statements() - before;
        writeln!(self.table, "{what}: {sent}").expect("a line");
        answer
    }
}

#[tokio::test]
async fn each_request_costs_as_many_statements_as_the_table_says() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let mut counting = Counting { test, scim, table: "\n".to_owned() };
    let before = counting.test.store.statements();
    counting.scim.get("/Users?count=0").await.expect(StatusCode::OK);
    let first = counting.test.store.statements() - before - 1;
    writeln!(counting.table, "the first request with a token: {first} + 1").expect("a line");
    users(&mut counting).await;
    groups(&mut counting).await;
    let mut token = counting.test.token("acme", TokenFor::default()).await;
    let last = token.pop().expect("a character");
    token.push(if last == 'a' { 'b' } else { 'a' });
    let wrong = counting.test.client("acme", &token);
    let answer = counting.note("refuse a token with a wrong checksum", wrong.get("/Users")).await;
    answer.refused(401, None);
    assert_eq!(counting.table, EXPECTED);
}

async fn users(counting: &mut Counting) {
    let scim = counting.scim.clone();
    let body = json!({
        "userName": "bjensen", "emails": [{ "value": "a@example.com" }, { "value": "b@example.com" }],
    });
    let id = counting.note("create a user", scim.post("/Users", &body)).await.id();
    let path = format!("/Users/{id}");
    counting.note("get a user", scim.get(&path)).await.expect(StatusCode::OK);
    let nobody = "/Users/018f0000-0000-7000-8000-000000000001";
    counting.note("get a user that is not there", scim.get(nobody)).await.refused(404, None);
    let by_name = scim.filter("/Users", "userName eq \"bjensen\"");
    assert_eq!(counting.note("filter by userName", by_name).await.total(), 1);
    let by_name = scim.filter("/Users", "userName eq \"nobody\"");
    assert_eq!(counting.note("filter by userName, nothing found", by_name).await.total(), 0);
    let patch = patch("replace", "active", json!(false));
    counting.note("patch a user", scim.patch(&path, &patch)).await.expect(StatusCode::OK);
    let again = scim.patch(&path, &patch);
    counting.note("patch a user that stays the same", again).await.expect(StatusCode::OK);
    let body = json!({ "userName": "bjensen", "title": "Dr" });
    counting.note("replace a user", scim.put(&path, &body)).await.expect(StatusCode::OK);
    counting.note("delete a user", scim.delete(&path)).await.expect(StatusCode::NO_CONTENT);
    for n in 0..12 {
        scim.user(&format!("user-{n}")).await;
    }
    let page = counting.note("list a page of users", scim.get("/Users?count=5")).await;
    assert_eq!((page.total(), page.ids().len()), (12, 5));
    let last = scim.get("/Users?count=5&startIndex=11");
    assert_eq!(counting.note("list the last page of users", last).await.total(), 12);
    let none = counting.note("only count the users", scim.get("/Users?count=0")).await;
    assert_eq!(none.total(), 12);
}

async fn groups(counting: &mut Counting) {
    let scim = counting.scim.clone();
    let (one, two) = (scim.user("one").await, scim.user("two").await);
    let body = json!({ "displayName": "Staff", "members": [{ "value": one }] });
    let without = scim.post("/Groups?excludedAttributes=members", &body);
    let id = counting.note("create a group with a member", without).await.id();
    let path = format!("/Groups/{id}");
    let answer = counting.note("get a group with members", scim.get(&path)).await;
    assert_eq!(answer.body["members"].as_array().map(Vec::len), Some(1));
    let bare = format!("{path}?excludedAttributes=members");
    counting.note("get a group without members", scim.get(&bare)).await.expect(StatusCode::OK);
    let list = counting.note("list groups with members", scim.get("/Groups")).await;
    assert_eq!(list.body["Resources"][0]["members"].as_array().map(Vec::len), Some(1));
    let of_one =
        format!("/Groups?excludedAttributes=members&filter=members.value%20eq%20%22{one}%22");
    let found = scim.get(&of_one);
    assert_eq!(counting.note("find the groups of a member", found).await.total(), 1);
    let add = patch("add", "members", json!([{ "value": two }]));
    let done = StatusCode::NO_CONTENT;
    counting.note("add a member", scim.patch(&path, &add)).await.expect(done);
    counting.note("add a member again", scim.patch(&path, &add)).await.expect(done);
    let remove = patch("remove", &format!("members[value eq \"{two}\"]"), Value::Null);
    counting.note("remove a member", scim.patch(&path, &remove)).await.expect(done);
    let rename = patch("replace", "displayName", json!("All Staff"));
    counting.note("rename a group", scim.patch(&path, &rename)).await.expect(done);
    let body = json!({ "displayName": "Everyone", "members": [{ "value": two }] });
    let put = scim.put(&bare, &body);
    counting.note("replace a group", put).await.expect(StatusCode::OK);
    counting.note("delete a group", scim.delete(&path)).await.expect(done);
}

#[tokio::test]
async fn one_member_costs_the_same_in_a_group_of_10_and_of_50_000() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    crowd::fill(&test.database).await.close().await.expect("closing");
    let ten: Vec<String> = (1..=10).map(crowd::user_id).collect();
    let small = scim.group("Small", &ten).await;
    let large = scim.group("Large", &[]).await;
    crowd::join_all(&test.database, &large).await;
    let newcomer = scim.user("newcomer").await;
    let mut costs = Vec::new();
    for group in [small, large] {
        let before = test.store.statements();
        let add = patch("add", "members", json!([{ "value": newcomer }]));
        let path = format!("/Groups/{group}");
        scim.patch(&path, &add).await.expect(StatusCode::NO_CONTENT);
        let remove = patch("remove", &format!("members[value eq \"{newcomer}\"]"), Value::Null);
        scim.patch(&path, &remove).await.expect(StatusCode::NO_CONTENT);
        costs.push(test.store.statements() - before);
    }
    assert_eq!(costs, [2, 2]);
}

fn patch(op: &str, path: &str, value: impl Into<Value>) -> Value {
    json!({ "Operations": [{ "op": op, "path": path, "value": value.into() }] })
}
