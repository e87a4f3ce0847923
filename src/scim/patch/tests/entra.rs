//! What Microsoft Entra ID sends, in both of its dialects (SCIM.md §1.1).

use serde_json::{Value, json};

use crate::scim::error::Kind;
use crate::scim::patch::tests::{body, check_in, patched, refused_in, user_with};
use crate::scim::preset::Preset;
use crate::scim::schema::{ENTERPRISE_USER, ResourceKind};

#[track_caller]
fn check(operations: Value, changes: Value) {
    check_in(Preset::Standard, operations, changes);
}

/// The enterprise extension with another manager, or none.
fn managed(manager: Option<Value>) -> Value {
    let mut extension = json!({"department": "Tours"});
    if let Some(manager) = manager {
        extension["manager"] = manager;
    }
    json!({ENTERPRISE_USER: extension})
}

#[test]
fn the_dialect_without_flag_has_capital_verbs_and_text_booleans() {
    check(
        json!([
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Add", "path": "nickName", "value": "Babs"},
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "updated@microsoft.com"},
            {"op": "Replace", "path": "name.familyName", "value": "updatedFamilyName"},
            {"op": "Add", "path": "externalId", "value": "mjones"},
            {"op": "Add", "path": format!("{ENTERPRISE_USER}:employeeNumber"), "value": "12345"},
        ]),
        json!({
            "active": false,
            "nickName": "Babs",
            "emails": [
                {"value": "updated@microsoft.com", "type": "work", "primary": true},
                {"value": "home@x.com", "type": "home"},
            ],
            "name": {"familyName": "updatedFamilyName", "givenName": "Barbara"},
            "externalId": "mjones",
            ENTERPRISE_USER: {
                "employeeNumber": "12345",
                "department": "Tours",
                "manager": {"value": "m1", "$ref": "../Users/m1"},
            },
        }),
    );
    refused_in(
        Preset::Rfc,
        json!([{"op": "Add", "path": "title", "value": "x"}]),
        Kind::InvalidSyntax,
    );
    refused_in(
        Preset::Rfc,
        json!([{"op": "add", "path": "active", "value": "True"}]),
        Kind::InvalidValue,
    );
}

#[test]
fn the_dialect_with_flag_has_dotted_and_urn_keys() {
    check(
        json!([
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "someone@contoso.com"},
            {"op": "replace", "path": "emails[type eq \"work\"].primary", "value": true},
            {"op": "replace", "value": {
                "active": false, "userName": "someone", "displayName": "Bjfe",
                "name.givenName": "Kkom", "name.familyName": "Unua",
                format!("{ENTERPRISE_USER}:employeeNumber"): "Aklq",
            }},
        ]),
        json!({
            "active": false,
            "userName": "someone",
            "displayName": "Bjfe",
            "name": {"familyName": "Unua", "givenName": "Kkom"},
            "emails": [
                {"value": "someone@contoso.com", "type": "work", "primary": true},
                {"value": "home@x.com", "type": "home"},
            ],
            ENTERPRISE_USER: {
                "employeeNumber": "Aklq",
                "department": "Tours",
                "manager": {"value": "m1", "$ref": "../Users/m1"},
            },
        }),
    );
}

#[test]
fn values_without_path_may_nest() {
    let m2 = managed(Some(json!({"value": "m2"})));
    for (key, value, changes) in [
        (
            "name".to_owned(),
            json!({"givenName": "x"}),
            json!({"name": {"familyName": "Jensen", "givenName": "x"}}),
        ),
        (format!("{ENTERPRISE_USER}:manager"), json!("m2"), m2.clone()),
        (format!("{ENTERPRISE_USER}:manager.value"), json!("m2"), m2.clone()),
        (ENTERPRISE_USER.to_owned(), json!({"manager.value": "m2"}), m2.clone()),
        (ENTERPRISE_USER.to_owned(), json!({"manager": {"value": "m2"}}), m2),
        (
            ENTERPRISE_USER.to_uppercase(),
            json!({"Department": "x"}),
            json!({ENTERPRISE_USER: {"department": "x", "manager": {"value": "m1", "$ref": "../Users/m1"}}}),
        ),
        (
            format!("{ENTERPRISE_USER}:manager"),
            json!({"value": "m2", "$ref": "../Users/m2"}),
            managed(Some(json!({"value": "m2", "$ref": "../Users/m2"}))),
        ),
    ] {
        check(json!([{"op": "replace", "value": {key: value}}]), changes);
    }
}

#[test]
fn a_value_path_may_be_a_key() {
    check(
        json!([{"op": "replace", "value": {"emails[type eq \"work\"].value": "x@x.com", "emails[type eq \"other\"].value": "o@x.com"}}]),
        json!({"emails": [
            {"value": "x@x.com", "type": "work", "primary": true},
            {"value": "home@x.com", "type": "home"},
            {"value": "o@x.com", "type": "other"},
        ]}),
    );
    refused_in(
        Preset::Rfc,
        json!([{"op": "replace", "value": {"emails[type eq \"work\"].value": "x"}}]),
        Kind::InvalidPath,
    );
    refused_in(
        Preset::Rfc,
        json!([{"op": "replace", "value": {"name.givenName": "x"}}]),
        Kind::InvalidPath,
    );
}

