//! Lists: paging, sorting, filtering, by GET and by POST to `/.search`.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::scim::ENTERPRISE;
use crate::world::client::{Answer, Client};
use crate::world::{TestApp, limits};

#[tokio::test]
async fn an_empty_list_is_a_list() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let found = scim.filter("/Users", "userName eq \"non-existent user\"").await;
    let found = found.expect(StatusCode::OK);
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 0, "startIndex": 1, "Resources": [], "itemsPerPage": 0,
    });
    assert_eq!(found.body, expected);
}

/// RFC 7644 §3.4.2.4.
#[tokio::test]
async fn pages_keep_to_their_bounds() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let ids = crowd(&scim, 5).await;
    for (query, start, expected) in [
        ("", 1, &ids[..]),
        ("?startIndex=2&count=2", 2, &ids[1..3]),
        ("?startIndex=0&count=2", 1, &ids[..2]),
        ("?startIndex=-7&count=1", 1, &ids[..1]),
        ("?startIndex=5&count=9", 5, &ids[4..]),
        ("?startIndex=6", 6, &[]),
        ("?startIndex=9223372036854775807&count=9223372036854775807", i64::MAX, &[]),
        ("?count=0", 1, &[]),
        ("?count=-3", 1, &[]),
        ("?startIndex=&count=", 1, &ids[..]),
        ("?STARTINDEX=4&Count=1", 4, &ids[3..4]),
    ] {
        let page = scim.get(&format!("/Users{query}")).await.expect(StatusCode::OK);
        assert_eq!(page.ids(), expected, "{query}");
        assert_eq!(page.body["totalResults"], 5, "{query}");
        assert_eq!(page.body["startIndex"], start, "{query}");
        assert_eq!(page.body["itemsPerPage"], expected.len(), "{query}");
    }
    for query in ["count=many", "count=1.5", "startIndex=1e3", "count=99999999999999999999"] {
        scim.get(&format!("/Users?{query}")).await.refused(400, Some("invalidValue"));
    }
}

#[tokio::test]
async fn a_page_is_never_larger_than_published() {
    let test =
        TestApp::with_limits(countersign::app::Limits { max_page: 3, default_page: 2, ..limits() });
    let test = test.await;
    let scim = test.scim("acme").await;
    crowd(&scim, 5).await;
    assert_eq!(scim.get("/Users").await.ids().len(), 2);
    assert_eq!(scim.get("/Users?count=1000").await.ids().len(), 3);
    assert_eq!(scim.post("/.search", &json!({ "count": 1000 })).await.ids().len(), 3);
    let config = scim.get("/ServiceProviderConfig").await;
    assert_eq!(config.body["filter"]["maxResults"], 3);
}

/// What a walk through the pages sees, each once, in a stable order.
#[tokio::test]
async fn pages_cover_the_list_without_gap_or_overlap() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let ids = crowd(&scim, 7).await;
    for extra in ["", "&sortBy=active", "&filter=userName%20pr"] {
        let mut seen = vec![];
        for start in [1, 4, 7] {
            let page = scim.get(&format!("/Users?startIndex={start}&count=3{extra}")).await;
            seen.extend(page.ids());
        }
        seen.sort();
        assert_eq!(seen, ids, "{extra}");
    }
}

/// RFC 7644 §3.4.2.3.
#[tokio::test]
async fn lists_are_sorted_with_missing_values_last_or_first() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let people = [
        json!({ "userName": "Cid", "title": "b", "externalId": "b",
            "emails": [{ "value": "z@x.test" }, { "value": "a@x.test", "primary": true }] }),
        json!({ "userName": "ann", "externalId": "B", ENTERPRISE: { "department": "Y" } }),
        json!({ "userName": "Bob", "title": "A", "name": { "familyName": "Zorn" },
            "emails": [{ "value": "m@x.test" }, { "value": "b@x.test" }],
            ENTERPRISE: { "department": "x" } }),
    ];
    for body in &people {
        scim.post("/Users", body).await.expect(StatusCode::CREATED);
    }
    let department = format!("{ENTERPRISE}:department");
    for (by, ascending) in [
        ("userName", "ann Bob Cid"),
        ("USERNAME", "ann Bob Cid"),
        ("title", "Bob Cid ann"),
        ("emails", "Cid Bob ann"),
        ("emails.value", "Cid Bob ann"),
        (department.as_str(), "Bob ann Cid"),
        ("externalId", "ann Cid Bob"),
        ("meta.created", "Cid ann Bob"),
    ] {
        let sorted = scim.get(&format!("/Users?sortBy={by}")).await;
        assert_eq!(names(&sorted), ascending, "{by}");
        let sorted = scim.get(&format!("/Users?sortBy={by}&sortOrder=Descending")).await;
        let descending: Vec<&str> = ascending.split(' ').rev().collect();
        assert_eq!(names(&sorted), descending.join(" "), "{by}");
    }
    let first = scim.get("/Users?sortBy=name.familyName&count=1").await;
    assert_eq!((names(&first).as_str(), first.total()), ("Bob", 3));
    assert_eq!(scim.get("/Users?sortBy=unheardOf").await.expect(StatusCode::OK).total(), 3);
    scim.get("/Users?sortBy=userName&sortOrder=up").await.refused(400, Some("invalidValue"));
    scim.get("/Users?sortBy=name").await.refused(400, Some("invalidValue"));
}

