//! What takes somebody's access away takes all of it, everywhere (DECISIONS.md 30, IPSIE AL1): what is told
//! to one process holds in every other, for pages, the API, access tokens and their introspection.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use countersign::app::{App, Outcome};
use countersign::boot::clock::RandomIds;
use countersign::domain::account::{Kind, Slug};
use countersign::domain::actor::Actor;
use countersign::domain::command::{
    Command, CreateAccount, IssueProductKey, RevokeProductKey, UnlinkUser,
};
use countersign::domain::ids::ProductKeyId;
use countersign::domain::keys::products::ProductScope;
use countersign::domain::opaque::{self, Sort, reveal};
use countersign::http;
use countersign::store::Store;
use serde_json::{Value, json};

use super::scene::{Scene, account_id};
use crate::scim::{GROUP, USER, patch_op};
use crate::world::browser::SESSION;
use crate::world::client::{Answer, Client};
use crate::world::server::Program;
use crate::world::{PUBLIC_URL, TestApp};

const FORM: &str = "application/x-www-form-urlencoded";
const EVERYTHING: &str = "here: page api token introspection; there: page api token introspection";
const NOTHING: &str = "here:; there:";

/// Ann, signed in through her provider on one of two processes that share nothing but the database.
struct Ann {
    scene: Scene,
    elsewhere: App,
    cookie: String,
    token: String,
    product_key: String,
}

impl Ann {
    async fn signed_in() -> Self {
        let mut scene = Scene::new().await;
        scene.accepts(|_| {}).await;
        let elsewhere = another_process(&scene.test).await;
        let product_key = product_key(&scene.test).await;
        let cookie = scene.browser.cookies[SESSION].clone();
        let mut ann = Self { scene, elsewhere, cookie, token: String::new(), product_key };
        let request = ann.by_cookie(Method::POST, "/api/v1/token").body(Body::empty());
        let answer = send(&ann.scene.test.app, request.expect("a request")).await;
        let token = answer.expect(StatusCode::OK).body["access_token"].as_str().map(str::to_owned);
        ann.token = token.expect("a token");
        ann
    }

    /// Which doors are open to her, on both processes.
    async fn opens(&self) -> String {
        let (here, there) = (&self.scene.test.app, &self.elsewhere);
        format!("here:{}; there:{}", self.opens_at(here).await, self.opens_at(there).await)
    }

    async fn opens_at(&self, app: &App) -> String {
        let mut open = String::new();
        for door in ["page", "api", "token", "introspection"] {
            if self.is_open(app, door).await {
                open = format!("{open} {door}");
            }
        }
        open
    }

    async fn is_open(&self, app: &App, door: &str) -> bool {
        let answer = match door {
            "page" => self.ask(app, self.by_cookie(Method::GET, "/account/sessions")).await,
            "api" => self.ask(app, self.by_cookie(Method::GET, "/api/v1/me")).await,
            "token" => self.ask(app, bearing(Method::GET, "/api/v1/me", &self.token)).await,
            _ => return introspect(app, &self.product_key, &self.token).await == Some(true),
        };
        match (door, answer.status.as_u16()) {
            (_, 200) => true,
            ("page", 303) | ("api" | "token", 401) => false,
            (_, other) => panic!("{door}: {other}: {}", answer.text),
        }
    }

    async fn ask(&self, app: &App, request: axum::http::request::Builder) -> Answer {
        send(app, request.body(Body::empty()).expect("a request")).await
    }

    fn by_cookie(&self, method: Method, path: &str) -> axum::http::request::Builder {
        axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, format!("{SESSION}={}", self.cookie))
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, PUBLIC_URL)
    }

    fn path(&self) -> String {
        format!("/Users/{}", self.scene.ann)
    }

    async fn patch(&self, path: &str, value: Value) {
        let operations = json!([{ "op": "replace", "path": path, "value": value }]);
        let answer = self.scene.scim.patch(&self.path(), &patch_op(&operations)).await;
        answer.expect(StatusCode::OK);
    }

    /// Takes her access away.
    async fn end_by(&self, way: &str) {
        let scim = &self.scene.scim;
        match way {
            "PATCH active: false" => self.patch("active", json!(false)).await,
            "PATCH without a path" => {
                let operations = json!([{ "op": "replace", "value": { "active": "False" } }]);
                let answer = scim.patch(&self.path(), &patch_op(&operations)).await;
                answer.expect(StatusCode::OK);
            }
            "PUT active: false" => {
                let body = json!({ "schemas": [USER], "userName": "ann", "externalId": "u-ann",
                                   "active": false });
                scim.put(&self.path(), &body).await.expect(StatusCode::OK);
            }
            "DELETE" => {
                scim.delete(&self.path()).await.expect(StatusCode::NO_CONTENT);
            }
            "unlink" => {
                let account = account_id(&self.scene.test, "acme").await;
                let user = self.scene.ann.parse().expect("an id");
                let unlink = Command::UnlinkUser(UnlinkUser { account, user });
                self.scene.test.app.change(&Actor::Platform, unlink).await.expect("unlinked");
            }
            _ => {
                let program = Program::new(&self.scene.test.database.url);
                program.must(&["sso", "unlink", "--account", "acme", "--user-name", "Ann"]);
            }
        }
    }
}

