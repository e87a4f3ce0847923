//! Who calls the REST API by the `Authorization` header: a person by an access token, or the vendor's
//! product by its key.

use crate::app::keys::access_tokens::Audience;
use crate::app::{App, Error};
use crate::authn::bearer;
use crate::domain::ids::{AccountId, ProductKeyId};
use crate::domain::keys::products::{self, ProductScope};
use crate::domain::sessions::Session;
use crate::policy::SystemPermit;
use crate::store::authn::keys::{self, products as stored};

/// The one text for every refusal.
const REFUSED: &str = "the bearer token is malformed, expired, revoked or not for this API, or its \
                       session has ended";

/// Who calls.
#[derive(Debug)]
pub enum Caller {
    /// A person.
    Person(Box<Session>),
    /// The vendor's product.
    Product(ProductClient),
}

/// The vendor's product, as its key shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductClient {
    /// The operator's account.
    pub account: AccountId,
    /// The key.
    pub key: ProductKeyId,
    /// What it may do.
    pub scopes: Vec<ProductScope>,
}

impl App {
    /// Who a bearer token in the `Authorization` header speaks for.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], always with the same text.
    pub async fn authenticate_api(&self, authorization: &str) -> Result<Caller, Error> {
        let refused = || Error::Unauthenticated(REFUSED);
        let token = bearer::token(authorization).ok_or_else(refused)?;
        if let Some(presented) = products::read(token) {
            let found = self.store().product_key(ProductKeyId::new(presented.id)).await?;
            let now = self.now();
            let key = found.filter(|key| key.matches(&presented) && key.is_live(now));
            let key = key.ok_or_else(refused)?;
            if key.is_unnoted(now) {
                let change = stored::Change::Seen(key.account, key.id, now);
                let permit = SystemPermit::for_the("noting that a product key is used");
                let change = keys::Change::Product(change).into();
                self.store().change_authn(change, permit).await?;
            }
            let client = ProductClient { account: key.account, key: key.id, scopes: key.scopes };
            return Ok(Caller::Product(client));
        }
        let found = self.introspect(token, Audience::Ours).await?;
        let (_, session) = found.ok_or_else(refused)?;
        Ok(Caller::Person(Box::new(session)))
    }
}
