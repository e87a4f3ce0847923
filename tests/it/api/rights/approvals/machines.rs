//! Identity providers and other side doors: M10, M11, M36, M37, M40, M43, M45, M46, M48, M56, M59.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{RIGHT, Two, administrator, mapping, problem, refused, text};
use crate::api::people::{JSON, sso};
use crate::scim::patch_op;
use crate::world::TokenFor;

fn adds(member: &str) -> serde_json::Value {
    patch_op(&json!([{ "op": "add", "path": "members", "value": [{ "value": member }] }]))
}

/// M10: who is deleted and provisioned again is the same to the rule that nobody signs their own.
#[tokio::test]
async fn m10_whoever_asked_does_not_sign_after_being_provisioned_again() {
    let two = Two::new().await;
    let scim = &two.scene.seat.scim;
    let chief = two.scene.chief.session.user;
    let known = patch_op(&json!([{ "op": "add", "path": "externalId", "value": "staff-7" }]));
    scim.patch(&format!("/Users/{chief}"), &known).await.expect(StatusCode::OK);
    let ann = scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    scim.delete(&format!("/Users/{chief}")).await.expect(StatusCode::NO_CONTENT);
    let again = json!({ "userName": "chief", "externalId": "staff-7" });
    let again = scim.post("/Users", &again).await.expect(StatusCode::CREATED).id();
    assert_ne!(again, chief.to_string());
    let again = two.scene.seat.sign_in(&again, sso(true)).await;
    crate::api::sso::grant(&two.scene.seat, &again, RIGHT).await;
    refused(&two.vote(&again.by_cookie(), &request, "approve").await, "approver-not-requester");
}

/// M11: whoever comes to have the name and address of somebody gone inherits nothing of theirs.
#[tokio::test]
async fn m11_a_name_that_is_used_again_inherits_nothing() {
    let two = Two::new().await;
    let scim = &two.scene.seat.scim;
    let body = json!({ "userName": "ann", "emails": [{ "value": "ann@example.com" }] });
    let ann = scim.post("/Users", &body).await.expect(StatusCode::CREATED).id();
    let group = scim.group("Team", std::slice::from_ref(&ann)).await;
    let request = two.asked_for(&ann).await;
    two.vote(&two.deputy.by_cookie(), &request, "approve").await.expect(StatusCode::OK);
    assert!(two.has(&ann, "rights").await);
    scim.delete(&format!("/Users/{ann}")).await.expect(StatusCode::NO_CONTENT);
    let other = scim.post("/Users", &body).await.expect(StatusCode::CREATED).id();
    assert!(!two.has(&other, "rights").await && !two.has(&other, "pending").await);
    assert_eq!(scim.member_ids(&group).await, Vec::<String>::new());
    let grants = two.scene.get(&format!("/grants?user={other}")).await.expect(StatusCode::OK);
    assert_eq!(grants.body["items"], json!([]));
}

/// M36: what SCIM has for reading alone gives nothing when it is written.
#[tokio::test]
async fn m36_nobody_becomes_something_by_writing_what_is_only_read() {
    let two = Two::new().await;
    let scim = &two.scene.seat.scim;
    let group = scim.group("Admins", &[]).await;
    let made = two.scene.post("/group-mappings", &mapping(&group, "administrator")).await;
    made.expect(StatusCode::CREATED);
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "mallory", "userType": "administrator",
        "groups": [{ "value": group }],
        "roles": [{ "value": "org-user-admin", "primary": true }],
        "entitlements": [{ "value": "users.administer" }],
        "isSupport": true, "accountPermissions": ["sending"],
    });
    let mallory = scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    assert_eq!(mallory.body.get("groups"), None);
    assert_eq!(mallory.body.get("isSupport"), None);
    let mallory = mallory.id();
    assert_eq!(two.scene.rights(&mallory, "rights").await, Vec::<String>::new());
    assert_eq!(two.scene.rights(&mallory, "pending").await, Vec::<String>::new());
    assert_eq!(scim.member_ids(&group).await, Vec::<String>::new());
    let permissions = two.scene.get("/permissions").await.expect(StatusCode::OK);
    assert!(!permissions.text.contains("\"enabled\":true"), "{}", permissions.text);
}

