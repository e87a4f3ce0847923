//! Who may do what, as a table that a person can read: actor × command × relation.
//!
//! A new command does not compile here until it has a row.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use countersign::domain::account::{Kind, Slug};
use countersign::domain::actor::{Actor, ScimClient, SignedIn};
use countersign::domain::command::{
    ActivateCatalogue, AddSso, ChangeSso, Command, Create, CreateAccount, Delete, DemandFactor,
    Domain, IssueEnrolmentLink, IssueProductKey, IssueToken, Patch, RemoveSso, Replace,
    RevokeProductKey, RevokeToken, RotateSigningKey, SendLink, UnlinkUser,
};
use countersign::domain::ids::{
    AccountId, ConnectionId, PersonId, ProductKeyId, ResourceId, SessionId, SsoId, TokenId,
};
use countersign::domain::keys::Algorithm;
use countersign::domain::keys::products::ProductScope;
use countersign::domain::passwords::links::Purpose;
use countersign::domain::rights::{Held, Right};
use countersign::domain::sso::SsoEdit;
use countersign::domain::tokens::Access;
use countersign::policy::{Ask, Comes, Decision, Directors, Facts, Raise, sign_in_scope};
use countersign::scim::preset::Preset;
use countersign::scim::resource;
use countersign::scim::schema::ResourceKind;
use serde_json::json;
use uuid::Uuid;

mod administrators;
mod approvals;
mod enrolment;
mod forbids;
mod letting;
mod recorded;
mod rights;
mod support;

use self::recorded::decide;

