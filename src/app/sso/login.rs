//! Signing in at a provider: there and back.
//!
//! What was begun is kept here under the hash of its state, and belongs to the browser whose cookie's
//! hash stands beside it. It is taken out before the code is exchanged, so each answer counts once.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::app::sign_in::{Proof, Shown, SignedInNow, SsoProof};
use crate::app::{App, Error};
use crate::authn::oidc::OidcError;
use crate::authn::oidc::answer::Answer;
use crate::authn::oidc::exchange::{self, Expected, Verified};
use crate::authn::oidc::provider::Begin;
use crate::domain::account::Slug;
use crate::domain::ids::{AccountId, SessionId, SsoId};
use crate::domain::sessions::Visitor;
use crate::domain::sso::{LOGIN_SECONDS, Login, Refusal, SsoConnection};
use crate::policy::SystemPermit;
use crate::store::authn::Change;
use crate::store::authn::logins;

/// What somebody wants who comes to sign in.
#[derive(Clone, Copy, Default)]
pub struct LoginStart<'a> {
    /// The account's name in URLs.
    pub account: &'a str,
    /// The provider's id.
    pub sso: &'a str,
    /// Where to go afterwards: a path here.
    pub return_to: &'a str,
    /// Whom they say they are, for the provider.
    pub login_hint: Option<&'a str>,
    /// Who sends them, if that is the provider itself (third-party-initiated login).
    pub issuer: Option<&'a str>,
    /// The browser's cookie for sign-ins under way, if it has one.
    pub browser: Option<&'a str>,
    /// The session the browser has.
    pub replaces: Option<SessionId>,
}

/// Where the browser is sent, and with which cookie.
pub struct LoginRedirect {
    /// The provider's URL.
    pub url: String,
    /// The value of the browser's cookie for sign-ins under way.
    pub browser: SecretString,
}

impl fmt::Debug for LoginStart<'_> {
    /// Without the cookie.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (account, sso) = (&self.account, &self.sso);
        f.debug_struct("LoginStart")
            .field("account", account)
            .field("sso", sso)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LoginRedirect {
    /// Without the URL, which holds the state.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginRedirect").finish_non_exhaustive()
    }
}

/// A sign-in that is done, or pending its second factor.
#[derive(Debug)]
pub struct SsoDone {
    /// The session.
    pub signed_in: SignedInNow,
    /// Where the person wanted to go: a path here.
    pub return_to: String,
}

impl App {
    /// Begins a sign-in at one of an account's providers.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such provider, [`Error::Denied`] with a
    /// [`Refusal`]'s rule if it cannot be used.
    pub async fn start_login(&self, start: LoginStart<'_>) -> Result<LoginRedirect, Error> {
        let sso = self.provider_at(start.account, start.sso).await?;
        if start.issuer.is_some_and(|issuer| issuer != sso.issuer) {
            return Err(refuse(Refusal::Unproven, &sso));
        }
        let (us, now) = (self.us(&sso)?, self.now());
        let provider = self.providers().get(&sso.issuer, now).await;
        let provider = provider.map_err(|error| unproven(&error, &sso))?;
        let browser = match start.browser.filter(|cookie| is_ours(cookie)) {
            Some(cookie) => cookie.to_owned(),
            None => self.random(),
        };
        let (state, nonce, verifier) = (self.random(), self.random(), self.random());
        let state_hash = hash(&state);
        let keyring = &self.settings().keyring;
        let sealed_verifier = keyring.seal(&place(&state_hash), verifier.as_bytes());
        let login = Login {
            state_hash,
            browser_hash: hash(&browser),
            account: sso.account,
            sso: sso.id,
            nonce: nonce.clone(),
            verifier: sealed_verifier?,
            return_to: start.return_to.to_owned(),
            max_age: sso.max_age,
            replaces: start.replaces,
            created_at: now,
        };
        let hint = start.login_hint.filter(|hint| hint.len() <= 320);
        let begin = Begin { state, nonce, verifier: &verifier, login_hint: hint };
        let url = provider.authorization_url(&us, &begin);
        let url = url.map_err(|error| unproven(&error, &sso))?;
        let permit = SystemPermit::for_the("beginning of a sign-in at a provider");
        let change = Change::Logins(logins::Change::Begin(Box::new(login)));
        self.store().change_authn(change, permit).await?;
        Ok(LoginRedirect { url, browser: SecretString::from(browser) })
    }

    /// Ends a sign-in with what the browser brought back from the provider.
    ///
    /// # Errors
    /// [`Error::Denied`] with a [`Refusal`]'s rule; and as [`App::finish_login`].
    pub async fn finish_sso(
        &self,
        pairs: Vec<(String, String)>,
        browser: Option<&str>,
        visitor: Visitor,
    ) -> Result<SsoDone, Error> {
        let answer = Answer::read(pairs).map_err(|error| refused_early(&error.to_string()))?;
        let login = self.take_login(&answer, browser).await?;
        let Some(sso) = self.store().sso(login.account, login.sso).await? else {
            return Err(refused_early("the provider was removed meanwhile"));
        };
        let (us, now) = (self.us(&sso)?, self.now());
        let unproven = |error: OidcError| unproven(&error, &sso);
        let provider = self.providers().get(&sso.issuer, now).await.map_err(unproven)?;
        let code = answer.code(&provider).map_err(unproven)?;
        let verifier = self.settings().keyring.open(&place(&login.state_hash), &login.verifier);
        let verifier = verifier?;
        let verifier = String::from_utf8_lossy(verifier.expose_secret()).into_owned();
        let expected = Expected {
            nonce: &login.nonce,
            verifier: &SecretString::from(verifier),
            max_age: login.max_age,
            now,
        };
        let place = (self.providers(), std::sync::Arc::clone(&provider));
        let verified = exchange::exchange(place, &us, code, expected).await.map_err(unproven)?;
        let user = self.user_of(&provider, &us, &verified).await?;
        let shown = self.proof(&sso, verified)?;
        let proof = Proof { account: sso.account, user, shown: Shown::Sso(Box::new(shown)) };
        let signed_in = self.finish_login(&proof, visitor, login.replaces).await?;
        metrics::counter!("sso_sign_ins_total", "result" => "done").increment(1);
        Ok(SsoDone { signed_in, return_to: login.return_to })
    }

