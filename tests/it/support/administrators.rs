//! Who administers an account: gains and losses are told (S4), the last one is kept (M59), and an account
//! without one gets another (S4, W2).

mod first;
mod last;
mod recovery;
mod told;

use axum::http::StatusCode;
use countersign::worker;
use serde_json::{Value, json};

use super::Scene;
use crate::api::people::{Person, sign_in, sso};
use crate::api::sso::grant;
use crate::scim::patch_op;
use crate::world::client::{Answer, Client};
use crate::world::mailbox::{Folder, Letter};

const RIGHT: &str = "users.administer";

/// `acme` with two administrators, `ann` and `bob`, and `cy`, who looks after it; all can be written to.
struct Kept {
    scene: Scene,
    folder: Folder,
    ann: Person,
    bob: Person,
    cy: Person,
}

impl Kept {
    async fn new() -> Self {
        // All that it takes is too much for the stack of each test.
        Box::pin(Self::begin()).await
    }

    async fn begin() -> Self {
        let scene = Scene::new().await;
        let ann = user(&scene.seat.scim, "ann", "en").await;
        let bob = user(&scene.seat.scim, "bob", "fr").await;
        let cy = user(&scene.vendor, "cy", "fr").await;
        let (ann, bob) = (scene.enter(&ann).await, scene.enter(&bob).await);
        let cy = scene.sign_in(&cy).await;
        for administrator in [&ann, &bob] {
            grant(&scene.seat, administrator, RIGHT).await;
        }
        grant(&scene.seat, &cy, "function:csm").await;
        let kept = Self { scene, folder: Folder::new(), ann, bob, cy };
        kept.look_after().await;
        kept.scene.seat.test.app.follow_all_administrators().await.expect("looked at");
        kept.pass().await;
        kept
    }

    /// Has `cy` look after the account.
    async fn look_after(&self) {
        let database = &self.scene.seat.test.database;
        let id = |id: uuid::Uuid| {
            if database.is_sqlite() { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
        };
        let (account, cy) = (self.scene.seat.acme.uuid(), self.cy.session.user.uuid());
        let (ann, open) = (self.ann.session.user.uuid(), i64::MAX);
        let team = format!(
            "INSERT INTO account_team (account_id, function, valid_to, valid_from, user_id, set_by) \
             VALUES ({}, 'csm', {open}, 0, {}, {})",
            id(account),
            id(cy),
            id(ann)
        );
        database.run(&team).await;
    }

    /// What the worker does; whom it wrote to and the first line of what it says, sorted.
    async fn pass(&self) -> Vec<(String, String)> {
        let letters = self.letters().await;
        let mut told: Vec<(String, String)> =
            letters.iter().map(|it| (name(&it.to), kind(&it.text).to_owned())).collect();
        told.sort();
        told
    }

    async fn letters(&self) -> Vec<Letter> {
        let app = &self.scene.seat.test.app;
        app.follow_due_administrators().await.expect("looked at");
        while worker::deliver_batch(app).await.expect("delivered") > 0 {}
        let mut letters = self.folder.collect(app).await;
        letters.retain(|it| kind(&it.text) != "other");
        letters
    }

    /// What is on record of administrators, in its order.
    async fn record(&self) -> Vec<String> {
        let sql = "SELECT action FROM activities WHERE action LIKE 'administrator.%' \
                   OR action LIKE 'account.recovery_%' ORDER BY at, action";
        self.scene.seat.test.database.texts(sql).await
    }

    /// Has `ann` give somebody what `wanted` says, and `bob` sign it; the grant's id.
    async fn signed_grant(&self, wanted: Value) -> String {
        let given = self.scene.post(&self.ann, "/accounts/acme/grants", wanted).await;
        let given = given.expect(StatusCode::ACCEPTED);
        self.sign(&self.bob, &given.body["approval_requests"][0]).await.expect(StatusCode::OK);
        given.id()
    }

    async fn sign(&self, by: &Person, request: &Value) -> Answer {
        self.scene.sign("acme", by, request).await
    }

    async fn state(&self, by: &Person) -> String {
        let shown = self.scene.get(by, "/accounts/acme").await.expect(StatusCode::OK);
        shown.body["administrators"].as_str().expect("a word").to_owned()
    }

    /// Takes what the scene itself gave somebody.
    async fn unseat(&self, who: &str) {
        let sql = format!(
            "DELETE FROM seed_grants WHERE user_id IN (SELECT id FROM users WHERE user_name_key = '{who}')"
        );
        self.scene.seat.test.database.run(&sql).await;
    }

    /// Says over SCIM whether somebody may sign in.
    async fn set_active(&self, user: &str, is_active: bool) {
        let change = json!([{ "op": "replace", "path": "active", "value": is_active }]);
        let path = format!("/Users/{user}");
        self.scene.seat.scim.patch(&path, &patch_op(&change)).await.expect(StatusCode::OK);
    }
}

impl Scene {
    /// A user of `acme`, signed in with two factors.
    async fn enter(&self, user: &str) -> Person {
        sign_in(&self.seat.test, self.seat.acme, user, sso(true)).await
    }

    async fn sign(&self, account: &str, by: &Person, request: &Value) -> Answer {
        let (id, digest) = (request["id"].as_str().expect("an id"), &request["digest"]);
        let path = format!("/accounts/{account}/approval-requests/{id}/votes");
        self.post(by, &path, json!({ "digest": digest, "verdict": "approve" })).await
    }
}

/// Somebody who can be written to.
async fn user(scim: &Client, name: &str, language: &str) -> String {
    let body = json!({
        "userName": name, "displayName": name, "preferredLanguage": language,
        "emails": [{ "value": format!("{name}@mail.example"), "primary": true }],
    });
    scim.post("/Users", &body).await.expect(StatusCode::CREATED).id()
}

/// What gives a user the right, for good.
fn right_for(user: &str) -> Value {
    json!({ "user": user, "right": RIGHT, "reason": "stands in" })
}

fn name(address: &str) -> String {
    let address = address.rsplit('<').next().unwrap_or(address);
    address.split('@').next().unwrap_or_default().to_owned()
}

/// Which letter it is, in either language.
fn kind(text: &str) -> &'static str {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is = |words: [&str; 2]| words.iter().any(|words| text.contains(words));
    if is(["administer acme no longer", "n’administrent plus acme"]) {
        "lost"
    } else if is(["nobody administers acme", "personne n’administre acme"]) {
        "recovery"
    } else if is(["these administer acme:", "administrent acme"]) {
        "gained"
    } else {
        "other"
    }
}

fn told(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(to, kind)| ((*to).to_owned(), (*kind).to_owned())).collect()
}
