//! The shapes of what providers send, spelt out once for `openidconnect`.

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClientAuthMethod,
    CoreErrorResponseType, CoreGenderClaim, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreSubjectIdentifierType, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AdditionalProviderMetadata, Client, EmptyExtraTokenFields, EndSessionUrl,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenClaims, IdTokenFields, ProviderMetadata,
    StandardErrorResponse, StandardTokenResponse, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The signature algorithms we ever take; never with a shared secret, never none.
pub(super) const ALGS: [CoreJwsSigningAlgorithm; 4] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Claims beyond the standard ones.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct MoreClaims {
    /// The provider's session.
    #[serde(default)]
    pub(super) sid: Option<String>,
    /// Not looked at by `openidconnect`.
    #[serde(default)]
    pub(super) nbf: Option<i64>,
    /// IPSIE SL1: until when our session may last.
    #[serde(default)]
    pub(super) session_expiry: Option<i64>,
    /// All others, of which one may link.
    #[serde(flatten)]
    pub(super) others: Map<String, Value>,
}
impl AdditionalClaims for MoreClaims {}

/// What metadata says beyond the standard.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct MoreMetadata {
    /// RP-initiated logout.
    #[serde(default)]
    pub(super) end_session_endpoint: Option<EndSessionUrl>,
    /// RFC 9207.
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
    /// Back-channel logout.
    #[serde(default)]
    pub(super) backchannel_logout_supported: bool,
    /// Back-channel logout by session.
    #[serde(default)]
    pub(super) backchannel_logout_session_supported: bool,
    /// PKCE.
    #[serde(default)]
    pub(super) code_challenge_methods_supported: Option<Vec<String>>,
}
impl AdditionalProviderMetadata for MoreMetadata {}

pub(super) type Metadata = ProviderMetadata<
    MoreMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;
pub(super) type IdFields = IdTokenFields<
    MoreClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
pub(super) type Tokens = StandardTokenResponse<IdFields, CoreTokenType>;
pub(super) type Claims = IdTokenClaims<MoreClaims, CoreGenderClaim>;
pub(super) type UserClaims = UserInfoClaims<MoreClaims, CoreGenderClaim>;
/// The authorization endpoint is known, those for tokens and userinfo perhaps.
pub(super) type RelyingParty = Client<
    MoreClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