/// RFC 7644 §3.4.3.
#[tokio::test]
async fn a_search_is_posted_to_an_endpoint_or_to_the_root() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let users = crowd(&scim, 3).await;
    let group = scim.group("user-group", &users).await;
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "userName sw \"USER-\"", "attributes": ["userName"], "startIndex": 2, "count": 1,
        "sortBy": "userName", "sortOrder": "descending",
    });
    let found = scim.post("/Users/.search", &search).await.expect(StatusCode::OK);
    assert_eq!((found.total(), found.ids()), (3, vec![users[1].clone()]));
    assert_eq!(found.body["Resources"][0].get("active"), None);
    assert_eq!(scim.post("/Groups/.search", &json!({})).await.ids(), [group.as_str()]);

    let both = scim.post("/.search", &json!({})).await.expect(StatusCode::OK);
    assert_eq!((both.total(), both.body["Resources"][3]["id"].as_str()), (4, Some(group.as_str())));
    let page = scim.post("/.search", &json!({ "startIndex": 3, "count": 2 })).await;
    assert_eq!(page.ids(), [users[2].as_str(), &group]);
    let named = json!({ "filter": "displayName eq \"user-group\" or userName eq \"user-0\"" });
    assert_eq!(scim.post("/.search", &named).await.ids(), [users[0].as_str(), &group]);
    let none = scim.post("/.search", &json!({ "count": 0 })).await;
    assert_eq!((none.total(), none.ids().len()), (4, 0));
    let typed = json!({ "filter": "meta.resourceType eq \"Group\"" });
    assert_eq!(scim.post("/.search", &typed).await.ids(), [group.as_str()]);
    for bad in [json!([]), json!({ "filter": 7 }), json!({ "count": "x" }), json!({ "count": [1] })]
    {
        let answer = scim.post("/.search", &bad).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}: {}", answer.text);
    }
    scim.get("/.search").await.refused(405, None);
    scim.get("/Users/.search").await.refused(405, None);
}

/// RFC 7644 §3.4.2.2, with SCIM.md §2's tolerances.
#[tokio::test]
async fn filters_find_what_they_say() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let body = json!({
        "userName": "b.j@example.com", "title": "Tour \"Guide\" \\ é", "active": true,
        "name": { "familyName": "O'Malley" },
        "emails": [{ "type": "work", "value": "B.J@example.com", "primary": true },
            { "type": "home", "value": "babs@jensen.test" }],
        ENTERPRISE: { "manager": { "value": "271" }, "employeeNumber": "0701" },
    });
    scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    scim.post("/Users", &json!({ "userName": "zoe", "active": false })).await;
    for filter in [
        "userName eq \"B.J@EXAMPLE.COM\"",
        "USERNAME Eq \"b.j@example.com\"",
        "userName eq b.j@example.com",
        "title eq \"tour \\\"guide\\\" \\\\ \\u00e9\"",
        "title co \"É\"",
        "name.familyName sw \"o'm\"",
        "emails eq \"b.j@example.com\"",
        "emails[type eq \"work\"].value eq \"b.j@example.com\"",
        "emails[type eq \"work\" and value co \"@example\"]",
        "emails[primary eq true].value eq \"b.j@example.com\"",
        "emails.type eq \"home\"",
        "title pr and not (userName eq \"zoe\")",
        "userName eq \"nobody\" or userName eq \"b.j@example.com\" and active eq True",
        "(userName eq \"nobody\" or userName eq \"b.j@example.com\") and active eq \"true\"",
        "manager eq \"271\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq \"0701\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq 271",
        "urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"b.j\"",
        "meta.created lt \"2030-01-01T00:00:00Z\" and userName ne \"zoe\"",
        "schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"",
    ] {
        let found = scim.filter("/Users", filter).await.expect(StatusCode::OK);
        assert_eq!(names(&found), "b.j@example.com", "{filter}");
    }
    for (filter, total) in [("unheardOf eq 1", 0), ("unheardOf pr", 0), ("not (unheardOf pr)", 2)] {
        assert_eq!(scim.filter("/Users", filter).await.total(), total, "{filter}");
    }
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_is_refused_and_never_ignored() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    scim.user("ann").await;
    for filter in [
        "userName",
        "userName eq",
        "userName eq \"ann",
        "userName is \"ann\"",
        "eq \"ann\"",
        "(userName eq \"ann\"",
        "userName eq \"ann\")",
        "userName eq \"ann\" and",
        "userName eq \"ann\" userName pr",
        "active gt true",
        "active co true",
        "emails[type eq \"work\"",
        "userName[value eq \"x\"]",
        "userName eq \"\\x\"",
        "name eq \"x\"",
    ] {
        scim.filter("/Users", filter).await.refused(400, Some("invalidFilter"));
        let search = json!({ "filter": filter });
        scim.post("/.search", &search).await.refused(400, Some("invalidFilter"));
    }
}

