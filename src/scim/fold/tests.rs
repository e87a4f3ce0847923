//! Folding: what counts as the same text.

use proptest::prelude::*;
use serde_json::json;

use super::*;

#[track_caller]
fn check(s: &str, expect: &str) {
    assert_eq!(text(s), expect);
}

#[track_caller]
fn check_time(s: &str, expect: Option<&str>) {
    assert_eq!(date_time(s).as_deref(), expect, "{s}");
}

#[test]
fn texts_that_differ_in_case_or_composition_fold_alike() {
    check("Jo.DOE@Example.ORG", "jo.doe@example.org");
    check("ÄÖÜ", "äöü");
    check("A\u{308}", "ä");
    check("\u{212b}", "å");
    check("ẞ", "ß");
    check("ΟΔΟΣ", "οδοσ");
    check("İ", "i\u{307}");
    check("", "");
}

#[test]
fn folding_every_character_twice_is_folding_it_once() {
    for c in '\0'..=char::MAX {
        let once = text(&c.to_string());
        assert_eq!(text(&once), once, "{c:?}");
    }
}

#[test]
fn times_become_utc_of_fixed_width() {
    check_time("2026-01-31T12:00:00Z", Some("2026-01-31T12:00:00.000000Z"));
    check_time("2026-01-31t12:00:00.5z", Some("2026-01-31T12:00:00.500000Z"));
    check_time("2026-01-31T12:00:00.123456789Z", Some("2026-01-31T12:00:00.123456Z"));
    check_time("2026-01-31T00:30:00+02:00", Some("2026-01-30T22:30:00.000000Z"));
    check_time("2026-01-31T12:00:00-05:30", Some("2026-01-31T17:30:00.000000Z"));
    check_time("2026-01-31T12:00:00", Some("2026-01-31T12:00:00.000000Z"));
    check_time("0000-01-01T00:00:00Z", Some("0000-01-01T00:00:00.000000Z"));
}

#[test]
fn what_is_no_time_is_none() {
    for s in [
        "",
        "2026-01-31",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-31 12:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T12:00Z",
        "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00+0200",
        "2026-01-31T12:00:00+02:00x",
        "2026-01-31T12:00:00+27:00",
        "2026-01-31T12:00:00Zx",
        "+026-01-31T12:00:00Z",
        "0000-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "２026-01-31T12:00:00Z",
        "2026-01-31T12:00:00.1ä",
    ] {
        check_time(s, None);
    }
}

#[test]
fn a_document_is_folded_by_its_schema() {
    let answered = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "2819C223",
        "externalId": "ExT",
        "userName": "Jo.DOE",
        "active": true,
        "password": "Secret",
        "title": "",
        "emails": [{"value": "JO@X", "type": "WORK", "primary": true}, {}],
        "ims": [],
        "photos": [{"value": "https://X/Photo"}],
        "x509Certificates": [{"value": "QUJD"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
            {"department": "R&D", "manager": {"value": "AbC"}},
        "urn:foreign:User": {"shoe": "XL"},
        "nothing": "Known",
        "meta": {"created": "2026-01-31T12:00:00+01:00", "version": "W/\"A\""},
    });
    let expect = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "2819C223",
        "externalId": "ExT",
        "userName": "jo.doe",
        "active": true,
        "title": "",
        "emails": [{"value": "jo@x", "type": "work", "primary": true}],
        "photos": [{"value": "https://X/Photo"}],
        "x509Certificates": [{"value": "QUJD"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
            {"department": "r&d", "manager": {"value": "AbC"}},
        "meta": {"created": "2026-01-31T11:00:00.000000Z", "version": "W/\"A\""},
    });
    let folded = document(ResourceKind::User, &answered);
    assert_eq!(folded, expect);
    assert_eq!(document(ResourceKind::User, &folded), expect);
    assert_eq!(document(ResourceKind::User, &json!(7)), json!({}));
}

#[test]
fn a_literal_is_folded_as_its_attribute() {
    let schema = ResourceKind::User.schema();
    let fold = |name: &str, s: &str| literal(schema.attribute(name).unwrap(), s);
    assert_eq!(fold("userName", "JO"), "jo");
    assert_eq!(fold("externalId", "JO"), "JO");
    let created = schema.attribute("meta").unwrap().sub("created").unwrap();
    assert_eq!(literal(created, "2026-01-31T12:00:00Z"), "2026-01-31T12:00:00.000000Z");
    assert_eq!(literal(created, "Then"), "Then");
}

proptest! {
    #[test]
    fn folding_twice_is_folding_once(s in "\\PC{0,12}") {
        prop_assert_eq!(text(&text(&s)), text(&s));
    }

    #[test]
    fn composition_and_case_do_not_matter(s in "[a-zA-ZäÖßẞéÉΣσςİıǅ\u{300}-\u{320}]{0,12}") {
        let decomposed: String = s.nfd().collect();
        prop_assert_eq!(text(&decomposed), text(&s));
        prop_assert_eq!(text(&text(&s)), text(&s));
    }

    #[test]
    fn the_order_of_folded_times_is_the_order_of_times(
        a in 0_i64..253_402_300_799, b in 0_i64..253_402_300_799, hours in -12_i8..=12,
    ) {
        let at = |seconds: i64, hours: i8| {
            let utc = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            let local = utc.checked_to_offset(UtcOffset::from_hms(hours, 0, 0).unwrap())?;
            let format = &time::format_description::well_known::Rfc3339;
            local.format(format).ok().map(|text| date_time(&text).unwrap())
        };
        if let (Some(x), Some(y)) = (at(a, 0), at(b, hours)) {
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        }
    }

    #[test]
    fn any_text_may_be_tried_as_a_time(s in "[0-9TZ:+. -]{0,32}") {
        if let Some(once) = date_time(&s) {
            prop_assert_eq!(date_time(&once), Some(once.clone()));
            prop_assert_eq!(once.len(), 27);
        }
    }
}
