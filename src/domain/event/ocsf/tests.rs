//! Activities as events of OCSF.

use serde_json::{Value, json};
use uuid::Uuid;

use super::event;
use crate::domain::event::Event;
use crate::domain::event::listed::{Listed, Named};
use crate::domain::ids::{AccountId, ActivityId};
use crate::domain::time::Timestamp;

fn listed(action: &str, kind: &str, detail: Value) -> Listed {
    let named = |kind: &str, n| Named {
        kind: kind.to_owned(),
        id: Some(Uuid::from_u128(n)),
        name: Some("Ada".to_owned()),
    };
    Listed {
        account: AccountId::new(Uuid::from_u128(1)),
        id: ActivityId::new(Uuid::from_u128(2)),
        at: Timestamp::from_micros(1_700_000_000_123_456),
        action: action.to_owned(),
        outcome: "done".to_owned(),
        actor: named("user", 3),
        target: named(kind, 4),
        detail: Some(detail),
        door: None,
        request_id: None,
        policy_version: None,
        commitment: None,
        personal: None,
        link: None,
    }
}

#[track_caller]
fn check(action: &str, detail: Value, type_uid: u32) {
    let kind = Event::ALL.iter().find(|it| it.name() == action).expect("an event").target_kind();
    let event = event(&listed(action, kind, detail));
    assert_eq!(event["type_uid"], type_uid, "{action}");
    assert_eq!(
        event["type_uid"],
        event["class_uid"].as_u64().expect("a class") * 100
            + event["activity_id"].as_u64().expect("one")
    );
}

#[test]
fn actions_stand_in_their_classes() {
    check("user.created", json!({}), 300_101);
    check("user.deleted", json!({}), 300_106);
    check("user.patched", json!({}), 300_199);
    check("session.started", json!({}), 300_201);
    check("session.ended", json!({}), 300_202);
    check("grant.given", json!({ "user": "x" }), 300_501);
    check("grant.ended", json!({}), 300_502);
    check("group.patched", json!({ "membersAdded": 2, "membersRemoved": 0 }), 300_603);
    check("group.patched", json!({ "membersAdded": 0, "membersRemoved": 1 }), 300_604);
    check("group.created", json!({}), 300_606);
    check("workspace.closed", json!({}), 600_304);
}

/// What OCSF 1.3 requires of every event, and of each class.
#[test]
fn every_event_has_what_its_class_requires() {
    let all =
        ["activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"];
    for kind in Event::ALL {
        let event = event(&listed(kind.name(), kind.target_kind(), json!({})));
        let own: &[&str] = match event["class_uid"].as_u64() {
            Some(3001) => &["user"],
            Some(3002) => &["user", "dst_endpoint"],
            Some(3005) => &["user", "privileges"],
            Some(3006) => &["group"],
            Some(6003) => &["actor", "api", "src_endpoint"],
            other => panic!("{other:?}"),
        };
        for field in all.iter().chain(own) {
            assert!(!event[field].is_null(), "{}: {field}", kind.name());
        }
        assert!(event["metadata"]["product"]["vendor_name"].is_string());
        assert!(event["metadata"]["version"].is_string());
        assert_eq!(event["time"], 1_700_000_000_123_i64);
    }
}

#[test]
fn a_denial_is_a_failure_with_its_rule() {
    let mut denied = listed("user.created", "user", json!({ "rule": "two-planes" }));
    denied.outcome = "denied".to_owned();
    let event = event(&denied);
    assert_eq!((&event["status_id"], &event["status_detail"]), (&json!(2), &json!("two-planes")));
}
