//! Bodies of POST and PUT in canonical form.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::scim::schema::{COUNTERSIGN_USER, ENTERPRISE_USER, GROUP, USER};

const USER_KIND: ResourceKind = ResourceKind::User;
const GROUP_KIND: ResourceKind = ResourceKind::Group;

fn standard(kind: ResourceKind, body: Value) -> Incoming {
    read(kind, body, Preset::Standard).unwrap()
}

/// Reads a user under the standard preset, without its `userName`.
#[track_caller]
fn check(mut body: Value, expect: &Value, coerced: u32, dropped: u32) {
    body["userName"] = json!("u");
    let text = body.to_string();
    let mut read = standard(USER_KIND, body);
    assert_eq!(read.document.shift_remove("userName"), Some(json!("u")));
    assert_eq!(&Value::Object(read.document), expect, "{text}");
    assert_eq!(read.notes, Notes { coerced, dropped }, "{text}");
}

#[track_caller]
fn check_refused(kind: ResourceKind, body: &Value, preset: Preset, expect: Kind, words: &str) {
    let error = read(kind, body.clone(), preset).unwrap_err();
    assert_eq!(error.kind, expect, "{}", error.detail);
    assert!(error.detail.contains(words), "{}", error.detail);
}

fn finished(kind: ResourceKind, document: Value) -> Value {
    let Value::Object(document) = document else { panic!("no object") };
    Value::Object(finish(kind, document).unwrap())
}

#[test]
fn the_create_body_of_entra_is_read() {
    check(
        json!({
            "schemas": [USER, ENTERPRISE_USER], "externalId": "0a21", "active": "True",
            "emails": [{"primary": true, "type": "work", "value": "a@x"}],
            "meta": {"resourceType": "User"}, "roles": [], "phoneNumbers": null, "title": null,
            "department": null, "manager": null, "id": null,
            "name": {"formatted": "G F", "familyName": "F", "givenName": "G"},
        }),
        &json!({
            "externalId": "0a21", "active": true,
            "emails": [{"value": "a@x", "type": "work", "primary": true}],
            "name": {"formatted": "G F", "familyName": "F", "givenName": "G"},
        }),
        3,
        0,
    );
}

#[test]
fn the_create_body_of_okta_is_read_and_its_password_dropped() {
    check(
        json!({"schemas": [USER], "locale": "en-US", "groups": [], "password": "1mz050nq", "active": true}),
        &json!({"locale": "en-US", "active": true}),
        0,
        0,
    );
}

#[test]
fn the_template_of_one_login_is_read() {
    check(
        json!({
            "schemas": ["urn:scim:schemas:core:1.0"], "active": "true", "id": null,
            "emails": {"value": "a@x"}, (ENTERPRISE_USER): {"manager": {"managerId": "7"}},
        }),
        &json!({"active": true, "emails": [{"value": "a@x"}], (ENTERPRISE_USER): {"manager": {"value": "7"}}}),
        3,
        0,
    );
}

#[test]
fn dotted_and_prefixed_names_find_their_place() {
    check(
        json!({
            "name.givenName": "G", "name": {"familyName": "F"}, "manager.value": "m",
            (format!("{USER}:title")): "T", (format!("{ENTERPRISE_USER}:department")): "D",
            (ENTERPRISE_USER): {"division": "V", "manager.$ref": "../Users/m"},
        }),
        &json!({
            "name": {"givenName": "G", "familyName": "F"}, "title": "T",
            (ENTERPRISE_USER): {
                "manager": {"value": "m", "$ref": "../Users/m"}, "department": "D", "division": "V",
            },
        }),
        4,
        0,
    );
    check(json!({(USER): {"title": "T"}}), &json!({"title": "T"}), 1, 0);
    check(json!({"emails.value": "a@x"}), &json!({}), 1, 1);
    let typo = ENTERPRISE_USER.replace("2.0:User", "2.0User");
    check(
        json!({(typo): {"DEPARTMENT": "D"}}),
        &json!({(ENTERPRISE_USER): {"department": "D"}}),
        0,
        0,
    );
}

