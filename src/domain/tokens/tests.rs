//! The text form of tokens.

use uuid::Uuid;

use crate::domain::ids::TokenId;
use crate::domain::tokens::{compose, read, reveal};

fn sample() -> (String, TokenId) {
    let id = TokenId::new(Uuid::from_u128(0x0193_1234_5678_7abc_8def_0123_4567_89ab));
    (reveal(&compose(id, [7; 32]).0).to_owned(), id)
}

#[test]
fn a_token_reads_back_as_its_id() {
    let (text, id) = sample();
    assert_eq!(text.len(), 75);
    assert_eq!(read(&text).map(|p| p.id), Some(id));
}

#[test]
fn a_token_with_any_one_character_changed_added_or_missing_is_refused_by_its_checksum() {
    let (text, _) = sample();
    let refused = |bytes: Vec<u8>| read(&String::from_utf8(bytes).expect("text")).is_none();
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
    let id = TokenId::new(Uuid::from_u128(1));
    let (mine, hash) = compose(id, [1; 32]);
    let (other, _) = compose(id, [2; 32]);
    let token = crate::domain::tokens::Token {
        account: crate::domain::ids::AccountId::new(Uuid::nil()),
        id,
        connection: crate::domain::ids::ConnectionId::new(Uuid::nil()),
        secret_hash: hash,
        access: crate::domain::tokens::Access::Write,
        created_at: crate::domain::time::Timestamp::from_micros(0),
        expires_at: crate::domain::time::Timestamp::from_micros(1),
        revoked_at: None,
        last_used_at: None,
    };
    assert!(read(reveal(&mine)).is_some_and(|p| token.matches(&p)));
    assert!(read(reveal(&other)).is_some_and(|p| !token.matches(&p)));
}
