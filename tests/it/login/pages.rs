//! The pages themselves: both languages, the ways in, and nothing of what names hold.

use axum::http::{StatusCode, header};
use countersign::domain::account::{Kind, Slug};
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, CreateAccount};
use serde_json::json;

use crate::login::gate::account;
use crate::login::html;
use crate::scim::USER;
use crate::world::browser::{Browser, password, sign_in, sso};
use crate::world::{TestApp, TokenFor};

/// Adds an SSO connection of `acme` behind the application's back.
async fn add_sso(test: &TestApp, name: &str) {
    let bytes = |text: &str| {
        if test.database.is_sqlite() { format!("x'{text}'") } else { format!("'\\x{text}'::bytea") }
    };
    let id = if test.database.is_sqlite() {
        bytes("018f00000000700080000000000000aa")
    } else {
        "'018f0000-0000-7000-8000-0000000000aa'::uuid".to_owned()
    };
    let insert = format!(
        "INSERT INTO sso_connections (account_id, id, name, issuer, client_id, client_secret, scopes, \
         link_claim, connection_id, acr_values, amr_values, created_at, updated_at) \
         SELECT c.account_id, {id}, '{name}', 'https://op.test', 'x', {}, '[]', 'sub', c.id, '[]', \
         '[]', 1, 1 FROM connections c JOIN accounts a ON a.id = c.account_id WHERE a.slug = 'acme'",
        bytes("00")
    );
    test.database.run(&insert).await;
}

#[tokio::test]
async fn every_page_is_sound_in_both_languages() {
    let test = TestApp::new().await;
    let user = test.scim("acme").await.user("ann").await;
    add_sso(&test, "Entra").await;
    let account = account(&test, "acme").await;
    let now = sign_in(&test, account, &user, sso(true)).await.expect("a session");
    for (language, tag) in [("en-GB", "en"), ("fr-CH, en;q=0.5", "fr")] {
        let mut stranger = Browser::new(&test.app).speaking(language);
        let mut ann = Browser::with_session(&test.app, &now).speaking(language);
        for path in [
            "/login?return_to=/x",
            "/accounts/acme/login",
            "/accounts/unknown/login",
            "/signed-out",
            "/policy",
            "/nowhere",
        ] {
            html::check(&stranger.get(path).await.text, tag);
        }
        for path in [
            "/",
            "/account/sessions",
            "/account/sessions?done=one",
            "/login",
            "/policy",
            "/nowhere",
        ] {
            html::check(&ann.get(path).await.text, tag);
        }
        let wrong = stranger.post("/login", &[("organisation", "!")]).await;
        html::check(&wrong.expect(StatusCode::BAD_REQUEST).text, tag);
    }
}

#[tokio::test]
async fn the_users_own_language_stands_above_the_browsers() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let account = account(&test, "acme").await;
    for (name, record, tag) in [
        ("ann", json!({ "preferredLanguage": "fr-FR" }), "fr"),
        ("bob", json!({ "locale": "fr_CA" }), "fr"),
        ("cleo", json!({ "preferredLanguage": "en", "locale": "fr" }), "en"),
        ("dan", json!({ "preferredLanguage": "de" }), "en"),
    ] {
        let mut body = record;
        body["schemas"] = json!([USER]);
        body["userName"] = json!(name);
        let user = scim.post("/Users", &body).await.expect(StatusCode::CREATED).id();
        let now = sign_in(&test, account, &user, password()).await.expect("a session");
        let mut browser = Browser::with_session(&test.app, &now);
        html::check(&browser.get("/").await.text, tag);
    }
}

/// CVE-2016-0781 and its like: names are text wherever they are shown.
#[tokio::test]
async fn names_are_text_and_never_markup() {
    let test = TestApp::new().await;
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}";
    let slug = Slug::parse("acme").expect("a slug");
    let command = Command::CreateAccount(CreateAccount {
        slug,
        name: evil.to_owned(),
        kind: Kind::Standard,
        parent: None,
        team: None,
        first_administrator: None,
    });
    test.app.change(&Actor::Platform, command).await.expect("an account");
    let token = test.token("acme", TokenFor::default()).await;
    let scim = test.client("acme", &token);
    let body = json!({ "schemas": [USER], "userName": evil, "displayName": evil });
    let user = scim.post("/Users", &body).await.expect(StatusCode::CREATED).id();
    add_sso(&test, &evil.replace('\'', "''")).await;
    let account = account(&test, "acme").await;
    let now = sign_in(&test, account, &user, password()).await.expect("a session");
    let mut browser = Browser::with_session(&test.app, &now);
    let query: String = url::form_urlencoded::byte_serialize(evil.as_bytes()).collect();
    let mut pages = vec![];
    for path in [
        "/".to_owned(),
        "/account/sessions".to_owned(),
        "/accounts/acme/login".to_owned(),
        format!("/login?return_to={query}"),
        format!("/account/sessions?done={query}"),
        format!("/accounts/{query}/login"),
        format!("/{query}"),
    ] {
        pages.push((path.clone(), browser.get(&path).await));
    }
    pages.push(("POST /login".to_owned(), browser.post("/login", &[("organisation", evil)]).await));
    for (path, page) in &pages {
        html::check(&page.text, "en");
        assert!(
            !page.text.contains("<script") && !page.text.contains("<img"),
            "{path}: {}",
            page.text
        );
    }
    for shown in [&pages[0], &pages[1], &pages[2], &pages[7]] {
        assert!(shown.1.text.contains("&#60;script&#62;"), "{}: {}", shown.0, shown.1.text);
    }
}

