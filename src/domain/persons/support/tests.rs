//! Words of functions and teams, days, and what W8 asks of a support user.

use super::{Day, Function, Functions, Lack, Post, SupportUser, Team};
use crate::domain::ids::ResourceId;
use crate::domain::time::Timestamp;

#[test]
fn every_function_and_team_reads_as_it_is_written() {
    let functions = Function::ALL.map(Post::Function).into_iter();
    for post in functions.chain(Team::ALL.map(Post::Team)) {
        assert_eq!(Post::parse(post.kind(), post.name()), Some(post));
    }
    assert_eq!(Post::parse("team", "csd"), None);
    assert_eq!(Post::parse("right", "support"), None);
}

#[test]
fn directors_their_delegates_and_services_managers_are_approvers_and_nobody_else() {
    let approvers = Function::ALL.into_iter().filter(|it| it.makes_approvers());
    let expected = [Function::Csd, Function::CsdDelegate, Function::Psm];
    assert_eq!(approvers.collect::<Vec<_>>(), expected);
}

#[test]
fn a_day_is_one_of_the_calendar_and_later_ones_are_greater() {
    for wrong in ["2026-02-30", "2026-2-3", "2026-01-01T00:00:00Z", "", "today"] {
        assert_eq!(Day::parse(wrong), None, "{wrong}");
    }
    let day = |text| Day::parse(text).expect("a day");
    assert!(day("2026-09-30") < day("2026-10-01"));
    assert_eq!(Day::of(Timestamp::from_micros(0)), day("1970-01-01"));
}

/// W8: each thing that is lacking is said.
#[test]
fn w8_m69_whatever_is_lacking_is_said_and_nothing_else() {
    let today = Day::parse("2026-01-02").expect("a day");
    let nobody = SupportUser {
        user: ResourceId::new(uuid::Uuid::nil()),
        display_name: String::new(),
        key: String::new(),
        functions: Functions::default(),
        employer: None,
        has_factor: false,
        checked_until: None,
        has_sso: false,
    };
    let all = [Lack::Team, Lack::SecondFactor, Lack::BackgroundCheck, Lack::SsoLink];
    assert_eq!(nobody.lacks(&today), all);
    let somebody = SupportUser {
        functions: [Post::Team(Team::Support)].into_iter().collect(),
        has_factor: true,
        has_sso: true,
        checked_until: Day::parse("2026-01-01"),
        ..nobody
    };
    assert_eq!(somebody.lacks(&today), [Lack::CurrentCheck]);
    // The last day is within.
    let somebody = SupportUser { checked_until: Some(today.clone()), ..somebody };
    assert_eq!(somebody.lacks(&today), []);
}
