//! What the pages of sign-in ask before anybody is known, and who it is afterwards.

use crate::app::{App, Error};
use crate::domain::account::{Account, Slug, WaysIn, stand_in};
use crate::domain::ids::AccountId;
use crate::domain::sessions::{Portrait, Session};

impl App {
    /// The ways into the account of that slug. One that does not exist has those of one without SSO
    /// connections, so that nobody learns which do.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn ways_in(&self, slug: &Slug) -> Result<WaysIn, Error> {
        Ok(self.store().ways_in(slug).await?)
    }

    /// The account that somebody means by an e-mail address or a slug. There need not be one: the answer
    /// to an address of a domain that we do not know is a slug like any other. None if the text can be
    /// neither.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn find_account(&self, text: &str) -> Result<Option<Slug>, Error> {
        let text = text.trim().to_lowercase();
        let Some((_, domain)) = text.rsplit_once('@') else {
            return Ok(Slug::parse(&text).ok());
        };
        let Some(unknown) = stand_in(domain) else { return Ok(None) };
        Ok(Some(self.store().account_of_domain(domain).await?.unwrap_or(unknown)))
    }

    /// Who a session's user is.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if the user went meanwhile, and if the database fails.
    pub async fn portrait(&self, session: &Session) -> Result<Portrait, Error> {
        let found = self.store().portrait(session.account, session.user).await?;
        found.ok_or(Error::Unauthenticated("the user went meanwhile"))
    }

    /// The accounts that sessions are in, in no order.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn accounts_of(&self, sessions: &[Session]) -> Result<Vec<Account>, Error> {
        let mut ids: Vec<AccountId> = sessions.iter().map(|session| session.account).collect();
        ids.sort_by_key(|id| id.uuid());
        ids.dedup();
        Ok(self.store().accounts_by_id(&ids).await?)
    }
}
