//! Once a command is acknowledged, no process answers what was (DECISIONS.md 11, 29): each command of
//! the operator and of administrators that rights rest on. [`Scene::why`] asks the other process first.

use axum::http::StatusCode;
use countersign::domain::account::{Kind, State};
use countersign::domain::actor::Actor;
use countersign::domain::command::accounts::AccountEdit;
use countersign::domain::command::rights::RightsEdit;
use countersign::domain::rights::bundles::{BundleEdit, BundleSpec, Level, RoleEdit, RoleSpec};
use countersign::domain::rights::catalogue::bundle_id;
use countersign::domain::rights::sources::{Gift, Givee, Place};
use serde_json::json;

use crate::accounts::{Member, member, wrong};
use crate::rights::scene::{NOTHING, Scene, all_of, bundle, key, mapping, right};
use crate::scim::patch_op;

const READ: &str = "dashboards.read";
const EDIT: &str = "campaigns.edit";
const SEND: &str = "campaigns.send";
const NOT_GIVEN: [&str; 1] = ["not_given"];

/// A manager of the parent who holds the same in its children, and one of the child's own.
async fn managers(scene: &Scene) -> (String, String) {
    let (ann, heads) = scene.member(&scene.group, "ann").await;
    let (bob, team) = scene.member(&scene.north, "bob").await;
    for gift in ["campaign-manager", "workspace-administration"] {
        scene.map(&scene.group, &heads, bundle(gift), Place::Children).await;
        scene.map(&scene.north, &team, bundle(gift), Place::Account).await;
    }
    (ann, bob)
}

#[tokio::test]
async fn s6_a_permission_switched_counts_at_once_everywhere() {
    let scene = Scene::new().await;
    let (ann, bob) = managers(&scene).await;
    let here = all_of(&scene.north);
    for is_on in [false, true, false] {
        let permission = "sending".to_owned();
        scene.operate(&scene.north, AccountEdit::SetPermission { permission, is_on }).await;
        let expected = if is_on { &NOTHING[..] } else { &["permission_off"] };
        assert_eq!(scene.why((&scene.group, &ann), SEND, here).await, expected);
        assert_eq!(scene.why((&scene.north, &bob), SEND, here).await, expected);
    }
}

#[tokio::test]
async fn s1_an_account_suspended_and_taken_back_counts_at_once_everywhere() {
    let scene = Scene::new().await;
    let (group, north) = (&scene.group, &scene.north);
    let (ann, bob) = managers(&scene).await;
    let check = async |anns: &[&str], bobs: &[&str], after: &str| {
        assert_eq!(scene.why((group, &ann), EDIT, all_of(north)).await, anns, "{after}");
        assert_eq!(scene.why((north, &bob), EDIT, all_of(north)).await, bobs, "{after}");
    };
    check(&[], &[], "the mappings").await;
    let down = ["account_suspended", "place_suspended"];
    for (on, anns, bobs) in [(north, &down[1..], &down[..]), (group, &down[..1], &[])] {
        scene.operate(on, AccountEdit::SetState(State::Suspended)).await;
        check(anns, bobs, "suspension").await;
        scene.operate(on, AccountEdit::SetState(State::Active)).await;
        check(&[], &[], "reactivation").await;
    }
    scene.operate(north, AccountEdit::SetState(State::Closed)).await;
    check(&down[1..], &down, "closing").await;
}

/// A child taken out, put in, put under another parent; and one that was not there.
#[tokio::test]
async fn s1_a_child_moved_or_made_counts_at_once_everywhere() {
    let scene = Scene::new().await;
    let (group, south) = (&scene.group, &scene.south);
    let holding = member(&scene.test, "holding", Kind::Parent, None).await;
    let (ann, _) = managers(&scene).await;
    let (hal, chiefs) = scene.member(&holding, "hal").await;
    let over = scene.administrator(&holding).await.actor();
    let map = RightsEdit::Map(mapping(&chiefs, bundle("campaign-manager"), Place::Children));
    scene.try_rights(&over, holding.id, map).await.expect("a mapping");
    let check = async |place: &Member, anns: &[&str], hals: &[&str]| {
        assert_eq!(scene.why((group, &ann), EDIT, all_of(place)).await, anns);
        assert_eq!(scene.why((&holding, &hal), EDIT, all_of(place)).await, hals);
    };
    check(south, &[], &NOT_GIVEN).await;
    for (parent, anns, hals) in [
        (None, &NOT_GIVEN[..], &NOT_GIVEN[..]),
        (Some(group), &[], &NOT_GIVEN),
        (Some(&holding), &NOT_GIVEN, &[]),
        (Some(group), &[], &NOT_GIVEN),
    ] {
        scene.operate(south, AccountEdit::Move(parent.map(|it| it.id))).await;
        check(south, anns, hals).await;
    }
    for parent in [group, &holding] {
        let slug = format!("new-of-{}", parent.slug);
        let made = member(&scene.test, &slug, Kind::Child, Some(parent.id)).await;
        let (own, others) = (&NOTHING[..], &NOT_GIVEN[..]);
        let is_groups = parent.id == group.id;
        let (anns, hals) = if is_groups { (own, others) } else { (others, own) };
        check(&made, anns, hals).await;
    }
}

