//! What is left for the grammar once names and literals are out.

use crate::scim::filter::normalise::{Raw, normalise};
use crate::scim::preset::Preset;

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(normalise(text, Preset::Standard).unwrap().text, expected);
}

#[test]
fn names_and_literals_become_numbers() {
    check(r#"userName eq "x" and title pr"#, "a0 eq 0 and a1 pr");
    check("NOT(urn:a:b:2.0:U:c.$ref  GT  5)or x pr", "not (a0 gt 0) or a1 pr");
    check(r#"a[b eq "]" or c pr]"#, "a0[a1 eq 0 or a2 pr]");
}

#[test]
fn a_suffix_moves_into_the_brackets() {
    check(r#"a[b pr or c pr].d eq "x""#, "a0[(a1 pr or a2 pr) and a3 eq 0]");
    check(r#"x pr and a[b pr].d ne "x""#, "a0 pr and not (a1[(a2 pr) and a3 eq 0])");
    check("a[b pr].d eq null", "not (a0[(a1 pr) and a2 pr])");
    check("a[b pr].d ne null", "a0[(a1 pr) and a2 pr]");
    check("a[b pr].d pr", "a0[(a1 pr) and a2 pr]");
}

#[test]
fn placeholders_lead_back() {
    let normal =
        normalise(r#"userName eq "é\n" or b eq null or c eq x"#, Preset::Standard).unwrap();
    assert_eq!(normal.name("a0"), Some("userName"));
    assert_eq!(normal.name("a3"), None);
    assert_eq!(normal.name("e"), None);
    assert_eq!(normal.literal(&0.into()), Some(&Raw::Quoted("é\n".to_owned())));
    assert_eq!(normal.literal(&1.into()), Some(&Raw::Null));
    assert_eq!(normal.literal(&2.into()), Some(&Raw::Bare("x".to_owned())));
    assert_eq!(normal.literal(&3.into()), None);
}
