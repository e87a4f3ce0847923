//! What the browser brings back from the provider: parameters of a URL or a form, which anybody could
//! have written.

use crate::authn::oidc::OidcError;
use crate::authn::oidc::provider::Provider;

/// Longer values are none that a provider sends.
const LONGEST: usize = 8 * 1024;

/// The provider's answer, each parameter at most once.
#[derive(Default)]
pub struct Answer {
    state: Option<String>,
    code: Option<String>,
    issuer: Option<String>,
    error: Option<String>,
}

impl Answer {
    /// Reads the parameters; those that we do not know are left.
    ///
    /// # Errors
    /// [`OidcError::Answer`] if one stands there twice: then it is unclear which one counts.
    pub fn read(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, OidcError> {
        let mut answer = Self::default();
        for (name, value) in pairs {
            let place = match name.as_str() {
                "state" => &mut answer.state,
                "code" => &mut answer.code,
                "iss" => &mut answer.issuer,
                "error" => &mut answer.error,
                _ => continue,
            };
            if place.is_some() {
                return Err(OidcError::Answer("a parameter stands there twice"));
            }
            if value.len() > LONGEST {
                return Err(OidcError::Answer("a parameter is too long"));
            }
            *place = Some(value);
        }
        Ok(answer)
    }

    /// The state, if it is there and not empty.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref().filter(|state| !state.is_empty())
    }

    /// The code, if the answer is that provider's and no refusal.
    ///
    /// # Errors
    /// [`OidcError::Answer`] if it is another's or malformed, [`OidcError::Refused`] with a word of
    /// ours for the provider's.
    pub fn code(self, provider: &Provider) -> Result<String, OidcError> {
        // RFC 9207 §2.4; an error must come from the right provider as well.
        match self.issuer.as_deref() {
            Some(issuer) if issuer != provider.issuer() => {
                return Err(OidcError::Answer("`iss` names another provider"));
            }
            None if provider.names_itself() => {
                return Err(OidcError::Answer("`iss` is missing, though it was promised"));
            }
            Some(_) | None => {}
        }
        match (self.error, self.code) {
            (Some(error), _) => Err(OidcError::Refused(known(&error))),
            (None, Some(code)) if !code.is_empty() => Ok(code),
            (None, Some(_) | None) => Err(OidcError::Answer("there is no code")),
        }
    }
}

/// A provider's error code among those that are defined; its description is never repeated, for anybody
/// could have written it.
fn known(error: &str) -> &'static str {
    const KNOWN: [&str; 12] = [
        "access_denied",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_request",
        "invalid_scope",
        "login_required",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unmet_authentication_requirements",
        "unsupported_response_type",
    ];
    KNOWN.into_iter().find(|known| *known == error).unwrap_or("an error that is not defined")
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}
