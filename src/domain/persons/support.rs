//! The operator's staff who support customers: their functions and teams, and what W8 asks of them before
//! they are let into an account (PRODUCT.md §1, W4 to W9).

pub mod faults;
pub mod grants;

use std::collections::BTreeSet;

use time::Date;
use time::macros::format_description;

use crate::domain::ids::{AccountId, DelegationId, ResourceId, SupportFunctionId};
use crate::domain::rights::sources::Period;
use crate::domain::time::Timestamp;

/// How many days a CSD may be stood in for at most, at a time.
pub const DELEGATION_DAYS: u32 = 90;

/// What a support user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// Customer success manager: looks after accounts.
    Csm,
    /// Customer success director.
    Csd,
    /// Stands in for a director, for a time.
    CsdDelegate,
    /// Professional services manager.
    Psm,
    /// Manages the project of a customer who begins.
    OnboardingPm,
    /// Supports.
    Support,
    /// Works for a partner.
    Partner,
}

/// Where a support user works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Team {
    /// Support.
    Support,
    /// Customer success.
    CustomerSuccess,
    /// Professional services.
    Services,
}

/// What a group gives its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Post {
    /// A function.
    Function(Function),
    /// A place in a team.
    Team(Team),
}

/// What somebody is and where they work, effectively.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Functions {
    /// Their functions.
    pub held: BTreeSet<Function>,
    /// Their teams.
    pub teams: BTreeSet<Team>,
}

/// A function or team that a group is to give.
#[derive(Debug, Clone)]
pub struct FunctionSpec {
    /// The group, of the operator's account.
    pub group: ResourceId,
    /// What it gives.
    pub post: Post,
}

/// A function or team that a group gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenFunction {
    /// The operator's account.
    pub account: AccountId,
    /// Its id.
    pub id: SupportFunctionId,
    /// The group.
    pub group: ResourceId,
    /// What the group is called now; nothing where it is gone.
    pub group_name: Option<String>,
    /// What it gives.
    pub post: Post,
    /// Whether a second person has yet to approve it; it gives nothing before.
    pub is_pending: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: ResourceId,
}

/// Somebody who is to stand in for whoever asks.
#[derive(Debug, Clone)]
pub struct DelegationSpec {
    /// Who.
    pub to: ResourceId,
    /// For when.
    pub period: Period,
}

/// A director's standing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// The operator's account.
    pub account: AccountId,
    /// Its id.
    pub id: DelegationId,
    /// The director.
    pub from: ResourceId,
    /// Who stands in.
    pub to: ResourceId,
    /// For when.
    pub period: Period,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A day, in UTC, as `2026-12-31`: later ones are greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(String);

/// A background check, as it is noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// When it was made.
    pub checked_on: Day,
    /// The last day on which it counts.
    pub valid_until: Day,
}

/// A support user, as the directory shows them (W4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportUser {
    /// The user, of the operator's account.
    pub user: ResourceId,
    /// What people call them.
    pub display_name: String,
    /// By what the directory is sorted.
    pub key: String,
    /// What they are, and where they work.
    pub functions: Functions,
    /// For whom a partner works.
    pub employer: Option<String>,
    /// Whether they have a second factor.
    pub has_factor: bool,
    /// The last day on which their background check counts, if there was one.
    pub checked_until: Option<Day>,
    /// Whether a provider's sign-in is linked to them.
    pub has_sso: bool,
}

/// What somebody lacks before they may be let into an account (W8, M69).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// They work in none of the teams (W5).
    Team,
    /// They have no second factor.
    SecondFactor,
    /// Nobody noted a background check.
    BackgroundCheck,
    /// The last background check counts no longer.
    CurrentCheck,
    /// They never signed in by SSO.
    SsoLink,
}

/// Whom of the directory to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Who works there.
    pub team: Option<Team>,
    /// Who is that.
    pub function: Option<Function>,
    /// Whose name holds that text.
    pub name: Option<String>,
}

