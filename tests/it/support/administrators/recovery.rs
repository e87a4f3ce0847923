//! An account whose last administrator the identity provider took away gets another: by two people of the
//! operator, never one (S4, DECISIONS.md 2).

use axum::http::StatusCode;
use serde_json::json;

use super::super::{id, refused};
use super::{Kept, right_for, told, user};
use crate::api::people::Person;

impl Kept {
    /// One of staff who can be written to, who is that.
    async fn staff(&self, name: &str, functions: &[&str]) -> Person {
        let user = user(&self.scene.vendor, name, "en").await;
        let person = self.scene.sign_in(&user).await;
        for function in functions {
            crate::api::sso::grant(&self.scene.seat, &person, function).await;
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
