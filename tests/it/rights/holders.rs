//! Who has a right, a bundle or a role: now and at a past moment, in pages that go from the account's own
//! users to its parent's (issue 4, Build 6; S1).

use std::collections::BTreeSet;

use countersign::app::rights::who_has::Wanted;
use countersign::domain::command::rights::RightsEdit;
use countersign::domain::ids::{AccountId, ResourceId};
use countersign::domain::rights::catalogue::{bundle_id, role_id};
use countersign::domain::rights::paths::Standing;
use countersign::domain::rights::sources::Place;
use countersign::domain::time::Timestamp;

use crate::accounts::Member;
use crate::rights::scene::{Scene, all_of, bundle, key, right, role, set_member, space_of};

const READ: &str = "dashboards.read";

type Who = (AccountId, ResourceId);

fn by_right(text: &str) -> Wanted {
    Wanted::Right(key(text))
}

fn by_bundle(text: &str) -> Wanted {
    Wanted::Gift(bundle_id(text).uuid())
}

fn by_role(text: &str) -> Wanted {
    Wanted::Gift(role_id(text).uuid())
}

fn who(of: &Member, user: &str) -> Who {
    (of.id, user.parse().expect("an id"))
}

impl Scene {
    /// All pages of that size of those who have something in `north`.
    async fn pages(&self, wanted: &Wanted, at: Option<Timestamp>, size: usize) -> Vec<Vec<Who>> {
        let (mut pages, mut behind) = (vec![], None);
        loop {
            let place = (self.north.id, wanted);
            let page = self.test.app.who_has(&self.above, place, at, (behind, size)).await;
            let page = page.expect("a page");
            assert!(page.holders.len() <= size, "{page:?}");
            pages.push(page.holders.iter().map(|it| (it.account, it.user)).collect());
            behind = page.next;
            if behind.is_none() {
                return pages;
            }
        }
    }

    async fn holders(&self, wanted: &Wanted, at: Option<Timestamp>) -> BTreeSet<Who> {
        self.pages(wanted, at, 100).await.concat().into_iter().collect()
    }
}

#[tokio::test]
async fn who_has_goes_over_two_homes_page_by_page() {
    let scene = Scene::new().await;
    let mut all = vec![];
    for of in [&scene.north, &scene.group] {
        let (mut users, mut ids) = (vec![], vec![]);
        for name in ["u1", "u2", "u3"] {
            users.push(of.scim.user(name).await);
            ids.push(who(of, users.last().expect("one")));
        }
        ids.sort_unstable();
        all.extend(ids);
        let group = of.scim.group("Readers", &users).await;
        let place = if of.id == scene.north.id { Place::Account } else { Place::Children };
        scene.map(of, &group, bundle("reader"), place).await;
        // Without it: another group, and none.
        let others = scene.member(of, "other").await.1;
        scene.map(of, &others, bundle("technical"), Place::Account).await;
        of.scim.user("nobody").await;
    }
    for wanted in [by_right(READ), by_bundle("reader")] {
        for size in [1, 2, 3, 4, 5, 6, 7] {
            let pages = scene.pages(&wanted, None, size).await;
            assert_eq!(pages.concat(), all, "{wanted:?} by {size}");
            let full = pages.iter().filter(|page| page.len() == size).count();
            assert_eq!(full, all.len() / size, "{wanted:?} by {size}: {pages:?}");
        }
    }
    for wanted in [by_right("campaigns.edit"), by_bundle("analyst"), by_role("org-member")] {
        assert_eq!(scene.pages(&wanted, None, 2).await, [vec![]], "{wanted:?}");
    }
}

