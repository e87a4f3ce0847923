//! Authorization API 1.0, §5 to §7: questions, answers, and many at once; a test for each thing that
//! the specification requires of a decision point. PRODUCT.md §3, DECISIONS.md 29.

use axum::http::StatusCode;
use countersign::domain::rights::sources::{Period, Place};
use serde_json::{Value, json};

use crate::api::access::scene::{
    CHILD, EVALUATION, EVALUATIONS, NOBODY, Scene, WORKSPACE, decisions, question, reasons,
};

/// §5.5: a decision is a boolean.
#[tokio::test]
async fn the_answer_holds_a_decision_that_is_true_or_false() {
    let scene = Scene::with_reader().await;
    let yes = scene.post(EVALUATION, &scene.ask("dashboards.read")).await;
    assert_eq!(yes.body, json!({ "decision": true }));
    assert_eq!(yes.headers["content-type"], "application/json");
    let no = scene.post(EVALUATION, &scene.ask("campaigns.edit")).await.expect(StatusCode::OK);
    assert_eq!(no.body["decision"], false);
    assert_eq!(no.body["context"]["reasons"], json!(["not_given"]));
    for who in ["reason_admin", "reason_user"] {
        for language in ["en", "fr"] {
            let text = no.body["context"][who][language].as_str().expect("a text");
            assert!(text.ends_with('.'), "{text}");
        }
    }
}

/// §5.1 to §5.3, §10.1.1: what is required and missing makes a bad request.
#[tokio::test]
async fn what_is_required_and_missing_is_a_bad_request() {
    let scene = Scene::with_reader().await;
    let whole = scene.ask("dashboards.read");
    for pointer in [
        "subject",
        "action",
        "resource",
        "subject.type",
        "subject.id",
        "action.name",
        "resource.id",
    ] {
        let mut body = whole.clone();
        let (at, last) = pointer.rsplit_once('.').unwrap_or(("", pointer));
        let part = if at.is_empty() { &mut body } else { &mut body[at] };
        part.as_object_mut().expect("an object").remove(last);
        for (path, body) in [(EVALUATION, body.clone()), (EVALUATIONS, body.clone()), {
            (EVALUATIONS, json!({ "evaluations": [whole.clone(), body.clone()] }))
        }] {
            let refused = scene.post(path, &body).await;
            assert_eq!(refused.status, 400, "{body}: {}", refused.text);
            assert!(refused.text.contains(&format!("{pointer}` is missing")), "{}", refused.text);
        }
    }
}

/// §5: strings are strings, properties and the context are objects.
#[tokio::test]
async fn what_has_another_type_is_a_bad_request() {
    let scene = Scene::with_reader().await;
    for (pointer, wrong) in [
        ("/subject", json!("ann")),
        ("/subject", json!(["user", "ann"])),
        ("/subject/id", json!(7)),
        ("/subject/type", json!(null)),
        ("/action/name", json!({})),
        ("/action/properties", json!([])),
        ("/resource/type", json!(true)),
        ("/resource/properties", json!("x")),
        ("/subject/properties", json!({ "account": 7 })),
        ("/context", json!("now")),
    ] {
        let mut body = scene.ask("dashboards.read");
        let (at, last) = pointer.rsplit_once('/').expect("a pointer");
        body.pointer_mut(at).expect("its parent")[last] = wrong;
        let refused = scene.post(EVALUATION, &body).await;
        assert_eq!(refused.status, 400, "{body}: {}", refused.text);
    }
}

/// §10.1.1: unknown fields are ignored, the order of members says nothing.
#[tokio::test]
async fn unknown_fields_are_ignored_and_members_come_in_any_order() {
    let scene = Scene::with_reader().await;
    let ann = &scene.ann;
    let text = format!(
        r#"{{"extra": [1], "resource": {{"id": "acme", "colour": "red", "type": "account"}},
        "context": {{"time": "1985-10-26T01:22-07:00"}},
        "action": {{"properties": {{"method": "GET"}}, "name": "dashboards.read"}},
        "subject": {{"id": "{ann}", "properties": {{"department": "Sales", "ip_address": "x"}},
        "type": "user"}}}}"#
    );
    let body: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(scene.post(EVALUATION, &body).await.body, json!({ "decision": true }));
}

