//! Each rule is there for something: taken out, it is missed (POLICY.md §3, mutation testing of policies).

use std::collections::BTreeSet;

use countersign::policy::{self, Answer, Ask, Case, Effect, Rules};

use super::recorded::asked_by;

/// What rules were asked, and what they answered: the matrix's own asks, and the cases beside the rules.
struct Asked {
    asks: Vec<Ask>,
    cases: Vec<Case>,
}

fn asked() -> Asked {
    let asks = asked_by(|| {
        super::policy_decides_as_the_table_says();
        super::a_link_to_choose_a_password_is_for_users_without_sso();
        super::s13_a_catalogue_that_raises_something_privileged_is_not_activated_by_one_word();
        super::sign_in_is_set_up_by_who_holds_the_right_with_a_fresh_second_factor();
        super::enrolment::m70_a_link_is_given_by_another_of_staff_who_holds_the_right();
        super::rights::changes_of_accounts_rights_and_people_are_decided_as_the_table_says();
        super::rights::s7_a_bundle_holds_no_right_that_its_author_does_not_hold();
        super::rights::c5_nobody_gives_themselves_a_grant_or_properties();
        super::approvals::c6_requests_are_decided_as_the_table_says();
        super::approvals::each_thing_that_stands_against_a_vote_refuses_it_alone();
        super::letting::w6_w3_letting_in_and_out_is_decided_as_the_table_says();
        super::letting::each_thing_that_stands_against_asking_refuses_it_alone();
        super::letting::each_thing_that_stands_against_signing_refuses_it_alone();
        super::administrators::s4_m59_what_would_leave_nobody_is_refused_whoever_asks();
        super::administrators::s4_staff_name_an_administrator_only_where_nobody_administers();
        super::support::what_staff_do_is_decided_as_the_table_says();
        super::support::m57_nobody_says_of_themselves_what_they_are();
        super::support::m33_a_second_factor_was_shown_just_before_but_for_taking_away_a_stand_in();
        super::support::w11_letting_in_more_takes_two();
        super::support::w1_the_command_line_makes_accounts_until_there_is_a_director();
    });
    assert!(asks.len() > 700, "{}", asks.len());
    Asked { asks, cases: policy::cases().expect("cases") }
}

impl Asked {
    fn answers(&self, rules: &Rules) -> Vec<String> {
        let asks = self.asks.iter().map(|ask| policy::answer(rules, ask));
        let cases = self.cases.iter().map(|case| case.answer(rules));
        asks.chain(cases).map(|answer| answer.word().to_owned()).collect()
    }
}

fn core() -> &'static Rules {
    Rules::core().expect("the rules can be used")
}

/// Forbids beside which another refuses the same: what staff would do in a customer's account is refused as
/// another plane, and as another account than theirs. Each is asked what it is good for without the other.
const OVERLAPS: [(&str, &str); 1] = [("two-planes", "own-account-only")];

/// The rules without those that refuse the same as one.
fn beside(id: &str) -> Option<Rules> {
    let (_, other) = OVERLAPS.iter().find(|(of, _)| *of == id)?;
    Some(core().without(other).expect("rules"))
}

/// A forbid that is taken out lets something through; a permit that is taken out lets something be refused;
/// an explanation that is taken out is not given.
#[test]
fn each_rule_that_is_taken_out_is_missed() {
    let asked = asked();
    let all = asked.answers(core());
    for rule in core().all() {
        let beside = beside(&rule.id);
        let rules = beside.as_ref().unwrap_or(core());
        let with = if beside.is_some() { asked.answers(rules) } else { all.clone() };
        let without = asked.answers(&rules.without(&rule.id).expect("rules"));
        let both = with.iter().zip(&without);
        let is_missed = match rule.effect {
            Effect::Forbids => both.clone().any(|(a, b)| a != "allow" && b == "allow"),
            Effect::Permits => both.clone().any(|(a, b)| a == "allow" && b != "allow"),
            Effect::Explains(_) => both.clone().any(|(a, b)| a == &rule.id && b != a),
        };
        let is_last = rule.id == "not-permitted";
        assert!(is_missed != is_last, "`{}` is not missed: give it a case", rule.id);
        // What permits nothing lets nothing through by going.
        let opens = both.clone().any(|(a, b)| a != "allow" && b == "allow");
        assert!(!opens || rule.effect == Effect::Forbids, "`{}` opens something", rule.id);
    }
}

/// Every rule is named by something that was asked, so that no text of it goes unread; the last word is for
/// what nobody thought of.
#[test]
fn each_rule_that_refuses_is_named_by_something_that_was_asked() {
    let named: BTreeSet<String> = asked().answers(core()).into_iter().collect();
    let refuses = core().all().filter(|rule| rule.effect != Effect::Permits);
    let unnamed = refuses.map(|rule| rule.id.as_str()).filter(|id| !named.contains(*id));
    assert_eq!(unnamed.collect::<Vec<_>>(), ["not-permitted"]);
    assert!(!named.contains("policy-error"), "{named:?}");
}

#[test]
fn each_case_is_answered_as_the_table_says() {
    for case in policy::cases().expect("cases") {
        let answer = case.answer(core());
        assert_eq!(answer.word(), case.expect, "{} {} {}", case.who, case.action, case.facts);
    }
}

/// Each command is an action of the schema, and each action has a rule that permits it to somebody.
#[test]
fn each_command_is_an_action_and_each_action_is_permitted_to_somebody() {
    for ask in asked().asks {
        let failed = match policy::answer(core(), &ask) {
            Answer::Failed(why) => Some(why),
            Answer::Allowed | Answer::Refused(_) => None,
        };
        assert_eq!(failed, None, "{:?}", ask.command);
    }
    for (action, sizes) in core().actions() {
        assert!(sizes.iter().sum::<usize>() > 0, "{action}");
    }
}

/// What a decision costs; printed, not limited: `cargo test -- --nocapture a_decision_costs`.
#[test]
#[expect(clippy::print_stdout, reason = "a number for whoever asks for it")]
fn a_decision_costs_microseconds() {
    let asked = asked();
    let rounds = 2000_u32;
    for (name, wanted) in [("token creates", "create"), ("administrator grants", "grant")] {
        let ask = asked.asks.iter().find(|ask| {
            let is_wanted = match wanted {
                "create" => {
                    matches!(*ask.command, countersign::domain::command::Command::Create(_))
                }
                _ => format!("{:?}", ask.command).contains("Grant(GrantSpec"),
            };
            is_wanted && matches!(policy::answer(core(), ask), Answer::Allowed)
        });
        let ask = ask.expect("a permitted ask");
        let start = std::time::Instant::now();
        for _ in 0..rounds {
            assert!(matches!(policy::answer(core(), ask), Answer::Allowed));
        }
        let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds);
        println!("policy: {name}: {each:.1} µs a decision");
    }
}
