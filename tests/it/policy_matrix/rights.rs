//! Who may change what gives rights, who is a user, and the account itself: a row for each change.

use std::sync::Arc;

use countersign::domain::account::{State, SupportMode};
use countersign::domain::actor::Actor;
use countersign::domain::command::Command;
use countersign::domain::command::accounts::{AccountChange, AccountEdit};
use countersign::domain::command::people::{
    PeopleChange, PeopleEdit, PersonEdit, PersonSpec, PropertyEdit, PropertySpec,
};
use countersign::domain::command::rights::{RightsChange, RightsEdit};
use countersign::domain::ids::{
    AccountId, BundleId, GrantId, MappingId, PropertyId, ResourceId, RoleId, WorkspaceId,
};
use countersign::domain::rights::bundles::{BundleEdit, BundleSpec, Level, RoleEdit, RoleSpec};
use countersign::domain::rights::sources::{
    Gift, Givee, GrantSpec, MappingEdit, MappingSpec, Period, Place,
};
use countersign::domain::rights::{Held, Right, RightKey};
use countersign::policy::{Ask, Beneficiary, Comes, Decision, Facts, Loosening, Reach};
use uuid::Uuid;

use super::actors;
use super::recorded::decide;

const MATRIX: &str = "
CHANGE               ADMIN HERE            OF THE PARENT         OF ANOTHER            STAFF                 WITHOUT RIGHT         COMMAND LINE          TOKEN
make a bundle        yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
edit a bundle        yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
delete a bundle      yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
make a role          yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
edit a role          yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
delete a role        yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
map a group          yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
edit a mapping       yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
end a mapping        yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
grant                yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
end a grant          yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
move                 operators-plane       operators-plane       operators-plane       operators-plane       operators-plane       move-takes-approvals  scim-directory-only
take out             operators-plane       operators-plane       operators-plane       operators-plane       operators-plane       yes                   scim-directory-only
suspend              operators-plane       operators-plane       operators-plane       operators-plane       operators-plane       yes                   scim-directory-only
set a permission     operators-plane       operators-plane       operators-plane       permissions-by-teams  operators-plane       yes                   scim-directory-only
set the support mode yes                   yes                   own-account-only      two-planes            administrators-only   two-planes            scim-directory-only
set a conflict       yes                   yes                   own-account-only      two-planes            administrators-only   two-planes            scim-directory-only
make a workspace     yes                   yes                   own-account-only      two-planes            workspace-admins-only two-planes            scim-directory-only
rename a workspace   yes                   yes                   own-account-only      two-planes            workspace-admins-only two-planes            scim-directory-only
close a workspace    yes                   yes                   own-account-only      two-planes            workspace-admins-only two-planes            scim-directory-only
make a user          yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
make a recipient     yes                   yes                   own-account-only      two-planes            recipient-admins-only platform-no-people    scim-directory-only
edit a user          yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
delete a user        yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
define a property    yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
mail a password link yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
choose a language    own-language-only     own-language-only     own-language-only     own-language-only     own-language-only     platform-no-people    scim-directory-only
edit a property      yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
remove a property    yes                   yes                   own-account-only      two-planes            administrators-only   platform-no-people    scim-directory-only
";

/// S1, S5, S6, S8, M53, M54: who is not named here may not.
#[test]
pub(super) fn changes_of_accounts_rights_and_people_are_decided_as_the_table_says() {
    let mut table = "\n".to_owned();
    let head = [
        "CHANGE",
        "ADMIN HERE",
        "OF THE PARENT",
        "OF ANOTHER",
        "STAFF",
        "WITHOUT RIGHT",
        "COMMAND LINE",
        "TOKEN",
    ];
    super::write_row(&mut table, &head);
    let (admin, nothing) = (Held::from_iter([Right::UsersAdminister]), Held::default());
    for (name, command) in changes() {
        let ask = |actor: &str, reach, held: &Held| answer(&command, actor, (reach, held.clone()));
        let row = [
            name,
            ask("signed-in customer", Reach::Own, &admin),
            ask("signed-in customer", Reach::Parent, &admin),
            ask("signed-in customer", Reach::Foreign, &admin),
            ask("signed-in staff", Reach::Foreign, &admin),
            ask("signed-in customer", Reach::Own, &nothing),
            ask("command line", Reach::Foreign, &nothing),
            ask("provisioning token", Reach::Foreign, &nothing),
        ];
        super::write_row(&mut table, &row);
    }
    assert_eq!(table, MATRIX, "{table}");
}