#[test]
fn a_value_path_that_finds_nothing_makes_its_element() {
    for verb in ["Add", "Replace"] {
        check(
            json!([
                {"op": verb, "path": "addresses[type eq \"work\"].streetAddress", "value": "1 Main St"},
                {"op": verb, "path": "addresses[type eq \"work\"].locality", "value": "Springfield"},
                {"op": verb, "path": "phoneNumbers[type eq \"mobile\"].value", "value": "555"},
            ]),
            json!({
                "addresses": [{"streetAddress": "1 Main St", "locality": "Springfield", "type": "work"}],
                "phoneNumbers": [{"value": "555", "type": "mobile"}],
            }),
        );
        check(
            json!([
                {"op": verb, "path": "roles[primary eq \"True\"].display", "value": "Administrator"},
                {"op": verb, "path": "roles[primary eq \"True\"].value", "value": "Admin"},
                {"op": verb, "path": "roles[primary eq \"True\"].type", "value": "AD"},
            ]),
            json!({"roles": [{"value": "Admin", "display": "Administrator", "type": "AD", "primary": true}]}),
        );
    }
}

#[test]
fn the_text_of_a_filter_is_kept_as_written() {
    check(
        json!([{"op": "Add", "path": "ims[type eq \"MS-Teams\"].value", "value": "b"}]),
        json!({"ims": [{"value": "b", "type": "MS-Teams"}]}),
    );
}

#[test]
fn managers_come_in_every_shape() {
    let reference = json!({"value": "54D3", "$ref": "http://host/scim/Users/54D3"});
    let urn = format!("{ENTERPRISE_USER}:manager");
    check(
        json!([{"op": "Add", "path": "manager", "value": [reference]}]),
        managed(Some(reference)),
    );
    let m271 = managed(Some(json!({"value": "271"})));
    check(json!([{"op": "Add", "path": urn, "value": "271"}]), m271.clone());
    check(json!([{"op": "replace", "path": urn, "value": {"value": "271"}}]), m271.clone());
    check(json!([{"op": "Replace", "path": "manager.value", "value": "271"}]), m271.clone());
    check(
        json!([{"op": "Replace", "path": "manager", "value": {"managerId": "271"}}]),
        m271.clone(),
    );
    check(
        json!([{"op": "Replace", "path": "manager", "value": {"value": 271, "displayName": "M"}}]),
        m271,
    );
    check(json!([{"op": "Remove", "path": "manager"}]), managed(None));
    check(json!([{"op": "Remove", "path": urn}]), managed(None));
    check(json!([{"op": "Remove", "path": "manager", "value": [{"value": "m1"}]}]), managed(None));
    refused_in(Preset::Rfc, json!([{"op": "remove", "path": "manager"}]), Kind::InvalidPath);
}

#[test]
fn empty_means_unassigned() {
    for value in [json!(""), json!({"value": ""}), json!({"value": null}), json!(null), json!([])] {
        check(json!([{"op": "Replace", "path": "manager", "value": value}]), managed(None));
    }
    for value in [json!(""), json!(null)] {
        check(json!([{"op": "Replace", "path": "manager.value", "value": value}]), managed(None));
    }
    check(json!([{"op": "Replace", "path": "profileUrl", "value": ""}]), json!({}));
    check(
        json!([{"op": "Replace", "path": "externalId", "value": ""}]),
        json!({"externalId": null}),
    );
    let home = json!({"emails": [{"value": "home@x.com", "type": "home"}]});
    check(json!([{"op": "Remove", "path": "emails[type eq \"work\"].value"}]), home.clone());
    check(
        json!([{"op": "Replace", "path": "emails[type eq \"work\"].value", "value": ""}]),
        home.clone(),
    );
    check(json!([{"op": "Replace", "path": "emails[type eq \"work\"]", "value": null}]), home);
    check(
        json!([{"op": "Replace", "path": "emails[type eq \"other\"].value", "value": ""}]),
        json!({}),
    );
    check(json!([{"op": "Replace", "path": "title", "value": ""}]), json!({"title": ""}));
}

#[test]
fn clearing_every_part_of_an_address_clears_the_address() {
    check(
        json!([
            {"op": "Add", "path": "addresses[type eq \"work\"].streetAddress", "value": "1 Main St"},
            {"op": "Add", "path": "addresses[type eq \"work\"].locality", "value": "Springfield"},
            {"op": "Remove", "path": "addresses[type eq \"work\"].streetAddress"},
            {"op": "Remove", "path": "addresses[type eq \"work\"].locality"},
        ]),
        json!({}),
    );
}

#[test]
fn roles_are_kept_as_sent() {
    let text = "{\"id\":\"06b07648\",\"value\":\"25\",\"displayName\":\"Role1234\"}";
    check(
        json!([{"op": "Add", "path": "roles", "value": [{"value": text}, {"value": "2"}]}]),
        json!({"roles": [{"value": text}, {"value": "2"}]}),
    );
    let role = |value: &str| json!({"value": value, "display": "User", "type": "WindowsAzureActiveDirectoryRole", "primary": false});
    check(
        json!([
            {"op": "Add", "path": "roles", "value": [role("Admin")]},
            {"op": "replace", "path": "roles", "value": [role("User")]},
        ]),
        json!({"roles": [role("User")]}),
    );
    check(
        json!([{"op": "Add", "path": "roles", "value": [{"value": "Admin", "displayName": "Admin", "primary": "False"}]}]),
        json!({"roles": [{"value": "Admin", "display": "Admin", "primary": false}]}),
    );
}

#[test]
fn a_custom_extension_is_kept_though_no_schema_knows_it() {
    let urn = "urn:ietf:params:scim:schemas:extension:Custom:2.0:User";
    let (made, _, notes) = patched(
        ResourceKind::User,
        user_with(json!({})),
        body(json!([
            {"op": "Add", "path": format!("{urn}:tag"), "value": "blue"},
            {"op": "replace", "value": {format!("{}:size", urn.to_uppercase()): 5, urn: {"Tag": "red"}}},
        ])),
        Preset::Standard,
    )
    .unwrap();
    assert_eq!(made[urn], json!({"tag": "red", "size": 5}));
    assert_eq!(notes.dropped, 0);
}
