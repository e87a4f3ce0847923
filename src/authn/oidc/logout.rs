//! Logout by the provider (OpenID Connect Back-Channel Logout 1.0) and at the provider (RP-Initiated
//! Logout 1.0).

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::authn::oidc::OidcError;
use crate::authn::oidc::cache::Providers;
use crate::authn::oidc::exchange::LEEWAY;
use crate::authn::oidc::provider::Provider;
use crate::domain::sso::SsoConnection;
use crate::domain::time::Timestamp;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How old a logout token may be, in seconds.
const OLDEST: i64 = 120;
/// Longer ids are none that a provider sends.
const LONGEST: usize = 255;

/// What a verified logout token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutWord {
    /// Its id, for the memory of those seen.
    pub jti: String,
    /// Until when it could be sent again.
    pub expires_at: Timestamp,
    /// Which of the provider's sessions is over.
    pub provider_session: Option<String>,
    /// Whose are.
    pub subject: Option<String>,
}

#[derive(Deserialize)]
struct LogoutClaims {
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    sid: Option<String>,
    #[serde(default)]
    nonce: Value,
    events: Map<String, Value>,
}

/// Verifies a logout token. Keys are fetched anew if the token's is not known.
///
/// # Errors
/// [`OidcError::Token`], and what reaching the provider may end in.
pub async fn read(
    providers: &Providers,
    sso: &SsoConnection,
    token: &str,
    now: Timestamp,
) -> Result<LogoutWord, OidcError> {
    let header = decode_header(token).map_err(|_| OidcError::Token("it does not read"))?;
    let provider = providers.get(&sso.issuer, now).await?;
    check_header(&header, &provider)?;
    let mut found = key(&provider, &header);
    if found.is_none() {
        let renewed = providers.renewed(&provider, now).await;
        found = renewed.and_then(|provider| key(&provider, &header));
    }
    let key = found.ok_or(OidcError::Token("its key is not one of the provider's"))?;
    verify(token, &header, &key, (sso, now))
}

/// Where the browser is sent to sign out at the provider as well; none if it has no such endpoint.
pub fn logout_url(
    provider: &Provider,
    sso: &SsoConnection,
    id_token: Option<&SecretString>,
    (after, state): (&str, &str),
) -> Option<String> {
    let endpoint = provider.metadata.additional_metadata().end_session_endpoint.as_ref()?;
    let mut url = endpoint.url().clone();
    let mut query = url.query_pairs_mut();
    if let Some(hint) = id_token {
        query.append_pair("id_token_hint", hint.expose_secret());
    }
    query
        .append_pair("client_id", &sso.client_id)
        .append_pair("post_logout_redirect_uri", after)
        .append_pair("state", state);
    drop(query);
    Some(url.into())
}

fn check_header(header: &Header, provider: &Provider) -> Result<(), OidcError> {
    let typ = header.typ.as_deref().unwrap_or_default().to_ascii_lowercase();
    if typ.strip_prefix("application/").unwrap_or(&typ) != "logout+jwt" {
        return Err(OidcError::Token("it is not a logout token (`typ`)"));
    }
    let ours = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];
    let names: Vec<String> = provider.abilities().algs;
    let name = format!("{:?}", header.alg);
    if !ours.contains(&header.alg) || !names.contains(&name) {
        return Err(OidcError::Token("its signature's algorithm is not one that both take"));
    }
    Ok(())
}

/// The key that the token names; the only one, if it names none.
fn key(provider: &Provider, header: &Header) -> Option<Jwk> {
    let keys = serde_json::to_value(provider.metadata.jwks()).ok()?;
    let keys: JwkSet = serde_json::from_value(keys).ok()?;
    let is_for_signing =
        |key: &&Jwk| matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    if let Some(kid) = &header.kid {
        return keys.find(kid).filter(is_for_signing).cloned();
    }
    let mut all = keys.keys.iter().filter(is_for_signing);
    let first = all.next()?;
    all.next().is_none().then(|| first.clone())
}

fn verify(
    token: &str,
    header: &Header,
    key: &Jwk,
    (sso, now): (&SsoConnection, Timestamp),
) -> Result<LogoutWord, OidcError> {
    let wrong = |why| Err(OidcError::Token(why));
    let mut rules = Validation::new(header.alg);
    rules.set_issuer(&[&sso.issuer]);
    rules.set_audience(&[&sso.client_id]);
    rules.set_required_spec_claims(&["iss", "aud"]);
    // By our own clock, below.
    rules.validate_exp = false;
    let key = DecodingKey::from_jwk(key)
        .map_err(|_| OidcError::Token("its key is not one that we can use"))?;
    let claims = decode::<LogoutClaims>(token, &key, &rules)
        .map_err(|_| OidcError::Token("its signature, `iss`, `aud` or form is not right"))?
        .claims;
    let now = now.micros() / 1_000_000;
    if claims.exp < now - LEEWAY || claims.iat > now + LEEWAY || claims.iat < now - OLDEST - LEEWAY
    {
        return wrong("it is too old, or from the future");
    }
    if !claims.nonce.is_null() {
        return wrong("it has a nonce");
    }
    if !claims.events.get(EVENT).is_some_and(Value::is_object) {
        return wrong("it is not about a logout (`events`)");
    }
    let is_id = |text: &String| (1..=LONGEST).contains(&text.len());
    let named = [&claims.sid, &claims.sub];
    if !is_id(&claims.jti) || !named.iter().copied().flatten().all(is_id) {
        return wrong("an id in it is empty or too long");
    }
    if named.iter().all(|it| it.is_none()) {
        return wrong("it names neither a session nor a person");
    }
    let until = (claims.iat + OLDEST + 2 * LEEWAY).saturating_mul(1_000_000);
    Ok(LogoutWord {
        jti: claims.jti,
        expires_at: Timestamp::from_micros(until),
        provider_session: claims.sid,
        subject: claims.sub,
    })
}