/// S5, HCP Terraform's and Kubernetes' rule: nobody makes a bundle of what they do not hold.
#[test]
pub(super) fn s7_a_bundle_holds_no_right_that_its_author_does_not_hold() {
    let (_, command) = changes().remove(0);
    let key = |text: &str| RightKey::parse(text).expect("a key");
    let facts = |held: &[&str]| Facts {
        reach: Reach::Own,
        held: held.iter().map(|text| key(text)).collect(),
        added: [key("campaigns.send")].into(),
        ..Facts::default()
    };
    let decided = |held: &[&str]| decided(&command, "signed-in customer", facts(held));
    assert_eq!(decided(&["users.administer"]), "no-right-beyond-author");
    assert_eq!(decided(&["users.administer", "campaigns.send"]), "yes");
}

/// C5, M58, M59: nobody gives themselves rights, nor another view.
#[test]
pub(super) fn c5_nobody_gives_themselves_a_grant_or_properties() {
    for (name, command) in changes() {
        let asks = |beneficiary| {
            let held = Held::from_iter([Right::UsersAdminister]);
            let facts = Facts { reach: Reach::Own, held, beneficiary, ..Facts::default() };
            decided(&command, "signed-in customer", facts)
        };
        let expected = if ["grant", "edit a user"].contains(&name) {
            "no-self-assignment"
        } else {
            asks(Beneficiary::Other)
        };
        assert_eq!(asks(Beneficiary::Asker), expected, "{name}");
    }
}

fn answer(command: &Command, actor: &str, (reach, held): (Reach, Held)) -> &'static str {
    let beneficiary = Beneficiary::Other;
    let target_comes = Comes::ByPassword;
    let facts = Facts {
        reach,
        held,
        beneficiary,
        target_comes,
        has_users: true,
        loosening: Loosening::No,
        ..Facts::default()
    };
    decided(command, actor, facts)
}

pub(super) fn decided(command: &Command, actor: &str, facts: Facts) -> &'static str {
    let (_, actor): (_, Actor) =
        actors().into_iter().find(|(name, _)| *name == actor).expect("an actor");
    match decide(Ask { actor, command: Arc::new(command.clone()), facts }) {
        Decision::Allow(_) => "yes",
        Decision::Deny(denial) => denial.rule,
    }
}

pub(super) fn account() -> AccountId {
    AccountId::new(Uuid::from_u128(1))
}

fn id() -> Uuid {
    Uuid::from_u128(7)
}

fn text() -> String {
    "x".to_owned()
}

fn changes() -> Vec<(&'static str, Command)> {
    [changes_of_rights(), changes_of_accounts(), changes_of_people()].concat()
}

