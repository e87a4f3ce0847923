//! From where a request comes, for the record: through which door, from which address, under which id.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::app::change::origin;
use crate::domain::event::origin::{Door, Origin};
use crate::http::login::visitors;
use crate::http::observe::RequestId;

/// Wraps one request; what is recorded in its course says that it came from there.
pub(super) async fn note(
    State((app, door)): State<(App, Door)>,
    request: Request,
    next: Next,
) -> Response {
    let trusted = &app.settings().trusted_proxies;
    let origin = Origin {
        door: Some(door),
        ip: visitors::ip(request.extensions(), request.headers(), trusted),
        request_id: request.extensions().get::<RequestId>().map(|id| id.0.clone()),
    };
    origin::within(origin, next.run(request)).await
}
