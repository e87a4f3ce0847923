//! Second factors in Chromium, with its own authenticator for passkeys (C4, M37; SIGNIN.md 4.3).

use countersign::domain::opaque::reveal;

use super::site::{ONE, Provider, Site, provisioned};
use crate::login::factors::{code, read_seed};
use crate::world::chromium::{Chromium, Window};

/// Comes to an account by the provider, and signs in there if it does not know who it is.
async fn comes(window: &Window, account: &str, subject: &str) {
    window.forget().await;
    window.open(&format!("/accounts/{account}/login")).await;
    window.press("Continue with Provider").await;
    window.sees("Provider: sign in").await;
    window.fill("Subject", subject).await;
    window.press("Sign in there").await;
}

/// Staff by SSO, with the doors of their bootstrap links.
async fn staff(site: &Site, provider: &Provider) -> [String; 2] {
    let scim = site.account("operator").await;
    site.make_operator("operator").await;
    provisioned(&scim, "zoe", "u-zoe").await;
    provisioned(&scim, "max", "u-max").await;
    site.sso("operator", provider, |_| {}).await;
    let two = site.test.app.bootstrap(["zoe", "max"]).await.expect("named");
    two.map(|one| reveal(&one.link.expect("a link")).to_owned())
}

#[tokio::test]
async fn c4_in_chromium_staff_whose_provider_says_no_amr_show_an_app_or_a_passkey() {
    let (site, provider) = (Site::open().await, Provider::start());
    let [zoe, max] = staff(&site, &provider).await;
    provider.says(ONE, &[]).await;
    let chromium = Chromium::start();
    app(&site, &chromium.window(&site.url, "en").await, &zoe).await;
    passkey(&chromium.window(&site.url, "en").await, &max).await;
    let lax = "SELECT count(*) FROM sessions WHERE is_staff AND level = 'full' \
               AND second_factor_at IS NULL";
    assert_eq!(site.test.database.number(lax).await, 0);
}

/// Nothing but the step-up until then, whatever is opened.
async fn is_held(window: &Window) {
    for path in ["/", "/account/sessions", "/account/factors", "/enrol/me", "/bootstrap"] {
        let page = window.open(path).await;
        let is_step_up = page.url.contains("/step-up");
        assert!(is_step_up || page.status == 403, "{path}: {} {}", page.url, page.text);
    }
}

async fn app(site: &Site, window: &Window, door: &str) {
    comes(window, "operator", "u-zoe").await;
    let page = window.sees("Second factor").await;
    assert!(page.text.contains("one-time link that an approver gave you"), "{}", page.text);
    is_held(window).await;
    window.open(&format!("/enrol/{door}")).await;
    window.press("Add an authenticator app").await;
    let page = window.sees("Add an authenticator app").await;
    let (_, rest) = page.text.split_once("Or type this key into the app:").expect("the key");
    let seed = read_seed(rest.trim().lines().next().expect("a line"));
    window.fill("The code that the app shows now", &code(&site.test, &seed)).await;
    window.press("Add an authenticator app").await;
    window.sees("Recovery codes").await;
    window.press("I have kept them").await;
    window.sees("The first approvers").await;
    site.test.clock.advance_seconds(30);
    comes(window, "operator", "u-zoe").await;
    window.sees("Second factor").await;
    is_held(window).await;
    window.open("/step-up").await;
    window.fill("Code of your authenticator app", &code(&site.test, &seed)).await;
    window.press("Continue").await;
    window.sees("zoe Martin").await;
}

async fn passkey(window: &Window, door: &str) {
    window.give_device().await;
    comes(window, "operator", "u-max").await;
    window.sees("Second factor").await;
    window.open(&format!("/enrol/{door}")).await;
    window.press("Add a passkey").await;
    window.sees("Recovery codes").await;
    comes(window, "operator", "u-max").await;
    window.sees("Second factor").await;
    is_held(window).await;
    window.open("/step-up?return_to=/account/sessions").await;
    window.press("Use a passkey").await;
    window.sees("Your sessions").await;
}

#[tokio::test]
async fn in_chromium_a_passkey_is_added_on_the_own_page_and_asked_for_from_then_on() {
    let (site, provider) = (Site::open().await, Provider::start());
    provisioned(&site.account("acme").await, "ann", "u-ann").await;
    site.sso("acme", &provider, |_| {}).await;
    let chromium = Chromium::start();
    let window = chromium.window(&site.url, "en").await;
    window.give_device().await;
    comes(&window, "acme", "u-ann").await;
    window.sees("ann Martin").await;
    window.press("Second factors").await;
    let page = window.sees("Second factors").await;
    assert!(page.text.contains("You have no second factor yet."), "{}", page.text);
    window.press("Add a second factor").await;
    window.sees("Add a second factor").await;
    window.fill("Name (optional)", "my laptop").await;
    window.press("Add a passkey").await;
    window.sees("Recovery codes").await;
    window.press("I have kept them").await;
    let page = window.sees("Second factors").await;
    assert!(page.text.contains("Passkey (my laptop)"), "{}", page.text);
    comes(&window, "acme", "u-ann").await;
    window.sees("Second factor").await;
    window.press("Use a passkey").await;
    window.sees("ann Martin").await;
    // Another device has no passkey of hers: nothing is let through, and the page says so.
    let other = chromium.window(&site.url, "en").await;
    other.give_device().await;
    comes(&other, "acme", "u-ann").await;
    other.sees("Second factor").await;
    other.press("Use a passkey").await;
    other.reads("The passkey did not work").await;
    let page = other.open("/account/sessions").await;
    assert!(page.url.contains("/step-up"), "{}", page.url);
}
