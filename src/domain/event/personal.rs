//! What of an activity is personal: addresses, names, values before and after. It is kept beside the
//! record, which holds but a commitment to it, and so it can be erased while the record stays
//! (DECISIONS.md 34).

use serde_json::{Map, Value};

use crate::domain::event::Change;
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
    /// What is kept of an address and of a change; nothing if there is neither.
    pub fn of(salt: Hash, ip: Option<&str>, change: &Change) -> Option<Self> {
        let ip = ip.map(Value::from);
        let payload = spelled([change.after.as_ref(), change.before.as_ref(), ip.as_ref()])?;
        Some(Self { salt: salt.to_vec(), payload })
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
    /// The commitment to these values under a salt.
    pub fn commitment(&self, salt: &[u8]) -> Hash {
        let ip = self.ip.as_deref().map(Value::from);
        let payload = spelled([self.after.as_ref(), self.before.as_ref(), ip.as_ref()]);
        commitment(salt, payload.as_deref().unwrap_or("{}"))
    }
}

/// What became, what was, and the address, in their one spelling; none if there is none of them.
fn spelled(all: [Option<&Value>; 3]) -> Option<String> {
    let named = ["after", "before", "ip"].into_iter().zip(all);
    let there: Vec<_> = named.filter_map(|(name, value)| Some((name, value?))).collect();
    (!there.is_empty()).then(|| canonical::object(&there))
}

fn commitment(salt: &[u8], payload: &str) -> Hash {
    canonical::hash(salt, payload)
}