/// `yes`, or the rule that refuses. "Unread" is a target that the write itself finds, within the
/// actor's own connection.
const MATRIX: &str = "
COMMAND              ACTOR                 OWN CONNECTION        FOREIGN CONNECTION    UNREAD
create a user        provisioning token    yes                   scim-own-connection   yes
create a user        read-only token       scim-read-only-token  scim-read-only-token  scim-read-only-token
create a user        signed-in customer    user-no-directory     user-no-directory     user-no-directory
create a user        signed-in staff       user-no-directory     user-no-directory     user-no-directory
create a user        command line          platform-no-people    platform-no-people    platform-no-people
create a user        the server itself     system-no-commands    system-no-commands    system-no-commands
replace a user       provisioning token    yes                   scim-own-connection   yes
replace a user       read-only token       scim-read-only-token  scim-read-only-token  scim-read-only-token
replace a user       signed-in customer    user-no-directory     user-no-directory     user-no-directory
replace a user       signed-in staff       user-no-directory     user-no-directory     user-no-directory
replace a user       command line          platform-no-people    platform-no-people    platform-no-people
replace a user       the server itself     system-no-commands    system-no-commands    system-no-commands
patch a group        provisioning token    yes                   scim-own-connection   yes
patch a group        read-only token       scim-read-only-token  scim-read-only-token  scim-read-only-token
patch a group        signed-in customer    user-no-directory     user-no-directory     user-no-directory
patch a group        signed-in staff       user-no-directory     user-no-directory     user-no-directory
patch a group        command line          platform-no-people    platform-no-people    platform-no-people
patch a group        the server itself     system-no-commands    system-no-commands    system-no-commands
delete a user        provisioning token    yes                   scim-own-connection   yes
delete a user        read-only token       scim-read-only-token  scim-read-only-token  scim-read-only-token
delete a user        signed-in customer    user-no-directory     user-no-directory     user-no-directory
delete a user        signed-in staff       user-no-directory     user-no-directory     user-no-directory
delete a user        command line          platform-no-people    platform-no-people    platform-no-people
delete a user        the server itself     system-no-commands    system-no-commands    system-no-commands
make an account      provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
make an account      read-only token       scim-directory-only   scim-directory-only   scim-directory-only
make an account      signed-in customer    accounts-by-csd       accounts-by-csd       accounts-by-csd
make an account      signed-in staff       accounts-by-csd       accounts-by-csd       accounts-by-csd
make an account      command line          yes                   yes                   yes
make an account      the server itself     system-no-commands    system-no-commands    system-no-commands
issue a token        provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
issue a token        read-only token       scim-directory-only   scim-directory-only   scim-directory-only
issue a token        signed-in customer    user-no-directory     user-no-directory     user-no-directory
issue a token        signed-in staff       user-no-directory     user-no-directory     user-no-directory
issue a token        command line          yes                   yes                   yes
issue a token        the server itself     system-no-commands    system-no-commands    system-no-commands
revoke a token       provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
revoke a token       read-only token       scim-directory-only   scim-directory-only   scim-directory-only
revoke a token       signed-in customer    user-no-directory     user-no-directory     user-no-directory
revoke a token       signed-in staff       user-no-directory     user-no-directory     user-no-directory
revoke a token       command line          yes                   yes                   yes
revoke a token       the server itself     system-no-commands    system-no-commands    system-no-commands
add a provider       provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
add a provider       read-only token       scim-directory-only   scim-directory-only   scim-directory-only
add a provider       signed-in customer    sso-configure-right   sso-configure-right   sso-configure-right
add a provider       signed-in staff       sso-configure-right   sso-configure-right   sso-configure-right
add a provider       command line          yes                   yes                   yes
add a provider       the server itself     system-no-commands    system-no-commands    system-no-commands
change a provider    provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
change a provider    read-only token       scim-directory-only   scim-directory-only   scim-directory-only
change a provider    signed-in customer    sso-configure-right   sso-configure-right   sso-configure-right
change a provider    signed-in staff       sso-configure-right   sso-configure-right   sso-configure-right
change a provider    command line          yes                   yes                   yes
change a provider    the server itself     system-no-commands    system-no-commands    system-no-commands
remove a provider    provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
remove a provider    read-only token       scim-directory-only   scim-directory-only   scim-directory-only
remove a provider    signed-in customer    sso-configure-right   sso-configure-right   sso-configure-right
remove a provider    signed-in staff       sso-configure-right   sso-configure-right   sso-configure-right
remove a provider    command line          yes                   yes                   yes
remove a provider    the server itself     system-no-commands    system-no-commands    system-no-commands
add a domain         provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
add a domain         read-only token       scim-directory-only   scim-directory-only   scim-directory-only
add a domain         signed-in customer    user-no-directory     user-no-directory     user-no-directory
add a domain         signed-in staff       user-no-directory     user-no-directory     user-no-directory
add a domain         command line          yes                   yes                   yes
add a domain         the server itself     system-no-commands    system-no-commands    system-no-commands
remove a domain      provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
remove a domain      read-only token       scim-directory-only   scim-directory-only   scim-directory-only
remove a domain      signed-in customer    user-no-directory     user-no-directory     user-no-directory
remove a domain      signed-in staff       user-no-directory     user-no-directory     user-no-directory
remove a domain      command line          yes                   yes                   yes
remove a domain      the server itself     system-no-commands    system-no-commands    system-no-commands
demand a factor      provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
demand a factor      read-only token       scim-directory-only   scim-directory-only   scim-directory-only
demand a factor      signed-in customer    user-no-directory     user-no-directory     user-no-directory
demand a factor      signed-in staff       user-no-directory     user-no-directory     user-no-directory
demand a factor      command line          yes                   yes                   yes
demand a factor      the server itself     system-no-commands    system-no-commands    system-no-commands
unlink a user        provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
unlink a user        read-only token       scim-directory-only   scim-directory-only   scim-directory-only
unlink a user        signed-in customer    user-no-directory     user-no-directory     user-no-directory
unlink a user        signed-in staff       user-no-directory     user-no-directory     user-no-directory
unlink a user        command line          yes                   yes                   yes
unlink a user        the server itself     system-no-commands    system-no-commands    system-no-commands
rotate the keys      provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
rotate the keys      read-only token       scim-directory-only   scim-directory-only   scim-directory-only
rotate the keys      signed-in customer    user-no-directory     user-no-directory     user-no-directory
rotate the keys      signed-in staff       user-no-directory     user-no-directory     user-no-directory
rotate the keys      command line          yes                   yes                   yes
rotate the keys      the server itself     system-no-commands    system-no-commands    system-no-commands
issue a product key  provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
issue a product key  read-only token       scim-directory-only   scim-directory-only   scim-directory-only
issue a product key  signed-in customer    user-no-directory     user-no-directory     user-no-directory
issue a product key  signed-in staff       user-no-directory     user-no-directory     user-no-directory
issue a product key  command line          yes                   yes                   yes
issue a product key  the server itself     system-no-commands    system-no-commands    system-no-commands
end a product key    provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
end a product key    read-only token       scim-directory-only   scim-directory-only   scim-directory-only
end a product key    signed-in customer    user-no-directory     user-no-directory     user-no-directory
end a product key    signed-in staff       user-no-directory     user-no-directory     user-no-directory
end a product key    command line          yes                   yes                   yes
end a product key    the server itself     system-no-commands    system-no-commands    system-no-commands
send a link          provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
send a link          read-only token       scim-directory-only   scim-directory-only   scim-directory-only
send a link          signed-in customer    user-no-directory     user-no-directory     user-no-directory
send a link          signed-in staff       user-no-directory     user-no-directory     user-no-directory
send a link          command line          yes                   yes                   yes
send a link          the server itself     system-no-commands    system-no-commands    system-no-commands
give a link          provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
give a link          read-only token       scim-directory-only   scim-directory-only   scim-directory-only
give a link          signed-in customer    enrolment-for-staff   enrolment-for-staff   enrolment-for-staff
give a link          signed-in staff       users-administer-rightusers-administer-rightusers-administer-right
give a link          command line          enrolment-by-approversenrolment-by-approversenrolment-by-approvers
give a link          the server itself     system-no-commands    system-no-commands    system-no-commands
activate a catalogue provisioning token    scim-directory-only   scim-directory-only   scim-directory-only
activate a catalogue read-only token       scim-directory-only   scim-directory-only   scim-directory-only
activate a catalogue signed-in customer    user-no-directory     user-no-directory     user-no-directory
activate a catalogue signed-in staff       user-no-directory     user-no-directory     user-no-directory
activate a catalogue command line          yes                   yes                   yes
activate a catalogue the server itself     system-no-commands    system-no-commands    system-no-commands
";

