//! The face of rights: what users hold stands in our extension on request, read-only and filterable;
//! roles and entitlements return what was pushed; what may be given is listed.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::world::TestApp;
use crate::world::client::{Answer, Client};
use crate::world::gifts::{self, Gifts, To};

const OURS: &str = "urn:countersign:params:scim:schemas:extension:2.0:User";

/// What the user's attribute of our extension holds.
async fn held(scim: &Client, user: &str, attribute: &str) -> Vec<String> {
    let path = format!("/Users/{user}?attributes={OURS}:{attribute}");
    values(&scim.get(&path).await.expect(StatusCode::OK).body, attribute)
}

fn values(body: &Value, attribute: &str) -> Vec<String> {
    let list = body[OURS][attribute].as_array().cloned().unwrap_or_default();
    list.iter().map(|item| item["value"].as_str().expect("a value").to_owned()).collect()
}

fn patch(op: &str, path: &str, value: &Value) -> Value {
    json!({ "Operations": [{ "op": op, "path": path, "value": value }] })
}

async fn find(scim: &Client, attribute: &str, value: &str) -> Answer {
    let filter = format!("{OURS}:{attribute}.value eq \"{value}\"");
    scim.filter("/Users", &filter).await.expect(StatusCode::OK)
}

/// Issue 4, Build 7; C1.
#[tokio::test]
async fn a_pushed_role_that_the_account_mapped_counts_as_membership_does_until_it_is_pushed_no_more()
 {
    let test = TestApp::new().await;
    gifts::clear(&test.database).await;
    let scim = test.scim("acme").await;
    let gifts = Gifts::of(&test.database, "acme");
    gifts.right("data.export", false).await;
    let bundle = gifts.bundle("Analyst", None, &["data.export"]).await;
    gifts.map(To::Pushed("admin"), ("bundle", bundle), None).await;
    for (attribute, path) in [("roles", "roles"), ("entitlements", "entitlements")] {
        let body = json!({ "userName": attribute, attribute: [{ "value": "Admin" }] });
        let user = scim.post("/Users", &body).await.expect(StatusCode::CREATED).id();
        assert_eq!(held(&scim, &user, "effectiveRights").await, ["data.export"]);
        let other = patch("replace", path, &json!([{ "value": "Reader" }]));
        scim.patch(&format!("/Users/{user}"), &other).await.expect(StatusCode::OK);
        assert!(held(&scim, &user, "effectiveRights").await.is_empty());
    }
    let user = scim.user("entra").await;
    let push = patch("Add", "roles[primary eq \"True\"].value", &json!("ADMIN"));
    scim.patch(&format!("/Users/{user}"), &push).await.expect(StatusCode::OK);
    assert_eq!(held(&scim, &user, "effectiveRights").await, ["data.export"]);
    // What was pushed is answered as it came (DECISIONS.md 19).
    let answer = scim.get(&format!("/Users/{user}")).await;
    assert_eq!(answer.body["roles"], json!([{ "primary": true, "value": "ADMIN" }]));
}

