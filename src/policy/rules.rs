//! The rules: Cedar policies read from `src/policy/core`, validated strictly against
//! `schemas/policy.cedarschema`, and prepared so that a decision evaluates only what can apply to it.
//!
//! A rule permits, forbids, or explains (`@missing`): what explains decides nothing, it says which
//! permission was missing when nothing permits. Where several rules refuse, the first in the order of
//! the files, and in a file of its text, is the one that is named.

mod prepared;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use cedar_policy::{
    Authorizer, Effect as CedarEffect, Entities, EntityTypeName, Policy, PolicyId, PolicySet,
    Schema, SchemaFragment, ValidationMode, Validator,
};
use miette::Diagnostic;
use sha2::{Digest as _, Sha256};

use self::prepared::Prepared;
use crate::policy::questions::{Answer, Fact, Question};

/// A file's name and its text.
pub type Source<'a> = (&'a str, &'a str);

const SCHEMA: Source<'static> =
    ("schemas/policy.cedarschema", include_str!("../../schemas/policy.cedarschema"));

/// In the order of rules.
const CORE: [Source<'static>; 13] = [
    ("src/policy/core/planes.cedar", include_str!("core/planes.cedar")),
    ("src/policy/core/scim.cedar", include_str!("core/scim.cedar")),
    ("src/policy/core/platform.cedar", include_str!("core/platform.cedar")),
    ("src/policy/core/accounts.cedar", include_str!("core/accounts.cedar")),
    ("src/policy/core/people.cedar", include_str!("core/people.cedar")),
    ("src/policy/core/reads.cedar", include_str!("core/reads.cedar")),
    ("src/policy/core/support.cedar", include_str!("core/support.cedar")),
    ("src/policy/core/administrators.cedar", include_str!("core/administrators.cedar")),
    ("src/policy/core/rights.cedar", include_str!("core/rights.cedar")),
    ("src/policy/core/approvals.cedar", include_str!("core/approvals.cedar")),
    ("src/policy/core/letting.cedar", include_str!("core/letting.cedar")),
    ("src/policy/core/sign_in.cedar", include_str!("core/sign_in.cedar")),
    ("src/policy/core/releases.cedar", include_str!("core/releases.cedar")),
];

static RULES: LazyLock<Result<Rules, Fault>> = LazyLock::new(|| Rules::read(SCHEMA, &CORE));

/// All rules, ready to decide by.
#[derive(Debug)]
pub struct Rules {
    schema: Schema,
    entities: Entities,
    authorizer: Authorizer,
    kinds: BTreeMap<&'static str, EntityTypeName>,
    ordered: Vec<(Rule, Policy)>,
    places: BTreeMap<String, usize>,
    actions: BTreeMap<String, Prepared>,
    version: String,
}

/// One rule, as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// By which refusals name it.
    pub id: String,
    /// What it does.
    pub effect: Effect,
    /// In English, without a full stop.
    pub en: String,
    /// In French.
    pub fr: String,
    /// The control of NIST SP 800-53 that it is part of.
    pub control: String,
    /// Its file.
    pub file: String,
    /// Its first line there.
    pub line: usize,
    /// Its text, annotations and all.
    pub text: String,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It lets somebody do something.
    Permits,
    /// It refuses, whatever else permits.
    Forbids,
    /// It says which permission was missing when nothing permits.
    Explains(String),
}

/// Why rules cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// The line, as far as it is known.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

impl Rules {
    /// Those that the server was built with.
    ///
    /// # Errors
    /// What is wrong with them, with file and line: then nothing is decided but refusals.
    pub fn core() -> Result<&'static Self, &'static Fault> {
        RULES.as_ref()
    }

