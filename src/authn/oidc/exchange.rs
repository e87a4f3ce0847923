//! From the code to what the provider vouches for: the exchange, the ID token, userinfo if need be.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreGenderClaim, CoreIdTokenVerifier, CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm, CoreTokenType,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, ClaimsVerificationError, ConfigurationError,
    IdToken, Nonce, OAuth2TokenResponse as _, PkceCodeVerifier, RequestTokenError,
    SignatureVerificationError, SubjectIdentifier, UserInfoError, http,
};
use secrecy::{ExposeSecret, SecretString};

use crate::authn::oidc::OidcError;
use crate::authn::oidc::cache::Providers;
use crate::authn::oidc::claims::{Claims, MoreClaims, RelyingParty, Tokens, UserClaims};
use crate::authn::oidc::provider::{Provider, Us};
use crate::authn::outbound::{Outbound, OutboundError};
use crate::domain::sso::LOGIN_SECONDS;
use crate::domain::time::Timestamp;

/// By how much the provider's clock may differ from ours, in seconds.
pub(super) const LEEWAY: i64 = 30;
/// A longer subject is none (OpenID Connect Core §2).
const LONGEST_SUBJECT: usize = 255;

type IdTokenOf = IdToken<
    MoreClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// What the answer must fit.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The nonce sent.
    pub nonce: &'a str,
    /// The PKCE verifier.
    pub verifier: &'a SecretString,
    /// The earliest `auth_time`, which must then be there; none if it does not matter.
    pub earliest: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// What the provider vouches for.
#[derive(Debug)]
pub struct Verified {
    /// Whom it names, at its issuer.
    pub subject: String,
    /// The claim that links, if the ID token has it as a text.
    pub link: Option<String>,
    /// `acr`.
    pub acr: Option<String>,
    /// `amr`.
    pub amr: Vec<String>,
    /// When they last proved who they are.
    pub auth_time: Option<Timestamp>,
    /// The provider's session.
    pub provider_session: Option<String>,
    /// When the provider wants our session to end.
    pub ends_at: Option<Timestamp>,
    /// The ID token itself.
    pub id_token: SecretString,
    access_token: SecretString,
}

/// Exchanges the code and verifies what comes for it. Keys are fetched anew if the token's is not known.
///
/// # Errors
/// Every kind of [`OidcError`].
pub async fn exchange(
    (providers, provider): (&Providers, Arc<Provider>),
    us: &Us<'_>,
    code: String,
    expected: Expected<'_>,
) -> Result<Verified, OidcError> {
    let client = provider.client(us)?;
    let verifier = PkceCodeVerifier::new(expected.verifier.expose_secret().to_owned());
    let tokens = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(no_endpoint)?
        .set_pkce_verifier(verifier)
        .request_async(providers.outbound())
        .await
        .map_err(not_exchanged)?;
    match verify((&client, &provider), us, &tokens, expected) {
        Err(Unverified::UnknownKey) => {}
        Err(Unverified::For(error)) => return Err(error),
        Ok(verified) => return Ok(verified),
    }
    let renewed = providers.renewed(&provider, expected.now).await;
    let renewed = renewed.ok_or(OidcError::Token("its key is not one of the provider's"))?;
    let client = renewed.client(us)?;
    verify((&client, &renewed), us, &tokens, expected).map_err(|unverified| match unverified {
        Unverified::UnknownKey => OidcError::Token("its key is not one of the provider's"),
        Unverified::For(error) => error,
    })
}

