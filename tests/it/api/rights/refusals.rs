//! Who is refused, and that what belongs to another account is there for nobody else, byte for byte
//! (DECISIONS.md 21).

use axum::http::{Method, StatusCode};
use countersign::domain::account::Slug;
use countersign::domain::actor::Actor;
use serde_json::{Value, json};

use super::{BASE, NOTHING, Scene, codes, mapping, plain, predefined, problem};
use crate::api::people::{JSON, sign_in, sso};
use crate::api::sso::grant;
use crate::api::users::staff;

const LISTS: [&str; 4] = ["bundles", "roles", "group-mappings", "grants"];

/// Somebody else's account, with one of each.
struct Other {
    user: String,
    group: String,
    connection: String,
    workspace: String,
    /// One of each of [`LISTS`].
    things: Vec<String>,
}

impl Other {
    async fn beside(scene: &Scene) -> Self {
        let seat = &scene.seat;
        let scim = seat.test.scim("other").await;
        let slug = Slug::parse("other").expect("a slug");
        let account = seat.test.app.account(&Actor::Platform, &slug).await.expect("one").id;
        let chief = sign_in(&seat.test, account, &scim.user("chief").await, sso(true)).await;
        grant(seat, &chief, "users.administer").await;
        let by = chief.by_cookie();
        let make = async |list: &str, new: Value| {
            let path = format!("/api/v1/accounts/other/{list}");
            let made = seat.call(&by, Method::POST, &path, Some((JSON, new.to_string()))).await;
            made.expect(StatusCode::CREATED).id()
        };
        let user = scim.user("olga").await;
        let group = scim.group("Staff", std::slice::from_ref(&user)).await;
        let path = format!("/api/v1/accounts/other/groups/{group}");
        let shown = seat.get(&by, &path).await.expect(StatusCode::OK).body;
        let connection = shown["connection"]["id"].as_str().expect("an id").to_owned();
        let workspace = make("workspaces", json!({ "name": "North" })).await;
        let bundle = make("bundles", json!({ "name": "Theirs", "rights": [] })).await;
        let role = json!({ "name": "Theirs", "level": "account", "bundles": [bundle] });
        let role = make("roles", role).await;
        let mapped = make("group-mappings", mapping(&group, "reader")).await;
        let given = json!({ "user": user, "bundle": bundle, "reason": "x" });
        let given = make("grants", given).await;
        Self { user, group, connection, workspace, things: vec![bundle, role, mapped, given] }
    }
}

/// The id is answered as one that nothing has.
async fn alike(scene: &Scene, (method, path): (Method, &str), (body, id): (&str, &str)) {
    let ask = async |id: &str| {
        let path = path.replace("{}", id);
        scene.ask((method.clone(), &path), &[], body).await
    };
    let (unknown, others) = (ask(NOTHING).await, ask(id).await);
    problem(&others, StatusCode::NOT_FOUND, "not-found");
    assert_eq!(others.text, unknown.text, "{method} {path}");
}

#[tokio::test]
async fn another_accounts_ids_look_like_ids_that_nothing_has() {
    let scene = Scene::new().await;
    let other = Other::beside(&scene).await;
    for (list, id) in LISTS.iter().zip(&other.things) {
        let path = format!("/{list}/{{}}");
        alike(&scene, (Method::GET, &path), ("", id)).await;
        alike(&scene, (Method::DELETE, &path), ("", id)).await;
    }
    // Grants are not changed at all.
    for (list, id) in LISTS.iter().zip(&other.things).take(3) {
        alike(&scene, (Method::PATCH, &format!("/{list}/{{}}")), ("{}", id)).await;
    }
    for (path, id) in [
        ("/groups/{}", &other.group),
        ("/users/{}/rights", &other.user),
        ("/users/{}/explanation?right=campaigns.read", &other.user),
    ] {
        alike(&scene, (Method::GET, path), ("", id)).await;
    }
    let preview = scene.post(&format!("/groups/{}/preview", other.group), &json!({})).await;
    problem(&preview, StatusCode::NOT_FOUND, "not-found");
    for query in [
        format!("group-mappings?group={}", other.group),
        format!("grants?user={}", other.user),
        format!("groups?connection={}", other.connection),
        format!("holders?bundle={}", other.things[0]),
    ] {
        let list = scene.get(&format!("/{query}")).await.expect(StatusCode::OK);
        assert_eq!(list.body, json!({ "items": [] }), "{query}");
    }
}

