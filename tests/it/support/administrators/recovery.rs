//! An account whose last administrator the identity provider took away gets another: by two people of the
//! operator, never one (S4, DECISIONS.md 2).

use axum::http::StatusCode;
use countersign::domain::account::Kind;
use countersign::worker;
use serde_json::json;

use super::super::{Scene, id, refused};
use super::{Kept, RIGHT, name, right_for, told, user};
use crate::api::people::{Person, sign_in, sso};
use crate::api::sso::grant;
use crate::scim::patch_op;
use crate::world::TokenFor;
use crate::world::mailbox::Folder;

impl Kept {
    /// One of staff who can be written to, who is that.
    async fn staff(&self, name: &str, functions: &[&str]) -> Person {
        let user = user(&self.scene.vendor, name, "en").await;
        let person = self.scene.sign_in(&user).await;
        for function in functions {
            grant(&self.scene.seat, &person, function).await;
        }
        person
    }

    /// The identity provider takes both administrators away.
    async fn lose_all(&self) {
        for person in [&self.ann, &self.bob] {
            self.set_active(&id(person), false).await;
        }
    }
}

#[tokio::test]
async fn s4_the_identity_provider_takes_the_last_one_and_the_account_is_in_recovery() {
    let kept = Kept::new().await;
    let zoe = kept.staff("zoe", &["function:csd"]).await;
    assert_eq!(kept.state(&zoe).await, "named");
    kept.lose_all().await;
    let all = [("cy", "lost"), ("cy", "recovery"), ("zoe", "recovery")];
    assert_eq!(kept.pass().await, told(&all));
    assert_eq!(kept.state(&zoe).await, "in_recovery");
    let begun = kept.record().await.iter().filter(|it| *it == "account.recovery_begun").count();
    assert_eq!(begun, 1);
    // The provider brings one back: it is over.
    kept.set_active(&id(&kept.ann), true).await;
    assert_eq!(kept.pass().await, told(&[("cy", "gained")]));
    assert_eq!(kept.state(&zoe).await, "named");
    assert_eq!(kept.record().await.last().expect("a line"), "administrator.gained");
    assert!(kept.record().await.contains(&"account.recovery_ended".to_owned()));
}

#[tokio::test]
async fn s4_two_of_the_operators_staff_name_another_and_never_one() {
    let kept = Kept::new().await;
    let zoe = kept.staff("zoe", &["function:csd"]).await;
    let pat = kept.staff("pat", &["function:psm"]).await;
    let sam = kept.staff("sam", &["function:support", "team:support"]).await;
    let eve = user(&kept.scene.seat.scim, "eve", "en").await;
    let grants = "/accounts/acme/grants";
    // S8: while somebody administers it, staff do not.
    for by in [&zoe, &pat, &kept.cy] {
        refused(&kept.scene.post(by, grants, right_for(&eve)).await, "two-planes");
    }
    kept.lose_all().await;
    kept.pass().await;
    refused(&kept.scene.post(&sam, grants, right_for(&eve)).await, "recovery-by-two");
    let other = json!({ "user": eve, "right": "dashboards.read", "reason": "x" });
    refused(&kept.scene.post(&zoe, grants, other).await, "two-planes");
    // The CSM asks, and does not sign; a director who asks does not sign either.
    let given = kept.scene.post(&kept.cy, grants, right_for(&eve)).await;
    let given = given.expect(StatusCode::ACCEPTED);
    let request = given.body["approval_requests"][0].clone();
    refused(&kept.sign(&kept.cy, &request).await, "approver-not-requester");
    refused(&kept.sign(&sam, &request).await, "approver-right");
    assert_eq!(kept.state(&zoe).await, "in_recovery");
    let signed = kept.sign(&pat, &request).await.expect(StatusCode::OK);
    assert_eq!(signed.body["state"], "executed");
    assert_eq!(kept.state(&zoe).await, "named");
    assert_eq!(kept.pass().await, told(&[("cy", "gained")]));
    let fay = user(&kept.scene.seat.scim, "fay", "en").await;
    refused(&kept.scene.post(&zoe, grants, right_for(&fay)).await, "two-planes");
}

