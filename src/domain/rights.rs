//! Rights: what there is to hold, by their keys in the operator's catalogue.

pub mod catalogue;

/// A right's key: `[a-z0-9][a-z0-9._-]{0,63}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RightKey(String);

impl RightKey {
    /// Reads a key; none if it is not written as one.
    pub fn parse(text: &str) -> Option<Self> {
        catalogue::is_key(text).then(|| Self(text.to_owned()))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RightKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
