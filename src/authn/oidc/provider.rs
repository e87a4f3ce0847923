//! A provider as its metadata describes it: discovered, checked, and its authorization URL.

use std::error::Error as _;
use std::fmt;

use openidconnect::core::{
    CoreAuthPrompt, CoreClientAuthMethod, CoreJsonWebKeySet, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType,
};
use openidconnect::{
    AuthType, AuthenticationContextClass, AuthenticationFlow, ClientId, ClientSecret, CsrfToken,
    DiscoveryError, EndSessionUrl, IssuerUrl, LoginHint, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenUrl, UserInfoUrl,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::authn::oidc::OidcError;
use crate::authn::oidc::claims::{ALGS, Metadata, RelyingParty};
use crate::authn::outbound::{Outbound, OutboundError};
use crate::domain::sso::SsoConnection;

/// A provider, discovered.
#[derive(Debug, Clone)]
pub struct Provider {
    pub(super) metadata: Metadata,
}

/// Us, as the provider knows us.
#[derive(Debug)]
pub struct Us<'a> {
    /// The connection.
    pub sso: &'a SsoConnection,
    /// Its secret, opened.
    pub secret: SecretString,
    /// Where the provider sends the browser back to.
    pub callback: String,
}

/// What a new sign-in carries.
pub struct Begin<'a> {
    /// The state.
    pub state: String,
    /// The nonce.
    pub nonce: String,
    /// The PKCE verifier.
    pub verifier: &'a str,
    /// How long ago they may have proved who they are, in seconds; 0 asks for it anew.
    pub max_age: Option<i64>,
    /// Whom the person said they are.
    pub login_hint: Option<&'a str>,
}

impl fmt::Debug for Begin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begin").finish_non_exhaustive()
    }
}

/// What a provider can do, for whoever sets a connection up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a line of the report")]
pub struct Abilities {
    /// How many keys it publishes that we can use.
    pub keys: usize,
    /// The signature algorithms that both take.
    pub algs: Vec<String>,
    /// Whether it names PKCE with S256; if not, it is used all the same.
    pub pkce_s256: bool,
    /// Whether it names itself in its answers (RFC 9207).
    pub issuer_in_answers: bool,
    /// Whether it takes answers out of URLs.
    pub form_post: bool,
    /// Values of `acr` that it announces.
    pub acr_values: Vec<String>,
    /// Whether `acr` can be asked for as essential.
    pub claims_parameter: bool,
    /// Whether it says which claims it has, and these are they.
    pub claims: Vec<String>,
    /// Whether signing out here can sign out there.
    pub logout_there: bool,
    /// Whether signing out there can sign out here.
    pub logout_here: bool,
}

impl Provider {
    /// Asks an issuer about itself and for its keys.
    ///
    /// # Errors
    /// [`OidcError::Unreachable`] and [`OidcError::Metadata`].
    pub async fn discover(outbound: &Outbound, issuer: &str) -> Result<Self, OidcError> {
        let issuer = IssuerUrl::new(issuer.to_owned())
            .map_err(|_| OidcError::Metadata("the issuer is not a URL"))?;
        let metadata = Metadata::discover_async(issuer, outbound).await.map_err(undiscovered)?;
        let provider = Self { metadata };
        provider.check(outbound.reach().allow_http)?;
        Ok(provider)
    }

    /// The same provider with its keys fetched anew.
    ///
    /// # Errors
    /// [`OidcError::Unreachable`].
    pub async fn with_new_keys(&self, outbound: &Outbound) -> Result<Self, OidcError> {
        let keys = CoreJsonWebKeySet::fetch_async(self.metadata.jwks_uri(), outbound).await;
        let keys = keys.map_err(undiscovered)?;
        Ok(Self { metadata: self.metadata.clone().set_jwks(keys) })
    }

    /// The URL that the browser is sent to.
    ///
    /// # Errors
    /// [`OidcError::Metadata`] if our own callback is not a URL.
    pub fn authorization_url(&self, us: &Us<'_>, begin: &Begin<'_>) -> Result<String, OidcError> {
        let client = self.client(us)?;
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(
            begin.verifier.to_owned(),
        ));
        let (state, nonce) = (begin.state.clone(), begin.nonce.clone());
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .set_pkce_challenge(challenge);
        for scope in us.sso.scopes.iter().filter(|scope| *scope != "openid") {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        for acr in &us.sso.acr_values {
            request = request.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
        }
        if let Some(seconds) = begin.max_age.and_then(|seconds| u64::try_from(seconds).ok()) {
            request = request.set_max_age(std::time::Duration::from_secs(seconds));
        }
        if begin.max_age == Some(0) {
            request = request.add_prompt(CoreAuthPrompt::Login);
        }
        if let Some(hint) = begin.login_hint {
            request = request.set_login_hint(LoginHint::new(hint.to_owned()));
        }
        if self.posts_answers() {
            request = request.add_extra_param("response_mode", "form_post");
        }
        if self.metadata.claims_parameter_supported() == Some(true) {
            request = request.add_extra_param("claims", wanted_claims(us.sso));
        }
        Ok(request.url().0.into())
    }

