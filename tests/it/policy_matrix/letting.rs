//! Who has support users let in and lets them out: a row for each change, a column for each function; and each
//! thing that stands against it, alone (W3, W6, W9, W11, M01, M02, M30, M52, M69).

use countersign::domain::account::SupportMode;
use countersign::domain::command::Command;
use countersign::domain::command::approvals::{ApprovalChange, ApprovalEdit, Ballot};
use countersign::domain::ids::{ApprovalId, BundleId, ResourceId, SupportGrantId};
use countersign::domain::persons::support::grants::SupportSpec;
use countersign::domain::persons::support::{Function, Functions, Lack, Post};
use countersign::domain::rights::approvals::{Digest, Verdict};
use countersign::domain::rights::{Held, Right};
use countersign::policy::{Facts, Letting, Reach, Signing};
use uuid::Uuid;

use super::rights::{account, decided};

const MATRIX: &str = "
CHANGE               CSD                   CSD_DELEGATE          PSM                   OWN CSM               OTHER CSM             ADMIN HERE            OF ANOTHER            WITHOUT RIGHT         COMMAND LINE          TOKEN
ask                  yes                   yes                   yes                   yes                   support-asked-by      yes                   own-account-only      administrators-only   platform-no-people    scim-directory-only
sign                 yes                   yes                   yes                   yes                   yes                   yes                   support-signed-by     yes                   platform-no-people    scim-directory-only
take back            yes                   yes                   yes                   yes                   support-asked-by      yes                   own-account-only      administrators-only   platform-no-people    scim-directory-only
let out              yes                   yes                   yes                   yes                   support-ended-by      yes                   own-account-only      administrators-only   platform-no-people    scim-directory-only
";

/// W6, W3: who is not named here may not. Who signs is a fact, by what they are among staff or hold.
#[test]
pub(super) fn w6_w3_letting_in_and_out_is_decided_as_the_table_says() {
    let head = [
        "CHANGE",
        "CSD",
        "CSD_DELEGATE",
        "PSM",
        "OWN CSM",
        "OTHER CSM",
        "ADMIN HERE",
        "OF ANOTHER",
        "WITHOUT RIGHT",
        "COMMAND LINE",
        "TOKEN",
    ];
    let mut table = "\n".to_owned();
    super::write_row(&mut table, &head);
    for (name, command) in changes() {
        let staff = |function, is_own_csm| {
            let functions = Functions::from_iter([Post::Function(function)]);
            let letting = Letting { is_own_csm, ..open() };
            decided(&command, "signed-in staff", Facts { functions, ..facts(letting) })
        };
        let customer = |reach, held: &[Right]| {
            let held: Held = held.iter().copied().collect();
            decided(&command, "signed-in customer", Facts { reach, held, ..facts(open()) })
        };
        let admin = [Right::UsersAdminister];
        let row = [
            name,
            staff(Function::Csd, false),
            staff(Function::CsdDelegate, false),
            staff(Function::Psm, false),
            staff(Function::Csm, true),
            staff(Function::Csm, false),
            customer(Reach::Own, &admin),
            customer(Reach::Foreign, &admin),
            customer(Reach::Own, &[]),
            decided(&command, "command line", facts(open())),
            decided(&command, "provisioning token", facts(open())),
        ];
        super::write_row(&mut table, &row);
    }
    assert_eq!(table, MATRIX, "{table}");
}

/// W9, W11, M01, M02, M52, M69: each fact alone refuses, by a rule of its own; and so does what was not read.
#[test]
pub(super) fn each_thing_that_stands_against_asking_refuses_it_alone() {
    let (_, ask) = changes().remove(0);
    let asked = |letting, more: fn(&mut Facts)| {
        let functions = Functions::from_iter([Post::Function(Function::Csd)]);
        let mut facts = Facts { functions, ..facts(letting) };
        more(&mut facts);
        decided(&ask, "signed-in staff", facts)
    };
    let against: [(&str, Change); 9] = [
        ("support-into-customers-accounts", |it| it.is_customers = false),
        ("no-self-assignment", |it| it.is_target = true),
        ("support-closed", |it| it.mode = SupportMode::Closed),
        ("support-bundle-administers", |it| it.administers = true),
        ("support-user-team", |it| it.lacks = vec![Lack::Team]),
        ("support-user-second-factor", |it| it.lacks = vec![Lack::SecondFactor]),
        ("support-user-background-check", |it| it.lacks = vec![Lack::BackgroundCheck]),
        ("support-user-check-expired", |it| it.lacks = vec![Lack::CurrentCheck]),
        ("support-user-sso-link", |it| it.lacks = vec![Lack::SsoLink]),
    ];
    for (rule, change) in against {
        let mut letting = open();
        change(&mut letting);
        assert_eq!(asked(letting, |_| {}), rule);
    }
    assert_eq!(asked(open(), |it| it.signing.has_approver = false), "support-no-signer-exists");
    assert_eq!(asked(open(), |it| it.is_fresh = false), "fresh-second-factor");
    assert_ne!(asked(open(), |it| it.letting = None), "yes");
    assert_ne!(asked(Letting::default(), |_| {}), "yes");
}

