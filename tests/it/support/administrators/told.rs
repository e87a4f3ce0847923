//! Every gain and every loss is told to the account's CSM and the other administrators, whatever door it came
//! through (S4).

use axum::http::StatusCode;
use countersign::domain::account::State;
use countersign::domain::actor::Actor;
use countersign::domain::command::Command;
use countersign::domain::command::accounts::{AccountChange, AccountEdit};
use countersign::worker;
use serde_json::{Value, json};

use super::{Kept, right_for, told, user};
use crate::scim::patch_op;
use crate::world::mailbox::Smtpd;

const ALL_GAINED: [(&str, &str); 3] = [("ann", "gained"), ("bob", "gained"), ("cy", "gained")];
const ALL_LOST: [(&str, &str); 3] = [("ann", "lost"), ("bob", "lost"), ("cy", "lost")];

#[tokio::test]
async fn s4_gains_and_losses_reach_the_csm_and_the_other_administrators_over_smtp() {
    let kept = Kept::new().await;
    let app = &kept.scene.seat.test.app;
    let server = Smtpd::start();
    let eve = user(&kept.scene.seat.scim, "eve", "en").await;
    let grant = kept.signed_grant(right_for(&eve)).await;
    // Signing is asked of bob by mail; that is not what is looked at here.
    kept.folder.collect(app).await;
    let sent = async || {
        while worker::deliver_batch(app).await.expect("delivered") > 0 {}
        let count = worker::mail::send_due(app, &server.mailer).await.expect("sent");
        let mut mails: Vec<Value> = (0..count).map(|_| server.next()).collect();
        mails.sort_by_key(|mail| mail["to"].to_string());
        mails
    };
    let mails = sent().await;
    let subjects: Vec<(&Value, &Value)> =
        mails.iter().map(|it| (&it["to"][0], &it["subject"])).collect();
    assert_eq!(
        subjects,
        [
            (&json!("ann@mail.example"), &json!("New among the administrators of acme: eve")),
            (
                &json!("bob@mail.example"),
                &json!("Nouveau parmi les administrateurs de acme\u{a0}: eve")
            ),
            (
                &json!("cy@mail.example"),
                &json!("Nouveau parmi les administrateurs de acme\u{a0}: eve")
            ),
        ]
    );
    kept.scene.delete(&kept.ann, &format!("/accounts/acme/grants/{grant}")).await;
    let mails = sent().await;
    let to: Vec<&Value> = mails.iter().map(|it| &it["to"][0]).collect();
    assert_eq!(to, ["ann@mail.example", "bob@mail.example", "cy@mail.example"]);
    assert_eq!(mails[0]["subject"], "No longer among the administrators of acme: eve");
    assert!(mails[1]["html"].as_str().expect("HTML").contains("plus acme"), "{}", mails[1]);
    assert_eq!(sent().await, Vec::<Value>::new(), "once");
    server.expect_nothing();
    let told = ["administrator.gained", "administrator.gained", "administrator.gained"];
    assert_eq!(kept.record().await[..3], told);
    assert_eq!(kept.record().await[3..], ["administrator.lost"]);
}

/// Deactivation and its end, deletion, a membership, expiry: none of these says that it is about an
/// administrator.
#[tokio::test]
async fn s4_what_the_identity_provider_or_time_does_is_told_too() {
    let kept = Kept::new().await;
    let scim = &kept.scene.seat.scim;
    let eve = user(scim, "eve", "en").await;
    kept.signed_grant(right_for(&eve)).await;
    assert_eq!(kept.pass().await, told(&ALL_GAINED));
    kept.set_active(&eve, false).await;
    assert_eq!(kept.pass().await, told(&ALL_LOST));
    kept.set_active(&eve, true).await;
    assert_eq!(kept.pass().await, told(&ALL_GAINED));
    scim.delete(&format!("/Users/{eve}")).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(kept.pass().await, told(&ALL_LOST));
    // By a group, and by time.
    let (fay, gus) = (user(scim, "fay", "en").await, user(scim, "gus", "en").await);
    let group = scim.group("Admins", std::slice::from_ref(&fay)).await;
    let bundle = countersign::domain::rights::catalogue::bundle_id("administrator");
    let mapping = json!({ "group": group, "bundle": bundle.to_string(), "reason": "as asked" });
    let made = kept.scene.post(&kept.ann, "/accounts/acme/group-mappings", mapping).await;
    let made = made.expect(StatusCode::ACCEPTED);
    assert_eq!(kept.pass().await, told(&[]), "it waits");
    kept.sign(&kept.bob, &made.body["approval_requests"][0]).await.expect(StatusCode::OK);
    assert_eq!(kept.pass().await, told(&ALL_GAINED));
    let leave = json!([{ "op": "remove", "path": "members", "value": [{ "value": fay }] }]);
    let left = scim.patch(&format!("/Groups/{group}"), &patch_op(&leave)).await;
    left.expect(StatusCode::NO_CONTENT);
    assert_eq!(kept.pass().await, told(&ALL_LOST));
    let mut short = right_for(&gus);
    short["ends_at"] = json!("2026-01-01T03:00:00Z");
    kept.signed_grant(short).await;
    assert_eq!(kept.pass().await, told(&ALL_GAINED));
    kept.scene.seat.test.clock.advance_seconds(3 * 3600);
    assert_eq!(kept.pass().await, told(&ALL_LOST));
    assert_eq!(kept.pass().await, told(&[]), "once");
}

/// Out of service, nobody administers an account, and it waits for nobody: no recovery begins.
#[tokio::test]
async fn s4_a_suspended_account_tells_its_csm_and_enters_no_recovery() {
    let kept = Kept::new().await;
    let app = &kept.scene.seat.test.app;
    let account = kept.scene.seat.acme;
    for (state, wanted) in [
        (State::Suspended, vec![("cy", "lost")]),
        (State::Active, vec![("ann", "gained"), ("bob", "gained"), ("cy", "gained")]),
    ] {
        let change = AccountChange { account, what: AccountEdit::SetState(state), if_match: None };
        let done = app.change(&Actor::Platform, Command::ChangeAccount(Box::new(change))).await;
        done.expect("it is done");
        assert_eq!(kept.pass().await, told(&wanted));
    }
    let record = kept.record().await;
    assert!(!record.contains(&"account.recovery_begun".to_owned()), "{record:?}");
}

/// Two processes at once tell once; and one that notes what was true before is put right.
#[tokio::test]
async fn s4_two_processes_tell_once() {
    let kept = Kept::new().await;
    let app = &kept.scene.seat.test.app;
    let eve = user(&kept.scene.seat.scim, "eve", "en").await;
    kept.signed_grant(right_for(&eve)).await;
    let (one, other) =
        tokio::join!(app.follow_all_administrators(), app.follow_all_administrators());
    one.expect("looked at");
    other.expect("looked at");
    assert_eq!(kept.pass().await, told(&ALL_GAINED));
    assert_eq!(kept.record().await.len(), 3);
}
