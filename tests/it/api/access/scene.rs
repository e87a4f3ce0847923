//! An account `acme` with a group that is mapped, a workspace, a child; and the product, which asks.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use countersign::app::rights::Made;
use countersign::app::{App, Outcome};
use countersign::domain::actor::Actor;
use countersign::domain::command::Command;
use countersign::domain::command::rights::{RightsChange, RightsEdit};
use countersign::domain::ids::{GrantId, ResourceId};
use countersign::domain::keys::products::ProductScope;
use countersign::domain::rights::RightKey;
use countersign::domain::rights::catalogue::bundle_id;
use countersign::domain::rights::sources::{Gift, Givee, GrantSpec, MappingSpec, Period, Place};
use countersign::store::Store;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::people::{By, JSON, Person, Seat, send};
use crate::world::client::Answer;
use crate::world::seeds::SeededIds;
use crate::world::settings;

pub(super) const EVALUATION: &str = "/access/v1/evaluation";
pub(super) const EVALUATIONS: &str = "/access/v1/evaluations";
/// A workspace of `acme`.
pub(super) const WORKSPACE: &str = "018f0000-0000-7000-8000-0000000000a1";
/// A child of `acme`, whose short name is `branch`.
pub(super) const CHILD: &str = "018f0000-0000-7000-8000-0000000000c1";
pub(super) const NOBODY: &str = "018f0000-0000-7000-8000-00000000dead";

pub(super) struct Scene {
    pub(super) seat: Seat,
    /// An administrator of `acme`.
    pub(super) admin: Person,
    /// The product's key.
    pub(super) key: String,
    /// A user, in the group.
    pub(super) ann: String,
    /// A group that nothing is mapped to yet.
    pub(super) group: String,
}

impl Scene {
    pub(super) async fn new() -> Self {
        Self::of(Seat::new().await).await
    }

    pub(super) async fn of(seat: Seat) -> Self {
        let admin = seat.person("admin").await;
        let ann = seat.scim.user("ann").await;
        let group = seat.scim.group("Staff", std::slice::from_ref(&ann)).await;
        let key = seat.product_key(&[ProductScope::Decisions, ProductScope::Rights], 30).await;
        let scene = Self { seat, admin, key, ann, group };
        scene.furnish().await;
        scene
    }

    /// One whose group gives the bundle `reader` in the whole account.
    pub(super) async fn with_reader() -> Self {
        let scene = Self::new().await;
        scene.map("reader", Place::Account).await;
        scene
    }

    async fn furnish(&self) {
        let (acme, open) = (self.id(&self.seat.acme.to_string()), i64::MAX);
        let (admin, space) = (self.id(&self.admin.session.user.to_string()), self.id(WORKSPACE));
        let child = self.id(CHILD);
        self.seat
            .test
            .database
            .run(&format!(
                "INSERT INTO seed_grants (account_id, user_id, right_key, valid_to, valid_from, why) \
                 VALUES ({acme}, {admin}, 'users.administer', {open}, 0, 'test');\
                 INSERT INTO workspaces (account_id, id, name, name_key, version, created_at, \
                 updated_at) VALUES ({acme}, {space}, 'North', 'north', 1, 1, 1);\
                 UPDATE accounts SET kind = 'parent' WHERE id = {acme};\
                 INSERT INTO accounts (id, slug, name, kind, created_at) \
                 VALUES ({child}, 'branch', 'Branch', 'child', 1);\
                 INSERT INTO account_periods (account_id, valid_to, valid_from, state, parent_id) \
                 VALUES ({child}, {open}, 1, 'active', {acme})"
            ))
            .await;
    }

    /// An id as the database reads it.
    pub(super) fn id(&self, id: &str) -> String {
        let plain = id.replace('-', "");
        if self.seat.test.database.is_sqlite() {
            format!("X'{plain}'")
        } else {
            format!("CAST('{plain}' AS uuid)")
        }
    }

