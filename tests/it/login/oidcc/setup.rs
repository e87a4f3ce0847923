//! Setting providers and domains up; and what a sign-in costs.

use std::fmt::Write as _;

use countersign::app::{App, Error, Outcome};
use countersign::authn::envelope::Keyring;
use countersign::authn::oidc::OidcError;
use countersign::domain::account::{Kind, Slug};
use countersign::domain::actor::Actor;
use countersign::domain::command::{AddSso, Command, CreateAccount, Domain, RemoveSso};
use countersign::domain::sso::mail_domain;
use serde_json::json;

use super::scene::{Scene, account_id, add_sso, user};
use crate::world::browser::Browser;
use crate::world::seeds::SeededIds;
use crate::world::{CLIENT_SECRET, TestApp, sso_spec};

/// Statements of one sign-in, the same on both databases but for the lock on a new subject that PostgreSQL
/// needs; a transaction's begin and end do not count.
const COST: &str = "
begin: 6
come back, first time: 21
come back, later: 12
sign out: 6
back-channel logout: 6
requests to the provider, first time: 3
requests to the provider, later: 1
";

#[tokio::test]
async fn a_sign_in_costs_as_many_statements_and_requests_as_the_table_says() {
    let mut scene = Scene::new().await;
    let mut table = "\n".to_owned();
    let mut note = |what: &str, count: u64| writeln!(table, "{what}: {count}").expect("a line");
    let sent = |scene: &Scene| scene.test.store.statements();
    let asked = |scene: &Scene| {
        let all = ["/.well-known/openid-configuration", "/jwks", "/token", "/userinfo"];
        all.map(|path| scene.provider.calls(path)).iter().sum::<usize>() as u64
    };
    let before = sent(&scene);
    let url = scene.begin().await;
    note("begin", sent(&scene) - before);
    let answer = scene.provider.authorize(&url);
    let before = sent(&scene);
    scene.come_back(&answer).await.leads_to();
    let lock = u64::from(!scene.test.database.is_sqlite());
    note("come back, first time", sent(&scene) - before - lock);
    let first = asked(&scene);
    scene.browser = Browser::new(&scene.test.app);
    let url = scene.begin().await;
    let answer = scene.provider.authorize(&url);
    let before = sent(&scene);
    scene.come_back(&answer).await.leads_to();
    note("come back, later", sent(&scene) - before);
    let before = sent(&scene);
    scene.browser.post("/logout", &[]).await;
    note("sign out", sent(&scene) - before);
    let before = sent(&scene);
    let token = scene.provider.logout_token(crate::login::provider::Sign::With("rs1"), &json!({}));
    assert_eq!(scene.back_channel(&token).await.as_u16(), 200);
    note("back-channel logout", sent(&scene) - before);
    note("requests to the provider, first time", first);
    note("requests to the provider, later", asked(&scene) - first);
    assert_eq!(table, COST);
}

#[tokio::test]
async fn there_is_one_operators_account_and_its_people_are_staff() {
    let test = TestApp::new().await;
    let create = |slug: &str| {
        let slug = Slug::parse(slug).expect("a slug");
        Command::CreateAccount(CreateAccount {
            slug,
            name: "Us".to_owned(),
            kind: Kind::Operator,
            parent: None,
            team: None,
            first_administrator: None,
        })
    };
    let made = test.app.change(&Actor::Platform, create("us")).await.expect("an account");
    assert!(matches!(made, Outcome::Account(account) if account.is_operator()));
    let again = test.app.change(&Actor::Platform, create("us2")).await.expect_err("a second one");
    assert!(again.to_string().contains("operator's account already"), "{again}");
    let token = test.token("us", crate::world::TokenFor::default()).await;
    user(&test.client("us", &token), "ann", "u-ann").await;
    let provider = crate::login::provider::Provider::start(test.clock.clone()).await;
    let sso = add_sso(&test, "us", sso_spec(&provider.issuer)).await;
    for (amr, lands) in [(json!(["pwd"]), "/step-up"), (json!(["pwd", "otp"]), "/")] {
        provider.lies().claims = json!({ "amr": amr });
        let mut browser = Browser::new(&test.app);
        let page = browser.get(&format!("/accounts/us/sso/{}/start", sso.id)).await;
        let answer = provider.authorize(&url::Url::parse(page.leads_to()).expect("a URL"));
        let page = super::scene::come_back(&mut browser, sso.id, &answer).await;
        assert_eq!(page.leads_to(), lands, "C4");
    }
}

#[tokio::test]
async fn a_provider_that_cannot_be_right_is_refused_with_a_remedy() {
    let test = TestApp::new().await;
    test.scim("acme").await;
    let account = account_id(&test, "acme").await;
    let refused = async |change: fn(&mut countersign::domain::sso::SsoSpec), says: &str| {
        let mut spec = sso_spec("https://op.test");
        change(&mut spec);
        let command = Command::AddSso(Box::new(AddSso { account, spec }));
        let error = test.app.change(&Actor::Platform, command).await.expect_err(says).to_string();
        assert!(error.contains(says), "{error}");
        assert!(!error.contains(CLIENT_SECRET), "{error}");
    };
    refused(|spec| spec.issuer = "op.test".to_owned(), "is not a URL").await;
    refused(|spec| spec.issuer = "ftp://op.test".to_owned(), "https://").await;
    refused(|spec| spec.issuer = "https://a:b@op.test".to_owned(), "more than").await;
    let common = |spec: &mut countersign::domain::sso::SsoSpec| {
        spec.issuer = "https://login.microsoftonline.com/common/v2.0".to_owned();
    };
    refused(common, "stands for many tenants").await;
    refused(|spec| spec.link_claim = "email".to_owned(), "never changes").await;
    refused(|spec| spec.scopes = vec!["email".to_owned()], "lack `openid`").await;
    refused(|spec| spec.amr_values = vec!["pwd+".to_owned()], "is not a rule").await;
    refused(|spec| spec.connection = "none".to_owned(), "countersign token create").await;
    refused(|spec| spec.max_age = Some(-1), "max_age").await;
    refused(|spec| spec.name = " ".to_owned(), "name").await;
    add_sso(&test, "acme", sso_spec("https://op.test")).await;
    refused(|_| {}, "already").await;
}

