//! What a request says, and that nobody makes it say something else: M15, M18 to M23, M31.

use axum::http::{Method, StatusCode};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::{RIGHT, Two, conflict, problem, text};
use crate::api::people::JSON;
use crate::world::client::Answer;

impl Two {
    async fn try_to(&self, method: Method, request: &Value, body: Value) -> Answer {
        let path = format!("{}/approval-requests/{}", super::BASE, text(&request["id"]));
        let body = Some((JSON, body.to_string()));
        self.scene.seat.call(&self.scene.chief.by_cookie(), method, &path, body).await
    }
}

/// M15, M21: a request has one author and one text; there is no door to edit it by, be it theirs or another's.
#[tokio::test]
async fn m15_m21_a_request_is_asked_anew_and_never_edited() {
    let two = Two::new().await;
    let (ann, bob) = (two.scene.seat.scim.user("ann").await, two.scene.seat.scim.user("bob").await);
    let request = two.asked_for(&ann).await;
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let answer =
            two.try_to(method, &request, json!({ "user": bob, "reason": "Bob now" })).await;
        problem(&answer, StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed");
    }
    let path = format!("/approval-requests/{}", text(&request["id"]));
    let shown = two.scene.get(&path).await.expect(StatusCode::OK).body;
    assert_eq!(shown["items"], json!([{ "user": ann, "right": RIGHT }]));
    assert_eq!(shown["digest"], request["digest"]);
    // Asked anew for the same, the first text is settled and what was signed of it counts no more.
    let again = json!({ "source": request["source"], "reason": "in other words" });
    let again = two.scene.post("/approval-requests", &again).await;
    if again.status == StatusCode::CREATED {
        assert_ne!(again.body["digest"], request["digest"]);
        conflict(&two.vote(&two.deputy.by_cookie(), &request, "approve").await, "request-settled");
    } else {
        problem(&again, StatusCode::CONFLICT, "conflict");
    }
    assert!(!two.has(&ann, "rights").await);
}

/// M18: a body that names another thing than its path is refused, over SCIM and in a ballot.
#[tokio::test]
async fn m18_a_body_that_names_another_thing_than_its_path_changes_nothing() {
    let two = Two::new().await;
    let scim = &two.scene.seat.scim;
    let (ann, bob) = (scim.user("ann").await, scim.user("bob").await);
    let other = json!({ "id": bob, "userName": "mallory" });
    scim.put(&format!("/Users/{ann}"), &other).await.refused(400, Some("invalidValue"));
    for (id, name) in [(&ann, "ann"), (&bob, "bob")] {
        let shown = scim.get(&format!("/Users/{id}")).await.expect(StatusCode::OK);
        assert_eq!(shown.body["userName"], name);
    }
    let (one, two_) = (two.asked_for(&ann).await, two.asked_for(&bob).await);
    let ballot = json!({ "digest": one["digest"], "verdict": "approve", "id": two_["id"] });
    let answer = two.vote_with(&two.deputy.by_cookie(), &one, &ballot).await;
    problem(&answer, StatusCode::BAD_REQUEST, "invalid-json");
    assert_eq!(
        (two.state(&one).await, two.state(&two_).await),
        ("pending".into(), "pending".into())
    );
}

/// M19: how many sign is the server's to say, when it is asked and ever after.
#[tokio::test]
async fn m19_nobody_lowers_how_many_sign() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    for more in ["required", "approvers", "policy_version", "expires_at"] {
        let asked = json!({ "source": request["source"], "reason": "again", more: 0 });
        let answer = two.scene.post("/approval-requests", &asked).await;
        problem(&answer, StatusCode::BAD_REQUEST, "invalid-json");
        let wanted = json!({ "user": ann, "right": RIGHT, "reason": "again", more: 0 });
        let answer = two.scene.post("/grants", &wanted).await;
        problem(&answer, StatusCode::BAD_REQUEST, "invalid-json");
    }
    let lowered = "UPDATE approval_requests SET required = 0";
    let database = two.scene.seat.test.database.connect().await;
    assert!(database.execute_unprepared(lowered).await.is_err(), "the database keeps it");
    assert_eq!(two.state(&request).await, "pending");
}