/// W11, M30, M03 to M06: against signing, by the mode and by who they are.
#[test]
pub(super) fn each_thing_that_stands_against_signing_refuses_it_alone() {
    let (_, sign) = changes().remove(1);
    let signed = |letting: fn(&mut Letting), more: fn(&mut Signing)| {
        let mut open = open();
        letting(&mut open);
        let mut facts = facts(open);
        more(&mut facts.signing);
        decided(&sign, "signed-in staff", facts)
    };
    assert_eq!(signed(|it| it.mode = SupportMode::Closed, |_| {}), "support-closed");
    let by_mode = |it: &mut Letting| it.mode = SupportMode::CustomerApproval;
    assert_eq!(signed(by_mode, |_| {}), "support-customer-approval");
    let with_asker = |it: &mut Letting| {
        it.mode = SupportMode::CustomerApproval;
        it.by_customer = true;
    };
    let as_customer = |it: &mut Letting| {
        it.mode = SupportMode::CustomerApproval;
        it.as_customer = true;
    };
    assert_eq!(signed(with_asker, |_| {}), "yes");
    assert_eq!(signed(as_customer, |_| {}), "yes");
    assert_eq!(signed(|_| {}, |it| it.is_approver = false), "support-signed-by");
    let own = |it: &mut Letting| it.is_own_delegate = true;
    assert_eq!(signed(own, |it| it.is_approver = false), "support-not-by-own-delegate");
    assert_eq!(signed(|_| {}, |it| it.is_requester = true), "approver-not-requester");
    assert_eq!(signed(|_| {}, |it| it.is_beneficiary = true), "approver-not-beneficiary");
    // Whoever asked takes it back, and whoever is in goes.
    let (_, cancel) = changes().remove(2);
    let mut facts = facts(open());
    facts.signing.is_requester = true;
    assert_eq!(decided(&cancel, "signed-in staff", facts.clone()), "yes");
    facts.signing.waits = false;
    assert_eq!(decided(&cancel, "signed-in staff", facts.clone()), "request-settled");
    let (_, end) = changes().remove(3);
    facts.letting = Some(Letting { is_target: true, ..open() });
    assert_eq!(decided(&end, "signed-in staff", facts), "yes");
}

/// What is made to stand against it.
type Change = fn(&mut Letting);

/// An account that lets in, and somebody who lacks nothing.
fn open() -> Letting {
    Letting {
        is_customers: true,
        mode: SupportMode::TwoPerson,
        is_target: false,
        administers: false,
        ..Letting::default()
    }
}

fn facts(letting: Letting) -> Facts {
    let signing = Signing {
        is_approver: true,
        waits: true,
        is_seen: true,
        has_approver: true,
        ..Signing::default()
    };
    Facts { is_fresh: true, signing, letting: Some(letting), ..Facts::default() }
}

fn changes() -> Vec<(&'static str, Command)> {
    let of = |what| Command::ChangeApproval(Box::new(ApprovalChange { account: account(), what }));
    let id = Uuid::from_u128(9);
    let ballot = Ballot {
        digest: Digest([7; 32]),
        verdict: Verdict::Approve,
        comment: String::new(),
        strike: std::collections::BTreeSet::new(),
    };
    let spec = SupportSpec {
        user: ResourceId::new(id),
        bundle: BundleId::new(id),
        workspace: None,
        starts_at: None,
        ends_at: None,
        reason: "x".to_owned(),
    };
    vec![
        ("ask", of(ApprovalEdit::AskSupport(spec))),
        ("sign", of(ApprovalEdit::Vote(ApprovalId::new(id), ballot))),
        ("take back", of(ApprovalEdit::Cancel(ApprovalId::new(id)))),
        ("let out", of(ApprovalEdit::EndSupport(SupportGrantId::new(id)))),
    ]
}