#[tokio::test]
async fn s1_rights_kept_apart_in_a_child_count_at_once_for_the_parents_users_too() {
    let scene = Scene::new().await;
    let (group, north) = (&scene.group, &scene.north);
    let (ann, bob) = managers(&scene).await;
    let approve = "documents.approve";
    for is_on in [false, true, false] {
        let (held, lost) = (key("documents.edit"), key(approve));
        let apart = AccountEdit::SetConflict { held, lost, is_on };
        scene.edit(&scene.below, north.id, apart).await.expect("it is done");
        let expected = if is_on { &["conflict"][..] } else { &[] };
        for whose in [(north, &*bob), (group, &*ann)] {
            assert_eq!(scene.why(whose, approve, all_of(north)).await, expected);
            assert_eq!(scene.why(whose, "documents.edit", all_of(north)).await, NOTHING);
        }
        let beside = scene.why((group, &ann), approve, all_of(&scene.south)).await;
        assert_eq!(beside, NOTHING, "the sibling keeps nothing apart");
    }
}

#[tokio::test]
async fn s7_bundles_and_roles_changed_or_deleted_count_at_once_everywhere() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let (bob, team) = scene.member(north, "bob").await;
    let check = async |expected: &[&str], after: &str| {
        assert_eq!(scene.why((north, &bob), READ, all_of(north)).await, expected, "{after}");
    };
    let (name, description) = ("Ours".to_owned(), String::new());
    let origin = Some(bundle_id("reader"));
    let spec = BundleSpec { name, description, rights: None, origin };
    let made = scene.rights(north, RightsEdit::CreateBundle(spec)).await;
    let countersign::app::rights::Made::Bundle(ours) = made else { panic!("{made:?}") };
    let spec = RoleSpec {
        name: "Onlooker".to_owned(),
        description: String::new(),
        level: Level::Account,
        bundles: Some([ours.id].into()),
        origin: None,
    };
    let made = scene.rights(north, RightsEdit::CreateRole(spec)).await;
    let countersign::app::rights::Made::Role(role) = made else { panic!("{made:?}") };
    check(&NOT_GIVEN, "nothing").await;
    let mapped = scene.map(north, &team, Gift::Role(role.id), Place::Account).await;
    check(&[], "mapping the role").await;
    for (rights, expected) in [([].into(), &NOT_GIVEN[..]), (ours.rights.clone(), &[])] {
        let edit = BundleEdit { rights: Some(rights), ..BundleEdit::default() };
        scene.rights(north, RightsEdit::EditBundle(ours.id, edit)).await;
        check(expected, "another bundle").await;
    }
    for (bundles, expected) in [([].into(), &NOT_GIVEN[..]), ([ours.id].into(), &[])] {
        let edit = RoleEdit { bundles: Some(bundles), ..RoleEdit::default() };
        scene.rights(north, RightsEdit::EditRole(role.id, edit)).await;
        check(expected, "another role").await;
    }
    // What is in use does not go; when its mapping has gone, it may.
    for what in [RightsEdit::DeleteRole(role.id), RightsEdit::DeleteBundle(ours.id)] {
        let refused = scene.try_rights(&scene.below, north.id, what).await;
        assert_eq!(wrong(refused), [("id", "still_used")]);
        check(&[], "a refusal").await;
    }
    scene.rights(north, RightsEdit::Unmap(mapped.id)).await;
    check(&NOT_GIVEN, "unmapping").await;
    scene.rights(north, RightsEdit::DeleteRole(role.id)).await;
    scene.rights(north, RightsEdit::DeleteBundle(ours.id)).await;
    check(&NOT_GIVEN, "deletion").await;
}

#[tokio::test]
async fn c1_grants_and_pushed_roles_count_at_once_everywhere() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let bob = north.scim.user("bob").await;
    let why = async |key: &str| scene.why((north, &bob), key, all_of(north)).await;
    assert_eq!(why(EDIT).await, NOT_GIVEN);
    let granted = scene.grant(north, &bob, right(EDIT), Place::Account).await;
    assert_eq!(why(EDIT).await, NOTHING);
    scene.rights(north, RightsEdit::EndGrant(granted.id)).await;
    assert_eq!(why(EDIT).await, NOT_GIVEN);
    let tokens = scene.test.app.tokens(&Actor::Platform, north.id).await.expect("tokens");
    let (connection, value) = (tokens[0].1.id, "Boss".to_owned());
    let mut spec = mapping(&bob, bundle("reader"), Place::Account);
    spec.givee = Givee::Pushed { connection, value };
    scene.rights(north, RightsEdit::Map(spec)).await;
    for (roles, expected) in [
        (json!([{ "value": "BOSS" }]), &NOTHING[..]),
        (json!([{ "value": "clerk" }]), &NOT_GIVEN),
        (json!([{ "value": "clerk" }, { "value": "boss" }]), &[]),
        (json!([]), &NOT_GIVEN),
    ] {
        let push = patch_op(&json!([{ "op": "replace", "path": "roles", "value": roles }]));
        north.scim.patch(&format!("/Users/{bob}"), &push).await.expect(StatusCode::OK);
        assert_eq!(why(READ).await, expected, "{roles}");
    }
}
