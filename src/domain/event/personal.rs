//! What of an activity is personal: addresses, names, values before and after. It is kept beside the
//! record, which holds but a commitment to it, and so it can be erased while the record stays
//! (DECISIONS.md 34).

use serde_json::{Map, Value};

use crate::domain::event::canonical::{self, Hash};

/// What is kept beside an activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personal {
    /// What keeps the commitment from being guessed.
    pub salt: Vec<u8>,
    /// The values, in their one spelling.
    pub payload: String,
}

/// The values themselves.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Values {
    /// The address that it came from.
    pub ip: Option<String>,
    /// What was.
    pub before: Option<Value>,
    /// What it became.
    pub after: Option<Value>,
}

impl Personal {
    /// What is kept of these values; nothing if there are none.
    pub fn new(salt: Hash, values: &Values) -> Option<Self> {
        let all = values.all();
        let payload = canonical::text(&Value::Object(all.clone()));
        (!all.is_empty()).then(|| Self { salt: salt.to_vec(), payload })
    }

    /// What the record holds of it: the SHA-256 hash of the salt and the values.
    pub fn commitment(&self) -> Hash {
        commitment(&self.salt, &self.payload)
    }

    /// The values.
    ///
    /// # Errors
    /// If they are nothing that we wrote.
    pub fn values(&self) -> Result<Values, serde_json::Error> {
        let mut all: Map<String, Value> = serde_json::from_str(&self.payload)?;
        let ip = all.remove("ip").and_then(|ip| ip.as_str().map(str::to_owned));
        Ok(Values { ip, before: all.remove("before"), after: all.remove("after") })
    }
}

impl Values {
    fn all(&self) -> Map<String, Value> {
        let ip = self.ip.clone().map(Value::String);
        let all = [("after", self.after.clone()), ("before", self.before.clone()), ("ip", ip)];
        all.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?))).collect()
    }

    /// The commitment to these values under a salt.
    pub fn commitment(&self, salt: &[u8]) -> Hash {
        commitment(salt, &canonical::text(&Value::Object(self.all())))
    }
}

fn commitment(salt: &[u8], payload: &str) -> Hash {
    use sha2::{Digest as _, Sha256};
    Sha256::new().chain_update(salt).chain_update(payload).finalize().into()
}
