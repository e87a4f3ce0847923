//! What Okta, authentik, Oracle and others send (SCIM.md §1.2, §1.9, §1.12, §1.13, §6).

use serde_json::{Value, json};

use crate::scim::error::Kind;
use crate::scim::patch::tests::{
    body, check, check_in, patched, refused, refused_in, user, user_with,
};
use crate::scim::preset::Preset;
use crate::scim::schema::{COUNTERSIGN_USER, ENTERPRISE_USER, ResourceKind};

#[test]
fn okta_deactivates_and_syncs_passwords_without_path() {
    check(json!([{"op": "replace", "value": {"active": false}}]), json!({"active": false}));
    check(json!([{"op": "replace", "value": {"password": "1mz050nq"}}]), json!({}));
}

#[test]
fn okta_sends_a_groups_own_id_along() {
    let group = json!({"id": "g", "displayName": "Old"});
    let rename =
        body(json!([{"op": "replace", "value": {"id": "g", "displayName": "Test SCIMv2"}}]));
    for preset in [Preset::Standard, Preset::Rfc] {
        let (renamed, _, _) =
            patched(ResourceKind::Group, group.clone(), rename.clone(), preset).unwrap();
        assert_eq!(renamed["displayName"], "Test SCIMv2");
    }
}

#[test]
fn authentik_replaces_by_the_whole_resource() {
    let whole = json!([{"op": "replace", "value": {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "u1", "externalId": "e2",
        "userName": "bjensen", "groups": [], "meta": {"resourceType": "User"}, "title": null,
        "name": {"formatted": "B J"}, "photos": null,
        COUNTERSIGN_USER: {"technicalNotifications": true},
    }}]);
    check_in(
        Preset::Standard,
        whole.clone(),
        json!({
            "externalId": "e2",
            "title": null,
            "name": {"formatted": "B J", "familyName": "Jensen", "givenName": "Barbara"},
            COUNTERSIGN_USER: {"technicalNotifications": true},
        }),
    );
    refused_in(Preset::Rfc, whole, Kind::Mutability);
}

#[test]
fn oracle_wraps_single_values_in_lists() {
    let wrapped = json!([{"op": "replace", "path": "active", "value": ["false"]}]);
    check_in(Preset::Standard, wrapped.clone(), json!({"active": false}));
    refused_in(Preset::Rfc, wrapped, Kind::InvalidValue);
    check_in(
        Preset::Standard,
        json!([{"op": "replace", "path": "name", "value": [{"givenName": "B"}]}]),
        json!({"name": {"familyName": "Jensen", "givenName": "B"}}),
    );
    check_in(
        Preset::Standard,
        json!([{"op": "add", "path": "emails[type eq \"work\"].value", "value": ["w@x.com"]}]),
        json!({"emails": [
            {"value": "w@x.com", "type": "work", "primary": true},
            {"value": "home@x.com", "type": "home"},
        ]}),
    );
}

#[test]
fn lists_may_be_a_single_value_or_bare_texts() {
    let other = json!({"emails": [
        {"value": "work@x.com", "type": "work", "primary": true},
        {"value": "home@x.com", "type": "home"},
        {"value": "o@x.com"},
    ]});
    for value in [json!({"value": "o@x.com"}), json!("o@x.com"), json!(["o@x.com"])] {
        check_in(
            Preset::Standard,
            json!([{"op": "add", "path": "emails", "value": value}]),
            other.clone(),
        );
    }
    let home = json!([{"op": "remove", "path": "emails", "value": "home@x.com"}]);
    let work = json!({"emails": [{"value": "work@x.com", "type": "work", "primary": true}]});
    check_in(Preset::Standard, home, work);
}

