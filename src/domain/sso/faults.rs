//! What can be wrong with the description of a provider, and all of it at once: whoever sets one up
//! should not have to try seven times.

use std::fmt;

use crate::domain::sso::{SsoSpec, is_amr_rule, short};

/// Values in a list at most.
const LIST: usize = 20;
/// Bytes of a value in a list at most.
const ITEM: usize = 200;
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

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What.
    pub wrong: Wrong,
    /// What was said, shortened; empty where it is a secret, or nothing.
    pub value: String,
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum Wrong {
    Name,
    NameTaken,
    IssuerIsNoUrl,
    IssuerIsNotHttps,
    IssuerHasMore,
    IssuerOfMany,
    ClientId,
    ClientSecret,
    Scopes,
    ScopesLackOpenid,
    LinkClaim,
    LinkClaimForm,
    Connection,
    AcrValues,
    AmrValues,
    TooManyAmr,
    MaxAge,
}

impl Wrong {
    /// The field, as the API names it.
    pub fn field(self) -> &'static str {
        match self {
            Self::Name | Self::NameTaken => "name",
            Self::IssuerIsNoUrl
            | Self::IssuerIsNotHttps
            | Self::IssuerHasMore
            | Self::IssuerOfMany => "issuer",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::Scopes | Self::ScopesLackOpenid => "scopes",
            Self::LinkClaim | Self::LinkClaimForm => "link_claim",
            Self::Connection => "connection",
            Self::AcrValues => "acr_values",
            Self::AmrValues | Self::TooManyAmr => "amr_values",
            Self::MaxAge => "max_age",
        }
    }

    /// The word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Name | Self::ClientId | Self::ClientSecret => "text",
            Self::NameTaken => "taken",
            Self::IssuerIsNoUrl => "url",
            Self::IssuerIsNotHttps => "not_https",
            Self::IssuerHasMore => "more_than_a_place",
            Self::IssuerOfMany => "many_tenants",
            Self::Scopes | Self::AcrValues => "list",
            Self::ScopesLackOpenid => "lacks_openid",
            Self::LinkClaim => "changeable",
            Self::LinkClaimForm => "claim",
            Self::Connection => "unknown",
            Self::AmrValues => "rule",
            Self::TooManyAmr => "too_many",
            Self::MaxAge => "range",
        }
    }

    /// What is wrong and what would be right; `{}` stands for what was said.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Name => {
                "the name is empty, longer than 100 characters, or holds a control character"
            }
            Self::NameTaken => {
                "there is a provider `{}` in this account already; choose another name"
            }
            Self::IssuerIsNoUrl => {
                "the issuer `{}` is not a URL; copy it from the provider, byte for byte"
            }
            Self::IssuerIsNotHttps => "the issuer `{}` does not begin with https://",
            Self::IssuerHasMore => "the issuer `{}` holds more than scheme, host and path",
            Self::IssuerOfMany => {
                "the issuer `{}` stands for many tenants; put your tenant's id in its place"
            }
            Self::ClientId => {
                "the client id is empty, longer than 512 bytes, or not in printable ASCII"
            }
            Self::ClientSecret => {
                "the client's secret is empty, longer than 1024 bytes, or holds a control character"
            }
            Self::Scopes => {
                "`{}` is not a list of up to 20 scopes, each without spaces and in printable ASCII"
            }
            Self::ScopesLackOpenid => "the scopes lack `openid`",
            Self::LinkClaim => {
                "`{}` cannot link users: people can change it, or it is given to others later; use \
                 a claim that never changes, such as `sub`, or `oid` with Entra ID"
            }
            Self::LinkClaimForm => {
                "`{}` is not the name of a claim: up to 200 printable characters without spaces"
            }
            Self::Connection => {
                "there is no provisioning connection `{}` in this account; issue a token for it \
                 first with `countersign token create`"
            }
            Self::AcrValues => {
                "`{}` is not a list of up to 20 values of `acr`, each without spaces and in \
                 printable ASCII"
            }
            Self::AmrValues => {
                "`{}` is not a rule for `amr`; write `mfa`, or parts that are all needed with `+` \
                 and alternatives with `|`, for example `pwd|pin+otp|hwk`"
            }
            Self::TooManyAmr => "there are more than 20 rules for `amr`",
            Self::MaxAge => "max_age is not a number of seconds from 0 to 86400",
        }
    }

    /// The fault, with what was said.
    pub fn of(self, value: &str) -> Fault {
        Fault { wrong: self, value: short(value) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.wrong.reason().replace("{}", &self.value))
    }
}

