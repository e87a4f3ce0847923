//! `/policy`: the rules by which everything is decided, for everybody to read. They hold no names and no
//! secrets: what is refused by a rule is refused to whoever has read it.

use std::collections::BTreeMap;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::app::policy::{Case, Effect, Rule, Rules, cases};
use crate::http::login::browser::Browser;
use crate::http::login::language::Language;
use crate::http::login::pages::{Frame, page};
use crate::http::login::texts::policy::PolicyTexts;

#[derive(Template)]
#[template(path = "policy.html", config = "src/http/askama.toml")]
struct Policy<'a> {
    frame: Frame<'a>,
    texts: &'static PolicyTexts,
    version: &'a str,
    areas: Vec<Area<'a>>,
    cases: Vec<Row>,
}

/// The rules of one file.
struct Area<'a> {
    file: &'a str,
    rules: Vec<Shown<'a>>,
}

struct Shown<'a> {
    rule: &'a Rule,
    /// What it says, as a sentence.
    sentence: String,
    does: &'static str,
    /// The permission that it says is missing.
    missing: Option<&'a str>,
}

/// A case.
struct Row {
    who: String,
    action: String,
    facts: String,
    /// The rule that refuses; none if it is permitted.
    rule: Option<String>,
    /// Whether the rules answer so.
    is_so: bool,
}

/// `GET /policy`
pub(super) async fn show(browser: Browser) -> Response {
    let (Ok(rules), Ok(cases)) = (Rules::core(), cases()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let texts = PolicyTexts::of(browser.language);
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut areas: Vec<Area<'_>> = Vec::new();
    for rule in rules.all() {
        let next = areas.len();
        let at = *places.entry(&rule.file).or_insert(next);
        if at == next {
            areas.push(Area { file: &rule.file, rules: Vec::new() });
        }
        if let Some(area) = areas.get_mut(at) {
            area.rules.push(shown(rule, texts, browser.language));
        }
    }
    let cases = cases.into_iter().map(|case| row(case, rules, texts)).collect();
    let version = rules.version();
    page(StatusCode::OK, &Policy { frame: Frame::of(&browser), texts, version, areas, cases })
}

fn shown<'a>(rule: &'a Rule, texts: &'static PolicyTexts, language: Language) -> Shown<'a> {
    let said = match language {
        Language::En => &rule.en,
        Language::Fr => &rule.fr,
    };
    let mut letters = said.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let sentence = first.chain(letters).chain(['.']).collect();
    let (does, missing) = match &rule.effect {
        Effect::Permits => (texts.permits, None),
        Effect::Forbids => (texts.forbids, None),
        Effect::Explains(missing) => (texts.explains, Some(missing.as_str())),
    };
    Shown { rule, sentence, does, missing }
}

fn row(case: Case, rules: &Rules, texts: &PolicyTexts) -> Row {
    let is_so = case.answer(rules).word() == case.expect;
    let who = match case.who.as_str() {
        "User" => texts.user,
        "ScimClient" => texts.token,
        "Platform" => texts.platform,
        _ => texts.system,
    };
    let facts = case.facts.to_string();
    let rule = Some(case.expect).filter(|expected| expected != crate::app::policy::ALLOWED);
    Row { who: who.to_owned(), action: case.action, facts, rule, is_so }
}
