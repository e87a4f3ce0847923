//! What stays in memory, and what does not.

use std::sync::Arc;

use uuid::Uuid;

use crate::app::rights::decisions::memory::{Memory, USERS, locked};
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::decisions::{Known, Stamp};
use crate::domain::time::Timestamp;

const NOW: Timestamp = Timestamp::from_micros(1);
const STAMP: Stamp = Stamp { user: 1, rights: 1, shape: 1 };

fn user(n: usize) -> (AccountId, ResourceId) {
    let n = u128::try_from(n).expect("a number");
    (AccountId::CATALOGUE, ResourceId::new(Uuid::from_u128(n)))
}

#[test]
fn what_is_kept_under_one_stamp_is_not_found_under_another() {
    let memory = Memory::default();
    memory.keep(user(1), STAMP, Arc::new(Known::of([])));
    assert!(memory.get(user(1), STAMP, NOW).is_some());
    for stamp in [
        Stamp { user: 2, ..STAMP },
        Stamp { rights: 2, ..STAMP },
        Stamp { shape: 2, ..STAMP },
        Stamp { shape: 0, ..STAMP },
    ] {
        assert!(memory.get(user(1), stamp, NOW).is_none(), "{stamp}");
    }
    assert!(memory.get(user(2), STAMP, NOW).is_none());
}

#[test]
fn whoever_is_asked_about_stays_and_there_are_never_too_many() {
    let memory = Memory::default();
    for n in 0..USERS * 5 {
        memory.keep(user(n), STAMP, Arc::new(Known::of([])));
        assert!(memory.get(user(0), STAMP, NOW).is_some(), "gone at {n}");
    }
    let users = locked(&memory.users);
    assert!(users.young.len() <= USERS && users.old.len() <= USERS);
    assert!(users.old.contains_key(&user(USERS * 4)) || users.young.contains_key(&user(USERS * 4)));
    assert!(!users.old.contains_key(&user(1)) && !users.young.contains_key(&user(1)));
}
