//! What makes two users suspect.

use uuid::Uuid;

use crate::domain::ids::{AccountId, PersonId, ResourceId};
use crate::domain::persons::sameness::{Face, Human};

fn face(account: u128, user: u128, external_id: &str, mail: &str) -> Face {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Face {
        account: AccountId::new(Uuid::from_u128(account)),
        user: ResourceId::new(Uuid::from_u128(user)),
        external_id: some(external_id),
        mails: some(mail).into_iter().collect(),
    }
}

#[track_caller]
fn check(one: (&[u128], &[Face]), other: (&[u128], &[Face]), expected: bool) {
    let human = |(persons, faces): (&[u128], &[Face])| Human {
        persons: persons.iter().map(|id| PersonId::new(Uuid::from_u128(*id))).collect(),
        faces: faces.to_vec(),
    };
    let (one, other) = (human(one), human(other));
    assert_eq!(one.may_be(&other), expected, "{one:?} {other:?}");
    assert_eq!(other.may_be(&one), expected, "{other:?} {one:?}");
}

#[test]
fn strangers_are_two() {
    check((&[], &[face(1, 1, "", "")]), (&[], &[face(1, 2, "", "")]), false);
    check((&[7], &[face(1, 1, "a", "a@x")]), (&[8], &[face(1, 2, "b", "b@x")]), false);
}

#[test]
fn a_user_is_one_with_themselves() {
    check((&[], &[face(1, 1, "", "")]), (&[], &[face(1, 1, "", "")]), true);
}

#[test]
fn a_person_an_address_or_an_external_id_in_common_is_enough() {
    check((&[7], &[face(1, 1, "", "")]), (&[7, 8], &[face(1, 2, "", "")]), true);
    check((&[], &[face(1, 1, "", "a@x")]), (&[], &[face(2, 2, "", "a@x")]), true);
    check((&[], &[face(1, 1, "a", "")]), (&[], &[face(1, 2, "a", "")]), true);
}

#[test]
fn an_external_id_says_nothing_in_another_account() {
    check((&[], &[face(1, 1, "1", "")]), (&[], &[face(2, 2, "1", "")]), false);
}

/// M11, DECISIONS.md 6: a user whom the person had before, deleted since, counts.
#[test]
fn what_a_former_user_of_the_person_showed_counts() {
    let former = [face(1, 1, "", "new@x"), face(1, 3, "", "old@x")];
    check((&[7], &former), (&[], &[face(1, 2, "", "old@x")]), true);
}
