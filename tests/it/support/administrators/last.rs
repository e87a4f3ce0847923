//! Nobody takes the last administrator by a call of the API (S4, M59): taking it from oneself is taking it.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::super::refused;
use super::{Kept, RIGHT, right_for, user};
use crate::api::people::{Person, sso};
use crate::api::sso::grant;
use crate::world::client::Answer;

const RULE: &str = "last-administrator";

impl Kept {
    async fn ask(&self, by: &Person, (method, path): (Method, &str), body: &Value) -> Answer {
        self.scene.send(by, method, &format!("/accounts/acme{path}"), body.clone()).await
    }

    /// Refused to the last one with that rule, and done once there is another.
    async fn check(&self, last: &Person, what: (Method, &str), body: &Value) {
        for seat in ["ann", "bob"] {
            self.unseat(seat).await;
        }
        let answer = self.ask(last, what.clone(), body).await;
        refused(&answer, RULE);
        let detail = answer.body["detail"].as_str().expect("a text");
        assert!(detail.contains("another person first"), "{detail}");
        for administrator in [&self.ann, &self.bob] {
            grant(&self.scene.seat, administrator, RIGHT).await;
        }
        let answer = self.ask(last, what, body).await;
        assert!(answer.status.is_success(), "{}", answer.text);
    }
}

/// By a grant, a mapping that ends or rests, a bundle's contents, a role's.
#[tokio::test]
async fn s4_m59_the_last_administrators_right_is_taken_by_no_change_of_what_gives_it() {
    let kept = Kept::new().await;
    let scim = &kept.scene.seat.scim;
    let eve = user(scim, "eve", "en").await;
    let last = kept.scene.enter(&eve).await;
    let given = kept.signed_grant(right_for(&eve)).await;
    kept.check(&last, (Method::DELETE, &format!("/grants/{given}")), &Value::Null).await;
    // By a bundle in a role, which a group has.
    grant(&kept.scene.seat, &kept.ann, "activities.read").await;
    let new = json!({ "name": "Chiefs", "rights": [RIGHT, "activities.read"] });
    let bundle = kept.ask(&kept.ann, (Method::POST, "/bundles"), &new).await;
    let bundle = bundle.expect(StatusCode::CREATED).id();
    let group = scim.group("Chiefs", std::slice::from_ref(&eve)).await;
    let map = async |gift: (&str, &str)| {
        let mapping = json!({ "group": group, gift.0: gift.1, "reason": "as asked" });
        let made = kept.ask(&kept.ann, (Method::POST, "/group-mappings"), &mapping).await;
        let made = made.expect(StatusCode::ACCEPTED);
        let signed = kept.sign(&kept.bob, &made.body["approval_requests"][0]).await;
        signed.expect(StatusCode::OK);
        format!("/group-mappings/{}", made.id())
    };
    let mapping = map(("bundle", &bundle)).await;
    kept.check(&last, (Method::PATCH, &mapping), &json!({ "paused": true })).await;
    kept.ask(&kept.ann, (Method::DELETE, &mapping), &Value::Null).await;
    let mapping = map(("bundle", &bundle)).await;
    kept.check(&last, (Method::DELETE, &mapping), &Value::Null).await;
    let role = json!({ "name": "Chief", "level": "account", "bundles": [bundle] });
    let role = kept.ask(&kept.ann, (Method::POST, "/roles"), &role).await;
    let role = role.expect(StatusCode::CREATED).id();
    map(("role", &role)).await;
    let path = format!("/roles/{role}");
    let reader = countersign::domain::rights::catalogue::bundle_id("reader").to_string();
    kept.check(&last, (Method::PATCH, &path), &json!({ "bundles": [reader] })).await;
    let mapping = map(("bundle", &bundle)).await;
    let path = format!("/bundles/{bundle}");
    kept.check(&last, (Method::PATCH, &path), &json!({ "rights": ["activities.read"] })).await;
    kept.ask(&kept.ann, (Method::DELETE, &mapping), &Value::Null).await;
}

/// A user who is made here and administers, deactivated or deleted; the refusal is on record.
#[tokio::test]
async fn s4_m59_the_last_administrator_is_neither_deactivated_nor_deleted() {
    let kept = Kept::new().await;
    let last = kept.made_here("ida").await;
    let path = format!("/users/{}", last.session.user);
    kept.check(&last, (Method::PATCH, &path), &json!({ "active": false })).await;
    let again = json!({ "active": true });
    kept.ask(&kept.ann, (Method::PATCH, &path), &again).await.expect(StatusCode::OK);
    let last = kept.scene.enter(&last.session.user.to_string()).await;
    kept.check(&last, (Method::DELETE, &path), &Value::Null).await;
    assert_eq!(kept.scene.activities("user.deleted", "denied").await, 1);
}

impl Kept {
    /// An administrator who was made here, signed in.
    async fn made_here(&self, name: &str) -> Person {
        let person = json!({ "user_name": name, "given_name": "Ida", "family_name": "Last",
            "language": "en", "email": format!("{name}@mail.example") });
        let made = self.ask(&self.ann, (Method::POST, "/users"), &person).await;
        let user = made.expect(StatusCode::CREATED).id();
        self.signed_grant(right_for(&user)).await;
        self.scene.seat.sign_in(&user, sso(true)).await
    }
}

/// Two who take it from each other at once: one of them is too late.
#[tokio::test]
async fn s4_of_two_administrators_who_remove_each_other_at_once_one_stays() {
    for _ in 0..3 {
        let kept = Kept::new().await;
        let (ida, joe) = (kept.made_here("ida").await, kept.made_here("joe").await);
        for seat in ["ann", "bob"] {
            kept.unseat(seat).await;
        }
        let of = |person: &Person| format!("/users/{}", person.session.user);
        let (to_joe, to_ida) = (of(&joe), of(&ida));
        let (one, other) = tokio::join!(
            kept.ask(&ida, (Method::DELETE, &to_joe), &Value::Null),
            kept.ask(&joe, (Method::DELETE, &to_ida), &Value::Null),
        );
        let done = [&one, &other].iter().filter(|it| it.status.is_success()).count();
        assert_eq!(done, 1, "{} {}", one.text, other.text);
        let left = "SELECT count(*) FROM users WHERE user_name_key IN ('ida', 'joe') \
                    AND deleted_at IS NULL";
        assert_eq!(kept.scene.seat.test.database.number(left).await, 1);
    }
}

/// M59: lowering one's own rights is everybody's right, while another stays.
#[tokio::test]
async fn m59_one_of_several_lowers_their_own_rights() {
    let kept = Kept::new().await;
    let eve = user(&kept.scene.seat.scim, "eve", "en").await;
    let given = kept.signed_grant(right_for(&eve)).await;
    let eve = kept.scene.enter(&eve).await;
    let path = format!("/accounts/acme/grants/{given}");
    kept.scene.delete(&eve, &path).await.expect(StatusCode::NO_CONTENT);
    refused(&kept.scene.get(&eve, "/accounts/acme/grants").await, "administrators-only");
}
