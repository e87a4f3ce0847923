//! From where the work at hand comes: known to its task alone, so that no use case must hand it on.
//!
//! Each edge says it once, with [`within`]; each line of the record asks [`current`]. Whoever has another
//! task do a part of the work wraps it in [`kept`].

use crate::domain::event::origin::Origin;

tokio::task_local! {
    static ORIGIN: Origin;
}

/// Does work that comes from there.
pub async fn within<F: Future>(origin: Origin, work: F) -> F::Output {
    ORIGIN.scope(origin, work).await
}

/// Work that comes from where the work at hand does, for another task.
pub fn kept<F: Future>(work: F) -> impl Future<Output = F::Output> {
    ORIGIN.scope(current(), work)
}

/// From where the work at hand comes; nothing is known of what no edge began.
pub(in crate::app) fn current() -> Origin {
    ORIGIN.try_with(Clone::clone).unwrap_or_default()
}