    /// What it can do.
    pub fn abilities(&self) -> Abilities {
        let more = self.metadata.additional_metadata();
        let methods = more.code_challenge_methods_supported.as_deref().unwrap_or_default();
        Abilities {
            keys: self.metadata.jwks().keys().len(),
            algs: self.algs().iter().map(word).collect(),
            pkce_s256: methods.iter().any(|method| method == "S256"),
            issuer_in_answers: self.names_itself(),
            form_post: self.posts_answers(),
            acr_values: self
                .metadata
                .acr_values_supported()
                .map(|all| all.iter().map(|acr| acr.as_str().to_owned()).collect())
                .unwrap_or_default(),
            claims_parameter: self.metadata.claims_parameter_supported() == Some(true),
            claims: self
                .metadata
                .claims_supported()
                .map(|all| all.iter().map(|claim| claim.to_string()).collect())
                .unwrap_or_default(),
            logout_there: more.end_session_endpoint.is_some(),
            logout_here: more.backchannel_logout_supported,
        }
    }

    /// Its issuer identifier.
    pub fn issuer(&self) -> &str {
        self.metadata.issuer().as_str()
    }

    /// Whether its answers must name it (RFC 9207).
    pub(super) fn names_itself(&self) -> bool {
        self.metadata.additional_metadata().authorization_response_iss_parameter_supported
    }

    /// The algorithms that both sides take.
    pub(super) fn algs(&self) -> Vec<CoreJwsSigningAlgorithm> {
        let theirs = self.metadata.id_token_signing_alg_values_supported();
        ALGS.into_iter().filter(|alg| theirs.contains(alg)).collect()
    }

    /// The client that `openidconnect` wants.
    pub(super) fn client(&self, us: &Us<'_>) -> Result<RelyingParty, OidcError> {
        let methods = self.metadata.token_endpoint_auth_methods_supported();
        let takes_basic = methods
            .is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let callback = RedirectUrl::new(us.callback.clone())
            .map_err(|_| OidcError::Metadata("server.public_url is not a URL"))?;
        let secret = ClientSecret::new(us.secret.expose_secret().to_owned());
        let client = RelyingParty::from_provider_metadata(
            self.metadata.clone(),
            ClientId::new(us.sso.client_id.clone()),
            Some(secret),
        );
        let auth_type = if takes_basic { AuthType::BasicAuth } else { AuthType::RequestBody };
        Ok(client.set_auth_type(auth_type).set_redirect_uri(callback))
    }

    fn posts_answers(&self) -> bool {
        let modes = self.metadata.response_modes_supported();
        modes.is_some_and(|modes| modes.contains(&CoreResponseMode::FormPost))
    }

    /// Whether it can be used, and every endpoint leads where it may.
    fn check(&self, allow_http: bool) -> Result<(), OidcError> {
        let metadata = &self.metadata;
        let is_fine = |url: &url::Url| {
            let is_safe = url.scheme() == "https" || (allow_http && url.scheme() == "http");
            is_safe && url.has_host() && url.username().is_empty() && url.fragment().is_none()
        };
        let token = metadata.token_endpoint().map(TokenUrl::url);
        let Some(token) = token else {
            return Err(OidcError::Metadata("it has no token endpoint"));
        };
        let endpoints = [
            Some(metadata.authorization_endpoint().url()),
            Some(token),
            Some(metadata.jwks_uri().url()),
            metadata.userinfo_endpoint().map(UserInfoUrl::url),
            metadata.additional_metadata().end_session_endpoint.as_ref().map(EndSessionUrl::url),
        ];
        if !endpoints.into_iter().flatten().all(is_fine) {
            return Err(OidcError::Metadata("an endpoint is not an https:// URL"));
        }
        if self.algs().is_empty() {
            return Err(OidcError::Metadata("it signs with none of RS256, PS256, ES256 and EdDSA"));
        }
        let methods = metadata.additional_metadata().code_challenge_methods_supported.as_ref();
        if methods.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
            return Err(OidcError::Metadata("it does not take PKCE with S256"));
        }
        Ok(())
    }
}

/// What the ID token is to hold: `acr` for certain, the rest if there is any.
fn wanted_claims(sso: &SsoConnection) -> String {
    let acr = if sso.acr_values.is_empty() {
        serde_json::Value::Null
    } else {
        json!({ "essential": true, "values": sso.acr_values })
    };
    json!({ "id_token": { "acr": acr, "amr": null, "auth_time": null } }).to_string()
}

/// An algorithm as the protocol writes it.
fn word(alg: &CoreJwsSigningAlgorithm) -> String {
    let value = serde_json::to_value(alg).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn undiscovered(error: DiscoveryError<OutboundError>) -> OidcError {
    match error {
        DiscoveryError::Validation(_) => {
            OidcError::Metadata("its issuer is not, byte for byte, the one it was asked for as")
        }
        DiscoveryError::Request(cause) => OidcError::Unreachable(cause.to_string()),
        DiscoveryError::Response(status, ..) => {
            OidcError::Unreachable(format!("it answers with status {}", status.as_u16()))
        }
        DiscoveryError::Parse(error) => {
            tracing::debug!(cause = ?error.source().map(ToString::to_string), "oidc.metadata");
            OidcError::Metadata("it does not read")
        }
        DiscoveryError::UrlParse(_) | DiscoveryError::Other(_) | _ => {
            OidcError::Metadata("it cannot be asked for")
        }
    }
}
