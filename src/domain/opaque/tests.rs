//! The text form of secrets.

use uuid::Uuid;

use crate::domain::opaque::{Sort, compose, read, reveal};

const ID: Uuid = Uuid::from_u128(0x0193_1234_5678_7abc_8def_0123_4567_89ab);

fn sample() -> String {
    reveal(&compose(Sort::Token, ID, [7; 32]).0).to_owned()
}

#[test]
fn a_secret_reads_back_as_its_id() {
    let text = sample();
    assert_eq!(text.len(), 75);
    assert!(text.starts_with("csn_"));
    assert_eq!(read(Sort::Token, &text).map(|p| p.id), Some(ID));
}

#[test]
fn a_secret_with_any_one_character_changed_added_or_missing_is_refused_by_its_checksum() {
    let text = sample();
    let refused =
        |bytes: Vec<u8>| read(Sort::Token, &String::from_utf8(bytes).expect("text")).is_none();
    for i in 0..text.len() {
        let mut other = text.clone().into_bytes();
        other[i] = if other[i] == b'0' { b'1' } else { b'0' };
        assert!(refused(other.clone()), "changed at {i}");
        other.remove(i);
        assert!(refused(other), "without {i}");
        let mut longer = text.clone().into_bytes();
        longer.insert(i, b'x');
        assert!(refused(longer), "with one more at {i}");
    }
}

#[test]
fn the_same_id_with_another_secret_does_not_match() {
    let (mine, hash) = compose(Sort::Token, ID, [1; 32]);
    let (other, _) = compose(Sort::Token, ID, [2; 32]);
    assert!(read(Sort::Token, reveal(&mine)).is_some_and(|p| p.matches(&hash)));
    assert!(read(Sort::Token, reveal(&other)).is_some_and(|p| !p.matches(&hash)));
}

#[test]
fn a_secret_of_one_sort_is_none_of_another() {
    for (sort, other) in [(Sort::Session, Sort::Token), (Sort::Link, Sort::ProductKey)] {
        let (text, _) = compose(sort, ID, [3; 32]);
        assert!(read(sort, reveal(&text)).is_some());
        assert!(read(other, reveal(&text)).is_none());
    }
}
