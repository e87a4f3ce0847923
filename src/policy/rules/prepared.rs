//! What is prepared once, so that a decision costs little: for each action and each kind of actor the few
//! rules whose head can apply, and the facts that the action's schema asks for.

use std::collections::BTreeMap;

use cedar_policy::{
    ActionConstraint, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, Policy,
    PolicyId, PolicySet, PrincipalConstraint, Request, RestrictedExpression, SchemaFragment,
};
use serde_json::Value as Json;

use super::{Effect, Rule, Rules};
use crate::policy::questions::{Answer, Fact, KINDS, Question, TYPES, Value};

/// What is ready for one action.
#[derive(Debug)]
pub(super) struct Prepared {
    uid: EntityUid,
    needs: Needs,
    /// In the order of [`KINDS`].
    sets: [Sets; 4],
}

/// What the schema says of an action.
#[derive(Debug)]
pub(super) struct Needs {
    /// The type of what it is done to.
    resource: String,
    /// The facts that it rests on.
    facts: Vec<(String, Fact)>,
}

/// The rules whose head can apply to an action by a kind of actor.
#[derive(Debug, Default)]
struct Sets {
    /// Permits and forbids: these decide.
    deciding: PolicySet,
    /// The permits alone: whether it is a permission that was missing.
    permits: PolicySet,
    /// What then says which.
    explaining: PolicySet,
}

impl Prepared {
    pub(super) fn new(
        (name, needs): (&str, Needs),
        entities: &Entities,
        kinds: &BTreeMap<&'static str, EntityTypeName>,
        rules: &[(Rule, Policy)],
    ) -> Result<Self, String> {
        let uid = uid(kinds, "Action", name)?;
        let mut sets: [Sets; 4] = Default::default();
        for (set, kind) in sets.iter_mut().zip(KINDS) {
            let kind = kinds.get(kind);
            let applies = |policy| names_action(policy, &uid, entities) && names_kind(policy, kind);
            let mut found = rules.iter().filter(|(_, policy)| applies(policy));
            found.try_for_each(|(rule, policy)| set.add(rule, policy))?;
        }
        Ok(Self { uid, needs, sets })
    }

    /// The type of what it is done to.
    pub(super) fn resource(&self) -> &str {
        &self.needs.resource
    }

    /// The names of the facts that it rests on.
    pub(super) fn facts(&self) -> impl Iterator<Item = Fact> {
        self.needs.facts.iter().map(|(_, fact)| *fact)
    }

    pub(super) fn sizes(&self) -> [usize; 4] {
        self.sets.each_ref().map(|sets| sets.deciding.num_of_policies())
    }
}

impl Sets {
    fn add(&mut self, rule: &Rule, policy: &Policy) -> Result<(), String> {
        let add = |set: &mut PolicySet| set.add(policy.clone()).map_err(|it| it.to_string());
        match rule.effect {
            Effect::Permits => {
                add(&mut self.permits)?;
                add(&mut self.deciding)
            }
            Effect::Forbids => add(&mut self.deciding),
            Effect::Explains(_) => add(&mut self.explaining),
        }
    }
}

/// The types of entities that questions and facts speak of.
pub(super) fn kinds() -> Result<BTreeMap<&'static str, EntityTypeName>, String> {
    let parsed = KINDS.into_iter().chain(TYPES).map(|name: &'static str| {
        let parsed = name.parse().map_err(|error| format!("the type `{name}`: {error}"));
        parsed.map(|parsed| (name, parsed))
    });
    parsed.collect()
}

/// What the schema says of each action. Groups of actions are no actions and are left out.
pub(super) fn needs_by_action(
    fragment: &SchemaFragment,
) -> Result<BTreeMap<String, Needs>, String> {
    let schema = fragment.clone().to_json_value().map_err(|error| error.to_string())?;
    let space = schema.get("").ok_or("the schema has no namespace")?;
    let actions = space.get("actions").and_then(Json::as_object).ok_or("there are no actions")?;
    let mut found = BTreeMap::new();
    for (name, action) in actions {
        let Some(resource) = action.pointer("/appliesTo/resourceTypes/0").and_then(Json::as_str)
        else {
            continue;
        };
        let context = action.pointer("/appliesTo/context");
        let needs = needs(space, (resource, context));
        let needs = needs.map_err(|what| format!("action `{name}` {what}"))?;
        found.insert(name.clone(), needs);
    }
    Ok(found)
}

fn needs(space: &Json, (resource, context): (&str, Option<&Json>)) -> Result<Needs, String> {
    // An empty context is left out.
    let fields = context.map_or(Some(Vec::new()), |context| fields(space, context));
    let facts = fields.ok_or("has a context that is no record")?.into_iter();
    let facts = facts.map(|field| match Fact::parse(&field) {
        Some(fact) => Ok((field, fact)),
        None => Err(format!("asks for `{field}`, which is no known fact")),
    });
    Ok(Needs { resource: resource.to_owned(), facts: facts.collect::<Result<_, _>>()? })
}

