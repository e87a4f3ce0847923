//! Which name resolves to which attribute.

use super::*;

const ENTERPRISE: &str = ENTERPRISE_USER;

/// `expect` is the canonical text, the URN in brackets for a whole extension, or empty.
#[track_caller]
fn check(kind: ResourceKind, text: &str, expect: &str) {
    let found = match resolve(kind, text) {
        Resolved::Attribute(path) => path.to_string(),
        Resolved::Extension(extension) => format!("[{}]", extension.id),
        Resolved::Unknown => String::new(),
    };
    assert_eq!(found, expect, "{text}");
}

#[test]
fn core_names_resolve_in_any_case() {
    check(ResourceKind::User, "userName", "userName");
    check(ResourceKind::User, "USERNAME", "userName");
    check(ResourceKind::User, "Name.FamilyName", "name.familyName");
    check(ResourceKind::User, "emails.value", "emails.value");
    check(ResourceKind::User, "meta.lastModified", "meta.lastModified");
    check(ResourceKind::Group, "members.$ref", "members.$ref");
}

#[test]
fn the_core_urn_may_precede_core_and_common_names() {
    check(ResourceKind::User, &format!("{}:userName", schema::USER), "userName");
    check(ResourceKind::User, &format!("{}:externalId", schema::USER), "externalId");
    check(ResourceKind::Group, &format!("{}:members.value", schema::GROUP), "members.value");
    check(ResourceKind::User, &format!("{}:members", schema::GROUP), "");
    check(ResourceKind::User, schema::USER, "");
}

#[test]
fn a_urn_is_not_split_at_its_dots() {
    let manager = format!("{ENTERPRISE}:manager.value");
    check(ResourceKind::User, &manager, &manager);
    check(ResourceKind::User, &manager.to_uppercase(), &manager);
    check(ResourceKind::User, &format!("{ENTERPRISE}:manager"), &format!("{ENTERPRISE}:manager"));
    check(ResourceKind::User, ENTERPRISE, &format!("[{ENTERPRISE}]"));
}

#[test]
fn the_misspelt_enterprise_urn_of_entra_is_understood() {
    let typo = ENTERPRISE.replace("2.0:User", "2.0User");
    check(ResourceKind::User, &typo, &format!("[{ENTERPRISE}]"));
    check(ResourceKind::User, &format!("{typo}:department"), &format!("{ENTERPRISE}:department"));
    check(ResourceKind::Group, &typo, "");
}

#[test]
fn a_bare_name_that_only_an_extension_has_resolves_there() {
    check(ResourceKind::User, "manager.value", &format!("{ENTERPRISE}:manager.value"));
    check(ResourceKind::User, "Department", &format!("{ENTERPRISE}:department"));
    let own = format!("{}:technicalNotifications", schema::COUNTERSIGN_USER);
    check(ResourceKind::User, "technicalNotifications", &own);
    check(ResourceKind::Group, "department", "");
}

#[test]
fn what_no_schema_has_is_unknown() {
    for text in [
        "",
        ".",
        "nothing",
        "userName.value",
        "emails.nothing",
        "emails.value.x",
        "emails.",
        ".value",
        "urn:",
        "urn:foreign:1.0:x",
        "ürn",
        "emails[type eq \"work\"].value",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:Users",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager",
    ] {
        let expect =
            if text.ends_with("2.0:User:") { format!("[{ENTERPRISE}]") } else { String::new() };
        check(ResourceKind::User, text, &expect);
    }
}

#[test]
fn keys_lead_from_the_root_of_the_document_to_the_leaf() {
    let Resolved::Attribute(path) = resolve(ResourceKind::User, "manager.value") else { panic!() };
    assert_eq!(path.keys(), [ENTERPRISE, "manager", "value"]);
    assert!(path.leaf().case_exact && !path.is_multi());
    let Resolved::Attribute(path) = resolve(ResourceKind::User, "emails.value") else { panic!() };
    assert_eq!(path.keys(), ["emails", "value"]);
    assert!(path.is_multi());
    assert_eq!(format!("{path:?}"), "Path(emails.value)");
}

#[test]
fn known_urns_are_told_from_foreign_ones() {
    assert!(has_known_urn(ResourceKind::User, &format!("{ENTERPRISE}:whatever")));
    assert!(has_known_urn(ResourceKind::User, schema::USER));
    assert!(!has_known_urn(ResourceKind::User, "urn:foreign:1.0:User"));
    assert!(!has_known_urn(ResourceKind::Group, ENTERPRISE));
}