/// By a right that comes by a bundle, a role, a grant, and of which each is told its places.
#[tokio::test]
async fn who_has_finds_by_right_bundle_and_role_with_places_and_standings() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let paris = scene.workspace(north, "Paris").await;
    let mut names = vec![];
    for name in ["bundled", "appointed", "editor", "granted", "pending"] {
        names.push(north.scim.user(name).await);
    }
    let [bundled, appointed, editor, granted, pending] =
        <[String; 5]>::try_from(names).expect("five");
    let here = Place::Workspace(paris);
    scene.grant(north, &bundled, bundle("reader"), Place::Account).await;
    scene.grant(north, &appointed, role("org-member"), Place::Account).await;
    scene.grant(north, &editor, role("workspace-viewer"), here).await;
    scene.grant(north, &granted, right(READ), Place::Account).await;
    scene.grant(north, &granted, right(READ), here).await;
    scene.grant(north, &pending, role("org-user-admin"), Place::Account).await;
    let these = |users: &[&String]| users.iter().map(|user| who(north, user)).collect();
    for (wanted, users) in [
        (by_right(READ), vec![&bundled, &appointed, &editor, &granted]),
        (by_bundle("reader"), vec![&bundled, &appointed, &editor]),
        (by_role("org-member"), vec![&appointed]),
        (by_role("workspace-viewer"), vec![&editor]),
        (by_bundle("user-administration"), vec![&pending]),
        (by_role("org-user-admin"), vec![&pending]),
    ] {
        assert_eq!(scene.holders(&wanted, None).await, these(&users), "{wanted:?}");
    }
    let place = async |wanted: &Wanted, user: &String| {
        let place = (north.id, wanted);
        let page = scene.test.app.who_has(&scene.below, place, None, (None, 100)).await;
        let holders = page.expect("a page").holders.into_iter();
        let one = holders.filter(|it| (it.account, it.user) == who(north, user));
        one.flat_map(|it| it.places).collect::<Vec<_>>()
    };
    let (all, space, effective) = (all_of(north), space_of(north, paris), Standing::Effective);
    let reading = by_right(READ);
    assert_eq!(place(&reading, &editor).await, [(space, effective)]);
    assert_eq!(place(&reading, &granted).await, [(all, effective), (space, effective)]);
    let administering = by_right("users.administer");
    assert_eq!(place(&administering, &pending).await, [(all, Standing::Pending)]);
}

#[tokio::test]
async fn who_has_of_a_past_moment_finds_who_had_it_then() {
    let scene = Scene::new().await;
    let (north, group) = (&scene.north, &scene.group);
    let (bob, readers) = scene.member(north, "bob").await;
    let (gone, _) = scene.member(north, "gone").await;
    set_member(north, &readers, &gone, true).await;
    let (ann, heads) = scene.member(group, "ann").await;
    let wanted = [by_right(READ), by_bundle("reader"), by_role("org-member")];
    let before = scene.now();
    let mapped = scene.map(north, &readers, role("org-member"), Place::Account).await;
    let above = scene.map(group, &heads, role("org-member"), Place::Children).await;
    let all = scene.now();
    set_member(north, &readers, &bob, false).await;
    north.scim.delete(&format!("/Users/{gone}")).await;
    let less = scene.now();
    scene.rights(north, RightsEdit::Unmap(mapped.id)).await;
    scene.rights(group, RightsEdit::Unmap(above.id)).await;
    let (bob, gone, ann) = (who(north, &bob), who(north, &gone), who(group, &ann));
    for wanted in &wanted {
        for (at, expected) in [
            (Some(before), vec![]),
            (Some(all), vec![bob, gone, ann]),
            (Some(less), vec![ann]),
            (None, vec![]),
        ] {
            let expected: BTreeSet<Who> = expected.into_iter().collect();
            assert_eq!(scene.holders(wanted, at).await, expected, "{wanted:?} {at:?}");
        }
        // A cursor leads on at the same moment.
        let pages = scene.pages(wanted, Some(all), 2).await;
        assert_eq!(pages[1], [ann], "{pages:?}");
        assert_eq!(pages[0].iter().copied().collect::<BTreeSet<_>>(), [bob, gone].into());
    }
}
