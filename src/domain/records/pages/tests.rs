//! Walking through a list part by part shows each item once, in both directions.

use uuid::Uuid;

use super::{Order, Place, Wanted};

/// Texts that are not unique, and numbers that make them so.
const ALL: [(&str, u128); 7] =
    [("b", 4), ("a", 2), ("c", 1), ("b", 3), ("a", 9), ("b", 5), ("d", 0)];

fn place((text, id): &(&str, u128)) -> Place {
    Place::text(*text, Uuid::from_u128(*id))
}

#[track_caller]
fn check(limit: u32, is_descending: bool, parts: &[usize]) {
    let mut sorted = ALL;
    sorted.sort_unstable();
    if is_descending {
        sorted.reverse();
    }
    let order = Order { field: "name", is_descending };
    let mut wanted = Wanted { order, after: None, limit };
    let (mut walked, mut sizes) = (vec![], vec![]);
    loop {
        let part = wanted.pick(ALL.to_vec(), place);
        sizes.push(part.items.len());
        walked.extend(part.items);
        wanted.after = part.next;
        if wanted.after.is_none() {
            break;
        }
    }
    assert_eq!(walked, sorted);
    assert_eq!(sizes, parts);
}

#[test]
fn a_walk_shows_each_item_once_and_ends() {
    for is_descending in [false, true] {
        check(1, is_descending, &[1; 7]);
        check(3, is_descending, &[3, 3, 1]);
        check(6, is_descending, &[6, 1]);
        check(7, is_descending, &[7]);
        check(200, is_descending, &[7]);
    }
}

#[test]
fn what_came_or_went_meanwhile_moves_nothing_else() {
    let order = Order { field: "name", is_descending: false };
    let mut wanted = Wanted { order, after: None, limit: 3 };
    wanted.after = wanted.pick(ALL.to_vec(), place).next;
    assert_eq!(wanted.after, Some(place(&("b", 3))));
    // The last one shown is gone, and one stands before it that was not there.
    let mut now = ALL.to_vec();
    now.retain(|item| *item != ("b", 3));
    now.push(("a", 1));
    assert_eq!(wanted.pick(now, place).items, [("b", 4), ("b", 5), ("c", 1)]);
}
