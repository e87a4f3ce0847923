//! Access decisions for the vendor's product, as the Authorization API 1.0 of OpenID's `AuthZEN` has them.
//!
//! The subject is a user by id, the action a right by key, the resource an account or a workspace. A
//! question about what is not there is answered `false`, with the reason; an error is about the request:
//! a status and a text (§10.1.2 there).

mod reasons;
mod request;

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::keys::callers::Caller;
use crate::app::{App, Error};
use crate::domain::keys::products::ProductScope;
use crate::domain::rights::decisions::{Decision, Question};
use crate::http::access::request::{Asked, Batch};
use crate::http::login::shield;
use crate::http::observe;

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How large a body may be; one byte more is refused.
const BODY_BYTES: usize = 1024 * 1024;
/// How long others may keep our description.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=3600");
/// Where the caller says, and is told, which request an answer is to.
const REQUEST_ID: HeaderName = HeaderName::from_static(observe::REQUEST_ID);

/// All routes.
pub(super) fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/access/v1/evaluation", post(evaluation).fallback(wrong_method))
        .route("/access/v1/evaluations", post(evaluations).fallback(wrong_method))
        .route("/.well-known/authzen-configuration", get(configuration).fallback(wrong_method))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(app.clone(), finished))
}

/// A question of the product's.
struct Call {
    app: App,
    body: Value,
}

/// What is wrong with a request.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    text: String,
    /// What the challenge says after the realm (RFC 6750 §3).
    challenge: Option<&'static str>,
}

/// Decides one question.
async fn evaluation(call: Call) -> Result<Response, Refusal> {
    let asked = request::single(&call.body).map_err(Refusal::bad)?;
    let decision = decide(&call.app, vec![asked]).await?.pop();
    Ok(answer(&decision.as_ref().map(reasons::decision).unwrap_or_default()))
}

/// Decides many; without any, the one that stands at the top.
async fn evaluations(call: Call) -> Result<Response, Refusal> {
    let Some(batch) = request::batch(&call.body).map_err(Refusal::bad)? else {
        return evaluation(call).await;
    };
    let Batch { asked, semantic } = batch;
    let mut decided = vec![];
    for decision in decide(&call.app, asked).await? {
        decided.push(reasons::decision(&decision));
        if semantic.ends_with(&decision) {
            break;
        }
    }
    Ok(answer(&json!({ "evaluations": decided })))
}

/// What there is here, and where.
async fn configuration(State(app): State<App>) -> Response {
    let base = &app.settings().public_url;
    let mut response = answer(&json!({
        "policy_decision_point": base,
        "access_evaluation_endpoint": format!("{base}/access/v1/evaluation"),
        "access_evaluations_endpoint": format!("{base}/access/v1/evaluations"),
    }));
    response.headers_mut().insert(header::CACHE_CONTROL, KEPT);
    response
}

/// Decides what can be decided; the rest is denied already.
async fn decide(app: &App, asked: Vec<Asked>) -> Result<Vec<Decision>, Refusal> {
    let questions: Vec<Question> = asked.iter().filter_map(|it| it.clone().ok()).collect();
    let mut decided = app.decide_access(&questions).await.map_err(|e| Refusal::of(&e))?.into_iter();
    let decision = |asked: Asked| match asked {
        Ok(_) => decided.next(),
        Err(reason) => Some(Decision::Deny(vec![reason])),
    };
    Ok(asked.into_iter().filter_map(decision).collect())
}

impl FromRequest<App> for Call {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        authenticate(app, &parts).await?;
        let media = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = media.and_then(|media| media.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Refusal::bad("send `Content-Type: application/json`".to_owned()));
        }
        let bytes = read_body(body).await?;
        let body = crate::scim::json::parse(&bytes).map_err(|e| Refusal::bad(e.to_string()))?;
        if !body.is_object() {
            return Err(Refusal::bad("the body is a JSON object".to_owned()));
        }
        Ok(Self { app: app.clone(), body })
    }
}

/// Lets through the product, by a key of the scope for it in the header.
async fn authenticate(app: &App, parts: &Parts) -> Result<(), Refusal> {
    let mut told = parts.headers.get_all(header::AUTHORIZATION).into_iter();
    let Some(first) = told.next() else {
        let text = "send a product key in the Authorization header, as `Bearer csp_…`";
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, text).challenged(""));
    };
    let text = first.to_str().ok().filter(|_| told.next().is_none());
    let scope = ProductScope::Decisions;
    match app.authenticate_api(text.unwrap_or_default()).await {
        Ok(Caller::Product(client)) if client.scopes.contains(&scope) => Ok(()),
        Ok(Caller::Product(_) | Caller::Person(_)) => {
            let text = format!("this takes a product key of the scope `{scope}`");
            let challenge = ", error=\"insufficient_scope\", scope=\"decisions\"";
            Err(Refusal::new(StatusCode::FORBIDDEN, text).challenged(challenge))
        }
        Err(Error::Unauthenticated(text)) => {
            let challenge = ", error=\"invalid_token\"";
            Err(Refusal::new(StatusCode::UNAUTHORIZED, text).challenged(challenge))
        }
        Err(error) => Err(Refusal::of(&error)),
    }
}

async fn read_body(body: Body) -> Result<Bytes, Refusal> {
    let too_slow =
        || Refusal::new(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in 30 seconds");
    let read = timeout(BODY_TIMEOUT, to_bytes(body, BODY_BYTES)).await.map_err(|_| too_slow())?;
    read.map_err(|error| {
        let is_limit = std::error::Error::source(&error)
            .is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>);
        if !is_limit {
            return too_slow();
        }
        let text = format!("the body is larger than {BODY_BYTES} bytes, the limit here");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, text)
    })
}

impl Refusal {
    fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), challenge: None }
    }

    fn bad(text: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    fn challenged(self, challenge: &'static str) -> Self {
        Self { challenge: Some(challenge), ..self }
    }

    /// What an error of the application is to the product; the cause of our own faults is logged.
    fn of(error: &Error) -> Self {
        match error {
            Error::Busy => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "too much at once; try again")
            }
            Error::NotFound(_)
            | Error::Denied { .. }
            | Error::Unauthenticated(_)
            | Error::Invalid(_)
            | Error::Faults(_)
            | Error::Fields(_)
            | Error::Conflict(_)
            | Error::Stale(_)
            | Error::TooLarge(_)
            | Error::Wait { .. }
            | Error::Internal(_) => {
                tracing::error!(cause = %error, "access.internal_error");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.text).into_response();
        let challenge = self.challenge.map(|rest| format!("Bearer realm=\"countersign\"{rest}"));
        if let Some(Ok(challenge)) = challenge.map(|text| HeaderValue::from_str(&text)) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// Tells the caller which request it answers, if they said it, and adds what every answer carries.
async fn finished(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).cloned();
    let mut response = next.run(request).await;
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    shield::harden(&app, &mut response);
    response
}

fn answer(body: &Value) -> Response {
    let mut response = body.to_string().into_response();
    let media = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    response
}

async fn wrong_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "the header `Allow` says which methods there are")
}

#[expect(clippy::needless_pass_by_value, reason = "the layer that calls it passes it so")]
fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    observe::panicked(&*cause);
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error").into_response()
}
