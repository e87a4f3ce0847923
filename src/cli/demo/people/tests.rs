//! The invented company hangs together: names differ, managers exist.

use std::collections::BTreeSet;

use super::names::{FAMILY_NAMES, GIVEN_NAMES, SITES, TEAMS};
use super::{Person, SITE_TURN, has_reports, last_of, plain};

#[track_caller]
fn check(name: &str, expected: &str) {
    assert_eq!(plain(name), expected);
}

#[test]
fn a_name_in_an_address_has_plain_letters() {
    check("Marie-Ève", "marie-eve");
    check("Łukasz", "lukasz");
    check("Großmann", "grossmann");
    check("Nguyễn", "nguyen");
    check("d'Aubigné", "daubigne");
    check("Van den Berg", "van-den-berg");
}

#[test]
fn no_two_people_share_an_address() {
    let people = GIVEN_NAMES.len() * FAMILY_NAMES.len() * 2;
    let addresses: BTreeSet<String> = (0..people).map(|i| Person::new(i).user_name).collect();
    assert_eq!(addresses.len(), people);
    assert!(addresses.iter().all(|address| address.is_ascii()));
}

#[test]
fn everybody_but_the_first_has_a_manager_who_came_before() {
    for index in 0..2_000 {
        let person = Person::new(index);
        assert_eq!(person.manager.is_none(), index == 0, "{person:?}");
        assert!(person.manager.is_none_or(|manager| manager < index), "{person:?}");
        assert!(!person.title.is_empty(), "{person:?}");
    }
}

#[test]
fn who_has_reports_is_who_is_named_as_a_manager() {
    for people in [2, 20, 21, 50, 333, 1_000] {
        let managers: BTreeSet<usize> =
            (0..people).filter_map(|index| Person::new(index).manager).collect();
        let told: BTreeSet<usize> =
            (0..people).filter(|index| has_reports(*index, people)).collect();
        assert_eq!(managers, told, "of {people}");
    }
}

#[test]
fn the_smallest_demo_has_a_mover_and_a_leaver() {
    let people = usize::try_from(crate::cli::demo::LEAST_USERS).expect("a small number");
    assert!([0, 2].iter().all(|department| last_of(*department, people).is_some()));
}

#[test]
fn turns_name_what_exists() {
    assert!(SITE_TURN.iter().all(|site| *site < SITES.len()));
    assert!(TEAMS.iter().all(|team| *team < super::DEPARTMENTS.len()));
}