async fn another_process(test: &TestApp) -> App {
    let store = Store::open(&test.database.settings()).await.expect("it opens");
    App::new(store, test.clock.clone(), Arc::new(RandomIds), test.app.settings().clone())
}

async fn send(app: &App, request: axum::http::Request<Body>) -> Answer {
    Client::new(http::service(app.clone()), "acme", None).send(request).await
}

fn bearing(method: Method, path: &str, token: &str) -> axum::http::request::Builder {
    let request = axum::http::Request::builder().method(method).uri(path);
    request.header(header::AUTHORIZATION, format!("Bearer {token}"))
}

/// Whether the product is told that the token is good; none if the product itself is refused.
async fn introspect(app: &App, key: &str, token: &str) -> Option<bool> {
    let request = bearing(Method::POST, "/api/v1/introspect", key);
    let request = request.header(header::CONTENT_TYPE, FORM).body(format!("token={token}").into());
    let answer = send(app, request.expect("a request")).await;
    match answer.status.as_u16() {
        200 => answer.body["active"].as_bool(),
        401 => None,
        other => panic!("{other}: {}", answer.text),
    }
}

/// A key by which the product introspects.
async fn product_key(test: &TestApp) -> String {
    let slug = Slug::parse("vendor").expect("a slug");
    let name = "Vendor".to_owned();
    let operator = Command::CreateAccount(CreateAccount {
        slug,
        name,
        kind: Kind::Operator,
        parent: None,
        team: None,
        first_administrator: None,
    });
    test.app.change(&Actor::Platform, operator).await.expect("an operator");
    let scopes = vec![ProductScope::Introspect];
    let issue = IssueProductKey { name: "shop".to_owned(), scopes, days: 30 };
    let made = test.app.change(&Actor::Platform, Command::IssueProductKey(issue)).await;
    let Ok(Outcome::ProductKey(issued)) = made else { panic!("expected a key, got {made:?}") };
    reveal(&issued.secret).to_owned()
}

/// The issue's Must show; C3: whom SCIM takes away is out. agent-bom #3687: no credential is forgotten.
#[tokio::test]
async fn deactivation_deletion_and_unlinking_end_sessions_and_tokens_in_every_process() {
    for way in [
        "PATCH active: false",
        "PATCH without a path",
        "PUT active: false",
        "DELETE",
        "unlink",
        "sso unlink",
    ] {
        let ann = Ann::signed_in().await;
        assert_eq!(ann.opens().await, EVERYTHING, "before {way}");
        ann.end_by(way).await;
        assert_eq!(ann.opens().await, NOTHING, "after {way}");
        if way.contains("active") || way.contains("PATCH") {
            ann.patch("active", json!(true)).await;
            assert_eq!(ann.opens().await, NOTHING, "{way}: coming back brings nothing back");
        }
        assert_eq!(ann.scene.sessions().await, 0, "{way}");
    }
}

#[tokio::test]
async fn a_change_that_takes_no_access_away_ends_nothing() {
    let ann = Ann::signed_in().await;
    let scim = &ann.scene.scim;
    let body = json!({ "schemas": [GROUP], "displayName": "Staff",
                       "members": [{ "value": ann.scene.ann }] });
    let group = scim.post("/Groups", &body).await.expect(StatusCode::CREATED).id();
    let group = format!("/Groups/{group}");
    let one = format!("members[value eq \"{}\"]", ann.scene.ann);
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": ann.scene.ann }] }]);
    for operations in [
        json!([{ "op": "replace", "path": "displayName", "value": "All staff" }]),
        json!([{ "op": "remove", "path": one }]),
        add,
        json!([{ "op": "replace", "path": "members", "value": [] }]),
    ] {
        let answer = scim.patch(&group, &patch_op(&operations)).await;
        assert!(answer.status.is_success(), "{}", answer.text);
        assert_eq!(ann.opens().await, EVERYTHING, "{operations}");
    }
    let body = json!({ "schemas": [GROUP], "displayName": "Staff" });
    scim.put(&group, &body).await.expect(StatusCode::OK);
    scim.delete(&group).await.expect(StatusCode::NO_CONTENT);
    ann.patch("title", json!("Dr")).await;
    ann.patch("active", json!(true)).await;
    assert_eq!(ann.opens().await, EVERYTHING);
}

#[tokio::test]
async fn a_product_key_revoked_in_one_process_opens_nothing_in_any() {
    for by_command_line in [false, true] {
        let ann = Ann::signed_in().await;
        let apps = [&ann.scene.test.app, &ann.elsewhere];
        for app in apps {
            assert_eq!(introspect(app, &ann.product_key, &ann.token).await, Some(true));
        }
        let key = opaque::read(Sort::ProductKey, &ann.product_key).expect("a key").id;
        if by_command_line {
            let program = Program::new(&ann.scene.test.database.url);
            program.must(&["product-key", "revoke", &key.to_string()]);
        } else {
            let revoke = RevokeProductKey { key: ProductKeyId::new(key) };
            let done = apps[1].change(&Actor::Platform, Command::RevokeProductKey(revoke)).await;
            done.expect("revoked");
        }
        for app in apps {
            assert_eq!(introspect(app, &ann.product_key, &ann.token).await, None);
        }
    }
}
