//! Who gives whom a link to enrol a first second factor, and who sees the list of those it is for.

use std::fmt::Write as _;
use std::sync::Arc;

use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, IssueEnrolmentLink};
use countersign::domain::ids::{AccountId, ResourceId};
use countersign::domain::rights::{Held, Right};
use countersign::policy::{Ask, Decision, Enrollee, Facts, may_see_staff, staff_scope};
use uuid::Uuid;

use super::person;
use super::recorded::decide;

/// M70, DECISIONS.md 5 and 6. "Asker" is oneself, "suspect" a user who may be the same human. Last is the
/// list, which is always that of the own account, and whether there is a way to it.
const ENROLMENT: &str = "
ACTOR     HOLDS             ACCOUNT  FACTOR  UNENROLLED              NOBODY                  ENROLLED                SUSPECT                 ASKER                   UNREAD                  LIST
staff     users.administer  own      fresh   yes                     yes                     reset-takes-approvals   enrolment-two-people    enrolment-not-own       enrolment-two-people    yes, a way
staff     users.administer  own      old     fresh-second-factor     fresh-second-factor     reset-takes-approvals   enrolment-two-people    enrolment-not-own       enrolment-two-people    fresh-second-factor, a way
staff     users.administer  other    fresh   own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        yes, a way
staff     users.administer  other    old     own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        fresh-second-factor, a way
staff     sso.configure     own      fresh   users-administer-right  users-administer-right  users-administer-right  users-administer-right  users-administer-right  users-administer-right  users-administer-right, no way
staff     sso.configure     own      old     users-administer-right  users-administer-right  users-administer-right  users-administer-right  users-administer-right  users-administer-right  users-administer-right, no way
staff     sso.configure     other    fresh   own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        users-administer-right, no way
staff     sso.configure     other    old     own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        users-administer-right, no way
customer  users.administer  own      fresh   enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff, no way
customer  users.administer  own      old     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff, no way
customer  users.administer  other    fresh   own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        enrolment-for-staff, no way
customer  users.administer  other    old     own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        enrolment-for-staff, no way
customer  sso.configure     own      fresh   enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff, no way
customer  sso.configure     own      old     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff     enrolment-for-staff, no way
customer  sso.configure     other    fresh   own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        enrolment-for-staff, no way
customer  sso.configure     other    old     own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        own-account-only        enrolment-for-staff, no way
";

#[test]
pub(super) fn m70_a_link_is_given_by_another_of_staff_who_holds_the_right() {
    let head = ENROLMENT.trim().lines().next().unwrap_or_default();
    let mut table = format!("\n{head}\n");
    for n in 0..16_u8 {
        let [is_customer, is_foreign, is_old, lacks] = [8, 2, 1, 4].map(|bit| n & bit != 0);
        let right = if lacks { Right::SsoConfigure } else { Right::UsersAdminister };
        let (place, factor) =
            (if is_foreign { "other" } else { "own" }, if is_old { "old" } else { "fresh" });
        let who = if is_customer { "customer" } else { "staff" };
        let row = format!("{who:<10}{:<18}{place:<9}{factor:<8}", right.as_str());
        let facts = Facts { held: Held::from_iter([right]), is_fresh: !is_old, ..Facts::default() };
        let list = see(!is_customer, &facts);
        let cells = give(!is_customer, is_foreign, &facts);
        let row = cells.iter().fold(row, |row, cell| format!("{row}{cell:<24}"));
        writeln!(table, "{row}{list}").expect("a line");
    }
    assert_eq!(table, ENROLMENT, "{table}");
}

/// What policy says to a link, by whom it is for.
fn give(is_staff: bool, is_foreign: bool, facts: &Facts) -> [&'static str; 6] {
    use Enrollee::{Asker, Enrolled, Nobody, Suspect, Unenrolled, Unread};
    let account = AccountId::new(Uuid::from_u128(if is_foreign { 2 } else { 1 }));
    let issue = IssueEnrolmentLink { account, user: ResourceId::new(Uuid::from_u128(9)) };
    let command = Arc::new(Command::IssueEnrolmentLink(issue));
    [Unenrolled, Nobody, Enrolled, Suspect, Asker, Unread].map(|enrollee| {
        let facts = Facts { enrollee, ..facts.clone() };
        let (actor, command) = (Actor::User(person(is_staff)), Arc::clone(&command));
        match decide(Ask { actor, command, facts }) {
            Decision::Allow(_) => "yes",
            Decision::Deny(denial) => denial.rule,
        }
    })
}

/// What it says to seeing the list.
fn see(is_staff: bool, facts: &Facts) -> String {
    let who = person(is_staff);
    let list = staff_scope(&who, &facts.held, facts.is_fresh).map_or_else(|no| no.rule, |_| "yes");
    let way = if may_see_staff(&who, &facts.held) { "a way" } else { "no way" };
    format!("{list}, {way}")
}