/// M37, M46: the operator's people and another account's are ids that nobody knows.
#[tokio::test]
async fn m37_m46_a_token_reaches_nobody_of_another_account() {
    let two = Two::new().await;
    let seat = &two.scene.seat;
    let token = seat.test.token("vendor", TokenFor::default()).await;
    let staff = seat.test.client("vendor", &token).user("sam").await;
    let group = seat.scim.group("Friends", &[]).await;
    let path = format!("/Groups/{group}");
    let never = "018f0000-0000-7000-8000-00000000dead";
    for id in [staff.as_str(), never] {
        seat.scim.patch(&path, &adds(id)).await.expect(StatusCode::NO_CONTENT);
        seat.scim.get(&format!("/Users/{id}")).await.refused(404, None);
        seat.scim.delete(&format!("/Users/{id}")).await.refused(404, None);
    }
    assert_eq!(seat.scim.member_ids(&group).await, Vec::<String>::new());
    let told = |id: &str, text: &str| text.replace(id, "ID");
    let (one, other) = (
        seat.scim.get(&format!("/Users/{staff}")).await,
        seat.scim.get(&format!("/Users/{never}")).await,
    );
    assert_eq!(told(&staff, &one.text), told(never, &other.text), "byte for byte");
    let found = seat.scim.filter("/Groups", &format!("members.value eq \"{staff}\"")).await;
    assert_eq!(found.total(), 0);
    // Somebody of the same name here is nobody there.
    let same = seat.scim.user("sam").await;
    assert_eq!(two.scene.rights(&same, "rights").await, Vec::<String>::new());
}

/// M40: a mapping is of a group, whatever it is called and whatever else is called like that.
#[tokio::test]
async fn m40_a_groups_name_gives_nothing() {
    let two = Two::new().await;
    let scim = &two.scene.seat.scim;
    let ann = scim.user("ann").await;
    let admins = scim.group("Admins", &[]).await;
    let plain = scim.group("Lunch", std::slice::from_ref(&ann)).await;
    two.scene
        .post("/group-mappings", &mapping(&admins, "reader"))
        .await
        .expect(StatusCode::CREATED);
    let named =
        |name: &str| patch_op(&json!([{ "op": "replace", "path": "displayName", "value": name }]));
    let taken = scim.patch(&format!("/Groups/{plain}"), &named("admins")).await;
    taken.refused(409, Some("uniqueness"));
    scim.patch(&format!("/Groups/{admins}"), &named("Old")).await.expect(StatusCode::NO_CONTENT);
    scim.patch(&format!("/Groups/{plain}"), &named("Admins")).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(two.scene.rights(&ann, "rights").await, Vec::<String>::new());
}

/// M43 by SCIM: a group put into a mapped group brings nobody anything privileged before it is signed.
#[tokio::test]
async fn m43_a_group_in_a_mapped_group_waits_as_its_members_would() {
    let two = Two::new().await;
    let scim = &two.scene.seat.scim;
    let ann = scim.user("ann").await;
    let admins = scim.group("Admins", &[]).await;
    let team = scim.group("Team", std::slice::from_ref(&ann)).await;
    let made = two.scene.post("/group-mappings", &mapping(&admins, "administrator")).await;
    made.expect(StatusCode::CREATED);
    scim.patch(&format!("/Groups/{admins}"), &adds(&team)).await.expect(StatusCode::NO_CONTENT);
    assert!(two.has(&ann, "pending").await && !two.has(&ann, "rights").await);
    // A ring of groups ends nowhere and gives nothing more.
    let ring = scim.patch(&format!("/Groups/{team}"), &adds(&admins)).await;
    assert!(ring.status.is_success() || ring.status == StatusCode::BAD_REQUEST, "{}", ring.text);
    assert!(!two.has(&ann, "rights").await);
}

/// M45: whoever is deleted and made anew has nothing of what was ended, nor of what waited.
#[tokio::test]
async fn m45_being_made_anew_drops_no_end() {
    let two = Two::new().await;
    let scim = &two.scene.seat.scim;
    let ann = scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    let off = patch_op(&json!([{ "op": "replace", "path": "active", "value": false }]));
    scim.patch(&format!("/Users/{ann}"), &off).await.expect(StatusCode::OK);
    scim.delete(&format!("/Users/{ann}")).await.expect(StatusCode::NO_CONTENT);
    let again = scim.user("ann").await;
    let vote = two.vote(&two.deputy.by_cookie(), &request, "approve").await;
    assert!(!two.has(&again, "rights").await && !two.has(&again, "pending").await, "{}", vote.text);
    assert_eq!(two.scene.rights(&again, "rights").await, Vec::<String>::new());
}

/// M48: nobody who signs in makes, sees or renews a token; the command line does.
#[tokio::test]
async fn m48_no_administrator_makes_a_token() {
    let two = Two::new().await;
    let by = two.scene.chief.by_cookie();
    for action in ["issueToken", "revokeToken"] {
        let asked = json!({ "action": action, "account": "acme", "facts": {} }).to_string();
        let path = "/api/v1/policy/simulate";
        let answer = two.scene.seat.call(&by, Method::POST, path, Some((JSON, asked))).await;
        assert_eq!(answer.expect(StatusCode::OK).body["rule"], "user-no-directory");
    }
    let connections = two.scene.get("/connections").await.expect(StatusCode::OK);
    let connection = text(&connections.body["items"][0]["id"]);
    for path in ["/connections", "/tokens", "/connections/ID/tokens", "/connections/ID/rotation"] {
        let path = path.replace("ID", &connection);
        let answer = two.scene.post(&path, &json!({ "access": "write" })).await;
        let (status, text) = (answer.status.as_u16(), answer.text);
        assert!([404, 405].contains(&status), "{path}: {status} {text}");
    }
    assert!(!connections.text.contains("csn_"), "no token is ever shown again");
}

