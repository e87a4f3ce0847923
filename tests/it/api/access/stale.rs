//! A changed right is never answered as it was, by whatever process, once the change is acknowledged
//! (DECISIONS.md 11, 29). Two applications on one database: one changes, both are asked at once. What the
//! operator and administrators change is in `tests/it/rights/acknowledged.rs`.

use axum::http::StatusCode;
use countersign::app::App;
use countersign::domain::command::rights::RightsEdit;
use countersign::domain::ids::MappingId;
use countersign::domain::rights::sources::{MappingEdit, Period, Place};
use countersign::domain::time::Timestamp;
use serde_json::json;

use crate::api::access::scene::Scene;
use crate::api::people::send;
use crate::scim::patch_op;

struct Two {
    scene: Scene,
    other: App,
}

impl Two {
    async fn new() -> Self {
        let scene = Scene::new().await;
        let other = scene.other_process().await;
        Self { scene, other }
    }

    /// Asks both, twice, so that both have it in memory.
    #[track_caller]
    fn both<'a>(
        &'a self,
        right: &'a str,
        expected: &'a [&'a str],
        after: &'a str,
    ) -> impl Future<Output = ()> + 'a {
        let place = std::panic::Location::caller();
        async move {
            let (other, own) = (&self.other, &self.scene.seat.test.app);
            for app in [other, own, other, own] {
                let told = self.scene.reasons_at(app, right).await;
                assert_eq!(told, expected, "{right} after {after}, {place}");
            }
        }
    }
}

#[tokio::test]
async fn c1_memberships_and_nesting_count_at_once_everywhere() {
    let two = Two::new().await;
    let scim = two.scene.seat.scim.clone();
    two.scene.map("reader", Place::Account).await;
    let (right, path) = ("dashboards.read", format!("/Groups/{}", two.scene.group));
    two.both(right, &[], "the mapping").await;
    let leave = json!([{ "op": "remove", "path": "members" }]);
    scim.patch(&path, &patch_op(&leave)).await.expect(StatusCode::NO_CONTENT);
    two.both(right, &["not_given"], "leaving").await;
    let inner = scim.group("Inner", std::slice::from_ref(&two.scene.ann)).await;
    two.both(right, &["not_given"], "joining another").await;
    let nest = json!([{ "op": "add", "path": "members", "value": [{ "value": inner }] }]);
    scim.patch(&path, &patch_op(&nest)).await.expect(StatusCode::NO_CONTENT);
    two.both(right, &[], "nesting").await;
    scim.patch(&path, &patch_op(&leave)).await.expect(StatusCode::NO_CONTENT);
    two.both(right, &["not_given"], "taking out").await;
    scim.patch(&path, &patch_op(&nest)).await.expect(StatusCode::NO_CONTENT);
    two.both(right, &[], "nesting again").await;
    scim.delete(&format!("/Groups/{inner}")).await.expect(StatusCode::NO_CONTENT);
    two.both(right, &["not_given"], "deleting the group").await;
}

#[tokio::test]
async fn c1_mappings_and_grants_count_at_once_everywhere() {
    let two = Two::new().await;
    let right = "dashboards.read";
    two.both(right, &["not_given"], "nothing").await;
    let mapping = MappingId::new(two.scene.map("reader", Place::Account).await);
    two.both(right, &[], "mapping").await;
    for (paused, expected) in [(true, &["paused"][..]), (false, &[])] {
        let edit = MappingEdit { paused: Some(paused), ..MappingEdit::default() };
        two.scene.change(RightsEdit::EditMapping(mapping, edit)).await;
        two.both(right, expected, "pausing or resuming").await;
    }
    two.scene.change(RightsEdit::Unmap(mapping)).await;
    two.both(right, &["not_given"], "unmapping").await;
    two.scene.grant(right, Place::Account, Period::ALWAYS).await;
    two.both(right, &[], "a grant").await;
}

#[tokio::test]
async fn c1_users_themselves_count_at_once_everywhere() {
    let two = Two::new().await;
    two.scene.map("reader", Place::Account).await;
    let scim = two.scene.seat.scim.clone();
    let (right, path) = ("dashboards.read", format!("/Users/{}", two.scene.ann));
    two.both(right, &[], "the mapping").await;
    for (active, expected) in [(false, &["user_inactive"][..]), (true, &[])] {
        let change = json!([{ "op": "replace", "path": "active", "value": active }]);
        scim.patch(&path, &patch_op(&change)).await.expect(StatusCode::OK);
        two.both(right, expected, "deactivation or reactivation").await;
    }
    scim.delete(&path).await.expect(StatusCode::NO_CONTENT);
    two.both(right, &["unknown_subject"], "deletion").await;
}

