//! What stands around every page, over all routes as the source lists them.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};

use crate::login::gate::account;
use crate::world::TestApp;
use crate::world::browser::{Browser, Page, password, sign_in};

/// Where the routes stand.
const SOURCE: &str = include_str!("../../../src/http/login.rs");

/// Routes that prove by themselves who sends to them: by a state bound to the browser, by a signed token.
const EXEMPT: [&str; 3] = [
    "/oidc/callback/{sso}",
    "/accounts/{account}/sso/{sso}/backchannel-logout",
    "/accounts/{account}/sso/{sso}/start",
];

/// Each route of the source with whether it has GET and POST.
fn routes() -> Vec<(&'static str, bool, bool)> {
    let hidden = [".merge(", ".nest(", ".route_service("];
    assert!(!hidden.iter().any(|call| SOURCE.contains(call)), "these routes would not be seen");
    let parts = SOURCE.split(".route(").skip(1);
    let routes: Vec<_> = parts
        .map(|part| {
            let path = part.split('"').nth(1).expect("a path");
            let methods = part.split(".layer(").next().expect("methods");
            (path, methods.contains("get("), methods.contains("post("))
        })
        .collect();
    assert!(routes.len() > 8, "{routes:?}");
    routes
}

/// A route with its parameters filled in.
fn path(route: &str) -> String {
    let parts = route.split('/').map(|part| match part {
        "{account}" => "acme",
        part if part.starts_with('{') => "018f0000-0000-7000-8000-00000000abcd",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn signed_in(test: &TestApp) -> Browser {
    let user = test.scim("acme").await.user("ann").await;
    let account = account(test, "acme").await;
    let now = sign_in(test, account, &user, password()).await.expect("a session");
    Browser::with_session(&test.app, &now)
}

async fn post(browser: &mut Browser, path: &str, headers: &[(&str, &str)]) -> Page {
    let mut request = browser
        .request(Method::POST, path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.send(request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn no_post_is_taken_from_another_site() {
    let test = TestApp::new().await;
    let mut browser = signed_in(&test).await;
    let foreign: [&[(&str, &str)]; 10] = [
        &[],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.test")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://scim.test")],
        &[("sec-fetch-site", "same-site"), ("origin", "https://other.scim.test")],
        &[("sec-fetch-site", "cross-site"), ("origin", "null")],
        &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.test")],
        &[("origin", "null")],
        &[("origin", "http://scim.test")],
        &[("origin", "https://scim.test:8443")],
        &[("origin", "https://scim.test.evil.test"), ("referer", "https://scim.test/")],
    ];
    for (route, _, _) in
        routes().into_iter().filter(|(route, _, posts)| *posts && !EXEMPT.contains(route))
    {
        for headers in foreign {
            let page = post(&mut browser, &path(route), headers).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{route} {headers:?}: {}", page.text);
            assert!(page.text.contains("did not come from our pages"), "{}", page.text);
            assert!(!page.headers.contains_key(header::SET_COOKIE), "{route}");
        }
    }
    browser.get("/account/sessions").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_post_of_our_own_pages_is_taken_however_the_browser_says_so() {
    let test = TestApp::new().await;
    let mut browser = Browser::new(&test.app);
    let own: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "same-origin"), ("origin", "https://scim.test")],
        &[("sec-fetch-site", "same-origin"), ("origin", "null")],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://scim.test")],
    ];
    for headers in own {
        assert_eq!(post(&mut browser, "/logout", headers).await.leads_to(), "/signed-out");
    }
}

/// A GET never changes anything: a link in a mail or an image elsewhere must not.
#[tokio::test]
async fn no_get_signs_out_or_revokes() {
    let test = TestApp::new().await;
    let mut browser = signed_in(&test).await;
    for (route, gets, _) in routes() {
        let page = browser.get(&path(route)).await;
        if !gets {
            assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED, "{route}");
            assert_eq!(page.headers[header::ALLOW], "POST");
            assert!(page.text.contains("<h1>"), "{}", page.text);
        }
    }
    browser.get("/account/sessions").await.expect(StatusCode::OK);
}

/// SECURITY.md §8.
#[tokio::test]
async fn every_answer_tells_browsers_what_our_pages_may_do() {
    let test = TestApp::new().await;
    let mut browser = signed_in(&test).await;
    let mut answers = vec![];
    for (route, gets, _) in routes() {
        if gets {
            answers.push((route, Browser::new(&test.app).get(&path(route)).await));
            answers.push((route, browser.get(&path(route)).await));
        }
        answers.push((route, post(&mut browser, &path(route), &[]).await));
    }
    answers.push(("/nowhere", browser.get("/nowhere").await));
    answers.push(("/accounts/NO/login", browser.get("/accounts/NO/login").await));
    for (route, page) in answers {
        let told = format!("{route} {}", page.status);
        let header = |name: &str| page.headers.get(name).expect(&told).to_str().expect("text");
        let policy = header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{told}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{told}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{told}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{told}");
        assert_eq!(header("x-frame-options"), "DENY", "{told}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{told}");
        assert!(header("strict-transport-security").contains("max-age=31536000"), "{told}");
        let is_asset = route.starts_with("/assets/") && page.status == StatusCode::OK;
        assert_eq!(header("cache-control") == "no-store", !is_asset, "{told}");
    }
}

#[tokio::test]
async fn what_is_nowhere_is_a_page_for_people_and_a_word_for_programs() {
    let test = TestApp::new().await;
    let mut browser = Browser::new(&test.app).speaking("fr");
    let page = browser.get("/nowhere").await.expect(StatusCode::NOT_FOUND);
    assert!(page.text.contains("Cette page n’existe pas"), "{}", page.text);
    let request = axum::http::Request::get("/nowhere").body(Body::empty()).expect("a request");
    let answer = browser.send(request).await.expect(StatusCode::NOT_FOUND);
    assert_eq!(answer.text, "not found\n");
}

#[tokio::test]
async fn a_form_that_does_not_read_is_refused_with_a_page() {
    let test = TestApp::new().await;
    let mut browser = Browser::new(&test.app);
    let page = browser.post("/login", &[("nothing", "x")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("This could not be read"), "{}", page.text);
    let page = browser.post("/login", &[("organisation", &"a".repeat(70_000))]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(page.text.contains("This is too large"), "{}", page.text);
}
