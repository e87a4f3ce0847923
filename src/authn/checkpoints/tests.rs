//! Signatures of checkpoints.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{is_signed, sign};
use crate::authn::access_tokens::generate;
use crate::domain::event::checkpoints::Checkpoint;
use crate::domain::ids::AccountId;
use crate::domain::keys::Algorithm;
use crate::domain::time::Timestamp;

#[test]
fn a_checkpoint_is_signed_by_its_key_alone_and_as_a_whole() {
    let pair = generate(Algorithm::EdDsa).expect("a key");
    let own: Value = serde_json::from_str(&pair.public_jwk).expect("a JWK");
    let other = generate(Algorithm::EdDsa).expect("a key");
    let other: Value = serde_json::from_str(&other.public_jwk).expect("a JWK");
    let checkpoint = Checkpoint {
        account: AccountId::new(Uuid::from_u128(1)),
        seq: 7,
        hash: [3; 32],
        at: Timestamp::from_micros(5),
        key_id: pair.id,
        signature: vec![],
    };
    assert!(!is_signed(&checkpoint, std::slice::from_ref(&own)));
    let signed = sign(checkpoint, &pair.private_key).expect("it signs");
    assert!(is_signed(&signed, &[other.clone(), own.clone()]));
    assert!(!is_signed(&signed, &[other]));
    assert!(!is_signed(&signed, &[json!({}), json!(null)]));
    let read = Checkpoint::read(&signed.body()).expect("it reads");
    assert_eq!(read, signed);
    let keys = [own];
    assert!(!is_signed(&Checkpoint { seq: 8, ..signed.clone() }, &keys));
    assert!(!is_signed(&Checkpoint { hash: [4; 32], ..signed.clone() }, &keys));
    assert!(!is_signed(&Checkpoint { at: Timestamp::from_micros(6), ..signed }, &keys));
}