#[tokio::test]
async fn another_accounts_ids_in_a_body_are_unknown() {
    let scene = Scene::new().await;
    let other = Other::beside(&scene).await;
    let own_user = scene.seat.scim.user("ann").await;
    let own_group = scene.seat.scim.group("Staff", &[]).await;
    let (bundle, role) = (&other.things[0], &other.things[1]);
    let reader = predefined("reader");
    let pushed = json!({ "connection": other.connection, "value": "x" });
    for (list, new, fault) in [
        ("bundles", json!({ "name": "x", "origin": bundle }), ("origin", "unknown_bundle")),
        (
            "roles",
            json!({ "name": "x", "level": "account", "bundles": [bundle] }),
            ("bundles", "unknown_bundle"),
        ),
        (
            "roles",
            json!({ "name": "x", "level": "account", "origin": role }),
            ("origin", "unknown_role"),
        ),
        (
            "group-mappings",
            json!({ "group": other.group, "bundle": reader }),
            ("group", "unknown_group"),
        ),
        (
            "group-mappings",
            json!({ "group": own_group, "bundle": bundle }),
            ("bundle", "unknown_bundle"),
        ),
        ("group-mappings", json!({ "group": own_group, "role": role }), ("role", "unknown_role")),
        (
            "group-mappings",
            json!({ "group": own_group, "bundle": reader, "workspace": other.workspace }),
            ("workspace", "unknown_workspace"),
        ),
        (
            "group-mappings",
            json!({ "pushed_role": pushed, "bundle": reader }),
            ("pushed_role.connection", "unknown_connection"),
        ),
        (
            "grants",
            json!({ "user": other.user, "bundle": reader, "reason": "x" }),
            ("user", "unknown_user"),
        ),
        (
            "grants",
            json!({ "user": own_user, "bundle": bundle, "reason": "x" }),
            ("bundle", "unknown_bundle"),
        ),
    ] {
        for suffix in ["", "?dryRun=true"] {
            let refused = scene.post(&format!("/{list}{suffix}"), &new).await;
            problem(&refused, StatusCode::BAD_REQUEST, "invalid-fields");
            assert_eq!(codes(&refused), [fault], "{list} {new}");
        }
    }
}

/// S5: only administrators change rights, or see who gives what to whom.
#[tokio::test]
async fn s5_whoever_does_not_administer_is_refused_everywhere_and_told_what_it_takes() {
    let scene = Scene::new().await;
    let user = scene.seat.scim.user("ann").await;
    let group = scene.seat.scim.group("Staff", &[]).await;
    let made = scene.make("/group-mappings", &mapping(&group, "reader")).await;
    let bodies = [
        json!({ "name": "x" }),
        json!({ "name": "x", "level": "account" }),
        mapping(&group, "analyst"),
        json!({ "user": user, "bundle": predefined("reader"), "reason": "x" }),
    ];
    let plain = plain(&scene.seat).await;
    let staff = staff(&scene.seat, "sam").await.by_cookie();
    let mut doors: Vec<(Method, String, Option<String>)> = vec![];
    for (list, body) in LISTS.iter().zip(&bodies) {
        let get = ["", &format!("/{made}"), &format!("/{NOTHING}")]
            .map(|suffix| (Method::GET, format!("/{list}{suffix}"), None));
        let post = ["", "?dryRun=true"]
            .map(|suffix| (Method::POST, format!("/{list}{suffix}"), Some(body.to_string())));
        let gone = [NOTHING, &made].map(|id| (Method::DELETE, format!("/{list}/{id}"), None));
        doors.extend(get.into_iter().chain(post).chain(gone));
    }
    let other = [
        "/groups".to_owned(),
        format!("/groups/{group}"),
        "/holders?right=campaigns.read".to_owned(),
        format!("/users/{user}/explanation?right=campaigns.read"),
    ];
    doors.extend(other.map(|path| (Method::GET, path, None)));
    doors.push((Method::POST, format!("/groups/{group}/preview"), Some("{}".to_owned())));
    for (by, rule) in [(&plain, "administrators-only"), (&staff, "two-planes")] {
        for (method, path, body) in doors.clone() {
            let body = body.map(|it| (JSON, it));
            let whole = format!("{BASE}{path}");
            let answer = scene.seat.call(by, method.clone(), &whole, body).await;
            problem(&answer, StatusCode::FORBIDDEN, "denied");
            assert_eq!(answer.body["rule"], rule, "{method} {path}");
        }
    }
    // Of their own rights, everybody is told.
    let own = scene.seat.sign_in(&user, sso(true)).await.by_cookie();
    for path in ["rights", "explanation?right=campaigns.read"] {
        let path = format!("{BASE}/users/{user}/{path}");
        scene.seat.get(&own, &path).await.expect(StatusCode::OK);
    }
    assert_eq!(scene.walk(("/group-mappings", "id"), 5).await, [made]);
}
