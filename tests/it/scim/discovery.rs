//! What the server says about itself: `ServiceProviderConfig`, `ResourceTypes`, `Schemas`.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::scim::{ENTERPRISE, GROUP, USER};
use crate::world::TestApp;

const BASE: &str = "https://scim.test/accounts/acme/scim/v2";

#[tokio::test]
async fn the_configuration_says_what_is_kept() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let config = scim.get("/ServiceProviderConfig").await.expect(StatusCode::OK);
    let body = &config.body;
    assert_eq!(body["patch"]["supported"], true);
    assert_eq!(body["bulk"]["supported"], false);
    assert_eq!(body["bulk"]["maxOperations"], 1000);
    assert_eq!(body["bulk"]["maxPayloadSize"], 1024 * 1024);
    assert_eq!(body["filter"], json!({ "supported": true, "maxResults": 1000 }));
    assert_eq!(body["sort"]["supported"], true);
    assert_eq!(body["etag"]["supported"], true);
    assert_eq!(body["authenticationSchemes"][0]["type"], "oauthbearertoken");
    assert_eq!(body["meta"]["location"], format!("{BASE}/ServiceProviderConfig"));
}

#[tokio::test]
async fn each_resource_type_and_schema_is_listed_and_found_by_its_id() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    for endpoint in ["/ResourceTypes", "/Schemas"] {
        let list = scim.get(endpoint).await.expect(StatusCode::OK);
        let resources = list.body["Resources"].as_array().unwrap();
        assert_eq!(list.body["totalResults"], resources.len());
        assert_eq!(list.body["itemsPerPage"], resources.len());
        for resource in resources {
            let id = resource["id"].as_str().unwrap();
            let one = scim.get(&format!("{endpoint}/{id}")).await.expect(StatusCode::OK);
            assert_eq!(&one.body, resource);
            assert_eq!(one.body["meta"]["location"], format!("{BASE}{endpoint}/{id}"));
            assert!(!one.text.contains(":null"), "{id} holds a null");
        }
        scim.get(&format!("{endpoint}/unheard-of")).await.refused(404, None);
    }
    let types = scim.get("/ResourceTypes").await.ids();
    let offered = ["Role", "Entitlement", "OktaRole", "OktaEntitlement"];
    assert_eq!(types, [&["User", "Group"][..], &offered].concat());
    let schemas = scim.get("/Schemas").await.ids();
    for urn in [USER, GROUP, ENTERPRISE] {
        assert!(schemas.iter().any(|id| id == urn), "{urn}");
    }
    let user = scim.get("/ResourceTypes/User").await;
    assert_eq!((&user.body["endpoint"], &user.body["schema"]), (&json!("/Users"), &json!(USER)));
}

/// RFC 7643 §7 and its errata.
#[tokio::test]
async fn the_schemas_say_what_the_server_does() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let user = scim.get(&format!("/Schemas/{USER}")).await.body;
    let name = attribute(&user, "userName");
    assert_eq!((&name["required"], &name["caseExact"]), (&json!(true), &json!(false)));
    assert_eq!(name["uniqueness"], "server");
    let password = attribute(&user, "password");
    assert_eq!(
        (&password["mutability"], &password["returned"]),
        (&json!("writeOnly"), &json!("never"))
    );
    assert_eq!(attribute(&user, "groups")["mutability"], "readOnly");
    let group = scim.get(&format!("/Schemas/{GROUP}")).await.body;
    assert_eq!(attribute(&group, "displayName")["required"], true);
    let members = attribute(&group, "members");
    let subs = members["subAttributes"].as_array().unwrap();
    let value = subs.iter().find(|sub| sub["name"] == "value").unwrap();
    assert_eq!(value["mutability"], "immutable");
}

/// RFC 7644 §4: only GET, and no filter.
#[tokio::test]
async fn discovery_takes_neither_filters_nor_other_methods() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let user = format!("/Schemas/{USER}");
    for path in
        ["/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas", &user]
    {
        scim.filter(path, "id pr").await.refused(403, None);
        scim.post(path, &json!({})).await.refused(405, None);
        scim.put(path, &json!({})).await.refused(405, None);
        scim.patch(path, &json!({})).await.refused(405, None);
        scim.delete(path).await.refused(405, None);
        let query = "startIndex=9&count=0&sortBy=id&attributes=id&unknown=1";
        let plain = scim.get(path).await.expect(StatusCode::OK);
        let asked = scim.get(&format!("{path}?{query}")).await.expect(StatusCode::OK);
        assert_eq!(asked.text, plain.text, "paging, sorting and projection are ignored");
    }
}

/// M47: there is no `/Bulk` yet to mix in what is allowed with what is not.
#[tokio::test]
async fn what_is_not_there_says_so_in_scims_words() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    for path in ["/Bulk", "/Me"] {
        scim.get(path).await.refused(501, None);
        scim.post(path, &json!({})).await.refused(501, None);
    }
    for path in ["/Licenses", "/Users/a/b", "/", "", "/users", "/v2/Users"] {
        scim.get(path).await.refused(404, None);
        scim.post(path, &json!({})).await.refused(404, None);
    }
    scim.put("/Users", &json!({})).await.refused(405, None);
    scim.delete("/Groups").await.refused(405, None);
    scim.post("/Users/x", &json!({})).await.refused(405, None);
}

fn attribute<'a>(schema: &'a Value, name: &str) -> &'a Value {
    let attributes = schema["attributes"].as_array().expect("attributes");
    attributes.iter().find(|attribute| attribute["name"] == name).expect("the attribute")
}