#[tokio::test]
async fn a_domain_or_a_short_name_leads_to_the_ways_in() {
    let test = TestApp::new().await;
    test.account("acme").await;
    test.database
        .run(
            "INSERT INTO account_domains (domain, account_id, created_at) \
             SELECT 'example.com', id, 1 FROM accounts",
        )
        .await;
    let mut browser = Browser::new(&test.app);
    for (written, leads) in [
        ("ann@example.com", "/accounts/acme/login"),
        (" Ann@EXAMPLE.com ", "/accounts/acme/login"),
        ("\"a@b\"@example.com", "/accounts/acme/login"),
        ("acme", "/accounts/acme/login"),
        ("ACME", "/accounts/acme/login"),
        ("ann@unknown.example", "/accounts/unknown-example/login"),
        ("ann@sub.example.com", "/accounts/sub-example-com/login"),
        ("nobody", "/accounts/nobody/login"),
    ] {
        let page = browser.post("/login", &[("organisation", written)]).await;
        assert_eq!(page.leads_to(), leads, "{written}");
    }
    for written in ["", "@", "ann@", "ann@localhost", "a b", "ann@exa mple.com", "-", "ann@a..b"] {
        let page = browser.post("/login", &[("organisation", written)]).await;
        let page = page.expect(StatusCode::BAD_REQUEST);
        assert!(page.text.contains("role=\"alert\""), "{}", page.text);
    }
    let form = [("organisation", "acme"), ("return_to", "/account/sessions")];
    let page = browser.post("/login", &form).await;
    assert_eq!(page.leads_to(), "/accounts/acme/login?return_to=%2Faccount%2Fsessions");
    let form = [("organisation", "acme"), ("return_to", "//evil.test")];
    assert_eq!(browser.post("/login", &form).await.leads_to(), "/accounts/acme/login");
}

#[tokio::test]
async fn an_account_that_does_not_exist_looks_like_one_that_does() {
    let test = TestApp::new().await;
    test.account("acme").await;
    let mut browser = Browser::new(&test.app);
    let known = browser.get("/accounts/acme/login").await.expect(StatusCode::OK);
    let unknown = browser.get("/accounts/nobody/login").await.expect(StatusCode::OK);
    assert_eq!(known.text.replace("acme", "nobody"), unknown.text);
    assert_eq!(known.headers.keys().count(), unknown.headers.keys().count());
}

#[tokio::test]
async fn the_ways_into_an_account_are_those_it_has() {
    let test = TestApp::new().await;
    test.scim("acme").await.user("ann").await;
    let mut browser = Browser::new(&test.app);
    let (sso, password) = ("/sso/018f0000-0000-7000-8000-0000000000aa/start", "type=\"password\"");
    let page = browser.get("/accounts/acme/login").await;
    assert!(!page.text.contains("/sso/") && page.text.contains(password), "{}", page.text);
    add_sso(&test, "Entra").await;
    let page = browser.get("/accounts/acme/login?return_to=/account/sessions").await;
    assert!(page.text.contains("Continue with Entra") && !page.text.contains(password));
    let start = format!("href=\"/accounts/acme{sso}?return_to=%2Faccount%2Fsessions\"");
    assert!(page.text.contains(&start), "{}", page.text);
    give_password(&test).await;
    let page = browser.get("/accounts/acme/login").await;
    assert!(page.text.contains(sso) && page.text.contains(password), "{}", page.text);
    let away = browser.get("/accounts/acme/login?return_to=https://evil.test").await;
    assert!(!away.text.contains("evil.test"), "{}", away.text);
}

#[tokio::test]
async fn the_stylesheet_is_served_and_named_on_the_pages() {
    let test = TestApp::new().await;
    let mut browser = Browser::new(&test.app);
    let page = browser.get("/login").await;
    assert!(page.text.contains("href=\"/assets/countersign.css\""));
    let sheet = browser.get("/assets/countersign.css").await.expect(StatusCode::OK);
    assert_eq!(sheet.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
    assert!(sheet.text.contains(":focus-visible"));
    assert!(
        !sheet.text.contains("@import") && !sheet.text.contains("url("),
        "nothing from elsewhere"
    );
}

/// POLICY.md 1.10 and 3.9: whoever is refused reads the rule, in their language.
#[tokio::test]
async fn the_rules_are_there_to_read_for_everybody() {
    let test = TestApp::new().await;
    for (language, sentence, no) in [
        ("en", "Nobody gives themselves rights; ask another administrator.", "answered otherwise"),
        ("fr", "Personne ne se donne des droits à soi-même", "répondu autrement"),
    ] {
        let mut stranger = Browser::new(&test.app).speaking(language);
        let page = stranger.get("/policy").await.expect(StatusCode::OK).text;
        assert!(page.contains(sentence), "{page}");
        assert!(page.contains("<h3 id=\"no-self-assignment\">"), "{page}");
        assert!(page.contains("<a href=\"#no-self-assignment\">"), "{page}");
        assert!(page.contains(countersign::policy::version()), "{page}");
        assert!(page.contains("forbid (principal, action, resource);"), "{page}");
        assert!(!page.contains(no), "{page}");
    }
}

async fn give_password(test: &TestApp) {
    let insert = "INSERT INTO passwords (account_id, user_id, hash, changed_at) \
                  SELECT account_id, id, '$argon2id$', 1 FROM users";
    test.database.run(insert).await;
}
