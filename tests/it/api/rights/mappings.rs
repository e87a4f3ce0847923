//! Group mappings over REST: C1 (a group gives), C2 (and why), paused, limited in time, refused.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{BASE, NOTHING, Scene, mapping, predefined, problem, tag, text, wrong};

/// A user in a group inside another one, which is mapped to `reader`.
struct Mapped {
    scene: Scene,
    ann: String,
    outer: String,
    path: String,
}

impl Mapped {
    async fn new() -> Self {
        let scene = Scene::new().await;
        let ann = scene.seat.scim.user("ann").await;
        let inner = scene.seat.scim.group("Inner", std::slice::from_ref(&ann)).await;
        let outer = scene.seat.scim.group("Outer", &[inner]).await;
        let made = scene.post("/group-mappings", &mapping(&outer, "reader")).await;
        let path = format!("/group-mappings/{}", made.expect(StatusCode::CREATED).id());
        Self { scene, ann, outer, path }
    }

    /// Why it gives nothing; nothing if it does.
    async fn stops(&self) -> Vec<String> {
        let told = self.scene.explained(&self.ann, "campaigns.read").await;
        let stops = told["ways"][0]["stops"].as_array().expect("stops");
        stops.iter().map(|stop| text(&stop["code"])).collect()
    }

    async fn edit(&self, edit: &Value) -> Value {
        self.scene.patch(&self.path, edit).await.expect(StatusCode::OK).body
    }
}

#[tokio::test]
async fn c1_c2_a_mapping_gives_and_is_explained_and_who_has_it_is_listed() {
    let mapped = Mapped::new().await;
    let (scene, ann) = (&mapped.scene, &mapped.ann);
    let shown = scene.get(&mapped.path).await.expect(StatusCode::OK).body;
    let by = json!({ "kind": "user", "id": scene.chief.session.user.to_string() });
    assert_eq!((&shown["created_by"], &shown["changed_by"]), (&by, &by));
    assert_eq!((&shown["place"], &shown["paused"]), (&json!("account"), &json!(false)));
    let rights = scene.rights(ann, "rights").await;
    assert_eq!(rights, ["campaigns.read", "dashboards.read", "documents.read", "responses.read"]);
    let told = scene.explained(ann, "campaigns.read").await;
    let way = &told["ways"][0];
    assert_eq!((&way["source"], &way["standing"]), (&json!("group_mapping"), &json!("effective")));
    let groups =
        way["groups"].as_array().expect("groups").iter().map(|it| text(&it["display_name"]));
    assert_eq!(groups.collect::<Vec<_>>(), ["Inner", "Outer"], "from the user upwards");
    assert_eq!((&way["mapping"], &way["bundle"]["key"]), (&shown, &json!("reader")));
    let holders = scene.get("/holders?right=campaigns.read").await.expect(StatusCode::OK).body;
    assert_eq!(holders["items"][0]["user"], json!(ann));
    assert_eq!(holders["items"].as_array().map(Vec::len), Some(1));
    // Out of the group: the right is gone with the next request.
    let gone = scene.seat.scim.delete(&format!("/Groups/{}", mapped.outer)).await;
    gone.expect(StatusCode::NO_CONTENT);
    assert_eq!(scene.rights(ann, "rights").await, Vec::<String>::new());
    assert_eq!(scene.explained(ann, "campaigns.read").await["ways"], json!([]));
}

#[tokio::test]
async fn c1_a_mapping_is_paused_and_resumed() {
    let mapped = Mapped::new().await;
    let paused = mapped.edit(&json!({ "paused": true })).await;
    assert_eq!((&paused["paused"], &paused["reason"]), (&json!(true), &json!("as asked")));
    assert_eq!(mapped.stops().await, ["paused"]);
    assert_eq!(mapped.scene.rights(&mapped.ann, "rights").await, Vec::<String>::new());
    let path = format!("/users/{}/explanation?right=campaigns.read", mapped.ann);
    let french = mapped.scene.in_french((Method::GET, &path), &Value::Null).await;
    let detail = text(&french.body["ways"][0]["stops"][0]["detail"]);
    assert_eq!(detail, "La correspondance de groupe est en pause.");
    // Once more is no change: no new version.
    let before = tag(&mapped.scene.get(&mapped.path).await);
    mapped.edit(&json!({ "paused": true })).await;
    assert_eq!(tag(&mapped.scene.get(&mapped.path).await), before);
    mapped.edit(&json!({ "paused": false, "reason": "again" })).await;
    assert_eq!(mapped.stops().await, Vec::<String>::new());
    assert_eq!(mapped.scene.rights(&mapped.ann, "rights").await.len(), 4);
}

