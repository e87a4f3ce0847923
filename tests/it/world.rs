//! What tests stand on: an application on a database of its own, with a clock that tests move and
//! clients that speak SCIM to it as an identity provider would.

pub(crate) mod browser;
pub(crate) mod chromium;
pub(crate) mod client;
pub(crate) mod crowd;
pub(crate) mod database;
pub(crate) mod gifts;
pub(crate) mod leaks;
pub(crate) mod mailbox;
pub(crate) mod node;
pub(crate) mod random;
pub(crate) mod replay;
pub(crate) mod seeds;
pub(crate) mod server;
pub(crate) mod vouched;

use std::sync::Arc;

use countersign::app::{App, Limits, Outcome, Settings};
use countersign::authn::envelope::Keyring;
use countersign::authn::outbound::Reach;
use countersign::domain::account::{Kind, Slug};
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, CreateAccount, DemandFactor, IssueToken};
use countersign::domain::ids::AccountId;
use countersign::domain::opaque::reveal;
use countersign::domain::rights::catalogue::Catalogue;
use countersign::domain::sso::{DEFAULT_AMR, DEFAULT_SCOPES, SsoSpec};
use countersign::domain::tokens::Access;
use countersign::http;
use countersign::scim::preset::Preset;
use countersign::store::Store;

use crate::world::client::Client;
use crate::world::database::TestDatabase;
use crate::world::seeds::{FrozenClock, SeededIds};

/// The base URL that answers carry.
pub(crate) const PUBLIC_URL: &str = "https://scim.test";

/// What the provider knows us by.
pub(crate) const CLIENT_SECRET: &str = "a client's secret";

/// An application on its own database.
pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) store: Store,
    pub(crate) clock: Arc<FrozenClock>,
    pub(crate) database: TestDatabase,
}

/// Who may do what with a token to be issued.
pub(crate) struct TokenFor<'a> {
    pub(crate) connection: &'a str,
    pub(crate) preset: Preset,
    pub(crate) access: Access,
    pub(crate) days: u32,
}

impl Default for TokenFor<'_> {
    fn default() -> Self {
        Self { connection: "default", preset: Preset::Standard, access: Access::Write, days: 30 }
    }
}

/// The limits of the default configuration.
pub(crate) fn limits() -> Limits {
    Limits {
        user_body_bytes: 1024 * 1024,
        group_body_bytes: 32 * 1024 * 1024,
        max_operations: 1000,
        max_page: 1000,
        default_page: 100,
    }
}

/// A provider as an operator would describe it, of the connection that test accounts have.
pub(crate) fn sso_spec(issuer: &str) -> SsoSpec {
    leaks::secret(CLIENT_SECRET);
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    SsoSpec {
        name: "Provider".to_owned(),
        issuer: issuer.to_owned(),
        client_id: "countersign".to_owned(),
        client_secret: CLIENT_SECRET.into(),
        scopes: owned(&DEFAULT_SCOPES),
        link_claim: "sub".to_owned(),
        connection: "default".to_owned(),
        acr_values: vec![],
        amr_values: owned(&DEFAULT_AMR),
        max_age: None,
    }
}

/// Settings to begin with.
pub(crate) fn settings() -> Settings {
    Settings {
        public_url: PUBLIC_URL.to_owned(),
        limits: limits(),
        keyring: Keyring::of("test", [7; 32]),
        // The providers of tests are on this machine.
        reach: Reach {
            networks: vec!["127.0.0.0/8".parse().expect("a network")],
            allow_http: true,
        },
        product_audience: None,
        trusted_proxies: vec![],
        catalogue: Arc::new(Catalogue::shipped()),
    }
}

impl TestApp {
    pub(crate) async fn new() -> Self {
        Self::with_limits(limits()).await
    }

    pub(crate) async fn with_limits(limits: Limits) -> Self {
        Self::with(|settings| settings.limits = limits).await
    }

    /// One with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let database = TestDatabase::create().await;
        let store = Store::open(&database.settings()).await.expect("the test database opens");
        store.migrate().await.expect("the test database migrates");
        let clock = Arc::new(FrozenClock::default());
        let mut settings = settings();
        change(&mut settings);
        let app = App::new(store.clone(), clock.clone(), Arc::new(SeededIds::default()), settings);
        app.open_catalogue().await.expect("a catalogue");
        Self { app, store, clock, database }
    }

    /// Makes an account.
    pub(crate) async fn account(&self, slug: &str) -> AccountId {
        self.account_among(slug, Kind::Standard, None).await
    }

    /// Makes one of that kind.
    pub(crate) async fn account_among(
        &self,
        slug: &str,
        kind: Kind,
        parent: Option<AccountId>,
    ) -> AccountId {
        let slug = Slug::parse(slug).expect("a slug");
        let name = slug.as_str().to_owned();
        let command = Command::CreateAccount(CreateAccount {
            slug,
            name,
            kind,
            parent,
            team: None,
            first_administrator: None,
        });
        let made = self.app.change(&Actor::Platform, command).await.expect("an account");
        let Outcome::Account(account) = made else { panic!("expected an account, got {made:?}") };
        account.id
    }

    /// Has all users of the account show a second factor, or no longer.
    pub(crate) async fn demand_factor(&self, slug: &str, is_demanded: bool) {
        let slug = Slug::parse(slug).expect("a slug");
        let account = self.app.account(&Actor::Platform, &slug).await.expect("the account").id;
        let command = Command::DemandFactor(DemandFactor { account, is_demanded });
        self.app.change(&Actor::Platform, command).await.expect("a demand");
    }

    /// Issues a token of an account that exists; its text.
    pub(crate) async fn token(&self, slug: &str, wanted: TokenFor<'_>) -> String {
        let slug = Slug::parse(slug).expect("a slug");
        let account = self.app.account(&Actor::Platform, &slug).await.expect("the account");
        let command = Command::IssueToken(IssueToken {
            account: account.id,
            connection: wanted.connection.to_owned(),
            preset: wanted.preset,
            access: wanted.access,
            days: wanted.days,
        });
        let made = self.app.change(&Actor::Platform, command).await.expect("a token");
        let Outcome::Token(issued) = made else { panic!("expected a token, got {made:?}") };
        reveal(&issued.secret).to_owned()
    }

    /// A client with a token, whose paths begin below an account's SCIM base.
    pub(crate) fn client(&self, slug: &str, token: &str) -> Client {
        Client::new(http::service(self.app.clone()), slug, Some(token))
    }

    /// A client without a token.
    pub(crate) fn anonymous(&self, slug: &str) -> Client {
        Client::new(http::service(self.app.clone()), slug, None)
    }

    /// A new account `slug` with a client that may write.
    pub(crate) async fn scim(&self, slug: &str) -> Client {
        self.account(slug).await;
        let token = self.token(slug, TokenFor::default()).await;
        self.client(slug, &token)
    }

    /// A new account `slug` with a client that is read by the RFC's letter.
    pub(crate) async fn strict_scim(&self, slug: &str) -> Client {
        self.account(slug).await;
        let wanted = TokenFor { preset: Preset::Rfc, ..TokenFor::default() };
        let token = self.token(slug, wanted).await;
        self.client(slug, &token)
    }
}
