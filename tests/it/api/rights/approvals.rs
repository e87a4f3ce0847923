//! The second person over REST: C5, C6 and the scenarios of POLICY.md §4 that speak of who asks, who signs
//! and what of (M03–M08, M13, M15–M17, M24–M29, M32, M33, M35, M41–M43).

mod content;
mod doors;
mod machines;
mod model;
mod races;
mod walls;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{BASE, Scene, mapping, problem, text};
use crate::api::people::{By, JSON, Person, sso};
use crate::api::sso::grant;
use crate::world::client::Answer;

/// The right that takes a second person.
const RIGHT: &str = "users.administer";

/// An account with two administrators, `chief` and `deputy`.
struct Two {
    scene: Scene,
    deputy: Person,
}

impl Two {
    async fn new() -> Self {
        let scene = Scene::new().await;
        let deputy = administrator(&scene, "deputy").await;
        Self { scene, deputy }
    }

    /// Has the chief give somebody the right; what is answered.
    async fn give(&self, user: &str) -> Answer {
        let wanted = json!({ "user": user, "right": RIGHT, "reason": "stands in for Bob" });
        self.scene.post("/grants", &wanted).await
    }

    /// The same; the request that waits.
    async fn asked_for(&self, user: &str) -> Value {
        let given = self.give(user).await.expect(StatusCode::ACCEPTED);
        given.body["approval_requests"][0].clone()
    }

    async fn vote(&self, by: &By, request: &Value, verdict: &str) -> Answer {
        let digest = text(&request["digest"]);
        self.vote_with(by, request, &json!({ "digest": digest, "verdict": verdict })).await
    }

    async fn vote_with(&self, by: &By, request: &Value, ballot: &Value) -> Answer {
        let path = format!("{BASE}/approval-requests/{}/votes", text(&request["id"]));
        let body = Some((JSON, ballot.to_string()));
        self.scene.seat.call(by, Method::POST, &path, body).await
    }

    async fn state(&self, request: &Value) -> String {
        let path = format!("/approval-requests/{}", text(&request["id"]));
        text(&self.scene.get(&path).await.expect(StatusCode::OK).body["state"])
    }

    async fn has(&self, user: &str, which: &str) -> bool {
        self.scene.rights(user, which).await.contains(&RIGHT.to_owned())
    }
}

/// Another administrator of the account, signed in with a second factor.
async fn administrator(scene: &Scene, name: &str) -> Person {
    let user = scene.seat.scim.user(name).await;
    let person = scene.seat.sign_in(&user, sso(true)).await;
    grant(&scene.seat, &person, RIGHT).await;
    person
}

#[track_caller]
fn refused(answer: &Answer, rule: &str) {
    problem(answer, StatusCode::FORBIDDEN, "denied");
    assert_eq!(answer.body["rule"], rule, "{}", answer.text);
}

#[track_caller]
fn conflict(answer: &Answer, rule: &str) {
    problem(answer, StatusCode::CONFLICT, "conflict");
    assert_eq!(answer.body["rule"], rule, "{}", answer.text);
}

/// C6: what is privileged waits for a second person, and is effective once they have signed.
#[tokio::test]
async fn c6_a_privileged_grant_waits_for_a_second_person() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    assert_eq!(request["state"], "pending");
    assert_eq!(request["requester"]["id"], two.scene.chief.session.user.to_string());
    assert!(two.has(&ann, "pending").await && !two.has(&ann, "rights").await);
    let path = format!("/approval-requests/{}", text(&request["id"]));
    let shown = two.scene.get(&path).await.expect(StatusCode::OK);
    assert_eq!(shown.body["items"], json!([{ "user": ann, "right": RIGHT }]));
    let signed = two.vote(&two.deputy.by_cookie(), &request, "approve").await;
    let signed = signed.expect(StatusCode::OK);
    assert_eq!(signed.body["state"], "executed", "{}", signed.text);
    assert_eq!(signed.body["votes"][0]["user"], two.deputy.session.user.to_string());
    assert!(two.has(&ann, "rights").await && !two.has(&ann, "pending").await);
    // Taking away waits for nobody.
    let grant = text(&request["source"]);
    two.scene.delete(&format!("/grants/{grant}")).await.expect(StatusCode::NO_CONTENT);
    assert!(!two.has(&ann, "rights").await);
    // Given anew, it is asked for anew.
    let again = two.asked_for(&ann).await;
    assert_ne!(again["id"], request["id"]);
    assert!(!two.has(&ann, "rights").await);
    let told = two.scene.walk(("/activities?target_kind=approval_request", "action"), 50).await;
    let wanted =
        ["approval.requested", "approval.executed", "approval.signed", "approval.requested"];
    assert_eq!(told, wanted);
}

