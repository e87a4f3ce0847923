//! The record: every change leaves one activity and one effect, every denial one activity, and nothing
//! else leaves any (DECISIONS 35). No activity holds a personal value.

mod erasure;
mod sealing;
mod tampering;
mod walls;

use axum::http::{Method, StatusCode, header};
use countersign::app::Outcome;
use countersign::domain::account::Slug;
use countersign::domain::actor::Actor;
use countersign::domain::command::{
    Command, IssueProductKey, RevokeProductKey, RevokeToken, RotateSigningKey,
};
use countersign::domain::keys::Algorithm;
use countersign::domain::keys::products::ProductScope;
use countersign::domain::tokens::Access;
use countersign::worker;
use serde_json::{Value, json};

use crate::world::client::Client;
use crate::world::{TestApp, TokenFor};

/// What personal values are called in this test: none of it may stand in the record.
const CANARY: &str = "quaxlbird";

/// What is on record since last asked: `action outcome detail`, in order.
struct Record<'a> {
    test: &'a TestApp,
    seen: i64,
}

impl Record<'_> {
    #[track_caller]
    fn expect<'b>(&'b mut self, wanted: &'b [&'b str]) -> impl Future<Output = ()> + 'b {
        let caller = std::panic::Location::caller();
        async move {
            let database = &self.test.database;
            let sql = format!(
                "SELECT action || ' ' || outcome || ' ' || COALESCE(detail, '-') \
                 FROM activities WHERE at > {} ORDER BY at",
                self.seen
            );
            assert_eq!(database.texts(&sql).await, wanted, "{caller}");
            self.seen = database.number("SELECT CAST(max(at) AS bigint) FROM activities").await;
            let activities = database.number("SELECT count(*) FROM activities").await;
            let effects = database
                .number("SELECT count(*) FROM outbox o JOIN activities a ON a.id = o.id")
                .await;
            assert_eq!(activities, effects, "{caller}: one effect each");
        }
    }
}

#[tokio::test]
async fn every_change_leaves_one_activity_and_one_effect() {
    let test = TestApp::new().await;
    let mut record = Record { test: &test, seen: 0 };
    let account = test.account("acme").await;
    record.expect(&["account.created done -"]).await;
    let token = test.token("acme", TokenFor::default()).await;
    record.expect(&["token.issued done -"]).await;
    let scim = test.client("acme", &token);
    users(&scim, &mut record).await;
    groups(&scim, &mut record).await;
    let tokens = test.app.tokens(&Actor::Platform, account).await.expect("the tokens");
    let revoke = Command::RevokeToken(RevokeToken { account, token: tokens[0].0.id });
    let done = test.app.change(&Actor::Platform, revoke.clone()).await.expect("it is revoked");
    assert!(matches!(done, Outcome::Done));
    record.expect(&["token.revoked done -"]).await;
    test.app.change(&Actor::Platform, revoke).await.expect_err("it is revoked already");
    record.expect(&[]).await;

    let rows = "SELECT COALESCE(detail, '') || (SELECT payload FROM outbox o WHERE o.id = a.id) \
                FROM activities a";
    for row in test.database.texts(rows).await {
        assert!(!row.to_lowercase().contains(CANARY), "{row}");
    }
    while worker::deliver_batch(&test.app).await.expect("delivered") > 0 {}
    assert_eq!(test.database.number("SELECT count(*) FROM outbox").await, 0);
}

