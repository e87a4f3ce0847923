//! PATCH from body to document, by the RFC's letter; the clients' dialects stand below.

use serde_json::{Map, Value, json};

use crate::scim::error::{Kind, Result};
use crate::scim::patch::{apply, read};
use crate::scim::preset::Preset;
use crate::scim::resource;
use crate::scim::schema::{ENTERPRISE_USER, ResourceKind};
use crate::scim::value::Notes;

mod clients;
mod entra;
mod laws;

/// A user as stored.
fn user() -> Value {
    json!({
        "id": "u1",
        "externalId": "e1",
        "userName": "bjensen",
        "name": {"familyName": "Jensen", "givenName": "Barbara"},
        "title": "Guide",
        "active": true,
        "emails": [
            {"value": "work@x.com", "type": "work", "primary": true},
            {"value": "home@x.com", "type": "home"},
        ],
        ENTERPRISE_USER: {"department": "Tours", "manager": {"value": "m1", "$ref": "../Users/m1"}},
    })
}

/// A body of operations.
#[expect(clippy::needless_pass_by_value, reason = "literals read better without `&`")]
fn body(operations: Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

/// The document afterwards, and whether it changed; as stored, without `schemas`.
fn patched(
    kind: ResourceKind,
    document: Value,
    body: Value,
    preset: Preset,
) -> Result<(Value, bool, Notes)> {
    let Value::Object(mut document) = document else { panic!("an object") };
    let before = document.clone();
    let mut notes = Notes::default();
    let operations = read(kind, body, preset, 1000, &mut notes)?;
    let changed = apply(kind, &mut document, &operations, preset, &mut notes)?;
    assert_eq!(changed, document != before, "the answer tells whether the document changed");
    let finished = finish(kind, &document);
    assert_eq!(changed, finished != finish(kind, &before), "what is stored changed too");
    let as_it_is = Value::Object(document);
    assert_eq!(as_it_is, finished, "the document is canonical already");
    Ok((as_it_is, changed, notes))
}

fn finish(kind: ResourceKind, document: &Map<String, Value>) -> Value {
    let mut finished = resource::finish(kind, document.clone()).unwrap();
    finished.shift_remove("schemas");
    Value::Object(finished)
}

/// The user with `changes` laid over it, `null` taking keys away.
fn user_with(changes: Value) -> Value {
    let (Value::Object(mut user), Value::Object(changes)) = (user(), changes) else {
        panic!("objects")
    };
    for (key, value) in changes {
        if value.is_null() {
            user.shift_remove(&key);
        } else {
            user.insert(key, value);
        }
    }
    Value::Object(user)
}

#[expect(clippy::needless_pass_by_value, reason = "literals read better without `&`")]
#[track_caller]
fn check_in(preset: Preset, operations: Value, changes: Value) {
    let (document, _, _) = patched(ResourceKind::User, user(), body(operations.clone()), preset)
        .unwrap_or_else(|error| panic!("{preset:?} {operations}: {} {error}", error.kind));
    assert_eq!(document, user_with(changes), "{preset:?} {operations}");
}

/// What the operations make of [`user`], as keys that differ, under both presets.
#[track_caller]
fn check(operations: Value, changes: Value) {
    check_in(Preset::Standard, operations.clone(), changes.clone());
    check_in(Preset::Rfc, operations, changes);
}

#[expect(clippy::needless_pass_by_value, reason = "literals read better without `&`")]
#[track_caller]
fn refused_in(preset: Preset, operations: Value, kind: Kind) {
    match patched(ResourceKind::User, user(), body(operations.clone()), preset) {
        Ok((document, _, _)) => panic!("{preset:?} {operations} gave {document}"),
        Err(error) => assert_eq!(error.kind, kind, "{preset:?} {operations}: {error}"),
    }
}

#[track_caller]
fn refused(operations: Value, kind: Kind) {
    refused_in(Preset::Standard, operations.clone(), kind);
    refused_in(Preset::Rfc, operations, kind);
}

#[test]
fn add_sets_single_values_and_appends_to_lists() {
    check(json!([{"op": "add", "path": "nickName", "value": "Babs"}]), json!({"nickName": "Babs"}));
    check(json!([{"op": "add", "path": "title", "value": "Boss"}]), json!({"title": "Boss"}));
    check(
        json!([{"op": "add", "path": "emails", "value": [{"value": "new@x.com", "type": "other"}]}]),
        json!({"emails": [
            {"value": "work@x.com", "type": "work", "primary": true},
            {"value": "home@x.com", "type": "home"},
            {"value": "new@x.com", "type": "other"},
        ]}),
    );
    check(
        json!([{"op": "add", "path": "name", "value": {"middleName": "J"}}]),
        json!({"name": {"familyName": "Jensen", "givenName": "Barbara", "middleName": "J"}}),
    );
    check(
        json!([{"op": "add", "value": {"nickName": "Babs", "emails": [{"value": "home@x.com", "type": "home"}]}}]),
        json!({"nickName": "Babs"}),
    );
}

#[test]
fn adding_what_is_there_is_no_change() {
    for operations in [
        json!([{"op": "add", "path": "title", "value": "Guide"}]),
        json!([{"op": "add", "path": "emails", "value": [{"value": "HOME@x.com", "type": "Home"}]}]),
        json!([{"op": "add", "path": "emails", "value": [{"value": "work@x.com"}]}]),
        json!([{"op": "add", "path": "emails", "value": []}]),
        json!([{"op": "add", "path": "name", "value": {"givenName": "Barbara"}}]),
        json!([{"op": "add", "path": "emails[type eq \"work\"].value", "value": "work@x.com"}]),
        json!([{"op": "replace", "path": "active", "value": true}]),
        json!([{"op": "remove", "path": "nickName"}]),
        json!([{"op": "add", "path": "nickName", "value": "x"}, {"op": "remove", "path": "nickName"}]),
    ] {
        for preset in [Preset::Standard, Preset::Rfc] {
            let done = patched(ResourceKind::User, user(), body(operations.clone()), preset);
            assert!(!done.unwrap().1, "{operations}");
        }
    }
}

#[test]
fn replace_merges_complex_values_and_replaces_lists() {
    check(
        json!([{"op": "replace", "path": "name", "value": {"givenName": "Babs"}}]),
        json!({"name": {"familyName": "Jensen", "givenName": "Babs"}}),
    );
    check(
        json!([{"op": "replace", "path": "name", "value": {"givenName": null}}]),
        json!({"name": {"familyName": "Jensen"}}),
    );
    check(
        json!([{"op": "replace", "path": "emails", "value": [{"value": "only@x.com"}]}]),
        json!({"emails": [{"value": "only@x.com"}]}),
    );
    check(
        json!([{"op": "replace", "path": "nickName", "value": "Babs"}]),
        json!({"nickName": "Babs"}),
    );
    check(json!([{"op": "replace", "path": "name", "value": {}}]), json!({}));
    check(json!([{"op": "replace", "path": "name", "value": null}]), json!({"name": null}));
    check(json!([{"op": "replace", "path": "emails", "value": []}]), json!({"emails": null}));
    check(json!([{"op": "replace", "path": "title", "value": null}]), json!({"title": null}));
}

#[test]
fn replace_of_a_matched_element_keeps_what_its_filter_said() {
    check(
        json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": "w2@x.com", "display": "W"}}]),
        json!({"emails": [
            {"value": "w2@x.com", "display": "W", "type": "work"},
            {"value": "home@x.com", "type": "home"},
        ]}),
    );
    check(
        json!([{"op": "add", "path": "emails[type eq \"work\"]", "value": {"display": "W"}}]),
        json!({"emails": [
            {"value": "work@x.com", "display": "W", "type": "work", "primary": true},
            {"value": "home@x.com", "type": "home"},
        ]}),
    );
}

#[test]
fn replace_where_the_filter_matches_nothing_is_no_target_under_rfc() {
    for path in ["emails[type eq \"other\"].value", "emails[type eq \"other\"]"] {
        let value =
            if path.ends_with(']') { json!({"value": "o@x.com"}) } else { json!("o@x.com") };
        let replace = json!([{"op": "replace", "path": path, "value": value}]);
        let emails = json!({"emails": [
            {"value": "work@x.com", "type": "work", "primary": true},
            {"value": "home@x.com", "type": "home"},
            {"value": "o@x.com", "type": "other"},
        ]});
        check_in(Preset::Standard, replace.clone(), emails.clone());
        refused_in(Preset::Rfc, replace, Kind::NoTarget);
        check(json!([{"op": "add", "path": path, "value": value}]), emails);
    }
    let unmakeable =
        json!([{"op": "add", "path": "emails[type co \"x\"].value", "value": "o@x.com"}]);
    refused(unmakeable, Kind::NoTarget);
    let single =
        json!([{"op": "add", "path": "name[givenName eq \"X\"].middleName", "value": "M"}]);
    refused(single, Kind::NoTarget);
}

#[test]
fn remove_takes_attributes_sub_attributes_and_elements() {
    check(json!([{"op": "remove", "path": "title"}]), json!({"title": null}));
    check(json!([{"op": "remove", "path": "emails"}]), json!({"emails": null}));
    check(
        json!([{"op": "remove", "path": "name.givenName"}]),
        json!({"name": {"familyName": "Jensen"}}),
    );
    check(
        json!([{"op": "remove", "path": "emails[type eq \"home\"]"}]),
        json!({"emails": [{"value": "work@x.com", "type": "work", "primary": true}]}),
    );
    check(
        json!([{"op": "remove", "path": "emails[type eq \"work\"].primary"}]),
        json!({"emails": [{"value": "work@x.com", "type": "work"}, {"value": "home@x.com", "type": "home"}]}),
    );
    check(json!([{"op": "remove", "path": ENTERPRISE_USER}]), json!({ENTERPRISE_USER: null}));
    check(
        json!([{"op": "remove", "path": format!("{ENTERPRISE_USER}:manager")}]),
        json!({ENTERPRISE_USER: {"department": "Tours"}}),
    );
}

#[test]
fn when_the_last_value_goes_the_attribute_goes() {
    check(
        json!([{"op": "remove", "path": "emails[type eq \"home\"]"}, {"op": "remove", "path": "emails[primary eq true]"}]),
        json!({"emails": null}),
    );
    check(
        json!([{"op": "remove", "path": "name.givenName"}, {"op": "remove", "path": "name.familyName"}]),
        json!({"name": null}),
    );
    check(
        json!([
            {"op": "remove", "path": format!("{ENTERPRISE_USER}:department")},
            {"op": "remove", "path": format!("{ENTERPRISE_USER}:manager.value")},
        ]),
        json!({ENTERPRISE_USER: null}),
    );
}

#[test]
fn remove_with_a_list_removes_those_only() {
    let listed = |value: Value| json!([{"op": "remove", "path": "emails", "value": value}]);
    let work = json!({"emails": [{"value": "work@x.com", "type": "work", "primary": true}]});
    check(listed(json!([{"value": "Home@x.com"}])), work.clone());
    check(listed(json!([{"value": "home@x.com", "type": "home"}])), work);
    check(listed(json!([{"value": "home@x.com", "type": "work"}])), json!({}));
    check(listed(json!([{"value": "nobody@x.com"}])), json!({}));
    check(listed(json!([])), json!({}));
    check(listed(json!(null)), json!({"emails": null}));
}

#[test]
fn remove_where_nothing_matches_succeeds_but_under_rfc() {
    for path in ["emails[type eq \"other\"]", "emails[type eq \"other\"].value"] {
        let remove = json!([{"op": "remove", "path": path}]);
        check_in(Preset::Standard, remove.clone(), json!({}));
        refused_in(Preset::Rfc, remove, Kind::NoTarget);
    }
    check(json!([{"op": "remove", "path": "photos"}]), json!({}));
}

#[test]
fn what_is_read_only_or_required_stays() {
    refused(json!([{"op": "replace", "path": "id", "value": "u2"}]), Kind::Mutability);
    refused(json!([{"op": "replace", "value": {"id": "u2"}}]), Kind::Mutability);
    refused(json!([{"op": "remove", "path": "id"}]), Kind::Mutability);
    refused(json!([{"op": "remove", "path": "userName"}]), Kind::Mutability);
    refused(json!([{"op": "replace", "path": "userName", "value": null}]), Kind::InvalidValue);
    refused(json!([{"op": "add", "path": "groups", "value": [{"value": "g"}]}]), Kind::Mutability);
    refused(
        json!([{"op": "add", "path": "groups[value eq \"g\"].display", "value": "G"}]),
        Kind::Mutability,
    );
    refused(json!([{"op": "replace", "path": "meta.created", "value": "x"}]), Kind::Mutability);
    refused(json!([{"op": "replace", "path": "schemas", "value": []}]), Kind::Mutability);
    let name = format!("{ENTERPRISE_USER}:manager.displayName");
    refused(json!([{"op": "add", "path": name, "value": "M"}]), Kind::Mutability);
    check(json!([{"op": "replace", "path": "id", "value": "u1"}]), json!({}));
    check(json!([{"op": "replace", "value": {"id": "u1", "title": "T"}}]), json!({"title": "T"}));
}

#[test]
fn one_value_is_primary() {
    check(
        json!([{"op": "add", "path": "emails", "value": [{"value": "n@x.com", "primary": true}]}]),
        json!({"emails": [
            {"value": "work@x.com", "type": "work", "primary": false},
            {"value": "home@x.com", "type": "home"},
            {"value": "n@x.com", "primary": true},
        ]}),
    );
    let swapped = json!({"emails": [
        {"value": "work@x.com", "type": "work", "primary": false},
        {"value": "home@x.com", "type": "home", "primary": true},
    ]});
    check(
        json!([{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}]),
        swapped.clone(),
    );
    check(
        json!([{"op": "add", "path": "emails[type eq \"home\"]", "value": {"primary": true}}]),
        swapped.clone(),
    );
    check(
        json!([{"op": "add", "path": "emails", "value": [{"value": "home@x.com", "primary": true}]}]),
        swapped,
    );
    check(
        json!([{"op": "replace", "path": "emails.primary", "value": true}]),
        json!({"emails": [
            {"value": "work@x.com", "type": "work", "primary": true},
            {"value": "home@x.com", "type": "home", "primary": false},
        ]}),
    );
}

#[test]
fn operations_see_what_earlier_ones_did_and_all_fail_together() {
    check(
        json!([
            {"op": "add", "path": "emails[type eq \"other\"].value", "value": "o@x.com"},
            {"op": "add", "path": "emails[type eq \"other\"].display", "value": "O"},
            {"op": "remove", "path": "emails[type eq \"home\"]"},
        ]),
        json!({"emails": [
            {"value": "work@x.com", "type": "work", "primary": true},
            {"value": "o@x.com", "display": "O", "type": "other"},
        ]}),
    );
    let mut notes = Notes::default();
    let half = body(
        json!([{"op": "replace", "path": "title", "value": "T"}, {"op": "remove", "path": "id"}]),
    );
    let operations = read(ResourceKind::User, half, Preset::Standard, 10, &mut notes).unwrap();
    let Value::Object(mut document) = user() else { panic!("an object") };
    let done = apply(ResourceKind::User, &mut document, &operations, Preset::Standard, &mut notes);
    assert_eq!(done.unwrap_err().kind, Kind::Mutability);
    assert_eq!(Value::Object(document), user(), "nothing was changed");
}

#[test]
fn wrong_values_are_refused() {
    refused(json!([{"op": "replace", "path": "active", "value": "maybe"}]), Kind::InvalidValue);
    refused(json!([{"op": "replace", "path": "name", "value": ["a", "b"]}]), Kind::InvalidValue);
    refused(json!([{"op": "add", "path": "title", "value": {"a": 1}}]), Kind::InvalidValue);
    refused(json!([{"op": "replace", "path": ENTERPRISE_USER, "value": "x"}]), Kind::InvalidValue);
    refused(
        json!([{"op": "add", "path": "emails[type eq \"work\"].primary", "value": "often"}]),
        Kind::InvalidValue,
    );
    let many: Vec<Value> = (0..999).map(|n| json!({"value": format!("{n}@x.com")})).collect();
    refused(json!([{"op": "add", "path": "emails", "value": many}]), Kind::InvalidValue);
}

#[test]
fn a_password_is_accepted_and_not_kept() {
    check(json!([{"op": "replace", "path": "password", "value": "s3cret"}]), json!({}));
    check(json!([{"op": "replace", "value": {"password": "s3cret"}}]), json!({}));
    check(json!([{"op": "remove", "path": "password"}]), json!({}));
    refused(json!([{"op": "replace", "path": "password", "value": {"a": 1}}]), Kind::InvalidValue);
}

#[test]
fn a_sub_attribute_without_filter_is_that_of_every_element() {
    check(
        json!([{"op": "replace", "path": "emails.display", "value": "B"}]),
        json!({"emails": [
            {"value": "work@x.com", "display": "B", "type": "work", "primary": true},
            {"value": "home@x.com", "display": "B", "type": "home"},
        ]}),
    );
    check(
        json!([{"op": "add", "path": "ims.value", "value": "b"}]),
        json!({"ims": [{"value": "b"}]}),
    );
    check(
        json!([{"op": "remove", "path": "emails.type"}]),
        json!({"emails": [{"value": "work@x.com", "primary": true}, {"value": "home@x.com"}]}),
    );
}

#[test]
fn a_group_is_patched_like_a_user_but_for_its_members() {
    let group = json!({"id": "g", "displayName": "Tour Guides"});
    let rename = body(json!([{"op": "replace", "path": "displayName", "value": "Guides"}]));
    let (renamed, changed, _) =
        patched(ResourceKind::Group, group.clone(), rename, Preset::Rfc).unwrap();
    assert_eq!((renamed, changed), (json!({"id": "g", "displayName": "Guides"}), true));
    let members = body(json!([{"op": "add", "path": "members", "value": [{"value": "u"}]}]));
    let error = patched(ResourceKind::Group, group, members, Preset::Rfc).unwrap_err();
    assert_eq!(error.kind, Kind::InvalidPath, "they should have been split off");
}
