//! What can be wrong with what is said of support users, of accounts to be made and whom they let in. The
//! French is in `src/http/api/texts/support.rs`.

use crate::domain::rights::faults::{Fault, Wrong};

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum SupportWrong {
    Function,
    FunctionOrTeam,
    TwicePosted,
    Day,
    NotYet,
    LastsTooLong,
    NotOfThatFunction,
    Mode,
    Slug,
    Kind,
    ReasonTooLong,
    StartsInThePast,
    NoSupportUser,
    StandsAlready,
}

impl SupportWrong {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Function,
        Self::FunctionOrTeam,
        Self::TwicePosted,
        Self::Day,
        Self::NotYet,
        Self::LastsTooLong,
        Self::NotOfThatFunction,
        Self::Mode,
        Self::Slug,
        Self::Kind,
        Self::ReasonTooLong,
        Self::StartsInThePast,
        Self::NoSupportUser,
        Self::StandsAlready,
    ];

    /// The code, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Function => "wrong_function",
            Self::FunctionOrTeam => "function_or_team",
            Self::TwicePosted => "given_already",
            Self::Day => "wrong_day",
            Self::NotYet => "not_yet",
            Self::LastsTooLong => "lasts_too_long",
            Self::NotOfThatFunction => "not_of_that_function",
            Self::Mode => "wrong_support_mode",
            Self::Slug => "wrong_slug",
            Self::Kind => "wrong_kind",
            Self::ReasonTooLong => "reason_too_long",
            Self::StartsInThePast => "starts_in_the_past",
            Self::NoSupportUser => "no_support_user",
            Self::StandsAlready => "stands_already",
        }
    }

    /// What would be right; `{}` stands for what was said.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Function => {
                "`{}` is neither a function (csm, csd, csd_delegate, psm, onboarding_pm, support, \
                 partner) nor a team (support, customer_success, services)"
            }
            Self::FunctionOrTeam => "name either a function or a team",
            Self::TwicePosted => "this group gives the same already",
            Self::Day => "`{}` is no day; use for example 2026-12-31",
            Self::NotYet => "`{}` is still to come; name a day that was",
            Self::LastsTooLong => "lasts too long; {} days is the limit",
            Self::NotOfThatFunction => "`{}` is no active user of staff with that function",
            Self::Mode => "`{}` is no support mode; use two_person, customer_approval or closed",
            Self::Slug => {
                "`{}` cannot name an account in a URL; use 1 to 63 of a-z, 0-9 and hyphens, no hyphen \
                 at either end"
            }
            Self::Kind => "`{}` is no kind of account; use standard, parent or child",
            Self::ReasonTooLong => "is too long; use at most {} bytes",
            Self::StartsInThePast => "`{}` is over already; leave it out, or name a moment to come",
            Self::NoSupportUser => {
                "`{}` is no active support user; see the account's `/support-users`"
            }
            Self::StandsAlready => "`{}` has standing access to this account already",
        }
    }

    /// Says it of a field and what was said there.
    pub fn of(self, field: &'static str, value: &str) -> Fault {
        Wrong::Support(self).of(field, value)
    }
}
