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
use crate::domain::keys::seals::Place;
use crate::domain::passwords::tries::{SSO_STARTS_OF_NETWORK, Subject};
use crate::domain::persons;
use crate::domain::sessions::{Session, Visitor};
use crate::domain::sso::{Login, Refusal, SsoConnection};
use crate::domain::time::Timestamp;
use crate::policy::SystemPermit;
use crate::store::authn::{Change, logins, rates};

/// What somebody wants who comes to sign in.
#[derive(Clone, Copy)]
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
    /// Whether they are to prove anew who they are, though the provider knows them still.
    pub is_fresh: bool,
    /// The browser's cookie for sign-ins under way, if it has one.
    pub browser: Option<&'a str>,
    /// The session the browser has.
    pub replaces: Option<SessionId>,
    /// Where it is.
    pub visitor: &'a Visitor,
}

/// What became of a wish to sign in.
#[derive(Debug)]
pub enum Started {
    /// It has begun.
    Sent(LoginRedirect),
    /// Too many were begun from there and not ended.
    Wait {
        /// How long until the next one.
        seconds: u64,
    },
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

/// A browser that comes back from a provider.
pub struct Arrival<'a> {
    /// The connection whose redirect URI it came to.
    pub sso: &'a str,
    /// What it brought: parameters of a URL or a form.
    pub pairs: Vec<(String, String)>,
    /// Its cookie for sign-ins under way, if it has one.
    pub browser: Option<&'a str>,
    /// The session it has now, if its cookie came along.
    pub session: Option<SessionId>,
    /// Where it is.
    pub visitor: Visitor,
}

impl fmt::Debug for Arrival<'_> {
    /// Without what opens something.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrival").field("sso", &self.sso).finish_non_exhaustive()
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
    pub async fn start_login(&self, start: LoginStart<'_>) -> Result<Started, Error> {
        let sso = self.provider_at(start.account, start.sso).await?;
        if let Some(seconds) = self.charge_start(start.visitor).await? {
            return Ok(Started::Wait { seconds });
        }
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
            max_age: if start.is_fresh { Some(0) } else { sso.max_age },
            replaces: start.replaces,
            created_at: now,
        };
        let hint = start.login_hint.filter(|hint| hint.len() <= 320);
        let begin =
            Begin { state, nonce, verifier: &verifier, max_age: login.max_age, login_hint: hint };
        let url = provider.authorization_url(&us, &begin);
        let url = url.map_err(|error| unproven(&error, &sso))?;
        let permit = SystemPermit::for_the("beginning of a sign-in at a provider");
        let change = Change::Logins(logins::Change::Begin(Box::new(login)));
        self.store().change_authn(change, permit).await?;
        Ok(Started::Sent(LoginRedirect { url, browser: SecretString::from(browser) }))
    }

    /// Ends a sign-in with what the browser brought back from the provider. The sessions that it had when
    /// it began and has now end.
    ///
    /// # Errors
    /// [`Error::Denied`] with a [`Refusal`]'s rule; and as [`App::finish_login`].
    pub async fn finish_sso(&self, arrival: Arrival<'_>) -> Result<SsoDone, Error> {
        let Arrival { sso: at, pairs, browser, session, visitor } = arrival;
        let answer = Answer::read(pairs).map_err(|error| refused_early(&error.to_string()))?;
        let login = self.take_login(&answer, browser, at).await?;
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
            earliest: login.earliest_auth_time(now),
            now,
        };
        let place = (self.providers(), std::sync::Arc::clone(&provider));
        let verified = exchange::exchange(place, &us, code, expected).await.map_err(unproven)?;
        let user = self.user_of(&provider, &us, &verified).await?;
        let shown = self.proof(&sso, verified, login.created_at)?;
        let proof = Proof { account: sso.account, user, shown: Shown::Sso(Box::new(shown)) };
        let begun = vec![Subject::sso_network(&visitor)];
        self.count_rate(rates::Change::TakeBack(begun)).await?;
        let signed_in =
            self.finish_login(&proof, visitor, login.replaces.into_iter().chain(session)).await?;
        metrics::counter!("sso_sign_ins_total", "result" => "done").increment(1);
        Ok(SsoDone { signed_in, return_to: login.return_to })
    }

    /// The account's name in URLs and the connection at which somebody can prove anew who they are; none if
    /// their session did not begin at one, or it was removed.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn provider_of(&self, session: &Session) -> Result<Option<(String, SsoId)>, Error> {
        let Some(sso) = session.sso else { return Ok(None) };
        let slug = self.store().slug_with_sso(session.account, sso).await?;
        Ok(slug.map(|slug| (slug, sso)))
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

    /// Counts a sign-in begun against the visitor's network until it ends well, since each is a row here;
    /// if there are too many, how many seconds to wait. A flood is told by a look, and writes nothing.
    async fn charge_start(&self, visitor: &Visitor) -> Result<Option<u64>, Error> {
        self.must_wait(vec![(Subject::sso_network(visitor), SSO_STARTS_OF_NETWORK)]).await
    }

    /// The sign-in that an answer belongs to, once, if this browser began it, at the provider whose redirect
    /// URI `at` the answer came to, and not too long ago.
    async fn take_login(
        &self,
        answer: &Answer,
        browser: Option<&str>,
        at: &str,
    ) -> Result<Login, Error> {
        let state = answer.state().ok_or_else(|| refused_early("there is no state"))?;
        let browser = browser.ok_or_else(|| refused_early("the browser has no cookie"))?;
        let found = self.store().login(&hash(state)).await?;
        let login = found.ok_or_else(|| refused_early("the state is not known"))?;
        if !bool::from(login.browser_hash.ct_eq(&hash(browser))) {
            return Err(refused_early("the state is another browser's"));
        }
        if at.parse() != Ok(login.sso) {
            tracing::warn!(account = %login.account, sso = %login.sso, at, "sso.mixed_up");
            return Err(refused_early("the answer came to another provider's redirect URI"));
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

    fn proof(
        &self,
        sso: &SsoConnection,
        verified: Verified,
        begun_at: Timestamp,
    ) -> Result<SsoProof, Error> {
        let keyring = &self.settings().keyring;
        let id_token = verified.id_token.expose_secret().as_bytes();
        let id_token = keyring.seal(&id_token_place(sso.account, sso.id), id_token);
        Ok(SsoProof {
            sso: sso.id,
            subject: persons::Subject { issuer: sso.issuer.clone(), subject: verified.subject },
            begun_at,
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
    Place::Verifier(state_hash.to_vec()).text()
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Whether a browser's cookie has the form of those we give.
fn is_ours(cookie: &str) -> bool {
    URL_SAFE_NO_PAD.decode(cookie).is_ok_and(|bytes| bytes.len() == 32)
}