/// C6: one refusal ends it, and what it asked for stays pending until somebody asks again.
#[tokio::test]
async fn c6_a_refusal_ends_a_request_and_it_can_be_asked_for_again() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    let deputy = two.deputy.by_cookie();
    two.vote(&deputy, &request, "deny").await.expect(StatusCode::OK);
    assert_eq!(two.state(&request).await, "denied");
    assert!(two.has(&ann, "pending").await && !two.has(&ann, "rights").await);
    let source = text(&request["source"]);
    let again = json!({ "source": source, "reason": "as discussed" });
    let again = two.scene.post("/approval-requests", &again).await.expect(StatusCode::CREATED);
    two.vote(&deputy, &again.body, "approve").await.expect(StatusCode::OK);
    assert!(two.has(&ann, "rights").await);
    let nothing = json!({ "source": source, "reason": "once more" });
    let nothing = two.scene.post("/approval-requests", &nothing).await;
    problem(&nothing, StatusCode::CONFLICT, "conflict");
}

/// M03, M05: neither who asks nor who gains signs.
#[tokio::test]
async fn m03_m05_neither_who_asks_nor_who_gains_signs() {
    let two = Two::new().await;
    let ann = administrator(&two.scene, "ann").await;
    let user = ann.session.user.to_string();
    let wanted = json!({ "user": user, "right": "account.settings", "reason": "for the audit" });
    let given = two.scene.post("/grants", &wanted).await.expect(StatusCode::ACCEPTED);
    let request = given.body["approval_requests"][0].clone();
    let chief = two.scene.chief.by_cookie();
    refused(&two.vote(&chief, &request, "approve").await, "approver-not-requester");
    refused(&two.vote(&ann.by_cookie(), &request, "approve").await, "approver-not-beneficiary");
    assert_eq!(two.state(&request).await, "pending");
}

/// M66: what was refused is on record, with the rule that refused it and the version of the policy.
#[tokio::test]
async fn m66_a_refused_signature_is_on_record_with_its_rule() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    let chief = two.scene.chief.by_cookie();
    refused(&two.vote(&chief, &request, "approve").await, "approver-not-requester");
    let denied = two.scene.get("/activities?outcome=denied").await.expect(StatusCode::OK);
    let line = &denied.body["items"][0];
    assert_eq!(line["action"], "approval.signed", "{line}");
    assert_eq!(line["actor"]["id"], two.scene.chief.session.user.to_string());
    assert_eq!(line["detail"]["rule"], "approver-not-requester");
    assert_eq!(line["policy_version"], countersign::policy::version());
    assert_eq!(line["door"], "api");
}

/// M04, M06: a second user of the same human is the same human.
#[tokio::test]
async fn m04_m06_another_user_of_whoever_asked_does_not_sign() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    let second = administrator(&two.scene, "chief.two").await;
    let database = &two.scene.seat.test.database;
    // One person behind both, as one subject at the provider would make them.
    let id = |id: uuid::Uuid| {
        if database.is_sqlite() { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
    };
    let (person, user) = (two.scene.chief.session.person.uuid(), second.session.user.uuid());
    let same =
        format!("UPDATE user_persons SET person_id = {} WHERE user_id = {}", id(person), id(user));
    database.run(&same).await;
    let session =
        format!("UPDATE sessions SET person_id = {} WHERE user_id = {}", id(person), id(user));
    database.run(&session).await;
    refused(&two.vote(&second.by_cookie(), &request, "approve").await, "approver-not-requester");
    assert_eq!(two.state(&request).await, "pending");
}