#[tokio::test]
async fn what_a_user_holds_is_answered_on_request_and_costs_one_statement_for_a_page() {
    let test = TestApp::new().await;
    gifts::clear(&test.database).await;
    let scim = test.scim("acme").await;
    let (one, two) = (scim.user("one").await, scim.user("two").await);
    let inner = scim.group("Inner", &[one.clone(), two.clone()]).await;
    let outer = scim.group("Outer", std::slice::from_ref(&inner)).await;
    let gifts = Gifts::of(&test.database, "acme");
    gifts.right("data.export", false).await;
    gifts.right("users.administer", true).await;
    let bundle = gifts.bundle("Analyst", None, &["data.export"]).await;
    let keys = Gifts::predefined(&test.database);
    let admin = keys.bundle("Keys", Some("keys"), &["users.administer", "data.export"]).await;
    let role = keys.role("Administrator", Some("administrator"), admin).await;
    let paris = gifts.workspace("paris").await;
    gifts.map(To::Group(&outer), ("bundle", bundle), Some(paris)).await;
    gifts.map(To::Group(&inner), ("role", role), None).await;
    let plain = scim.get(&format!("/Users/{one}")).await.expect(StatusCode::OK);
    assert_eq!(plain.body.get(OURS), None);
    let names = ["effectiveRights", "pendingRights", "effectiveRoles", "effectiveBundles"];
    let asked = names.map(|name| format!("{OURS}:{name}")).join(",");
    let before = test.store.statements();
    let page = scim.get(&format!("/Users?attributes={asked}")).await.expect(StatusCode::OK);
    assert_eq!(test.store.statements() - before, 2);
    let right = |key: &str| json!({ "value": key, "display": key, "account": "acme" });
    let mut in_paris = right("data.export");
    in_paris["workspace"] = paris.to_string().into();
    let ours = json!({
        "effectiveRights": [right("data.export"), in_paris],
        "pendingRights": [right("users.administer")],
        "effectiveRoles": [{ "value": "administrator", "display": "Administrator" }],
        "effectiveBundles": [
            { "value": bundle.to_string(), "display": "Analyst" },
            { "value": "keys", "display": "Keys" },
        ],
    });
    for user in page.body["Resources"].as_array().expect("a list") {
        let mut found = user[OURS].clone();
        sort(&mut found["effectiveBundles"]);
        let mut wanted = ours.clone();
        sort(&mut wanted["effectiveBundles"]);
        assert_eq!(found, wanted);
        assert!(user["schemas"].as_array().expect("schemas").contains(&json!(OURS)));
    }
    // Also where a command is answered; and without, nothing is read.
    let title = patch("replace", "title", &json!("Dr"));
    let path = format!("/Users/{one}?attributes={OURS}:effectiveRights");
    let answer = scim.patch(&path, &title).await.expect(StatusCode::OK);
    assert_eq!(values(&answer.body, "effectiveRights"), ["data.export", "data.export"]);
    let before = test.store.statements();
    scim.get("/Users?attributes=userName").await.expect(StatusCode::OK);
    let excluded = format!("/Users?excludedAttributes=groups,{OURS}:effectiveRights.value");
    scim.get(&excluded).await.expect(StatusCode::OK);
    assert_eq!(test.store.statements() - before, 2);
}

fn sort(list: &mut Value) {
    list.as_array_mut().expect("a list").sort_by_key(|item| item["display"].to_string());
}

/// The user's `ETag` does not know of mappings, so it tells nothing where rights are asked for.
#[tokio::test]
async fn rights_are_answered_even_if_the_users_own_version_is_known() {
    let test = TestApp::new().await;
    gifts::clear(&test.database).await;
    let scim = test.scim("acme").await;
    let user = scim.user("one").await;
    let tag = scim.get(&format!("/Users/{user}")).await.headers[header::ETAG].clone();
    for (query, status) in [
        (String::new(), StatusCode::NOT_MODIFIED),
        (format!("?attributes={OURS}:effectiveRights"), StatusCode::OK),
    ] {
        let request = scim.request(Method::GET, &format!("/Users/{user}{query}"));
        let request = request.header(header::IF_NONE_MATCH, tag.clone());
        let answer = scim.send(request.body(axum::body::Body::empty()).expect("a request")).await;
        answer.expect(status);
    }
}

/// M36: nobody gives rights by writing what is only read.
#[tokio::test]
async fn what_is_only_read_never_takes_effect_however_it_is_written() {
    let test = TestApp::new().await;
    gifts::clear(&test.database).await;
    let scim = test.scim("acme").await;
    Gifts::of(&test.database, "acme").right("data.export", false).await;
    let right = json!([{ "value": "data.export", "account": "acme" }]);
    let ours = json!({ "effectiveRights": right, "pendingRights": right, "effectiveRoles": right });
    let body = json!({
        "userName": "one", "groups": [{ "value": "018f0000-0000-7000-9000-000000000007" }],
        "userType": "administrator", OURS: ours,
    });
    let user = scim.post("/Users", &body).await.expect(StatusCode::CREATED).id();
    let path = format!("/Users/{user}");
    scim.put(&path, &body).await.expect(StatusCode::OK);
    for op in ["add", "replace"] {
        let whole = json!({ "Operations": [{ "op": op, "value": { OURS: ours } }] });
        scim.patch(&path, &whole).await;
        scim.patch(&path, &patch(op, &format!("{OURS}:effectiveRights"), &right)).await;
    }
    let nothing = scim.get(&format!("{path}?attributes=groups,{OURS}")).await;
    let nothing = nothing.expect(StatusCode::OK).body;
    assert_eq!((nothing.get(OURS), nothing.get("groups")), (None, None));
    let stored = "SELECT CAST(document AS text) FROM users";
    let document = test.database.texts(stored).await.concat();
    assert!(!document.contains("effectiveRights"), "{document}");
    assert_eq!(find(&scim, "effectiveRights", "data.export").await.total(), 0);
}

