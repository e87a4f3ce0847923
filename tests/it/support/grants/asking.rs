//! Asking: who (W6), for whom (W9, M01, M02, M69), with what (M23, M52), for how long (M62).

use axum::http::{StatusCode, header};
use countersign::domain::rights::catalogue::bundle_id;
use serde_json::{Value, json};

use super::{GRANTS, REQUESTS, Room, codes, grant, id, refused, text};
use crate::api::people::{sign_in, sso};

/// W6: of the operator the account's customer success manager, a director, whoever stands in for one and a
/// services manager; of the customer an administrator, of the parent too.
#[tokio::test]
async fn w6_a_support_user_is_asked_for_by_those_whom_the_policy_names_and_nobody_else() {
    let room = Room::new().await;
    let stand_in = room.scene.staff("stan", &["function:csd_delegate"]).await;
    for by in [&room.cy, &room.zoe, &stand_in, &room.max, &room.ann] {
        let wish = room.wish(&room.sam, "customer-care");
        let asked = room.ask(by, wish).await.expect(StatusCode::ACCEPTED);
        let id = text(&asked.body["id"]);
        let place = format!("/api/v1/accounts/acme/approval-requests/{id}");
        assert_eq!(asked.headers[header::LOCATION], place.as_str());
        assert_eq!(
            (&asked.body["kind"], &asked.body["state"]),
            (&json!("support"), &json!("pending"))
        );
        assert_eq!(asked.body["requester"]["id"], super::id(by));
        room.cancel(by, &asked.body).await.expect(StatusCode::OK);
    }
    // A customer success manager asks for their own accounts alone, and nobody asks by being support.
    let other = room.scene.staff("otto", &["function:csm", "team:customer_success"]).await;
    let plain = room.scene.staff("paul", &["function:support", "team:support"]).await;
    for by in [&other, &plain, &room.scene.staff("nina", &["function:onboarding_pm"]).await] {
        refused(&room.ask(by, room.wish(&room.sam, "reader")).await, "support-asked-by");
    }
    let user = room.scene.seat.with_second_factor("bob").await;
    refused(&room.ask(&user, room.wish(&room.sam, "reader")).await, "administrators-only");
    assert!(room.grants("?state=all").await.is_empty());
    assert_eq!(room.scene.activities("approval.requested", "done").await, 5);
    assert_eq!(room.scene.activities("approval.requested", "denied").await, 4);
    // Staff show their second factor just before.
    room.scene.seat.test.clock.advance_seconds(601);
    let stale = room.ask(&room.zoe, room.wish(&room.sam, "reader")).await;
    stale.expect(StatusCode::UNAUTHORIZED);
}

/// W9, M01, M02: nobody for themselves, by whatever user of theirs.
#[tokio::test]
async fn w9_m01_m02_nobody_asks_to_be_let_in_themselves() {
    let room = Room::new().await;
    room.check(&room.max).await;
    refused(&room.ask(&room.max, room.wish(&room.max, "reader")).await, "no-self-assignment");
    // A second user of the same person, and one with the same address, who may be the same human.
    let second = room.scene.staff("max.two", &["team:support"]).await;
    room.check(&second).await;
    let person = room.sql(room.max.session.person.uuid());
    let whose = room.sql_of(&second);
    room.run(&format!("UPDATE user_persons SET person_id = {person} WHERE user_id = {whose}"))
        .await;
    refused(&room.ask(&room.max, room.wish(&second, "reader")).await, "no-self-assignment");
    let twin = room.scene.staff("twin", &["team:support"]).await;
    room.check(&twin).await;
    for person in [&room.max, &twin] {
        let mail = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "add", "path": "emails",
                "value": [{ "value": "Max@vendor.example" }] }] });
        let path = format!("/Users/{}", id(person));
        assert!(room.scene.vendor.patch(&path, &mail).await.status.is_success());
    }
    refused(&room.ask(&room.max, room.wish(&twin, "reader")).await, "no-self-assignment");
    assert_eq!(room.number("SELECT count(*) FROM approval_requests").await, 0);
    // The same refusal of one person within a minute is one line (DECISIONS.md 35).
    assert_eq!(room.scene.activities("approval.requested", "denied").await, 1);
}