/// M08, M12: who has the address of whoever asked may be them, and does not sign (DECISIONS.md 6).
#[tokio::test]
async fn m08_m12_who_has_the_address_of_whoever_asked_does_not_sign() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    let twin = administrator(&two.scene, "twin").await;
    let scim = &two.scene.seat.scim;
    for (user, mail) in [
        (two.scene.chief.session.user, "Chief@Example.com"),
        (twin.session.user, "chief@example.COM"),
    ] {
        let change = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "add", "path": "emails", "value": [{ "value": mail }] }] });
        scim.patch(&format!("/Users/{user}"), &change).await.expect(StatusCode::OK);
    }
    refused(&two.vote(&twin.by_cookie(), &request, "approve").await, "approver-not-requester");
}

/// M07, M29: nobody votes twice, and nobody on what is settled.
#[tokio::test]
async fn m07_m29_nobody_votes_twice_or_on_what_is_settled() {
    let two = Two::new().await;
    let third = administrator(&two.scene, "third").await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    let deputy = two.deputy.by_cookie();
    two.vote(&deputy, &request, "approve").await.expect(StatusCode::OK);
    conflict(&two.vote(&deputy, &request, "approve").await, "one-vote-per-person");
    conflict(&two.vote(&third.by_cookie(), &request, "deny").await, "request-settled");
    assert!(two.has(&ann, "rights").await);
    let bob = two.scene.seat.scim.user("bob").await;
    let late = two.asked_for(&bob).await;
    two.scene.seat.test.clock.advance_seconds(8 * 24 * 3600);
    let fresh = two.scene.seat.sign_in(&two.deputy.session.user.to_string(), sso(true)).await;
    conflict(&two.vote(&fresh.by_cookie(), &late, "approve").await, "request-expired");
    two.scene.seat.test.app.settle_approvals().await.expect("it is settled");
    conflict(&two.vote(&fresh.by_cookie(), &late, "approve").await, "request-settled");
    assert!(!two.scene.seat.test.app.settle_approvals().await.expect("again") > 0);
}

/// M16, M17, M18: what is signed is what was seen, and nothing else can be said with it.
#[tokio::test]
async fn m16_m17_what_is_signed_is_what_was_seen() {
    let two = Two::new().await;
    let (ann, bob) = (two.scene.seat.scim.user("ann").await, two.scene.seat.scim.user("bob").await);
    let (request, other) = (two.asked_for(&ann).await, two.asked_for(&bob).await);
    let deputy = two.deputy.by_cookie();
    let stale = json!({ "digest": other["digest"], "verdict": "approve" });
    conflict(&two.vote_with(&deputy, &request, &stale).await, "content-changed");
    for more in ["approver", "approved_at", "state", "requester", "required", "id"] {
        let ballot = json!({ "digest": request["digest"], "verdict": "approve", more: "executed" });
        let answer = two.vote_with(&deputy, &request, &ballot).await;
        problem(&answer, StatusCode::BAD_REQUEST, "invalid-json");
    }
    for ballot in [json!({}), json!({ "digest": "x", "verdict": "approve" })] {
        let answer = two.vote_with(&deputy, &request, &ballot).await;
        problem(&answer, StatusCode::BAD_REQUEST, "invalid-json");
    }
    assert_eq!(two.state(&request).await, "pending");
}

/// M24: who may sign since after it was asked does not sign it. M08: nor does anybody for a day after they
/// were given the right.
#[tokio::test]
async fn m24_m08_a_right_to_sign_that_is_too_new_does_not_count() {
    let two = Two::new().await;
    let (ann, bob) = (two.scene.seat.scim.user("ann").await, two.scene.seat.scim.user("bob").await);
    let before = two.asked_for(&bob).await;
    let made = two.asked_for(&ann).await;
    two.vote(&two.deputy.by_cookie(), &made, "approve").await.expect(StatusCode::OK);
    let signed_in = two.scene.seat.sign_in(&ann, sso(true)).await.by_cookie();
    refused(&two.vote(&signed_in, &before, "approve").await, "approver-right-too-new");
    let carl = two.scene.seat.scim.user("carl").await;
    let after = two.asked_for(&carl).await;
    refused(&two.vote(&signed_in, &after, "approve").await, "approver-cooling-off");
    two.scene.seat.test.clock.advance_seconds(24 * 3600 + 60);
    let signed_in = two.scene.seat.sign_in(&ann, sso(true)).await.by_cookie();
    two.vote(&signed_in, &after, "approve").await.expect(StatusCode::OK);
    assert!(two.has_signed_in(&carl).await);
}

