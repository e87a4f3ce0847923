//! Roles over REST: W10 (held in an account or in a workspace) and S7 (copies and their originals).

use axum::http::{Method, StatusCode};
use countersign::domain::rights::catalogue::role_id;
use serde_json::{Value, json};

use super::{NOTHING, Scene, codes, predefined, previewed, problem, tag, with, wrong};

/// What the predefined role `workspace-editor` carries, and something else.
const CARRIES: &str = r#"bundles = ["campaign-manager"]"#;
const LESS: &str = r#"bundles = ["reader", "analyst"]"#;

#[tokio::test]
async fn w10_a_role_is_held_in_the_account_or_in_a_workspace_as_its_level_says() {
    let scene = Scene::new().await;
    let ann = scene.seat.scim.user("ann").await;
    let group = scene.seat.scim.group("Staff", std::slice::from_ref(&ann)).await;
    let north = scene.make("/workspaces", &json!({ "name": "North" })).await;
    let role = async |name: &str, level: &str| {
        let new = json!({ "name": name, "level": level, "bundles": [predefined("recipient")] });
        scene.make("/roles", &new).await
    };
    let (lead, member) = (role("Lead", "workspace").await, role("Our member", "account").await);
    for (role, place, (field, code)) in [
        (&lead, json!({}), ("place", "workspace_role_elsewhere")),
        (&lead, json!({ "place": "account" }), ("place", "workspace_role_elsewhere")),
        (&member, json!({ "workspace": north }), ("place", "account_role_in_workspace")),
        (&lead, json!({ "place": "workspace" }), ("workspace", "missing")),
        (
            &lead,
            json!({ "place": "account", "workspace": north }),
            ("workspace", "workspace_besides"),
        ),
        (&lead, json!({ "place": "moon" }), ("place", "wrong_place")),
        (&lead, json!({ "workspace": NOTHING }), ("workspace", "unknown_workspace")),
        (&lead, json!({ "workspace": "x" }), ("workspace", "unknown_workspace")),
    ] {
        for (path, givee, id) in [("/group-mappings", "group", &group), ("/grants", "user", &ann)] {
            let new = json!({ "role": role, "reason": "as asked", givee: id });
            let new = with(new, &place);
            wrong(&scene.post(path, &new).await, StatusCode::BAD_REQUEST, (field, code));
        }
    }
    let mapped = json!({ "group": group, "role": lead, "workspace": north });
    let mapped = scene.post("/group-mappings", &mapped).await.expect(StatusCode::CREATED);
    let shown = ["role", "place", "workspace"].map(|name| mapped.body[name].clone());
    assert_eq!(shown, [json!(lead), json!("workspace"), json!(north)]);
    let there = ["dashboards.read", "documents.read", "responses.read"];
    let held = scene.rights(&ann, "rights").await;
    assert_eq!(held, there.map(|right| format!("{right} {north}")));
    let given = json!({ "user": ann, "role": member, "reason": "as asked" });
    scene.make("/grants", &given).await;
    let held = scene.rights(&ann, "rights").await;
    assert!(there.iter().all(|right| held.contains(&(*right).to_owned())), "{held:?}");
    // In a workspace that is closed it is held no more.
    scene.delete(&format!("/workspaces/{north}")).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(scene.rights(&ann, "rights").await, there);
    let told = scene.explained(&ann, "dashboards.read").await;
    let stops = told["ways"].as_array().expect("ways").iter().map(|way| &way["stops"][0]["code"]);
    assert_eq!(stops.collect::<Vec<_>>(), [&Value::Null, &json!("workspace_closed")]);
}

#[tokio::test]
async fn s7_a_copied_role_tells_what_its_original_gained_and_lost_since() {
    let scene = Scene::new().await;
    let editor = role_id("workspace-editor").to_string();
    let new = json!({ "name": "Our editors", "level": "workspace", "origin": editor });
    let made = scene.post("/roles", &new).await.expect(StatusCode::CREATED);
    assert_eq!(made.body["bundles"], json!([predefined("campaign-manager")]));
    let origin = |body: &Value| ["id", "gained", "lost"].map(|name| body["origin"][name].clone());
    assert_eq!(origin(&made.body), [json!(editor), json!([]), json!([])]);
    scene.release(CARRIES, LESS).await;
    let path = format!("/roles/{}", made.id());
    let shown = scene.get(&path).await.expect(StatusCode::OK);
    let mut gained = [predefined("reader"), predefined("analyst")];
    gained.sort();
    let told = [json!(editor), json!(gained), json!([predefined("campaign-manager")])];
    assert_eq!(origin(&shown.body), told);
    assert_eq!(shown.body["bundles"], made.body["bundles"], "the copy itself stays as it is");
    let edited = scene.patch(&path, &json!({ "bundles": gained })).await.expect(StatusCode::OK);
    assert_eq!((&edited.body["bundles"], origin(&edited.body)), (&json!(gained), told));
    let refused = scene.patch(&format!("/roles/{editor}"), &json!({ "name": "x" })).await;
    wrong(&refused, StatusCode::CONFLICT, ("id", "predefined"));
    // In a list it is left out: each would cost two statements.
    let list = scene.get("/roles?limit=200").await.expect(StatusCode::OK);
    let all = list.body["items"].as_array().expect("items");
    let ours = all.iter().find(|it| it["id"] == shown.body["id"]).expect("it is there");
    assert_eq!(origin(ours), [json!(editor), Value::Null, Value::Null]);
}