/// The attributes of a record, or of the type of that name.
fn fields(space: &Json, of: &Json) -> Option<Vec<String>> {
    if let Some(attributes) = of.get("attributes").and_then(Json::as_object) {
        return Some(attributes.keys().cloned().collect());
    }
    let named = of.get("name").or_else(|| of.get("type")).and_then(Json::as_str)?;
    if named == "Record" {
        return Some(Vec::new());
    }
    let named = space.get("commonTypes")?.get(named)?;
    named.get("attributes").and_then(Json::as_object).map(|it| it.keys().cloned().collect())
}

/// Whether a policy's head lets it apply to an action.
fn names_action(policy: &Policy, action: &EntityUid, entities: &Entities) -> bool {
    let covers = |named: &EntityUid| named == action || entities.is_ancestor_of(named, action);
    match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(named) => covers(&named),
        ActionConstraint::In(named) => named.iter().any(covers),
    }
}

/// Whether a policy's head lets it apply to a kind of actor; one that names an actor is left to Cedar.
fn names_kind(policy: &Policy, kind: Option<&EntityTypeName>) -> bool {
    match policy.principal_constraint() {
        PrincipalConstraint::Is(named) | PrincipalConstraint::IsIn(named, _) => {
            Some(&named) == kind
        }
        PrincipalConstraint::Any | PrincipalConstraint::In(_) | PrincipalConstraint::Eq(_) => true,
    }
}

/// POLICY.md 3.1: whatever cannot be asked or evaluated is an error, never a permission.
pub(super) fn answer<'a>(rules: &'a Rules, question: &Question<'_>) -> Result<Answer<'a>, String> {
    let action = question.action;
    let Some(prepared) = rules.actions.get(action) else {
        return Err(format!("no action `{action}` is in the schema"));
    };
    let at = KINDS.iter().position(|kind| *kind == question.actor.0);
    let Some(sets) = at.and_then(|at| prepared.sets.get(at)) else {
        return Err(format!("no kind of actor is `{}`", question.actor.0));
    };
    let request = request(rules, prepared, question)?;
    let (decision, mut refused) = evaluate(rules, &request, &sets.deciding)?;
    if decision == Decision::Allow {
        return Ok(Answer::Allowed);
    }
    let is_permitted = !refused.is_empty()
        && matches!(evaluate(rules, &request, &sets.permits)?, (Decision::Allow, _));
    if !is_permitted {
        refused.extend(evaluate(rules, &request, &sets.explaining)?.1);
    }
    let first = refused.into_iter().min().and_then(|at| rules.ordered.get(at));
    first.map(|(rule, _)| Answer::Refused(rule)).ok_or_else(|| "nothing explains it".to_owned())
}

/// What Cedar decides by these policies, and the places of those that refuse.
fn evaluate(
    rules: &Rules,
    request: &Request,
    set: &PolicySet,
) -> Result<(Decision, Vec<usize>), String> {
    let response = rules.authorizer.is_authorized(request, set, &rules.entities);
    // A forbid that could not be evaluated is skipped by Cedar: it might have refused.
    if let Some(error) = response.diagnostics().errors().next() {
        return Err(error.to_string());
    }
    if response.decision() == Decision::Allow {
        return Ok((Decision::Allow, Vec::new()));
    }
    let places = response.diagnostics().reason();
    let place = |id: &PolicyId| rules.places.get::<str>(id.as_ref()).copied();
    let places = places.filter_map(place).collect();
    Ok((Decision::Deny, places))
}

/// The request, checked against the schema: a fact that is missing or of another kind is an error.
fn request(rules: &Rules, prepared: &Prepared, question: &Question<'_>) -> Result<Request, String> {
    let pairs = prepared.needs.facts.iter().map(|(name, fact)| {
        let value = question.known.fact(*fact);
        let value = value.ok_or_else(|| format!("the fact `{name}` is missing"))?;
        Ok((name.clone(), expression(rules, *fact, value)?))
    });
    let pairs = pairs.collect::<Result<Vec<_>, String>>()?;
    let context = Context::from_pairs(pairs).map_err(|error| error.to_string())?;
    let entity = |(kind, id): (&str, &str)| uid(&rules.kinds, kind, id);
    let (principal, resource) = (entity(question.actor)?, entity(question.resource)?);
    let action = prepared.uid.clone();
    Request::new(principal, action, resource, context, Some(&rules.schema))
        .map_err(|error| error.to_string())
}

fn expression(rules: &Rules, fact: Fact, value: Value<'_>) -> Result<RestrictedExpression, String> {
    Ok(match value {
        Value::Truth(truth) => RestrictedExpression::new_bool(truth),
        Value::Words(words) => RestrictedExpression::new_set(
            words.into_iter().map(|word| RestrictedExpression::new_string(word.to_owned())),
        ),
        Value::Word(word) => {
            RestrictedExpression::new_entity_uid(uid(&rules.kinds, fact.entity_type(), &word)?)
        }
    })
}

fn uid(
    kinds: &BTreeMap<&'static str, EntityTypeName>,
    kind: &str,
    id: &str,
) -> Result<EntityUid, String> {
    let kind = kinds.get(kind).ok_or_else(|| format!("no type `{kind}` is known"))?;
    Ok(EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id)))
}
