//! Preview = what happens, for the changes that an administrator or the operator makes by hand: what was
//! foreseen is the difference that the command then makes, and foreseeing changes nothing.

use axum::http::StatusCode;
use countersign::app::rights::Made;
use countersign::app::rights::preview::{Preview, Shift};
use countersign::domain::actor::Actor;
use countersign::domain::command::Command;
use countersign::domain::command::accounts::{AccountChange, AccountEdit};
use countersign::domain::command::rights::{RightsChange, RightsEdit};
use countersign::domain::rights::bundles::{BundleEdit, BundleSpec};
use countersign::domain::rights::sources::{Gift, Givee, Place};
use serde_json::json;

use crate::accounts::Member;
use crate::rights::previews::{Held, compare};
use crate::rights::scene::{Scene, all_of, bundle, grant, key, mapping, right, set_member};
use crate::scim::patch_op;

type Users<'a> = [(&'a Member, &'a str)];

/// What was foreseen: how many gain, how many lose, and how many of the rights wait for a second person.
type Told = (usize, usize, usize);

impl Scene {
    /// What these users hold.
    async fn hold(&self, users: &Users<'_>) -> Held {
        let mut all = Held::new();
        for (home, user) in users {
            let user = user.parse().expect("an id");
            let app = &self.test.app;
            let found = app.rights_of(&Actor::Platform, (home.id, user), None).await;
            let held = found.expect("rights").held.into_iter();
            all.extend(held.map(|((right, place), standing)| ((user, right, place), standing)));
        }
        all
    }

    /// Foresees a command, then gives it, and compares.
    async fn foresee(&self, by: &Actor, command: Command, users: &Users<'_>) -> Told {
        let (before, shown) = (self.hold(users).await, format!("{command:?}"));
        let preview = self.test.app.preview(by, command.clone(), 1_000).await.expect("a preview");
        assert_eq!(self.hold(users).await, before, "foreseeing changed something: {shown}");
        self.test.app.change(by, command).await.expect("it is done");
        compare(&preview, (&before, &self.hold(users).await), &shown);
        told(&preview)
    }

    async fn foresee_rights(&self, of: &Member, what: RightsEdit, users: &Users<'_>) -> Told {
        let change = Box::new(RightsChange { account: of.id, what, if_match: None });
        self.foresee(&self.above, Command::ChangeRights(change), users).await
    }

    /// The same of members of a group, which the identity provider then adds or removes.
    async fn foresee_member(
        &self,
        (of, group): (&Member, &str),
        (member, is_in): (&str, bool),
        users: &Users<'_>,
    ) -> Told {
        let (before, id) = (self.hold(users).await, [member.parse().expect("an id")]);
        let members = if is_in { (&id[..], &[][..]) } else { (&[][..], &id[..]) };
        let place = (of.id, group.parse().expect("an id"));
        let preview = self.test.app.preview_members(&self.below, place, members, 1_000).await;
        let preview = preview.expect("a preview");
        set_member(of, group, member, is_in).await;
        compare(&preview, (&before, &self.hold(users).await), &format!("{member} {is_in}"));
        told(&preview)
    }
}

fn told(preview: &Preview) -> Told {
    let pending = preview.by_right.iter().filter(|((_, shift), _)| *shift == Shift::Pending);
    (preview.gaining, preview.losing, pending.map(|(_, count)| count).sum())
}

#[tokio::test]
async fn s6_a_permission_switched_does_what_was_foreseen_for_the_parents_users_too() {
    let scene = Scene::new().await;
    let (north, group) = (&scene.north, &scene.group);
    let (bob, team) = scene.member(north, "bob").await;
    let (ann, heads) = scene.member(group, "ann").await;
    let (eve, _) = scene.member(north, "eve").await;
    scene.map(north, &team, bundle("campaign-manager"), Place::Account).await;
    scene.map(group, &heads, bundle("campaign-manager"), Place::Children).await;
    let users = [(north, &*bob), (group, &*ann), (north, &*eve)];
    for (is_on, expected) in [(true, (2, 0, 0)), (false, (0, 2, 0))] {
        let what = AccountEdit::SetPermission { permission: "sending".to_owned(), is_on };
        let change = Box::new(AccountChange { account: north.id, what, if_match: None });
        let change = Command::ChangeAccount(change);
        assert_eq!(scene.foresee(&Actor::Platform, change, &users).await, expected);
    }
}

