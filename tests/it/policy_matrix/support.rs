//! What the operator's staff do, by what they are: a row for each command, a column for each function.

use std::sync::Arc;

use countersign::domain::account::{Kind, Slug, SupportMode};
use countersign::domain::actor::Actor;
use countersign::domain::command::accounts::{AccountChange, AccountEdit};
use countersign::domain::command::support::{SupportChange, SupportEdit};
use countersign::domain::command::{Command, CreateAccount};
use countersign::domain::ids::{AccountId, DelegationId, ResourceId, SupportFunctionId};
use countersign::domain::persons::support::{
    Check, Day, DelegationSpec, Function, FunctionSpec, Functions, NewTeam, Post, Team,
};
use countersign::domain::rights::sources::Period;
use countersign::domain::rights::{Held, Right};
use countersign::policy::{Ask, Beneficiary, Decision, Directors, Facts, Loosening, Reach};
use uuid::Uuid;

use super::actors;
use super::recorded::decide;

const MATRIX: &str = "
COMMAND              CSD                       CSD_DELEGATE              PSM                       CSM                       SUPPORT TEAM              SERVICES TEAM             NOTHING                   CUSTOMER                  COMMAND LINE              TOKEN
make an account      yes                       yes                       accounts-by-csd           accounts-by-csd           accounts-by-csd           accounts-by-csd           accounts-by-csd           accounts-by-csd           platform-no-people        scim-directory-only
give a function      yes                       functions-by-csd          functions-by-csd          functions-by-csd          functions-by-csd          functions-by-csd          functions-by-csd          support-by-staff          support-by-staff          scim-directory-only
end a function       yes                       functions-by-csd          functions-by-csd          functions-by-csd          functions-by-csd          functions-by-csd          functions-by-csd          support-by-staff          support-by-staff          scim-directory-only
delegate             yes                       delegates-do-not-delegate delegations-by-csd        delegations-by-csd        delegations-by-csd        delegations-by-csd        delegations-by-csd        support-by-staff          support-by-staff          scim-directory-only
end a delegation     yes                       delegations-by-csd        delegations-by-csd        delegations-by-csd        delegations-by-csd        delegations-by-csd        delegations-by-csd        support-by-staff          support-by-staff          scim-directory-only
note a check         yes                       checks-by-csd-or-psm      yes                       checks-by-csd-or-psm      checks-by-csd-or-psm      checks-by-csd-or-psm      checks-by-csd-or-psm      support-by-staff          support-by-staff          scim-directory-only
set a permission     permissions-by-teams      permissions-by-teams      permissions-by-teams      permissions-by-teams      yes                       yes                       permissions-by-teams      operators-plane           yes                       scim-directory-only
set the support mode two-planes                two-planes                two-planes                two-planes                two-planes                two-planes                two-planes                yes                       two-planes                scim-directory-only
";

/// W1, W5, W8, W11, S6, S8: who is not named here may not.
#[test]
pub(super) fn what_staff_do_is_decided_as_the_table_says() {
    let mut table = "\n".to_owned();
    let columns = columns();
    let heads = columns.iter().map(|(name, ..)| *name).chain(["CUSTOMER", "COMMAND LINE", "TOKEN"]);
    write_row(&mut table, "COMMAND", &heads.collect::<Vec<_>>());
    for (name, command) in commands() {
        let mut row: Vec<&str> = columns
            .iter()
            .map(|(_, functions)| decided(&command, "signed-in staff", facts(functions)))
            .collect();
        // A customer is nothing among staff, whatever groups of theirs are called.
        let customer = Facts {
            reach: Reach::Own,
            held: Held::from_iter([Right::UsersAdminister]),
            ..facts(&everything())
        };
        row.push(decided(&command, "signed-in customer", customer));
        row.push(decided(&command, "command line", facts(&Functions::default())));
        row.push(decided(&command, "provisioning token", facts(&Functions::default())));
        write_row(&mut table, name, &row);
    }
    assert_eq!(table, MATRIX, "{table}");
}

/// C5, M57, M30: whoever would gain by it is refused, and so is what was not read.
#[test]
pub(super) fn m57_nobody_says_of_themselves_what_they_are() {
    for (name, command) in commands() {
        for beneficiary in [Beneficiary::Asker, Beneficiary::Unread] {
            let facts = Facts { beneficiary, ..facts(&everything()) };
            let expected = match name {
                "set a permission" | "end a function" | "end a delegation" => "yes",
                "set the support mode" => "two-planes",
                _ => "no-self-assignment",
            };
            assert_eq!(decided(&command, "signed-in staff", facts), expected, "{name}");
        }
    }
    // Who stands in ends it themselves.
    let facts = Facts { beneficiary: Beneficiary::Asker, ..facts(&Functions::default()) };
    let [_, _, _, _, (_, end), ..] = commands();
    assert_eq!(decided(&end, "signed-in staff", facts), "yes");
}

#[test]
pub(super) fn m33_a_second_factor_was_shown_just_before_but_for_taking_away_a_stand_in() {
    for (name, command) in commands() {
        let facts = Facts { is_fresh: false, ..facts(&everything()) };
        let expected = match name {
            "set the support mode" => "two-planes",
            "end a delegation" => "yes",
            _ => "fresh-second-factor",
        };
        assert_eq!(decided(&command, "signed-in staff", facts), expected, "{name}");
    }
}