/// §10.1.2: a denial is an answer. What is not there is denied, with the reason.
#[tokio::test]
async fn what_is_not_there_is_denied_and_no_error() {
    let scene = Scene::with_reader().await;
    let acme = json!({ "type": "account", "id": "acme" });
    let of = |account: &str| json!({ "type": "workspace", "id": WORKSPACE, "properties": { "account": account } });
    let mut robot = scene.ask("dashboards.read");
    robot["subject"]["type"] = json!("robot");
    let mut elsewhere = scene.ask("dashboards.read");
    elsewhere["subject"]["properties"] = json!({ "account": "vendor" });
    for (expected, body) in [
        ("unknown_subject", question(NOBODY, "dashboards.read", &acme)),
        ("unknown_subject", question("ann@example.com", "dashboards.read", &acme)),
        ("unknown_subject", question("", "dashboards.read", &acme)),
        ("unknown_subject", robot),
        ("unknown_subject", elsewhere),
        ("unknown_action", question(&scene.ann, "no.such.right", &acme)),
        ("unknown_action", question(&scene.ann, "NOT A KEY", &acme)),
        (
            "unknown_resource",
            question(&scene.ann, "dashboards.read", &json!({ "type": "document", "id": "1" })),
        ),
        (
            "unknown_resource",
            question(&scene.ann, "dashboards.read", &json!({ "type": "account", "id": "" })),
        ),
        (
            "unknown_resource",
            question(
                &scene.ann,
                "dashboards.read",
                &json!({ "type": "workspace", "id": WORKSPACE }),
            ),
        ),
        ("unknown_subject", question(&scene.ann, "dashboards.read", &of("nowhere"))),
        ("unknown_subject", question(&scene.ann, "dashboards.read", &of(NOBODY))),
    ] {
        assert_eq!(reasons(&scene.post(EVALUATION, &body).await), [expected], "{body}");
    }
    let mut nowhere = scene.ask("dashboards.read");
    nowhere["subject"]["properties"] = json!({ "account": "acme" });
    for id in [json!("nowhere"), json!(NOBODY)] {
        nowhere["resource"]["id"] = id;
        assert_eq!(reasons(&scene.post(EVALUATION, &nowhere).await), ["unknown_resource"]);
    }
    let foreign = json!({ "type": "workspace", "id": NOBODY, "properties": { "account": "acme" } });
    let foreign = question(&scene.ann, "dashboards.read", &foreign);
    assert_eq!(reasons(&scene.post(EVALUATION, &foreign).await), ["unknown_resource"]);
}

#[tokio::test]
async fn an_account_is_named_by_short_name_or_id_and_covers_its_workspaces() {
    let scene = Scene::with_reader().await;
    let acme = scene.seat.acme.to_string();
    for resource in [
        json!({ "type": "account", "id": "acme" }),
        json!({ "type": "account", "id": acme }),
        json!({ "type": "workspace", "id": WORKSPACE, "properties": { "account": "acme" } }),
        json!({ "type": "workspace", "id": WORKSPACE, "properties": { "account": acme } }),
    ] {
        let body = question(&scene.ann, "dashboards.read", &resource);
        assert!(reasons(&scene.post(EVALUATION, &body).await).is_empty(), "{resource}");
    }
    // The subject's account says whose workspace it is, where nothing else does.
    let mut body =
        question(&scene.ann, "dashboards.read", &json!({ "type": "workspace", "id": WORKSPACE }));
    body["subject"]["properties"] = json!({ "account": "acme" });
    assert!(reasons(&scene.post(EVALUATION, &body).await).is_empty());
}

/// W10: what is held in one workspace is held there alone; C1: children.
#[tokio::test]
async fn w10_c1_a_right_counts_where_it_is_held() {
    let scene = Scene::new().await;
    let space = Place::Workspace(WORKSPACE.parse().expect("an id"));
    scene.grant("documents.read", space, Period::ALWAYS).await;
    scene.map("analyst", Place::Children).await;
    let at = |kind: &str, id: &str| {
        let properties = json!({ "account": "acme" });
        json!({ "type": kind, "id": id, "properties": properties })
    };
    let ask = |right: &str, resource: Value| {
        let mut body = question(&scene.ann, right, &resource);
        body["subject"]["properties"] = json!({ "account": "acme" });
        body
    };
    for (may, right, resource) in [
        (true, "documents.read", at("workspace", WORKSPACE)),
        (false, "documents.read", at("account", "acme")),
        (true, "dashboards.read", at("account", "branch")),
        (true, "dashboards.read", at("account", CHILD)),
        (false, "dashboards.read", at("account", "acme")),
        (false, "dashboards.read", at("workspace", WORKSPACE)),
    ] {
        let answer = scene.post(EVALUATION, &ask(right, resource.clone())).await;
        assert_eq!(reasons(&answer).is_empty(), may, "{right} {resource}: {}", answer.text);
    }
}

/// S3, S6, C2, C6: the reason is what stops the right.
#[tokio::test]
async fn s3_s6_c6_the_reason_says_what_stops_a_right() {
    let scene = Scene::new().await;
    scene.map("administrator", Place::Account).await;
    scene.map("campaign-manager", Place::Account).await;
    assert_eq!(scene.reasons("users.administer").await, ["pending"]);
    assert_eq!(scene.reasons("campaigns.send").await, ["permission_off"]);
    let told = scene.post(EVALUATION, &scene.ask("users.administer")).await;
    let text = told.body["context"]["reason_user"]["en"].as_str().expect("a text");
    assert!(text.contains("second person"), "{text}");
    let change = format!(
        "UPDATE users SET kind = 'recipient', version = version + 1 WHERE id = {}",
        scene.id(&scene.ann)
    );
    scene.seat.test.database.run(&change).await;
    assert_eq!(scene.reasons("campaigns.edit").await, ["recipient_ceiling"]);
    assert!(scene.reasons("dashboards.read").await.is_empty());
    let close = "UPDATE workspaces SET closed_at = 5";
    scene.seat.test.database.run(close).await;
    let space =
        json!({ "type": "workspace", "id": WORKSPACE, "properties": { "account": "acme" } });
    let body = question(&scene.ann, "dashboards.read", &space);
    assert_eq!(reasons(&scene.post(EVALUATION, &body).await), ["workspace_closed"]);
}

