//! The traps of POLICY.md §3: what would let a mistake in a policy through, or let nobody notice it.

use super::{CORE, Effect, Rules, SCHEMA, Source};
use crate::policy::questions::{Answer, Fact, KINDS, Known, Question, Value};

/// Everything known, by words that refuse nothing.
#[derive(Debug)]
struct Anything;

impl Known for Anything {
    fn fact(&self, fact: Fact) -> Option<Value<'_>> {
        Some(match fact {
            Fact::Access => Value::word("write"),
            Fact::Connection => Value::word("one"),
            Fact::AccountKind => Value::word("customer"),
            Fact::Beneficiary => Value::word("other"),
            Fact::Directors => Value::word("active"),
            Fact::Enrollee => Value::word("unenrolled"),
            Fact::Loosening => Value::word("no"),
            Fact::Mode => Value::word("two_person"),
            Fact::Verdict => Value::word("approve"),
            Fact::Raise => Value::word("nothingPrivileged"),
            Fact::Reach => Value::word("own"),
            Fact::Subject => Value::word("somebody"),
            Fact::TargetComes => Value::word("byPassword"),
            Fact::Added | Fact::Functions | Fact::Lacks | Fact::Teams => Value::Words(vec![]),
            Fact::Held => Value::Words(vec!["users.administer", "sso.configure"]),
            Fact::IsFresh
            | Fact::HasApprover
            | Fact::IsApprover
            | Fact::IsCustomers
            | Fact::IsSeen
            | Fact::Waits => Value::Truth(true),
            Fact::AskerIsRecipient
            | Fact::AssignsProperties
            | Fact::HasUsers
            | Fact::IsRecipient
            | Fact::Administers
            | Fact::AsCustomer
            | Fact::ByCustomer
            | Fact::IsOwnCsm
            | Fact::IsOwnDelegate
            | Fact::IsStaff
            | Fact::LeavesNone
            | Fact::NamesAdministrator
            | Fact::Recovers
            | Fact::NamesTeam
            | Fact::HasVoted
            | Fact::IsBeneficiary
            | Fact::IsCoolingOff
            | Fact::IsLate
            | Fact::IsMadeByRequester
            | Fact::IsNewer
            | Fact::IsRequester => Value::Truth(false),
        })
    }
}

/// Nothing known.
#[derive(Debug)]
struct Nothing;

impl Known for Nothing {
    fn fact(&self, _: Fact) -> Option<Value<'_>> {
        None
    }
}

/// Everything known, one fact as a word that the schema does not have.
#[derive(Debug)]
struct Misspelt;

impl Known for Misspelt {
    fn fact(&self, fact: Fact) -> Option<Value<'_>> {
        if fact == Fact::Access { Some(Value::word("wirte")) } else { Anything.fact(fact) }
    }
}

fn core() -> &'static Rules {
    Rules::core().expect("the rules can be used")
}

/// The core rules with one more text.
fn with(text: &str) -> Result<Rules, String> {
    let texts: Vec<Source<'_>> = CORE.iter().copied().chain([("more.cedar", text)]).collect();
    Rules::read(SCHEMA, &texts).map_err(|fault| fault.to_string())
}

fn creating(rules: &Rules, known: &dyn Known) -> String {
    let (actor, resource) = (("ScimClient", "token"), ("Connection", "one"));
    match rules.answer(&Question { actor, action: "create", resource, known }) {
        Answer::Allowed => "allowed".to_owned(),
        Answer::Refused(rule) => rule.id.clone(),
        Answer::Failed(_) => "failed".to_owned(),
    }
}

#[track_caller]
fn refuses_to_start(text: &str, says: &str) {
    let fault = with(text).expect_err("a fault");
    assert!(fault.contains(says), "{fault}");
}

/// M67, trap 1: Cedar skips a forbid that cannot be evaluated, and would let this through.
#[test]
fn a_forbid_that_cannot_be_evaluated_refuses() {
    const ERRS: &str = r#"@id("too-large") @en("x") @fr("x") @control("x")
forbid (principal is ScimClient, action == Action::"create", resource)
when { 9223372036854775807 + 1 > 0 };"#;
    assert_eq!(creating(core(), &Anything), "allowed");
    let rules = with(ERRS).expect("a text that passes validation");
    assert_eq!(creating(&rules, &Anything), "failed");
    let bare: cedar_policy::PolicySet = ERRS.replace("forbid", "permit").parse().expect("a policy");
    assert_eq!(bare.num_of_policies(), 1);
}

/// M67: what was not read is no reason to permit.
#[test]
fn a_fact_that_is_missing_or_no_word_of_the_schema_refuses() {
    assert_eq!(creating(core(), &Nothing), "failed");
    assert_eq!(creating(core(), &Misspelt), "failed");
}

#[test]
fn an_action_or_an_actor_that_nobody_knows_is_refused() {
    let ask = |actor, action| {
        let resource = ("Connection", "one");
        core().answer(&Question { actor: (actor, "x"), action, resource, known: &Anything })
    };
    assert!(matches!(ask("ScimClient", "create"), Answer::Allowed));
    assert!(matches!(ask("ScimClient", "conjure"), Answer::Failed(_)));
    assert!(matches!(ask("Stranger", "create"), Answer::Failed(_)));
    // A group of actions is no action.
    assert!(matches!(ask("ScimClient", "directory"), Answer::Failed(_)));
}

