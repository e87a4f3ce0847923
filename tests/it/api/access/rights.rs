//! `/api/v1/accounts/{account}/users/{id}/rights`: what a user may do, with a version for copies.

use axum::http::{Method, Request, StatusCode, header};
use countersign::domain::keys::products::ProductScope;
use countersign::domain::rights::sources::{Period, Place};
use countersign::domain::time::{Clock as _, Timestamp};
use serde_json::{Value, json};

use crate::api::access::scene::{NOBODY, Scene, WORKSPACE};
use crate::api::people::By;
use crate::scim::patch_op;
use crate::world::client::Answer;

impl Scene {
    fn rights_path(&self) -> String {
        format!("/api/v1/accounts/acme/users/{}/rights", self.ann)
    }

    /// Asks the product's way, having a copy.
    pub(super) async fn get_if_none(&self, path: &str, tag: &str) -> Answer {
        let request = Request::builder()
            .method(Method::GET)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .header(header::IF_NONE_MATCH, tag)
            .body(axum::body::Body::empty());
        self.seat.send(request.expect("a request")).await
    }
}

fn keys(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|it| it["right"].as_str().expect("a key")).collect()
}

#[tokio::test]
async fn rights_are_told_with_their_places_and_pending_ones_apart() {
    let scene = Scene::with_reader().await;
    scene.map("administrator", Place::Account).await;
    let space = Place::Workspace(WORKSPACE.parse().expect("an id"));
    scene.grant("data.export", space, Period::ALWAYS).await;
    scene.grant("documents.approve", space, Period::ALWAYS).await;
    let told = scene.get(&scene.rights_path()).await.expect(StatusCode::OK).body;
    assert_eq!(told["user"], scene.ann);
    assert_eq!(told["account"], scene.seat.acme.to_string());
    assert!(keys(&told["rights"]).contains(&"dashboards.read"), "{told}");
    assert!(keys(&told["pending"]).contains(&"users.administer"), "{told}");
    assert!(!keys(&told["rights"]).contains(&"users.administer"), "{told}");
    let in_space: Vec<&Value> = told["rights"]
        .as_array()
        .expect("rights")
        .iter()
        .filter(|it| it["workspace"] == WORKSPACE)
        .collect();
    let acme = scene.seat.acme.to_string();
    let approve = json!({ "right": "documents.approve", "account": acme, "workspace": WORKSPACE });
    assert_eq!(in_space, [&approve], "what needs a permission that is off is not held");
    assert!(told.get("good_until").is_none(), "{told}");
}

