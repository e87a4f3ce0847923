//! Users and recipients made and changed by an account's administrators.

use crate::app::change::Step;
use crate::app::{App, Error};
use crate::domain::command::people::PeopleChange;
use crate::policy::Permit;

/// What was read before a change of people is decided.
pub(in crate::app) struct Loaded {}

/// What a change of people gave.
#[derive(Debug)]
pub struct Made {}

impl Loaded {
    /// Whether the user that it is about is a recipient.
    pub(in crate::app) fn is_recipient(&self) -> bool {
        false
    }
}

/// Reads what the decision needs.
pub(in crate::app) async fn load(_: &App, _: &PeopleChange) -> Result<Loaded, Error> {
    Ok(Loaded {})
}

/// Applies a permitted change.
pub(in crate::app) async fn apply(
    _: &App,
    _: Permit,
    _: &PeopleChange,
    _: Loaded,
) -> Result<Step, Error> {
    Err(Error::Busy)
}