#[tokio::test]
async fn a_mapping_has_a_beginning_and_an_end_and_null_takes_them_away() {
    let mapped = Mapped::new().await;
    let shown = mapped.edit(&json!({ "starts_at": "2026-02-01T00:00:00+01:00" })).await;
    assert_eq!(shown["starts_at"], "2026-01-31T23:00:00.000000Z");
    assert_eq!(mapped.stops().await, ["not_started"]);
    mapped.edit(&json!({ "starts_at": null, "ends_at": "2026-01-01T00:20:00Z" })).await;
    assert_eq!(mapped.stops().await, Vec::<String>::new());
    mapped.scene.seat.test.clock.advance_seconds(1_200);
    assert_eq!(mapped.stops().await, ["ended"]);
    assert_eq!(mapped.scene.rights(&mapped.ann, "rights").await, Vec::<String>::new());
    let shown = mapped.edit(&json!({ "ends_at": null })).await;
    assert_eq!((shown.get("starts_at"), shown.get("ends_at")), (None, None));
    assert_eq!(mapped.stops().await, Vec::<String>::new());
    for (period, fault) in [
        (json!({ "starts_at": "tomorrow" }), ("starts_at", "wrong_moment")),
        (json!({ "ends_at": "2026-02-30T00:00:00Z" }), ("ends_at", "wrong_moment")),
        (json!({ "ends_at": "2026-02-01" }), ("ends_at", "wrong_moment")),
        (json!({ "ends_at": "1969-12-31T23:59:59Z" }), ("ends_at", "wrong_moment")),
        (json!({ "ends_at": "2025-12-31T00:00:00Z" }), ("ends_at", "ends_in_the_past")),
        (
            json!({ "starts_at": "2026-03-01T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z" }),
            ("ends_at", "ends_before_start"),
        ),
    ] {
        for suffix in ["", "?dryRun=true"] {
            let path = format!("{}{suffix}", mapped.path);
            let refused = mapped.scene.patch(&path, &period).await;
            wrong(&refused, StatusCode::BAD_REQUEST, fault);
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_mapping_is_told_by_field_in_both_languages() {
    let mapped = Mapped::new().await;
    let (scene, outer) = (&mapped.scene, &mapped.outer);
    let reader = predefined("reader");
    let pushed =
        |connection: &str, value: &str| json!({ "connection": connection, "value": value });
    let own = scene.get(&format!("/groups/{outer}")).await.body["connection"]["id"].clone();
    let own = own.as_str().expect("an id");
    for (new, fault) in [
        (json!({ "bundle": reader }), ("group", "one_givee")),
        (
            json!({ "group": outer, "pushed_role": pushed(own, "x"), "bundle": reader }),
            ("group", "one_givee"),
        ),
        (json!({ "group": "Outer", "bundle": reader }), ("group", "unknown_group")),
        (json!({ "group": NOTHING, "bundle": reader }), ("group", "unknown_group")),
        (
            json!({ "pushed_role": pushed(NOTHING, "x"), "bundle": reader }),
            ("pushed_role.connection", "unknown_connection"),
        ),
        (
            json!({ "pushed_role": pushed("x", "x"), "bundle": reader }),
            ("pushed_role.connection", "unknown_connection"),
        ),
        (
            json!({ "pushed_role": pushed(own, " "), "bundle": reader }),
            ("pushed_role.value", "missing"),
        ),
        (json!({ "group": outer }), ("bundle", "nothing_given")),
        (json!({ "group": outer, "bundle": reader, "role": reader }), ("bundle", "nothing_given")),
        (json!({ "group": outer, "bundle": NOTHING }), ("bundle", "unknown_bundle")),
        (json!({ "group": outer, "role": NOTHING }), ("role", "unknown_role")),
        (json!({ "group": outer, "role": "x" }), ("role", "unknown_role")),
        (
            json!({ "group": outer, "bundle": reader, "place": "children" }),
            ("place", "not_a_parent"),
        ),
        (
            json!({ "group": outer, "bundle": predefined("analyst"), "reason": "r".repeat(10_000) }),
            ("reason", "too_long"),
        ),
    ] {
        for path in ["/group-mappings", "/group-mappings?dryRun=true"] {
            wrong(&scene.post(path, &new).await, StatusCode::BAD_REQUEST, fault);
        }
        let french = scene.in_french((Method::POST, "/group-mappings"), &new).await;
        assert_eq!(french.body["title"], "Champs non valides", "{}", french.text);
    }
    for path in ["/group-mappings", "/group-mappings?dryRun=true"] {
        let twice = scene.post(path, &mapping(outer, "reader")).await;
        wrong(&twice, StatusCode::CONFLICT, ("bundle", "twice_mapped"));
        let there = mapped.path.rsplit('/').next().expect("an id");
        assert!(twice.text.contains(there), "it names the other: {}", twice.text);
    }
    assert_eq!(scene.count("/group-mappings").await, 1);
}

#[tokio::test]
async fn c1_a_pushed_role_gives_as_a_group_does() {
    let mapped = Mapped::new().await;
    let scene = &mapped.scene;
    let group = scene.get(&format!("/groups/{}", mapped.outer)).await.body;
    let pushed = json!({ "connection": group["connection"]["id"], "value": "Boss" });
    let new = json!({ "pushed_role": pushed, "bundle": predefined("technical") });
    let made = scene.post("/group-mappings", &new).await.expect(StatusCode::CREATED);
    assert_eq!((&made.body["pushed_role"], made.body.get("group")), (&pushed, None));
    let user = json!({ "userName": "bob", "roles": [{ "value": "boss" }] });
    let bob = scene.seat.scim.post("/Users", &user).await.expect(StatusCode::CREATED).id();
    assert_eq!(scene.rights(&bob, "rights").await, ["activities.read", "connectors.manage"]);
    let way = scene.explained(&bob, "api.use").await["ways"][0].clone();
    assert_eq!(way["mapping"], made.body);
    assert_eq!(way["stops"][0]["code"], "permission_off", "S6");
}

#[tokio::test]
async fn mappings_are_listed_by_their_making_and_by_their_group() {
    let mapped = Mapped::new().await;
    let (scene, outer) = (&mapped.scene, &mapped.outer);
    let other = scene.seat.scim.group("Other", &[]).await;
    let mut ids = vec![mapped.path.rsplit('/').next().expect("an id").to_owned()];
    for (group, bundle) in [(outer, "analyst"), (&other, "reader"), (outer, "technical")] {
        let made = scene.post("/group-mappings", &mapping(group, bundle)).await;
        let made = made.expect(StatusCode::CREATED);
        let place = format!("{BASE}/group-mappings/{}", made.id());
        assert_eq!(made.headers[header::LOCATION], place);
        ids.push(made.id());
    }
    for limit in [1, 3, 4] {
        assert_eq!(scene.walk(("/group-mappings", "id"), limit).await, ids);
    }
    let latest = scene.walk(("/group-mappings?sort=-created_at", "id"), 3).await;
    assert_eq!(latest, ids.iter().rev().cloned().collect::<Vec<_>>());
    let of_outer = scene.walk((&format!("/group-mappings?group={outer}"), "id"), 1).await;
    assert_eq!(of_outer, [&ids[0], &ids[1], &ids[3]].map(Clone::clone));
    let page = scene.get(&format!("/group-mappings?group={outer}&limit=1")).await;
    let next = text(&page.body["next"]);
    let elsewhere = scene.get(&format!("/group-mappings?group={other}&cursor={next}")).await;
    problem(&elsewhere, StatusCode::BAD_REQUEST, "invalid-query");
}
