//! Changes that meet: what one gives, no other takes away meanwhile, and nothing is given twice (C1).

use axum::http::StatusCode;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Scene, codes, mapping, predefined};

/// How often each pair meets.
const ROUNDS: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn c1_the_same_mapping_or_grant_asked_for_eight_times_at_once_is_made_once() {
    let scene = Scene::new().await;
    let user = scene.seat.scim.user("ann").await;
    let group = scene.seat.scim.group("Staff", &[]).await;
    let grant = json!({ "user": user, "bundle": predefined("reader"), "reason": "as asked" });
    for (path, body) in [("/group-mappings", mapping(&group, "reader")), ("/grants", grant)] {
        let all = join_all((0..8).map(|_| scene.post(path, &body))).await;
        let made = all.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
        assert_eq!((made, scene.count(path).await), (1, 1), "{path}");
        for answer in all.iter().filter(|answer| answer.status != StatusCode::CREATED) {
            let words = codes(answer);
            assert!(words.iter().all(|(_, code)| code.starts_with("twice_")), "{}", answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn c1_a_bundle_or_role_is_given_or_deleted_but_never_both() {
    let scene = Scene::new().await;
    let user = scene.seat.scim.user("ann").await;
    for n in 0..ROUNDS {
        let group = scene.seat.scim.group(&format!("Group {n}"), &[]).await;
        for kind in ["bundle", "role"] {
            let gift = make(&scene, kind, n).await;
            let mapping = json!({ "group": group, kind: gift, "reason": "x" });
            meet(&scene, (kind, &gift), ("/group-mappings", &mapping)).await;
            let gift = make(&scene, kind, n + 100).await;
            let grant = json!({ "user": user, kind: gift, "reason": "x" });
            meet(&scene, (kind, &gift), ("/grants", &grant)).await;
        }
        let bundle = make(&scene, "bundle", n + 200).await;
        let role = json!({ "name": format!("by {n}"), "level": "account", "bundles": [bundle] });
        meet(&scene, ("bundle", &bundle), ("/roles", &role)).await;
    }
}

async fn make(scene: &Scene, kind: &str, n: usize) -> String {
    let name = format!("{kind} {n}");
    if kind == "bundle" {
        return scene.make("/bundles", &json!({ "name": name, "rights": [] })).await;
    }
    scene.make("/roles", &json!({ "name": name, "level": "account", "bundles": [] })).await
}

/// One request gives what another deletes: one of them is done, and the other says why it is not.
async fn meet(scene: &Scene, (kind, gift): (&str, &str), (path, body): (&str, &Value)) {
    let gone = format!("/{kind}s/{gift}");
    let (made, gone) = tokio::join!(scene.post(path, body), scene.delete(&gone));
    let is_made = made.status == StatusCode::CREATED;
    let is_gone = gone.status == StatusCode::NO_CONTENT;
    assert_ne!(is_made, is_gone, "{path}: {} and {}", made.text, gone.text);
    let refused = if is_made { &gone } else { &made };
    let why = if is_made { StatusCode::CONFLICT } else { StatusCode::BAD_REQUEST };
    assert_eq!(refused.status, why, "{}", refused.text);
}