/// The claim that links from userinfo, for providers that keep it out of the ID token.
///
/// # Errors
/// [`OidcError::Unreachable`] and [`OidcError::Token`], above all if userinfo is another's.
pub async fn link_from_userinfo(
    outbound: &Outbound,
    provider: &Provider,
    us: &Us<'_>,
    verified: &Verified,
) -> Result<Option<String>, OidcError> {
    let Some(endpoint) = provider.metadata.userinfo_endpoint() else { return Ok(None) };
    let subject = SubjectIdentifier::new(verified.subject.clone());
    let token = AccessToken::new(verified.access_token.expose_secret().to_owned());
    let client = provider.client(us)?;
    let request = client.user_info(token, Some(subject.clone())).map_err(no_endpoint)?;
    let answered: Result<UserClaims, _> = request.request_async(outbound).await;
    let userinfo = match answered {
        Ok(userinfo) => userinfo,
        // It may want the token in the body (RFC 6750 §2.2); it is never put into a URL.
        Err(UserInfoError::Response(status, ..)) if status.is_client_error() => {
            let url = endpoint.url().as_str();
            post_for_userinfo(outbound, url, &subject, &verified.access_token).await?
        }
        Err(UserInfoError::Request(cause)) => {
            return Err(OidcError::Unreachable(cause.to_string()));
        }
        Err(_) => return Err(OidcError::Token("userinfo is not about the same person")),
    };
    Ok(link_claim(userinfo.additional_claims(), &us.sso.link_claim))
}

async fn post_for_userinfo(
    outbound: &Outbound,
    url: &str,
    subject: &SubjectIdentifier,
    token: &SecretString,
) -> Result<UserClaims, OidcError> {
    let body: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("access_token", token.expose_secret())
        .finish();
    let request = http::Request::post(url)
        .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(http::header::ACCEPT, "application/json")
        .body(body.into_bytes())
        .map_err(|_| OidcError::Metadata("the userinfo endpoint is not a URL"))?;
    let answer = outbound.send(request).await;
    let answer = answer.map_err(|cause| OidcError::Unreachable(cause.to_string()))?;
    if !answer.status().is_success() {
        return Err(OidcError::Token("userinfo is refused"));
    }
    UserClaims::from_json::<OutboundError>(answer.body(), Some(subject))
        .map_err(|_| OidcError::Token("userinfo is not about the same person"))
}

enum Unverified {
    UnknownKey,
    For(OidcError),
}

fn verify(
    (client, provider): (&RelyingParty, &Provider),
    us: &Us<'_>,
    tokens: &Tokens,
    expected: Expected<'_>,
) -> Result<Verified, Unverified> {
    let wrong = |why| Unverified::For(OidcError::Token(why));
    if *tokens.token_type() != CoreTokenType::Bearer {
        return Err(Unverified::For(OidcError::Exchange("the access token is not a bearer token")));
    }
    let id_token = tokens.extra_fields().id_token();
    let id_token = id_token.ok_or(Unverified::For(OidcError::Exchange("there is no ID token")))?;
    let check = verifier(client, provider, expected);
    let claims =
        id_token.claims(&check, &Nonce::new(expected.nonce.to_owned())).map_err(|e| refused(&e))?;
    let more = claims.additional_claims();
    let now = expected.now.micros() / 1_000_000;
    if more.nbf.is_some_and(|nbf| nbf > now + LEEWAY) {
        return Err(wrong("it is not valid yet (`nbf`)"));
    }
    if claims.authorized_party().is_some_and(|azp| azp.as_str() != us.sso.client_id) {
        return Err(wrong("it was issued for another client (`azp`)"));
    }
    if claims.subject().is_empty() || claims.subject().len() > LONGEST_SUBJECT {
        return Err(wrong("its `sub` is empty or too long"));
    }
    check_access_token((id_token, claims), &check, tokens.access_token())?;
    let seconds = |at: i64| Timestamp::from_micros(at.saturating_mul(1_000_000));
    Ok(Verified {
        subject: claims.subject().as_str().to_owned(),
        link: match us.sso.link_claim.as_str() {
            "sub" => Some(claims.subject().as_str().to_owned()),
            claim => link_claim(more, claim),
        },
        acr: claims.auth_context_ref().map(|acr| acr.as_str().to_owned()),
        amr: claims
            .auth_method_refs()
            .map(|all| all.iter().map(|method| method.as_str().to_owned()).collect())
            .unwrap_or_default(),
        auth_time: claims.auth_time().map(|at| seconds(at.timestamp())),
        provider_session: more.sid.clone(),
        ends_at: more.session_expiry.map(seconds),
        id_token: SecretString::from(id_token.to_string()),
        access_token: SecretString::from(tokens.access_token().secret().clone()),
    })
}

