//! Accounts among others, and the people in them: who governs whom, who is let in, who is who.

mod people;
mod properties;
mod standing;
mod workspaces;

use countersign::app::users::people::Made;
use countersign::app::{Error, Outcome};
use countersign::domain::account::Kind;
use countersign::domain::actor::Actor;
use countersign::domain::command::Command;
use countersign::domain::command::accounts::{AccountChange, AccountEdit};
use countersign::domain::command::people::{PeopleChange, PeopleEdit, PersonSpec};
use countersign::domain::ids::{AccountId, ResourceId};
use countersign::domain::sessions::Session;
use countersign::domain::users::people::Person as Human;
use countersign::domain::users::properties::Property;

use crate::world::browser::{sign_in, sso};
use crate::world::client::Client;
use crate::world::{TestApp, TokenFor};

/// A parent `group` with the children `north` and `south`; `alone` stands alone, `vendor` is the operator's.
pub(crate) struct Family {
    pub(crate) test: TestApp,
    pub(crate) group: Member,
    pub(crate) north: Member,
    pub(crate) south: Member,
    pub(crate) alone: Member,
    pub(crate) vendor: Member,
}

/// An account with its identity provider.
pub(crate) struct Member {
    pub(crate) id: AccountId,
    pub(crate) slug: String,
    pub(crate) scim: Client,
}

/// Somebody signed in.
pub(crate) struct Person {
    session: Session,
}

impl Person {
    pub(crate) fn actor(&self) -> Actor {
        Actor::User(self.session.signed_in())
    }

    pub(crate) fn user(&self) -> ResourceId {
        self.session.user
    }
}

impl Family {
    pub(crate) async fn new() -> Self {
        let test = TestApp::new().await;
        let group = member(&test, "group", Kind::Parent, None).await;
        let north = member(&test, "north", Kind::Child, Some(group.id)).await;
        let south = member(&test, "south", Kind::Child, Some(group.id)).await;
        let alone = member(&test, "alone", Kind::Standard, None).await;
        let vendor = member(&test, "vendor", Kind::Operator, None).await;
        Self { test, group, north, south, alone, vendor }
    }

    /// A user of the account, signed in, with a second factor shown just now.
    pub(crate) async fn person(&self, of: &Member, name: &str) -> Person {
        let user = of.scim.user(name).await;
        let signed_in = sign_in(&self.test, of.id, &user, sso(true)).await.expect("a session");
        Person { session: signed_in.session }
    }

    /// The same with rights, as seeds give them.
    pub(crate) async fn holder(&self, of: &Member, name: &str, rights: &[&str]) -> Person {
        let person = self.person(of, name).await;
        for right in rights {
            self.seed(&person, right).await;
        }
        person
    }

    /// One who administers the account.
    pub(crate) async fn administrator(&self, of: &Member) -> Person {
        self.holder(of, "administrator", &["users.administer"]).await
    }

    async fn seed(&self, person: &Person, right: &str) {
        let (account, user) = (person.session.account.uuid(), person.session.user.uuid());
        let [account, user] = [account, user].map(|id| self.uuid(id));
        let sql = format!(
            "INSERT INTO seed_grants (account_id, user_id, right_key, valid_from, valid_to, why) \
             VALUES ({account}, {user}, '{right}', 0, 9000000000000000, 'test')"
        );
        self.test.database.run(&sql).await;
    }

    /// An id as the database writes it.
    pub(crate) fn uuid(&self, id: uuid::Uuid) -> String {
        if self.test.database.is_sqlite() {
            format!("x'{}'", id.simple())
        } else {
            format!("'{id}'")
        }
    }

    pub(crate) async fn edit(
        &self,
        actor: &Actor,
        account: AccountId,
        what: AccountEdit,
    ) -> Result<Outcome, Error> {
        let change = Box::new(AccountChange { account, what, if_match: None });
        self.test.app.change(actor, Command::ChangeAccount(change)).await
    }

    pub(crate) async fn people(
        &self,
        actor: &Actor,
        account: AccountId,
        what: PeopleEdit,
    ) -> Result<Outcome, Error> {
        let change = Box::new(PeopleChange { account, what, if_match: None });
        self.test.app.change(actor, Command::ChangePeople(change)).await
    }

    /// The same, of which somebody comes.
    pub(crate) async fn human(
        &self,
        actor: &Actor,
        account: AccountId,
        what: PeopleEdit,
    ) -> Result<Human, Error> {
        let outcome = self.people(actor, account, what).await?;
        let Outcome::Person(made) = outcome else { panic!("{outcome:?}") };
        let Made::Person(person) = *made else { panic!("{made:?}") };
        Ok(person)
    }

    /// The same, of which a property comes.
    async fn property(
        &self,
        actor: &Actor,
        account: AccountId,
        what: PeopleEdit,
    ) -> Result<Property, Error> {
        let outcome = self.people(actor, account, what).await?;
        let Outcome::Person(made) = outcome else { panic!("{outcome:?}") };
        let Made::Property(property) = *made else { panic!("{made:?}") };
        Ok(property)
    }

    /// What `shape_version` an account has.
    async fn shape(&self, of: &Member) -> i64 {
        let of = self.uuid(of.id.uuid());
        let sql = format!("SELECT shape_version FROM accounts WHERE id = {of}");
        self.test.database.number(&sql).await
    }
}

pub(crate) async fn member(
    test: &TestApp,
    slug: &str,
    kind: Kind,
    parent: Option<AccountId>,
) -> Member {
    let id = test.account_among(slug, kind, parent).await;
    let token = test.token(slug, TokenFor::default()).await;
    Member { id, slug: slug.to_owned(), scim: test.client(slug, &token) }
}

/// A user as S9 wants one.
pub(crate) fn spec(user_name: &str) -> PersonSpec {
    PersonSpec {
        user_name: user_name.to_owned(),
        given_name: "Ada".to_owned(),
        family_name: "Lovelace".to_owned(),
        language: "fr".to_owned(),
        email: format!("{user_name}@example.com"),
        ..PersonSpec::default()
    }
}

/// A recipient as S12 wants one.
pub(crate) fn recipient(user_name: &str) -> PersonSpec {
    PersonSpec { is_recipient: true, ..spec(user_name) }
}

/// The rule by which something was refused.
#[track_caller]
pub(crate) fn denied<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    let error = result.expect_err("a refusal");
    let Error::Denied { rule, .. } = error else { panic!("expected a denial, got {error:?}") };
    rule
}

/// The codes of what was found wrong.
#[track_caller]
pub(crate) fn wrong<T: std::fmt::Debug>(
    result: Result<T, Error>,
) -> Vec<(&'static str, &'static str)> {
    let error = result.expect_err("faults");
    let Error::Fields(faults) = error else { panic!("expected faults, got {error:?}") };
    faults.iter().map(|it| (it.field, it.wrong.code())).collect()
}
