//! A server of ours on this machine as people reach it, and the certified provider beside it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::ServiceExt;
use axum::extract::Request;
use axum::http::StatusCode;
use countersign::boot::clock::SystemClock;
use countersign::domain::ids::AccountId;
use countersign::domain::sso::{SsoConnection, SsoSpec};
use countersign::domain::time::Clock as _;
use countersign::http;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::login::gate::account;
use crate::login::oidcc::scene::add_sso;
use crate::scim::USER;
use crate::world::client::Client;
use crate::world::mailbox::Folder;
use crate::world::node::Node;
use crate::world::seeds::FrozenClock;
use crate::world::{CLIENT_SECRET, TestApp, sso_spec};

/// What the provider calls one factor, and two.
pub(super) const ONE: &str = "urn:test:1fa";
pub(super) const TWO: &str = "urn:test:2fa";

/// The server.
pub(super) struct Site {
    pub(super) test: TestApp,
    pub(super) url: String,
    pub(super) folder: Folder,
    tasks: [JoinHandle<()>; 2],
}

/// The certified provider.
pub(super) struct Provider {
    node: Node,
}

impl Site {
    /// It has no accounts yet. Its clock goes with the provider's.
    pub(super) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://localhost:{}", listener.local_addr().expect("it").port());
        let test = TestApp::with(|settings| settings.public_url.clone_from(&url)).await;
        let behind = SystemClock::default().now().micros() - test.clock.now().micros();
        test.clock.advance_seconds(behind / 1_000_000);
        let tasks = [tokio::spawn(tick(Arc::clone(&test.clock))), {
            let service = http::service(test.app.clone());
            let service =
                ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service);
            tokio::spawn(async move { axum::serve(listener, service).await.expect("it serves") })
        }];
        Self { test, url, folder: Folder::new(), tasks }
    }

    /// A new account; whoever writes into its directory.
    pub(super) async fn account(&self, slug: &str) -> Client {
        self.test.scim(slug).await
    }

    /// An account of that name, whose people come by the provider.
    pub(super) async fn sso(
        &self,
        slug: &str,
        provider: &Provider,
        change: impl FnOnce(&mut SsoSpec),
    ) -> SsoConnection {
        let mut spec = sso_spec(&provider.node.url);
        change(&mut spec);
        let sso = add_sso(&self.test, slug, spec).await;
        let place = format!("/accounts/{slug}/sso/{}", sso.id);
        provider
            .node
            .ask(
                "/control",
                &json!({ "client": {
                    "id": sso.client_id, "secret": CLIENT_SECRET,
                    "redirect_uri": self.test.app.callback_of(sso.id),
                    "post_logout": format!("{}/signed-out", self.url),
                    "backchannel": format!("{}{place}/backchannel-logout", self.url),
                } }),
            )
            .await;
        sso
    }

    /// An account's id.
    pub(super) async fn id(&self, slug: &str) -> AccountId {
        account(&self.test, slug).await
    }

    /// From now on the account demands a second factor.
    pub(super) async fn demand_second_factor(&self, slug: &str) {
        self.test.demand_factor(slug, true).await;
    }

    /// The account becomes the operator's own.
    pub(super) async fn make_operator(&self, slug: &str) {
        let make = format!("UPDATE accounts SET kind = 'operator' WHERE slug = '{slug}'");
        self.test.database.run(&make).await;
    }

    /// How many sessions are live.
    pub(super) async fn sessions(&self) -> i64 {
        let live = "SELECT count(*) FROM sessions WHERE ended_at IS NULL";
        self.test.database.number(live).await
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Provider {
    pub(super) fn start() -> Self {
        Self { node: Node::start("provider.mjs") }
    }

    /// What it says of sign-ins, whatever is wanted.
    pub(super) async fn says(&self, acr: &str, amr: &[&str]) {
        self.control(json!({ "acr": acr, "amr": amr, "honours_acr": false })).await;
    }

    /// It asks for a second step where that is wanted.
    pub(super) async fn honours_acr(&self) {
        self.control(json!({ "acr": ONE, "amr": ["pwd"], "honours_acr": true })).await;
    }

    /// A page of it.
    pub(super) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.node.url)
    }

    async fn control(&self, wanted: Value) {
        self.node.ask("/control", &wanted).await;
    }
}

/// A user whom the provider knows by that subject, if it does.
pub(super) async fn provisioned(scim: &Client, name: &str, subject: &str) -> String {
    let mut body = json!({ "schemas": [USER], "userName": name, "displayName": format!("{name} Martin"),
        "emails": [{ "value": format!("{name}@acme.example"), "primary": true }] });
    if !subject.is_empty() {
        body["externalId"] = json!(subject);
    }
    scim.post("/Users", &body).await.expect(StatusCode::CREATED).id()
}

/// Time goes by; a test may still jump ahead.
async fn tick(clock: Arc<FrozenClock>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.tick().await;
    loop {
        ticks.tick().await;
        clock.advance_seconds(1);
    }
}
