//! What tests of rights by real commands stand on: a family of accounts, whose administrators change
//! things, and the vendor's product, which asks two processes on one database.

mod answers;

use std::ops::Deref;
use std::sync::Arc;

use axum::http::StatusCode;
use countersign::app::rights::Made;
use countersign::app::{App, Error, Outcome};
use countersign::domain::actor::Actor;
use countersign::domain::command::accounts::AccountEdit;
use countersign::domain::command::rights::{RightsChange, RightsEdit};
use countersign::domain::command::{Command, IssueProductKey};
use countersign::domain::ids::{AccountId, WorkspaceId};
use countersign::domain::keys::products::ProductScope;
use countersign::domain::opaque::reveal;
use countersign::domain::rights::RightKey;
use countersign::domain::rights::catalogue::{bundle_id, role_id};
use countersign::domain::rights::paths::Where;
use countersign::domain::rights::sources::{
    Gift, Givee, Grant, GrantSpec, Mapping, MappingSpec, Period, Place,
};
use countersign::domain::time::{Clock as _, Timestamp};
use countersign::http;
use countersign::store::Store;
use serde_json::json;

use crate::accounts::{Family, Member};
use crate::scim::patch_op;
use crate::world::client::Client;
use crate::world::seeds::SeededIds;
use crate::world::{TestApp, settings};

/// What [`Scene::why`] says of somebody who may.
pub(super) const NOTHING: [&str; 0] = [];

pub(super) struct Scene {
    family: Family,
    /// The same application twice, as two processes would run it; the commands are the second's.
    pub(super) processes: [Client; 2],
    /// An administrator of `group`, and so of its children.
    pub(super) above: Actor,
    /// An administrator of `north`.
    pub(super) below: Actor,
    key: String,
}

impl Deref for Scene {
    type Target = Family;

    fn deref(&self) -> &Family {
        &self.family
    }
}

impl Scene {
    pub(super) async fn new() -> Self {
        let family = Family::new().await;
        let above = family.administrator(&family.group).await.actor();
        let below = family.administrator(&family.north).await.actor();
        let store = Store::open(&family.test.database.settings()).await.expect("a second pool");
        let ids = Arc::new(SeededIds::starting_at(1_000_000));
        let other = App::new(store, family.test.clock.clone(), ids, settings());
        let key = product_key(&family.test).await;
        let asked = |app: &App| Client::new(http::service(app.clone()), "", None);
        let processes = [asked(&other), asked(&family.test.app)];
        Self { family, processes, above, below, key }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.test.clock.now()
    }

    /// Changes what gives rights, or is refused.
    pub(super) async fn try_rights(
        &self,
        by: &Actor,
        account: AccountId,
        what: RightsEdit,
    ) -> Result<Made, Error> {
        let change = Box::new(RightsChange { account, what, if_match: None });
        let done = self.test.app.change(by, Command::ChangeRights(change)).await?;
        let (Outcome::Rights(made) | Outcome::Waiting(made, _)) = done else {
            panic!("expected rights, got {done:?}")
        };
        Ok(*made)
    }

    /// Has the parent's administrator change what gives rights in an account of the family.
    pub(super) async fn rights(&self, of: &Member, what: RightsEdit) -> Made {
        self.try_rights(&self.above, of.id, what).await.expect("it is done")
    }

    /// Has a group give something.
    pub(super) async fn map(&self, of: &Member, group: &str, gift: Gift, place: Place) -> Mapping {
        let made = self.rights(of, RightsEdit::Map(mapping(group, gift, place))).await;
        let Made::Mapping(mapping) = made else { panic!("expected a mapping, got {made:?}") };
        mapping
    }

    /// Gives something to one user.
    pub(super) async fn grant(&self, of: &Member, user: &str, gift: Gift, place: Place) -> Grant {
        let made = self.rights(of, RightsEdit::Grant(grant(user, gift, place))).await;
        let Made::Grant(grant) = made else { panic!("expected a grant, got {made:?}") };
        grant
    }

    /// What the platform team does to an account.
    pub(super) async fn operate(&self, on: &Member, what: AccountEdit) {
        self.edit(&Actor::Platform, on.id, what).await.expect("it is done");
    }

    /// Makes a workspace.
    pub(super) async fn workspace(&self, of: &Member, name: &str) -> WorkspaceId {
        let make = AccountEdit::CreateWorkspace(name.to_owned());
        let made = self.edit(&self.above, of.id, make).await.expect("a workspace");
        let Outcome::Workspace(workspace) = made else { panic!("expected one, got {made:?}") };
        workspace.id
    }

    /// A user whom the identity provider puts into a group of their own; both ids.
    pub(super) async fn member(&self, of: &Member, name: &str) -> (String, String) {
        let user = of.scim.user(name).await;
        let group = of.scim.group(&format!("{name}s"), std::slice::from_ref(&user)).await;
        (user, group)
    }
}

/// Has the identity provider put somebody into a group, or take them out.
pub(super) async fn set_member(of: &Member, group: &str, member: &str, is_in: bool) {
    let change = if is_in {
        json!([{ "op": "add", "path": "members", "value": [{ "value": member }] }])
    } else {
        json!([{ "op": "remove", "path": format!("members[value eq \"{member}\"]") }])
    };
    let done = of.scim.patch(&format!("/Groups/{group}"), &patch_op(&change)).await;
    done.expect(StatusCode::NO_CONTENT);
}

pub(super) fn mapping(group: &str, gift: Gift, place: Place) -> MappingSpec {
    let givee = Givee::Group(group.parse().expect("an id"));
    MappingSpec { givee, gift, place, period: Period::ALWAYS, reason: "as asked".to_owned() }
}

pub(super) fn grant(user: &str, gift: Gift, place: Place) -> GrantSpec {
    let (user, reason) = (user.parse().expect("an id"), "as asked".to_owned());
    GrantSpec { user, gift, place, period: Period::ALWAYS, reason }
}

pub(super) fn key(text: &str) -> RightKey {
    RightKey::parse(text).expect("a key")
}

pub(super) fn right(text: &str) -> Gift {
    Gift::Right(key(text))
}

/// A bundle of the catalogue.
pub(super) fn bundle(text: &str) -> Gift {
    Gift::Bundle(bundle_id(text))
}

/// A role of the catalogue.
pub(super) fn role(text: &str) -> Gift {
    Gift::Role(role_id(text))
}

/// The whole of an account.
pub(super) fn all_of(account: &Member) -> Where {
    Where { account: account.id, workspace: None }
}

/// One of its workspaces.
pub(super) fn space_of(account: &Member, workspace: WorkspaceId) -> Where {
    Where { account: account.id, workspace: Some(workspace) }
}

async fn product_key(test: &TestApp) -> String {
    let scopes = vec![ProductScope::Decisions, ProductScope::Rights];
    let issue = IssueProductKey { name: "shop".to_owned(), scopes, days: 30 };
    let made = test.app.change(&Actor::Platform, Command::IssueProductKey(issue)).await;
    let Ok(Outcome::ProductKey(issued)) = made else { panic!("expected a key, got {made:?}") };
    reveal(&issued.secret).to_owned()
}
