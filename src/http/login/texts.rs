//! What the pages say: one value per language, so that a text that is missing does not compile.
//!
//! To add a page group: a file in `texts/` with a struct and its pair, chosen by
//! [`Language::pick`]. Texts say what is so and what to do; no exclamation marks.

use crate::http::login::language::Language;

/// The texts of the pages every sign-in sees.
#[derive(Debug)]
pub(in crate::http) struct Texts {
    pub(in crate::http) skip: &'static str,
    pub(in crate::http) menu: &'static str,
    pub(in crate::http) home: &'static str,
    pub(in crate::http) sessions: &'static str,
    pub(in crate::http) factors: &'static str,
    pub(in crate::http) sign_in: &'static str,
    pub(in crate::http) sign_out: &'static str,
    pub(in crate::http) go_on: &'static str,
    pub(in crate::http) back: &'static str,
    pub(in crate::http) problem: &'static str,
    pub(in crate::http) find: Find,
    pub(in crate::http) door: Door,
    pub(in crate::http) account: Account,
    pub(in crate::http) refusals: Refusals,
}

/// Of `/login`.
#[derive(Debug)]
pub(in crate::http) struct Find {
    pub(in crate::http) heading: &'static str,
    pub(in crate::http) label: &'static str,
    pub(in crate::http) hint: &'static str,
    pub(in crate::http) unusable: &'static str,
}

/// Of `/accounts/{account}/login`.
#[derive(Debug)]
pub(in crate::http) struct Door {
    pub(in crate::http) heading: &'static str,
    pub(in crate::http) organisation: &'static str,
    pub(in crate::http) other: &'static str,
    pub(in crate::http) sso_heading: &'static str,
    pub(in crate::http) sso: &'static str,
    pub(in crate::http) password_heading: &'static str,
    pub(in crate::http) user_name: &'static str,
    pub(in crate::http) password: &'static str,
    pub(in crate::http) forgot: &'static str,
}

/// Of `/`, `/account/sessions` and `/signed-out`.
#[derive(Debug)]
pub(in crate::http) struct Account {
    pub(in crate::http) user_name: &'static str,
    pub(in crate::http) organisation: &'static str,
    pub(in crate::http) way: &'static str,
    pub(in crate::http) by_sso: &'static str,
    pub(in crate::http) by_password: &'static str,
    pub(in crate::http) second_factor: &'static str,
    pub(in crate::http) no_second_factor: &'static str,
    pub(in crate::http) administrators: &'static str,
    pub(in crate::http) no_administrator: &'static str,
    pub(in crate::http) sessions_intro: &'static str,
    pub(in crate::http) this_browser: &'static str,
    pub(in crate::http) unknown_browser: &'static str,
    pub(in crate::http) address: &'static str,
    pub(in crate::http) unknown_address: &'static str,
    pub(in crate::http) began: &'static str,
    pub(in crate::http) last_used: &'static str,
    pub(in crate::http) ends: &'static str,
    pub(in crate::http) revoke: &'static str,
    pub(in crate::http) revoke_others: &'static str,
    pub(in crate::http) revoked: &'static str,
    pub(in crate::http) revoked_others: &'static str,
    pub(in crate::http) not_found: &'static str,
    pub(in crate::http) signed_out: &'static str,
    pub(in crate::http) signed_out_here: &'static str,
    pub(in crate::http) signed_out_there: &'static str,
    pub(in crate::http) sign_in_again: &'static str,
}

/// Of pages that refuse: heading, and what to do.
#[derive(Debug)]
pub(in crate::http) struct Refusals {
    pub(in crate::http) nowhere: (&'static str, &'static str),
    pub(in crate::http) denied: (&'static str, &'static str),
    pub(in crate::http) not_signed_in: (&'static str, &'static str),
    pub(in crate::http) invalid: (&'static str, &'static str),
    pub(in crate::http) conflict: (&'static str, &'static str),
    pub(in crate::http) too_large: (&'static str, &'static str),
    pub(in crate::http) busy: (&'static str, &'static str),
    pub(in crate::http) too_many: (&'static str, &'static str),
    pub(in crate::http) internal: (&'static str, &'static str),
    pub(in crate::http) wrong_method: (&'static str, &'static str),
    pub(in crate::http) foreign: (&'static str, &'static str),
    /// What a rule of the policy says, by its name.
    pub(in crate::http) rules: &'static [(&'static str, &'static str)],
}

impl Texts {
    /// The texts in a language.
    pub(in crate::http) fn of(language: Language) -> &'static Self {
        language.pick(&en::EN, &fr::FR)
    }
}

impl Refusals {
    /// What the rule of that name says.
    pub(in crate::http) fn rule(&self, name: &str) -> Option<&'static str> {
        self.rules.iter().find(|(rule, _)| *rule == name).map(|(_, text)| *text)
    }
}

mod en;
pub(in crate::http) mod factors;
mod fr;
pub(in crate::http) mod passwords;
pub(in crate::http) mod policy;
pub(in crate::http) mod staff;