#[test]
fn policy_decides_as_the_table_says() {
    let mut table = "\n".to_owned();
    let relations = ["OWN CONNECTION", "FOREIGN CONNECTION", "UNREAD"];
    write_row(&mut table, &["COMMAND", "ACTOR", relations[0], relations[1], relations[2]]);
    for command in commands() {
        for (name, actor) in actors() {
            let mut row = vec![name_of(&command), name];
            for owner in [Some(connection(1)), Some(connection(2)), None] {
                let target_comes = Comes::ByPassword;
                let raise = Raise::NothingPrivileged;
                let directors = Directors::None;
                let facts = Facts {
                    target_owner: owner,
                    target_comes,
                    raise,
                    directors,
                    ..Facts::default()
                };
                let ask = Ask { actor, command: Arc::new(command.clone()), facts };
                row.push(match decide(ask) {
                    Decision::Allow(_) => "yes",
                    Decision::Deny(denial) => denial.rule,
                });
            }
            write_row(&mut table, &row);
        }
    }
    assert_eq!(table, MATRIX, "\n{table}");
}

/// Exhaustive on purpose: give a new command a name here, a sample in [`commands`] and its rows above.
fn name_of(command: &Command) -> &'static str {
    match command {
        Command::Create(_) => "create a user",
        Command::Replace(_) => "replace a user",
        Command::Patch(_) => "patch a group",
        Command::Delete(_) => "delete a user",
        Command::CreateAccount(_) => "make an account",
        Command::IssueToken(_) => "issue a token",
        Command::RevokeToken(_) => "revoke a token",
        Command::AddSso(_) => "add a provider",
        Command::ChangeSso(_) => "change a provider",
        Command::RemoveSso(_) => "remove a provider",
        Command::AddDomain(_) => "add a domain",
        Command::RemoveDomain(_) => "remove a domain",
        Command::DemandFactor(_) => "demand a factor",
        Command::UnlinkUser(_) => "unlink a user",
        Command::RotateSigningKey(_) => "rotate the keys",
        Command::IssueProductKey(_) => "issue a product key",
        Command::RevokeProductKey(_) => "end a product key",
        Command::SendLink(_) => "send a link",
        Command::IssueEnrolmentLink(_) => "give a link",
        Command::ActivateCatalogue(_) => "activate a catalogue",
        // These have a table of their own, in `rights`.
        Command::ChangeAccount(_) => "change an account",
        Command::ChangeRights(_) => "change rights",
        Command::ChangePeople(_) => "change people",
        Command::ChangeApproval(_) => "change an approval request",
        // And this, in `support`.
        Command::ChangeSupport(_) => "change who supports",
    }
}

