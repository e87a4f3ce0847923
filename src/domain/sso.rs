//! Single sign-on: an account's OIDC providers, a sign-in under way, and why one is refused.

pub mod faults;

use secrecy::SecretString;

use crate::domain::ids::{AccountId, ConnectionId, SessionId, SsoId};
use crate::domain::sso::faults::Fault;
use crate::domain::time::Timestamp;

/// The scopes asked for if the operator names none.
pub const DEFAULT_SCOPES: [&str; 1] = ["openid"];
/// What `amr` must hold to count as two factors, unless the operator says otherwise: the provider's word
/// for it, or something known with something held (RFC 8176). `sms`, `tel` and `mca` do not count.
pub const DEFAULT_AMR: [&str; 2] = ["mfa", "pwd|pin|kba+otp|hwk|swk|pop|sc"];
/// How long a sign-in may take at the provider, in seconds.
pub const LOGIN_SECONDS: i64 = 600;
/// How many sign-ins a browser may have under way; one more ends the oldest.
pub const OPEN_LOGINS: u64 = 5;

/// An account's OIDC provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoConnection {
    /// The account.
    pub account: AccountId,
    /// Its id.
    pub id: SsoId,
    /// Its name for people, unique in the account.
    pub name: String,
    /// The issuer identifier, byte for byte.
    pub issuer: String,
    /// What the provider calls us.
    pub client_id: String,
    /// The client's secret, sealed.
    pub client_secret: Vec<u8>,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// The claim that must equal the `externalId` of a user at their first sign-in.
    pub link_claim: String,
    /// The provisioning connection whose users sign in by it.
    pub connection: ConnectionId,
    /// Values of `acr` that count as two factors; also asked for.
    pub acr_values: Vec<String>,
    /// What `amr` must hold to count as two factors, see [`amr_counts`].
    pub amr_values: Vec<String>,
    /// How long ago they may have proved who they are at the provider, in seconds.
    pub max_age: Option<i64>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed; each change has a later moment.
    pub updated_at: Timestamp,
}

/// A provider as whoever sets it up describes it.
#[derive(Debug, Clone)]
pub struct SsoSpec {
    /// Its name for people.
    pub name: String,
    /// The issuer identifier.
    pub issuer: String,
    /// What the provider calls us.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretString,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// The claim that links.
    pub link_claim: String,
    /// The name of the provisioning connection whose users sign in by it.
    pub connection: String,
    /// Values of `acr` that count as two factors.
    pub acr_values: Vec<String>,
    /// What `amr` must hold.
    pub amr_values: Vec<String>,
    /// How long ago they may have proved who they are, in seconds.
    pub max_age: Option<i64>,
}

/// What is to be different about a provider. Its issuer never is: links are by issuer and subject, so
/// another issuer is another provider.
#[derive(Debug, Clone, Default)]
pub struct SsoEdit {
    /// Its name for people.
    pub name: Option<String>,
    /// What the provider calls us. Sessions that began by the old one end.
    pub client_id: Option<String>,
    /// The client's secret.
    pub client_secret: Option<SecretString>,
    /// The scopes to ask for.
    pub scopes: Option<Vec<String>>,
    /// The claim that links, at first sign-ins from now on.
    pub link_claim: Option<String>,
    /// Values of `acr` that count as two factors.
    pub acr_values: Option<Vec<String>>,
    /// What `amr` must hold.
    pub amr_values: Option<Vec<String>>,
    /// How long ago they may have proved who they are; `Some(None)` that it does not matter.
    pub max_age: Option<Option<i64>>,
}

/// A sign-in under way at a provider. It belongs to one browser and ends with the first answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// SHA-256 of the state, which only the browser holds.
    pub state_hash: [u8; 32],
    /// SHA-256 of the browser's cookie.
    pub browser_hash: [u8; 32],
    /// The account.
    pub account: AccountId,
    /// The provider.
    pub sso: SsoId,
    /// What the ID token must repeat.
    pub nonce: String,
    /// The PKCE verifier, sealed.
    pub verifier: Vec<u8>,
    /// Where the person wanted to go: a path here.
    pub return_to: String,
    /// The `max_age` that was asked for, in seconds.
    pub max_age: Option<i64>,
    /// The session the browser had.
    pub replaces: Option<SessionId>,
    /// When it began.
    pub created_at: Timestamp,
}

/// Why a sign-in by SSO was refused. Each has a rule's name, for the log and for translation, and words
/// that tell the person what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It was not begun in this browser, was used already, or took too long.
    NotBegunHere,
    /// The provider says no.
    ByProvider,
    /// What the provider sent proves nothing.
    Unproven,
    /// The provider does not answer, or not as one.
    Unreachable,
    /// No user of the account is the one who came.
    NotProvisioned,
    /// The user is there, but not active.
    Inactive,
    /// More than one user could be meant.
    Ambiguous,
    /// The user belongs to another subject of the provider already.
    LinkedToAnother,
}

impl SsoConnection {
    /// Whether what the provider says amounts to two factors (SIGNIN.md 4.3).
    pub fn has_second_factor(&self, acr: Option<&str>, amr: &[String]) -> bool {
        let by_acr = acr.is_some_and(|acr| self.acr_values.iter().any(|value| value == acr));
        by_acr || self.amr_values.iter().any(|rule| amr_counts(rule, amr))
    }

    /// What changes with each change of it, for `ETag` and `If-Match`.
    pub fn version(&self) -> String {
        self.updated_at.micros().to_string()
    }

    /// The place to which its secret is sealed.
    pub fn place(&self) -> String {
        secret_place(self.account, self.id)
    }
}

