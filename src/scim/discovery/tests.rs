//! What the discovery documents say.

use super::*;
use crate::scim::schema::{COUNTERSIGN_USER, ENTERPRISE_USER, GROUP, USER};

const BASE: &str = "https://id.example.org/scim/v2/c1";
const LIMITS: Limits = Limits {
    max_operations: 0,
    max_payload_bytes: 1_048_576,
    max_results: 1000,
    default_page: 100,
};

fn everything() -> Vec<Value> {
    let mut all = vec![service_provider_config(BASE, &LIMITS)];
    all.extend(resource_types(BASE));
    all.extend(schemas(BASE));
    all
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(holds_null),
        Value::Object(entries) => entries.values().any(holds_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[test]
fn every_resource_names_its_schema_and_its_place_and_holds_no_null() {
    for resource in everything() {
        assert!(!holds_null(&resource), "{resource}");
        let own_type = resource["meta"]["resourceType"].as_str().unwrap();
        let schema = resource["schemas"][0].as_str().unwrap();
        assert_eq!(schema.rsplit(':').next(), Some(own_type));
        let location = resource["meta"]["location"].as_str().unwrap();
        let id = resource["id"].as_str().map(|id| format!("s/{id}")).unwrap_or_default();
        assert_eq!(location, format!("{BASE}/{own_type}{id}"));
    }
}

#[test]
fn the_schemas_are_all_there_with_their_attributes() {
    let schemas = schemas(BASE);
    let ids: Vec<&str> = schemas.iter().filter_map(|schema| schema["id"].as_str()).collect();
    let expect = [
        USER,
        ENTERPRISE_USER,
        COUNTERSIGN_USER,
        GROUP,
        "urn:ietf:params:scim:schemas:core:2.0:Role",
        "urn:ietf:params:scim:schemas:core:2.0:Entitlement",
        "urn:okta:scim:schemas:core:1.0:Role",
        "urn:okta:scim:schemas:core:1.0:Entitlement",
        SERVICE_PROVIDER_CONFIG,
        RESOURCE_TYPE,
        SCHEMA,
    ];
    assert_eq!(ids, expect);
    for schema in &schemas {
        assert!(!schema["attributes"].as_array().unwrap().is_empty());
    }
    let user_name = &schemas[0]["attributes"][0];
    assert_eq!(user_name["name"], "userName");
    assert_eq!(user_name["caseExact"], false);
    assert_eq!(user_name["multiValued"], false);
}

/// The discovery resources keep to the schemas that are published for them.
#[test]
fn every_attribute_of_a_discovery_resource_is_in_its_schema() {
    let schemas = schemas(BASE);
    for resource in everything() {
        let own = schemas.iter().find(|schema| schema["id"] == resource["schemas"][0]).unwrap();
        check(&resource, own["attributes"].as_array().unwrap(), &["schemas", "meta"]);
    }
}

#[track_caller]
fn check(value: &Value, attributes: &[Value], besides: &[&str]) {
    let Value::Object(entries) = value else {
        for item in value.as_array().into_iter().flatten() {
            check(item, attributes, besides);
        }
        return;
    };
    for attribute in attributes.iter().filter(|attribute| attribute["required"] == true) {
        assert!(entries.contains_key(attribute["name"].as_str().unwrap()), "{attribute} {value}");
    }
    for (key, inner) in entries.iter().filter(|(key, _)| !besides.contains(&key.as_str())) {
        let attribute = attributes.iter().find(|attribute| attribute["name"] == **key);
        let Some(attribute) = attribute else {
            // The schema of schemas describes two levels; its own third one is not described.
            assert_eq!(key, "subAttributes", "no schema has {key}");
            continue;
        };
        assert_eq!(attribute["multiValued"], inner.is_array(), "{key}");
        if let Some(subs) = attribute["subAttributes"].as_array() {
            check(inner, subs, &[]);
        }
    }
}

#[test]
fn the_published_limits_are_those_given_and_one_operation_is_always_allowed() {
    let config = service_provider_config(BASE, &LIMITS);
    assert_eq!(config["bulk"]["supported"], false);
    assert_eq!(config["bulk"]["maxOperations"], 1);
    assert_eq!(config["bulk"]["maxPayloadSize"], 1_048_576);
    assert_eq!(config["filter"]["maxResults"], 1000);
    assert_eq!(config["pagination"]["defaultPageSize"], 100);
    assert_eq!(config["pagination"]["maxPageSize"], 1000);
}

#[test]
fn the_resource_types_name_endpoints_and_extensions_none_of_them_required() {
    let [user, group, ..] = &resource_types(BASE)[..] else { panic!("two types") };
    assert_eq!(user["endpoint"], "/Users");
    assert_eq!(group["endpoint"], "/Groups");
    let extensions = user["schemaExtensions"].as_array().unwrap();
    assert!(extensions.iter().all(|extension| extension["required"] == false));
    assert_eq!(extensions.len(), 2);
}
