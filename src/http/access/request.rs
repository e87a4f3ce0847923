//! What is asked, read from the body: subject, action, resource; many of them with defaults.
//!
//! What the specification requires and is not there, or is no text, makes the whole request a bad one;
//! what it does not know is passed over.

use serde_json::{Map, Value};

use crate::domain::rights::RightKey;
use crate::domain::rights::decisions::{AccountName, Decision, Question, Reason};

/// How many questions there may be in one request.
const MOST: usize = 1_000;

/// A question, or why the answer is no already.
pub(super) type Asked = Result<Question, Reason>;

/// Many questions.
#[derive(Debug)]
pub(super) struct Batch {
    /// In their order.
    pub(super) asked: Vec<Asked>,
    /// When to stop.
    pub(super) semantic: Semantic,
}

/// How many of the questions are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Semantic {
    /// All.
    ExecuteAll,
    /// Those up to the first that is denied.
    DenyOnFirstDeny,
    /// Those up to the first that is permitted.
    PermitOnFirstPermit,
}

/// What is wrong with the request, and what would be right.
type Wrong = String;

impl Semantic {
    /// Whether this decision is the last one to be told.
    pub(super) fn ends_with(self, decision: &Decision) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => *decision != Decision::Permit,
            Self::PermitOnFirstPermit => *decision == Decision::Permit,
        }
    }
}

/// The one question of a body.
pub(super) fn single(body: &Value) -> Result<Asked, Wrong> {
    question("", body, None)
}

/// The questions of a body; none if it has no `evaluations`, and so asks one.
pub(super) fn batch(body: &Value) -> Result<Option<Batch>, Wrong> {
    let evaluations = match body.get("evaluations") {
        None => return Ok(None),
        Some(Value::Array(evaluations)) if evaluations.is_empty() => return Ok(None),
        Some(Value::Array(evaluations)) => evaluations,
        Some(_) => return Err("`evaluations` is a list of objects".to_owned()),
    };
    if evaluations.len() > MOST {
        return Err(format!("there may be {MOST} `evaluations` in one request; send several"));
    }
    let semantic = semantic(body)?;
    let read = |(n, one): (usize, &Value)| {
        let place = format!("evaluations[{n}].");
        if !one.is_object() {
            return Err(format!("`evaluations[{n}]` is an object"));
        }
        question(&place, one, Some(body))
    };
    let asked = evaluations.iter().enumerate().map(read).collect::<Result<_, _>>()?;
    Ok(Some(Batch { asked, semantic }))
}

fn semantic(body: &Value) -> Result<Semantic, Wrong> {
    let options = match body.get("options") {
        None => return Ok(Semantic::ExecuteAll),
        Some(options) => options.as_object().ok_or("`options` is an object")?,
    };
    match options.get("evaluations_semantic").map(Value::as_str) {
        None | Some(Some("execute_all")) => Ok(Semantic::ExecuteAll),
        Some(Some("deny_on_first_deny")) => Ok(Semantic::DenyOnFirstDeny),
        Some(Some("permit_on_first_permit")) => Ok(Semantic::PermitOnFirstPermit),
        Some(_) => Err("`options.evaluations_semantic` is `execute_all`, `deny_on_first_deny` or \
                        `permit_on_first_permit`"
            .to_owned()),
    }
}

/// Reads a question; what it does not say, the defaults do.
fn question(place: &str, one: &Value, defaults: Option<&Value>) -> Result<Asked, Wrong> {
    let part = |name: &'static str| {
        let found = one.get(name).or_else(|| defaults?.get(name));
        let part =
            found.map(|value| value.as_object().ok_or(format!("`{place}{name}` is an object")));
        part.transpose().map(|object| object.map(|object| Part { place, name, object }))
    };
    let required = |name| part(name)?.ok_or(format!("`{place}{name}` is missing"));
    let (subject, action) = (required("subject")?, required("action")?);
    let resource = required("resource")?;
    part("context")?;
    let (kind, user) = (subject.text("type")?, subject.text("id")?);
    let name = action.text("name")?;
    let (resource_kind, id) = (resource.text("type")?, resource.text("id")?);
    let of = subject.property("account")?;
    let within = resource.property("account")?.or(of);
    action.properties()?;
    let is_user = kind == "user";
    let user = user.parse().ok().filter(|_| is_user);
    let (account, workspace) = match resource_kind {
        "account" => (Some(id), None),
        "workspace" => (within, Some(id.parse().ok())),
        _ => (None, None),
    };
    let asked = || {
        let user = user.ok_or(Reason::UnknownSubject)?;
        let account = account.and_then(AccountName::parse).ok_or(Reason::UnknownResource)?;
        let workspace = match workspace {
            None => None,
            Some(id) => Some(id.ok_or(Reason::UnknownResource)?),
        };
        let of = match of {
            None => account.clone(),
            Some(of) => AccountName::parse(of).ok_or(Reason::UnknownSubject)?,
        };
        let right = RightKey::parse(name).ok_or(Reason::UnknownAction)?;
        Ok(Question { of, user, right, account, workspace })
    };
    Ok(asked())
}

/// A subject, an action or a resource.
struct Part<'a> {
    place: &'a str,
    name: &'static str,
    object: &'a Map<String, Value>,
}

impl<'a> Part<'a> {
    fn text(&self, key: &str) -> Result<&'a str, Wrong> {
        let Self { place, name, object } = self;
        match object.get(key) {
            None => Err(format!("`{place}{name}.{key}` is missing")),
            Some(value) => value.as_str().ok_or(format!("`{place}{name}.{key}` is a string")),
        }
    }

    fn properties(&self) -> Result<Option<&'a Map<String, Value>>, Wrong> {
        let Self { place, name, object } = self;
        let wrong = || format!("`{place}{name}.properties` is an object");
        object.get("properties").map(|value| value.as_object().ok_or_else(wrong)).transpose()
    }

    fn property(&self, key: &str) -> Result<Option<&'a str>, Wrong> {
        let Self { place, name, .. } = self;
        let Some(value) = self.properties()?.and_then(|all| all.get(key)) else { return Ok(None) };
        let wrong = || format!("`{place}{name}.properties.{key}` is a string");
        value.as_str().map(Some).ok_or_else(wrong)
    }
}
