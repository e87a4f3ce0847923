//! Hashing, and that it keeps to its bounds.

use secrecy::SecretString;

use super::{HashError, Hasher, is_outdated};
use crate::domain::passwords::Password;

fn password(text: &str) -> Option<Password> {
    Password::typed(&SecretString::from(text))
}

async fn check(hasher: &Hasher, typed: &str, hash: Option<&str>, expected: bool) {
    let answer = hasher.verify(password(typed), hash.map(str::to_owned)).await;
    assert_eq!(answer, Ok(expected), "{typed}");
}

#[tokio::test]
async fn a_password_verifies_against_its_own_hash_alone() {
    let hasher = Hasher::default();
    let hash = hasher.hash(password("une tasse bleue").expect("one"), [7; 32]).await.expect("hash");
    assert!(hash.starts_with("$argon2id$v=19$m=47104,t=2,p=1$"), "{hash}");
    check(&hasher, "une tasse bleue", Some(&hash), true).await;
    check(&hasher, "une tasse verte", Some(&hash), false).await;
    check(&hasher, "une tasse bleue", None, false).await;
    check(&hasher, "short", Some(&hash), false).await;
    assert_eq!(hasher.computed(), 5, "the same work for each");
    let broken = hasher.verify(password("une tasse bleue"), Some("$argon2id$".to_owned())).await;
    assert_eq!(broken, Err(HashError::Broken));
}

#[test]
fn a_hash_of_another_cost_is_outdated() {
    let salt = "AAAAAAAAAAAAAAAAAAAAAA";
    let hash = |cost: &str| format!("$argon2id$v=19${cost}${salt}${salt}{salt}");
    assert!(is_outdated(&hash("m=19456,t=2,p=1")));
    assert!(is_outdated(&hash("m=47104,t=1,p=1")));
}

/// A flood of clients that hang up takes no more memory than one that waits.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_bounded_even_if_it_hangs_up() {
    let hasher = std::sync::Arc::new(Hasher::default());
    let tries: Vec<_> = (0..200)
        .map(|n| {
            let hasher = std::sync::Arc::clone(&hasher);
            let tried = tokio::spawn(async move { hasher.verify(None, None).await });
            if n % 2 == 0 {
                tried.abort();
            }
            tried
        })
        .collect();
    let mut busy = 0;
    for tried in tries {
        busy += usize::from(matches!(tried.await, Ok(Err(HashError::Busy))));
    }
    let (peak, most) = hasher.peak();
    assert!(peak <= most && busy > 0, "{peak} at once, {busy} turned away");
    assert_eq!(hasher.verify(None, None).await, Ok(false), "room again");
}