/// All that is wrong with a description, as far as it can be told without asking the provider or the
/// database.
pub(super) fn of(spec: &SsoSpec, allow_http: bool) -> Vec<Fault> {
    let secret = secrecy::ExposeSecret::expose_secret(&spec.client_secret);
    let mut found = vec![];
    let mut check = |is_right: bool, fault: Fault| {
        if !is_right {
            found.push(fault);
        }
    };
    let has_name = !spec.name.trim().is_empty() && spec.name.chars().count() <= 100;
    check(has_name && !spec.name.contains(char::is_control), Wrong::Name.of(""));
    if let Some(wrong) = issuer(&spec.issuer, allow_http) {
        check(false, wrong.of(&spec.issuer));
    }
    let is_printable = |text: &str| text.bytes().all(|b| (b' '..=b'~').contains(&b));
    let has_client = (1..=512).contains(&spec.client_id.len()) && is_printable(&spec.client_id);
    check(has_client, Wrong::ClientId.of(""));
    let has_secret = (1..=1024).contains(&secret.len()) && !secret.contains(char::is_control);
    check(has_secret, Wrong::ClientSecret.of(""));
    check(is_list(&spec.scopes), Wrong::Scopes.of(&spec.scopes.join(" ")));
    check(spec.scopes.iter().any(|scope| scope == "openid"), Wrong::ScopesLackOpenid.of(""));
    let claim = spec.link_claim.as_str();
    check(!NEVER_LINK.contains(&claim), Wrong::LinkClaim.of(claim));
    check(is_word(claim), Wrong::LinkClaimForm.of(claim));
    check(is_list(&spec.acr_values), Wrong::AcrValues.of(&spec.acr_values.join(" ")));
    if let Some(rule) = spec.amr_values.iter().find(|rule| !is_amr_rule(rule)) {
        check(false, Wrong::AmrValues.of(rule));
    }
    check(spec.amr_values.len() <= LIST, Wrong::TooManyAmr.of(""));
    check(spec.max_age.is_none_or(|age| (0..=86_400).contains(&age)), Wrong::MaxAge.of(""));
    found
}

fn issuer(issuer: &str, allow_http: bool) -> Option<Wrong> {
    // The parser would pass over tabs and line ends.
    let url = url::Url::parse(issuer).ok().filter(|_| issuer.bytes().all(|b| b.is_ascii_graphic()));
    let Some(url) = url.filter(|_| issuer.len() <= 1024) else {
        return Some(Wrong::IssuerIsNoUrl);
    };
    if url.scheme() != "https" && !(allow_http && url.scheme() == "http") {
        return Some(Wrong::IssuerIsNotHttps);
    }
    let has_more = url.query().is_some() || url.fragment().is_some();
    if has_more || !url.username().is_empty() || url.password().is_some() || !url.has_host() {
        return Some(Wrong::IssuerHasMore);
    }
    let mut parts = url.path_segments().into_iter().flatten();
    let is_shared = parts.any(|part| MANY_TENANTS.contains(&part)) && issuer.contains("microsoft");
    is_shared.then_some(Wrong::IssuerOfMany)
}

/// Whether each value is one that may stand in a list separated by spaces.
fn is_list(values: &[String]) -> bool {
    values.len() <= LIST && values.iter().all(|value| is_word(value))
}

fn is_word(text: &str) -> bool {
    (1..=ITEM).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests;
