//! What is known of a user's rights, and what is decided by it.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::domain::ids::{AccountId, ResourceId, WorkspaceId};
use crate::domain::rights::RightKey;
use crate::domain::rights::decisions::{AccountName, Decision, Known, Reason};
use crate::domain::rights::paths::{Path, Source, Stop, Where};
use crate::domain::time::{OPEN_END, Timestamp};

const ACCOUNT: Where = Where { account: AccountId::CATALOGUE, workspace: None };

fn workspace(n: u128) -> Where {
    Where { workspace: Some(WorkspaceId::new(Uuid::from_u128(n))), ..ACCOUNT }
}

fn right(key: &str) -> RightKey {
    RightKey::parse(key).expect("a key")
}

fn path(key: &str, held_in: Where, stops: &[Stop]) -> Path {
    Path {
        user: ResourceId::new(Uuid::from_u128(1)),
        right: right(key),
        held_in,
        source: Source::Seed,
        role: None,
        bundle: None,
        stops: stops.iter().copied().collect::<BTreeSet<_>>(),
        turns_at: OPEN_END,
        basis: Timestamp::from_micros(0),
    }
}

#[track_caller]
fn check(paths: &[Path], place: Where, expected: &Decision) {
    assert_eq!(Known::of(paths).decide(&right("a"), place), *expected);
}

fn deny(stops: &[Stop]) -> Decision {
    Decision::Deny(stops.iter().copied().map(Reason::Stopped).collect())
}

#[test]
fn what_is_held_in_the_whole_account_is_held_in_its_workspaces_and_not_the_reverse() {
    let whole = [path("a", ACCOUNT, &[])];
    check(&whole, ACCOUNT, &Decision::Permit);
    check(&whole, workspace(1), &Decision::Permit);
    let part = [path("a", workspace(1), &[])];
    check(&part, workspace(1), &Decision::Permit);
    for elsewhere in [ACCOUNT, workspace(2)] {
        check(&part, elsewhere, &Decision::Deny(vec![Reason::NotGiven]));
    }
    let other = Where { account: AccountId::new(Uuid::from_u128(9)), workspace: None };
    check(&whole, other, &Decision::Deny(vec![Reason::NotGiven]));
}

#[test]
fn one_path_that_nothing_stops_is_enough() {
    let paths =
        [path("a", ACCOUNT, &[Stop::Paused, Stop::Ended]), path("a", ACCOUNT, &[Stop::Ended])];
    check(&paths, ACCOUNT, &deny(&[Stop::Ended]));
    let mut paths = paths.to_vec();
    paths.push(path("a", ACCOUNT, &[Stop::Pending]));
    check(&paths, ACCOUNT, &deny(&[Stop::Pending]));
    check(&paths, workspace(1), &deny(&[Stop::Pending]));
    paths.push(path("a", workspace(1), &[]));
    check(&paths, workspace(1), &Decision::Permit);
    check(&paths, ACCOUNT, &deny(&[Stop::Pending]));
    paths.push(path("a", ACCOUNT, &[]));
    check(&paths, ACCOUNT, &Decision::Permit);
}

#[test]
fn it_is_known_until_the_first_moment_that_changes_a_path() {
    assert_eq!(Known::of(&[]).until(), OPEN_END);
    let turning =
        |micros| Path { turns_at: Timestamp::from_micros(micros), ..path("a", ACCOUNT, &[]) };
    assert_eq!(Known::of(&[turning(7), turning(5), turning(9)]).until().micros(), 5);
}

#[test]
fn an_account_is_named_by_its_id_or_its_short_name() {
    let id = "018f0000-0000-7000-8000-000000000001";
    assert!(matches!(AccountName::parse(id), Some(AccountName::Id(_))));
    assert!(matches!(AccountName::parse("acme"), Some(AccountName::Slug(_))));
    for wrong in ["", "Acme", "a b", "-a"] {
        assert_eq!(AccountName::parse(wrong), None, "{wrong}");
    }
}