/// M20: a ballot says yes or no to what was asked, and nothing more.
#[tokio::test]
async fn m20_who_signs_changes_nothing_of_it() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    for (more, value) in [
        ("ends_at", json!("2099-01-01T00:00:00Z")),
        ("bundle", json!("administrator")),
        ("right", json!("sso.configure")),
        ("user", json!(two.deputy.session.user.to_string())),
    ] {
        let ballot = json!({ "digest": request["digest"], "verdict": "approve", more: value });
        let answer = two.vote_with(&two.deputy.by_cookie(), &request, &ballot).await;
        problem(&answer, StatusCode::BAD_REQUEST, "invalid-json");
    }
    assert_eq!(two.state(&request).await, "pending");
    assert!(!two.has(&ann, "rights").await);
}

/// M22: a request is of one account, that of its path.
#[tokio::test]
async fn m22_no_request_is_for_many_accounts() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let source = text(&two.asked_for(&ann).await["source"]);
    for more in [json!({ "accounts": ["acme", "vendor"] }), json!({ "account": "*" })] {
        let mut asked = json!({ "source": source, "reason": "everywhere" });
        let more = more.as_object().expect("an object").clone();
        asked.as_object_mut().expect("an object").extend(more);
        let answer = two.scene.post("/approval-requests", &asked).await;
        problem(&answer, StatusCode::BAD_REQUEST, "invalid-json");
    }
    let everywhere = "/api/v1/accounts/*/approval-requests";
    let body = Some((JSON, json!({ "source": source, "reason": "everywhere" }).to_string()));
    let by = two.scene.chief.by_cookie();
    let answer = two.scene.seat.call(&by, Method::POST, everywhere, body).await;
    problem(&answer, StatusCode::NOT_FOUND, "not-found");
}

/// M23: a reason is text of at most 4096 bytes, without what controls a terminal, a mail or a log.
#[tokio::test]
async fn m23_a_reason_is_short_and_plain() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let source = text(&two.asked_for(&ann).await["source"]);
    for reason in
        ["a".repeat(4097), "a\u{0}b".to_owned(), "a\r\nBcc: x@y".to_owned(), "\u{1b}[2J".to_owned()]
    {
        let asked = json!({ "source": source, "reason": reason });
        let answer = two.scene.post("/approval-requests", &asked).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    }
    let huge = json!({ "source": source, "reason": "a".repeat(10 * 1024 * 1024) });
    let answer = two.scene.post("/approval-requests", &huge).await;
    problem(&answer, StatusCode::PAYLOAD_TOO_LARGE, "body-too-large");
    // What is no more than text is kept as it is, and stays text.
    let bob = two.scene.seat.scim.user("bob").await;
    let reason = "=1+1 <script>alert(1)</script>";
    let wanted = json!({ "user": bob, "right": RIGHT, "reason": reason });
    let given = two.scene.post("/grants", &wanted).await.expect(StatusCode::ACCEPTED);
    assert_eq!(given.body["approval_requests"][0]["reason"], reason);
    assert_eq!(given.headers["content-type"], "application/json");
}

/// M31: two who sign for each other are let: it is on record, with who asked and who signed.
#[tokio::test]
async fn m31_two_who_sign_for_each_other_are_on_record() {
    let two = Two::new().await;
    let (ann, bob) = (two.scene.seat.scim.user("ann").await, two.scene.seat.scim.user("bob").await);
    let one = two.asked_for(&ann).await;
    two.vote(&two.deputy.by_cookie(), &one, "approve").await.expect(StatusCode::OK);
    let wanted = json!({ "user": bob, "right": RIGHT, "reason": "in turn" });
    let path = format!("{}/grants", super::BASE);
    let body = Some((JSON, wanted.to_string()));
    let by = two.deputy.by_cookie();
    let given = two.scene.seat.call(&by, Method::POST, &path, body).await;
    let other = given.expect(StatusCode::ACCEPTED).body["approval_requests"][0].clone();
    two.vote(&two.scene.chief.by_cookie(), &other, "approve").await.expect(StatusCode::OK);
    let list = two.scene.get("/approval-requests?state=executed").await.expect(StatusCode::OK);
    let pairs: Vec<(String, String)> = list.body["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|it| (text(&it["requester"]["id"]), text(&it["votes"][0]["user"])))
        .collect();
    let (chief, deputy) =
        (two.scene.chief.session.user.to_string(), two.deputy.session.user.to_string());
    assert!(pairs.contains(&(chief.clone(), deputy.clone())), "{pairs:?}");
    assert!(pairs.contains(&(deputy, chief)), "{pairs:?}");
}
