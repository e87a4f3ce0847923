//! RP-initiated logout: the three tests of that plan, and a provider that has no such place.

use axum::http::StatusCode;
use serde_json::json;

use super::scene::Scene;
use crate::world::browser::{Page, SESSION};

/// Signs in and out; the URL at the provider that the page leads to, and the state in it.
async fn sign_out(scene: &mut Scene) -> (url::Url, String) {
    scene.accepts(|_| {}).await;
    let page = scene.browser.post("/logout", &[]).await.expect(StatusCode::OK);
    assert_eq!(scene.sessions().await, 0);
    assert!(!scene.browser.cookies.contains_key(SESSION));
    let (_, from) =
        page.text.split_once(&format!("{}/end", scene.provider.issuer)).expect("a link");
    let query = from.split(['"', '<', ' ']).next().expect("its end").replace("&amp;", "&");
    let query = query.replace("&#38;", "&");
    let url = url::Url::parse(&format!("{}/end{query}", scene.provider.issuer)).expect("a URL");
    let state = value(&url, "state");
    (url, state)
}

fn value(url: &url::Url, wanted: &str) -> String {
    let found = url.query_pairs().find(|(name, _)| name == wanted);
    found.unwrap_or_else(|| panic!("no {wanted} in {url}")).1.into_owned()
}

#[track_caller]
fn said(page: &Page) {
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("http-equiv=\"refresh\""), "it goes nowhere: {}", page.text);
}

#[tokio::test]
async fn oidcc_client_test_rp_init_logout() {
    let mut scene = Scene::new().await;
    let (url, state) = sign_out(&mut scene).await;
    assert_eq!(value(&url, "client_id"), "countersign");
    assert_eq!(value(&url, "post_logout_redirect_uri"), "https://scim.test/signed-out");
    assert_eq!(value(&url, "id_token_hint").split('.').count(), 3);
    said(&scene.browser.get(&format!("/signed-out?state={state}")).await);
    assert!(!scene.browser.cookies.contains_key("__Host-logout"));
}

#[tokio::test]
async fn oidcc_client_test_rp_init_logout_no_state() {
    let mut scene = Scene::new().await;
    sign_out(&mut scene).await;
    said(&scene.browser.get("/signed-out").await);
    assert_eq!(scene.sessions().await, 0);
}

/// Whatever state comes, it ends nobody's session: that was ended here before.
#[tokio::test]
async fn oidcc_client_test_rp_init_logout_other_state() {
    let mut scene = Scene::new().await;
    sign_out(&mut scene).await;
    said(&scene.browser.get("/signed-out?state=another").await);
    assert_eq!(scene.sign_in().await.leads_to(), "/");
    assert_eq!(scene.browser.get("/signed-out?state=another").await.leads_to(), "/");
    assert_eq!(scene.sessions().await, 1);
}

#[tokio::test]
async fn a_provider_without_a_place_to_sign_out_keeps_nobody_signed_in() {
    let mut scene = Scene::new().await;
    scene.accepts(|lies| lies.metadata = json!({ "end_session_endpoint": null })).await;
    assert_eq!(scene.browser.post("/logout", &[]).await.leads_to(), "/signed-out");
    assert_eq!(scene.sessions().await, 0);
}

/// The ID token is kept sealed.
#[tokio::test]
async fn the_id_token_is_not_to_be_read_in_the_database() {
    let mut scene = Scene::new().await;
    let (url, _) = sign_out(&mut scene).await;
    let hex =
        if scene.test.database.is_sqlite() { "hex(id_token)" } else { "encode(id_token, 'hex')" };
    let kept = scene.test.database.texts(&format!("SELECT {hex} FROM sessions")).await.concat();
    let head = value(&url, "id_token_hint")
        .bytes()
        .take(20)
        .fold(String::new(), |all, byte| format!("{all}{byte:02x}"));
    assert!(!kept.to_lowercase().contains(&head));
}
