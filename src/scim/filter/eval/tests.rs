//! What filters mean on one document of each type.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::scim::filter::{Filter, eval, parse};
use crate::scim::fold;
use crate::scim::preset::Preset;
use crate::scim::schema::ResourceKind;

fn user() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "2819c223",
        "externalId": "BJ",
        "userName": "BJensen@Example.com",
        "name": {"familyName": "Jensen", "givenName": "Bárbara"},
        "nickName": "",
        "active": true,
        "emails": [
            {"value": "BJensen@example.com", "type": "work", "primary": true},
            {"value": "babs@jensen.org", "type": "home", "primary": false},
            {"value": "old@jensen.org"},
        ],
        "groups": [{"value": "e9e30dba", "display": "Tour Guides", "type": "direct"}],
        "meta": {"created": "2010-01-23T04:56:22Z", "lastModified": "2011-05-13T04:42:34+02:00"},
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "R&D", "manager": {"value": "26118915", "displayName": "J. Smith"},
        },
        "urn:x:y": {"tag": "t"},
    })
}

#[track_caller]
fn check(text: &str, expected: bool) {
    let filter = parse(ResourceKind::User, text, Preset::Standard).unwrap();
    let folded = fold::document(ResourceKind::User, &user());
    assert_eq!(eval(&filter, &folded), expected, "{text}");
}

#[test]
fn texts_compare_by_case_exactness() {
    check(r#"userName eq "bjensen@EXAMPLE.com""#, true);
    check(r#"externalId eq "bj""#, false);
    check(r#"externalId eq "BJ""#, true);
    check(r#"name.givenName sw "BÁR""#, true);
    check(r#"userName co "jensen@""#, true);
    check(r#"userName ew ".com""#, true);
    check(r#"userName co """#, true);
    check(r#"title co """#, false);
    check(r#"userName gt "bi""#, true);
    check(r#"userName le "bj""#, false);
}

#[test]
fn booleans_and_times_compare_by_value() {
    check("active eq true", true);
    check("active ne true", false);
    check(r#"active eq "False""#, false);
    check(r#"meta.lastModified eq "2011-05-13T02:42:34.000Z""#, true);
    check(r#"meta.lastModified lt "2011-05-13T04:42:34Z""#, true);
    check(r#"meta.created ge "2010-01-23T04:56:22Z""#, true);
}

#[test]
fn a_multi_valued_attribute_compares_true_if_any_value_does() {
    check(r#"emails.type eq "home""#, true);
    check(r#"emails eq "BABS@jensen.org""#, true);
    check(r#"emails.value ew "jensen.org""#, true);
    check(r#"emails.type ne "home""#, false);
    check(r#"emails.type ne "other""#, true);
    check(r#"groups.value eq "e9e30dba""#, true);
    check("emails.primary eq false", true);
    check(r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#, true);
    check(r#"schemas co "enterprise""#, false);
}

#[test]
fn a_value_filter_holds_for_one_element_as_a_whole() {
    check(r#"emails[type eq "work" and value ew "example.com"]"#, true);
    check(r#"emails[type eq "home" and value ew "example.com"]"#, false);
    check("emails[not (type pr)]", true);
    check(r#"emails[type ne "work" and type ne "home"]"#, true);
    check(r#"emails[type eq "work"].value eq "bjensen@example.com""#, true);
    check(r#"emails[type eq "work"].value ne "bjensen@example.com""#, false);
    check(r#"emails[type eq "other"].value ne "x""#, true);
    check(r#"name[givenName eq "bárbara" and familyName pr]"#, true);
    check(r#"manager[value eq "26118915"]"#, true);
    check(r#"ims[not (type eq "x")]"#, false);
}

#[test]
fn present_is_what_is_not_empty() {
    check("title pr", false);
    check("nickName pr", false);
    check("name pr", true);
    check("name.middleName pr", false);
    check("emails pr", true);
    check("emails.display pr", false);
    check("manager eq null", false);
    check("title eq null", true);
    check("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr", true);
    check("urn:countersign:params:scim:schemas:extension:2.0:User pr", false);
}

#[test]
fn the_unknown_has_no_value() {
    check(r#"foo eq "x""#, false);
    check(r#"foo ne "x""#, true);
    check("foo eq null", true);
    check("urn:x:y:tag pr", false);
}

#[test]
fn conditions_combine() {
    check(r#"userName sw "x" or active eq true and manager eq "26118915""#, true);
    check("(title pr or active eq true) and not (name pr)", false);
    check("not (title pr) and not (not (name pr))", true);
}

#[test]
fn group_members_are_compared_within_the_document_given() {
    let group = json!({"id": "g", "displayName": "Tour Guides", "members": [{"value": "U1", "type": "User"}]});
    let folded = fold::document(ResourceKind::Group, &group);
    for (text, expected) in [
        (r#"id eq "g" and members eq "u1""#, true),
        (r#"members[value eq "u1" and type eq "group"]"#, false),
        (r#"displayName eq "TOUR guides""#, true),
    ] {
        let filter = parse(ResourceKind::Group, text, Preset::Standard).unwrap();
        assert_eq!(eval(&filter, &folded), expected, "{text}");
    }
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let terms = prop::sample::select(vec![
        "title pr",
        "name pr",
        "foo pr",
        "active eq true",
        r#"emails.type eq "home""#,
        r#"emails[type eq "work" and primary eq true]"#,
        r#"userName gt "c""#,
        r#"groups eq "x""#,
    ]);
    let leaf = terms.prop_map(|text| parse(ResourceKind::User, text, Preset::Rfc).unwrap());
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::All),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::Any),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

proptest! {
    #[test]
    fn de_morgan_holds(filters in prop::collection::vec(any_filter(), 0..4)) {
        let folded = fold::document(ResourceKind::User, &user());
        let not = |filter: &Filter| Filter::Not(Box::new(filter.clone()));
        let all = eval(&not(&Filter::All(filters.clone())), &folded);
        prop_assert_eq!(all, eval(&Filter::Any(filters.iter().map(not).collect()), &folded));
    }
}