impl Two {
    /// Whether somebody has the right, asked by an administrator who signs in anew.
    async fn has_signed_in(&self, user: &str) -> bool {
        let chief = self.scene.chief.session.user.to_string();
        let chief = self.scene.seat.sign_in(&chief, sso(true)).await.by_cookie();
        let path = format!("{BASE}/users/{user}/rights");
        let answer = self.scene.seat.get(&chief, &path).await.expect(StatusCode::OK);
        let rights = answer.body["rights"].as_array().expect("rights").clone();
        rights.iter().any(|it| it["right"] == RIGHT)
    }
}

/// M25: what was signed by somebody who lost the right before it was executed is blocked.
#[tokio::test]
async fn m25_who_lost_the_right_to_sign_has_not_signed() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    two.sign_without_executing(&request).await;
    assert_eq!(two.state(&request).await, "approved");
    let user = two.deputy.session.user;
    two.scene.seat.scim.delete(&format!("/Users/{user}")).await.expect(StatusCode::NO_CONTENT);
    two.scene.seat.test.app.settle_approvals().await.expect("it is settled");
    assert_eq!(two.state(&request).await, "blocked");
    assert!(!two.has(&ann, "rights").await);
}

/// A crash between the signature and the execution: executed once afterwards, by whoever comes first.
#[tokio::test]
async fn what_was_signed_and_not_executed_is_executed_once_afterwards() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    two.sign_without_executing(&request).await;
    let app = &two.scene.seat.test.app;
    let (one, other) = tokio::join!(app.settle_approvals(), app.settle_approvals());
    one.expect("it is settled");
    other.expect("it is settled");
    assert_eq!(two.state(&request).await, "executed");
    assert!(two.has(&ann, "rights").await);
    let made = "SELECT count(*) FROM approved_rights";
    assert_eq!(two.scene.seat.test.database.number(made).await, 1);
    assert_eq!(app.settle_approvals().await.expect("nothing is left"), 0);
}

