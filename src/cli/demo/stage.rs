//! What people sign in to: the accounts, each with a provider, and how the demo sets both up.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::app::bootstrap::demo::DemoSeed;
use crate::app::{App, Outcome};
use crate::boot::clock::SystemClock;
use crate::cli::demo::cast::{self, House};
use crate::cli::demo::client::Client;
use crate::domain::account::{Kind, Slug};
use crate::domain::actor::Actor;
use crate::domain::command::{AddSso, Command, CreateAccount, Domain, IssueToken, SendLink};
use crate::domain::ids::{AccountId, SsoId};
use crate::domain::opaque;
use crate::domain::passwords::links::Purpose;
use crate::domain::persons::approvers::USERS_ADMINISTER;
use crate::domain::persons::support::NewTeam;
use crate::domain::sessions::Session;
use crate::domain::sso::{DEFAULT_AMR, DEFAULT_SCOPES, SsoSpec};
use crate::domain::tokens::{Access, DEFAULT_DAYS};
use crate::http::demo::{CLIENT_ID, DemoProvider};
use crate::scim::preset::Preset;

/// The provisioning connection of an account's provider.
const CONNECTION: &str = "default";
/// That of the customer's partners, who have no provider.
const PARTNERS: &str = "partners";
/// How often, and how many times, the mail folder is looked into.
const LOOKS: (Duration, usize) = (Duration::from_millis(50), 400);

/// The server and the provider, both running.
pub(super) struct Stage {
    pub(super) app: App,
    pub(super) clock: Arc<SystemClock>,
    pub(super) provider: DemoProvider,
    /// Where the server listens.
    pub(super) address: SocketAddr,
    /// Where its mails are written.
    pub(super) mails: PathBuf,
}

/// An account that is set up.
pub(super) struct Opened {
    pub(super) account: AccountId,
    pub(super) sso: SsoId,
    /// The token by which its provider provisions.
    pub(super) token: String,
}

/// An invitation that was sent.
pub(super) struct Invitation {
    /// The file that the mail is in.
    pub(super) file: PathBuf,
    /// The link in it.
    pub(super) link: SecretString,
}

impl Stage {
    /// An account's base URL for SCIM.
    pub(super) fn scim(&self, slug: &str) -> String {
        format!("{}/accounts/{slug}/scim/v2", self.app.settings().public_url)
    }

    /// A SCIM client of an account.
    ///
    /// # Errors
    /// If there can be none.
    pub(super) fn client(&self, slug: &str, token: &str) -> anyhow::Result<Client> {
        Client::new(&self.scim(slug), self.address, token)
    }

    /// The customer's account, made by a director, who names its team.
    ///
    /// # Errors
    /// If it is not made.
    pub(super) async fn open_customer(
        &self,
        director: &Session,
        team: NewTeam,
    ) -> anyhow::Result<Opened> {
        let director = Actor::User(director.signed_in());
        self.open(cast::CUSTOMER, (&director, Some(team))).await
    }

    /// Makes an account, a token of its connection, and single sign-on for those who come by that.
    ///
    /// # Errors
    /// If one of them is not made.
    pub(super) async fn open(
        &self,
        house: House,
        (by, team): (&Actor, Option<NewTeam>),
    ) -> anyhow::Result<Opened> {
        let slug = Slug::parse(house.slug).map_err(anyhow::Error::msg)?;
        let name = house.name.to_owned();
        let kind = if house.is_operator { Kind::Operator } else { Kind::Standard };
        let create =
            CreateAccount { slug, name, kind, parent: None, team, first_administrator: None };
        let made = self.app.change(by, Command::CreateAccount(create)).await?;
        let Outcome::Account(account) = made else {
            anyhow::bail!("the demo's account was not made");
        };
        let account = account.id;
        for domain in house.domains {
            let domain = Domain { account, domain: (*domain).to_owned() };
            self.change(Command::AddDomain(domain)).await?;
        }
        let token = self.issue_token(account, CONNECTION).await?;
        self.provider.open(house.slug, house.name);
        let spec = SsoSpec {
            name: house.name.to_owned(),
            issuer: self.provider.issuer(house.slug),
            client_id: CLIENT_ID.to_owned(),
            client_secret: SecretString::from(self.provider.client_secret().to_owned()),
            scopes: DEFAULT_SCOPES.map(str::to_owned).to_vec(),
            link_claim: "sub".to_owned(),
            connection: CONNECTION.to_owned(),
            acr_values: vec![],
            amr_values: DEFAULT_AMR.map(str::to_owned).to_vec(),
            max_age: None,
        };
        let add = Command::AddSso(Box::new(AddSso { account, spec }));
        let Outcome::Sso(sso) = self.change(add).await? else {
            anyhow::bail!("the demo's single sign-on was not made");
        };
        Ok(Opened { account, sso: sso.id, token })
    }

