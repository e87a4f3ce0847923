//! Bearer tokens: what they open, for how long, and what a stranger learns (nothing).

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use countersign::app::{Error, Outcome};
use countersign::domain::account::Slug;
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, IssueToken, RevokeToken};
use countersign::domain::ids::TokenId;
use countersign::domain::opaque::reveal;
use countersign::domain::tokens::{Access, LIVE_LIMIT, compose};
use countersign::scim::preset::Preset;
use serde_json::json;
use uuid::Uuid;

use crate::world::server::Served;
use crate::world::{TestApp, TokenFor};

#[tokio::test]
async fn a_token_ends_at_its_moment() {
    let test = TestApp::new().await;
    test.account("acme").await;
    let token = test.token("acme", TokenFor { days: 1, ..TokenFor::default() }).await;
    let scim = test.client("acme", &token);
    scim.get("/Users").await.expect(StatusCode::OK);
    test.clock.advance_seconds(86_399);
    scim.get("/Users").await.expect(StatusCode::OK);
    test.clock.advance_seconds(1);
    scim.get("/Users").await.refused(401, None);
}

#[tokio::test]
async fn a_connection_has_four_live_tokens_at_most() {
    let test = TestApp::new().await;
    let account = test.account("acme").await;
    let mut clients = Vec::new();
    for _ in 0..LIVE_LIMIT {
        let token = test.token("acme", TokenFor { days: 2, ..TokenFor::default() }).await;
        clients.push(test.client("acme", &token));
    }
    for client in &clients {
        client.get("/Users").await.expect(StatusCode::OK);
    }
    let issue = Command::IssueToken(IssueToken {
        account,
        connection: "default".to_owned(),
        preset: Preset::Standard,
        access: Access::Write,
        days: 2,
    });
    let refused = test.app.change(&Actor::Platform, issue.clone()).await.expect_err("one too many");
    assert!(matches!(&refused, Error::Invalid(_)), "{refused}");
    assert!(refused.to_string().contains("revoke one first"), "{refused}");
    // Another connection has its own four, and an expired token takes no place.
    test.token("acme", TokenFor { connection: "other", ..TokenFor::default() }).await;
    test.clock.advance_seconds(2 * 86_400);
    test.app.change(&Actor::Platform, issue).await.expect("room again");
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once() {
    let test = TestApp::new().await;
    let account = test.account("acme").await;
    let kept = test.token("acme", TokenFor::default()).await;
    let revoked = test.token("acme", TokenFor::default()).await;
    let (kept, revoked) = (test.client("acme", &kept), test.client("acme", &revoked));
    kept.get("/Users").await.expect(StatusCode::OK);
    revoked.get("/Users").await.expect(StatusCode::OK);
    let tokens = test.app.tokens(&Actor::Platform, account).await.expect("the tokens");
    let revoke = Command::RevokeToken(RevokeToken { account, token: tokens[1].0.id });
    let done = test.app.change(&Actor::Platform, revoke).await.expect("it is revoked");
    assert!(matches!(done, Outcome::Done));
    revoked.get("/Users").await.refused(401, None);
    kept.get("/Users").await.expect(StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_revoked_by_another_process_is_refused_within_a_second() {
    let served = Served::start("info").await;
    let program = &served.program;
    let status = async || {
        let request = served.client.get(served.users()).bearer_auth(&served.token);
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(status().await, 200);
    let list = program.must(&["token", "list", "--account", "acme"]);
    let id = list.lines().nth(1).and_then(|line| line.split(' ').next()).expect("its id");
    program.must(&["token", "revoke", "--account", "acme", id]);
    let revoked = Instant::now();
    while status().await == 200 {
        assert!(revoked.elapsed() < Duration::from_secs(1), "still accepted");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(status().await, 401);
    assert!(program.must(&["token", "list", "--account", "acme"]).contains("revoked"));
}

#[tokio::test]
async fn strangers_are_all_told_the_same() {
    let test = TestApp::new().await;
    test.account("acme").await;
    test.account("other").await;
    let token = test.token("acme", TokenFor::default()).await;
    let expired = test.token("acme", TokenFor { days: 1, ..TokenFor::default() }).await;
    test.clock.advance_seconds(86_400);
    let unknown = compose(TokenId::new(Uuid::from_u128(7)), [7; 32]).0;
    let wrong_secret = same_id_other_secret(&test, &token).await;
    let answers = [
        test.anonymous("acme").get("/Users").await,
        test.anonymous("nobody").get("/Users").await,
        test.client("other", &token).get("/Users").await,
        test.client("nobody", &token).get("/Users").await,
        test.client("acme", &expired).get("/Users").await,
        test.client("acme", reveal(&unknown)).get("/Users").await,
        test.client("acme", &wrong_secret).get("/Users").await,
        test.client("acme", token.get(..74).expect("most of it")).get("/Users").await,
        test.client("acme", &format!("{token}a")).get("/Users").await,
        test.client("acme", "csn_").get("/Users").await,
        test.client("acme", "").get("/Users").await,
        test.anonymous("acme").post("/Users", &json!({ "userName": "x" })).await,
        test.anonymous("acme").get("/nowhere").await,
        test.anonymous("acme").get("/Schemas").await,
    ];
    let first = answers[0].text.clone();
    for answer in answers {
        let answer = answer.refused(401, None);
        assert_eq!(answer.text, first);
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer realm=\"scim\"");
    }
    test.client("acme", &token).get("/Users").await.expect(StatusCode::OK);
}

async fn same_id_other_secret(test: &TestApp, token: &str) -> String {
    let slug = Slug::parse("acme").expect("a slug");
    let account = test.app.account(&Actor::Platform, &slug).await.expect("the account");
    let tokens = test.app.tokens(&Actor::Platform, account.id).await.expect("the tokens");
    let text = reveal(&compose(tokens[0].0.id, [9; 32]).0).to_owned();
    assert_eq!(text.get(..26), token.get(..26), "the same id");
    text
}

#[tokio::test]
async fn a_token_counts_in_the_header_only() {
    let test = TestApp::new().await;
    test.account("acme").await;
    let token = test.token("acme", TokenFor::default()).await;
    let stranger = test.anonymous("acme");
    for parameter in ["token", "access_token", "bearer", "authorization"] {
        stranger.get(&format!("/Users?{parameter}={token}")).await.refused(401, None);
    }
    let cookie =
        stranger.request(Method::GET, "/Users").header(header::COOKIE, format!("token={token}"));
    stranger.send(cookie.body(Body::empty()).expect("a request")).await.refused(401, None);
    for (scheme, status) in
        [("Bearer", 200), ("bearer", 200), ("BEARER", 200), ("Basic", 401), ("", 401)]
    {
        let request: Request<Body> = stranger
            .request(Method::GET, "/Users")
            .header(header::AUTHORIZATION, format!("{scheme} {token}"))
            .body(Body::empty())
            .expect("a request");
        assert_eq!(stranger.send(request).await.status, status, "scheme `{scheme}`");
    }
}

#[tokio::test]
async fn a_mistyped_token_costs_no_statement() {
    let test = TestApp::new().await;
    test.account("acme").await;
    let token = test.token("acme", TokenFor::default()).await;
    let before = test.store.statements();
    for at in 4..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
        let mistyped = String::from_utf8(bytes).expect("text");
        test.client("acme", &mistyped).get("/Users").await.refused(401, None);
    }
    assert_eq!(test.store.statements(), before);
    test.client("acme", &token).get("/Users").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn only_a_hash_of_the_secret_is_stored() {
    let test = TestApp::new().await;
    test.account("acme").await;
    let token = test.token("acme", TokenFor::default()).await;
    test.client("acme", &token).get("/Users").await.expect(StatusCode::OK);
    let secret = token.get(26..69).expect("the secret");
    let hex = secret.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let tables = ["accounts", "connections", "tokens", "signals", "activities", "outbox"];
    for table in tables {
        let row = if test.database.is_sqlite() {
            let columns =
                format!("SELECT 'quote(' || name || ')' FROM pragma_table_info('{table}')");
            test.database.texts(&columns).await.join(" || ' ' || ")
        } else {
            format!("CAST({table}.* AS text)")
        };
        let rows = test.database.texts(&format!("SELECT {row} FROM {table}")).await;
        assert!(!rows.is_empty(), "{table}");
        for row in rows {
            let lower = row.to_lowercase();
            let is_leaked = row.contains(secret) || row.contains("csn_") || lower.contains(&hex);
            assert!(!is_leaked, "{table}: {row}");
        }
    }
}

#[tokio::test]
async fn a_read_only_token_reads_and_changes_nothing() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let (user_id, group_id) = (scim.user("bjensen").await, scim.group("Staff", &[]).await);
    let token = test.token("acme", TokenFor { access: Access::Read, ..TokenFor::default() }).await;
    let reader = test.client("acme", &token);
    let (user, group) = (format!("/Users/{user_id}"), format!("/Groups/{group_id}"));
    for path in ["/Users", "/Groups", &user, &group, "/Schemas"] {
        reader.get(path).await.expect(StatusCode::OK);
    }
    let search = json!({ "filter": "userName eq \"bjensen\"" });
    assert_eq!(reader.post("/Users/.search", &search).await.total(), 1);
    let body = json!({ "userName": "new", "displayName": "New" });
    let add = json!({ "op": "add", "path": "members", "value": [{ "value": user_id }] });
    let patch = json!({ "Operations": [add] });
    let answers = [
        reader.post("/Users", &body).await,
        reader.post("/Groups", &body).await,
        reader.put(&user, &body).await,
        reader.put(&group, &body).await,
        reader.patch(&group, &patch).await,
        reader.delete(&user).await,
        reader.delete(&group).await,
    ];
    for answer in answers {
        answer.refused(403, None);
    }
    assert_eq!(scim.get("/Users").await.total() + scim.get("/Groups").await.total(), 2);
    assert!(scim.member_ids(&group_id).await.is_empty());
}
