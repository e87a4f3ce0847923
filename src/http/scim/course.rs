//! Takes note of what clients' changes are answered, so that provisioning that fails is noticed (S9).

use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::domain::actor::ScimClient;

/// Whom a request turned out to come from.
pub(super) type Caller = Arc<OnceLock<ScimClient>>;

/// Notes the status of the answer to a change. Reading says nothing of whether a client can write.
pub(super) async fn watch(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if request.method().is_safe() || request.uri().path().ends_with("/.search") {
        return next.run(request).await;
    }
    let caller = Caller::default();
    request.extensions_mut().insert(Arc::clone(&caller));
    let response = next.run(request).await;
    if let Some(client) = caller.get() {
        app.note_answer(client, response.status().as_u16());
    }
    response
}