impl Two {
    /// What a server leaves that dies right after the vote.
    async fn sign_without_executing(&self, request: &Value) {
        let database = &self.scene.seat.test.database;
        let id = |id: uuid::Uuid| {
            if database.is_sqlite() { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
        };
        let of = |text: &Value| id(text.as_str().expect("an id").parse().expect("an id"));
        let session = &self.deputy.session;
        let (account, request) = (id(session.account.uuid()), of(&request["id"]));
        database
            .run(&format!(
                "INSERT INTO approval_votes (account_id, request_id, version, digest, person_id, \
                 voter_account, voter_id, decision, second_factor_at, session_id, comment, voted_at) \
                 SELECT account_id, request_id, version, digest, {}, account_id, {}, 'approve', 1, {}, \
                 '', created_at FROM approval_versions WHERE account_id = {account} \
                 AND request_id = {request}",
                id(session.person.uuid()),
                id(session.user.uuid()),
                id(session.id.uuid()),
            ))
            .await;
        database
            .run(&format!(
                "UPDATE approval_requests SET state = 'approved' WHERE account_id = {account} \
                 AND id = {request}"
            ))
            .await;
    }
}

/// M32: where nobody could sign, nothing is asked; it waits, and asking says what would help.
#[tokio::test]
async fn m32_where_nobody_could_sign_asking_says_what_would_help() {
    let scene = Scene::new().await;
    let ann = scene.seat.scim.user("ann").await;
    let wanted = json!({ "user": ann, "right": RIGHT, "reason": "stands in for Bob" });
    let given = scene.post("/grants", &wanted).await.expect(StatusCode::CREATED);
    assert_eq!(scene.rights(&ann, "pending").await, [RIGHT]);
    let ask = json!({ "source": given.id(), "reason": "please" });
    refused(&scene.post("/approval-requests", &ask).await, "no-approver-exists");
    assert_eq!(scene.count("/approval-requests").await, 0);
}

/// DECISIONS.md 2: where an account has nobody else, a CSD of the operator signs what its one administrator
/// asked; where it has, they do not.
#[tokio::test]
async fn a_csd_signs_only_where_the_account_has_nobody_else() {
    let scene = Scene::new().await;
    let ann = scene.seat.scim.user("ann").await;
    let csd = scene.staff("diane").await;
    let wanted = json!({ "user": ann, "right": RIGHT, "reason": "our second administrator" });
    let given = scene.post("/grants", &wanted).await.expect(StatusCode::ACCEPTED);
    let request = given.body["approval_requests"][0].clone();
    let two = Two { deputy: administrator(&scene, "deputy").await, scene };
    refused(&two.vote(&csd.by_cookie(), &request, "approve").await, "approver-right");
    let sql = "DELETE FROM seed_grants WHERE user_id IN (SELECT id FROM users WHERE user_name_key = 'deputy')";
    two.scene.seat.test.database.run(sql).await;
    let signed = two.vote(&csd.by_cookie(), &request, "approve").await.expect(StatusCode::OK);
    assert_eq!(signed.body["state"], "executed");
    assert!(two.has(&ann, "rights").await);
}

impl Scene {
    /// One of the operator's staff with the function CSD, signed in with a second factor.
    async fn staff(&self, name: &str) -> Person {
        let seat = &self.seat;
        let token = seat.test.token("vendor", crate::world::TokenFor::default()).await;
        let user = seat.test.client("vendor", &token).user(name).await;
        let person = crate::api::people::sign_in(&seat.test, seat.operator, &user, sso(true)).await;
        grant(seat, &person, "function:csd").await;
        person
    }
}

/// M35, M44: who comes into a mapped group by SCIM has nothing privileged before somebody else signed; and
/// what ended does not come back by itself.
#[tokio::test]
async fn m35_m44_a_membership_by_scim_waits_and_does_not_come_back_signed() {
    let two = Two::new().await;
    let scim = &two.scene.seat.scim;
    let ann = scim.user("ann").await;
    let group = scim.group("Admins", &[]).await;
    let made = two.scene.post("/group-mappings", &mapping(&group, "administrator")).await;
    let made = made.expect(StatusCode::CREATED);
    let member = |op: &str| {
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{ "op": op, "path": "members", "value": [{ "value": ann }] }] })
    };
    let path = format!("/Groups/{group}");
    scim.patch(&path, &member("add")).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(scim.member_ids(&group).await, [ann.as_str()]);
    assert!(two.has(&ann, "pending").await && !two.has(&ann, "rights").await);
    let ask = json!({ "source": made.id(), "reason": "Ann joins" });
    let request = two.scene.post("/approval-requests", &ask).await.expect(StatusCode::CREATED).body;
    two.vote(&two.deputy.by_cookie(), &request, "approve").await.expect(StatusCode::OK);
    assert!(two.has(&ann, "rights").await);
    scim.patch(&path, &member("remove")).await.expect(StatusCode::NO_CONTENT);
    assert!(!two.has(&ann, "rights").await);
    scim.patch(&path, &member("add")).await.expect(StatusCode::NO_CONTENT);
    assert!(two.has(&ann, "pending").await && !two.has(&ann, "rights").await);
}

