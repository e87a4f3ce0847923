//! What can be wrong with a description of a bundle, a role, a mapping, a grant, a workspace or a
//! user: all of it at once. The French is in `src/http/api/texts/rights.rs`.

use std::fmt;

use crate::domain::persons::support::faults::SupportWrong;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field, as the API names it.
    pub field: &'static str,
    /// What is wrong.
    pub wrong: Wrong,
    /// What was said, shortened; empty where it is nothing.
    pub value: String,
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum Wrong {
    Missing,
    TooLong,
    NotText,
    NameTaken,
    UnknownRight,
    UnknownBundle,
    UnknownRole,
    UnknownGroup,
    UnknownConnection,
    UnknownUser,
    UnknownWorkspace,
    UnknownPermission,
    UnknownParent,
    UnknownConflict,
    NotAParent,
    WorkspaceRoleElsewhere,
    AccountRoleInWorkspace,
    BundleOfOthers,
    NothingGiven,
    EndsBeforeStart,
    EndsInThePast,
    TwiceMapped,
    TwiceGiven,
    StillUsed,
    Predefined,
    WrongLanguage,
    WrongAddress,
    UserNameTaken,
    WrongPropertyKey,
    WrongPropertyType,
    WrongPropertyValue,
    UnknownProperty,
    WrongState,
    WrongPlace,
    WorkspaceBesides,
    WrongMoment,
    WrongLevel,
    OneGivee,
    OneWanted,
    OwnedByProvider,
    ChoicesElsewhere,
    TooMany,
    StillHad,
    NotActive,
    NoAddress,
    OtherAddress,
    RecipientsOnly,
    WeakPassword,
    Support(SupportWrong),
}

