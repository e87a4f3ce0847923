//! Filters that nest, repeat, inject or do not end.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use serde_json::json;

use crate::hostile::{Target, corpus, quoted};
use crate::world::TestApp;

/// The Must show: 8 KB of `(`; and its relatives.
#[tokio::test]
async fn a_filter_that_nests_repeats_or_does_not_end_is_refused_at_once() {
    let target = Target::new().await;
    let bombs = [
        "(".repeat(8 * 1024),
        "(".repeat(1000),
        format!("{}userName pr{}", "(".repeat(33), ")".repeat(33)),
        ")".repeat(8 * 1024),
        "[".repeat(8 * 1024),
        "not (".repeat(1638),
        format!("{}userName pr ~{}", "not (".repeat(16), ")".repeat(16)),
        "not ".repeat(2000),
        format!("userName{}", ".".repeat(8000)),
        format!("a{}", ".a".repeat(4000)),
        vec!["userName pr"; 700].join(" and "),
        vec!["userName pr"; 201].join(" or "),
        format!("userName eq \"{}\"", "x".repeat(8 * 1024)),
        format!("userName eq \"{}", "\\".repeat(8000)),
        "emails[".repeat(1000),
        format!("emails[{}", "(".repeat(8000)),
        "userName eq ".repeat(600),
        "\"".repeat(8000),
        "𝕏".repeat(2000),
    ];
    for bomb in bombs {
        let started = Instant::now();
        target.scim.filter("/Users", &bomb).await.refused(400, Some("invalidFilter"));
        let search = json!({ "filter": bomb });
        target.scim.post("/.search", &search).await.refused(400, Some("invalidFilter"));
        let path = format!("emails[{bomb}].value");
        let patch = json!({ "Operations": [{ "op": "replace", "path": path, "value": "x" }] });
        let answer = target.scim.patch(&format!("/Users/{}", target.ann), &patch).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
        assert!(started.elapsed() < Duration::from_secs(2), "{bomb:.40} took too long");
        assert!(answer.text.len() < 1000, "a refusal repeats little of what was sent");
    }
    target.is_unharmed().await;
}

#[tokio::test]
async fn a_filter_as_large_as_is_taken_works() {
    let target = Target::new().await;
    let deep = format!("{}userName eq \"ann\"{}", "(".repeat(32), ")".repeat(32));
    let mut wide = vec!["userName eq \"nobody\""; 199].join(" or ");
    wide.push_str(" or userName eq \"ann\"");
    let negated = format!("{}userName ne \"ann\"{}", "not (".repeat(15), ")".repeat(15));
    for filter in [&deep, &wide, &negated] {
        let found = target.scim.filter("/Users", filter).await.expect(StatusCode::OK);
        assert_eq!(found.ids(), [target.ann.as_str()], "{filter:.60}");
    }
}

/// UAA CVE-2019-11278: text in a filter is a value and nothing else.
#[tokio::test]
async fn hostile_text_in_a_filter_matches_nobody() {
    let target = Target::new().await;
    let attributes = [
        "userName",
        "externalId",
        "displayName",
        "title",
        "emails.value",
        "name.familyName",
        "id",
        "groups.value",
        "manager.value",
        "urn:x:y:z",
    ];
    for text in corpus() {
        for attribute in attributes {
            let literal = quoted(&text);
            let terms =
                ["eq", "co", "sw", "ew", "gt"].map(|op| format!("{attribute} {op} {literal}"));
            let filter = format!("({}) and title pr", terms.join(" or "));
            let found = target.scim.filter("/Users", &filter).await.expect(StatusCode::OK);
            assert_eq!(found.total(), 0, "{filter}");
        }
        for filter in [
            format!("displayName eq {}", quoted(&text)),
            format!("members eq {}", quoted(&text)),
            format!("members[value eq {}]", quoted(&text)),
        ] {
            let found = target.scim.filter("/Groups", &filter).await.expect(StatusCode::OK);
            assert_eq!(found.total(), 0, "{filter}");
        }
    }
    target.is_unharmed().await;
}

