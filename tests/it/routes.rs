//! The table of all SCIM routes: who is let through which, and that none tells about another account.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use countersign::app::Outcome;
use countersign::domain::account::Slug;
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, RevokeToken};
use countersign::domain::ids::TokenId;
use countersign::domain::tokens::{self, Access};
use serde_json::{Value, json};

use crate::scim::{USER, patch_op};
use crate::world::client::{Answer, Client};
use crate::world::{TestApp, TokenFor};

/// Where the routes stand.
const SOURCE: &str = include_str!("../../src/http/scim.rs");

/// What a request does; `Never` is answered alike to all who may come in.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    Read,
    Write,
    Never,
}

use Does::{Never, Read, Write};

/// A route with all its methods.
type Row = (&'static str, &'static [(&'static str, Does)]);

/// Every route.
const ROUTES: &[Row] = &[
    ("/Users", &[("GET", Read), ("POST", Write)]),
    ("/Users/.search", &[("POST", Read)]),
    ("/Users/{id}", &[("GET", Read), ("PUT", Write), ("PATCH", Write), ("DELETE", Write)]),
    ("/Groups", &[("GET", Read), ("POST", Write)]),
    ("/Groups/.search", &[("POST", Read)]),
    ("/Groups/{id}", &[("GET", Read), ("PUT", Write), ("PATCH", Write), ("DELETE", Write)]),
    ("/Roles", &[("GET", Read)]),
    ("/Roles/{id}", &[("GET", Read)]),
    ("/Entitlements", &[("GET", Read)]),
    ("/Entitlements/{id}", &[("GET", Read)]),
    ("/OktaRoles", &[("GET", Read)]),
    ("/OktaRoles/{id}", &[("GET", Read)]),
    ("/OktaEntitlements", &[("GET", Read)]),
    ("/OktaEntitlements/{id}", &[("GET", Read)]),
    ("/.search", &[("POST", Read)]),
    ("/Bulk", &[("POST", Never)]),
    (
        "/Me",
        &[("GET", Never), ("POST", Never), ("PUT", Never), ("PATCH", Never), ("DELETE", Never)],
    ),
    ("/ServiceProviderConfig", &[("GET", Read)]),
    ("/ResourceTypes", &[("GET", Read)]),
    ("/ResourceTypes/{id}", &[("GET", Read)]),
    ("/Schemas", &[("GET", Read)]),
    ("/Schemas/{id}", &[("GET", Read)]),
];

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

#[test]
fn no_route_is_missing_in_the_table() {
    let routed: Vec<&str> =
        SOURCE.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let listed: Vec<&str> = ROUTES.iter().map(|(path, _)| *path).collect();
    assert_eq!(routed, listed, "give each new route its row in ROUTES");
    let hidden = [".route_service(", "nest_service(", "fallback_service("];
    assert!(!hidden.iter().any(|call| SOURCE.contains(call)), "the table cannot see these");
}

/// One account's users and group, the same in each account.
struct Twin {
    scim: Client,
    ids: Vec<String>,
    user: String,
    group: String,
    role: String,
    bundle: String,
}

impl Twin {
    /// Ann, Bob and a group of both; `extra` more users.
    async fn new(scim: Client, extra: usize) -> Self {
        let mut ids = vec![];
        for name in ["ann", "bob"] {
            let body = json!({ "schemas": [USER], "userName": name, "externalId": format!("e-{name}"),
                "displayName": name, "emails": [{ "value": format!("{name}@example.com") }] });
            ids.push(scim.post("/Users", &body).await.expect(StatusCode::CREATED).id());
        }
        let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
        let body = json!({ "displayName": "Staff", "externalId": "e-staff", "members": members });
        let group = scim.post("/Groups", &body).await.expect(StatusCode::CREATED).id();
        for n in 0..extra {
            ids.push(scim.user(&format!("extra-{n}")).await);
            ids.push(scim.group(&format!("extra-{n}"), &[]).await);
        }
        let user = ids[0].clone();
        ids.push(group.clone());
        // The catalogue has some, and they are everybody's.
        let role = scim.get("/Roles").await.ids().swap_remove(0);
        let bundle = scim.get("/Entitlements").await.ids().swap_remove(0);
        Self { scim, ids, user, group, role, bundle }
    }

    fn path(&self, route: &str) -> String {
        match route {
            "/Users/{id}" => format!("/Users/{}", self.user),
            "/Groups/{id}" => format!("/Groups/{}", self.group),
            "/Roles/{id}" | "/OktaRoles/{id}" => route.replace("{id}", &self.role),
            "/Entitlements/{id}" | "/OktaEntitlements/{id}" => route.replace("{id}", &self.bundle),
            "/ResourceTypes/{id}" => "/ResourceTypes/User".to_owned(),
            "/Schemas/{id}" => format!("/Schemas/{USER}"),
            other => other.to_owned(),
        }
    }

    async fn look(&self) -> Vec<Value> {
        vec![self.scim.get("/Users").await.body, self.scim.get("/Groups").await.body]
    }
}

async fn send(client: &Client, method: &str, path: &str, authorization: Option<&str>) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let mut request = client.request(method, path);
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    let body = match path.split('/').nth(1) {
        Some("Users") => json!({ "userName": "new", "schemas": [USER], "Operations": [] }),
        _ => json!({ "displayName": "new", "Operations": [] }),
    };
    client.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

/// SECURITY.md §7, Casdoor CVE-2025-4210: every route, every way not to be let in.
#[tokio::test]
async fn no_route_opens_without_a_live_token_of_its_account() {
    let test = TestApp::new().await;
    let twin = Twin::new(test.scim("acme").await, 0).await;
    test.account("other").await;
    let foreign = test.token("other", TokenFor::default()).await;
    let day = TokenFor { days: 1, ..TokenFor::default() };
    let expired = test.token("acme", day).await;
    test.client("acme", &expired).get("/Users").await.expect(StatusCode::OK);
    test.clock.advance_seconds(24 * 3600);
    let revoked = test.token("acme", TokenFor::default()).await;
    test.client("acme", &revoked).get("/Users").await.expect(StatusCode::OK);
    revoke(&test, &revoked).await;
    let before = twin.look().await;
    let live = test.token("acme", TokenFor::default()).await;
    let wrong = wrong_headers(&live, [&foreign, &expired, &revoked]);
    let (stranger, nowhere) = (test.anonymous("acme"), test.anonymous("no-such-account"));
    let mut seen = BTreeSet::new();
    for (path, method) in
        ROUTES.iter().flat_map(|(route, _)| METHODS.map(|m| (twin.path(route), m)))
    {
        for header in &wrong {
            seen.extend(shut(&stranger, method, &path, header.as_deref()).await);
        }
        let query = format!("{path}?access_token={live}&token={live}");
        seen.extend(shut(&stranger, method, &query, None).await);
        let header = format!("Bearer {live}");
        seen.extend(shut(&nowhere, method, &path, Some(&header)).await);
    }
    assert_eq!(seen.len(), 1, "all refusals read alike: {seen:?}");
    assert_eq!(twin.look().await, before);
    let live = format!("bearer {live}");
    assert_eq!(send(&stranger, "GET", "/Users", Some(&live)).await.status, StatusCode::OK);
}

/// Asserts that a request is refused with 401; the text of the refusal, if there is one.
async fn shut(client: &Client, method: &str, path: &str, header: Option<&str>) -> Option<String> {
    let answer = send(client, method, path, header).await;
    let told = format!("{method} {path} with {header:?}: {}", answer.text);
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{told}");
    assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE), "{told}");
    (method != "HEAD").then(|| answer.refused(401, None).text)
}

/// Headers that do not let in: none, other schemes, mangled tokens, tokens that are good elsewhere or
/// were once.
fn wrong_headers(live: &str, dead: [&str; 3]) -> Vec<Option<String>> {
    let mut swapped = live.to_owned().into_bytes();
    swapped.swap(30, 31);
    let swapped = String::from_utf8(swapped).expect("text");
    let mut wrong = vec![
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some(live.to_owned()),
        Some(format!("Basic {live}")),
        Some(format!("Bearer {}", live.chars().take(live.len() - 1).collect::<String>())),
        Some(format!("Bearer {live}0")),
        Some(format!("Bearer {}", live.to_uppercase())),
        Some(format!("Bearer {}", live.trim_start_matches("csn_"))),
        Some(format!("Bearer {live} {live}")),
        Some(format!("Bearer {}", "a".repeat(10_000))),
        Some("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.".to_owned()),
    ];
    if swapped != live {
        wrong.push(Some(format!("Bearer {swapped}")));
    }
    wrong.extend(dead.map(|token| Some(format!("Bearer {token}"))));
    wrong
}

async fn revoke(test: &TestApp, token: &str) {
    let slug = Slug::parse("acme").expect("a slug");
    let account = test.app.account(&Actor::Platform, &slug).await.expect("the account").id;
    let token = TokenId::new(tokens::read(token).expect("a token").id);
    let command = Command::RevokeToken(RevokeToken { account, token });
    let outcome = test.app.change(&Actor::Platform, command).await.expect("it is revoked");
    assert!(matches!(outcome, Outcome::Done), "{outcome:?}");
}

#[tokio::test]
async fn a_token_that_may_only_read_writes_through_no_route() {
    let test = TestApp::new().await;
    let twin = Twin::new(test.scim("acme").await, 0).await;
    let wanted = TokenFor { access: Access::Read, ..TokenFor::default() };
    let reader = test.client("acme", &test.token("acme", wanted).await);
    let before = twin.look().await;
    for (row, method) in ROUTES.iter().flat_map(|row| METHODS.map(|method| (row, method))) {
        let path = twin.path(row.0);
        let answer = send(&reader, method, &path, None).await;
        let expected = for_a_reader(row, method);
        assert_eq!(answer.status, expected, "{method} {path}: {}", answer.text);
        if expected == StatusCode::FORBIDDEN {
            answer.refused(403, None);
        }
    }
    assert_eq!(twin.look().await, before);
}

/// What a token that may only read is answered; whoever answers GET answers HEAD.
fn for_a_reader((route, methods): &Row, method: &str) -> StatusCode {
    let asked = if method == "HEAD" { "GET" } else { method };
    match methods.iter().find(|(name, _)| *name == asked) {
        Some((_, Read)) => StatusCode::OK,
        Some((_, Write)) => StatusCode::FORBIDDEN,
        Some((_, Never)) => StatusCode::NOT_IMPLEMENTED,
        None if ["/Bulk", "/Me"].contains(route) => StatusCode::NOT_IMPLEMENTED,
        None => StatusCode::METHOD_NOT_ALLOWED,
    }
}

/// M46, and the same names in two accounts, on every route.
#[tokio::test]
async fn no_route_shows_another_account_with_the_same_names() {
    let test = TestApp::new().await;
    let one = Twin::new(test.scim("one").await, 0).await;
    let two = Twin::new(test.scim("two").await, 3).await;
    let before = two.look().await;
    for (route, method) in
        ROUTES.iter().flat_map(|(route, methods)| methods.iter().map(move |(m, _)| (route, m)))
    {
        for path in [one.path(route), two.path(route)] {
            let answer = send(&one.scim, method, &path, None).await;
            assert_strange(&answer, &two, &path);
        }
    }
    assert_eq!(two.look().await, before, "nothing that one account did touched the other");
}

#[tokio::test]
async fn no_filter_shows_or_counts_another_account_with_the_same_names() {
    let test = TestApp::new().await;
    let one = Twin::new(test.scim("one").await, 0).await;
    let two = Twin::new(test.scim("two").await, 3).await;
    for (endpoint, filter, total) in [
        ("/Users", "userName eq \"ann\"".to_owned(), 1),
        ("/Users", "externalId eq \"e-ann\"".to_owned(), 1),
        ("/Users", "emails eq \"ann@example.com\"".to_owned(), 1),
        ("/Users", "displayName sw \"a\"".to_owned(), 1),
        ("/Users", "groups pr".to_owned(), 2),
        ("/Users", "not (userName eq \"nobody\")".to_owned(), 2),
        ("/Users", format!("id eq \"{}\"", two.user), 0),
        ("/Users", format!("groups eq \"{}\"", two.group), 0),
        ("/Groups", "displayName eq \"STAFF\"".to_owned(), 1),
        ("/Groups", "externalId eq \"e-staff\"".to_owned(), 1),
        ("/Groups", "members pr".to_owned(), 1),
        ("/Groups", format!("id eq \"{}\"", two.group), 0),
        ("/Groups", format!("members eq \"{}\"", two.user), 0),
        ("/Groups", format!("not (members eq \"{}\")", two.user), 1),
    ] {
        let search = json!({ "filter": filter });
        let answers = [
            one.scim.filter(endpoint, &filter).await,
            one.scim.post(&format!("{endpoint}/.search"), &search).await,
        ];
        for answer in answers {
            assert_eq!(answer.total(), total, "{filter}");
            assert_strange(&answer, &two, &filter);
        }
        let found = one.scim.post("/.search", &search).await;
        assert_strange(&found, &two, &filter);
        assert!(found.total() <= 3, "{filter} counts strangers: {}", found.text);
    }
    assert_eq!(one.scim.post("/.search", &json!({})).await.total(), 3);
}

/// DECISIONS.md 21: another account's id is byte for byte an unknown one; another connection's too.
#[tokio::test]
async fn a_strangers_id_answers_like_an_unknown_one() {
    let test = TestApp::new().await;
    let one = Twin::new(test.scim("one").await, 0).await;
    let two = Twin::new(test.scim("two").await, 0).await;
    let wanted = TokenFor { connection: "second", ..TokenFor::default() };
    let second = test.client("one", &test.token("one", wanted).await);
    let colleague = second.user("colleague").await;
    let team = second.group("Staff", &[]).await;
    let unknown = "018f0000-0000-7000-8000-00000000abcd";
    let strange = [two.user.as_str(), &two.group, &colleague, &team, &one.group, &one.user];
    for (endpoint, own) in [("/Users", &one.user), ("/Groups", &one.group)] {
        for id in strange.into_iter().filter(|id| id != own) {
            let paths = [id, unknown].map(|id| format!("{endpoint}/{id}"));
            assert_alike(&one.scim, &paths).await;
        }
    }
    assert_eq!(second.get(&format!("/Users/{colleague}")).await.body["userName"], "colleague");
    assert_eq!(second.get("/Users").await.ids(), [colleague]);
}

/// Asserts that two paths are answered alike, byte for byte but for the id.
async fn assert_alike(scim: &Client, [known, unknown]: &[String; 2]) {
    let ids = [known, unknown].map(|path| path.rsplit('/').next().unwrap_or_default());
    let queries = ["", "?attributes=id", "?attributes=id&excludedAttributes=id"];
    let methods = ["GET", "PUT", "PATCH", "DELETE", "HEAD"];
    for (method, query) in methods.iter().flat_map(|m| queries.map(|q| (m, q))) {
        let a = send(scim, method, &format!("{known}{query}"), None).await;
        let b = send(scim, method, &format!("{unknown}{query}"), None).await;
        assert_eq!(a.status, b.status, "{method} {known}{query}");
        assert_eq!(a.text.replace(ids[0], ids[1]), b.text, "{method} {known}{query}");
        assert_eq!(headers(&a), headers(&b), "{method} {known}{query}");
    }
    for path in [known, unknown] {
        let request = scim.request(Method::PATCH, path).header(header::IF_MATCH, "*");
        let join = json!([{ "op": "add", "path": "members", "value": [] }]);
        let body = Body::from(patch_op(&join).to_string());
        scim.send(request.body(body).expect("a request")).await.refused(404, None);
    }
}

/// The headers, without what differs on each request.
fn headers(answer: &Answer) -> Vec<(String, Vec<u8>)> {
    let kept = answer.headers.iter().filter(|(name, _)| *name != "x-request-id");
    kept.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
}

/// Nothing of `other` is in the answer, but for an id that was asked for.
#[track_caller]
fn assert_strange(answer: &Answer, other: &Twin, asked: &str) {
    for id in other.ids.iter().filter(|id| !asked.contains(id.as_str())) {
        assert!(!answer.text.contains(id.as_str()), "{asked} shows {id}: {}", answer.text);
    }
    if answer.status.is_success() {
        let shown = other.ids.iter().any(|id| answer.text.contains(id.as_str()));
        assert!(!shown, "{asked}: {}", answer.text);
    }
    assert!(!answer.text.contains("extra-"), "{asked}: {}", answer.text);
    assert!(!answer.text.contains("/accounts/two/"), "{asked}: {}", answer.text);
}