impl Wrong {
    /// The code, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLong => "too_long",
            Self::NotText => "not_text",
            Self::NameTaken => "name_taken",
            Self::UnknownRight => "unknown_right",
            Self::UnknownBundle => "unknown_bundle",
            Self::UnknownRole => "unknown_role",
            Self::UnknownGroup => "unknown_group",
            Self::UnknownConnection => "unknown_connection",
            Self::UnknownUser => "unknown_user",
            Self::UnknownWorkspace => "unknown_workspace",
            Self::UnknownPermission => "unknown_permission",
            Self::UnknownParent => "unknown_parent",
            Self::UnknownConflict => "unknown_conflict",
            Self::NotAParent => "not_a_parent",
            Self::WorkspaceRoleElsewhere => "workspace_role_elsewhere",
            Self::AccountRoleInWorkspace => "account_role_in_workspace",
            Self::BundleOfOthers => "bundle_of_others",
            Self::NothingGiven => "nothing_given",
            Self::EndsBeforeStart => "ends_before_start",
            Self::EndsInThePast => "ends_in_the_past",
            Self::TwiceMapped => "twice_mapped",
            Self::TwiceGiven => "twice_given",
            Self::StillUsed => "still_used",
            Self::Predefined => "predefined",
            Self::WrongLanguage => "wrong_language",
            Self::WrongAddress => "wrong_address",
            Self::UserNameTaken => "user_name_taken",
            Self::WrongPropertyKey => "wrong_property_key",
            Self::WrongPropertyType => "wrong_property_type",
            Self::WrongPropertyValue => "wrong_property_value",
            Self::UnknownProperty => "unknown_property",
            Self::WrongState => "wrong_state",
            Self::WrongPlace => "wrong_place",
            Self::WorkspaceBesides => "workspace_besides",
            Self::WrongMoment => "wrong_moment",
            Self::WrongLevel => "wrong_level",
            Self::OneGivee => "one_givee",
            Self::OneWanted => "one_wanted",
            Self::OwnedByProvider => "owned_by_identity_provider",
            Self::ChoicesElsewhere => "choices_elsewhere",
            Self::TooMany => "too_many",
            Self::StillHad => "still_had",
            Self::NotActive => "not_active",
            Self::NoAddress => "no_address",
            Self::OtherAddress => "other_address",
            Self::RecipientsOnly => "recipients_only",
            Self::WeakPassword => "weak_password",
            Self::Support(wrong) => wrong.code(),
        }
    }

    /// Whether it is in conflict with what is there, rather than wrong in itself.
    pub fn is_conflict(self) -> bool {
        matches!(
            self,
            Self::NameTaken
                | Self::UserNameTaken
                | Self::TwiceMapped
                | Self::TwiceGiven
                | Self::StillUsed
                | Self::Predefined
                | Self::OwnedByProvider
                | Self::StillHad
                | Self::NotActive
                | Self::NoAddress
                | Self::OtherAddress
                | Self::Support(SupportWrong::TwicePosted | SupportWrong::StandsAlready)
        )
    }

    /// What would be right; `{}` stands for what was said.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Missing => "is missing; say it",
            Self::TooLong => "is too long; use at most 200 characters",
            Self::NotText => "holds a control character; use plain text",
            Self::NameTaken => "`{}` is taken in this account; choose another",
            Self::UnknownRight => "the catalogue has no right `{}`; see the account's `/catalogue`",
            Self::UnknownBundle => "there is no bundle `{}` in this account or the catalogue",
            Self::UnknownRole => "there is no role `{}` in this account or the catalogue",
            Self::UnknownGroup => "there is no group `{}` in this account",
            Self::UnknownConnection => "there is no provisioning connection `{}` in this account",
            Self::UnknownUser => "there is no user `{}` in this account",
            Self::UnknownWorkspace => "there is no open workspace `{}` in this account",
            Self::UnknownPermission => "the catalogue has no account permission `{}`",
            Self::UnknownParent => "there is no account `{}`",
            Self::UnknownConflict => "the catalogue names no such conflict: `{}`",
            Self::NotAParent => "`{}` is not a parent account; only a parent has children",
            Self::WorkspaceRoleElsewhere => "this role is held in a workspace; name one",
            Self::AccountRoleInWorkspace => "this role is held in a whole account, not a workspace",
            Self::BundleOfOthers => "only bundles of this account or the catalogue can be carried",
            Self::NothingGiven => "give exactly one bundle or role (a grant may give a right)",
            Self::EndsBeforeStart => "ends before it starts",
            Self::EndsInThePast => "`{}` is over already; name a moment to come",
            Self::TwiceMapped => "this group gives the same there already; see mapping `{}`",
            Self::TwiceGiven => "this user has the same there already; see grant `{}`",
            Self::StillUsed => "mappings, grants or roles still use it; take it out of them first",
            Self::Predefined => "the catalogue's own never changes; copy it and change the copy",
            Self::WrongLanguage => "`{}` is no language tag; use for example `en` or `fr`",
            Self::WrongAddress => "`{}` is no e-mail address",
            Self::UserNameTaken => "`{}` is taken in this account; choose another userName",
            Self::WrongPropertyKey => {
                "`{}` cannot name a property; use 1 to 64 of a-z, 0-9 and _, a letter first"
            }
            Self::WrongPropertyType => {
                "`{}` is no type of property; use text, number, boolean, date or choice"
            }
            Self::WrongPropertyValue => "`{}` is not a value of this property",
            Self::UnknownProperty => "this account has no property `{}`",
            Self::WrongState => "`{}` is no state; use active, suspended or closed",
            Self::WrongPlace => "`{}` is no place; use account, workspace or children",
            Self::WorkspaceBesides => {
                "a workspace is named, so that is the place; leave `place` out, or say workspace"
            }
            Self::WrongMoment => {
                "`{}` is no moment; use RFC 3339, for example 2026-12-31T23:59:59Z"
            }
            Self::WrongLevel => "`{}` is no level; use account or workspace",
            Self::OneGivee => "name either a group or a pushed role",
            Self::OneWanted => "name exactly one right, bundle or role",
            Self::OwnedByProvider => {
                "the identity provider of connection `{}` says this; change it there"
            }
            Self::ChoicesElsewhere => "only a choice has choices, and this is a {}",
            Self::StillHad => "somebody has a value that is not among them; change theirs first",
            Self::NotActive => "they are not active; make them active first",
            Self::NoAddress => "they have no e-mail address; name one first",
            Self::OtherAddress => {
                "no longer the one at which they chose their password; their link can be sent by \
                 `countersign user reset-password`"
            }
            Self::RecipientsOnly => {
                "only a recipient is handed a password; users choose theirs by the link in their mail"
            }
            Self::WeakPassword => {
                "cannot be used: 12 to 128 characters, none of the commonest, no plain pattern, not \
                 their name"
            }
            Self::TooMany => "there are too many; {} is the limit",
            Self::Support(wrong) => wrong.reason(),
        }
    }

    /// Says it of a field and what was said there.
    pub fn of(self, field: &'static str, value: &str) -> Fault {
        Fault { field, wrong: self, value: value.chars().take(100).collect() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.wrong.reason().replace("{}", &self.value))
    }
}

/// Checks a text that people read: 1 to 200 characters, none of them a control character.
pub fn check_text(field: &'static str, text: &str, faults: &mut Vec<Fault>) {
    if text.trim().is_empty() {
        faults.push(Wrong::Missing.of(field, ""));
    }
    check_note(field, text, faults);
}

/// The same for a text that may be empty.
pub fn check_note(field: &'static str, text: &str, faults: &mut Vec<Fault>) {
    if text.chars().count() > 200 {
        faults.push(Wrong::TooLong.of(field, ""));
    }
    if text.chars().any(char::is_control) {
        faults.push(Wrong::NotText.of(field, ""));
    }
}