/// W11: an administrator alone lets in less.
#[test]
pub(super) fn w11_letting_in_more_takes_two() {
    let (_, command) = &commands()[7];
    for (loosening, expected) in [
        (Loosening::No, "yes"),
        (Loosening::Yes, "support-mode-takes-two"),
        (Loosening::Unread, "support-mode-takes-two"),
    ] {
        let held = Held::from_iter([Right::UsersAdminister]);
        let facts = Facts { loosening, reach: Reach::Own, held, ..Facts::default() };
        assert_eq!(decided(command, "signed-in customer", facts), expected, "{loosening:?}");
    }
}

/// W1: and the operator's account, which has no director before it is there, is the command line's.
#[test]
pub(super) fn w1_the_command_line_makes_accounts_until_there_is_a_director() {
    for (kind, directors, expected) in [
        (Kind::Standard, Directors::None, "yes"),
        (Kind::Standard, Directors::Active, "accounts-by-csd"),
        (Kind::Child, Directors::Unread, "accounts-by-csd"),
        (Kind::Parent, Directors::Active, "accounts-by-csd"),
        (Kind::Operator, Directors::Active, "yes"),
    ] {
        let command = account(kind, None);
        let facts = Facts { directors, ..Facts::default() };
        assert_eq!(decided(&command, "command line", facts), expected, "{kind:?} {directors:?}");
    }
    let command = account(Kind::Operator, None);
    let answer = decided(&command, "signed-in staff", facts(&everything()));
    assert_eq!(answer, "operator-by-command-line");
}

fn columns() -> [(&'static str, Functions); 7] {
    let of = |post| Functions::from_iter([post]);
    [
        ("CSD", of(Post::Function(Function::Csd))),
        ("CSD_DELEGATE", of(Post::Function(Function::CsdDelegate))),
        ("PSM", of(Post::Function(Function::Psm))),
        ("CSM", of(Post::Function(Function::Csm))),
        ("SUPPORT TEAM", of(Post::Team(Team::Support))),
        ("SERVICES TEAM", of(Post::Team(Team::Services))),
        ("NOTHING", Functions::default()),
    ]
}

fn everything() -> Functions {
    let functions = Function::ALL.map(Post::Function).into_iter();
    functions.chain(Team::ALL.map(Post::Team)).collect()
}

fn facts(functions: &Functions) -> Facts {
    Facts {
        functions: functions.clone(),
        is_fresh: true,
        beneficiary: Beneficiary::Other,
        directors: Directors::None,
        loosening: Loosening::No,
        ..Facts::default()
    }
}

fn decided(command: &Command, actor: &str, facts: Facts) -> &'static str {
    let (_, actor): (_, Actor) =
        actors().into_iter().find(|(name, _)| *name == actor).expect("an actor");
    match decide(Ask { actor, command: Arc::new(command.clone()), facts }) {
        Decision::Allow(_) => "yes",
        Decision::Deny(denial) => denial.rule,
    }
}

fn account(kind: Kind, team: Option<NewTeam>) -> Command {
    let slug = Slug::parse("acme").expect("a slug");
    Command::CreateAccount(CreateAccount {
        slug,
        name: "x".to_owned(),
        kind,
        parent: None,
        team,
        first_administrator: None,
    })
}

fn commands() -> [(&'static str, Command); 8] {
    let id = Uuid::from_u128(7);
    let user = ResourceId::new(id);
    let operator = AccountId::new(Uuid::from_u128(1));
    let staff = |what| Command::ChangeSupport(Box::new(SupportChange { account: operator, what }));
    let of_account = |what| {
        let change = AccountChange { account: operator, what, if_match: None };
        Command::ChangeAccount(Box::new(change))
    };
    let day = Day::parse("2026-01-01").expect("a day");
    let check = Check { checked_on: day.clone(), valid_until: day };
    let spec = FunctionSpec { group: user, post: Post::Team(Team::Support) };
    let permission = AccountEdit::SetPermission { permission: "x".to_owned(), is_on: true };
    let team = NewTeam { csm: user, onboarding_pm: None };
    let stand_in = DelegationSpec { to: user, period: Period::ALWAYS };
    [
        ("make an account", account(Kind::Standard, Some(team))),
        ("give a function", staff(SupportEdit::GiveFunction(spec))),
        ("end a function", staff(SupportEdit::EndFunction(SupportFunctionId::new(id)))),
        ("delegate", staff(SupportEdit::Delegate(stand_in))),
        ("end a delegation", staff(SupportEdit::EndDelegation(DelegationId::new(id)))),
        ("note a check", staff(SupportEdit::NoteCheck(user, check))),
        ("set a permission", of_account(permission)),
        ("set the support mode", of_account(AccountEdit::SetSupportMode(SupportMode::Closed))),
    ]
}

fn write_row(table: &mut String, name: &str, cells: &[&str]) {
    use std::fmt::Write as _;
    let row = cells.iter().fold(format!("{name:<21}"), |row, cell| format!("{row}{cell:<26}"));
    writeln!(table, "{}", row.trim_end()).expect("a line");
}
