//! For the platform team, on a listener of its own: is it alive, is it ready, what does it do.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::app::App;
use crate::app::housekeeping::Readiness;

/// The routes of the operations listener.
pub fn router(app: App, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(move || std::future::ready(metrics.render())))
        .with_state(app)
}

async fn ready(State(app): State<App>) -> Response {
    match app.readiness().await {
        Readiness::Ready => "ok\n".into_response(),
        Readiness::MigrationsMissing(steps) => {
            let text = format!(
                "not ready: {steps} migrations are missing; run `countersign migrate up`\n"
            );
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
        Readiness::NoDatabase => {
            (StatusCode::SERVICE_UNAVAILABLE, "not ready: the database does not answer\n")
                .into_response()
        }
    }
}