/// W5, W8, M69: whoever lacks something is not asked for; each lack has its rule and its sentence.
#[tokio::test]
async fn w8_m69_whoever_lacks_something_is_not_let_in_and_the_answer_says_what() {
    let room = Room::new().await;
    let ask = async |user: &str| {
        let bundle = bundle_id("reader").to_string();
        let wish = json!({ "user": user, "bundle": bundle, "reason": "x" });
        room.ask(&room.zoe, wish).await
    };
    let teamless = room.scene.staff("tim", &["function:support"]).await;
    room.check(&teamless).await;
    refused(&ask(&id(&teamless)).await, "support-user-team");
    let unchecked = room.scene.staff("una", &["team:support"]).await;
    let answer = ask(&id(&unchecked)).await;
    refused(&answer, "support-user-background-check");
    assert!(text(&answer.body["detail"]).contains("background check"), "{}", answer.text);
    let path = format!("/staff/{}/background-check", id(&unchecked));
    let past = json!({ "checked_on": "2024-01-01", "valid_until": "2025-12-31" });
    room.scene.put(&room.zoe, &path, past).await.expect(StatusCode::OK);
    refused(&ask(&id(&unchecked)).await, "support-user-check-expired");
    // One who showed no second factor, and one who never signed in.
    let factorless = room.scene.vendor.user("fay").await;
    let fay =
        sign_in(&room.scene.seat.test, room.scene.seat.operator, &factorless, sso(false)).await;
    grant(&room.scene.seat, &fay, "team:support").await;
    room.check(&fay).await;
    refused(&ask(&factorless).await, "support-user-second-factor");
    let away = room.scene.staff("ava", &["team:support"]).await;
    room.check(&away).await;
    let whose = room.sql_of(&away);
    room.run(&format!("UPDATE identities SET valid_to = 5 WHERE user_id = {whose}")).await;
    refused(&ask(&id(&away)).await, "support-user-sso-link");
    // Whoever is no support user at all is none that could be named.
    for user in [id(&room.ann), "x".to_owned(), String::new()] {
        let answer = ask(&user).await.expect(StatusCode::BAD_REQUEST);
        let code = if user.is_empty() { "missing" } else { "no_support_user" };
        assert_eq!(codes(&answer), [("user", code)]);
    }
    assert_eq!(room.number("SELECT count(*) FROM approval_requests").await, 0);
}

/// M52: no bundle that holds what is privileged, or administers people or workspaces, neither of the
/// catalogue nor of the account.
#[tokio::test]
async fn m52_nothing_that_administers_is_given_to_a_support_user() {
    let room = Room::new().await;
    for bundle in [
        "administrator",
        "user-administration",
        "security-administration",
        "workspace-administration",
    ] {
        let wish = room.wish(&room.sam, bundle);
        for by in [&room.zoe, &room.ann] {
            refused(&room.ask(by, wish.clone()).await, "support-bundle-administers");
        }
    }
    let own = json!({ "name": "Helpers", "rights": ["users.administer"] });
    let own = room.scene.post(&room.ann, "/accounts/acme/bundles", own).await;
    let mut wish = room.wish(&room.sam, "reader");
    wish["bundle"] = own.expect(StatusCode::CREATED).body["id"].clone();
    refused(&room.ask(&room.zoe, wish).await, "support-bundle-administers");
    let mut wish = room.wish(&room.sam, "reader");
    wish["bundle"] = json!(id(&room.sam));
    let answer = room.ask(&room.zoe, wish).await.expect(StatusCode::BAD_REQUEST);
    assert_eq!(codes(&answer), [("bundle", "unknown_bundle")]);
}

