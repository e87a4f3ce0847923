//! What happens while a sign-in is under way: whatever is taken back meanwhile lets nobody in afterwards.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use countersign::app::Error;
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, RemoveSso, UnlinkUser};
use countersign::domain::opaque::reveal;
use countersign::domain::sessions::Visitor;
use serde_json::{Value, json};
use tokio::sync::Notify;
use uuid::Uuid;

use super::scene::{Scene, account_id, come_back};
use crate::login::provider::Sign;
use crate::world::browser::{Browser, Page, SESSION, password, proven, sign_in, sso};

/// Ann signs in, and while her code is being exchanged, `meanwhile` happens; the page that she gets.
async fn while_under_way(scene: &mut Scene, meanwhile: impl AsyncFnOnce(&Scene)) -> Page {
    let url = scene.begin().await;
    let answer = scene.provider.authorize(&url);
    let (word, before) = (Arc::new(Notify::new()), scene.provider.calls("/token"));
    scene.provider.lies().waits_for = Some(word.clone());
    let (mut browser, sso) = (scene.browser.clone(), scene.sso.id);
    let coming = tokio::spawn(async move {
        let page = come_back(&mut browser, sso, &answer).await;
        (browser, page)
    });
    while scene.provider.calls("/token") == before {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    meanwhile(scene).await;
    word.notify_one();
    scene.provider.lies().waits_for = None;
    let (browser, page) = coming.await.expect("it ends");
    scene.browser = browser;
    page
}

#[tokio::test]
async fn a_provider_removed_during_a_sign_in_lets_nobody_in() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    let page = while_under_way(&mut scene, async |scene| {
        let account = account_id(&scene.test, "acme").await;
        let remove = Command::RemoveSso(RemoveSso { account, sso: scene.sso.id });
        scene.test.app.change(&Actor::Platform, remove).await.expect("it goes");
    })
    .await;
    page.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(scene.sessions().await, 0);
}

#[tokio::test]
async fn a_provider_that_says_it_is_over_during_a_sign_in_is_heard() {
    for (claims, is_hers) in [
        (json!({}), true),
        (json!({ "sid": "sid-1" }), true),
        (json!({ "sid": "sid-1", "sub": null }), true),
        (json!({ "sid": "sid-2" }), false),
        (json!({ "sid": "sid-2", "sub": null }), false),
        (json!({ "sub": "u-bob" }), false),
        (json!({ "sid": "sid-1", "sub": "u-bob" }), false),
    ] {
        let mut scene = Scene::new().await;
        let page = while_under_way(&mut scene, async |scene| say_over(scene, &claims).await).await;
        let status = if is_hers { StatusCode::UNAUTHORIZED } else { StatusCode::SEE_OTHER };
        assert_eq!(page.status, status, "{claims}: {}", page.text);
        assert_eq!(scene.sessions().await, i64::from(!is_hers), "{claims}");
        // A sign-in begun afterwards is another.
        assert_eq!(scene.sign_in().await.leads_to(), "/", "{claims}");
    }
}

async fn say_over(scene: &Scene, claims: &Value) {
    let token = scene.provider.logout_token(Sign::With("rs1"), claims);
    assert_eq!(scene.back_channel(&token).await, StatusCode::OK);
}

/// As far as the moment between the look at the link and the session.
#[tokio::test]
async fn a_link_taken_away_during_a_sign_in_lets_nobody_in() {
    let scene = Scene::new().await;
    let account = account_id(&scene.test, "acme").await;
    let proof = proven(&scene.test, account, &scene.ann, sso(true)).await;
    let user = scene.ann.parse().expect("an id");
    let unlink = Command::UnlinkUser(UnlinkUser { account, user });
    scene.test.app.change(&Actor::Platform, unlink).await.expect("it is unlinked");
    let begun = scene.test.app.finish_login(&proof, Visitor::default(), None).await;
    assert!(matches!(begun, Err(Error::Unauthenticated(_))), "{begun:?}");
    assert_eq!(scene.sessions().await, 0);
}

/// Nor does a link that is another's, or a connection that is another's, or none.
#[tokio::test]
async fn a_session_rests_on_its_own_users_link_and_its_own_connection() {
    let scene = Scene::new().await;
    let account = account_id(&scene.test, "acme").await;
    let bob = super::scene::user(&scene.scim, "bob", "u-bob").await;
    let proof = proven(&scene.test, account, &bob, sso(true)).await;
    let mut wrong = [proof.clone(), proof.clone(), proof.clone()];
    wrong[0].user = scene.ann.parse().expect("an id");
    for (proof, change) in wrong.iter_mut().zip([0, 1, 2]) {
        let countersign::app::sign_in::Shown::Sso(word) = &mut proof.shown else { continue };
        match change {
            1 => word.sso = countersign::domain::ids::SsoId::new(Uuid::from_u128(77)),
            2 => word.subject.subject = "another".to_owned(),
            _ => {}
        }
    }
    for proof in wrong {
        let begun = scene.test.app.finish_login(&proof, Visitor::default(), None).await;
        assert!(matches!(begun, Err(Error::Unauthenticated(_))), "{begun:?}");
    }
    assert_eq!(scene.sessions().await, 0);
    scene.test.app.finish_login(&proof, Visitor::default(), None).await.expect("the right one");
}

/// A session that took the place of the one noted at the beginning ends as well.
#[tokio::test]
async fn the_session_that_the_browser_has_at_the_end_of_a_sign_in_ends_too() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    let url = scene.begin().await;
    let account = account_id(&scene.test, "acme").await;
    let bob = super::scene::user(&scene.scim, "bob", "u-bob").await;
    let newer = sign_in(&scene.test, account, &bob, password()).await.expect("a session");
    let newer = reveal(&newer.secret).to_owned();
    scene.browser.cookies.insert(SESSION.to_owned(), newer.clone());
    assert_eq!(scene.sessions().await, 2);
    let answer = scene.provider.authorize(&url);
    assert_eq!(scene.come_back(&answer).await.leads_to(), "/");
    assert_eq!(scene.sessions().await, 1);
    let mut planted = Browser::new(&scene.test.app);
    planted.cookies.insert(SESSION.to_owned(), newer);
    assert!(planted.get("/").await.leads_to().starts_with("/login"));
}
