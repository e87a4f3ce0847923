//! Two servers on one database, as behind a load balancer: what one of them is told holds in the other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::app::App;
use countersign::app::sign_in::{Proof, Shown};
use countersign::boot::clock::{RandomIds, SystemClock};
use countersign::domain::account::Slug;
use countersign::domain::actor::Actor;
use countersign::domain::opaque::reveal;
use countersign::domain::sessions::Visitor;
use countersign::store::Store;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::scim::patch_op;
use crate::world::browser::SESSION;
use crate::world::database::TestDatabase;
use crate::world::server::{Program, Running};
use crate::world::settings;
use crate::world::vouched::has_password;

/// The key of [`settings`], as the program is told it.
pub(super) const SEALING_KEY: &str = "test:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// Two servers, and how everybody shows who they are to them.
struct Pair {
    one: Program,
    two: Program,
    _running: [Running; 2],
    _folder: TempDir,
    database: TestDatabase,
    client: Client,
    scim_token: String,
    product_key: String,
}

impl Pair {
    async fn start() -> Self {
        let database = TestDatabase::create().await;
        let program = || Program::new(&database.url).with("COUNTERSIGN_SECRETS__KEYS", SEALING_KEY);
        let one = program();
        let two = program().with("COUNTERSIGN_SERVER__PUBLIC_URL", &one.url());
        one.must(&["migrate", "up"]);
        one.must(&["account", "create", "vendor", "--operator"]);
        one.must(&["account", "create", "acme"]);
        let scim_token = one.must(&["token", "create", "--account", "acme"]);
        let issue = ["product-key", "create", "--name", "shop", "--scope", "introspect"];
        let product_key = one.must(&issue);
        let folder = tempfile::tempdir().expect("a folder");
        let running = [
            one.serve(&folder.path().join("one.log")).await,
            two.serve(&folder.path().join("two.log")).await,
        ];
        let client = Client::builder()
            .timeout(Duration::from_secs(20))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            one,
            two,
            _running: running,
            _folder: folder,
            database,
            client,
            scim_token,
            product_key,
        }
    }

    /// Sends JSON to the SCIM base at the first server; what it answers.
    async fn scim(&self, method: Method, path: &str, body: &Value) -> Value {
        let url = format!("{}/accounts/acme/scim/v2{path}", self.one.url());
        let request = self.client.request(method, url).bearer_auth(&self.scim_token).json(body);
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{answer:?}");
        let text = answer.text().await.expect("text");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// A session of a user, begun by neither of the servers; its cookie.
    async fn sign_in(&self, user: &str) -> String {
        let store = Store::open(&self.database.settings()).await.expect("it opens");
        let settings = countersign::app::Settings { public_url: self.one.url(), ..settings() };
        let clock = Arc::new(SystemClock::default());
        let app = App::new(store, clock, Arc::new(RandomIds), settings);
        let acme = Slug::parse("acme").expect("a slug");
        let account = app.account(&Actor::Platform, &acme).await.expect("the account").id;
        let shown = Shown::Password(has_password(&self.database, account, user).await);
        let proof = Proof { account, user: user.parse().expect("an id"), shown };
        let now = app.finish_login(&proof, Visitor::default(), None).await.expect("a session");
        format!("{SESSION}={}", reveal(&now.secret))
    }

    async fn access_token(&self, cookie: &str) -> String {
        let request = self.client.post(format!("{}/api/v1/token", self.one.url()));
        let request = request
            .header("cookie", cookie)
            .header("origin", self.one.url())
            .header("sec-fetch-site", "same-origin");
        let answer: Value = request.send().await.expect("sent").json().await.expect("JSON");
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    /// Whether the page of a signed-in user opens.
    async fn page(&self, at: &Program, cookie: &str) -> bool {
        let request = self.client.get(format!("{}/account/sessions", at.url()));
        match status(request.header("cookie", cookie)).await {
            200 => true,
            303 => false,
            other => panic!("{other}"),
        }
    }

    /// Whether the token opens the API, and is said to be active.
    async fn token(&self, at: &Program, token: &str) -> (bool, bool) {
        let me = self.client.get(format!("{}/api/v1/me", at.url())).bearer_auth(token);
        let told = self.introspect(at, token).send().await.expect("an answer");
        let told: Value = told.json().await.expect("JSON");
        (status(me).await == 200, told["active"].as_bool().expect("a word"))
    }

    fn introspect(&self, at: &Program, token: &str) -> RequestBuilder {
        let request = self.client.post(format!("{}/api/v1/introspect", at.url()));
        let form = "application/x-www-form-urlencoded";
        let request = request.bearer_auth(&self.product_key).header("content-type", form);
        request.body(format!("token={token}"))
    }
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.expect("an answer").status().as_u16()
}

/// The issue's Must show: sessions at the next request, tokens within a second. Groups end neither.
#[tokio::test(flavor = "multi_thread")]
async fn what_scim_tells_one_server_ends_access_at_the_other() {
    let pair = Pair::start().await;
    let body = json!({ "userName": "ann" });
    let user = pair.scim(Method::POST, "/Users", &body).await;
    let user = user["id"].as_str().expect("an id");
    let cookie = pair.sign_in(user).await;
    let token = pair.access_token(&cookie).await;
    let group = json!({ "displayName": "Staff", "members": [{ "value": user }] });
    let group = pair.scim(Method::POST, "/Groups", &group).await;
    let leave = json!([{ "op": "remove", "path": "members" }]);
    let path = format!("/Groups/{}", group["id"].as_str().expect("an id"));
    pair.scim(Method::PATCH, &path, &patch_op(&leave)).await;
    for at in [&pair.one, &pair.two] {
        assert!(pair.page(at, &cookie).await, "a group ends no session");
        assert_eq!(pair.token(at, &token).await, (true, true), "nor a token");
    }
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    pair.scim(Method::PATCH, &format!("/Users/{user}"), &patch_op(&off)).await;
    let told = Instant::now();
    for at in [&pair.two, &pair.one] {
        assert!(!pair.page(at, &cookie).await, "the next request");
        while pair.token(at, &token).await != (false, false) {
            assert!(told.elapsed() < Duration::from_secs(1), "a token outlives it by a second");
        }
    }
    let list = pair.one.must(&["product-key", "list"]);
    let id = list.lines().nth(1).and_then(|line| line.split(' ').next()).expect("its id");
    pair.one.must(&["product-key", "revoke", id]);
    for at in [&pair.two, &pair.one] {
        assert_eq!(status(pair.introspect(at, &token)).await, 401, "the product's key likewise");
    }
}