#[tokio::test]
async fn c1_a_user_or_a_group_put_in_or_taken_out_does_what_was_foreseen() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let (ann, bob) = (north.scim.user("ann").await, north.scim.user("bob").await);
    let inner = north.scim.group("Inner", &[ann.clone(), bob.clone()]).await;
    let outer = north.scim.group("Outer", std::slice::from_ref(&inner)).await;
    let users = [(north, &*ann), (north, &*bob)];
    scene.map(north, &outer, bundle("administrator"), Place::Account).await;
    scene.map(north, &inner, bundle("reader"), Place::Account).await;
    // Another way to the same right: nobody loses what comes by both.
    scene.grant(north, &ann, right("activities.read"), Place::Account).await;
    let foresee =
        async |group: &str, change| scene.foresee_member((north, group), change, &users).await;
    assert_eq!(foresee(&outer, (&inner, false)).await, (0, 2, 0));
    assert_eq!(foresee(&outer, (&inner, true)).await, (2, 0, 8), "four of them privileged");
    assert_eq!(foresee(&inner, (&ann, false)).await, (0, 1, 0));
    assert_eq!(foresee(&inner, (&ann, true)).await, (1, 0, 4));
    assert_eq!(foresee(&inner, (&bob, false)).await, (0, 1, 0));
}

#[tokio::test]
async fn mappings_of_groups_and_pushed_roles_do_what_was_foreseen() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let (ann, team) = scene.member(north, "ann").await;
    let bob = north.scim.user("bob").await;
    let push = json!([{ "op": "add", "path": "roles", "value": [{ "value": "Boss" }] }]);
    let path = format!("/Users/{bob}");
    north.scim.patch(&path, &patch_op(&push)).await.expect(StatusCode::OK);
    let users = [(north, &*ann), (north, &*bob)];
    let tokens = scene.test.app.tokens(&Actor::Platform, north.id).await.expect("tokens");
    let mut pushed = mapping(&team, bundle("analyst"), Place::Account);
    pushed.givee = Givee::Pushed { connection: tokens[0].1.id, value: "BOSS".to_owned() };
    let map = RightsEdit::Map(pushed);
    assert_eq!(scene.foresee_rights(north, map, &users).await, (1, 0, 0));
    let map = RightsEdit::Map(mapping(&team, bundle("administrator"), Place::Account));
    assert_eq!(scene.foresee_rights(north, map, &users).await, (1, 0, 4));
    let found = format!("SELECT count(*) FROM group_mappings WHERE valid_to = {}", i64::MAX);
    assert_eq!(scene.test.database.number(&found).await, 2, "previews left nothing behind");
}

#[tokio::test]
async fn grants_given_and_ended_do_what_was_foreseen() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let (ann, eve) = (north.scim.user("ann").await, north.scim.user("eve").await);
    let users = [(north, &*ann), (north, &*eve)];
    for (key, gaining, pending) in [
        ("campaigns.edit", 1, 0),
        ("users.administer", 0, 1),
        // Its permission is off.
        ("campaigns.send", 0, 0),
    ] {
        let give = RightsEdit::Grant(grant(&ann, right(key), Place::Account));
        let told = scene.foresee_rights(north, give, &users).await;
        assert_eq!(told, (gaining, 0, pending), "{key}");
    }
    let given = scene.grant(north, &ann, bundle("reader"), Place::Account).await;
    let end = RightsEdit::EndGrant(given.id);
    assert_eq!(scene.foresee_rights(north, end, &users).await, (0, 1, 0));
}

/// A bundle that gains: everybody who holds it, by whatever way, in children as well.
#[tokio::test]
async fn s7_a_bundle_that_gains_or_loses_does_what_was_foreseen() {
    let scene = Scene::new().await;
    let (group, south) = (&scene.group, &scene.south);
    // Who changes it holds what it gains.
    let rights = ["users.administer", "connectors.manage"];
    let author = scene.holder(group, "author", &rights).await.actor();
    let (ann, heads) = scene.member(group, "ann").await;
    let bob = group.scim.user("bob").await;
    let (name, description) = ("Ours".to_owned(), String::new());
    let spec = BundleSpec { name, description, rights: Some([].into()), origin: None };
    let made = scene.rights(group, RightsEdit::CreateBundle(spec)).await;
    let Made::Bundle(ours) = made else { panic!("expected a bundle, got {made:?}") };
    scene.map(group, &heads, Gift::Bundle(ours.id), Place::Children).await;
    scene.grant(group, &bob, Gift::Bundle(ours.id), Place::Account).await;
    let users = [(group, &*ann), (group, &*bob)];
    // Ann holds it in two children, bob in the parent.
    for (rights, expected) in [
        (&rights[1..], (2, 0, 0)),
        (&rights[..], (0, 0, 3)),
        (&rights[..1], (0, 2, 0)),
        (&[], (0, 0, 0)),
    ] {
        let rights = Some(rights.iter().map(|it| key(it)).collect());
        let edit = BundleEdit { rights, ..BundleEdit::default() };
        let what = RightsEdit::EditBundle(ours.id, edit);
        let change = Box::new(RightsChange { account: group.id, what, if_match: None });
        let command = Command::ChangeRights(change);
        assert_eq!(scene.foresee(&author, command, &users).await, expected);
        let may = scene.why((group, &ann), "connectors.manage", all_of(south)).await;
        assert_eq!(may.is_empty(), expected.0 > 0 || expected.2 > 0, "{may:?}");
    }
}