/// M56: a parent's administrator gives themselves nothing in a child, by whatever user of theirs.
#[tokio::test]
async fn m56_a_parents_administrator_gives_themselves_nothing_in_a_child() {
    let two = Two::new().await;
    let seat = &two.scene.seat;
    let parent = "UPDATE accounts SET kind = 'parent' WHERE slug = 'acme'";
    seat.test.database.run(parent).await;
    let child = seat.test.account_among(
        "north",
        countersign::domain::account::Kind::Child,
        Some(seat.acme),
    );
    let child = child.await;
    let token = seat.test.token("north", TokenFor::default()).await;
    let own = seat.test.client("north", &token).user("chief").await;
    crate::api::people::sign_in(&seat.test, child, &own, sso(true)).await;
    same_person(&two, &own).await;
    let by = two.scene.chief.by_cookie();
    let path = "/api/v1/accounts/north/grants";
    for right in [RIGHT, "dashboards.read"] {
        let wanted = json!({ "user": own, "right": right, "reason": "I need it" }).to_string();
        let answer = seat.call(&by, Method::POST, path, Some((JSON, wanted))).await;
        refused(&answer, "no-self-assignment");
    }
    // Their user of the parent is nobody in the child.
    let chief = two.scene.chief.session.user.to_string();
    let wanted = json!({ "user": chief, "right": RIGHT, "reason": "I need it" }).to_string();
    let answer = seat.call(&by, Method::POST, path, Some((JSON, wanted))).await;
    assert!(answer.status.is_client_error(), "{}", answer.text);
    // Nor do they make a child for themselves.
    let wanted = json!({ "slug": "south", "name": "South", "kind": "child", "parent": "acme",
                         "csm": chief });
    let body = Some((JSON, wanted.to_string()));
    let answer = seat.call(&by, Method::POST, "/api/v1/accounts", body).await;
    refused(&answer, "accounts-by-csd");
}

async fn same_person(two: &Two, user: &str) {
    let database = &two.scene.seat.test.database;
    let literal = |id: uuid::Uuid| {
        if database.is_sqlite() { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
    };
    let person = literal(two.scene.chief.session.person.uuid());
    let user = literal(user.parse().expect("an id"));
    let same = format!("UPDATE user_persons SET person_id = {person} WHERE user_id = {user}");
    database.run(&same).await;
}

/// M59: nobody raises themselves, two who raise each other wait for each other, and lowering is free.
#[tokio::test]
async fn m59_nobody_raises_themselves_and_who_raises_each_other_waits() {
    let two = Two::new().await;
    let third = administrator(&two.scene, "third").await;
    let chief = two.scene.chief.session.user.to_string();
    let own = json!({ "user": chief, "right": "account.settings", "reason": "for me" });
    refused(&two.scene.post("/grants", &own).await, "no-self-assignment");
    let path = format!("{}/grants", super::BASE);
    let give = |user: String| {
        Some((
            JSON,
            json!({ "user": user, "right": "account.settings", "reason": "for you" }).to_string(),
        ))
    };
    let deputy = two.deputy.session.user.to_string();
    let by = two.scene.chief.by_cookie();
    let one = two.scene.seat.call(&by, Method::POST, &path, give(deputy.clone())).await;
    let one = one.expect(StatusCode::ACCEPTED).body["approval_requests"][0].clone();
    let by = two.deputy.by_cookie();
    let other = two.scene.seat.call(&by, Method::POST, &path, give(chief.clone())).await;
    let other = other.expect(StatusCode::ACCEPTED).body["approval_requests"][0].clone();
    assert_ne!(one["id"], other["id"], "two changes, two requests");
    refused(&two.vote(&by, &one, "approve").await, "approver-not-beneficiary");
    let chiefs = two.scene.chief.by_cookie();
    refused(&two.vote(&chiefs, &other, "approve").await, "approver-not-beneficiary");
    two.vote(&third.by_cookie(), &one, "approve").await.expect(StatusCode::OK);
    let settings = "account.settings".to_owned();
    assert!(two.scene.rights(&deputy, "rights").await.contains(&settings));
    assert!(!two.scene.rights(&chief, "rights").await.contains(&settings));
    // Whoever has it gives it up alone.
    let grant = format!("{}/grants/{}", super::BASE, text(&one["source"]));
    let answer = two.scene.seat.call(&by, Method::DELETE, &grant, None).await;
    answer.expect(StatusCode::NO_CONTENT);
    assert!(!two.scene.rights(&deputy, "rights").await.contains(&settings));
    let nothing = two.scene.get("/approval-requests?state=nonsense").await;
    problem(&nothing, StatusCode::BAD_REQUEST, "invalid-query");
}