fn commands() -> [Command; 20] {
    let account = AccountId::new(Uuid::from_u128(1));
    let id = ResourceId::new(Uuid::from_u128(2));
    let incoming = || {
        let body = json!({ "userName": "bjensen" });
        resource::read(ResourceKind::User, body, Preset::Standard).expect("a user")
    };
    let (kind, if_match) = (ResourceKind::User, None);
    [
        Command::Create(Create { kind, incoming: incoming() }),
        Command::Replace(Replace { kind, id, incoming: incoming(), if_match: if_match.clone() }),
        Command::Patch(Patch {
            kind: ResourceKind::Group,
            id,
            operations: vec![],
            if_match: if_match.clone(),
        }),
        Command::Delete(Delete { kind, id, if_match }),
        Command::CreateAccount(CreateAccount {
            slug: Slug::parse("acme").expect("a slug"),
            name: "Acme".to_owned(),
            kind: Kind::Standard,
            parent: None,
            team: None,
            first_administrator: None,
        }),
        Command::IssueToken(IssueToken {
            account,
            connection: "default".to_owned(),
            preset: Preset::Standard,
            access: Access::Write,
            days: 30,
        }),
        Command::RevokeToken(RevokeToken { account, token: TokenId::new(Uuid::from_u128(3)) }),
        Command::AddSso(Box::new(AddSso {
            account,
            spec: crate::world::sso_spec("https://op.test"),
        })),
        Command::ChangeSso(Box::new(ChangeSso {
            account,
            sso: SsoId::new(Uuid::from_u128(8)),
            edit: SsoEdit::default(),
            if_match: None,
        })),
        Command::RemoveSso(RemoveSso { account, sso: SsoId::new(Uuid::from_u128(8)) }),
        Command::AddDomain(Domain { account, domain: "acme.test".to_owned() }),
        Command::RemoveDomain(Domain { account, domain: "acme.test".to_owned() }),
        Command::DemandFactor(DemandFactor { account, is_demanded: true }),
        Command::UnlinkUser(UnlinkUser { account, user: id }),
        Command::RotateSigningKey(RotateSigningKey {
            algorithm: Algorithm::Es256,
            drops_old: false,
        }),
        Command::IssueProductKey(IssueProductKey {
            name: "shop".to_owned(),
            scopes: vec![ProductScope::Introspect],
            days: 30,
        }),
        Command::RevokeProductKey(RevokeProductKey { key: ProductKeyId::new(Uuid::from_u128(8)) }),
        Command::SendLink(link()),
        Command::IssueEnrolmentLink(IssueEnrolmentLink { account, user: id }),
        Command::ActivateCatalogue(ActivateCatalogue { catalogue: Arc::default() }),
    ]
}

/// S10, SIGNIN.md 4.3.6: whoever comes by SSO has no password here, and staff never.
#[test]
fn a_link_to_choose_a_password_is_for_users_without_sso() {
    for (target_comes, expected) in [
        (Comes::ByPassword, "yes"),
        (Comes::BySso, "no-password-beside-sso"),
        (Comes::AsStaff, "staff-by-sso"),
    ] {
        let facts = Facts { target_comes, ..Facts::default() };
        let command = Arc::new(Command::SendLink(link()));
        let answer = match decide(Ask { actor: Actor::Platform, command, facts }) {
            Decision::Allow(_) => "yes",
            Decision::Deny(denial) => denial.rule,
        };
        assert_eq!(answer, expected, "{target_comes:?}");
    }
}

/// DECISIONS.md 18: the old one stays until two people activate what raises something privileged.
#[test]
fn s13_a_catalogue_that_raises_something_privileged_is_not_activated_by_one_word() {
    for (raise, expected) in [
        (Raise::NothingPrivileged, "yes"),
        (Raise::Privileged, "catalogue-two-people"),
        (Raise::Unread, "catalogue-two-people"),
    ] {
        let facts = Facts { raise, ..Facts::default() };
        let catalogue = Arc::default();
        let command = Arc::new(Command::ActivateCatalogue(ActivateCatalogue { catalogue }));
        let answer = match decide(Ask { actor: Actor::Platform, command, facts }) {
            Decision::Allow(_) => "yes",
            Decision::Deny(denial) => denial.rule,
        };
        assert_eq!(answer, expected, "{raise:?}");
    }
}

