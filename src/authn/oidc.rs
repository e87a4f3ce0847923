//! OpenID Connect, as the relying party: what `openidconnect` does, and what it leaves to its caller.
//!
//! It checks signature, `iss`, `aud`, `exp`, `nonce` and `typ`. Here are checked besides: RFC 9207's `iss`
//! of the answer, `iat`, `nbf`, `azp`, `auth_time`, an empty `sub`, `at_hash`, where the metadata's
//! endpoints lead, and logout tokens. `acr` and `amr` are judged later: they decide the session's
//! level, not whether there is one. Keys come from the issuer's `jwks_uri`, never from a token.
//!
//! INVARIANT: no token, code or secret is in an [`OidcError`], so that it may be logged.

pub mod answer;
pub mod cache;
pub mod claims;
pub mod exchange;
pub mod logout;
pub mod provider;

/// Why a provider's word does not count. The texts are ours and hold nothing that was sent, but
/// [`OidcError::Unreachable`], which holds what an attempt to reach the provider met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// It does not answer, or not with what it must.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// What it says about itself cannot be used.
    #[error("the provider's metadata cannot be used: {0}")]
    Metadata(&'static str),
    /// It answered that the person is not let in.
    #[error("the provider refuses: {0}")]
    Refused(&'static str),
    /// Its answer to the browser is not one that we take.
    #[error("the answer is not acceptable: {0}")]
    Answer(&'static str),
    /// It did not exchange the code, or for nothing we can use.
    #[error("the code was not exchanged: {0}")]
    Exchange(&'static str),
    /// A token of it proves nothing.
    #[error("the token proves nothing: {0}")]
    Token(&'static str),
}