/// The product, administrators, the user; nobody else, and 404 where somebody is to know of nothing.
#[tokio::test]
async fn rights_are_for_the_product_administrators_and_the_user_alone() {
    let scene = Scene::with_reader().await;
    let seat = &scene.seat;
    let (bob, path) = (seat.person("bob").await, scene.rights_path());
    let ann = seat.sign_in(&scene.ann, crate::world::browser::password()).await;
    let decisions = seat.product_key(&[ProductScope::Decisions], 30).await;
    for (by, status) in [
        (By::Bearer(scene.key.clone()), 200),
        (scene.admin.by_cookie(), 200),
        (ann.by_cookie(), 200),
        (By::Bearer(seat.access_token(&ann).await), 200),
        (bob.by_cookie(), 403),
        (By::Bearer(decisions.clone()), 403),
        (By::Nobody, 401),
    ] {
        let answer = seat.get(&by, &path).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    for path in [
        format!("/api/v1/accounts/vendor/users/{}/rights", scene.ann),
        format!("/api/v1/accounts/nowhere/users/{}/rights", scene.ann),
        format!("/api/v1/accounts/acme/users/{NOBODY}/rights"),
        "/api/v1/accounts/acme/users/x/rights".to_owned(),
    ] {
        for by in [By::Bearer(scene.key.clone()), scene.admin.by_cookie()] {
            assert_eq!(seat.get(&by, &path).await.status, 404, "{path}");
        }
    }
    let feed = "/api/v1/accounts/acme/rights/changes";
    for (by, status) in [
        (By::Bearer(scene.key.clone()), 200),
        (By::Bearer(decisions), 403),
        (scene.admin.by_cookie(), 403),
        (By::Nobody, 401),
    ] {
        assert_eq!(seat.get(&by, feed).await.status, status);
    }
}

#[tokio::test]
async fn a_copy_is_good_until_something_changes_or_time_does_it() {
    let scene = Scene::with_reader().await;
    let path = scene.rights_path();
    let first = scene.get(&path).await.expect(StatusCode::OK);
    assert_eq!(first.headers[header::CACHE_CONTROL], "private, no-cache");
    let tag = first.headers[header::ETAG].to_str().expect("text").to_owned();
    for header in [tag.clone(), format!("\"x\", {tag}"), tag.trim_start_matches("W/").to_owned()] {
        let same = scene.get_if_none(&path, &header).await;
        assert_eq!((same.status.as_u16(), same.text.as_str()), (304, ""), "{header}");
        assert_eq!(same.headers[header::ETAG], tag);
    }
    for header in ["\"x\"", "W/\"1.1\"", "W/\"9.9.9\""] {
        assert_eq!(scene.get_if_none(&path, header).await.status, 200, "{header}");
    }
    let now = scene.seat.test.clock.now().micros();
    let ends_at = Timestamp::from_micros(now + 60_000_000);
    let period = Period { ends_at, ..Period::ALWAYS };
    scene.grant("campaigns.edit", Place::Account, period).await;
    let second = scene.get_if_none(&path, &tag).await.expect(StatusCode::OK);
    assert!(keys(&second.body["rights"]).contains(&"campaigns.edit"));
    assert_eq!(second.body["good_until"], ends_at.rfc3339());
    let tag = second.headers[header::ETAG].to_str().expect("text").to_owned();
    scene.seat.test.clock.advance_seconds(50);
    assert_eq!(scene.get_if_none(&path, &tag).await.status, 304);
    scene.seat.test.clock.advance_seconds(10);
    let third = scene.get_if_none(&path, &tag).await.expect(StatusCode::OK);
    assert!(!keys(&third.body["rights"]).contains(&"campaigns.edit"));
    assert_ne!(third.headers[header::ETAG], tag.as_str());
    let leave = json!([{ "op": "remove", "path": "members" }]);
    let group = format!("/Groups/{}", scene.group);
    let done = scene.seat.scim.patch(&group, &patch_op(&leave)).await;
    done.expect(StatusCode::NO_CONTENT);
    let tag = third.headers[header::ETAG].to_str().expect("text");
    let fourth = scene.get_if_none(&path, tag).await.expect(StatusCode::OK);
    assert_eq!(fourth.body["rights"], json!([]));
}

/// DECISIONS.md 27: a past moment, for administrators; and what is wrong with one.
#[tokio::test]
async fn a_past_moment_is_told_to_administrators() {
    let scene = Scene::new().await;
    let before = scene.seat.test.clock.now();
    scene.seat.test.clock.advance_seconds(60);
    scene.map("reader", Place::Account).await;
    let path = scene.rights_path();
    let admin = scene.admin.by_cookie();
    let at = |at: &str| format!("{path}?at={}", at.replace('+', "%2B"));
    let then = scene.seat.get(&admin, &at(&before.rfc3339())).await.expect(StatusCode::OK);
    assert_eq!(then.body["rights"], json!([]));
    assert_eq!(then.body["at"], before.rfc3339());
    assert!(then.headers.get(header::ETAG).is_none());
    let now = scene.seat.test.clock.now().rfc3339();
    let now = scene.seat.get(&admin, &at(&now)).await.expect(StatusCode::OK);
    assert!(keys(&now.body["rights"]).contains(&"dashboards.read"));
    for wrong in ["", "yesterday", "2026-01-01", "2999-01-01T00:00:00Z"] {
        let refused = scene.seat.get(&admin, &at(wrong)).await;
        assert_eq!(refused.status, 400, "{wrong}: {}", refused.text);
        assert_eq!(refused.body["errors"][0]["code"], "moment", "{}", refused.text);
    }
    assert_eq!(scene.seat.get(&admin, &format!("{path}?when=x")).await.status, 400);
    let by_product = scene.get(&at(&before.rfc3339())).await;
    assert_eq!(by_product.status, 403, "{}", by_product.text);
}