/// C3, DECISIONS.md 5: who sets up how an account's people sign in, by what they hold and showed.
const SIGN_IN_SET_UP: &str = "
HOLDS              ACCOUNT  FACTOR  MAY CHANGE           MAY READ
sso.configure      own      fresh   yes                  yes
sso.configure      own      old     fresh-second-factor  yes
sso.configure      other    fresh   own-account-only     own-account-only
sso.configure      other    old     own-account-only     own-account-only
users.administer   own      fresh   sso-configure-right  sso-configure-right
users.administer   own      old     sso-configure-right  sso-configure-right
users.administer   other    fresh   own-account-only     own-account-only
users.administer   other    old     own-account-only     own-account-only
nothing            own      fresh   sso-configure-right  sso-configure-right
nothing            own      old     sso-configure-right  sso-configure-right
nothing            other    fresh   own-account-only     own-account-only
nothing            other    old     own-account-only     own-account-only
";

#[test]
fn sign_in_is_set_up_by_who_holds_the_right_with_a_fresh_second_factor() {
    let mut table =
        "\nHOLDS              ACCOUNT  FACTOR  MAY CHANGE           MAY READ\n".to_owned();
    for right in [Some(Right::SsoConfigure), Some(Right::UsersAdminister), None] {
        for (place, account) in [("own", 1), ("other", 2)] {
            for (factor, is_fresh) in [("fresh", true), ("old", false)] {
                let held: Held = right.into_iter().collect();
                let [change, read] =
                    set_up(AccountId::new(Uuid::from_u128(account)), &held, is_fresh);
                let right = right.map_or("nothing", Right::as_str);
                writeln!(table, "{right:<19}{place:<9}{factor:<8}{change:<21}{read}")
                    .expect("a line");
            }
        }
    }
    assert_eq!(table, SIGN_IN_SET_UP, "{table}");
}

/// What policy says to changing and to reading, the same for the three commands and for staff.
fn set_up(account: AccountId, held: &Held, is_fresh: bool) -> [&'static str; 2] {
    let sso = SsoId::new(Uuid::from_u128(8));
    let spec = crate::world::sso_spec("https://op.test");
    let edit = ChangeSso { account, sso, edit: SsoEdit::default(), if_match: None };
    let mut answers = BTreeSet::new();
    for (_, actor) in actors().into_iter().filter(|(_, actor)| matches!(actor, Actor::User(_))) {
        let read = sign_in_scope(&actor, account, held).map_or_else(|no| no.rule, |_| "yes");
        for command in [
            Command::AddSso(Box::new(AddSso { account, spec: spec.clone() })),
            Command::ChangeSso(Box::new(edit.clone())),
            Command::RemoveSso(RemoveSso { account, sso }),
        ] {
            let facts = Facts { held: held.clone(), is_fresh, ..Facts::default() };
            let change = match decide(Ask { actor, command: Arc::new(command), facts }) {
                Decision::Allow(_) => "yes",
                Decision::Deny(denial) => denial.rule,
            };
            answers.insert([change, read]);
        }
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers.pop_first().expect("an answer")
}

fn link() -> SendLink {
    let account = AccountId::new(Uuid::from_u128(1));
    SendLink { account, user_name: "bjensen".to_owned(), purpose: Purpose::Reset }
}

fn actors() -> [(&'static str, Actor); 6] {
    let person = |is_staff| Actor::User(person(is_staff));
    let client = |access| {
        Actor::ScimClient(ScimClient {
            account: AccountId::new(Uuid::from_u128(1)),
            connection: connection(1),
            token: TokenId::new(Uuid::from_u128(4)),
            preset: Preset::Standard,
            access,
        })
    };
    [
        ("provisioning token", client(Access::Write)),
        ("read-only token", client(Access::Read)),
        ("signed-in customer", person(false)),
        ("signed-in staff", person(true)),
        ("command line", Actor::Platform),
        ("the server itself", Actor::System),
    ]
}

fn person(is_staff: bool) -> SignedIn {
    SignedIn {
        account: AccountId::new(Uuid::from_u128(1)),
        user: ResourceId::new(Uuid::from_u128(5)),
        person: PersonId::new(Uuid::from_u128(6)),
        session: SessionId::new(Uuid::from_u128(7)),
        is_staff,
        second_factor_at: None,
    }
}

fn connection(n: u128) -> ConnectionId {
    ConnectionId::new(Uuid::from_u128(n))
}

fn write_row(table: &mut String, cells: &[&str]) {
    let [command, rest @ ..] = cells else { return };
    let row = rest.iter().fold(format!("{command:<21}"), |row, cell| format!("{row}{cell:<22}"));
    writeln!(table, "{}", row.trim_end()).expect("a line");
}
