//! Single sign-on: an account's OIDC providers, a sign-in under way, and why one is refused.

use secrecy::SecretString;

use crate::domain::ids::{AccountId, ConnectionId, SessionId, SsoId};
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
/// Claims that people can change, or that are given to others later: never what links.
const NEVER_LINK: [&str; 12] = [
    "email",
    "email_verified",
    "preferred_username",
    "upn",
    "unique_name",
    "name",
    "given_name",
    "family_name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "verified_primary_email",
];
/// Issuers that stand for many tenants, of which each could sign in here as whom it likes.
const MANY_TENANTS: [&str; 3] = ["common", "organizations", "consumers"];

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
}

/// A provider as an operator describes it.
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

    /// The place to which its secret is sealed.
    pub fn place(&self) -> String {
        secret_place(self.account, self.id)
    }
}

impl SsoSpec {
    /// Checks what can be checked without asking the provider.
    ///
    /// # Errors
    /// What is wrong, and what would be right.
    pub fn check(&self, allow_http: bool) -> Result<(), String> {
        if self.name.trim().is_empty() || self.name.chars().count() > 100 {
            return Err("the name is empty or longer than 100 characters".to_owned());
        }
        check_issuer(&self.issuer, allow_http)?;
        if self.client_id.is_empty() || self.client_id.len() > 512 {
            return Err("the client id is empty or longer than 512 bytes".to_owned());
        }
        if self.link_claim.is_empty() || NEVER_LINK.contains(&self.link_claim.as_str()) {
            return Err(format!(
                "`{}` cannot link users: people can change it, or it is given to others later; use \
                 a claim that never changes, such as `sub`, or `oid` with Entra ID",
                short(&self.link_claim)
            ));
        }
        if !self.scopes.iter().any(|scope| scope == "openid") {
            return Err("the scopes lack `openid`".to_owned());
        }
        if let Some(rule) = self.amr_values.iter().find(|rule| !is_amr_rule(rule)) {
            return Err(format!(
                "`{}` is not a rule for `amr`; write `mfa`, or parts that are all needed with `+` and \
                 alternatives with `|`, for example `pwd|pin+otp|hwk`",
                short(rule)
            ));
        }
        match self.max_age {
            Some(seconds) if !(0..=86_400).contains(&seconds) => {
                Err("max_age is not a number of seconds from 0 to 86400".to_owned())
            }
            Some(_) | None => Ok(()),
        }
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

fn check_issuer(issuer: &str, allow_http: bool) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("the issuer `{}` {why}", short(issuer)));
    let Ok(url) = url::Url::parse(issuer) else {
        return wrong("is not a URL; copy it from the provider, byte for byte");
    };
    if url.scheme() != "https" && !(allow_http && url.scheme() == "http") {
        return wrong("does not begin with https://");
    }
    let has_more = url.query().is_some() || url.fragment().is_some();
    if has_more || !url.username().is_empty() || url.password().is_some() || !url.has_host() {
        return wrong("holds more than scheme, host and path");
    }
    let mut parts = url.path_segments().into_iter().flatten();
    if parts.any(|part| MANY_TENANTS.contains(&part)) && issuer.contains("microsoft") {
        return wrong("stands for many tenants; put your tenant's id in its place");
    }
    Ok(())
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
