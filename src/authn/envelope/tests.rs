//! Sealed secrets open where they were sealed for, and nowhere else.

use secrecy::{ExposeSecret, SecretString};

use super::{EnvelopeError, Keyring};

fn opened(ring: &Keyring, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    ring.open(place, sealed).ok().map(|plain| plain.expose_secret().to_vec())
}

#[test]
fn what_was_sealed_opens_in_its_place_only() {
    let ring = Keyring::of("one", [1; 32]);
    let sealed = ring.seal("table|1", b"secret").expect("sealed");
    assert_eq!(opened(&ring, "table|1", &sealed).as_deref(), Some(b"secret".as_slice()));
    assert_eq!(opened(&ring, "table|2", &sealed), None);
    assert_eq!(opened(&Keyring::of("one", [2; 32]), "table|1", &sealed), None);
    assert!(!sealed.windows(6).any(|part| part == b"secret"));
    for cut in 0..sealed.len() {
        assert_eq!(opened(&ring, "table|1", &sealed[..cut]), None);
    }
}

#[test]
fn an_old_key_still_opens_and_a_new_one_seals() {
    let old = Keyring::of("old", [1; 32]);
    let sealed = old.seal("x", b"secret").expect("sealed");
    let text = |id: &str, byte: u8| {
        use base64::Engine as _;
        let key = base64::engine::general_purpose::STANDARD.encode([byte; 32]);
        SecretString::from(format!("{id}:{key}"))
    };
    let both = Keyring::parse(&[text("new", 2), text("old", 1)]).expect("keys");
    assert_eq!(opened(&both, "x", &sealed).as_deref(), Some(b"secret".as_slice()));
    assert!(!both.is_current(&sealed));
    assert!(both.is_current(&both.seal("x", b"secret").expect("sealed")));
}

#[test]
fn a_wrong_key_is_named_by_its_place_and_never_shown() {
    let wrong = Keyring::parse(&[SecretString::from("one:short".to_owned())]);
    let text = wrong.expect_err("an error");
    assert!(text.contains("number 1") && !text.contains("short"), "{text}");
    assert_eq!(Keyring::default().seal("x", b"y"), Err(EnvelopeError::NoKey));
}
