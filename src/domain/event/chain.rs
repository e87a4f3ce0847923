//! The chain of an account's record: each activity is sealed with the hash of the one before, so that
//! nothing in the middle is changed, taken out or put in without all that follows being made anew.
//!
//! What is hashed, in its one spelling ([`canonical`]): version, account, number, the hash before, and
//! all that the record holds of the activity. Of what is personal that is the commitment alone.

use serde_json::{Value, json};

use crate::domain::event::canonical::{self, Hash};
use crate::domain::event::listed::Listed;

/// What stands before the first.
pub const BEGINNING: Hash = [0; 32];

/// An activity's place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its number, from 1.
    pub seq: i64,
    /// The hash of the one before.
    pub prev_hash: Vec<u8>,
    /// Its own.
    pub hash: Vec<u8>,
}

/// The last link of an account's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 if nothing is sealed yet.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
}

impl Head {
    /// Of a chain that has not begun.
    pub const NONE: Self = Self { seq: 0, hash: BEGINNING };

    /// The link that the next activity becomes; it is the head then.
    pub fn take(&mut self, activity: &Listed) -> Link {
        let (seq, prev_hash) = (self.seq.saturating_add(1), self.hash);
        let hash = sealed(&activity.body(), seq, &canonical::hex(&prev_hash));
        *self = Self { seq, hash };
        Link { seq, prev_hash: prev_hash.to_vec(), hash: hash.to_vec() }
    }
}

/// The hash of an activity, as answers and exports have it, at that place of the chain.
pub fn sealed(body: &Value, seq: i64, prev_hash: &str) -> Hash {
    let member = |name: &str| body.get(name).unwrap_or(&Value::Null);
    let spoken_of = |name: &str| {
        let of = |what: &str| body.get(name).and_then(|it| it.get(what)).cloned();
        json!({ "kind": of("kind"), "id": of("id") })
    };
    let [actor, target] = ["actor", "target"].map(spoken_of);
    let record = canonical::object(&[
        ("account", member("account")),
        ("action", member("action")),
        ("actor", &actor),
        ("at", member("at")),
        ("commitment", member("commitment")),
        ("detail", member("detail")),
        ("door", member("door")),
        ("id", member("id")),
        ("outcome", member("outcome")),
        ("policy_version", member("policy_version")),
        ("prev_hash", &prev_hash.into()),
        ("request_id", member("request_id")),
        ("seq", &seq.into()),
        ("target", &target),
        ("v", &1.into()),
    ]);
    canonical::hash(b"", &record)
}