#[tokio::test]
async fn what_is_wrong_with_a_role_is_told_in_both_languages() {
    let scene = Scene::new().await;
    let bad = StatusCode::BAD_REQUEST;
    let named = |more: Value| with(json!({ "name": "Lead", "level": "account" }), &more);
    wrong(&scene.post("/roles", &json!({ "name": "Lead" })).await, bad, ("level", "missing"));
    let many: Vec<String> = (0..101).map(|n| format!("018f0000-0000-7000-8000-{n:012}")).collect();
    for (more, fault) in [
        (json!({ "name": "" }), ("name", "missing")),
        (json!({ "name": "n".repeat(10_000) }), ("name", "too_long")),
        (json!({ "level": "moon" }), ("level", "wrong_level")),
        (json!({ "bundles": [NOTHING] }), ("bundles", "unknown_bundle")),
        (json!({ "bundles": ["x"] }), ("bundles", "unknown_bundle")),
        (json!({ "bundles": many }), ("bundles", "too_many")),
        (json!({ "origin": NOTHING }), ("origin", "unknown_role")),
    ] {
        for suffix in ["", "?dryRun=true"] {
            let path = format!("/roles{suffix}");
            wrong(&scene.post(&path, &named(more.clone())).await, bad, fault);
        }
        let french = scene.in_french((Method::POST, "/roles"), &named(more)).await;
        assert_eq!(french.body["title"], "Champs non valides", "{}", french.text);
        assert_eq!(codes(&french), [fault]);
    }
    scene.make("/roles", &named(json!({}))).await;
    for suffix in ["", "?dryRun=true"] {
        let again = scene.post(&format!("/roles{suffix}"), &named(json!({ "name": "LEAD" }))).await;
        wrong(&again, StatusCode::CONFLICT, ("name", "name_taken"));
    }
}

#[tokio::test]
async fn trying_a_change_of_a_role_tells_who_gains_what_and_changes_nothing() {
    let scene = Scene::new().await;
    let ann = scene.seat.scim.user("ann").await;
    let new = json!({ "name": "Lead", "level": "account", "bundles": [] });
    let made = scene.post("/roles", &new).await.expect(StatusCode::CREATED);
    let (role, path) = (made.id(), format!("/roles/{}", made.id()));
    scene.make("/grants", &json!({ "user": ann, "role": role, "reason": "as asked" })).await;
    let more = json!({ "bundles": [predefined("recipient"), predefined("user-administration")] });
    let tried = previewed(&scene.patch(&format!("{path}?dryRun=true"), &more).await);
    let expected = [
        ("activities.read", "effective"),
        ("dashboards.read", "effective"),
        ("documents.read", "effective"),
        ("recipients.administer", "effective"),
        ("responses.read", "effective"),
        ("users.administer", "pending"),
    ];
    assert_eq!(tried, expected.map(|(right, is)| (right.to_owned(), is.to_owned(), 1)));
    assert_eq!(tag(&scene.get(&path).await), tag(&made));
    assert_eq!(scene.rights(&ann, "rights").await, Vec::<String>::new());
    scene.patch(&path, &more).await.expect(StatusCode::OK);
    assert_eq!(scene.rights(&ann, "rights").await.len(), 5);
    assert_eq!(scene.rights(&ann, "pending").await, ["users.administer"]);
    wrong(&scene.delete(&path).await, StatusCode::CONFLICT, ("id", "still_used"));
    let stale = scene.ask((Method::PATCH, &path), &[("if-match", &tag(&made))], "{}").await;
    problem(&stale, StatusCode::PRECONDITION_FAILED, "stale");
}