/// What belongs to the whole server is on record in the operator's account.
#[tokio::test]
async fn every_change_of_keys_leaves_one_activity_of_the_operator() {
    let test = TestApp::new().await;
    test.account("vendor").await;
    test.database.run("UPDATE accounts SET kind = 'operator'").await;
    let mut record = Record { test: &test, seen: 0 };
    record.expect(&["account.created done -"]).await;
    let name = CANARY.to_owned();
    let issue = IssueProductKey { name, scopes: vec![ProductScope::Introspect], days: 2 };
    let issue = Command::IssueProductKey(issue);
    test.app.change(&Actor::Platform, issue.clone()).await.expect("a key");
    record.expect(&["product_key.issued done {\"scopes\":\"introspect\"}"]).await;
    let key = test.app.product_keys(&Actor::Platform).await.expect("the keys")[0].id;
    let revoke = Command::RevokeProductKey(RevokeProductKey { key });
    test.app.change(&Actor::Platform, revoke.clone()).await.expect("revoked");
    record.expect(&["product_key.revoked done -"]).await;
    test.app.change(&Actor::Platform, revoke).await.expect_err("it is revoked already");
    record.expect(&[]).await;
    let rotate = RotateSigningKey { algorithm: Algorithm::Es256, drops_old: false };
    let rotate = Command::RotateSigningKey(rotate);
    let done = test.app.change(&Actor::Platform, rotate.clone()).await.expect("rotated");
    let Outcome::SigningKey(first) = done else { panic!("expected a key, got {done:?}") };
    let line = |key: &str, retired: &Value| {
        format!(
            "signing_key.rotated done {{\"key\":\"{key}\",\"algorithm\":\"ES256\",\
             \"retired\":{retired},\"drops_old\":false}}"
        )
    };
    record.expect(&[&line(&first.id, &Value::Null)]).await;
    let done = test.app.change(&Actor::Platform, rotate.clone()).await.expect("rotated");
    let Outcome::SigningKey(second) = done else { panic!("expected a key, got {done:?}") };
    record.expect(&[&line(&second.id, &json!(first.id))]).await;
    for command in [issue, rotate] {
        test.app.change(&Actor::System, command).await.expect_err("denied");
    }
    record.expect(&[]).await;
    let rows = "SELECT COALESCE(detail, '') || (SELECT payload FROM outbox o WHERE o.id = a.id) \
                FROM activities a";
    for row in test.database.texts(rows).await {
        assert!(!row.contains(CANARY) && !row.contains("csp_"), "{row}");
    }
}

async fn users(scim: &Client, record: &mut Record<'_>) {
    let body = json!({
        "userName": format!("{CANARY}@example.com"),
        "displayName": CANARY,
        "externalId": CANARY,
        "emails": [{ "value": format!("{CANARY}@example.com") }],
    });
    let id = scim.post("/Users", &body).await.expect(StatusCode::CREATED).id();
    record.expect(&["user.created done -"]).await;
    let path = format!("/Users/{id}");
    let title = json!({ "op": "replace", "path": "title", "value": CANARY });
    patch(scim, &path, &title).await.expect(StatusCode::OK);
    record.expect(&["user.patched done {\"attributes\":[\"title\"]}"]).await;
    patch(scim, &path, &title).await.expect(StatusCode::OK);
    scim.get(&path).await.expect(StatusCode::OK);
    scim.filter("/Users", &format!("displayName eq \"{CANARY}\"")).await.expect(StatusCode::OK);
    record.expect(&[]).await;
    let mut body = body;
    body["nickName"] = json!(CANARY);
    body["title"] = json!(CANARY);
    scim.put(&path, &body).await.expect(StatusCode::OK);
    record.expect(&["user.replaced done {\"attributes\":[\"nickName\"]}"]).await;
    scim.put(&path, &body).await.expect(StatusCode::OK);
    record.expect(&[]).await;
    refused(scim, (&path, &body)).await;
    record.expect(&[]).await;
    scim.delete(&path).await.expect(StatusCode::NO_CONTENT);
    record.expect(&["user.deleted done -"]).await;
    scim.delete(&path).await.refused(404, None);
    record.expect(&[]).await;
}

/// Requests that are refused for what they are, not by policy.
async fn refused(scim: &Client, (path, body): (&str, &Value)) {
    scim.post("/Users", body).await.refused(409, Some("uniqueness"));
    scim.post("/Users", &json!({})).await.refused(400, Some("invalidValue"));
    scim.post("/Groups", &json!({})).await.refused(400, Some("invalidValue"));
    scim.write(Method::PATCH, path, "{").await.refused(400, Some("invalidSyntax"));
    let stale = scim
        .request(Method::DELETE, path)
        .header(header::IF_MATCH, "W/\"0\"")
        .body(axum::body::Body::empty());
    scim.send(stale.expect("a request")).await.refused(412, None);
    let nobody = "/Users/018f0000-0000-7000-8000-000000000001";
    scim.put(nobody, &json!({ "userName": "x" })).await.refused(404, None);
    scim.get("/Users?filter=nonsense").await.refused(400, Some("invalidFilter"));
}