#[tokio::test]
async fn without_a_key_no_secret_is_taken_and_with_another_none_opens() {
    let mut scene = Scene::new().await;
    let settings = |keyring: Keyring| {
        let mut settings = scene.test.app.settings().clone();
        settings.keyring = keyring;
        let (store, clock) = (scene.test.store.clone(), scene.test.clock.clone());
        App::new(store, clock, std::sync::Arc::new(SeededIds::default()), settings)
    };
    let (keyless, rekeyed) = (settings(Keyring::default()), settings(Keyring::of("new", [8; 32])));
    let account = account_id(&scene.test, "acme").await;
    let mut spec = sso_spec(&scene.provider.issuer);
    spec.name = "Second".to_owned();
    let command = Command::AddSso(Box::new(AddSso { account, spec }));
    let error = keyless.change(&Actor::Platform, command).await.expect_err("no key").to_string();
    assert!(error.contains("secrets.keys"), "{error}");
    scene.browser = Browser::new(&rekeyed);
    let start = scene.start();
    assert_eq!(scene.browser.get(&start).await.status.as_u16(), 500);
    let hex = if scene.test.database.is_sqlite() {
        "hex(client_secret)"
    } else {
        "encode(client_secret, 'hex')"
    };
    let sql = format!("SELECT {hex} FROM sso_connections");
    let kept = scene.test.database.texts(&sql).await.concat().to_lowercase();
    let plain = CLIENT_SECRET.bytes().fold(String::new(), |all, byte| format!("{all}{byte:02x}"));
    assert!(!kept.contains(&plain));
}

#[tokio::test]
async fn removing_a_provider_ends_its_sessions_and_its_sign_ins() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    let url = scene.begin().await;
    let answer = scene.provider.authorize(&url);
    let account = account_id(&scene.test, "acme").await;
    let remove = || Command::RemoveSso(RemoveSso { account, sso: scene.sso.id });
    scene.test.app.change(&Actor::Platform, remove()).await.expect("it goes");
    let again = scene.test.app.change(&Actor::Platform, remove()).await;
    assert!(matches!(again, Err(Error::NotFound(_))), "{again:?}");
    assert_eq!(scene.sessions().await, 0);
    assert_eq!(scene.come_back(&answer).await.status.as_u16(), 403);
    let start = scene.start();
    assert_eq!(scene.browser.get(&start).await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_domain_leads_to_one_account() {
    let test = TestApp::new().await;
    let (acme, other) = (test.account("acme").await, test.account("other").await);
    let domain = mail_domain(" München.Example ").expect("a domain");
    assert_eq!(domain, "xn--mnchen-3ya.example");
    let add = |account| Command::AddDomain(Domain { account, domain: domain.clone() });
    test.app.change(&Actor::Platform, add(acme)).await.expect("it is added");
    let taken = test.app.change(&Actor::Platform, add(other)).await.expect_err("taken").to_string();
    assert!(taken.contains("leads to an account already"), "{taken}");
    for typed in ["ann@münchen.example", "ANN@XN--MNCHEN-3YA.example"] {
        let found = test.app.find_account(typed).await.expect("an answer").expect("a slug");
        assert_eq!(found.as_str(), "acme", "{typed}");
    }
    let remove = |account| Command::RemoveDomain(Domain { account, domain: domain.clone() });
    test.app.change(&Actor::Platform, remove(other)).await.expect_err("it is not theirs");
    test.app.change(&Actor::Platform, remove(acme)).await.expect("it goes");
    assert_eq!(test.app.domains(&Actor::Platform, acme).await.expect("a list"), [""; 0]);
    for text in ["", "acme", "10.0.0.1", "a b.example", ".example.com", "[::1]", "a@b.example"] {
        assert!(mail_domain(text).is_err(), "{text}");
    }
}

#[tokio::test]
async fn sso_test_says_what_a_provider_can_do() {
    let scene = Scene::new().await;
    scene.provider.lies().metadata = json!({
        "acr_values_supported": ["urn:1fa", "urn:2fa"], "claims_parameter_supported": true,
        "claims_supported": ["sub", "oid"], "response_modes_supported": ["form_post"],
        "authorization_response_iss_parameter_supported": true,
    });
    let ask = async || {
        let (app, sso) = (&scene.test.app, &scene.sso);
        app.try_sso(&Actor::Platform, sso.account, sso.id).await.expect("a word on it").outcome
    };
    let can = ask().await.expect("an answer");
    assert_eq!((can.keys, can.algs.join(" ").as_str()), (2, "RS256 ES256"));
    assert_eq!(can.acr_values, ["urn:1fa", "urn:2fa"]);
    assert_eq!(can.claims, ["sub", "oid"]);
    assert!(can.pkce_s256 && can.issuer_in_answers && can.form_post && can.claims_parameter);
    assert!(can.logout_here && can.logout_there);
    scene.provider.lies().metadata = json!({ "id_token_signing_alg_values_supported": ["HS256"] });
    let error = ask().await.expect_err("it cannot be used");
    assert!(matches!(error, OidcError::Metadata(why) if why.contains("RS256")), "{error}");
}
