//! The provider's endpoints that our server calls.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::extract::{Form, Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Header;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

use super::{ACCESS_TOKEN, Provider, keys, merge};
use crate::world::leaks;

pub(super) async fn serve(listener: TcpListener, provider: Provider) {
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/jwks", get(jwks))
        .route("/token", axum::routing::post(token))
        .route("/userinfo", get(userinfo).post(userinfo_by_form))
        .layer(from_fn_with_state(provider.clone(), count))
        .with_state(provider);
    axum::serve(listener, router).await.expect("the provider serves");
}

async fn count(State(provider): State<Provider>, request: Request, next: Next) -> Response<Body> {
    let path = request.uri().path().to_owned();
    *provider.shared.calls.lock().expect("counts").entry(path).or_default() += 1;
    next.run(request).await
}

async fn metadata(State(provider): State<Provider>) -> Response<Body> {
    answer(StatusCode::OK, &provider.metadata())
}

async fn jwks(State(provider): State<Provider>) -> Response<Body> {
    let names = provider.lies().published.clone();
    let all: Vec<Value> = names.into_iter().map(keys::published).collect();
    answer(StatusCode::OK, &json!({ "keys": all }))
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response<Body> {
    leaks::secret(ACCESS_TOKEN);
    leaks::secret(&form["code_verifier"]);
    let authorization = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let credentials = authorization.and_then(|it| it.strip_prefix("Basic "));
    leaks::secret(credentials.unwrap_or_default());
    let sent = (authorization.map(str::to_owned), form.clone());
    *provider.shared.exchange.lock().expect("it") = Some(sent);
    let waits_for = provider.lies().waits_for.clone();
    if let Some(word) = waits_for {
        word.notified().await;
    }
    let refused = || answer(StatusCode::BAD_REQUEST, &json!({ "error": "invalid_grant" }));
    // A code works once.
    let Some(grant) = provider.shared.codes.lock().expect("codes").remove(&form["code"]) else {
        return refused();
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    if challenge != grant.challenge && !provider.lies().ignores_pkce {
        return refused();
    }
    let mut tokens = json!({
        "access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 300,
        "id_token": provider.id_token(&grant.nonce),
    });
    merge(&mut tokens, &provider.lies().tokens);
    answer(StatusCode::OK, &tokens)
}

async fn userinfo(State(provider): State<Provider>, headers: HeaderMap) -> Response<Body> {
    let is_let_in = headers
        .get(header::AUTHORIZATION)
        .is_some_and(|it| it == &format!("Bearer {ACCESS_TOKEN}"));
    if !is_let_in || provider.lies().userinfo_by_form {
        return answer(StatusCode::UNAUTHORIZED, &json!({ "error": "invalid_token" }));
    }
    person(&provider)
}

async fn userinfo_by_form(
    State(provider): State<Provider>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response<Body> {
    if form.get("access_token").is_none_or(|token| token != ACCESS_TOKEN) {
        return answer(StatusCode::UNAUTHORIZED, &json!({ "error": "invalid_token" }));
    }
    person(&provider)
}

fn person(provider: &Provider) -> Response<Body> {
    let mut claims = json!({ "sub": "u-ann", "employee": "u-ann", "name": "Ann" });
    let lies = provider.lies();
    merge(&mut claims, &lies.userinfo);
    if !lies.userinfo_signed {
        return answer(StatusCode::OK, &claims);
    }
    merge(&mut claims, &json!({ "iss": provider.issuer, "aud": "countersign" }));
    let token = keys::sign(lies.sign, |_: &mut Header| {}, &claims);
    let response = Response::builder().header(header::CONTENT_TYPE, "application/jwt");
    response.body(Body::from(token)).expect("an answer")
}

fn answer(status: StatusCode, body: &Value) -> Response<Body> {
    let response =
        Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    response.body(Body::from(body.to_string())).expect("an answer")
}