#[tokio::test]
async fn users_are_found_by_what_they_hold() {
    let test = TestApp::new().await;
    gifts::clear(&test.database).await;
    let scim = test.scim("acme").await;
    let (one, two, off) = (scim.user("one").await, scim.user("two").await, scim.user("off").await);
    let inner = scim.group("Inner", &[one.clone(), off.clone()]).await;
    let outer = scim.group("Outer", &[inner.clone(), two.clone()]).await;
    let inactive = patch("replace", "active", &json!(false));
    scim.patch(&format!("/Users/{off}"), &inactive).await.expect(StatusCode::OK);
    let gifts = Gifts::of(&test.database, "acme");
    gifts.right("data.export", false).await;
    gifts.right("users.administer", true).await;
    let all = gifts.bundle("All", None, &["data.export", "users.administer"]).await;
    let role = gifts.role("Boss", None, all).await;
    gifts.map(To::Group(&inner), ("role", role), None).await;
    let keys =
        Gifts::predefined(&test.database).bundle("Keys", Some("keys"), &["data.export"]).await;
    gifts.map(To::Group(&outer), ("bundle", keys), None).await;
    let (one, two) = (one.as_str(), two.as_str());
    let own = [role.to_string(), all.to_string()];
    let wanted: [(&str, &str, &[&str]); 9] = [
        ("effectiveRights", "data.export", &[one, two]),
        ("effectiveRights", "DATA.EXPORT", &[one, two]),
        ("pendingRights", "users.administer", &[one]),
        ("effectiveRights", "users.administer", &[]),
        ("pendingRights", "data.export", &[]),
        ("effectiveRights", "no such right", &[]),
        ("effectiveRoles", &own[0], &[one]),
        ("effectiveBundles", &own[1], &[one]),
        ("effectiveBundles", "keys", &[one, two]),
    ];
    for (attribute, value, users) in wanted {
        assert_eq!(find(&scim, attribute, value).await.ids(), users, "{attribute} {value}");
    }
    let both = format!("{OURS}:effectiveRights.value sw \"data\" and userName eq \"two\"");
    assert_eq!(scim.filter("/Users", &both).await.ids(), [two]);
    let here = format!("{OURS}:effectiveRights[value eq \"data.export\" and account eq \"acme\"]");
    assert_eq!(scim.filter("/Users", &here).await.ids(), [one, two]);
    // Another account's filter finds its own users alone.
    let other = test.scim("other").await;
    assert_eq!(find(&other, "effectiveRights", "data.export").await.total(), 0);
}

