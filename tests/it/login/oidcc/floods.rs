//! Sign-ins begun and never ended: each is a row, so a network may begin so many only.

use axum::http::{StatusCode, header};

use super::scene::Scene;
use crate::login::html;
use crate::world::browser::Browser;

const KEPT: &str = "SELECT count(*) FROM login_transactions";
const COUNTED: &str = "SELECT failures FROM failed_tries WHERE subject LIKE 'sso-network|%'";

#[tokio::test]
async fn attack_sign_ins_begun_without_end_are_slowed_down_and_write_nothing_then() {
    let mut scene = Scene::new().await;
    let start = scene.start();
    for _ in 0..60 {
        Browser::new(&scene.test.app).get(&start).await.leads_to();
    }
    for language in ["en", "fr"] {
        let before = scene.test.store.statements();
        let mut browser = Browser::new(&scene.test.app).speaking(language);
        let page = browser.get(&start).await.expect(StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(scene.test.store.statements() - before, 2, "two looks");
        assert_eq!(page.headers[header::RETRY_AFTER], "1");
        html::check(&page.text, language);
        assert!(browser.cookies.is_empty());
    }
    assert_eq!(scene.test.database.number(KEPT).await, 60);
    assert_eq!(scene.test.database.number(COUNTED).await, 60);
    // It is slow, and never shut.
    for seconds in [1, 2, 4, 8, 10, 10] {
        scene.test.clock.advance_seconds(seconds);
        scene.begin().await;
        let page = scene.browser.get(&start).await.expect(StatusCode::TOO_MANY_REQUESTS);
        assert_ne!(page.headers[header::RETRY_AFTER], "0");
    }
    // What goes nowhere is not counted.
    let nowhere = "/accounts/acme/sso/018f0000-0000-7000-8000-00000000abcd/start";
    scene.browser.get(nowhere).await.expect(StatusCode::NOT_FOUND);
}

/// An office of many people behind one address.
#[tokio::test]
async fn sign_ins_that_end_well_count_for_nothing() {
    let mut scene = Scene::new().await;
    for _ in 0..3 {
        assert_eq!(scene.sign_in().await.leads_to(), "/");
    }
    assert_eq!(scene.test.database.number(COUNTED).await, 0);
    scene.begin().await;
    assert_eq!(scene.test.database.number(COUNTED).await, 1);
}
