//! The pages without a mouse.

use super::site::{Site, provisioned};
use crate::world::chromium::Chromium;

#[tokio::test]
async fn in_chromium_keys_reach_everything_and_the_focus_is_seen() {
    let site = Site::open().await;
    provisioned(&site.account("acme").await, "ann", "u-ann").await;
    let chromium = Chromium::start();
    let window = chromium.window(&site.url, "en").await;
    window.open("/accounts/acme/login").await;
    for name in [
        "Skip to the content",
        "Countersign",
        "Choose another organisation",
        "user_name",
        "password",
        "Sign in",
        "Forgotten your password?",
    ] {
        let focus = window.key("Tab").await;
        assert_eq!(focus.name, name);
        assert!(focus.outline >= 2.0 && focus.top >= 0.0, "{focus:?}");
    }
    window.open("/accounts/acme/login").await;
    window.key("Tab").await;
    window.key("Enter").await;
    assert_eq!(window.key("Tab").await.name, "Choose another organisation", "past the head");
}

/// Screen readers begin with what went wrong.
#[tokio::test]
async fn in_chromium_the_focus_is_on_what_went_wrong() {
    let site = Site::open().await;
    let chromium = Chromium::start();
    let window = chromium.plain_window(&site.url, "en").await;
    window.open("/login").await;
    window.submit("/login", &[("organisation", "!")]).await;
    assert_eq!(window.key("Shift").await.name, "problem");
    assert_eq!(window.key("Tab").await.name, "organisation");
}
