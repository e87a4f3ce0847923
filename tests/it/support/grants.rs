//! Support users let into customers' accounts, through the real doors: asked for, signed, effective, let out
//! (W2, W3, W6, W9, W11, and the scenarios of POLICY.md §4 that are about it).

mod asking;
mod effects;
mod model;
mod modes;
mod races;
mod removing;
mod signing;
mod standing;
mod walls;

use axum::http::{Method, StatusCode};
use countersign::domain::keys::products::ProductScope;
use countersign::domain::rights::catalogue::bundle_id;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Scene, codes, id, refused};
use crate::api::people::{By, JSON, Person, sign_in, sso};
use crate::api::sso::grant;
use crate::world::client::Answer;

const REQUESTS: &str = "/accounts/acme/support-requests";
const GRANTS: &str = "/accounts/acme/support-grants";

/// An account `acme` with an administrator, ann; of the operator a director, zoe, a services manager, max,
/// the account's customer success manager, cy, and a support user who is ready, sam.
struct Room {
    scene: Scene,
    zoe: Person,
    max: Person,
    cy: Person,
    sam: Person,
    ann: Person,
    /// What the product asks with.
    key: String,
}

impl Room {
    async fn new() -> Self {
        Box::pin(Self::furnished()).await
    }

    async fn furnished() -> Self {
        let scene = Scene::new().await;
        let zoe = scene.director("zoe").await;
        let max = scene.staff("max", &["function:psm", "team:services"]).await;
        let cy = scene.staff("cy", &["function:csm", "team:customer_success"]).await;
        let sam = scene.staff("sam", &["function:support", "team:support"]).await;
        let ann = scene.administrator("ann").await;
        let key = scene.seat.product_key(&[ProductScope::Decisions], 30).await;
        let room = Self { scene, zoe, max, cy, sam, ann, key };
        room.check(&room.sam).await;
        room.look_after("csm", &room.cy).await;
        room
    }

    /// Notes a background check of somebody.
    async fn check(&self, of: &Person) {
        let check = json!({ "checked_on": "2025-12-01", "valid_until": "2029-12-01" });
        let path = format!("/staff/{}/background-check", id(of));
        self.scene.put(&self.zoe, &path, check).await.expect(StatusCode::OK);
    }

    /// Has somebody look after `acme`, as those who make an account say it.
    async fn look_after(&self, function: &str, who: &Person) {
        let (acme, user) = (self.sql(self.scene.seat.acme.uuid()), self.sql_of(who));
        let by = self.sql_of(&self.zoe);
        self.run(&format!(
            "INSERT INTO account_team (account_id, function, valid_to, valid_from, user_id, set_by) \
             VALUES ({acme}, '{function}', {}, 1, {user}, {by})",
            i64::MAX
        ))
        .await;
    }

    /// What somebody asks for, of a bundle of the catalogue.
    #[expect(clippy::unused_self, reason = "a room is where one asks")]
    fn wish(&self, user: &Person, bundle: &str) -> Value {
        let bundle = bundle_id(bundle).to_string();
        json!({ "user": id(user), "bundle": bundle, "reason": "looks into bounced mails" })
    }

    async fn ask(&self, by: &Person, wish: Value) -> Answer {
        self.scene.post(by, REQUESTS, wish).await
    }

    /// A request for sam that waits.
    async fn asked(&self, by: &Person) -> Value {
        let wish = self.wish(&self.sam, "customer-care");
        self.ask(by, wish).await.expect(StatusCode::ACCEPTED).body
    }

    async fn vote(&self, by: &Person, request: &Value, verdict: &str) -> Answer {
        self.vote_by(&by.by_cookie(), request, verdict).await
    }

    async fn vote_by(&self, by: &By, request: &Value, verdict: &str) -> Answer {
        let path =
            format!("/api/v1/accounts/acme/approval-requests/{}/votes", text(&request["id"]));
        let ballot = json!({ "digest": request["digest"], "verdict": verdict });
        self.scene.seat.call(by, Method::POST, &path, Some((JSON, ballot.to_string()))).await
    }

    async fn cancel(&self, by: &Person, request: &Value) -> Answer {
        let path =
            format!("/accounts/acme/approval-requests/{}/cancellation", text(&request["id"]));
        self.scene.post(by, &path, json!({})).await
    }

    /// Sam, let in by two of staff; the grant as it is shown.
    async fn let_in(&self) -> Value {
        let request = self.asked(&self.zoe).await;
        self.signed(&request).await
    }

    /// The services manager signs; the grant as it is shown.
    async fn signed(&self, request: &Value) -> Value {
        let signed = self.vote(&self.max, request, "approve").await.expect(StatusCode::OK);
        assert_eq!(signed.body["state"], "executed", "{}", signed.text);
        self.grants("").await.pop().expect("somebody is in")
    }

    /// Who is in, as the account's administrator sees it.
    async fn grants(&self, query: &str) -> Vec<Value> {
        let list = self.scene.get(&self.ann, &format!("{GRANTS}{query}")).await;
        let list = list.expect(StatusCode::OK);
        list.body["items"].as_array().cloned().expect("a list")
    }

    async fn state(&self, request: &Value) -> String {
        let path = format!("/accounts/acme/approval-requests/{}", text(&request["id"]));
        text(&self.scene.get(&self.ann, &path).await.expect(StatusCode::OK).body["state"])
    }

    /// Whether a support user may do that in `acme`, as the product is told.
    async fn may(&self, user: &Person, right: &str) -> bool {
        let resource = json!({ "type": "account", "id": "acme" });
        self.may_at(user, right, resource).await
    }

    async fn may_at(&self, user: &Person, right: &str, resource: Value) -> bool {
        let question = json!({
            "subject": { "type": "user", "id": id(user), "properties": { "account": "vendor" } },
            "action": { "name": right },
            "resource": resource,
        });
        let by = By::Bearer(self.key.clone());
        let body = Some((JSON, question.to_string()));
        let answer = self.scene.seat.call(&by, Method::POST, "/access/v1/evaluation", body).await;
        answer.expect(StatusCode::OK).body["decision"].as_bool().expect("a decision")
    }

    async fn run(&self, sql: &str) {
        self.scene.seat.test.database.run(sql).await;
    }

    async fn number(&self, sql: &str) -> i64 {
        self.scene.seat.test.database.number(sql).await
    }

    /// An id as the database writes it.
    fn sql(&self, id: Uuid) -> String {
        if self.scene.seat.test.database.is_sqlite() {
            format!("x'{}'", id.simple())
        } else {
            format!("'{id}'")
        }
    }

    fn sql_of(&self, person: &Person) -> String {
        self.sql(person.session.user.uuid())
    }

    /// Somebody of staff who signs in anew, after a time.
    async fn again(&self, person: &Person) -> Person {
        sign_in(&self.scene.seat.test, self.scene.seat.operator, &id(person), sso(true)).await
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

#[track_caller]
fn conflict(answer: &Answer, rule: &str) {
    assert_eq!(
        (answer.status.as_u16(), &answer.body["rule"]),
        (409, &json!(rule)),
        "{}",
        answer.text
    );
}