/// SCIM.md §3: where tolerance and the RFC's letter part.
#[tokio::test]
async fn by_the_letter_of_the_rfc_a_filter_is_written_as_its_grammar_says() {
    let test = TestApp::new().await;
    let (scim, strict) = (test.scim("acme").await, test.strict_scim("strict").await);
    for filter in [
        "externalId eq jyoung",
        "active eq \"True\"",
        "active eq True",
        "emails[type eq \"work\"].value eq \"x@x.test\"",
    ] {
        scim.filter("/Users", filter).await.expect(StatusCode::OK);
        strict.filter("/Users", filter).await.refused(400, Some("invalidFilter"));
    }
    let proper = "emails[type eq \"work\" and value eq \"x@x.test\"] and active eq true";
    strict.filter("/Users", proper).await.expect(StatusCode::OK);
}

/// SCIM.md §2 items 8 and 9.
#[tokio::test]
async fn addresses_as_clients_join_them_work() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    scim.user("test user").await;
    let encoded = "userName%20eq%20%22test%20user%22";
    for path in [
        "/accounts/acme/scim/v2/Users",
        "/accounts/acme/scim/Users",
        "/accounts/acme/scim/Users/",
        "/accounts/acme/scim/v2//Users/",
        "//accounts/acme//scim///v2/Users//",
        "/accounts/acme/scim/v2/Users?",
        "/accounts/acme/scim/v2/Users?&",
        "/accounts/acme/scim/v2/Users?aadOptscim062020",
        "/accounts/acme/scim/v2/Users?aadOptscim062020&startIndex=1&&unknown=%C3%A9",
        "/accounts/acme/scim/v2/Users?filter=userName+eq+%22test+user%22&",
        &format!("/accounts/acme/scim/v2/Users/?filter={encoded}&aadOptscim062020"),
        &format!("/accounts/acme/scim/v2/Users?Filter={encoded}"),
    ] {
        let request = scim.request(Method::GET, "").uri(path);
        let answer = scim.send(request.body(Body::empty()).unwrap()).await;
        let answer = answer.expect(StatusCode::OK);
        assert_eq!(answer.total(), 1, "{path}");
        let location = answer.body["Resources"][0]["meta"]["location"].as_str().unwrap();
        assert!(location.starts_with("https://scim.test/accounts/acme/scim/v2/Users/"));
    }
    let id = scim.get("/Users").await.ids()[0].clone();
    for path in [format!("/Users/{id}?"), format!("//Users//{id}/"), format!("/Users/{id}?x&")] {
        assert_eq!(scim.get(&path).await.expect(StatusCode::OK).id(), id);
    }
}

async fn crowd(scim: &Client, count: usize) -> Vec<String> {
    let mut ids = vec![];
    for n in 0..count {
        ids.push(scim.user(&format!("user-{n}")).await);
    }
    ids
}

fn names(list: &Answer) -> String {
    let resources = list.body["Resources"].as_array().expect("a list").iter();
    let names: Vec<&str> = resources.map(|r| r["userName"].as_str().unwrap_or("?")).collect();
    names.join(" ")
}

#[tokio::test]
async fn a_list_shows_members_and_groups_unless_asked_not_to() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let ann = scim.user("ann").await;
    let group = scim.group("Staff", std::slice::from_ref(&ann)).await;
    let listed = scim.get("/Groups").await.body["Resources"][0].clone();
    assert_eq!(listed["members"][0]["value"], ann.as_str());
    let lean = scim.get("/Groups?excludedAttributes=members").await;
    assert_eq!(lean.body["Resources"][0].get("members"), None::<&Value>);
    assert_eq!(lean.body["Resources"][0]["displayName"], "Staff");
    let user = scim.get("/Users").await.body["Resources"][0].clone();
    assert_eq!(user["groups"][0]["value"], group.as_str());
}