/// Who asks, whatever they are, does not sign; and an open request is no door once somebody administers.
#[tokio::test]
async fn s4_a_director_who_asks_does_not_sign_and_an_administrator_who_is_back_does() {
    let kept = Kept::new().await;
    let zoe = kept.staff("zoe", &["function:csd"]).await;
    let pat = kept.staff("pat", &["function:psm"]).await;
    let eve = user(&kept.scene.seat.scim, "eve", "en").await;
    kept.lose_all().await;
    let given = kept.scene.post(&zoe, "/accounts/acme/grants", right_for(&eve)).await;
    let request = given.expect(StatusCode::ACCEPTED).body["approval_requests"][0].clone();
    refused(&kept.sign(&zoe, &request).await, "approver-not-requester");
    kept.set_active(&id(&kept.ann), true).await;
    refused(&kept.sign(&pat, &request).await, "approver-right");
    let ann = kept.scene.enter(&id(&kept.ann)).await;
    let signed = kept.sign(&ann, &request).await.expect(StatusCode::OK);
    assert_eq!(signed.body["state"], "executed");
}

/// With one director and nobody else, one person alone cannot.
#[tokio::test]
async fn s4_one_of_staff_alone_gives_no_account_an_administrator() {
    let kept = Kept::new().await;
    let zoe = kept.staff("zoe", &["function:csd"]).await;
    let eve = user(&kept.scene.seat.scim, "eve", "en").await;
    kept.lose_all().await;
    let given = kept.scene.post(&zoe, "/accounts/acme/grants", right_for(&eve)).await;
    let given = given.expect(StatusCode::CREATED);
    let ask = json!({ "source": given.id(), "reason": "please" });
    let asked = kept.scene.post(&zoe, "/accounts/acme/approval-requests", ask).await;
    refused(&asked, "no-approver-exists");
    assert_eq!(kept.state(&zoe).await, "in_recovery");
}

/// S1: in a child, its parent's administrators do it, as ever by two; staff do not, and the parent's take the
/// child's last one, since they administer it themselves.
#[tokio::test]
async fn s4_a_parents_administrators_name_another_in_a_child() {
    let scene = Scene::new().await;
    let test = &scene.seat.test;
    let north = test.account_among("north", Kind::Parent, None).await;
    test.account_among("south", Kind::Child, Some(north)).await;
    let client = async |slug: &str| {
        let token = test.token(slug, TokenFor::default()).await;
        test.client(slug, &token)
    };
    let (above, below) = (client("north").await, client("south").await);
    let mut parents = vec![];
    for name in ["pia", "pol"] {
        let user = user(&above, name, "en").await;
        let person = sign_in(test, north, &user, sso(true)).await;
        grant(&scene.seat, &person, RIGHT).await;
        parents.push(person);
    }
    let (sue, eve) = (user(&below, "sue", "en").await, user(&below, "eve", "en").await);
    let first = scene.post(&parents[0], "/accounts/south/grants", right_for(&sue)).await;
    let first = first.expect(StatusCode::ACCEPTED);
    let request = first.body["approval_requests"][0].clone();
    scene.sign("south", &parents[1], &request).await.expect(StatusCode::OK);
    let folder = Folder::new();
    let told = async || {
        while worker::deliver_batch(&test.app).await.expect("delivered") > 0 {}
        let letters = folder.collect(&test.app).await;
        let recovery = letters.iter().filter(|it| it.text.contains("nobody administers south"));
        let mut to: Vec<String> = recovery.map(|it| name(&it.to)).collect();
        to.sort();
        to
    };
    assert!(told().await.is_empty());
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    below.patch(&format!("/Users/{sue}"), &patch_op(&off)).await.expect(StatusCode::OK);
    assert_eq!(told().await, ["pia", "pol"]);
    let shown = scene.get(&parents[0], "/accounts/south").await.expect(StatusCode::OK);
    assert_eq!(shown.body["administrators"], "in_recovery");
    let zoe = scene.director("zoe").await;
    let by_staff = scene.post(&zoe, "/accounts/south/grants", right_for(&eve)).await;
    refused(&by_staff, "two-planes");
    let given = scene.post(&parents[0], "/accounts/south/grants", right_for(&eve)).await;
    let given = given.expect(StatusCode::ACCEPTED);
    let request = given.body["approval_requests"][0].clone();
    scene.sign("south", &parents[1], &request).await.expect(StatusCode::OK);
    let path = format!("/accounts/south/grants/{}", given.id());
    scene.delete(&parents[0], &path).await.expect(StatusCode::NO_CONTENT);
}