    /// The same application once more, as another process would run it.
    pub(super) async fn other_process(&self) -> App {
        let store = Store::open(&self.seat.test.database.settings()).await.expect("a second pool");
        let ids = Arc::new(SeededIds::starting_at(1_000_000));
        App::new(store, self.seat.test.clock.clone(), ids, settings())
    }

    /// Has the group give a bundle of the catalogue.
    pub(super) async fn map(&self, bundle: &str, place: Place) -> Uuid {
        self.map_for(bundle, place, Period::ALWAYS).await
    }

    pub(super) async fn map_for(&self, bundle: &str, place: Place, period: Period) -> Uuid {
        let givee = Givee::Group(self.group.parse().expect("an id"));
        let (gift, reason) = (Gift::Bundle(bundle_id(bundle)), "as asked".to_owned());
        let spec = MappingSpec { givee, gift, place, period, reason };
        let made = self.change(RightsEdit::Map(spec)).await;
        let Made::Mapping(mapping) = made else { panic!("expected a mapping, got {made:?}") };
        mapping.id.uuid()
    }

    /// Grants ann one right.
    pub(super) async fn grant(&self, right: &str, place: Place, period: Period) -> GrantId {
        let user: ResourceId = self.ann.parse().expect("an id");
        let gift = Gift::Right(RightKey::parse(right).expect("a key"));
        let spec = GrantSpec { user, gift, place, period, reason: "as asked".to_owned() };
        let made = self.change(RightsEdit::Grant(spec)).await;
        let Made::Grant(grant) = made else { panic!("expected a grant, got {made:?}") };
        grant.id
    }

    pub(super) async fn change(&self, what: RightsEdit) -> Made {
        let change = RightsChange { account: self.seat.acme, what, if_match: None };
        let actor = Actor::User(self.admin.session.signed_in());
        let command = Command::ChangeRights(Box::new(change));
        let done = self.seat.test.app.change(&actor, command).await.expect("it is done");
        let Outcome::Rights(made) = done else { panic!("expected rights, got {done:?}") };
        *made
    }

    /// What the product is answered at a path.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_to(&self.seat.test.app, path, body).await
    }

    pub(super) async fn post_to(&self, app: &App, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .header(header::CONTENT_TYPE, JSON)
            .body(Body::from(body.to_string()));
        send(app, request.expect("a request")).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.seat.get(&By::Bearer(self.key.clone()), path).await
    }

    /// A question about ann in `acme`.
    pub(super) fn ask(&self, right: &str) -> Value {
        question(&self.ann, right, &json!({ "type": "account", "id": "acme" }))
    }

    /// The reasons why ann may not do that, at this application; none if she may.
    pub(super) async fn reasons_at(&self, app: &App, right: &str) -> Vec<String> {
        reasons(&self.post_to(app, EVALUATION, &self.ask(right)).await)
    }

    pub(super) async fn reasons(&self, right: &str) -> Vec<String> {
        self.reasons_at(&self.seat.test.app, right).await
    }
}

pub(super) fn question(user: &str, right: &str, resource: &Value) -> Value {
    json!({
        "subject": { "type": "user", "id": user },
        "action": { "name": right },
        "resource": resource,
    })
}

/// The reasons in an answer to one question; none if it is yes.
#[track_caller]
pub(super) fn reasons(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let is_permitted = answer.body["decision"].as_bool().expect("a decision");
    let reasons = answer.body["context"]["reasons"].as_array().cloned().unwrap_or_default();
    assert_eq!(is_permitted, reasons.is_empty(), "{}", answer.text);
    reasons.iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
}

/// What is told of the users, in the order of their questions.
#[track_caller]
pub(super) fn decisions(answer: &Answer) -> Vec<bool> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let told = answer.body["evaluations"].as_array().expect("evaluations");
    told.iter().map(|one| one["decision"].as_bool().expect("a decision")).collect()
}