fn verifier<'a>(
    client: &'a RelyingParty,
    provider: &Provider,
    expected: Expected<'_>,
) -> CoreIdTokenVerifier<'a> {
    let now = DateTime::from_timestamp_micros(expected.now.micros()).unwrap_or_default();
    let leeway = TimeDelta::seconds(LEEWAY);
    let login = TimeDelta::seconds(LOGIN_SECONDS);
    let earliest = expected.earliest;
    let earliest = earliest.map(|at| DateTime::from_timestamp_micros(at.micros()).unwrap_or(now));
    let is_future = move |at: DateTime<Utc>| at > now + leeway;
    client
        .id_token_verifier()
        .set_allowed_algs(provider.algs())
        // `exp` knows no leeway, so the clock it is compared with is late.
        .set_time_fn(move || now - leeway)
        .set_issue_time_verifier_fn(move |iat| {
            if is_future(iat) || iat < now - login - leeway { Err(String::new()) } else { Ok(()) }
        })
        .set_auth_time_verifier_fn(move |at| {
            let is_fine = match (at, earliest) {
                (None, None) => true,
                (None, Some(_)) => false,
                (Some(at), None) => !is_future(at),
                (Some(at), Some(earliest)) => !is_future(at) && at >= earliest - leeway,
            };
            if is_fine { Ok(()) } else { Err(String::new()) }
        })
}

/// `at_hash`, if it is there, binds the access token to the ID token.
fn check_access_token(
    (id_token, claims): (&IdTokenOf, &Claims),
    check: &CoreIdTokenVerifier<'_>,
    access_token: &AccessToken,
) -> Result<(), Unverified> {
    let Some(told) = claims.access_token_hash() else { return Ok(()) };
    let hash = || {
        let key = id_token.signing_key(check).ok()?;
        AccessTokenHash::from_token(access_token, id_token.signing_alg().ok()?, key).ok()
    };
    if hash().as_ref() == Some(told) {
        return Ok(());
    }
    Err(Unverified::For(OidcError::Token("its `at_hash` is not the access token's")))
}

fn link_claim(more: &MoreClaims, claim: &str) -> Option<String> {
    let value = more.others.get(claim).and_then(serde_json::Value::as_str);
    value.filter(|value| !value.is_empty()).map(str::to_owned)
}

/// The library's texts repeat what was sent; ours do not.
fn refused(error: &ClaimsVerificationError) -> Unverified {
    let why = match error {
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        ) => return Unverified::UnknownKey,
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::DisallowedAlg(_)
            | SignatureVerificationError::UnsupportedAlg(_),
        ) => "its signature's algorithm is not one that both take",
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::AmbiguousKeyId(_),
        ) => "it does not say which key signed it",
        ClaimsVerificationError::SignatureVerification(_) => "its signature is not right",
        ClaimsVerificationError::Expired(_) => "it has expired, or its `iat` is not of now",
        ClaimsVerificationError::InvalidAudience(_) => "it is for another audience",
        ClaimsVerificationError::InvalidAuthContext(_) => "its `acr` is not right",
        ClaimsVerificationError::InvalidAuthTime(_) => {
            "its `auth_time` is missing, too old or to come"
        }
        ClaimsVerificationError::InvalidIssuer(_) => "it is another issuer's",
        ClaimsVerificationError::InvalidNonce(_) => "its nonce is not ours",
        ClaimsVerificationError::InvalidSubject(_) => "its `sub` is not right",
        ClaimsVerificationError::Unsupported(_) => "it is of a kind that is not supported",
        ClaimsVerificationError::Other(_) | _ => "it does not read",
    };
    Unverified::For(OidcError::Token(why))
}

fn no_endpoint(_: ConfigurationError) -> OidcError {
    OidcError::Metadata("an endpoint is missing")
}

/// The body of a refused exchange may hold tokens, and its text is the provider's: neither is kept.
fn not_exchanged<T: openidconnect::ErrorResponse + 'static>(
    error: RequestTokenError<OutboundError, T>,
) -> OidcError {
    match error {
        RequestTokenError::ServerResponse(_) => OidcError::Exchange("the provider refuses it"),
        RequestTokenError::Request(cause) => OidcError::Unreachable(cause.to_string()),
        RequestTokenError::Parse(..) => OidcError::Exchange("what came for it does not read"),
        RequestTokenError::Other(_) => OidcError::Exchange("what came for it is not an answer"),
    }
}