/// M41, M42, M43: what somebody gains by their own mapping, bundle or group waits for a second person, what
/// others gain by it does not.
#[tokio::test]
async fn m41_m42_what_somebody_gains_by_their_own_doing_waits() {
    let two = Two::new().await;
    let scim = &two.scene.seat.scim;
    let (ann, chief) = (scim.user("ann").await, two.scene.chief.session.user.to_string());
    let group = scim.group("Marketing", &[ann.clone(), chief.clone()]).await;
    let made = two.scene.post("/group-mappings", &mapping(&group, "reader")).await;
    let made = made.expect(StatusCode::ACCEPTED);
    let reads = "dashboards.read".to_owned();
    assert!(two.scene.rights(&ann, "rights").await.contains(&reads));
    assert!(!two.scene.rights(&chief, "rights").await.contains(&reads));
    assert!(two.scene.rights(&chief, "pending").await.contains(&reads));
    let way = two.scene.explained(&chief, "dashboards.read").await["ways"][0].clone();
    assert_eq!(way["stops"][0]["code"], "own_doing");
    let request = made.body["approval_requests"][0].clone();
    let own = two.scene.chief.by_cookie();
    refused(&two.vote(&own, &request, "approve").await, "approver-not-requester");
    two.vote(&two.deputy.by_cookie(), &request, "approve").await.expect(StatusCode::OK);
    assert!(two.scene.rights(&chief, "rights").await.contains(&reads));
    // By the content of a bundle that they hold.
    let new = json!({ "name": "Own", "rights": ["dashboards.read"] });
    let own = two.scene.make("/bundles", &new).await;
    let all = scim.group("All", std::slice::from_ref(&group)).await;
    let mapped = json!({ "group": all, "bundle": own, "reason": "as asked" });
    two.scene.post("/group-mappings", &mapped).await.expect(StatusCode::ACCEPTED);
    grant(&two.scene.seat, &two.scene.chief, "campaigns.edit").await;
    let sql = "DELETE FROM seed_grants WHERE right_key = 'campaigns.edit'";
    let refill = json!({ "rights": ["dashboards.read", "campaigns.edit"] });
    two.scene.patch(&format!("/bundles/{own}"), &refill).await.expect(StatusCode::ACCEPTED);
    two.scene.seat.test.database.run(sql).await;
    let edits = "campaigns.edit".to_owned();
    assert!(two.scene.rights(&ann, "rights").await.contains(&edits));
    assert!(!two.scene.rights(&chief, "rights").await.contains(&edits));
    assert!(two.scene.rights(&chief, "pending").await.contains(&edits));
}

/// M20: a vote narrows what was asked, and never widens it; whom it leaves out stays pending.
#[tokio::test]
async fn m20_a_vote_leaves_some_out_and_adds_nobody() {
    let two = Two::new().await;
    let scim = &two.scene.seat.scim;
    let (ann, bob) = (scim.user("ann").await, scim.user("bob").await);
    let group = scim.group("Admins", &[ann.clone(), bob.clone()]).await;
    let made = two.scene.post("/group-mappings", &mapping(&group, "administrator")).await;
    let request = made.expect(StatusCode::ACCEPTED).body["approval_requests"][0].clone();
    let deputy = two.deputy.by_cookie();
    let strike = |users: &[&String]| json!({ "digest": request["digest"], "verdict": "approve", "strike": users });
    let stranger = scim.user("eve").await;
    let wrong = two.vote_with(&deputy, &request, &strike(&[&stranger])).await;
    super::wrong(&wrong, StatusCode::BAD_REQUEST, ("strike", "unknown_user"));
    let nobody = two.vote_with(&deputy, &request, &strike(&[&ann, &bob])).await;
    problem(&nobody, StatusCode::CONFLICT, "conflict");
    let signed = two.vote_with(&deputy, &request, &strike(&[&bob])).await.expect(StatusCode::OK);
    assert_eq!((&signed.body["state"], &signed.body["version"]), (&json!("executed"), &json!(2)));
    assert!(two.has(&ann, "rights").await && !two.has(&bob, "rights").await);
    assert!(two.has(&bob, "pending").await);
    // Asked for again, it is about whoever is left.
    let ask = json!({ "source": request["source"], "reason": "Bob too" });
    let again = two.scene.post("/approval-requests", &ask).await.expect(StatusCode::CREATED).body;
    two.vote(&deputy, &again, "approve").await.expect(StatusCode::OK);
    assert!(two.has(&ann, "rights").await && two.has(&bob, "rights").await);
}
