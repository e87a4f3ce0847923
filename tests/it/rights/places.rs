//! W10: an account has workspaces; a role held in one counts there, one held in the account everywhere.

use countersign::domain::command::accounts::AccountEdit;
use countersign::domain::command::rights::RightsEdit;
use countersign::domain::rights::faults::Wrong;
use countersign::domain::rights::sources::Place;

use crate::accounts::wrong;
use crate::rights::scene::{NOTHING, Scene, all_of, bundle, grant, mapping, role, space_of};

const READ: &str = "dashboards.read";
const EDIT: &str = "campaigns.edit";

#[tokio::test]
async fn w10_a_role_held_in_a_workspace_counts_there_and_nowhere_else() {
    let scene = Scene::new().await;
    let (north, group) = (&scene.north, &scene.group);
    let paris = scene.workspace(north, "Paris").await;
    let lyon = scene.workspace(north, "Lyon").await;
    let (ann, viewers) = scene.member(north, "ann").await;
    let bob = north.scim.user("bob").await;
    let here = Place::Workspace(paris);
    let mapped = scene.map(north, &viewers, role("workspace-viewer"), here).await;
    let granted = scene.grant(north, &bob, role("workspace-editor"), here).await;
    let places = [space_of(north, lyon), all_of(north), all_of(group), all_of(&scene.south)];
    for (user, key) in [(&ann, READ), (&bob, READ), (&bob, EDIT)] {
        assert_eq!(scene.why((north, user), key, space_of(north, paris)).await, NOTHING, "{key}");
        for elsewhere in places {
            let why = scene.why((north, user), key, elsewhere).await;
            assert_eq!(why, ["not_given"], "{key} {elsewhere:?}");
        }
    }
    // The viewer is no editor, in the workspace either.
    assert_eq!(scene.why((north, &ann), EDIT, space_of(north, paris)).await, ["not_given"]);
    scene.rights(north, RightsEdit::Unmap(mapped.id)).await;
    scene.rights(north, RightsEdit::EndGrant(granted.id)).await;
    for (user, key) in [(&ann, READ), (&bob, EDIT)] {
        assert_eq!(scene.why((north, user), key, space_of(north, paris)).await, ["not_given"]);
    }
}

#[tokio::test]
async fn w10_a_role_held_in_an_account_counts_in_all_its_workspaces_also_later_ones() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let mut spaces = vec![scene.workspace(north, "Paris").await];
    let (ann, members) = scene.member(north, "ann").await;
    let bob = north.scim.user("bob").await;
    scene.map(north, &members, role("org-member"), Place::Account).await;
    scene.grant(north, &bob, role("org-member"), Place::Account).await;
    spaces.push(scene.workspace(north, "Lyon").await);
    for user in [&ann, &bob] {
        assert_eq!(scene.why((north, user), READ, all_of(north)).await, NOTHING);
        for space in &spaces {
            assert_eq!(scene.why((north, user), READ, space_of(north, *space)).await, NOTHING);
        }
        let elsewhere = scene.why((north, user), READ, all_of(&scene.south)).await;
        assert_eq!(elsewhere, ["not_given"]);
    }
}

/// From a parent: an account's role counts in each child and in its workspaces.
#[tokio::test]
async fn w10_s1_a_role_held_in_all_children_counts_in_their_workspaces() {
    let scene = Scene::new().await;
    let (group, north) = (&scene.group, &scene.north);
    let paris = scene.workspace(north, "Paris").await;
    let (ann, heads) = scene.member(group, "ann").await;
    scene.map(group, &heads, role("org-member"), Place::Children).await;
    for (place, why) in [
        (all_of(north), &NOTHING[..]),
        (space_of(north, paris), &[]),
        (all_of(&scene.south), &[]),
        (all_of(group), &["not_given"]),
        (all_of(&scene.alone), &["not_given"]),
    ] {
        assert_eq!(scene.why((group, &ann), READ, place).await, why, "{place:?}");
    }
}

#[tokio::test]
async fn w10_roles_are_given_only_where_they_are_held() {
    let scene = Scene::new().await;
    let (group, north) = (&scene.group, &scene.north);
    let own = Place::Workspace(scene.workspace(north, "Paris").await);
    let parents = Place::Workspace(scene.workspace(group, "Hall").await);
    let (fault, children) = (Wrong::WorkspaceRoleElsewhere, Place::Children);
    for (of, gift, place, expected) in [
        (north, role("workspace-viewer"), Place::Account, fault),
        (group, role("workspace-viewer"), children, fault),
        (north, role("org-member"), own, Wrong::AccountRoleInWorkspace),
        (north, role("workspace-viewer"), parents, Wrong::UnknownWorkspace),
        (group, role("workspace-viewer"), own, Wrong::UnknownWorkspace),
        (north, role("org-member"), children, Wrong::NotAParent),
        (north, bundle("reader"), children, Wrong::NotAParent),
    ] {
        let name = format!("{gift:?} {place:?}").to_lowercase();
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let (user, users) = scene.member(of, &name).await;
        for what in [
            RightsEdit::Map(mapping(&users, gift.clone(), place)),
            RightsEdit::Grant(grant(&user, gift.clone(), place)),
        ] {
            let refused = wrong(scene.try_rights(&scene.above, of.id, what).await);
            let codes: Vec<_> = refused.into_iter().map(|(_, code)| code).collect();
            assert_eq!(codes, [expected.code()], "{gift:?} at {place:?}");
        }
    }
    assert_eq!(Wrong::WorkspaceRoleElsewhere.code(), "workspace_role_elsewhere");
    assert_eq!(Wrong::AccountRoleInWorkspace.code(), "account_role_in_workspace");
}

#[tokio::test]
async fn w10_what_is_held_in_a_workspace_ends_when_it_is_closed() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let paris = scene.workspace(north, "Paris").await;
    let lyon = scene.workspace(north, "Lyon").await;
    let ann = north.scim.user("ann").await;
    let viewer = || role("workspace-viewer");
    for space in [paris, lyon] {
        scene.grant(north, &ann, viewer(), Place::Workspace(space)).await;
        assert_eq!(scene.why((north, &ann), READ, space_of(north, space)).await, NOTHING);
    }
    let close = AccountEdit::CloseWorkspace(paris);
    scene.edit(&scene.below, north.id, close).await.expect("closed");
    let closed = scene.why((north, &ann), READ, space_of(north, paris)).await;
    assert_eq!(closed, ["workspace_closed"]);
    assert_eq!(scene.why((north, &ann), READ, space_of(north, lyon)).await, NOTHING);
    let late = RightsEdit::Grant(grant(&ann, viewer(), Place::Workspace(paris)));
    let refused = scene.try_rights(&scene.below, north.id, late).await;
    assert_eq!(wrong(refused)[0].1, "unknown_workspace");
}
