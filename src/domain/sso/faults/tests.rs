//! What is wrong with a description is said all at once, each by its field.

use crate::domain::sso::SsoSpec;
use crate::domain::sso::faults::{Fault, Wrong};

fn right() -> SsoSpec {
    SsoSpec {
        name: "Provider".to_owned(),
        issuer: "https://op.test/tenant".to_owned(),
        client_id: "client".to_owned(),
        client_secret: "secret".into(),
        scopes: vec!["openid".to_owned()],
        link_claim: "sub".to_owned(),
        connection: "default".to_owned(),
        acr_values: vec![],
        amr_values: vec!["mfa".to_owned()],
        max_age: None,
    }
}

#[track_caller]
fn check(change: impl FnOnce(&mut SsoSpec), expected: &[Wrong]) {
    let mut spec = right();
    change(&mut spec);
    let found: Vec<Wrong> = spec.faults(false).iter().map(|fault| fault.wrong).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_right_description_has_no_fault() {
    check(|_| {}, &[]);
    check(|spec| spec.max_age = Some(0), &[]);
    check(|spec| spec.link_claim = "http://schemas.example/claims/oid".to_owned(), &[]);
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let all = |spec: &mut SsoSpec| {
        spec.name = String::new();
        spec.issuer = "op.test".to_owned();
        spec.client_id = String::new();
        spec.client_secret = "".into();
        spec.scopes = vec!["email".to_owned()];
        spec.link_claim = "email".to_owned();
        spec.acr_values = vec!["a b".to_owned()];
        spec.amr_values = vec!["pwd+".to_owned()];
        spec.max_age = Some(-1);
    };
    let expected = [
        Wrong::Name,
        Wrong::IssuerIsNoUrl,
        Wrong::ClientId,
        Wrong::ClientSecret,
        Wrong::ScopesLackOpenid,
        Wrong::LinkClaim,
        Wrong::AcrValues,
        Wrong::AmrValues,
        Wrong::MaxAge,
    ];
    check(all, &expected);
    let fields: Vec<&str> = expected.map(Wrong::field).into();
    assert_eq!(fields.len(), std::collections::BTreeSet::from_iter(fields.clone()).len());
}

#[test]
fn texts_that_hide_something_are_refused() {
    check(|spec| spec.name = "a\0b".to_owned(), &[Wrong::Name]);
    check(|spec| spec.name = "a\nb".to_owned(), &[Wrong::Name]);
    check(|spec| spec.client_id = "id\r\nX: y".to_owned(), &[Wrong::ClientId]);
    check(|spec| spec.client_secret = "se\0cret".into(), &[Wrong::ClientSecret]);
    check(|spec| spec.issuer = "https://op.test/\ttenant".to_owned(), &[Wrong::IssuerIsNoUrl]);
    check(|spec| spec.issuer = "https://op.test?x".to_owned(), &[Wrong::IssuerHasMore]);
    check(|spec| spec.issuer = "http://op.test".to_owned(), &[Wrong::IssuerIsNotHttps]);
    let many = |spec: &mut SsoSpec| spec.scopes = vec!["openid".to_owned(); 21];
    check(many, &[Wrong::Scopes]);
    check(|spec| spec.amr_values = vec!["mfa".to_owned(); 21], &[Wrong::TooManyAmr]);
}

#[test]
fn a_fault_shows_what_was_said_shortened_and_never_a_secret() {
    let long = "x".repeat(1000);
    let mut spec = right();
    spec.issuer.clone_from(&long);
    spec.client_secret = format!("{long}\n").into();
    let told: Vec<String> = spec.faults(false).iter().map(Fault::to_string).collect();
    assert!(told.iter().all(|text| text.len() < 250), "{told:?}");
    assert!(told[0].contains(&format!("`{}`", "x".repeat(100))), "{told:?}");
    assert!(!told[1].contains('x'), "{told:?}");
}
