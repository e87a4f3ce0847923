//! What the provider takes and what not; its pages are tried in `tests/it/demo/sign_in.rs`.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use super::phones::{Phone, seconds_left};
use super::{DemoProvider, Guest};
use crate::domain::ids::IdSource;
use crate::domain::time::{Clock, Timestamp};

const VERIFIER: &str = "a verifier that only the server knows";

/// A clock in seconds, moved by hand.
#[derive(Debug, Default)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed) * 1_000_000)
    }
}

/// Secrets by number.
#[derive(Debug, Default)]
struct Numbers(AtomicU8);

impl IdSource for Numbers {
    fn next(&self, _now: Timestamp) -> uuid::Uuid {
        uuid::Uuid::nil()
    }

    fn secret(&self) -> [u8; 32] {
        [self.0.fetch_add(1, Ordering::Relaxed); 32]
    }
}

fn provider() -> (DemoProvider, Arc<Hand>) {
    let clock = Arc::new(Hand::default());
    let urls = ("http://127.0.0.1:8180".to_owned(), "http://localhost:8080".to_owned());
    let told = Arc::<Hand>::clone(&clock);
    let provider = DemoProvider::new(urls, told, Arc::new(Numbers::default())).expect("a provider");
    for organisation in ["acme", "vendor"] {
        provider.open(organisation, organisation);
    }
    let what = ["a user".to_owned(), "une utilisatrice".to_owned()];
    let ann = Guest { subject: "ann".to_owned(), name: "Ann".to_owned(), what, needs_code: false };
    provider.welcome("acme", ann);
    (provider, clock)
}

/// Where somebody is sent who says to be `subject` at `organisation`.
fn sent(provider: &DemoProvider, organisation: &str, subject: &str) -> Option<url::Url> {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let url = format!(
        "{}/authorize?response_type=code&client_id=countersign-demo&state=s&nonce=n&code_challenge={challenge}\
         &code_challenge_method=S256&redirect_uri=http%3A%2F%2Flocalhost%3A8080%2Foidc%2Fcallback%2F1",
        provider.issuer(organisation)
    );
    provider.choose(&url, subject)
}

fn code(provider: &DemoProvider) -> String {
    let place = sent(provider, "acme", "ann").expect("she is known");
    let mut pairs = place.query_pairs().into_owned();
    pairs.find(|(name, _)| name == "code").expect("a code").1
}

#[test]
fn a_code_is_exchanged_once() {
    let (provider, _) = provider();
    let code = code(&provider);
    let grant = provider.redeem("acme", &code, VERIFIER).expect("a grant");
    assert_eq!((grant.subject.as_str(), grant.nonce.as_str()), ("ann", "n"));
    assert!(provider.redeem("acme", &code, VERIFIER).is_none());
}

#[test]
fn a_code_is_good_for_its_organisation_its_verifier_and_a_minute() {
    let (provider, clock) = provider();
    assert!(provider.redeem("vendor", &code(&provider), VERIFIER).is_none());
    assert!(provider.redeem("acme", &code(&provider), "another verifier").is_none());
    let late = code(&provider);
    clock.0.fetch_add(61, Ordering::Relaxed);
    assert!(provider.redeem("acme", &late, VERIFIER).is_none());
}

#[test]
fn nobody_is_who_the_organisation_does_not_know() {
    let (provider, _) = provider();
    assert!(sent(&provider, "acme", "bob").is_none());
    assert!(sent(&provider, "vendor", "ann").is_none());
    assert!(sent(&provider, "nowhere", "ann").is_none());
}

/// RFC 6238, appendix B, in its last six digits.
#[test]
fn a_phone_shows_the_codes_of_the_standard() {
    let seed = SecretString::from("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned());
    let phone = Phone::scan("Ann".to_owned(), "ann@acme.example".to_owned(), &seed).expect("it");
    for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
        let at = Timestamp::from_micros(seconds * 1_000_000);
        assert_eq!(phone.code(at), code);
        let before = Timestamp::from_micros((seconds - 30) * 1_000_000);
        assert_eq!(phone.next_code(before), code);
    }
    assert_eq!(seconds_left(Timestamp::from_micros(59_999_999)), 1);
    assert_eq!(seconds_left(Timestamp::from_micros(60_000_000)), 30);
}
