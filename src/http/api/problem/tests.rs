//! Which challenge comes with what, and that the texts are whole in both languages.

use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;

use crate::domain::keys::products::ProductScope;
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::texts;
use crate::http::login::language::Language;

#[track_caller]
fn check(kind: Kind, status: StatusCode, challenge: Option<&str>) {
    let response = Problem::new(kind, Language::En).into_response();
    assert_eq!(response.status(), status);
    let found = response.headers().get(header::WWW_AUTHENTICATE);
    assert_eq!(found.map(|value| value.to_str().expect("text")), challenge);
}

#[test]
fn a_challenge_says_what_is_missing() {
    check(Kind::NotSignedIn, StatusCode::UNAUTHORIZED, Some("Bearer realm=\"countersign\""));
    check(
        Kind::WrongToken,
        StatusCode::UNAUTHORIZED,
        Some("Bearer realm=\"countersign\", error=\"invalid_token\""),
    );
    check(
        Kind::OutOfScope(ProductScope::Decisions),
        StatusCode::FORBIDDEN,
        Some("Bearer realm=\"countersign\", error=\"insufficient_scope\", scope=\"decisions\""),
    );
    check(Kind::NotFound, StatusCode::NOT_FOUND, None);
    check(Kind::Denied("some-rule", "some reason"), StatusCode::FORBIDDEN, None);
}

/// RFC 9470 §3.
#[test]
fn a_step_up_challenge_names_strength_and_age() {
    let two = "acr_values=\"http://schemas.openid.net/pape/policies/2007/06/multi-factor\"";
    let begins = "Bearer realm=\"countersign\", error=\"insufficient_user_authentication\"";
    let bare = format!("{begins}, {two}");
    check(Kind::StepUp(None), StatusCode::UNAUTHORIZED, Some(&bare));
    let aged = format!("{begins}, {two}, max_age=\"600\"");
    check(Kind::StepUp(Some(600)), StatusCode::UNAUTHORIZED, Some(&aged));
}

#[test]
fn both_languages_have_the_same_places_for_particulars() {
    let kinds = [
        Kind::WrongJson("x"),
        Kind::WrongForm("x"),
        Kind::MediaType("x"),
        Kind::Denied("x", "x"),
        Kind::OutOfScope(ProductScope::Introspect),
        Kind::NotFound,
        Kind::StepUp(None),
        Kind::Internal,
    ];
    for kind in kinds {
        let (_, _, _, choice) = kind.describe();
        let [en, fr] = [Language::En, Language::Fr].map(|language| choice(texts::of(language)));
        let count = usize::from(!kind.particular(Language::En).is_empty());
        assert_eq!([en, fr].map(|text| text.detail.matches("{}").count()), [count; 2], "{kind:?}");
        assert_ne!(en.title, fr.title, "{kind:?}");
    }
}
