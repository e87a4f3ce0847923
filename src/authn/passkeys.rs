//! Passkeys (`WebAuthn` level 3), always with user verification: the authenticator has seen a finger, a
//! face or a PIN.
//!
//! States and credentials are JSON of the library's own and kept whole. It takes the same answer to
//! the same state twice, so whoever calls [`RelyingParty::finish_showing`] takes the state away first.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use url::{Host, Url};
use uuid::Uuid;
use webauthn_rs::prelude::{
    AuthenticationResult, Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// We, as authenticators know us: the host of our public URL.
pub struct RelyingParty {
    webauthn: Webauthn,
}

/// A ceremony just begun.
pub struct Begun {
    /// For the browser: the options of `navigator.credentials`, as JSON.
    pub options: String,
    /// To keep until its answer comes.
    pub state: String,
}

/// A credential, as it is kept.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Its id in base64url.
    pub id: String,
    /// All of it, as JSON.
    pub json: String,
    /// How often it was used, as it says itself; 0 if it does not count.
    pub counter: i64,
    /// RFC 8176: `swk` if it may be copied to other devices, else `hwk`.
    pub method: &'static str,
}

/// Why a passkey did not do.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// The public URL is an address, or no URL.
    #[error(
        "passkeys need a public URL with a domain name: set `server.public_url` to one, for \
         example `https://id.example.com`; addresses do not do, `http://localhost:8080` does"
    )]
    NoDomain,
    /// It is not what was asked for.
    #[error("the passkey was refused: {0}")]
    Refused(WebauthnError),
    /// What we kept, or what came, is no JSON of the right form.
    #[error("the passkey does not read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

impl RelyingParty {
    /// The relying party of that public URL.
    ///
    /// # Errors
    /// [`PasskeyError::NoDomain`].
    pub fn new(public_url: &str) -> Result<Self, PasskeyError> {
        let url = Url::parse(public_url).map_err(|_| PasskeyError::NoDomain)?;
        let Some(Host::Domain(domain)) = url.host() else { return Err(PasskeyError::NoDomain) };
        let builder = WebauthnBuilder::new(domain, &url).map_err(|_| PasskeyError::NoDomain)?;
        let built = builder.rp_name("Countersign").build();
        Ok(Self { webauthn: built.map_err(|_| PasskeyError::NoDomain)? })
    }

    /// Begins an enrolment for a person, called `name`, who has the credentials `known` already.
    ///
    /// # Errors
    /// If a known credential does not read.
    pub fn begin_enrolment(
        &self,
        person: Uuid,
        name: &str,
        known: &[String],
    ) -> Result<Begun, PasskeyError> {
        let known = read(known)?;
        let exclude = known.iter().map(|passkey| passkey.cred_id().clone()).collect();
        let (options, state) =
            self.webauthn.start_passkey_registration(person, name, name, Some(exclude))?;
        Ok(Begun {
            options: serde_json::to_string(&options)?,
            state: serde_json::to_string(&state)?,
        })
    }

    /// Ends an enrolment with the browser's answer.
    ///
    /// # Errors
    /// [`PasskeyError::Refused`], [`PasskeyError::Unreadable`].
    pub fn finish_enrolment(&self, state: &str, answer: &str) -> Result<Credential, PasskeyError> {
        let answer: RegisterPublicKeyCredential = serde_json::from_str(answer)?;
        let state: PasskeyRegistration = serde_json::from_str(state)?;
        credential(&self.webauthn.finish_passkey_registration(&answer, &state)?)
    }

    /// Begins the showing of one of the credentials `known`.
    ///
    /// # Errors
    /// [`PasskeyError::Refused`] if there are none, [`PasskeyError::Unreadable`].
    pub fn begin_showing(&self, known: &[String]) -> Result<Begun, PasskeyError> {
        // Without a list, an authenticator would offer whatever it has.
        if known.is_empty() {
            return Err(WebauthnError::CredentialNotFound.into());
        }
        let (options, state) = self.webauthn.start_passkey_authentication(&read(known)?)?;
        Ok(Begun {
            options: serde_json::to_string(&options)?,
            state: serde_json::to_string(&state)?,
        })
    }

    /// Ends a showing with the browser's answer: the credential of `known` that was shown, as it is to
    /// be kept from now on.
    ///
    /// # Errors
    /// [`PasskeyError::Refused`], also if its counter is behind (a copy of it was used);
    /// [`PasskeyError::Unreadable`].
    pub fn finish_showing(
        &self,
        state: &str,
        answer: &str,
        known: &[String],
    ) -> Result<Credential, PasskeyError> {
        let answer: PublicKeyCredential = serde_json::from_str(answer)?;
        let state: PasskeyAuthentication = serde_json::from_str(state)?;
        let shown = self.webauthn.finish_passkey_authentication(&answer, &state)?;
        let verified = shown.user_verified().then_some(&shown);
        let found = verified.and_then(|shown| updated(read(known).ok()?, shown));
        credential(&found.ok_or(WebauthnError::UserNotVerified)?)
    }
}

fn updated(known: Vec<Passkey>, shown: &AuthenticationResult) -> Option<Passkey> {
    let mut found = known.into_iter().find(|passkey| passkey.cred_id() == shown.cred_id())?;
    found.update_credential(shown)?;
    Some(found)
}

fn read(known: &[String]) -> Result<Vec<Passkey>, PasskeyError> {
    Ok(known.iter().map(|json| serde_json::from_str(json)).collect::<Result<_, _>>()?)
}

fn credential(passkey: &Passkey) -> Result<Credential, PasskeyError> {
    let json = serde_json::to_value(passkey)?;
    let is_copied = json.pointer("/cred/backup_eligible").and_then(Value::as_bool);
    Ok(Credential {
        id: URL_SAFE_NO_PAD.encode(passkey.cred_id()),
        counter: json.pointer("/cred/counter").and_then(Value::as_i64).unwrap_or(0),
        method: if is_copied == Some(false) { "hwk" } else { "swk" },
        json: json.to_string(),
    })
}

impl From<WebauthnError> for PasskeyError {
    fn from(error: WebauthnError) -> Self {
        Self::Refused(error)
    }
}

impl fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelyingParty").finish_non_exhaustive()
    }
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
