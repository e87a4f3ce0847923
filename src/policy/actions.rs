//! Which action of `schemas/policy.cedarschema` a command is, and to what it is done. Every command and
//! every inner edit has an action of its own, so that a rule can speak of one alone.

use crate::domain::command::Command;
use crate::domain::command::accounts::AccountEdit;
use crate::domain::command::approvals::ApprovalEdit;
use crate::domain::command::people::PeopleEdit;
use crate::domain::command::rights::RightsEdit;
use crate::domain::command::support::SupportEdit;
use crate::domain::ids::AccountId;

/// To what something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// A user or group of a provisioning connection.
    Directory,
    /// An account, or something in it.
    Account(AccountId),
    /// What belongs to no account.
    Installation,
}

/// What is done in the own account alone, by whatever right: not from its parent.
pub(super) const OWN_ONLY: [&str; 12] = [
    "addSso",
    "changeSso",
    "removeSso",
    "readSignIn",
    "issueEnrolmentLink",
    "readStaff",
    "chooseLanguage",
    "giveFunction",
    "endFunction",
    "delegate",
    "endDelegation",
    "noteCheck",
];

/// The action's name, and to what it is done. Signing and taking back is another action where it is about
/// letting a support user in.
pub(super) fn of(command: &Command, lets_in: bool) -> (&'static str, About) {
    match command {
        Command::Create(_) => ("create", About::Directory),
        Command::Replace(_) => ("replace", About::Directory),
        Command::Patch(_) => ("patch", About::Directory),
        Command::Delete(_) => ("delete", About::Directory),
        Command::CreateAccount(_) => ("createAccount", About::Installation),
        Command::IssueToken(it) => ("issueToken", About::Account(it.account)),
        Command::RevokeToken(it) => ("revokeToken", About::Account(it.account)),
        Command::AddSso(it) => ("addSso", About::Account(it.account)),
        Command::ChangeSso(it) => ("changeSso", About::Account(it.account)),
        Command::RemoveSso(it) => ("removeSso", About::Account(it.account)),
        Command::AddDomain(it) => ("addDomain", About::Account(it.account)),
        Command::RemoveDomain(it) => ("removeDomain", About::Account(it.account)),
        Command::DemandFactor(it) => ("demandFactor", About::Account(it.account)),
        Command::UnlinkUser(it) => ("unlinkUser", About::Account(it.account)),
        Command::RotateSigningKey(_) => ("rotateSigningKey", About::Installation),
        Command::IssueProductKey(_) => ("issueProductKey", About::Installation),
        Command::RevokeProductKey(_) => ("revokeProductKey", About::Installation),
        Command::SendLink(it) => ("sendLink", About::Account(it.account)),
        Command::IssueEnrolmentLink(it) => ("issueEnrolmentLink", About::Account(it.account)),
        Command::ActivateCatalogue(_) => ("activateCatalogue", About::Installation),
        Command::ChangeAccount(it) => (of_account(&it.what), About::Account(it.account)),
        Command::ChangeRights(it) => (of_rights(&it.what), About::Account(it.account)),
        Command::ChangePeople(it) => (of_people(&it.what), About::Account(it.account)),
        Command::ChangeApproval(it) => {
            (of_approvals(&it.what, lets_in), About::Account(it.account))
        }
        Command::ChangeSupport(it) => (of_support(&it.what), About::Account(it.account)),
    }
}

fn of_account(edit: &AccountEdit) -> &'static str {
    match edit {
        AccountEdit::Move(Some(_)) => "putUnderParent",
        AccountEdit::Move(None) => "takeOutOfParent",
        AccountEdit::SetState(_) => "setState",
        AccountEdit::SetPermission { .. } => "setPermission",
        AccountEdit::SetSupportMode(_) => "setSupportMode",
        AccountEdit::SetConflict { .. } => "setConflict",
        AccountEdit::CreateWorkspace(_) => "createWorkspace",
        AccountEdit::RenameWorkspace(..) => "renameWorkspace",
        AccountEdit::CloseWorkspace(_) => "closeWorkspace",
    }
}

fn of_rights(edit: &RightsEdit) -> &'static str {
    match edit {
        RightsEdit::CreateBundle(_) => "createBundle",
        RightsEdit::EditBundle(..) => "editBundle",
        RightsEdit::DeleteBundle(_) => "deleteBundle",
        RightsEdit::CreateRole(_) => "createRole",
        RightsEdit::EditRole(..) => "editRole",
        RightsEdit::DeleteRole(_) => "deleteRole",
        RightsEdit::Map(_) => "map",
        RightsEdit::EditMapping(..) => "editMapping",
        RightsEdit::Unmap(_) => "unmap",
        RightsEdit::Grant(_) => "grant",
        RightsEdit::EndGrant(_) => "endGrant",
    }
}

fn of_people(edit: &PeopleEdit) -> &'static str {
    match edit {
        PeopleEdit::Create(_) => "createPerson",
        PeopleEdit::Edit(..) => "editPerson",
        PeopleEdit::Delete(_) => "deletePerson",
        PeopleEdit::SendPasswordMail(_) => "sendPasswordMail",
        PeopleEdit::ChooseLanguage(..) => "chooseLanguage",
        PeopleEdit::DefineProperty(_) => "defineProperty",
        PeopleEdit::EditProperty(..) => "editProperty",
        PeopleEdit::RemoveProperty(_) => "removeProperty",
    }
}

fn of_approvals(edit: &ApprovalEdit, lets_in: bool) -> &'static str {
    match edit {
        ApprovalEdit::Ask { .. } => "askForApproval",
        ApprovalEdit::Vote(..) if lets_in => "voteOnSupport",
        ApprovalEdit::Vote(..) => "voteOnApproval",
        ApprovalEdit::Cancel(_) if lets_in => "cancelSupport",
        ApprovalEdit::Cancel(_) => "cancelApproval",
        ApprovalEdit::AskSupport(_) => "askSupport",
        ApprovalEdit::EndSupport(_) => "endSupport",
    }
}

fn of_support(edit: &SupportEdit) -> &'static str {
    match edit {
        SupportEdit::GiveFunction(_) => "giveFunction",
        SupportEdit::EndFunction(_) => "endFunction",
        SupportEdit::Delegate(_) => "delegate",
        SupportEdit::EndDelegation(_) => "endDelegation",
        SupportEdit::NoteCheck(..) => "noteCheck",
    }
}