#[tokio::test]
async fn roles_and_bundles_are_listed_for_identity_providers_to_discover() {
    let test = TestApp::new().await;
    gifts::clear(&test.database).await;
    let (scim, other) = (test.scim("acme").await, test.scim("other").await);
    let keys = Gifts::predefined(&test.database);
    let bundle = keys.bundle("Keys", Some("keys"), &[]).await;
    keys.role("Administrator", Some("administrator"), bundle).await;
    let own = Gifts::of(&test.database, "acme");
    let analyst = own.bundle("Analyst", None, &[]).await;
    let boss = own.role("Boss", None, analyst).await;
    for (endpoint, wanted) in [
        ("Roles", [("administrator", "Administrator"), (&*boss.to_string(), "Boss")]),
        ("Entitlements", [(&*analyst.to_string(), "Analyst"), ("keys", "Keys")]),
    ] {
        let list = scim.get(&format!("/{endpoint}")).await.expect(StatusCode::OK);
        assert_eq!((list.total(), list.ids().len()), (2, 2));
        let kind = if endpoint == "Roles" { "account" } else { "bundle" };
        for (found, (value, name)) in list.body["Resources"].as_array().unwrap().iter().zip(wanted)
        {
            assert_eq!((&found["value"], &found["display"]), (&json!(value), &json!(name)));
            assert_eq!(found["supported"], true);
            assert_eq!(found["type"], kind);
            let id = found["id"].as_str().unwrap();
            let one = scim.get(&format!("/{endpoint}/{id}")).await.expect(StatusCode::OK);
            assert_eq!(&one.body, found);
        }
        let page = scim.get(&format!("/{endpoint}?startIndex=2&count=1")).await;
        assert_eq!((page.total(), page.ids()), (2, list.ids()[1..].to_vec()));
        let none = scim.get(&format!("/{endpoint}?count=0")).await;
        assert_eq!((none.total(), none.ids().len()), (2, 0));
        assert_eq!(other.get(&format!("/{endpoint}")).await.total(), 1);
        scim.get(&format!("/{endpoint}/{}", uuid::Uuid::nil())).await.refused(404, None);
        let filtered = scim.filter(&format!("/{endpoint}"), "value eq \"keys\"").await;
        filtered.refused(400, Some("invalidFilter"));
        read_only(&scim, endpoint, &list.ids()[0]).await;
    }
    let foreign = other.get(&format!("/Roles/{boss}")).await.refused(404, None);
    assert!(!foreign.text.contains("Boss"));
}

async fn read_only(scim: &Client, endpoint: &str, id: &str) {
    let body = json!({ "value": "mine" });
    scim.post(&format!("/{endpoint}"), &body).await.refused(405, None);
    let one = format!("/{endpoint}/{id}");
    scim.put(&one, &body).await.refused(405, None);
    scim.patch(&one, &patch("replace", "display", &json!("x"))).await.refused(405, None);
    scim.delete(&one).await.refused(405, None);
}

/// Okta finds roles and entitlements by schemas of its own, at whatever endpoint has them.
#[tokio::test]
async fn the_endpoints_are_discovered_by_the_drafts_schemas_and_by_oktas() {
    let test = TestApp::new().await;
    gifts::clear(&test.database).await;
    let scim = test.scim("acme").await;
    let gifts = Gifts::of(&test.database, "acme");
    let bundle = gifts.bundle("Analyst", None, &[]).await;
    gifts.role("Analyst", None, bundle).await;
    let types = scim.get("/ResourceTypes").await.body;
    for (schema, endpoint, name) in [
        ("urn:ietf:params:scim:schemas:core:2.0:Role", "/Roles", "display"),
        ("urn:okta:scim:schemas:core:1.0:Role", "/OktaRoles", "displayName"),
        ("urn:ietf:params:scim:schemas:core:2.0:Entitlement", "/Entitlements", "display"),
        ("urn:okta:scim:schemas:core:1.0:Entitlement", "/OktaEntitlements", "displayName"),
    ] {
        let mut all = types["Resources"].as_array().expect("a list").iter();
        let found = all.find(|it| it["schema"] == schema).expect("a resource type");
        assert_eq!(found["endpoint"], endpoint);
        let attributes = scim.get(&format!("/Schemas/{schema}")).await.expect(StatusCode::OK);
        let attributes = attributes.body["attributes"].as_array().expect("attributes").clone();
        let listed = scim.get(endpoint).await.expect(StatusCode::OK).body["Resources"][0].clone();
        assert_eq!((&listed["schemas"], &listed[name]), (&json!([schema]), &json!("Analyst")));
        for key in listed.as_object().expect("a resource").keys() {
            let is_common = ["schemas", "id", "meta"].contains(&key.as_str());
            assert!(is_common || attributes.iter().any(|it| it["name"] == **key), "{key}");
        }
    }
}