fn changes_of_rights() -> Vec<(&'static str, Command)> {
    let of_rights = |what| {
        let change = RightsChange { account: account(), what, if_match: None };
        Command::ChangeRights(Box::new(change))
    };
    let gift = || Gift::Bundle(BundleId::new(id()));
    let bundle = BundleSpec { name: text(), description: text(), rights: None, origin: None };
    let role = RoleSpec {
        name: text(),
        description: text(),
        level: Level::Account,
        bundles: None,
        origin: None,
    };
    let mapping = MappingSpec {
        givee: Givee::Group(ResourceId::new(id())),
        gift: gift(),
        place: Place::Account,
        period: Period::ALWAYS,
        reason: text(),
    };
    let grant = GrantSpec {
        user: ResourceId::new(id()),
        gift: gift(),
        place: Place::Account,
        period: Period::ALWAYS,
        reason: text(),
    };
    vec![
        ("make a bundle", of_rights(RightsEdit::CreateBundle(bundle))),
        (
            "edit a bundle",
            of_rights(RightsEdit::EditBundle(BundleId::new(id()), BundleEdit::default())),
        ),
        ("delete a bundle", of_rights(RightsEdit::DeleteBundle(BundleId::new(id())))),
        ("make a role", of_rights(RightsEdit::CreateRole(role))),
        ("edit a role", of_rights(RightsEdit::EditRole(RoleId::new(id()), RoleEdit::default()))),
        ("delete a role", of_rights(RightsEdit::DeleteRole(RoleId::new(id())))),
        ("map a group", of_rights(RightsEdit::Map(mapping))),
        (
            "edit a mapping",
            of_rights(RightsEdit::EditMapping(MappingId::new(id()), MappingEdit::default())),
        ),
        ("end a mapping", of_rights(RightsEdit::Unmap(MappingId::new(id())))),
        ("grant", of_rights(RightsEdit::Grant(grant))),
        ("end a grant", of_rights(RightsEdit::EndGrant(GrantId::new(id())))),
    ]
}

fn changes_of_accounts() -> Vec<(&'static str, Command)> {
    let of_account = |what| {
        let change = AccountChange { account: account(), what, if_match: None };
        Command::ChangeAccount(Box::new(change))
    };
    let key = |text: &str| RightKey::parse(text).expect("a key");
    vec![
        ("move", of_account(AccountEdit::Move(Some(AccountId::new(id()))))),
        ("take out", of_account(AccountEdit::Move(None))),
        ("suspend", of_account(AccountEdit::SetState(State::Suspended))),
        (
            "set a permission",
            of_account(AccountEdit::SetPermission { permission: text(), is_on: true }),
        ),
        ("set the support mode", of_account(AccountEdit::SetSupportMode(SupportMode::Closed))),
        (
            "set a conflict",
            of_account(AccountEdit::SetConflict { held: key("a"), lost: key("b"), is_on: true }),
        ),
        ("make a workspace", of_account(AccountEdit::CreateWorkspace(text()))),
        (
            "rename a workspace",
            of_account(AccountEdit::RenameWorkspace(WorkspaceId::new(id()), text())),
        ),
        ("close a workspace", of_account(AccountEdit::CloseWorkspace(WorkspaceId::new(id())))),
    ]
}

fn changes_of_people() -> Vec<(&'static str, Command)> {
    let of_people = |what| {
        let change = PeopleChange { account: account(), what, if_match: None };
        Command::ChangePeople(Box::new(change))
    };
    let user = ResourceId::new(id());
    let seen = PersonEdit { properties: [(text(), None)].into(), ..PersonEdit::default() };
    let recipient = PersonSpec { is_recipient: true, ..PersonSpec::default() };
    vec![
        ("make a user", of_people(PeopleEdit::Create(PersonSpec::default()))),
        ("make a recipient", of_people(PeopleEdit::Create(recipient))),
        ("edit a user", of_people(PeopleEdit::Edit(user, seen))),
        ("delete a user", of_people(PeopleEdit::Delete(user))),
        ("define a property", of_people(PeopleEdit::DefineProperty(PropertySpec::default()))),
        ("mail a password link", of_people(PeopleEdit::SendPasswordMail(user))),
        ("choose a language", of_people(PeopleEdit::ChooseLanguage(user, None))),
        (
            "edit a property",
            of_people(PeopleEdit::EditProperty(PropertyId::new(id()), PropertyEdit::default())),
        ),
        ("remove a property", of_people(PeopleEdit::RemoveProperty(PropertyId::new(id())))),
    ]
}
