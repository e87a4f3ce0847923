//! The last administrator is kept (S4, M59), and an account without one is given another by two of staff.

use countersign::domain::command::Command;
use countersign::domain::command::rights::{RightsChange, RightsEdit};
use countersign::domain::ids::{GrantId, ResourceId};
use countersign::domain::persons::support::{Function, Functions, Post};
use countersign::domain::rights::sources::{Gift, GrantSpec, Period, Place};
use countersign::domain::rights::{Held, Right, RightKey};
use countersign::domain::time::{OPEN_END, Timestamp};
use countersign::policy::{Administration, Beneficiary, Facts, Reach};
use uuid::Uuid;

use super::rights::{account, decided};

fn of(what: RightsEdit) -> Command {
    Command::ChangeRights(Box::new(RightsChange { account: account(), what, if_match: None }))
}

fn give(right: &str, place: Place) -> Command {
    of(RightsEdit::Grant(GrantSpec {
        user: ResourceId::new(Uuid::from_u128(5)),
        gift: Gift::Right(RightKey::parse(right).expect("a key")),
        place,
        period: Period { starts_at: Timestamp::from_micros(0), ends_at: OPEN_END },
        reason: "x".to_owned(),
    }))
}

#[test]
pub(super) fn s4_m59_what_would_leave_nobody_is_refused_whoever_asks() {
    let end = of(RightsEdit::EndGrant(GrantId::new(Uuid::from_u128(6))));
    let facts = |leaves_none| Facts {
        reach: Reach::Own,
        held: Held::from_iter([Right::UsersAdminister]),
        administration: Administration { leaves_none, ..Administration::default() },
        ..Facts::default()
    };
    assert_eq!(decided(&end, "signed-in customer", facts(true)), "last-administrator");
    assert_eq!(decided(&end, "signed-in customer", facts(false)), "yes");
}

#[test]
pub(super) fn s4_staff_name_an_administrator_only_where_nobody_administers() {
    let wanted = give("users.administer", Place::Account);
    let facts = |is_lost, function: Option<Function>| Facts {
        is_fresh: true,
        beneficiary: Beneficiary::Other,
        functions: function.into_iter().map(Post::Function).collect::<Functions>(),
        administration: Administration { is_lost, ..Administration::default() },
        ..Facts::default()
    };
    let staff = |command: &Command, facts| decided(command, "signed-in staff", facts);
    for function in [Function::Csd, Function::Psm] {
        assert_eq!(staff(&wanted, facts(true, Some(function))), "yes");
        assert_eq!(staff(&wanted, facts(false, Some(function))), "two-planes");
    }
    let csm = Administration { is_lost: true, is_csm: true, leaves_none: false };
    let csm = Facts { administration: csm, ..facts(true, Some(Function::Csm)) };
    assert_eq!(staff(&wanted, csm), "yes");
    for function in
        [None, Some(Function::Csm), Some(Function::Support), Some(Function::CsdDelegate)]
    {
        assert_eq!(staff(&wanted, facts(true, function)), "recovery-by-two");
    }
    let all = || facts(true, Some(Function::Csd));
    let other = give("dashboards.read", Place::Account);
    assert_eq!(staff(&other, all()), "two-planes");
    assert_eq!(staff(&give("users.administer", Place::Children), all()), "two-planes");
    let stale = Facts { is_fresh: false, ..all() };
    assert_eq!(staff(&wanted, stale), "fresh-second-factor");
    for beneficiary in [Beneficiary::Asker, Beneficiary::Unread] {
        let own = Facts { beneficiary, ..all() };
        assert_eq!(staff(&wanted, own), "no-self-assignment");
    }
    assert_eq!(decided(&wanted, "signed-in customer", all()), "own-account-only");
}