async fn groups(scim: &Client, record: &mut Record<'_>) {
    let user = scim.user(CANARY).await;
    let body = json!({ "displayName": CANARY, "members": [{ "value": user }] });
    let id = scim.post("/Groups", &body).await.expect(StatusCode::CREATED).id();
    record
        .expect(&[
            "user.created done -",
            "group.created done {\"membersAdded\":1,\"membersRemoved\":0}",
        ])
        .await;
    scim.post("/Groups", &body).await.refused(409, Some("uniqueness"));
    record.expect(&[]).await;
    let path = format!("/Groups/{id}");
    let remove = json!({ "op": "remove", "path": format!("members[value eq \"{user}\"]") });
    patch(scim, &path, &remove).await.expect(StatusCode::NO_CONTENT);
    record.expect(&["group.patched done {\"membersAdded\":0,\"membersRemoved\":1}"]).await;
    patch(scim, &path, &remove).await.expect(StatusCode::NO_CONTENT);
    record.expect(&[]).await;
    let add = json!({ "op": "add", "path": "members", "value": [{ "value": user }] });
    patch(scim, &path, &add).await.expect(StatusCode::NO_CONTENT);
    record.expect(&["group.patched done {\"membersAdded\":1,\"membersRemoved\":0}"]).await;
    patch(scim, &path, &add).await.expect(StatusCode::NO_CONTENT);
    record.expect(&[]).await;
    scim.put(&path, &body).await.expect(StatusCode::OK);
    record.expect(&[]).await;
    let rename = json!({ "op": "replace", "path": "displayName", "value": format!("{CANARY} 2") });
    patch(scim, &path, &rename).await.expect(StatusCode::NO_CONTENT);
    record.expect(&["group.patched done {\"attributes\":[\"displayName\"]}"]).await;
    scim.delete(&path).await.expect(StatusCode::NO_CONTENT);
    record.expect(&["group.deleted done -"]).await;
}

/// M66.
#[tokio::test]
async fn a_denial_is_on_record_once_and_then_counted_once_a_minute() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let id = scim.user("bjensen").await;
    let token = test.token("acme", TokenFor { access: Access::Read, ..TokenFor::default() }).await;
    let reader = test.client("acme", &token);
    let mut record = Record { test: &test, seen: 0 };
    let before = [
        "account.created done -",
        "token.issued done -",
        "user.created done -",
        "token.issued done -",
    ];
    record.expect(&before).await;
    for _ in 0..5 {
        reader.delete(&format!("/Users/{id}")).await.refused(403, None);
    }
    record.expect(&["user.deleted denied {\"rule\":\"scim-read-only-token\"}"]).await;
    reader.post("/Users", &json!({ "userName": "x" })).await.refused(403, None);
    record.expect(&["user.created denied {\"rule\":\"scim-read-only-token\"}"]).await;
    test.app.flush_denials().await;
    test.clock.advance_seconds(59);
    test.app.flush_denials().await;
    record.expect(&[]).await;
    test.clock.advance_seconds(2);
    test.app.flush_denials().await;
    test.app.flush_denials().await;
    record
        .expect(&["user.deleted denied {\"rule\":\"scim-read-only-token\",\"repeated\":4}"])
        .await;
    reader.delete(&format!("/Users/{id}")).await.refused(403, None);
    record.expect(&["user.deleted denied {\"rule\":\"scim-read-only-token\"}"]).await;
    // A server that stops leaves no count behind.
    reader.delete(&format!("/Users/{id}")).await.refused(403, None);
    test.app.flush_all_denials().await;
    test.app.flush_all_denials().await;
    record
        .expect(&["user.deleted denied {\"rule\":\"scim-read-only-token\",\"repeated\":1}"])
        .await;
    let target =
        "SELECT count(*) FROM activities WHERE outcome = 'denied' AND target_id IS NOT NULL";
    assert_eq!(test.database.number(target).await, 2);
}

#[tokio::test]
async fn a_command_that_the_command_line_may_not_give_changes_nothing() {
    let test = TestApp::new().await;
    let slug = Slug::parse("acme").expect("a slug");
    test.account("acme").await;
    let account = test.app.account(&Actor::Platform, &slug).await.expect("the account");
    let token = test.token("acme", TokenFor::default()).await;
    let tokens = test.app.tokens(&Actor::Platform, account.id).await.expect("the tokens");
    let revoke = RevokeToken { account: account.id, token: tokens[0].0.id };
    test.app.change(&Actor::System, Command::RevokeToken(revoke)).await.expect_err("denied");
    test.client("acme", &token).get("/Users").await.expect(StatusCode::OK);
}

async fn patch(scim: &Client, path: &str, operation: &Value) -> crate::world::client::Answer {
    scim.patch(path, &json!({ "Operations": [operation] })).await
}