/// M62: from now or soon, for seven days unless something is said, for ninety at most; and M23: why, in plain
/// text that fits.
#[tokio::test]
async fn m62_m23_a_request_is_for_a_time_and_says_why() {
    let room = Room::new().await;
    let with = |field: &str, value: Value| {
        let mut wish = room.wish(&room.sam, "reader");
        wish[field] = value;
        wish
    };
    let moment = |text: &str| json!(text);
    for (field, value, wrong) in [
        ("ends_at", moment("9999-12-31T23:59:59Z"), "lasts_too_long"),
        ("ends_at", moment("2026-04-02T00:00:00Z"), "lasts_too_long"),
        ("ends_at", moment("2025-12-31T00:00:00Z"), "ends_in_the_past"),
        ("ends_at", moment("tomorrow"), "wrong_moment"),
        ("ends_at", moment("10000-01-01T00:00:00Z"), "wrong_moment"),
        ("starts_at", moment("2025-12-31T00:00:00Z"), "starts_in_the_past"),
        ("starts_at", moment("9999-01-01T00:00:00Z"), "lasts_too_long"),
        ("workspace", json!("018f0000-0000-7000-8000-00000000dead"), "unknown_workspace"),
        ("reason", json!(""), "missing"),
        ("reason", json!("x".repeat(4097)), "reason_too_long"),
        ("reason", json!("a\r\nBcc: x"), "not_text"),
    ] {
        let answer = room.ask(&room.zoe, with(field, value)).await;
        let answer = answer.expect(StatusCode::BAD_REQUEST);
        assert_eq!(codes(&answer), [(field, wrong)], "{}", answer.text);
    }
    // M17: what the server says is not the caller's to say.
    for field in ["approver", "state", "requester", "required", "by_customer", "mode"] {
        let answer = room.ask(&room.zoe, with(field, json!("x"))).await;
        answer.expect(StatusCode::BAD_REQUEST);
    }
    let long = with("reason", json!("=".repeat(4096)));
    let asked = room.ask(&room.zoe, long).await.expect(StatusCode::ACCEPTED);
    let (start, end) = (&asked.body["support"]["starts_at"], &asked.body["support"]["ends_at"]);
    let moment = |text: &Value| {
        countersign::domain::time::Timestamp::parse(text.as_str().expect("a text")).expect("one")
    };
    assert_eq!(moment(end), moment(start).plus_days(7));
    // One open request for one support user.
    let second = room.ask(&room.ann, room.wish(&room.sam, "analyst")).await;
    second.expect(StatusCode::CONFLICT);
    // M22: one account each.
    let vendor =
        room.scene.post(&room.zoe, "/accounts/vendor/support-requests", with("reason", json!("x")));
    refused(&vendor.await, "support-into-customers-accounts");
    room.scene.get(&room.zoe, REQUESTS).await.expect(StatusCode::METHOD_NOT_ALLOWED);
    assert!(room.grants("?state=all").await.is_empty(), "{GRANTS}");
}

/// M32: what nobody could sign is not asked for.
#[tokio::test]
async fn m32_what_nobody_could_sign_is_refused_with_the_remedy() {
    let scene = super::Scene::new().await;
    let zoe = scene.director("zoe").await;
    let sam = scene.staff("sam", &["team:support"]).await;
    let check = json!({ "checked_on": "2025-12-01", "valid_until": "2029-12-01" });
    let path = format!("/staff/{}/background-check", id(&sam));
    scene.put(&zoe, &path, check).await.expect(StatusCode::OK);
    let bundle = bundle_id("reader").to_string();
    let wish = json!({ "user": id(&sam), "bundle": bundle, "reason": "x" });
    let answer = scene.post(&zoe, REQUESTS, wish.clone()).await;
    refused(&answer, "support-no-signer-exists");
    // Whoever is let in and could sign does not count.
    grant(&scene.seat, &sam, "function:psm").await;
    refused(&scene.post(&zoe, REQUESTS, wish.clone()).await, "support-no-signer-exists");
    scene.administrator("ann").await;
    scene.post(&zoe, REQUESTS, wish).await.expect(StatusCode::ACCEPTED);
}