    /// Has the customer's people known to their provider, and gives its administrator their right.
    ///
    /// # Errors
    /// If the administrator was not provisioned.
    pub(super) async fn welcome_customer(
        &self,
        account: AccountId,
        people: usize,
    ) -> anyhow::Result<()> {
        for guest in cast::customers(people) {
            self.provider.welcome(cast::CUSTOMER.slug, guest);
        }
        let administrator = cast::administrator().user_name;
        let rights = DemoSeed::Rights(&[USERS_ADMINISTER]);
        self.app.seed_for_demo(account, &administrator, rights).await?;
        Ok(())
    }

    /// Provisions somebody without a provider, and invites them to choose a password.
    ///
    /// # Errors
    /// If the mail does not come.
    pub(super) async fn invite(&self, account: AccountId) -> anyhow::Result<Invitation> {
        let token = self.issue_token(account, PARTNERS).await?;
        let client = self.client(cast::CUSTOMER.slug, &token)?;
        client.post("/Users", &cast::INVITED.body()).await?;
        let user_name = cast::INVITED.user_name.to_owned();
        let send = SendLink { account, user_name, purpose: Purpose::Invitation };
        self.change(Command::SendLink(send)).await?;
        for _ in 0..LOOKS.1 {
            if let Some(found) = self.mail().await? {
                return Ok(found);
            }
            tokio::time::sleep(LOOKS.0).await;
        }
        anyhow::bail!("no mail came into {}", self.mails.display())
    }

    /// The invitation in the folder of mails, if it has come.
    async fn mail(&self) -> anyhow::Result<Option<Invitation>> {
        // It is made with the first mail.
        let Ok(mut files) = tokio::fs::read_dir(&self.mails).await else { return Ok(None) };
        while let Some(entry) = files.next_entry().await? {
            let file = entry.path();
            if file.extension().is_none_or(|end| end != "eml") {
                continue;
            }
            let text = tokio::fs::read_to_string(&file).await?;
            // Those who may sign are mailed too, without a link.
            if let Some(link) = self.link(&text) {
                return Ok(Some(Invitation { file, link }));
            }
        }
        Ok(None)
    }

    /// The link that a mail is about, out of what may be quoted-printable lines.
    fn link(&self, mail: &str) -> Option<SecretString> {
        let text = mail.replace("=\r\n", "");
        let start = format!("{}/link/", self.app.settings().public_url);
        let (_, rest) = text.split_once(&start)?;
        let is_part = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '_';
        let secret: String = rest.chars().take_while(is_part).collect();
        Some(SecretString::from(format!("{start}{secret}")))
    }

    async fn issue_token(&self, account: AccountId, connection: &str) -> anyhow::Result<String> {
        let issue = Command::IssueToken(IssueToken {
            account,
            connection: connection.to_owned(),
            preset: Preset::Standard,
            access: Access::Write,
            days: DEFAULT_DAYS,
        });
        let Outcome::Token(issued) = self.change(issue).await? else {
            anyhow::bail!("the demo's token was not issued");
        };
        Ok(opaque::reveal(&issued.secret).to_owned())
    }

    async fn change(&self, command: Command) -> anyhow::Result<Outcome> {
        Ok(self.app.change(&Actor::Platform, command).await?)
    }
}