impl SsoSpec {
    /// All that is wrong with it, as far as it can be told without asking anybody.
    pub fn faults(&self, allow_http: bool) -> Vec<Fault> {
        faults::of(self, allow_http)
    }
}

impl SsoEdit {
    /// The provider as it is to be, described, and the names of what differs. Where the secret
    /// stays, another text stands for it.
    pub fn apply(&self, to: &SsoConnection) -> (SsoSpec, Vec<&'static str>) {
        let spec = SsoSpec {
            name: self.name.clone().unwrap_or_else(|| to.name.clone()),
            issuer: to.issuer.clone(),
            client_id: self.client_id.clone().unwrap_or_else(|| to.client_id.clone()),
            client_secret: self.client_secret.clone().unwrap_or_else(|| "unchanged".into()),
            scopes: self.scopes.clone().unwrap_or_else(|| to.scopes.clone()),
            link_claim: self.link_claim.clone().unwrap_or_else(|| to.link_claim.clone()),
            connection: String::new(),
            acr_values: self.acr_values.clone().unwrap_or_else(|| to.acr_values.clone()),
            amr_values: self.amr_values.clone().unwrap_or_else(|| to.amr_values.clone()),
            max_age: self.max_age.unwrap_or(to.max_age),
        };
        let differs = [
            ("name", spec.name != to.name),
            ("client_id", spec.client_id != to.client_id),
            ("client_secret", self.client_secret.is_some()),
            ("scopes", spec.scopes != to.scopes),
            ("link_claim", spec.link_claim != to.link_claim),
            ("acr_values", spec.acr_values != to.acr_values),
            ("amr_values", spec.amr_values != to.amr_values),
            ("max_age", spec.max_age != to.max_age),
        ];
        let fields = differs.into_iter().filter(|(_, is_other)| *is_other).map(|(name, _)| name);
        (spec, fields.collect())
    }
}

impl Login {
    /// Whether an answer still counts.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now.micros() - self.created_at.micros() < LOGIN_SECONDS * 1_000_000
    }

    /// The earliest moment at which they may have proved who they are; none if the provider was not asked
    /// for any. A `max_age` of 0 asks for it anew, thus after the sign-in began, however long the way back
    /// took.
    pub fn earliest_auth_time(&self, now: Timestamp) -> Option<Timestamp> {
        let max_age = self.max_age?;
        let from = if max_age == 0 { self.created_at } else { now };
        Some(Timestamp::from_micros(from.micros().saturating_sub(max_age * 1_000_000)))
    }
}

impl Refusal {
    /// The rule's name.
    pub fn rule(self) -> &'static str {
        match self {
            Self::NotBegunHere => "sso-not-begun-here",
            Self::ByProvider => "sso-refused-by-provider",
            Self::Unproven => "sso-unproven",
            Self::Unreachable => "sso-unreachable",
            Self::NotProvisioned => "sso-not-provisioned",
            Self::Inactive => "sso-inactive",
            Self::Ambiguous => "sso-ambiguous",
            Self::LinkedToAnother => "sso-linked-to-another",
        }
    }

    /// What the person is told.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotBegunHere => {
                "this sign-in was not begun in this browser, is finished already, or took too long; \
                 start again"
            }
            Self::ByProvider => {
                "your organisation's sign-in did not let you through; start again, or ask your IT \
                 department"
            }
            Self::Unproven => {
                "your organisation's sign-in sent an answer that does not prove who you are; start \
                 again, and tell your IT department if it happens again"
            }
            Self::Unreachable => {
                "your organisation's sign-in does not answer at the moment; try again in a minute"
            }
            Self::NotProvisioned => {
                "your organisation knows you, but has not given you access here yet; ask your IT \
                 department to assign you this application"
            }
            Self::Inactive => {
                "your access here has been switched off; ask your IT department to switch it on again"
            }
            Self::Ambiguous => {
                "more than one user here could be you, so none is signed in; ask your IT department \
                 to give each user an identifier of their own"
            }
            Self::LinkedToAnother => {
                "the user who could be you signs in as somebody else already; ask an administrator \
                 to have the user unlinked"
            }
        }
    }
}

/// The claim that links unless somebody says otherwise: at Entra ID `sub` is another for each client, and
/// what provisions knows `oid` alone.
pub fn default_link_claim(issuer: &str) -> &'static str {
    let is_entra = issuer.starts_with("https://login.microsoftonline.com/");
    if is_entra { "oid" } else { "sub" }
}

/// The place to which an SSO connection's secret is sealed.
pub fn secret_place(account: AccountId, id: SsoId) -> String {
    format!("sso_connections|{account}|{id}")
}

/// Whether `amr` holds what a rule asks for: each of the parts joined by `+`, a part being any of the
/// methods joined by `|`.
pub fn amr_counts(rule: &str, amr: &[String]) -> bool {
    let is_shown = |part: &str| part.split('|').any(|method| amr.iter().any(|it| it == method));
    !rule.is_empty() && rule.split('+').all(is_shown)
}

/// The domain of mail addresses, as it is compared: lower case, in ASCII.
///
/// # Errors
/// What is wrong, and what would be right.
pub fn mail_domain(text: &str) -> Result<String, String> {
    let wrong = || format!("`{}` is not a domain; write it as in `example.com`", short(text));
    match url::Host::parse(text.trim()) {
        Ok(url::Host::Domain(domain))
            if domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.') =>
        {
            Ok(domain)
        }
        Ok(_) | Err(_) => Err(wrong()),
    }
}

fn is_amr_rule(rule: &str) -> bool {
    let is_method = |text: &str| {
        (1..=40).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/".contains(&b))
    };
    rule.len() <= 500 && rule.split('+').all(|part| part.split('|').all(is_method))
}

fn short(text: &str) -> String {
    text.chars().take(100).collect()
}
