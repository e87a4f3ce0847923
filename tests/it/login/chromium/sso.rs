//! Single sign-on at the certified provider, over HTTP and in Chromium (SIGNIN.md 4.1 and 4.3).

use axum::http::StatusCode;

use super::people::by_sso;
use super::site::{ONE, Provider, Site, TWO, provisioned};
use crate::world::browser::SESSION;
use crate::world::chromium::{Chromium, Window};

/// An account whose people come by the provider, and whether it demands a second factor by `acr`.
async fn scene(demands: bool) -> (Site, Provider, String) {
    let (site, provider) = (Site::open().await, Provider::start());
    let scim = site.account("acme").await;
    provisioned(&scim, "ann", "u-ann").await;
    let demand = |spec: &mut countersign::domain::sso::SsoSpec| {
        spec.acr_values = vec![TWO.to_owned()];
    };
    let sso = if demands {
        site.demand_second_factor("acme").await;
        site.sso("acme", &provider, demand).await
    } else {
        site.sso("acme", &provider, |_| {}).await
    };
    let start = format!("{}/accounts/acme/sso/{}/start", site.url, sso.id);
    (site, provider, start)
}

/// Finds her way from `/login` to the provider's page.
async fn goes_to_provider(window: &Window, second_step: bool) {
    window.open("/login").await;
    let label = "Work e-mail address, or the short name of your organisation";
    window.fill(label, "acme").await;
    window.press("Continue").await;
    window.sees("Sign in").await;
    window.press("Continue with Provider").await;
    let heading = if second_step { "Provider: second step" } else { "Provider: sign in" };
    window.sees(heading).await;
}

async fn signs_in_there(window: &Window, subject: &str) {
    window.fill("Subject", subject).await;
    window.press("Sign in there").await;
}

#[tokio::test]
async fn a_provisioned_user_signs_in_over_http_and_out_at_the_provider_too() {
    let (site, _provider, start) = scene(false).await;
    let mut ann = by_sso(&start, "u-ann").await;
    assert_eq!(ann.url.as_str(), format!("{}/", site.url));
    assert!(ann.text.contains("ann Martin"), "{}", ann.text);
    assert_eq!(site.sessions().await, 1);
    ann.submit(&[]).await; // the form that signs out
    assert!(ann.text.contains("You are signed out"), "{}", ann.text);
    assert_eq!((site.sessions().await, ann.cookie("localhost", SESSION)), (0, None));
    let (_, rest) = ann.text.split_once("url=").expect("the way on");
    let on = rest.split('"').next().expect("its end").replace("&#38;", "&").replace("&amp;", "&");
    ann.open(&on).await;
    ann.submit(&[("logout", "yes")]).await;
    assert!(
        ann.url.as_str().starts_with(&format!("{}/signed-out?state=", site.url)),
        "{}",
        ann.url
    );
    assert!(ann.text.contains("You are signed out"), "{}", ann.text);
    // The provider asks anew.
    ann.open(&start).await;
    assert!(ann.text.contains("Provider: sign in"), "{}", ann.text);
}

/// Asked for two factors for certain, it says one, and no error: its word is read, not what was asked.
#[tokio::test]
async fn a_provider_that_ignores_an_essential_acr_is_caught() {
    let (site, provider, start) = scene(true).await;
    for (acr, amr, level) in [
        (ONE, &["pwd"] as &[&str], "/step-up"),
        (ONE, &[], "/step-up"),
        ("urn:test:2FA", &[], "/step-up"),
        (TWO, &[], "/"),
        (ONE, &["pwd", "otp"], "/"),
    ] {
        provider.says(acr, amr).await;
        let mut ann = by_sso(&start, "u-ann").await;
        assert_eq!((ann.status, ann.url.path()), (StatusCode::OK, level), "{acr} {amr:?}");
        ann.open(&format!("{}/account/sessions", site.url)).await;
        assert_eq!(ann.url.path() == "/account/sessions", level == "/", "{acr}: {}", ann.url);
    }
}

#[tokio::test]
async fn in_chromium_acr_is_stepped_up_at_the_provider_and_one_that_ignores_it_is_caught() {
    let (site, provider, _) = scene(true).await;
    let chromium = Chromium::start();
    let window = chromium.window(&site.url, "en").await;
    provider.honours_acr().await;
    goes_to_provider(&window, true).await;
    window.fill("Code", "123456").await;
    signs_in_there(&window, "u-ann").await;
    let home = window.sees("ann Martin").await;
    assert!(!home.text.contains("not in this session"), "{}", home.text);
    // Without the code the provider says what it has, which does not do here.
    let window = chromium.window(&site.url, "en").await;
    goes_to_provider(&window, true).await;
    signs_in_there(&window, "u-ann").await;
    let page = window.sees("Second factor").await;
    assert!(page.text.contains("You have no second factor yet."), "{}", page.text);
    assert!(window.open("/account/sessions").await.url.contains("/step-up"));
    // Nor one that never asked for it.
    provider.says(ONE, &["pwd"]).await;
    let window = chromium.window(&site.url, "en").await;
    goes_to_provider(&window, false).await;
    signs_in_there(&window, "u-ann").await;
    window.sees("Second factor").await;
}

#[tokio::test]
async fn in_chromium_a_sign_out_leads_to_the_providers_and_back() {
    let (site, _provider, _) = scene(false).await;
    let chromium = Chromium::start();
    let window = chromium.window(&site.url, "en").await;
    goes_to_provider(&window, false).await;
    signs_in_there(&window, "u-ann").await;
    window.sees("ann Martin").await;
    window.press("Sign out").await;
    window.sees("Sign out at the provider").await;
    assert_eq!(site.sessions().await, 0);
    window.press("Sign out there").await;
    let page = window.sees("You are signed out").await;
    assert!(page.url.starts_with(&format!("{}/signed-out?state=", site.url)), "{}", page.url);
    goes_to_provider(&window, false).await;
}

#[tokio::test]
async fn in_chromium_a_sign_out_at_the_provider_ends_the_session_here() {
    let (site, provider, _) = scene(false).await;
    let chromium = Chromium::start();
    let window = chromium.window(&site.url, "en").await;
    goes_to_provider(&window, false).await;
    signs_in_there(&window, "u-ann").await;
    window.sees("ann Martin").await;
    window.open("/account/sessions").await;
    window.open(&provider.page("/session/end")).await;
    window.press("Sign out there").await;
    window.sees("Signed out at the provider").await;
    assert_eq!(site.sessions().await, 0);
    let page = window.open("/account/sessions").await;
    assert!(page.url.starts_with(&format!("{}/login", site.url)), "{}", page.url);
}

/// C3: whoever SCIM did not provision, or switched off, reads what to do.
#[tokio::test]
async fn c3_in_chromium_strangers_and_the_inactive_read_what_to_do() {
    let (site, _provider, _) = scene(false).await;
    let chromium = Chromium::start();
    let window = chromium.window(&site.url, "en").await;
    goes_to_provider(&window, false).await;
    signs_in_there(&window, "u-bob").await;
    let page = window.sees("You could not be signed in").await;
    assert!(page.text.contains("has not given you access here yet"), "{}", page.text);
    let off = "UPDATE users SET active = FALSE";
    site.test.database.run(off).await;
    window.forget().await;
    goes_to_provider(&window, false).await;
    signs_in_there(&window, "u-ann").await;
    let page = window.sees("You could not be signed in").await;
    assert!(page.text.contains("has been switched off"), "{}", page.text);
    assert_eq!(site.sessions().await, 0);
}