/// Who looks after an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewTeam {
    /// Its customer success manager.
    pub csm: ResourceId,
    /// Who manages its project at the beginning, if anybody does.
    pub onboarding_pm: Option<ResourceId>,
}

/// Somebody who looks after an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teammate {
    /// As what.
    pub function: Function,
    /// The user, of the operator's account.
    pub user: ResourceId,
    /// What people call them; nothing where they are gone.
    pub display_name: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Csm,
        Self::Csd,
        Self::CsdDelegate,
        Self::Psm,
        Self::OnboardingPm,
        Self::Support,
        Self::Partner,
    ];

    /// The word stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csm => "csm",
            Self::Csd => "csd",
            Self::CsdDelegate => "csd_delegate",
            Self::Psm => "psm",
            Self::OnboardingPm => "onboarding_pm",
            Self::Support => "support",
            Self::Partner => "partner",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// Whether whoever has it signs for others (POLICY.md §2): giving it takes a second person.
    pub fn makes_approvers(self) -> bool {
        match self {
            Self::Csd | Self::CsdDelegate | Self::Psm => true,
            Self::Csm | Self::OnboardingPm | Self::Support | Self::Partner => false,
        }
    }
}

impl Team {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Support, Self::CustomerSuccess, Self::Services];

    /// The word stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Support => "support",
            Self::CustomerSuccess => "customer_success",
            Self::Services => "services",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

impl Post {
    /// The word for which of the two it is.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Function(_) => "function",
            Self::Team(_) => "team",
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Function(it) => it.as_str(),
            Self::Team(it) => it.as_str(),
        }
    }

    /// Reads both words.
    pub fn parse(kind: &str, name: &str) -> Option<Self> {
        match kind {
            "function" => Function::parse(name).map(Self::Function),
            "team" => Team::parse(name).map(Self::Team),
            _ => None,
        }
    }

    /// Whether giving it takes a second person.
    pub fn makes_approvers(self) -> bool {
        match self {
            Self::Function(it) => it.makes_approvers(),
            Self::Team(_) => false,
        }
    }
}

impl Functions {
    /// Whether they are that.
    pub fn has(&self, function: Function) -> bool {
        self.held.contains(&function)
    }

    /// Whether they work there.
    pub fn is_in(&self, team: Team) -> bool {
        self.teams.contains(&team)
    }
}

impl FromIterator<Post> for Functions {
    fn from_iter<I: IntoIterator<Item = Post>>(posts: I) -> Self {
        let mut all = Self::default();
        for post in posts {
            match post {
                Post::Function(it) => drop(all.held.insert(it)),
                Post::Team(it) => drop(all.teams.insert(it)),
            }
        }
        all
    }
}

impl Day {
    /// Reads a day of the calendar, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let form = format_description!("[year]-[month]-[day]");
        let is_day = text.len() == 10 && Date::parse(text, &form).is_ok();
        is_day.then(|| Self(text.to_owned()))
    }

    /// The day on which a moment is, in UTC.
    pub fn of(at: Timestamp) -> Self {
        Self(at.rfc3339().chars().take(10).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SupportUser {
    /// What they lack on that day before they may be let into an account.
    pub fn lacks(&self, today: &Day) -> Vec<Lack> {
        let mut lacks = vec![];
        if self.functions.teams.is_empty() {
            lacks.push(Lack::Team);
        }
        if !self.has_factor {
            lacks.push(Lack::SecondFactor);
        }
        match &self.checked_until {
            None => lacks.push(Lack::BackgroundCheck),
            Some(until) if until < today => lacks.push(Lack::CurrentCheck),
            Some(_) => {}
        }
        if !self.has_sso {
            lacks.push(Lack::SsoLink);
        }
        lacks
    }
}

impl Lack {
    /// The word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Team => "no_team",
            Self::SecondFactor => "no_second_factor",
            Self::BackgroundCheck => "no_background_check",
            Self::CurrentCheck => "background_check_expired",
            Self::SsoLink => "no_sso_link",
        }
    }
}

#[cfg(test)]
mod tests;
