//! What a permit tells of what was permitted.

use std::sync::Arc;

use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::policy::{Permit, Scope, account_governed, scope};

impl Permit {
    /// Who was permitted.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What the write may read besides: of a permitted person, how their account's people sign in.
    pub fn scope(&self) -> Scope {
        match &self.actor {
            Actor::User(signed_in) => match account_governed(&self.command) {
                Some(account) => Scope::Account(account),
                None => Scope::SignIn(signed_in.account),
            },
            Actor::ScimClient(_) | Actor::Platform | Actor::System => scope(&self.actor),
        }
    }

    /// What was permitted.
    pub fn command(&self) -> Arc<Command> {
        Arc::clone(&self.command)
    }
}
