//! List parameters and the frame of a list.

use serde_json::json;

use super::*;

#[track_caller]
fn check(pairs: &[(&str, &str)], expect: &Query) {
    assert_eq!(&Query::from_pairs(pairs.iter().copied()).unwrap(), expect);
}

#[test]
fn parameters_are_read_in_any_case_and_unknown_ones_ignored() {
    let expect = Query {
        filter: Some("userName eq \"a\"".to_owned()),
        sort_by: Some("userName".to_owned()),
        sort_order: Some("descending".to_owned()),
        start_index: 7,
        count: Some(3),
        attributes: Some("id,name".to_owned()),
        excluded_attributes: None,
    };
    let pairs = [
        ("FILTER", "userName eq \"a\""),
        ("sortby", "userName"),
        ("sortOrder", "descending"),
        ("startIndex", "7"),
        ("Count", "3"),
        ("attributes", "id,name"),
        ("excludedAttributes", ""),
        ("aadOptscim062020", ""),
        ("cursor", "x"),
        ("", ""),
    ];
    check(&pairs, &expect);
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "userName eq \"a\"", "sortBy": "userName", "sortOrder": "descending",
        "startIndex": 7, "count": "3", "attributes": ["id", "name"], "excludedAttributes": [],
        "other": {"x": 1}, "cursor": null,
    });
    assert_eq!(Query::from_search(body).unwrap(), expect);
}

#[test]
fn absent_parameters_ask_for_the_first_page() {
    check(&[], &Query::default());
    check(&[("startIndex", ""), ("count", " ")], &Query::default());
    assert_eq!(Query::from_search(json!({"count": null})).unwrap(), Query::default());
}

/// RFC 7644 §3.4.2.4.
#[test]
fn numbers_below_their_least_count_as_the_least() {
    for start in ["0", "-5", "1"] {
        check(
            &[("startIndex", start), ("count", "-1")],
            &Query { count: Some(0), ..Query::default() },
        );
    }
}

#[test]
fn what_is_no_whole_number_is_refused() {
    for text in ["x", "1.5", "1e3", "99999999999999999999"] {
        let error = Query::from_pairs([("count", text)]).unwrap_err();
        assert_eq!(error.kind, Kind::InvalidValue);
        assert!(error.detail.contains("`count` takes a whole number"), "{}", error.detail);
    }
}

#[test]
fn a_search_body_of_a_wrong_shape_is_refused() {
    assert_eq!(Query::from_search(json!([])).unwrap_err().kind, Kind::InvalidSyntax);
    for body in [
        json!({"filter": {}}),
        json!({"attributes": [1]}),
        json!({"sortBy": ["a"]}),
        json!({"count": 1.5}),
    ] {
        assert_eq!(Query::from_search(body).unwrap_err().kind, Kind::InvalidValue);
    }
}

#[test]
fn a_list_response_frames_its_resources() {
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(
        parse(&list_response(5, 2, &[r#"{"id":"a"}"#, r#"{"id":"b"}"#])),
        json!({
            "schemas": [LIST_RESPONSE], "totalResults": 5, "startIndex": 2, "itemsPerPage": 2,
            "Resources": [{"id": "a"}, {"id": "b"}],
        })
    );
    let empty = parse(&list_response::<&str>(0, 1, &[]));
    assert_eq!(empty["Resources"], json!([]));
    assert_eq!(empty["itemsPerPage"], json!(0));
}