#[test]
fn unknown_attributes_are_dropped_and_counted_or_refused() {
    let enterprise_x = format!("{ENTERPRISE_USER}:x");
    let body = json!({"shoeSize": 42, (ENTERPRISE_USER): {"x": 1}, (enterprise_x): {"y": 1}});
    check(body, &json!({}), 0, 3);
    for body in [
        json!({"schemas": [USER], "userName": "u", "shoeSize": 42}),
        json!({"schemas": [USER], "userName": "u", (ENTERPRISE_USER): {"x": 1}}),
        json!({"schemas": [USER], "userName": "u", "name.givenName": "x"}),
        json!({"schemas": [USER], "userName": "u", "department": "x"}),
        json!({"schemas": [USER], "userName": "u", (USER): {"title": "x"}}),
    ] {
        check_refused(
            USER_KIND,
            &body,
            Preset::Rfc,
            Kind::InvalidSyntax,
            "a User has no attribute `",
        );
    }
}

/// DECISIONS 20.
#[test]
fn the_object_of_an_unknown_urn_is_kept_as_sent() {
    let foreign = json!({"Deep": [{"x": null, "y": []}], "n": 1e3});
    check(
        json!({"urn:foreign:1.0:User": foreign}),
        &json!({"urn:foreign:1.0:User": foreign}),
        0,
        0,
    );
    check(json!({"urn:foreign:1.0:User": "text", "urn:foreign:2.0": {}}), &json!({}), 0, 2);
    let body = json!({"userName": "u", "urn:foreign:1": {"a": 1}, "URN:foreign:1": {"a": 1}});
    check_refused(USER_KIND, &body, Preset::Standard, Kind::InvalidSyntax, "more than once");
}

#[test]
fn the_number_of_foreign_objects_and_the_length_of_their_urns_are_limited() {
    let foreign = |n: usize| {
        let urns = (0..n).map(|i| (format!("urn:foreign:{i}"), json!({"x": 1})));
        urns.chain([("userName".to_owned(), json!("u"))]).collect::<Map<_, _>>()
    };
    let at_most = foreign(MAX_FOREIGN);
    let read_in = standard(USER_KIND, Value::Object(at_most.clone())).document;
    assert_eq!(read_in, at_most);
    assert_eq!(finish(USER_KIND, read_in).unwrap().len(), MAX_FOREIGN + 2);
    let more = foreign(MAX_FOREIGN + 1);
    let words = "at most 32 extensions";
    check_refused(USER_KIND, &json!(more), Preset::Standard, Kind::InvalidValue, words);
    assert_eq!(finish(USER_KIND, more).unwrap_err().kind, Kind::InvalidValue);
    check(json!({("u:".repeat(128)): {"x": 1}}), &json!({}), 0, 1);
}

#[test]
fn an_attribute_given_twice_is_refused() {
    let prefixed = format!("{USER}:userName");
    for body in [
        json!({"userName": "u", "USERNAME": "v"}),
        json!({"userName": "u", (prefixed): "v"}),
        json!({"userName": "u", "name.givenName": "a", "name": {"givenName": "b"}}),
        json!({"userName": "u", "department": "a", (ENTERPRISE_USER): {"department": "b"}}),
    ] {
        check_refused(USER_KIND, &body, Preset::Standard, Kind::InvalidSyntax, "more than once");
    }
    let body = json!({"displayName": "g", "members": [], "MEMBERS": []});
    check_refused(
        GROUP_KIND,
        &body,
        Preset::Standard,
        Kind::InvalidSyntax,
        "`members` more than once",
    );
}