    /// Takes out sign-ins that took too long, and logout tokens that no longer read.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn sweep_logins(&self) -> Result<(), Error> {
        let now = self.now();
        let begun = now.micros().saturating_sub(LOGIN_SECONDS * 1_000_000);
        let begun = crate::domain::time::Timestamp::from_micros(begun);
        let permit = SystemPermit::for_the("sweeping of sign-ins that took too long");
        let change = Change::Logins(logins::Change::Sweep(begun, now));
        self.store().change_authn(change, permit).await?;
        Ok(())
    }

    /// The provider of those names in a URL; whoever asks may be anybody.
    pub(super) async fn provider_at(
        &self,
        account: &str,
        id: &str,
    ) -> Result<SsoConnection, Error> {
        let none = || Error::NotFound("there is no such way to sign in".to_owned());
        let slug = Slug::parse(account).map_err(|_| none())?;
        let id: SsoId = id.parse().map_err(|_| none())?;
        self.store().sso_at(&slug, id).await?.ok_or_else(none)
    }

    /// The sign-in that an answer belongs to, once, if this browser began it and not too long ago.
    async fn take_login(&self, answer: &Answer, browser: Option<&str>) -> Result<Login, Error> {
        let state = answer.state().ok_or_else(|| refused_early("there is no state"))?;
        let browser = browser.ok_or_else(|| refused_early("the browser has no cookie"))?;
        let found = self.store().login(&hash(state)).await?;
        let login = found.ok_or_else(|| refused_early("the state is not known"))?;
        if !bool::from(login.browser_hash.ct_eq(&hash(browser))) {
            return Err(refused_early("the state is another browser's"));
        }
        let permit = SystemPermit::for_the("end of a sign-in at a provider");
        let change = Change::Logins(logins::Change::Take(login.state_hash));
        if !self.store().change_authn(change, permit).await? {
            return Err(refused_early("the state was used before"));
        }
        if !login.is_open(self.now()) {
            return Err(refused_early("it took too long"));
        }
        Ok(login)
    }

    fn proof(&self, sso: &SsoConnection, verified: Verified) -> Result<SsoProof, Error> {
        let keyring = &self.settings().keyring;
        let id_token = verified.id_token.expose_secret().as_bytes();
        let id_token = keyring.seal(&id_token_place(sso.account, sso.id), id_token);
        Ok(SsoProof {
            sso: sso.id,
            has_second_factor: sso.has_second_factor(verified.acr.as_deref(), &verified.amr),
            acr: verified.acr,
            amr: verified.amr,
            auth_time: verified.auth_time,
            provider_session: verified.provider_session,
            id_token: Some(id_token?),
            ends_at: verified.ends_at,
        })
    }

    /// 256 random bits as text for URLs and cookies.
    pub(super) fn random(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.secret())
    }
}

/// The refusal for a provider's word that does not count; why is logged, since the person cannot
/// do anything about it.
pub(super) fn unproven(error: &OidcError, sso: &SsoConnection) -> Error {
    tracing::warn!(account = %sso.account, sso = %sso.id, %error, "sso.unproven");
    let refusal = match error {
        OidcError::Unreachable(_) | OidcError::Metadata(_) => Refusal::Unreachable,
        OidcError::Refused(_) => Refusal::ByProvider,
        OidcError::Answer(_) | OidcError::Exchange(_) | OidcError::Token(_) => Refusal::Unproven,
    };
    refuse(refusal, sso)
}

/// A refusal that is the person's to read, and counted.
pub(super) fn refuse(refusal: Refusal, sso: &SsoConnection) -> Error {
    tracing::info!(account = %sso.account, sso = %sso.id, rule = refusal.rule(), "sso.refused");
    denied(refusal)
}

/// The place to which a session's ID token is sealed.
pub(super) fn id_token_place(account: AccountId, sso: SsoId) -> String {
    format!("sessions|{account}|{sso}")
}

/// Before it is known whose sign-in it is.
fn refused_early(why: &str) -> Error {
    tracing::info!(why, "sso.refused");
    denied(Refusal::NotBegunHere)
}

fn denied(refusal: Refusal) -> Error {
    metrics::counter!("sso_sign_ins_total", "result" => refusal.rule()).increment(1);
    Error::Denied { rule: refusal.rule(), reason: refusal.reason() }
}

fn place(state_hash: &[u8; 32]) -> String {
    format!("login_transactions|{}", URL_SAFE_NO_PAD.encode(state_hash))
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Whether a browser's cookie has the form of those we give.
fn is_ours(cookie: &str) -> bool {
    URL_SAFE_NO_PAD.decode(cookie).is_ok_and(|bytes| bytes.len() == 32)
}