/// §7.2: the answers come in the order of the questions, as many as these, and no decision beside them.
#[tokio::test]
async fn many_questions_are_answered_in_their_order() {
    let scene = Scene::with_reader().await;
    let rights = ["dashboards.read", "campaigns.edit", "no.such.right", "responses.read"];
    let asked: Vec<Value> = rights.iter().map(|right| scene.ask(right)).collect();
    let answer = scene.post(EVALUATIONS, &json!({ "evaluations": asked })).await;
    assert_eq!(decisions(&answer), [true, false, false, true]);
    assert_eq!(answer.body.as_object().map(serde_json::Map::len), Some(1), "{}", answer.text);
    assert_eq!(answer.body["evaluations"][2]["context"]["reasons"], json!(["unknown_action"]));
}

/// §7.1.1: what stands at the top is the default of each, and what stands in one counts before it.
#[tokio::test]
async fn the_top_gives_defaults_and_each_question_goes_before_them() {
    let scene = Scene::with_reader().await;
    let mut body = scene.ask("dashboards.read");
    body["context"] = json!({ "time": "2024-05-31T15:22-07:00" });
    body["evaluations"] = json!([
        {},
        { "action": { "name": "campaigns.edit" } },
        { "subject": { "type": "user", "id": NOBODY } },
        { "resource": { "type": "account", "id": "vendor" } },
        { "resource": { "type": "account", "id": "acme" }, "context": {} },
    ]);
    let answer = scene.post(EVALUATIONS, &body).await;
    assert_eq!(decisions(&answer), [true, false, false, false, true], "{}", answer.text);
    // A default is taken whole or not at all.
    body["evaluations"] = json!([{ "action": { "properties": {} } }]);
    let refused = scene.post(EVALUATIONS, &body).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("`evaluations[0].action.name` is missing"), "{}", refused.text);
}

/// §7.1: without `evaluations`, or with none in it, it is one question.
#[tokio::test]
async fn without_evaluations_it_is_one_question() {
    let scene = Scene::with_reader().await;
    let mut body = scene.ask("dashboards.read");
    assert_eq!(scene.post(EVALUATIONS, &body).await.body, json!({ "decision": true }));
    body["evaluations"] = json!([]);
    assert_eq!(scene.post(EVALUATIONS, &body).await.body, json!({ "decision": true }));
    for wrong in [json!({}), json!("x"), json!([7]), json!([[]]), Value::Null] {
        body["evaluations"] = wrong;
        let refused = scene.post(EVALUATIONS, &body).await;
        assert_eq!(refused.status, 400, "{body}: {}", refused.text);
    }
}

/// §7.1.2.1: all three semantics, and all of them where none is named.
#[tokio::test]
async fn each_semantic_answers_as_far_as_it_says() {
    let scene = Scene::with_reader().await;
    let (yes, no) = (scene.ask("dashboards.read"), scene.ask("campaigns.edit"));
    for (options, asked, expected) in [
        (json!({}), [&yes, &no, &yes], vec![true, false, true]),
        (json!({ "another_option": 1 }), [&yes, &no, &yes], vec![true, false, true]),
        (json!("execute_all"), [&no, &no, &yes], vec![false, false, true]),
        (json!("deny_on_first_deny"), [&yes, &no, &yes], vec![true, false]),
        (json!("deny_on_first_deny"), [&yes, &yes, &yes], vec![true, true, true]),
        (json!("permit_on_first_permit"), [&no, &yes, &no], vec![false, true]),
        (json!("permit_on_first_permit"), [&no, &no, &no], vec![false, false, false]),
    ] {
        let named = options.as_str().map(|it| json!({ "evaluations_semantic": it }));
        let options = named.unwrap_or(options);
        let answer =
            scene.post(EVALUATIONS, &json!({ "evaluations": asked, "options": options })).await;
        assert_eq!(decisions(&answer), expected, "{options}");
    }
    for options in [
        json!({ "evaluations_semantic": "deny_overrides" }),
        json!({ "evaluations_semantic": 1 }),
        json!("execute_all"),
    ] {
        let body = json!({ "evaluations": [yes], "options": options });
        assert_eq!(scene.post(EVALUATIONS, &body).await.status, 400, "{options}");
    }
}

#[tokio::test]
async fn there_may_be_1000_questions_and_not_one_more() {
    let scene = Scene::with_reader().await;
    let mut body = scene.ask("dashboards.read");
    body["evaluations"] = json!(vec![json!({}); 1000]);
    let answer = scene.post(EVALUATIONS, &body).await;
    assert_eq!(decisions(&answer), vec![true; 1000]);
    body["evaluations"] = json!(vec![json!({}); 1001]);
    let refused = scene.post(EVALUATIONS, &body).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("1000"), "{}", refused.text);
}
