//! Who may ask for a second person, and be one: a row for each way, a column for each thing that stands
//! against a vote.

use countersign::domain::command::Command;
use countersign::domain::command::approvals::{ApprovalChange, ApprovalEdit, Ballot};
use countersign::domain::ids::ApprovalId;
use countersign::domain::rights::approvals::{Digest, Verdict};
use countersign::domain::rights::{Held, Right};
use countersign::policy::{Facts, Reach, Signing};
use uuid::Uuid;

use super::rights::{account, decided};

const MATRIX: &str = "
CHANGE               ADMIN HERE            OF ANOTHER            STAFF                 WITHOUT RIGHT         COMMAND LINE          TOKEN
ask                  yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
vote                 yes                   approver-right        yes                   yes                   platform-no-people    scim-directory-only
cancel               yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
";

#[test]
pub(super) fn c6_requests_are_decided_as_the_table_says() {
    let head =
        ["CHANGE", "ADMIN HERE", "OF ANOTHER", "STAFF", "WITHOUT RIGHT", "COMMAND LINE", "TOKEN"];
    let mut table = "\n".to_owned();
    super::write_row(&mut table, &head);
    for (name, command) in changes() {
        let ask = |actor: &str, reach, held: &[Right]| {
            let held: Held = held.iter().copied().collect();
            let facts = Facts { reach, held, is_fresh: true, signing: able(), ..Facts::default() };
            decided(&command, actor, facts)
        };
        let admin = [Right::UsersAdminister];
        let row = [
            name,
            ask("signed-in customer", Reach::Own, &admin),
            ask("signed-in customer", Reach::Foreign, &admin),
            ask("signed-in staff", Reach::Foreign, &admin),
            ask("signed-in customer", Reach::Own, &[]),
            ask("command line", Reach::Foreign, &[]),
            ask("provisioning token", Reach::Foreign, &[]),
        ];
        super::write_row(&mut table, &row);
    }
    assert_eq!(table, MATRIX, "{table}");
}

/// M03-M08, M16, M24, M29, M32, M33: each fact alone refuses a vote, by a rule of its own.
#[test]
pub(super) fn each_thing_that_stands_against_a_vote_refuses_it_alone() {
    let against: [(&str, Change); 10] = [
        ("approver-not-requester", |it| it.is_requester = true),
        ("approver-not-beneficiary", |it| it.is_beneficiary = true),
        ("approver-right", |it| it.is_approver = false),
        ("approver-made-by-requester", |it| it.is_made_by_requester = true),
        ("one-vote-per-person", |it| it.has_voted = true),
        ("request-settled", |it| it.waits = false),
        ("request-expired", |it| it.is_late = true),
        ("approver-right-too-new", |it| it.is_newer = true),
        ("approver-cooling-off", |it| it.is_cooling_off = true),
        ("content-changed", |it| it.is_seen = false),
    ];
    let (_, vote) = changes().remove(1);
    let asked = |signing, is_fresh| {
        let facts = Facts { reach: Reach::Own, is_fresh, signing, ..Facts::default() };
        decided(&vote, "signed-in customer", facts)
    };
    for (rule, change) in against {
        let mut signing = able();
        change(&mut signing);
        assert_eq!(asked(signing, true), rule);
    }
    assert_eq!(asked(able(), false), "fresh-second-factor");
    assert_eq!(asked(able(), true), "yes");
    let (_, ask) = changes().remove(0);
    let held = Held::from_iter([Right::UsersAdminister]);
    let facts = Facts { reach: Reach::Own, held, ..Facts::default() };
    assert_eq!(decided(&ask, "signed-in customer", facts), "no-approver-exists");
}

/// What is made to stand against a vote.
type Change = fn(&mut Signing);

/// Nothing stands against it.
fn able() -> Signing {
    Signing {
        is_approver: true,
        waits: true,
        is_seen: true,
        has_approver: true,
        ..Signing::default()
    }
}

fn changes() -> Vec<(&'static str, Command)> {
    let of = |what| Command::ChangeApproval(Box::new(ApprovalChange { account: account(), what }));
    let id = ApprovalId::new(Uuid::from_u128(9));
    let ballot = Ballot {
        digest: Digest([7; 32]),
        verdict: Verdict::Approve,
        comment: String::new(),
        strike: [].into(),
    };
    let ask =
        ApprovalEdit::Ask { source: Uuid::from_u128(8), users: [].into(), reason: String::new() };
    vec![
        ("ask", of(ask)),
        ("vote", of(ApprovalEdit::Vote(id, ballot))),
        ("cancel", of(ApprovalEdit::Cancel(id))),
    ]
}
