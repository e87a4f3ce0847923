//! Access tokens: issued to a session, good only as long as it, and revocable one by one.

use secrecy::SecretString;

use crate::app::keys::unusable;
use crate::app::{App, Error};
use crate::authn::access_tokens::{Expected, read, sign};
use crate::domain::actor::Actor;
use crate::domain::event::{Activity, Event};
use crate::domain::ids::SessionId;
use crate::domain::keys::{Claims, TOKEN_SECONDS};
use crate::domain::sessions::{Level, Session};
use crate::domain::time::Timestamp;
use crate::policy::SystemPermit;
use crate::store::StoreError;
use crate::store::authn::keys::{self, RevokedToken};

/// What access tokens may be used for, in one word.
pub const SCOPE: &str = "api";
/// What asks for the person's rights to be in the token.
pub const RIGHTS_SCOPE: &str = "rights";
/// The client through which people get them: our own pages.
const CLIENT: &str = "countersign";

/// Whom an access token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// This server.
    Ours,
    /// The vendor's product; this server, as long as no product is configured.
    Product,
}

/// What is wished of an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenWish {
    /// For whom it is.
    pub audience: Audience,
    /// Whether the person's rights are to be in it.
    pub with_rights: bool,
}

/// An access token just issued.
#[derive(Debug)]
pub struct IssuedAccessToken {
    /// Its text.
    pub text: SecretString,
    /// How many seconds it lives.
    pub seconds: i64,
    /// What it may be used for, and what is in it.
    pub scope: String,
}

impl From<Audience> for TokenWish {
    fn from(audience: Audience) -> Self {
        Self { audience, with_rights: false }
    }
}

impl App {
    /// The audience of that name; none if access tokens are not issued for it.
    pub fn audience(&self, name: &str) -> Option<Audience> {
        [Audience::Product, Audience::Ours].into_iter().find(|a| self.audience_name(*a) == name)
    }

    /// Issues an access token that stands on the session. No row is written but, once, the first key.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if the session is not a full one, or ends this second;
    /// [`Error::Internal`] if no key can be sealed.
    pub async fn issue_access_token(
        &self,
        session: &Session,
        wish: impl Into<TokenWish>,
    ) -> Result<IssuedAccessToken, Error> {
        let TokenWish { audience, with_rights } = wish.into();
        let (key, private_key) = self.signing_key(session.account).await?;
        let now = self.now();
        let iat = seconds(now);
        let exp = (iat + TOKEN_SECONDS).min(seconds(session.expires_at));
        if session.level != Level::Full || exp <= iat {
            return Err(Error::Unauthenticated("the session is not, or no longer, a full one"));
        }
        let mut claims = Claims {
            iss: self.settings().public_url.clone(),
            aud: self.audience_name(audience).to_owned(),
            sub: session.user.to_string(),
            client_id: CLIENT.to_owned(),
            account: session.account.to_string(),
            sid: session.id.to_string(),
            acr: session.acr.clone(),
            amr: session.amr.clone(),
            auth_time: seconds(session.auth_time),
            iat,
            exp,
            jti: self.next_id(now).to_string(),
            scope: SCOPE.to_owned(),
            rights: None,
            rights_omitted: false,
        };
        if with_rights {
            claims.scope = format!("{SCOPE} {RIGHTS_SCOPE}");
            claims.tell_rights(&self.rights_in_whole((session.account, session.user)).await?);
        }
        let text = sign(&claims, (&key.id, key.algorithm), &private_key);
        let text = text.map_err(|cause| unusable(&cause))?;
        Ok(IssuedAccessToken { text, seconds: exp - iat, scope: claims.scope })
    }

    /// What an access token for that audience says and the session that it stands on; none if it is
    /// not one of ours, has ended or was revoked, or its session is not live any more. Three
    /// statements, none if it does not look like ours.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn introspect(
        &self,
        token: &str,
        audience: Audience,
    ) -> Result<Option<(Claims, Session)>, Error> {
        let Some(claims) = self.verified(token, audience).await? else { return Ok(None) };
        let Ok(id) = claims.sid.parse::<SessionId>() else { return Ok(None) };
        if self.store().is_revoked(&claims.jti).await? {
            return Ok(None);
        }
        let found = self.store().session(id).await?;
        let now = self.now();
        let stands = |session: &Session| {
            session.is_live(now)
                && session.level == Level::Full
                && session.user.to_string() == claims.sub
                && session.account.to_string() == claims.account
        };
        Ok(found.filter(stands).map(|session| (claims, session)))
    }

    /// Refuses an access token from now on, if it is one of the person's own. Whatever else is
    /// presented is none of their business, and silently nothing (RFC 7009 §2.2).
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn revoke_access_token(&self, by: &Session, token: &str) -> Result<(), Error> {
        let mut found = None;
        for audience in [Audience::Product, Audience::Ours] {
            found = found.or(self.introspect(token, audience).await?);
        }
        let Some((claims, session)) = found.filter(|(_, s)| s.person == by.person) else {
            return Ok(());
        };
        let now = self.now();
        let actor = Actor::User(by.signed_in());
        let line = self.line(session.account, now, actor, Event::AccessTokenRevoked);
        let activity = Activity { target: claims.jti.parse().ok(), ..line };
        let expires_at = Timestamp::from_micros(claims.exp.saturating_mul(1_000_000));
        let revoked = RevokedToken { id: claims.jti, expires_at };
        let change = keys::Change::RevokeToken(revoked, activity).into();
        let permit = SystemPermit::for_the("revocation of an access token");
        match self.store().change_authn(change, permit).await {
            // Somebody else was faster, with the same.
            Ok(_) | Err(StoreError::Taken) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// What the token says, if one of our keys has signed it and it has not ended.
    async fn verified(&self, token: &str, audience: Audience) -> Result<Option<Claims>, Error> {
        let Some(unverified) = read(token) else { return Ok(None) };
        let found = self.store().signing_key(unverified.key_id()).await?;
        let now = self.now();
        let Some(key) = found.filter(|key| key.verifies(now)) else { return Ok(None) };
        let issuer = &self.settings().public_url;
        let expected = Expected { issuer, audience: self.audience_name(audience), now };
        Ok(unverified.verify(&key.public_jwk, key.algorithm, &expected))
    }

    fn audience_name(&self, audience: Audience) -> &str {
        let settings = self.settings();
        match (audience, &settings.product_audience) {
            (Audience::Product, Some(product)) => product,
            (Audience::Product, None) | (Audience::Ours, _) => &settings.public_url,
        }
    }
}

fn seconds(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000)
}
