//! Which passwords may be chosen.

use secrecy::SecretString;

use super::{BREACHED, MIN_CHARS, Password, Refusal};

#[track_caller]
fn check(text: &str, expected: Result<(), Refusal>) {
    let names = ["zoe.lefevre@acme.example", "Zoé Lefèvre", "acme", "Acme Corporation"];
    let chosen = Password::chosen(&SecretString::from(text), &names).map(|_| ());
    assert_eq!(chosen, expected, "{text}");
}

#[test]
fn length_is_all_that_is_asked_for() {
    check("une tasse bleue", Ok(()));
    check("ljkhgwqztrpx", Ok(()));
    check("🦀🐌🦊🐳🌲🍋🪁🧊🎈🛶🪵🌵", Ok(()));
    check(&"mare ".repeat(2), Err(Refusal::TooShort));
    check("elevenchars", Err(Refusal::TooShort));
    check(&format!("{}ab", "tasse bleue ".repeat(11)), Err(Refusal::TooLong));
    check(&"x".repeat(1_000_000), Err(Refusal::TooLong));
}

#[test]
fn what_everybody_knows_is_refused() {
    for known in ["1qaz2wsx3edc", "Password1234", "PASSWORD!!!2026", "123456qwerty"] {
        check(known, Err(Refusal::TooCommon));
    }
    for pattern in
        ["aaaaaaaaaaaa", "abcabcabcabcab", "123456789012", "zyxwvutsrqpo", "blublublublu"]
    {
        check(pattern, Err(Refusal::TooCommon));
    }
}

#[test]
fn ones_own_names_are_refused() {
    for own in ["zoe.lefevre@acme.example", "lefevre-acme-1", "AcmeCorporation7", "Lefèvre12345"] {
        check(own, Err(Refusal::OwnName));
    }
    check("lefevre drinks blue tea", Ok(()));
}

#[test]
fn two_ways_to_write_an_accent_are_one_password() {
    let bytes = |text: &str| {
        let typed = Password::typed(&SecretString::from(text)).expect("a password");
        typed.bytes().to_vec()
    };
    assert_eq!(bytes("caf\u{e9} du march\u{e9}"), bytes("cafe\u{301} du marche\u{301}"));
    assert_ne!(bytes("une tasse bleue"), bytes("Une tasse bleue"));
}

#[test]
fn what_cannot_be_a_password_is_not_taken_for_one() {
    for text in ["", "elevenchars", &"x".repeat(129), &"x".repeat(1_000_000)] {
        assert!(Password::typed(&SecretString::from(text)).is_none(), "{}", text.len());
    }
    let shown = format!("{:?}", Password::typed(&SecretString::from("une tasse bleue")));
    assert!(!shown.contains("tasse"), "{shown}");
}

#[test]
fn the_list_holds_only_what_length_does_not_refuse() {
    assert!(BREACHED.len() > 300);
    assert!(BREACHED.iter().all(|known| known.chars().count() >= MIN_CHARS));
    assert!(BREACHED.iter().all(|known| *known == known.to_lowercase()));
}