/// What begins and ends by the clock alone does so at its moment.
#[tokio::test]
async fn c2_what_begins_and_ends_by_the_clock_does_so_at_its_moment() {
    let two = Two::new().await;
    let clock = &two.scene.seat.test.clock;
    let now = countersign::domain::time::Clock::now(clock.as_ref()).micros();
    let at = |seconds: i64| Timestamp::from_micros(now + seconds * 1_000_000);
    let period = Period { starts_at: at(100), ends_at: at(200) };
    two.scene.map_for("reader", Place::Account, period).await;
    two.scene
        .grant("campaigns.edit", Place::Account, Period { ends_at: at(150), ..Period::ALWAYS })
        .await;
    let (mapped, granted) = ("dashboards.read", "campaigns.edit");
    two.both(mapped, &["not_started"], "0 s").await;
    two.both(granted, &[], "0 s").await;
    clock.advance_seconds(99);
    two.both(mapped, &["not_started"], "99 s").await;
    clock.advance_seconds(1);
    two.both(mapped, &[], "100 s").await;
    two.both(granted, &[], "100 s").await;
    clock.advance_seconds(50);
    two.both(granted, &["ended"], "150 s").await;
    two.both(mapped, &[], "150 s").await;
    clock.advance_seconds(50);
    two.both(mapped, &["ended"], "200 s").await;
}

/// S13: a catalogue activated by another process.
#[tokio::test]
async fn s13_what_the_catalogue_says_counts_at_once_everywhere() {
    let two = Two::new().await;
    two.scene.map("reader", Place::Account).await;
    two.both("dashboards.read", &[], "the mapping").await;
    let shipped = countersign::domain::rights::catalogue::Catalogue::shipped();
    let line =
        r#"rights = ["dashboards.read", "campaigns.read", "responses.read", "documents.read"]"#;
    let less = r#"rights = ["campaigns.read", "responses.read", "documents.read"]"#;
    let text = shipped.text().replacen(line, less, 1);
    assert_ne!(text, shipped.text());
    let catalogue = countersign::domain::rights::catalogue::Catalogue::parse(&text).expect("right");
    let activate = countersign::domain::command::ActivateCatalogue { catalogue: catalogue.into() };
    let command = countersign::domain::command::Command::ActivateCatalogue(activate);
    let actor = countersign::domain::actor::Actor::Platform;
    two.scene.seat.test.app.change(&actor, command).await.expect("activated");
    two.both("dashboards.read", &["not_given"], "the activation").await;
    two.both("campaigns.read", &[], "the activation").await;
}

/// Many ask while one changes: whoever asks after the answer to the change gets the new answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_asks_after_the_change_was_acknowledged_gets_the_new_answer() {
    let two = Two::new().await;
    two.scene.map("reader", Place::Account).await;
    let (scim, path) = (&two.scene.seat.scim, format!("/Groups/{}", two.scene.group));
    let body = two.scene.ask("dashboards.read");
    let noise = || {
        let asked = (two.other.clone(), two.scene.key.clone(), body.to_string());
        tokio::spawn(ask_for_ever(asked))
    };
    let noise = [noise(), noise(), noise()];
    let member = json!([{ "value": two.scene.ann }]);
    let leave = patch_op(&json!([{ "op": "remove", "path": "members" }]));
    let join = patch_op(&json!([{ "op": "add", "path": "members", "value": member }]));
    for n in 0..40 {
        scim.patch(&path, &leave).await.expect(StatusCode::NO_CONTENT);
        let told = two.scene.reasons_at(&two.other, "dashboards.read").await;
        assert_eq!(told, ["not_given"], "round {n}");
        scim.patch(&path, &join).await.expect(StatusCode::NO_CONTENT);
        let told = two.scene.reasons_at(&two.other, "dashboards.read").await;
        assert!(told.is_empty(), "round {n}: {told:?}");
    }
    noise.iter().for_each(tokio::task::JoinHandle::abort);
}

/// Asks the same again and again.
async fn ask_for_ever((app, key, body): (App, String, String)) {
    loop {
        let request = axum::http::Request::post(super::scene::EVALUATION)
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json")
            .body(axum::body::Body::from(body.clone()));
        assert_eq!(send(&app, request.expect("a request")).await.status, 200);
    }
}
