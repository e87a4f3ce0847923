//! Ids and names that look like something else.

use axum::http::StatusCode;
use serde_json::json;

use crate::hostile::{Target, corpus, quoted};
use crate::scim::patch_op;
use crate::world::TestApp;

/// SECURITY.md §7, Grafana CVE-2025-41115: an `externalId` is the client's and names nothing of ours.
/// M39.
#[tokio::test]
async fn an_external_id_never_stands_for_an_id() {
    let target = Target::new().await;
    let scim = &target.scim;
    let ann = scim.get(&format!("/Users/{}", target.ann)).await;
    let texts = [
        "1",
        "0",
        "-1",
        "1 ",
        " 1",
        "01",
        "1e308",
        "1.0",
        "true",
        "null",
        "ann",
        "admin",
        target.ann.as_str(),
        &target.ann.to_uppercase(),
        target.group.as_str(),
        "/Users/1",
    ];
    for (n, external) in texts.iter().enumerate() {
        let body = json!({ "userName": format!("evil-{n}"), "externalId": external });
        let made = scim.post("/Users", &body).await.expect(StatusCode::CREATED);
        assert_eq!(made.body["externalId"], *external, "kept as it was sent");
        let found = scim.filter("/Users", &format!("externalId eq {}", quoted(external))).await;
        assert_eq!(found.ids(), [made.id()], "{external:?} finds itself and nobody else");
        let found = scim.filter("/Users", &format!("id eq {}", quoted(external))).await;
        let expected = if *external == target.ann { vec![target.ann.clone()] } else { vec![] };
        assert_eq!(found.ids(), expected, "{external:?} as an id");
    }
    for path in ["/Users/1", "/Users/0", "/Users/-1", "/Users/ann", "/Users/null", "/Users/1e308"] {
        scim.get(path).await.refused(404, None);
        scim.delete(path).await.refused(404, None);
        let off = patch_op(&json!([{ "op": "replace", "path": "active", "value": false }]));
        scim.patch(path, &off).await.refused(404, None);
    }
    let unmoved = scim.get(&format!("/Users/{}", target.ann)).await;
    assert_eq!(unmoved.body, ann.body);
    let members: Vec<_> = texts[..12].iter().map(|id| json!({ "value": id })).collect();
    let group = json!({ "displayName": "by external id", "members": members });
    let group = scim.post("/Groups", &group).await.expect(StatusCode::CREATED);
    assert_eq!(group.body.get("members"), None, "members are named by id");
}

/// Two spellings of an id would be two names of one thing.
#[tokio::test]
async fn an_id_has_one_spelling() {
    let target = Target::new().await;
    let id = &target.ann;
    for other in [
        id.to_uppercase(),
        id.replace('-', ""),
        format!("%7B{id}%7D"),
        format!("urn:uuid:{id}"),
        format!("{id}%20"),
        format!("%20{id}"),
        format!("{id}%00"),
        format!("{id}.json"),
        format!("{id}%2F"),
        format!("..%2FUsers%2F{id}"),
        target.group.clone(),
        "0".repeat(8000),
    ] {
        target.scim.get(&format!("/Users/{other}")).await.refused(404, None);
        target.scim.delete(&format!("/Users/{other}")).await.refused(404, None);
    }
    target.scim.get(&format!("/Groups/{id}")).await.refused(404, None);
    target.scim.delete(&format!("/Groups/{id}")).await.refused(404, None);
    target.is_unharmed().await;
}

/// SECURITY.md §7, GitLab CVE-2022-1680: a creation never adopts somebody who is there.
#[tokio::test]
async fn a_shared_address_adopts_nobody() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let mail = json!([{ "value": "ann@example.com", "primary": true }]);
    let first = json!({ "userName": "ann", "emails": mail });
    let first = scim.post("/Users", &first).await.expect(StatusCode::CREATED);
    let second = json!({ "userName": "bob", "emails": mail, "id": first.id() });
    let second = scim.post("/Users", &second).await.expect(StatusCode::CREATED);
    assert_ne!(first.id(), second.id());
    let path = format!("/Users/{}", first.id());
    assert_eq!(scim.get(&path).await.body, first.body);
    let taken = json!({ "userName": "ANN", "title": "thief" });
    scim.post("/Users", &taken).await.refused(409, Some("uniqueness"));
    assert_eq!(scim.get(&path).await.body, first.body);
    assert_eq!(scim.filter("/Users", "emails eq \"ANN@example.com\"").await.total(), 2);
}

#[tokio::test]
async fn hostile_text_as_a_value_is_stored_and_found_as_it_is() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    for (n, text) in corpus().into_iter().enumerate() {
        let body = json!({
            "userName": format!("{text}{n}"), "externalId": text, "displayName": text, "title": text,
            "name": { "familyName": text }, "emails": [{ "value": text, "type": text }],
            "urn:x:y:z": { "key": text },
        });
        let made = scim.post("/Users", &body).await.expect(StatusCode::CREATED);
        let read = scim.get(&format!("/Users/{}", made.id())).await.expect(StatusCode::OK);
        for attribute in
            ["userName", "externalId", "displayName", "title", "name", "emails", "urn:x:y:z"]
        {
            assert_eq!(read.body[attribute], body[attribute], "{attribute} of {text:?}");
        }
        let filter = format!("userName eq {}", quoted(&format!("{text}{n}")));
        assert_eq!(scim.filter("/Users", &filter).await.ids(), [made.id()], "{filter}");
        let filter = format!("externalId eq {}", quoted(&text));
        assert_eq!(scim.filter("/Users", &filter).await.ids(), [made.id()], "{filter}");
        let group =
            json!({ "displayName": format!("{text}{n}"), "members": [{ "value": made.id() }] });
        let path = "/Groups?attributes=members.display";
        let group = scim.post(path, &group).await.expect(StatusCode::CREATED);
        assert_eq!(group.body["members"][0]["display"], text.as_str());
        scim.delete(&format!("/Users/{}", made.id())).await.expect(StatusCode::NO_CONTENT);
    }
}

/// The body's id is not asked where it is not the path's (Keycloak #46658).
#[tokio::test]
async fn a_path_and_a_body_that_name_two_resources_are_refused() {
    let target = Target::new().await;
    let bodies = [target.group.as_str(), "1", "", &target.ann.to_uppercase()];
    for id in bodies {
        let body = json!({ "id": id, "userName": "thief" });
        let answer = target.scim.put(&format!("/Users/{}", target.ann), &body).await;
        answer.refused(400, Some("invalidValue"));
        let patch = json!([{ "op": "replace", "value": { "id": id, "userName": "thief" } }]);
        let path = format!("/Users/{}", target.ann);
        target.scim.patch(&path, &patch_op(&patch)).await.refused(400, Some("mutability"));
    }
    let body = json!({ "id": target.ann, "displayName": "thief" });
    let path = format!("/Groups/{}", target.group);
    target.scim.put(&path, &body).await.refused(400, Some("invalidValue"));
    let patch = json!([{ "op": "replace", "value": { "id": target.ann, "displayName": "x" } }]);
    target.scim.patch(&path, &patch_op(&patch)).await.refused(400, Some("mutability"));
    target.is_unharmed().await;
}