#[test]
fn what_is_required_must_be_there_and_not_blank() {
    let words = "is required and must not be blank";
    for body in
        [json!({}), json!({"userName": null}), json!({"userName": ""}), json!({"userName": " "})]
    {
        check_refused(USER_KIND, &body, Preset::Standard, Kind::InvalidValue, words);
    }
    check_refused(GROUP_KIND, &json!({}), Preset::Standard, Kind::InvalidValue, "`displayName`");
    let body = json!({"userName": "u "});
    check_refused(USER_KIND, &body, Preset::Standard, Kind::InvalidValue, "white space");
    assert!(finish(USER_KIND, Map::new()).is_err());
    assert_eq!(standard(GROUP_KIND, json!({"displayName": "G "})).document["displayName"], "G ");
}

#[test]
fn a_body_must_be_an_object_of_fitting_values() {
    check_refused(USER_KIND, &json!([]), Preset::Standard, Kind::InvalidSyntax, "JSON object");
    let body = json!({"userName": "u", "password": {"a": 1}});
    check_refused(USER_KIND, &body, Preset::Standard, Kind::InvalidValue, "`password`");
    let body = json!({"userName": "u", (ENTERPRISE_USER): "x"});
    check_refused(USER_KIND, &body, Preset::Standard, Kind::InvalidValue, "takes an object");
}

#[test]
fn the_rfc_preset_asks_for_the_core_urn_in_schemas() {
    let words = "must be a list that holds";
    for body in [
        json!({"userName": "u"}),
        json!({"userName": "u", "schemas": USER}),
        json!({"userName": "u", "schemas": [GROUP]}),
    ] {
        check_refused(USER_KIND, &body, Preset::Rfc, Kind::InvalidSyntax, words);
        assert!(read(USER_KIND, body, Preset::Standard).is_ok());
    }
    let body = json!({"userName": "u", "Schemas": [USER.to_uppercase()]});
    assert_eq!(read(USER_KIND, body, Preset::Rfc).unwrap().document.len(), 1);
}

#[test]
fn a_blank_external_id_is_none() {
    check(json!({"externalId": " "}), &json!({}), 0, 0);
    assert_eq!(
        finished(USER_KIND, json!({"userName": "u", "externalId": ""})),
        json!({"schemas": [USER], "userName": "u"})
    );
}

#[test]
fn the_id_of_a_body_is_found_in_any_case() {
    assert_eq!(body_id(&json!({"Id": "a"})), Some("a"));
    assert_eq!(body_id(&json!({"id": 7})), None);
    assert_eq!(body_id(&json!([])), None);
}

#[test]
fn members_are_taken_out_of_a_group() {
    let group = |members: Value| json!({"displayName": "g", "members": members});
    let ids = |members: Value| standard(GROUP_KIND, group(members)).members.unwrap();
    assert_eq!(standard(GROUP_KIND, json!({"displayName": "g"})).members, None);
    assert_eq!(ids(json!(null)), [""; 0]);
    assert_eq!(ids(json!([])), [""; 0]);
    assert_eq!(
        ids(json!([{"value": "b"}, {"value": "a", "type": "User"}, {"VALUE": "b"}])),
        ["b", "a"]
    );
    assert!(!standard(GROUP_KIND, group(json!([{"value": "b"}]))).document.contains_key("members"));
}

#[test]
fn member_ids_come_in_many_shapes() {
    let refused = |value: &Value, preset| member_ids(value, preset).unwrap_err().kind;
    for (value, expect) in [
        (json!({"value": "a"}), vec!["a"]),
        (json!("a"), vec!["a"]),
        (json!(["a", 7, null, ""]), vec!["a", "7"]),
        (json!([{"value": 7}]), vec!["7"]),
        (json!([{"$ref": "https://h/scim/v2/Users/a/", "value": null}]), vec!["a"]),
        (json!([{"$ref": "Users/a?x=/b"}]), vec!["a"]),
        (json!({"members": [{"value": "a"}, {"value": "b"}]}), vec!["a", "b"]),
    ] {
        assert_eq!(member_ids(&value, Preset::Standard).unwrap(), expect, "{value}");
        assert_eq!(refused(&value, Preset::Rfc), Kind::InvalidValue, "{value}");
    }
    for value in [
        json!([{}]),
        json!([{"value": " "}]),
        json!([true]),
        json!([{"$ref": "/"}]),
        json!([{"value": "x".repeat(MAX_ID)}]),
        json!([{"value": "a", "operation": "delete"}]),
    ] {
        assert_eq!(refused(&value, Preset::Standard), Kind::InvalidValue, "{value}");
        assert_eq!(refused(&value, Preset::Rfc), Kind::InvalidValue, "{value}");
    }
    assert_eq!(member_ids(&json!(null), Preset::Rfc).unwrap(), [""; 0]);
    assert_eq!(member_ids(&json!([{"value": "a"}]), Preset::Rfc).unwrap(), ["a"]);
}

