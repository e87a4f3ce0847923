//! Bodies as they come, and as they are refused.

use serde_json::{Value, json};

use crate::scim::error::Kind;
use crate::scim::patch::{Operation, Target, Verb, read};
use crate::scim::preset::Preset;
use crate::scim::schema::{ENTERPRISE_USER, ResourceKind};
use crate::scim::value::Notes;

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// An operation in one line: `add name.givenName "x"`.
fn sketch(operation: &Operation) -> String {
    let target = match &operation.target {
        Target::Path(path) => path.to_string(),
        Target::Element { path, sub, seed, .. } => {
            let sub = sub.map(|sub| format!(".{}", sub.name)).unwrap_or_default();
            format!("{path}[{}]{sub}", Value::Object(seed.clone()))
        }
        Target::Extension(schema) => format!("extension {}", schema.name),
        Target::Foreign(name) => format!("foreign {name}"),
    };
    let value = operation.value.as_ref().map_or("-".to_owned(), Value::to_string);
    format!("{} {target} {value}", operation.verb.as_str())
}

#[track_caller]
fn check_in(preset: Preset, body: &Value, expected: Result<&[&str], Kind>) {
    let mut notes = Notes::default();
    let read = read(ResourceKind::User, body.clone(), preset, 3, &mut notes);
    let sketched =
        read.as_ref().map(|operations| operations.iter().map(sketch).collect::<Vec<_>>());
    match (sketched, expected) {
        (Ok(operations), Ok(expected)) => assert_eq!(operations, expected, "{body}"),
        (Err(error), Err(kind)) => assert_eq!(error.kind, kind, "{body}: {error}"),
        (found, expected) => panic!("{preset:?} {body}: {found:?} but {expected:?}"),
    }
}

#[track_caller]
fn check(body: &Value, expected: Result<&[&str], Kind>) {
    check_in(Preset::Standard, body, expected);
}

fn operations(operations: &Value) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

#[test]
fn bodies_come_in_many_shapes() {
    let title = json!({"op": "replace", "path": "title", "value": "T"});
    let expected: &[&str] = &["replace title \"T\""];
    for body in [
        operations(&json!([title])),
        json!({"Operations": [title]}),
        json!({"operations": [title], "Schemas": []}),
        json!({"Operations": title}),
        json!({"Operations": [{"OP": "REPLACE", "Path": " title ", "Value": "T", "name": "addMember"}], "id": "x"}),
        json!({"Operations": [{"op": "Replace", "path": null, "value": {"title": "T"}}]}),
        json!({"Operations": [{"op": "rEpLaCe", "path": "", "value": [{"Title": "T"}]}]}),
    ] {
        check(&body, Ok(expected));
    }
    check_in(Preset::Rfc, &operations(&json!([title])), Ok(expected));
    check_in(Preset::Rfc, &json!({"Operations": [title]}), Err(Kind::InvalidSyntax));
    check_in(Preset::Rfc, &operations(&title), Err(Kind::InvalidSyntax));
}

#[test]
fn bodies_that_are_no_patch_are_refused() {
    for body in [
        json!([]),
        json!("x"),
        json!({}),
        json!({"Operations": null}),
        json!({"Operations": "x"}),
        json!({"Operations": ["x"]}),
        json!({"Operations": [{}]}),
        json!({"Operations": [{"op": "move", "path": "title"}]}),
        json!({"Operations": [{"op": 1, "path": "title"}]}),
        json!({"members": [{"value": "x", "operation": "delete"}]}),
    ] {
        check(&body, Err(Kind::InvalidSyntax));
        check_in(Preset::Rfc, &body, Err(Kind::InvalidSyntax));
    }
}

#[test]
fn no_operations_are_nothing_to_do_but_under_rfc() {
    check(&operations(&json!([])), Ok(&[]));
    check_in(Preset::Rfc, &operations(&json!([])), Err(Kind::InvalidSyntax));
}

#[test]
fn one_operation_too_many_names_the_limit() {
    let title = json!({"op": "remove", "path": "title"});
    check(&operations(&json!([title, title, title])), Ok(&["remove title -"; 3]));
    let body = operations(&json!([title, title, title, title]));
    let error =
        read(ResourceKind::User, body, Preset::Standard, 3, &mut Notes::default()).unwrap_err();
    assert_eq!(error.kind, Kind::TooLarge, "DECISIONS 24");
    assert_eq!(error.detail, "at most 3 operations are taken at once, not 4");
}