#[tokio::test]
async fn hostile_text_as_a_filter_or_parameter_is_never_run() {
    let target = Target::new().await;
    for text in corpus() {
        for filter in [
            text.clone(),
            format!("{text} eq \"x\""),
            format!("userName {text} \"x\""),
            format!("userName eq \"x\" {text}"),
            format!("userName eq \"x\"{text}1=1"),
        ] {
            let found = target.scim.filter("/Users", &filter).await;
            // A word may be a name that no schema knows, which has no value.
            let is_empty = found.status == StatusCode::OK && found.total() == 0;
            assert!(is_empty || found.body["scimType"] == "invalidFilter", "{}", found.text);
        }
        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        for name in ["sortBy", "sortOrder", "attributes", "excludedAttributes", "count", "unknown"]
        {
            let answer = target.scim.get(&format!("/Users?{name}={encoded}")).await;
            let is_fine = answer.status == StatusCode::OK && answer.total() == 2;
            assert!(is_fine || answer.status == StatusCode::BAD_REQUEST, "{name}={text}");
        }
        let answer = target.scim.get(&format!("/Users/{encoded}")).await;
        assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{text}: {}", answer.text);
        assert!(answer.body.get("userName").is_none(), "{text}: {}", answer.text);
    }
    target.is_unharmed().await;
}

/// Signs that mean something to LIKE mean themselves.
#[tokio::test]
async fn a_wildcard_finds_only_itself() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    scim.user("plain").await;
    for sign in ["%", "_", "\\", "\"", "'", "*", "?", "[", "]", "^", "😀", "\\%", "%_"] {
        let body = json!({
            "userName": format!("a{sign}b"), "externalId": format!("a{sign}b"),
            "title": format!("a{sign}b"), "emails": [{ "value": format!("a{sign}b") }],
        });
        let id = scim.post("/Users", &body).await.expect(StatusCode::CREATED).id();
        let attributes = ["userName", "externalId", "title", "emails.value", "emails"];
        let terms = [
            format!("eq {}", quoted(&format!("a{sign}b"))),
            format!("co {}", quoted(sign)),
            format!("sw {}", quoted(&format!("a{sign}"))),
            format!("ew {}", quoted(&format!("{sign}b"))),
        ];
        for filter in attributes.iter().flat_map(|a| terms.iter().map(move |t| format!("{a} {t}")))
        {
            let found = scim.filter("/Users", &filter).await.expect(StatusCode::OK);
            assert_eq!(found.ids(), [id.as_str()], "{filter}");
        }
        scim.delete(&format!("/Users/{id}")).await.expect(StatusCode::NO_CONTENT);
    }
}

/// U+0000 cannot be in a stored text; asking for it must not reach a database that chokes on it.
#[tokio::test]
async fn a_nul_or_broken_utf_8_in_the_address_does_no_harm() {
    let target = Target::new().await;
    for path in [
        "/Users?filter=userName%20eq%20%22a%00b%22",
        "/Users?filter=userName%20eq%20%22a%5Cu0000b%22",
        "/Users?filter=title%20co%20%22%00%22",
        "/Users?filter=externalId%20sw%20%22%00%22",
        "/Groups?filter=members%20eq%20%22%00%22",
        "/Groups?filter=displayName%20eq%20%22%00%22",
        "/Users?filter=userName%20eq%20%22%FF%FE%22",
        "/Users?filter=%C3%28",
        "/Users?filter=user%00Name%20pr",
        "/Users?sortBy=user%00Name",
        "/Users?attributes=%00,%FF",
        "/Users?count=%00",
        "/Users/%00",
        "/Users/%FF",
        "/Users/a%00b",
        "/Groups/%C0%80",
        "/Schemas/%00",
        "/ResourceTypes/%FF",
    ] {
        let answer = target.scim.get(path).await;
        let is_empty = answer.status == StatusCode::OK
            && (answer.total() == 0 || path.contains("sortBy") || path.contains("attributes"));
        assert!(is_empty || answer.status.is_client_error(), "{path}: {}", answer.text);
        if path.contains("%F") || path.contains("%C") {
            assert!(answer.status.is_client_error(), "{path}: {}", answer.text);
        }
        if answer.status.is_client_error() {
            let status = answer.status.as_u16();
            let scim_type = answer.body["scimType"].as_str().map(str::to_owned);
            answer.refused(status, scim_type.as_deref());
        }
    }
    target.is_unharmed().await;
}
