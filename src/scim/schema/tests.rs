//! The schema files compile and keep their invariants.

use std::collections::BTreeSet;

use super::*;

fn all() -> Vec<(&'static str, &'static [Attribute])> {
    [ResourceKind::User, ResourceKind::Group]
        .into_iter()
        .flat_map(|kind| {
            let schema = kind.schema();
            let extensions = schema.extensions.iter().map(|e| (e.id.as_str(), &*e.attributes));
            std::iter::once((schema.core.id.as_str(), &*schema.attributes)).chain(extensions)
        })
        .collect()
}

fn attribute(kind: ResourceKind, name: &str) -> &'static Attribute {
    kind.schema().attribute(name).unwrap()
}

#[track_caller]
fn check(kind: ResourceKind, name: &str, sub: &str, holds: impl Fn(&Attribute) -> bool) {
    let attribute = attribute(kind, name);
    let leaf = if sub.is_empty() { attribute } else { attribute.sub(sub).unwrap() };
    assert!(holds(leaf), "{name}.{sub}: {leaf:?}");
}

#[test]
fn a_sub_attribute_is_neither_complex_nor_multi_valued_and_only_a_members_display_waits_to_be_asked_for()
 {
    for (urn, attributes) in all() {
        for sub in attributes.iter().flat_map(|a| &a.sub_attributes) {
            assert!(sub.kind != Type::Complex && !sub.multi_valued, "{urn} {}", sub.name);
            assert!(sub.sub_attributes.is_empty(), "{urn} {}", sub.name);
            let waits = urn == GROUP && sub.name == "display";
            let returned = if waits { Returned::Request } else { Returned::Default };
            assert_eq!(sub.returned, returned, "{urn} {}", sub.name);
        }
    }
}

#[test]
fn only_complex_attributes_have_sub_attributes_and_names_differ_in_more_than_case() {
    for (urn, attributes) in all() {
        let mut seen = BTreeSet::new();
        for attribute in attributes {
            let is_complex = attribute.kind == Type::Complex;
            assert_eq!(
                is_complex,
                !attribute.sub_attributes.is_empty(),
                "{urn} {}",
                attribute.name
            );
            assert!(seen.insert(attribute.name.to_ascii_lowercase()), "{urn} {}", attribute.name);
            assert!(!attribute.name.contains(['.', ':']), "{urn} {}", attribute.name);
        }
    }
}

#[test]
fn every_attribute_is_described_and_references_say_to_what() {
    for (urn, attributes) in all() {
        for attribute in attributes.iter().flat_map(|a| std::iter::once(a).chain(&a.sub_attributes))
        {
            assert!(!attribute.description.is_empty(), "{urn} {}", attribute.name);
            let is_reference = attribute.kind == Type::Reference;
            assert_eq!(
                is_reference,
                !attribute.reference_types.is_empty(),
                "{urn} {}",
                attribute.name
            );
        }
    }
}

/// RFC 7643 §2.3.6 and §2.3.7 say so in words; the listing in §8.7.1 says otherwise.
#[test]
fn binaries_and_references_are_case_exact() {
    for (urn, attributes) in all() {
        for attribute in attributes.iter().flat_map(|a| std::iter::once(a).chain(&a.sub_attributes))
        {
            if matches!(attribute.kind, Type::Binary | Type::Reference) {
                assert!(attribute.case_exact, "{urn} {}", attribute.name);
            }
        }
    }
}

#[test]
fn the_characteristics_that_behaviour_rests_on_are_as_the_rfc_and_its_errata_say() {
    let (user, group) = (ResourceKind::User, ResourceKind::Group);
    check(user, "userName", "", |a| a.required && !a.case_exact && a.uniqueness == "server");
    check(user, "password", "", |a| {
        a.returned == Returned::Never && a.mutability == Mutability::WriteOnly
    });
    check(user, "groups", "", |a| a.mutability == Mutability::ReadOnly && a.multi_valued);
    check(user, "groups", "$ref", |a| a.reference_types == ["Group"]);
    check(user, "x509Certificates", "value", |a| a.kind == Type::Binary);
    check(group, "displayName", "", |a| a.required && a.uniqueness == "server");
    check(group, "members", "value", |a| a.mutability == Mutability::Immutable);
    check(group, "members", "display", |a| a.mutability == Mutability::ReadOnly);
    for kind in [user, group] {
        check(kind, "id", "", |a| a.returned == Returned::Always && a.case_exact);
        check(kind, "schemas", "", |a| a.returned == Returned::Always && a.multi_valued);
        check(kind, "externalId", "", |a| a.case_exact && a.uniqueness == "none");
        check(kind, "meta", "lastModified", |a| a.kind == Type::DateTime);
    }
    let enterprise = user.schema().extension(ENTERPRISE_USER).unwrap();
    let manager = find(&enterprise.attributes, "manager").unwrap();
    assert!(manager.sub("value").unwrap().case_exact);
    assert_eq!(manager.sub("displayName").unwrap().mutability, Mutability::ReadOnly);
    let own = user.schema().extension(COUNTERSIGN_USER).unwrap();
    let mails = find(&own.attributes, "technicalNotifications").unwrap();
    assert!(mails.kind == Type::Boolean && mails.mutability == Mutability::ReadWrite);
}

#[test]
fn an_extension_never_redefines_a_core_attribute() {
    let schema = ResourceKind::User.schema();
    for attribute in schema.extensions.iter().flat_map(|e| &e.attributes) {
        assert!(schema.attribute(&attribute.name).is_none(), "{}", attribute.name);
    }
}

#[test]
fn lookups_ignore_case() {
    let schema = ResourceKind::User.schema();
    assert_eq!(schema.attribute("USERNAME").unwrap().name, "userName");
    assert!(schema.extension(&ENTERPRISE_USER.to_uppercase()).is_some());
    assert!(ResourceKind::Group.schema().extension(ENTERPRISE_USER).is_none());
}