#[test]
fn values_without_path_cannot_grow_past_the_limit() {
    let entry = |n: usize| (format!("emails[value eq \"{n}\"].type"), json!("work"));
    let value: serde_json::Map<String, Value> = (0..1004).map(entry).collect();
    check(&operations(&json!([{"op": "add", "value": value}])), Err(Kind::TooLarge));
}

#[test]
fn path_and_value_must_be_there_where_they_belong() {
    check(&operations(&json!([{"op": "remove"}])), Err(Kind::NoTarget));
    check(&operations(&json!([{"op": "remove", "value": {"title": "x"}}])), Err(Kind::NoTarget));
    check(&operations(&json!([{"op": "remove", "path": ""}])), Err(Kind::NoTarget));
    check(&operations(&json!([{"op": "add", "path": "title"}])), Err(Kind::InvalidValue));
    check(&operations(&json!([{"op": "replace", "value": "x"}])), Err(Kind::InvalidValue));
    check(&operations(&json!([{"op": "replace", "value": null}])), Err(Kind::InvalidValue));
    check(&operations(&json!([{"op": "replace", "value": [{}, {}]}])), Err(Kind::InvalidValue));
    check(
        &operations(&json!([{"op": "replace", "path": 5, "value": "x"}])),
        Err(Kind::InvalidPath),
    );
    check_in(
        Preset::Rfc,
        &operations(&json!([{"op": "add", "path": "", "value": {}}])),
        Err(Kind::InvalidPath),
    );
}

#[test]
fn a_value_without_path_becomes_an_operation_per_key() {
    check(
        &operations(&json!([{"op": "add", "value": {
            "name": {"givenName": "x"},
            "Name.familyName": "y",
            format!("{ENTERPRISE_USER}:manager.value"): "m",
            ENTERPRISE_USER: {"department": "d", "manager.displayName": "read-only"},
            "roles[primary eq \"True\" and type eq \"T\"].value": "Admin",
            "urn:x:y": {"tag": 1},
            "urn:x:y:tag": 2,
            "schemas": [], "meta": {}, "groups": [], "id": "i",
        }}])),
        Ok(&[
            "add name {\"givenName\":\"x\"}",
            "add name.familyName \"y\"",
            "add urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value \"m\"",
            "add urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department \"d\"",
            "add roles[{\"primary\":true,\"type\":\"T\"}].value \"Admin\"",
            "add foreign urn:x:y {\"tag\":1}",
            "add foreign urn:x:y:tag 2",
            "add id \"i\"",
        ]),
    );
}

#[test]
fn extensions_are_taken_apart_unless_removed() {
    let urn = ENTERPRISE_USER;
    let typo = "urn:ietf:params:scim:schemas:extension:enterprise:2.0User";
    let department =
        "replace urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department \"d\"";
    for key in [urn, typo] {
        let value = json!({"department": "d"});
        check(
            &operations(&json!([{"op": "replace", "path": key, "value": value}])),
            Ok(&[department]),
        );
        check(&operations(&json!([{"op": "replace", "value": {key: value}}])), Ok(&[department]));
    }
    check(
        &operations(&json!([{"op": "remove", "path": urn}])),
        Ok(&["remove extension EnterpriseUser -"]),
    );
    check(
        &operations(&json!([{"op": "replace", "path": urn, "value": null}])),
        Ok(&["remove extension EnterpriseUser -"]),
    );
    check(
        &operations(&json!([{"op": "replace", "path": urn, "value": 5}])),
        Err(Kind::InvalidValue),
    );
}

#[test]
fn under_rfc_a_foreign_object_is_taken_but_no_foreign_path() {
    let object = operations(&json!([{"op": "add", "value": {"urn:x:y": {"tag": 1}}}]));
    check_in(Preset::Rfc, &object, Ok(&["add foreign urn:x:y {\"tag\":1}"]));
    let path = operations(&json!([{"op": "add", "path": "urn:x:y:tag", "value": 1}]));
    check_in(Preset::Rfc, &path, Err(Kind::InvalidPath));
    let key = operations(&json!([{"op": "add", "value": {"urn:x:y:tag": 1}}]));
    check_in(Preset::Rfc, &key, Err(Kind::InvalidPath));
}

#[test]
fn verbs_are_what_they_say() {
    let body = operations(&json!([{"op": "Add", "path": "title", "value": null}]));
    let read = read(ResourceKind::User, body, Preset::Standard, 3, &mut Notes::default()).unwrap();
    assert_eq!(read[0].verb, Verb::Add);
    assert_eq!(read[0].value, Some(Value::Null));
}
