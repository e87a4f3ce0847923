//! What follows from what a provider can do for the connection that uses it: the words are the edges'.

use crate::app::sso::Trial;
use crate::authn::oidc::OidcError;
use crate::authn::oidc::provider::Abilities;
use crate::domain::sso::SsoConnection;

/// Something to know about a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It does not answer, or from where it may not be asked. What was met on the way is for the log: it
    /// could tell of the operator's own network.
    Unreachable,
    /// It answers with what cannot be used, for that reason.
    Unusable(&'static str),
    /// It does not announce these values of `acr`, which the connection waits for.
    AcrNotAnnounced(String),
    /// It does not announce the claim that links.
    LinkClaimNotAnnounced(String),
    /// It says neither `acr` nor `amr`: whoever needs a second factor shows it here.
    NoSecondFactor,
    /// It does not announce `auth_time`, without which `acr` and `amr` count for nothing.
    NoAuthTime,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Nobody can sign in.
    Fault,
    /// Somebody may not be able to.
    Warning,
    /// Good to know.
    Note,
}

impl Trial {
    /// What follows from it.
    pub fn findings(&self) -> Vec<Finding> {
        match &self.outcome {
            Ok(can) => lacks(can, &self.sso),
            Err(OidcError::Unreachable(cause)) => {
                tracing::info!(issuer = self.sso.issuer, cause, "sso.trial_unreachable");
                vec![Finding::Unreachable]
            }
            Err(
                OidcError::Metadata(why)
                | OidcError::Refused(why)
                | OidcError::Answer(why)
                | OidcError::Exchange(why)
                | OidcError::Token(why),
            ) => vec![Finding::Unusable(why)],
        }
    }
}

impl Finding {
    /// Its name, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Unusable(_) => "unusable",
            Self::AcrNotAnnounced(_) => "acr-not-announced",
            Self::LinkClaimNotAnnounced(_) => "link-claim-not-announced",
            Self::NoSecondFactor => "no-second-factor",
            Self::NoAuthTime => "no-auth-time",
        }
    }

    /// What it weighs.
    pub fn weight(&self) -> Weight {
        match self {
            Self::Unreachable | Self::Unusable(_) => Weight::Fault,
            Self::AcrNotAnnounced(_) | Self::LinkClaimNotAnnounced(_) => Weight::Warning,
            Self::NoSecondFactor | Self::NoAuthTime => Weight::Note,
        }
    }

    /// What it is about, for the text.
    pub fn particular(&self) -> &str {
        match self {
            Self::Unusable(why) => why,
            Self::AcrNotAnnounced(what) | Self::LinkClaimNotAnnounced(what) => what,
            Self::Unreachable | Self::NoSecondFactor | Self::NoAuthTime => "",
        }
    }
}

impl Weight {
    /// Its word, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

fn lacks(can: &Abilities, sso: &SsoConnection) -> Vec<Finding> {
    let mut found = vec![];
    let unknown: Vec<&str> = sso
        .acr_values
        .iter()
        .filter(|acr| !can.acr_values.is_empty() && !can.acr_values.contains(acr))
        .map(String::as_str)
        .collect();
    if !unknown.is_empty() {
        found.push(Finding::AcrNotAnnounced(unknown.join(" ")));
    }
    let has_claim = |name: &str| can.claims.is_empty() || can.claims.iter().any(|it| it == name);
    if !has_claim(&sso.link_claim) {
        found.push(Finding::LinkClaimNotAnnounced(sso.link_claim.clone()));
    }
    if sso.acr_values.is_empty() && !has_claim("amr") {
        found.push(Finding::NoSecondFactor);
    }
    if sso.max_age.is_none() && !has_claim("auth_time") {
        found.push(Finding::NoAuthTime);
    }
    found
}
