//! When they last proved who they are: a second factor that is not dated, and proving it anew at the
//! provider, which may not care.

use axum::http::StatusCode;
use countersign::domain::factors::FRESH;
use countersign::domain::sso::Refusal;
use serde_json::{Value, json};
use url::Url;

use super::scene::{Scene, says};
use crate::login::html;
use crate::world::browser::{Page, SESSION};
use crate::world::seeds::START_SECONDS as NOW;

/// Follows the page's link to sign in anew at the provider; the URL there.
async fn again(scene: &mut Scene, page: &Page) -> Url {
    html::check(&page.text, "en");
    let start = format!("href=\"{}?", scene.start());
    let (_, rest) = page.text.split_once(&start).unwrap_or_else(|| panic!("{}", page.text));
    let query = rest.split('"').next().expect("its end").replace("&#38;", "&");
    let page = scene.browser.get(&format!("{}?{query}", scene.start())).await;
    let url = Url::parse(page.leads_to()).expect("a URL");
    for wanted in [("max_age", "0"), ("prompt", "login")] {
        assert!(url.query_pairs().any(|(name, value)| (&*name, &*value) == wanted), "{url}");
    }
    url
}

async fn come_back(scene: &mut Scene, url: &Url, claims: Value) -> Page {
    scene.provider.lies().claims = claims;
    let answer = scene.provider.authorize(url);
    scene.come_back(&answer).await
}

/// Whether the browser's session has a second factor of the last ten minutes.
async fn is_fresh(scene: &Scene) -> bool {
    let session = scene.test.app.session(&scene.browser.cookies[SESSION]).await;
    scene.test.app.is_fresh(&session.expect("a session"), FRESH)
}

/// A provider that knows them still answers without asking; without a date that is no second factor of now.
#[tokio::test]
async fn attack_second_factor_without_auth_time() {
    for (claims, lands) in [
        (json!({ "amr": ["pwd", "otp"], "auth_time": null }), "/step-up"),
        (json!({ "acr": "urn:2fa", "auth_time": null }), "/step-up"),
        (json!({ "acr": "urn:2fa" }), "/"),
    ] {
        let mut scene = Scene::with(|spec| spec.acr_values = vec!["urn:2fa".to_owned()]).await;
        scene.test.demand_factor("acme", true).await;
        scene.provider.lies().claims = claims;
        assert_eq!(scene.sign_in().await.leads_to(), lands);
    }
    // Whoever needs none comes in as ever.
    Scene::new().await.accepts(|lies| lies.claims = json!({ "auth_time": null })).await;
    // An old one is as old as the provider says.
    let mut scene = Scene::new().await;
    let claims = json!({ "amr": ["mfa"], "auth_time": NOW - 900 });
    scene.accepts(|lies| lies.claims = claims).await;
    assert!(!is_fresh(&scene).await);
    scene.accepts(|lies| lies.claims = json!({ "amr": ["mfa"], "auth_time": NOW + 20 })).await;
    assert!(is_fresh(&scene).await);
    let ahead = "SELECT count(*) FROM sessions WHERE second_factor_at > created_at";
    assert_eq!(scene.test.database.number(ahead).await, 0);
}

#[tokio::test]
async fn attack_provider_ignores_that_they_are_to_prove_it_anew() {
    for (auth_time, is_let_in) in [
        (json!(null), false),
        (json!(NOW - 60), false),
        (json!(NOW - 3600), false),
        // As long as they take there.
        (json!(NOW + 5), true),
        (json!(NOW + 290), true),
    ] {
        let mut scene = Scene::new().await;
        let page = scene.browser.get(&format!("{}?fresh=1", scene.start())).await;
        let url = Url::parse(page.leads_to()).expect("a URL");
        scene.test.clock.advance_seconds(300);
        let page = come_back(&mut scene, &url, json!({ "auth_time": auth_time })).await;
        if is_let_in {
            assert_eq!(page.leads_to(), "/", "{auth_time}");
        } else {
            scene.refused(page, Refusal::Unproven).await;
        }
    }
    let mut scene = Scene::new().await;
    let url = scene.begin().await;
    assert!(!url.query_pairs().any(|(name, _)| name == "prompt" || name == "max_age"), "{url}");
}

/// The rule that asks for a fresh sign-in leads to one.
#[tokio::test]
async fn whoever_signed_in_long_ago_adds_a_factor_after_proving_it_anew_at_the_provider() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    scene.test.clock.advance_seconds(601);
    for path in ["/enrol/me", "/enrol/me/app"] {
        let page = match path {
            "/enrol/me" => scene.browser.get(path).await,
            _ => scene.browser.post(path, &[]).await,
        };
        let page = page.expect(StatusCode::FORBIDDEN);
        assert!(page.text.contains("Sign in again at your organisation"), "{}", page.text);
        let url = again(&mut scene, &page).await;
        // Silently, as of the first time.
        let page = come_back(&mut scene, &url, json!({ "auth_time": NOW })).await;
        assert!(page.text.contains(says(Refusal::Unproven)), "{}", page.text);
        scene.browser.get("/enrol/me").await.expect(StatusCode::FORBIDDEN);
    }
    let page = scene.browser.get("/enrol/me").await;
    let url = again(&mut scene, &page).await;
    assert_eq!(come_back(&mut scene, &url, json!({})).await.leads_to(), "/enrol/me");
    scene.browser.get("/enrol/me").await.expect(StatusCode::OK);
    assert_eq!(scene.sessions().await, 1);
}

/// Whose provider shows the second factor, and who has none of ours, shows it again there.
#[tokio::test]
async fn staff_without_a_factor_of_ours_step_up_at_their_provider() {
    let mut scene = Scene::new().await;
    scene.test.database.run("UPDATE accounts SET kind = 'operator' WHERE slug = 'acme'").await;
    scene.accepts(|lies| lies.claims = json!({ "amr": ["pwd", "otp"] })).await;
    assert!(is_fresh(&scene).await);
    scene.test.clock.advance_seconds(601);
    assert!(!is_fresh(&scene).await);
    let step_up = "/step-up?return_to=%2Faccount%2Fsessions";
    let page = scene.browser.get(step_up).await.expect(StatusCode::OK);
    let url = again(&mut scene, &page).await;
    let claims = json!({ "amr": ["pwd", "otp"], "auth_time": NOW });
    let page = come_back(&mut scene, &url, claims).await;
    assert!(page.text.contains(says(Refusal::Unproven)), "{}", page.text);
    assert!(!is_fresh(&scene).await);
    let page = scene.browser.get(step_up).await;
    let url = again(&mut scene, &page).await;
    let page = come_back(&mut scene, &url, json!({ "amr": ["pwd", "otp"] })).await;
    assert_eq!(page.leads_to(), "/account/sessions");
    assert!(is_fresh(&scene).await);
    // Without a second factor this time, it is still due.
    let page = scene.browser.get(step_up).await;
    let url = again(&mut scene, &page).await;
    let page = come_back(&mut scene, &url, json!({ "amr": ["pwd"] })).await;
    assert_eq!(page.leads_to(), step_up);
    assert_eq!(scene.level().await, "pending");
}