const MAX_ID: usize = value::MAX_TEXT_BYTES + 1;

#[test]
fn a_finished_document_has_its_schemas_its_order_and_nothing_empty() {
    let document = finished(
        USER_KIND,
        json!({
            "meta": {"resourceType": "User"}, "urn:foreign:b": {"x": []}, "urn:foreign:a": {"y": 1},
            (COUNTERSIGN_USER): {"technicalNotifications": true},
            (ENTERPRISE_USER): {"department": "D", "manager": {}},
            "emails": [{"value": "a", "type": null}, {}], "ims": [[]], "name": {"givenName": null},
            "active": false, "title": "", "userName": "u", "nothing": 1, "id": "7",
        }),
    );
    let expect = json!({
        "schemas": [USER, ENTERPRISE_USER, COUNTERSIGN_USER, "urn:foreign:b", "urn:foreign:a"],
        "id": "7", "userName": "u", "title": "", "active": false, "emails": [{"value": "a"}],
        (ENTERPRISE_USER): {"department": "D"},
        (COUNTERSIGN_USER): {"technicalNotifications": true},
        "urn:foreign:b": {"x": []}, "urn:foreign:a": {"y": 1}, "meta": {"resourceType": "User"},
    });
    assert_eq!(document.to_string(), expect.to_string());
}

#[test]
fn an_extension_that_has_become_empty_is_no_longer_in_schemas() {
    let document = json!({"userName": "u", (ENTERPRISE_USER): {"manager": {"value": null}}});
    assert_eq!(finished(USER_KIND, document), json!({"schemas": [USER], "userName": "u"}));
}

fn body() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (0_u32..99).prop_map(Value::from),
        "(True|x|a@B|)".prop_map(Value::from),
    ];
    let sub = "(value|Type|primary|givenName|managerId|display|x)";
    let object = prop::collection::btree_map(sub, scalar.clone(), 0..4)
        .prop_map(|map| map.into_iter().collect::<Value>());
    let any_value = prop_oneof![
        scalar,
        object.clone(),
        prop::collection::vec(object, 0..4).prop_map(Value::from),
    ];
    let key = "(title|ACTIVE|emails|Name|manager|name\\.givenName|externalId|roles|x|urn:f:1|urn:ietf:params:scim:schemas:extension:enterprise:2\\.0:User)";
    prop::collection::btree_map(key, any_value, 0..6).prop_map(|mut map| {
        map.insert("userName".to_owned(), json!("u"));
        map.insert("schemas".to_owned(), json!([USER]));
        map.into_iter().collect()
    })
}

proptest! {
    #[test]
    fn what_was_stored_reads_back_unchanged_under_both_presets(body in body()) {
        if let Ok(read_once) = read(USER_KIND, body, Preset::Standard) {
            let stored = finish(USER_KIND, read_once.document).unwrap();
            prop_assert_eq!(finish(USER_KIND, stored.clone()).unwrap(), stored.clone());
            for preset in [Preset::Standard, Preset::Rfc] {
                let again = read(USER_KIND, Value::Object(stored.clone()), preset).unwrap();
                prop_assert_eq!(again.notes, Notes::default());
                let text = Value::Object(finish(USER_KIND, again.document).unwrap()).to_string();
                prop_assert_eq!(text, Value::Object(stored.clone()).to_string());
            }
        }
    }
}
