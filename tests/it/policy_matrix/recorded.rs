//! The asks of a test, kept, so that other rules can be asked the same.

use std::cell::RefCell;
use std::sync::Arc;

use countersign::domain::actor::Actor;
use countersign::domain::command::Command;
use countersign::policy::{self, Ask, Decision, Facts};

thread_local! {
    static ASKED: RefCell<Vec<(Actor, Arc<Command>, Facts)>> = const { RefCell::new(Vec::new()) };
}

/// Decides, and keeps what was asked.
pub(super) fn decide(ask: Ask) -> Decision {
    let kept = (ask.actor, Arc::clone(&ask.command), ask.facts.clone());
    ASKED.with_borrow_mut(|asked| asked.push(kept));
    policy::decide(ask)
}

/// All that is asked while `run` runs.
pub(super) fn asked_by(run: impl FnOnce()) -> Vec<Ask> {
    ASKED.with_borrow_mut(Vec::clear);
    run();
    let asked = ASKED.take().into_iter();
    asked.map(|(actor, command, facts)| Ask { actor, command, facts }).collect()
}