#[test]
fn unknown_paths_are_ignored_and_counted_but_under_rfc() {
    for operations in [
        json!([{"op": "add", "path": "favouriteColour", "value": "blue"}]),
        json!([{"op": "remove", "path": "favouriteColour"}]),
        json!([{"op": "add", "path": "name.nick", "value": "x"}]),
        json!([{"op": "add", "path": "favourites[type eq \"x\"].value", "value": "x"}]),
        json!([{"op": "add", "path": "emails[type eq \"work\"].colour", "value": "x"}]),
        json!([{"op": "replace", "value": {"favouriteColour": "blue"}}]),
        json!([{"op": "replace", "value": {"some key": "blue"}}]),
        json!([{"op": "replace", "value": {ENTERPRISE_USER: {"colour": "blue"}}}]),
        json!([{"op": "replace", "path": ENTERPRISE_USER, "value": {"colour": "blue"}}]),
        json!([{"op": "add", "path": format!("{ENTERPRISE_USER}:colour"), "value": "blue"}]),
    ] {
        let done = patched(ResourceKind::User, user(), body(operations.clone()), Preset::Standard);
        let (_, changed, notes) = done.unwrap();
        assert_eq!((changed, notes.dropped), (false, 1), "DECISIONS 20: {operations}");
        refused_in(Preset::Rfc, operations, Kind::InvalidPath);
    }
}

#[test]
fn malformed_paths_and_filters_are_refused() {
    for path in [
        "emails[",
        "emails[type eq \"work\"",
        "emails[type eq \"work\"]value",
        "emails[type eq \"work\"].",
        "emails[type eq \"work\"].a.b",
        "emails]",
        ".name",
        "name.",
        "name..givenName",
        "a b",
        "name.a.b",
        "[type eq \"x\"]",
        "userName[value eq \"x\"]",
        "emails.type[value eq \"x\"]",
        "1name",
        "name[\"]\"",
    ] {
        refused(json!([{"op": "replace", "path": path, "value": "x"}]), Kind::InvalidPath);
    }
    for path in [
        "emails[]",
        "emails[type]",
        "emails[type xx \"y\"]",
        "emails[type eq \"x\" and]",
        "emails[primary gt true].value",
    ] {
        refused(json!([{"op": "replace", "path": path, "value": "x"}]), Kind::InvalidFilter);
    }
    let brackets = json!([{"op": "add", "path": "ims[type eq \"a]\\\"]b\"].value", "value": "x"}]);
    check(brackets, json!({"ims": [{"value": "x", "type": "a]\"]b"}]}));
}

#[test]
fn a_core_urn_changes_nothing() {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    check(
        json!([{"op": "replace", "path": format!("{core}:title"), "value": "T"}]),
        json!({"title": "T"}),
    );
    check(
        json!([{"op": "remove", "path": format!("{core}:emails[type eq \"home\"]")}]),
        json!({"emails": [{"value": "work@x.com", "type": "work", "primary": true}]}),
    );
    check_in(
        Preset::Standard,
        json!([{"op": "replace", "value": {core: {"title": "T", "name.givenName": "B"}}}]),
        json!({"title": "T", "name": {"familyName": "Jensen", "givenName": "B"}}),
    );
}

#[test]
fn an_extension_appears_with_its_first_value_and_goes_with_its_last() {
    let without: Value = user_with(json!({ENTERPRISE_USER: null}));
    let add =
        body(json!([{"op": "add", "path": format!("{ENTERPRISE_USER}:division"), "value": "D"}]));
    let (made, _, _) = patched(ResourceKind::User, without.clone(), add, Preset::Rfc).unwrap();
    assert_eq!(made[ENTERPRISE_USER], json!({"division": "D"}));
    let remove = body(json!([{"op": "remove", "path": format!("{ENTERPRISE_USER}:division")}]));
    let (gone, _, _) = patched(ResourceKind::User, made, remove, Preset::Rfc).unwrap();
    assert_eq!(gone, without);
    check(
        json!([{"op": "replace", "value": {ENTERPRISE_USER: null}}]),
        json!({ENTERPRISE_USER: null}),
    );
    check(json!([{"op": "add", "value": {ENTERPRISE_USER: null}}]), json!({}));
    check(
        json!([{"op": "add", "path": ENTERPRISE_USER, "value": {"division": "D"}}]),
        json!({ENTERPRISE_USER: {
            "division": "D", "department": "Tours", "manager": {"value": "m1", "$ref": "../Users/m1"},
        }}),
    );
}
