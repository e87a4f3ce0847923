//! What this server asks the demo's provider: about itself, for its keys, for tokens.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use crate::http::demo::authorize::Grant;
use crate::http::demo::{CLIENT_ID, DemoProvider};

/// How long an ID token is good for, in seconds.
const GOOD_FOR: i64 = 300;

/// What is sent to the token endpoint.
#[derive(Deserialize)]
pub(super) struct Exchange {
    grant_type: String,
    code: String,
    code_verifier: String,
    redirect_uri: String,
}

/// `GET /{organisation}/.well-known/openid-configuration`
pub(super) async fn metadata(
    State(provider): State<DemoProvider>,
    Path(slug): Path<String>,
) -> Response {
    if provider.organisation(&slug).is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let issuer = provider.issuer(&slug);
    let at = |path: &str| format!("{issuer}/{path}");
    let metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "jwks_uri": at("jwks"),
        "end_session_endpoint": at("end"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "claims_supported": ["iss", "aud", "sub", "exp", "iat", "auth_time", "nonce"],
    });
    answer(StatusCode::OK, &metadata)
}

/// `GET /{organisation}/jwks`
pub(super) async fn keys(State(provider): State<DemoProvider>) -> Response {
    answer(StatusCode::OK, &json!({ "keys": [provider.shared.key.public] }))
}

/// `POST /{organisation}/token`
pub(super) async fn exchange(
    State(provider): State<DemoProvider>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Form(sent): Form<Exchange>,
) -> Response {
    if !provider.knows(&headers) {
        return answer(StatusCode::UNAUTHORIZED, &json!({ "error": "invalid_client" }));
    }
    let grant = provider.redeem(&slug, &sent.code, &sent.code_verifier);
    let is_sound = |grant: &Grant| {
        sent.grant_type == "authorization_code" && sent.redirect_uri == grant.redirect_uri
    };
    let token = grant.filter(is_sound).and_then(|grant| provider.id_token(&slug, &grant));
    let Some(token) = token else {
        return answer(StatusCode::BAD_REQUEST, &json!({ "error": "invalid_grant" }));
    };
    let tokens = json!({
        // It opens nothing: there is no userinfo.
        "access_token": provider.random(),
        "token_type": "Bearer",
        "expires_in": GOOD_FOR,
        "id_token": token,
    });
    answer(StatusCode::OK, &tokens)
}

impl DemoProvider {
    /// Whether a request comes from this server: RFC 6749 §2.3.1, where the parts are form-encoded.
    fn knows(&self, headers: &HeaderMap) -> bool {
        let encoded =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encoded(CLIENT_ID), encoded(self.client_secret()));
        let expected = format!("Basic {}", STANDARD.encode(pair));
        let sent = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
        sent.is_some_and(|sent| bool::from(sent.ct_eq(expected.as_bytes())))
    }

    fn id_token(&self, organisation: &str, grant: &Grant) -> Option<String> {
        let now = self.shared.clock.now().micros() / 1_000_000;
        let claims = json!({
            "iss": self.issuer(organisation),
            "aud": CLIENT_ID,
            "sub": grant.subject,
            "iat": now,
            "exp": now + GOOD_FOR,
            "auth_time": grant.at.micros() / 1_000_000,
            "nonce": grant.nonce,
        });
        let signed = self.shared.key.sign(&claims);
        signed.inspect_err(|error| tracing::error!(%error, "demo.not_signed")).ok()
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