    /// Reads, validates and prepares.
    ///
    /// # Errors
    /// The first fault, with file and line.
    pub fn read(schema: Source<'_>, texts: &[Source<'_>]) -> Result<Self, Fault> {
        let mut hash = Sha256::new();
        let mut rules = Vec::new();
        for (_, text) in [schema].iter().chain(texts) {
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(text);
        }
        for source in texts {
            rules.extend(rules_of(*source)?);
        }
        let version = hash
            .finalize()
            .iter()
            .fold(String::new(), |so_far, byte| format!("{so_far}{byte:02x}"));
        Self::prepare(schema, rules, version)
    }

    /// The same rules but one, to see what that one is good for.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn without(&self, id: &str) -> Result<Self, Fault> {
        let rules = self.ordered.iter().filter(|(rule, _)| rule.id != id).cloned().collect();
        Self::prepare(SCHEMA, rules, self.version.clone())
    }

    fn prepare(
        (file, schema_text): Source<'_>,
        rules: Vec<(Rule, Policy)>,
        version: String,
    ) -> Result<Self, Fault> {
        let at = |line, what| Fault { file: file.to_owned(), line, what };
        let (fragment, _) = SchemaFragment::from_cedarschema_str(schema_text)
            .map_err(|error| at(line_of(&error, schema_text), error.to_string()))?;
        let needs = prepared::needs_by_action(&fragment).map_err(|what| at(1, what))?;
        let schema = Schema::from_schema_fragments([fragment])
            .map_err(|error| at(line_of(&error, schema_text), error.to_string()))?;
        let entities = schema.action_entities().map_err(|error| at(1, error.to_string()))?;
        let kinds = prepared::kinds().map_err(|what| at(1, what))?;
        let places = places(&rules)?;
        validate(&schema, &rules)?;
        let actions = needs.into_iter().map(|(name, needs)| {
            let prepared = Prepared::new((&name, needs), &entities, &kinds, &rules);
            prepared.map(|prepared| (name, prepared)).map_err(|what| at(1, what))
        });
        let actions = actions.collect::<Result<_, _>>()?;
        let authorizer = Authorizer::new();
        Ok(Self { schema, entities, authorizer, kinds, ordered: rules, places, actions, version })
    }

    /// The SHA-256 of the schema and all texts, in hexadecimal digits.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// All of them, in their order.
    pub fn all(&self) -> impl Iterator<Item = &Rule> {
        self.ordered.iter().map(|(rule, _)| rule)
    }

    /// The rule of that id.
    pub fn find(&self, id: &str) -> Option<&Rule> {
        self.places.get(id).and_then(|at| self.ordered.get(*at)).map(|(rule, _)| rule)
    }

    /// The actions that there are, each with how many rules can apply to it, by who acts.
    pub fn actions(&self) -> impl Iterator<Item = (&str, [usize; 4])> {
        self.actions.iter().map(|(name, prepared)| (name.as_str(), prepared.sizes()))
    }

    /// The type of what an action is done to; none if there is no such action.
    pub fn resource(&self, action: &str) -> Option<&str> {
        self.actions.get(action).map(Prepared::resource)
    }

    /// The facts that an action rests on; none if there is no such action.
    pub fn facts(&self, action: &str) -> Option<Vec<Fact>> {
        self.actions.get(action).map(|prepared| prepared.facts().collect())
    }

    /// Answers a question. Whatever goes wrong is an answer that is no permission.
    pub fn answer(&self, question: &Question<'_>) -> Answer<'_> {
        prepared::answer(self, question).unwrap_or_else(Answer::Failed)
    }
}

/// The rules in a file.
fn rules_of((file, text): Source<'_>) -> Result<Vec<(Rule, Policy)>, Fault> {
    let at = |line, what| Fault { file: file.to_owned(), line, what };
    let set: PolicySet =
        text.parse().map_err(|error| at(line_of(&error, text), format!("{error}")))?;
    if set.num_of_templates() > 0 {
        return Err(at(1, "templates are for nobody to fill in; write a policy".to_owned()));
    }
    let mut rules = Vec::new();
    for policy in set.policies() {
        let written = policy.to_string();
        let start = text.find(written.as_str()).unwrap_or_default();
        let line = line_at(text, start);
        let (rule, policy) = rule(policy, (file, line), written).map_err(|what| at(line, what))?;
        rules.push((start, (rule, policy)));
    }
    rules.sort_by_key(|(start, _)| *start);
    Ok(rules.into_iter().map(|(_, rule)| rule).collect())
}

fn rule(
    policy: &Policy,
    (file, line): (&str, usize),
    text: String,
) -> Result<(Rule, Policy), String> {
    let noted = |key: &str| match policy.annotation(key) {
        Some(value) if !value.trim().is_empty() => Ok(value.to_owned()),
        Some(_) | None => Err(format!("a policy has an annotation `@{key}(\"…\")`")),
    };
    let effect = match (policy.effect(), policy.annotation("missing")) {
        (CedarEffect::Permit, None) => Effect::Permits,
        (CedarEffect::Forbid, None) => Effect::Forbids,
        (CedarEffect::Forbid, Some(missing)) => Effect::Explains(missing.to_owned()),
        (CedarEffect::Permit, Some(_)) => {
            return Err("`@missing` explains a refusal: it stands on a `forbid`".to_owned());
        }
    };
    let id = noted("id")?;
    let policy = policy.new_id(PolicyId::new(&id));
    let (en, fr, control) = (noted("en")?, noted("fr")?, noted("control")?);
    Ok((Rule { id, effect, en, fr, control, file: file.to_owned(), line, text }, policy))
}

/// Where each rule stands in the order.
fn places(rules: &[(Rule, Policy)]) -> Result<BTreeMap<String, usize>, Fault> {
    let mut places = BTreeMap::new();
    for (at, (rule, _)) in rules.iter().enumerate() {
        if places.insert(rule.id.clone(), at).is_some() {
            let what = format!("there is another policy `{}`; ids are unique", rule.id);
            return Err(Fault { file: rule.file.clone(), line: rule.line, what });
        }
    }
    Ok(places)
}

/// Strict validation; what Cedar only warns of is a fault too.
fn validate(schema: &Schema, rules: &[(Rule, Policy)]) -> Result<(), Fault> {
    let validator = Validator::new(schema.clone());
    for (rule, policy) in rules {
        let at = |what| Fault { file: rule.file.clone(), line: rule.line, what };
        let set = PolicySet::from_policies([policy.clone()]).map_err(|it| at(it.to_string()))?;
        let result = validator.validate(&set, ValidationMode::Strict);
        let errors = result.validation_errors().map(ToString::to_string);
        let warnings = result.validation_warnings().map(ToString::to_string);
        if let Some(what) = errors.chain(warnings).next() {
            return Err(at(what));
        }
    }
    Ok(())
}

fn line_of(error: &dyn Diagnostic, text: &str) -> usize {
    let start = error.labels().and_then(|mut labels| labels.next()).map(|label| label.offset());
    line_at(text, start.unwrap_or_default())
}

fn line_at(text: &str, start: usize) -> usize {
    text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
