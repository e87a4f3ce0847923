//! Signing out by the provider's word, and at the provider.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::app::sso::login::id_token_place;
use crate::app::{App, Error};
use crate::authn::oidc::logout;
use crate::domain::actor::Actor;
use crate::domain::event::Event;
use crate::domain::sessions::{EndedWhy, Session};
use crate::policy::SystemPermit;
use crate::scim::error::ScimError;
use crate::store::StoreError;
use crate::store::authn::Change;
use crate::store::authn::logins::{self, LogOut};

/// Where the browser signs out at the provider.
#[derive(Debug)]
pub struct ProviderLogout {
    /// The provider's URL. It holds the ID token: never to be logged.
    pub url: SecretString,
    /// What the provider gives back; the browser is to keep it until then.
    pub state: SecretString,
}

impl App {
    /// Ends sessions because the provider says so (Back-Channel Logout 1.0). Whether there were any is
    /// not told.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such provider, [`Error::Invalid`] if the token does not count
    /// or came before.
    pub async fn back_channel_logout(
        &self,
        account: &str,
        sso: &str,
        token: &str,
    ) -> Result<(), Error> {
        let sso = self.provider_at(account, sso).await?;
        let now = self.now();
        let word = logout::read(self.providers(), &sso, token, now).await.map_err(|error| {
            tracing::warn!(account = %sso.account, sso = %sso.id, %error, "sso.logout_refused");
            Error::Invalid(ScimError::value(error.to_string()))
        })?;
        let activity = self.line(sso.account, now, Actor::System, Event::SessionEnded);
        let activity = activity.saying(json!({
            "why": EndedWhy::LoggedOutByProvider.as_str(),
            "sso": sso.id.uuid(),
        }));
        let log_out = LogOut {
            sso: sso.id,
            issuer: sso.issuer,
            jti: word.jti,
            expires_at: word.expires_at,
            provider_session: word.provider_session,
            subject: word.subject,
            activity,
        };
        let change = Change::Logins(logins::Change::LogOut(Box::new(log_out)));
        let permit = SystemPermit::for_the("end of sessions by their provider's word");
        match self.store().change_authn(change, permit).await {
            Ok(_) => Ok(()),
            Err(StoreError::Taken) => {
                let why = "the token was used before".to_owned();
                Err(Error::Invalid(ScimError::value(why)))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Where a browser whose session ends here signs out at its provider too; none if it did not come
    /// by one, or that has no such place, or does not answer.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn provider_logout(
        &self,
        session: &Session,
    ) -> Result<Option<ProviderLogout>, Error> {
        let Some(id) = session.sso else { return Ok(None) };
        let Some(sso) = self.store().sso(session.account, id).await? else { return Ok(None) };
        let Ok(provider) = self.providers().get(&sso.issuer, self.now()).await else {
            return Ok(None);
        };
        let place = id_token_place(session.account, id);
        let keyring = &self.settings().keyring;
        let hint = session.id_token.as_ref().and_then(|sealed| keyring.open(&place, sealed).ok());
        let hint = hint.and_then(|bytes| String::from_utf8(bytes.expose_secret().to_vec()).ok());
        let hint = hint.map(SecretString::from);
        let after = format!("{}/signed-out", self.settings().public_url);
        let state = self.random();
        let url = logout::logout_url(&provider, &sso, hint.as_ref(), (&after, &state));
        let state = SecretString::from(state);
        Ok(url.map(|url| ProviderLogout { url: SecretString::from(url), state }))
    }
}