/// Trap 3: a policy without a name of its own would be `policy0`.
#[test]
fn a_policy_has_an_id_of_its_own_two_sentences_and_a_control() {
    let head = "permit (principal is Platform, action in Action::\"operate\", resource);";
    refuses_to_start(head, "more.cedar:1: a policy has an annotation `@id(");
    refuses_to_start(&format!("// x\n\n@id(\"a\") @fr(\"x\") {head}"), "more.cedar:3: ");
    refuses_to_start(&format!("@id(\"a\") @en(\"x\") @control(\"x\") {head}"), "`@fr(");
    refuses_to_start(&format!("@id(\"a\") @en(\"x\") @fr(\" \") @control(\"x\") {head}"), "`@fr(");
    refuses_to_start(&format!("@id(\"a\") @en(\"x\") @fr(\"x\") {head}"), "`@control(");
    let all = "@en(\"x\") @fr(\"x\") @control(\"x\")";
    refuses_to_start(&format!("@id(\"two-planes\") {all} {head}"), "there is another policy");
    refuses_to_start(&format!("@id(\"a\") @missing(\"x\") {all} {head}"), "stands on a `forbid`");
    assert!(with(&format!("@id(\"a\") {all} {head}")).is_ok());
}

/// Strict mode: a policy that could err, or can never apply, does not come into the server.
#[test]
fn a_text_that_does_not_parse_or_validate_names_its_file_and_line() {
    let policy = |condition: &str| {
        format!(
            "\n@id(\"a\") @en(\"x\") @fr(\"x\") @control(\"x\")\nforbid (principal, action == \
             Action::\"create\", resource) when {{ {condition} }};"
        )
    };
    assert!(with(&policy("context.access == Access::\"read\"")).is_ok());
    refuses_to_start(&policy("context.access =="), "more.cedar:3: ");
    refuses_to_start(&policy("context.acess == Access::\"read\""), "more.cedar:2: ");
    refuses_to_start(&policy("context.access == Access::\"raed\""), "more.cedar:2: ");
    refuses_to_start(&policy("context.access == \"read\""), "more.cedar:2: ");
    refuses_to_start(&policy("context.reach == Reach::\"own\""), "more.cedar:2: ");
    refuses_to_start(&policy("1 == 2"), "more.cedar:2: ");
}

#[test]
fn a_schema_that_asks_for_an_unknown_fact_does_not_start() {
    let read = |text: &str| Rules::read((SCHEMA.0, text), &CORE).expect_err("a fault").to_string();
    let unknown = SCHEMA.1.replace("hasUsers", "hasUsres");
    assert!(read(&unknown).contains("`hasUsres`, which is no known fact"), "{}", read(&unknown));
    let broken = read("entity User;\nentity ;\n");
    assert!(broken.starts_with("schemas/policy.cedarschema:2: "), "{broken}");
}

/// A right that is misspelt in a condition is one that nobody holds: no validation finds that.
#[test]
fn rights_that_rules_speak_of_are_rights_that_the_server_knows() {
    let mut found = 0;
    for (file, text) in CORE {
        for rest in text.split("held.contains(\"").skip(1) {
            let key = rest.split('"').next().unwrap_or_default();
            let is_known = crate::domain::rights::Right::ALL.iter().any(|it| it.as_str() == key);
            assert!(is_known, "{file}: `{key}`");
            found += 1;
        }
    }
    assert!(found >= 10, "{found}");
}

/// The API answers these with another status than a refusal; a misspelt one would be none.
#[test]
fn conflicts_are_rules() {
    for rule in crate::policy::CONFLICTS {
        assert!(core().find(rule).is_some_and(|it| it.effect == Effect::Forbids), "{rule}");
    }
}

/// Each action has a rule for each kind of actor, be it one that says why not.
#[test]
fn every_action_has_rules_and_few_of_them() {
    assert_eq!(core().actions().count(), 72);
    for (action, sizes) in core().actions() {
        assert!(sizes.iter().any(|size| *size > 0), "{action}");
        assert!(sizes.iter().all(|size| *size <= 13), "{action}: {sizes:?}");
    }
    let hot = core().actions().filter(|(name, _)| ["create", "patch"].contains(name));
    assert!(hot.into_iter().all(|(_, [_, scim, ..])| scim == 3));
}

#[test]
fn the_version_is_the_hash_of_all_texts_and_of_the_schema() {
    let other = with("// nothing\n").expect("rules");
    assert_eq!(core().version().len(), 64);
    assert_ne!(core().version(), other.version());
    let again = Rules::read(SCHEMA, &CORE).expect("rules");
    assert_eq!(core().version(), again.version());
}

#[test]
fn rules_are_in_the_order_of_their_texts_and_know_their_place() {
    let rule = core().find("scim-read-only-token").expect("a rule");
    assert_eq!((rule.file.as_str(), rule.effect.clone()), (CORE[1].0, Effect::Forbids));
    let line = CORE[1].1.lines().nth(rule.line - 1);
    assert_eq!(line, Some("@id(\"scim-read-only-token\")"));
    let place = |id: &str| core().all().position(|rule| rule.id == id).expect("a rule");
    assert!(place("scim-read-only-token") < place("scim-own-connection"));
    assert_eq!(core().all().last().map(|rule| rule.id.as_str()), Some("not-permitted"));
    assert!(rule.text.starts_with("@id(") && rule.text.ends_with("};"), "{}", rule.text);
}

/// What nobody may is written once, in two languages, and names no rule by its number.
#[test]
fn sentences_begin_small_end_without_a_full_stop_and_differ_by_language() {
    for rule in core().all() {
        for text in [&rule.en, &rule.fr] {
            let first = text.chars().next().expect("a letter");
            assert!(!first.is_uppercase() && !text.ends_with('.'), "{}: {text}", rule.id);
        }
        assert_ne!(rule.en, rule.fr, "{}", rule.id);
    }
    assert_eq!(KINDS.len(), 4);
}
