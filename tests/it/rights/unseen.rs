//! S1: a child's administrator sees nothing of the parent or of its siblings, of now or of the past.

use countersign::app::Error;
use countersign::app::rights::who_has::Wanted;
use countersign::domain::account::Kind;
use countersign::domain::actor::Actor;
use countersign::domain::command::accounts::AccountEdit;
use countersign::domain::command::rights::RightsEdit;
use countersign::domain::ids::AccountId;
use countersign::domain::rights::catalogue::bundle_id;
use countersign::domain::rights::sources::Place;
use countersign::domain::time::Timestamp;

use crate::accounts::{Member, denied, member};
use crate::rights::scene::{NOTHING, Scene, bundle, key, mapping};

const READ: &str = "dashboards.read";

/// Whom an actor is told of, in pages of one each.
async fn told(
    scene: &Scene,
    by: &Actor,
    (account, wanted): (AccountId, &Wanted),
    at: Option<Timestamp>,
) -> Result<Vec<String>, Error> {
    let (mut names, mut behind) = (vec![], None);
    loop {
        let page = scene.test.app.who_has(by, (account, wanted), at, (behind, 1)).await?;
        names.extend(page.holders.into_iter().map(|it| it.display_name));
        behind = page.next;
        if behind.is_none() {
            return Ok(names);
        }
    }
}

#[tokio::test]
async fn s1_nothing_of_the_parent_comes_to_a_childs_administrator_of_now_or_then() {
    let scene = Scene::new().await;
    let (group, north) = (&scene.group, &scene.north);
    let beside = scene.administrator(&scene.south).await.actor();
    let (ann, heads) = scene.member(group, "ann").await;
    let reading = scene.map(group, &heads, bundle("reader"), Place::Children).await;
    let (_, readers) = scene.member(north, "bob").await;
    scene.map(north, &readers, bundle("reader"), Place::Account).await;
    let then = scene.now();
    let ann = ann.parse().expect("an id");
    let (by_right, by_bundle) =
        (Wanted::Right(key(READ)), Wanted::Gift(bundle_id("reader").uuid()));
    for (wanted, at) in
        [(&by_right, None), (&by_right, Some(then)), (&by_bundle, None), (&by_bundle, Some(then))]
    {
        let list = async |by: &Actor, of: &Member| told(&scene, by, (of.id, wanted), at).await;
        for by in [&scene.above, &Actor::Platform] {
            assert_eq!(list(by, north).await.expect("a list"), ["bob", "ann"], "{wanted:?}");
        }
        let below = list(&scene.below, north).await.expect("a list");
        assert_eq!(below, ["bob"], "{wanted:?} {at:?}");
        assert_eq!(list(&beside, &scene.south).await.expect("a list"), NOTHING);
        for (by, of) in [(&scene.below, group), (&beside, group), (&beside, north)] {
            assert_eq!(denied(list(by, of).await), "own-account-only");
        }
    }
    scene.rights(group, RightsEdit::Unmap(reading.id)).await;
    for (by, names) in [(&scene.above, vec!["bob", "ann"]), (&scene.below, vec!["bob"])] {
        let found = told(&scene, by, (north.id, &by_right), Some(then)).await;
        assert_eq!(found.expect("a list"), names);
    }
    let app = &scene.test.app;
    for at in [None, Some(then)] {
        for by in [&scene.below, &beside] {
            let seen = app.explain(by, (group.id, ann), &key(READ), at).await;
            assert_eq!(denied(seen), "own-account-only");
            assert_eq!(denied(app.rights_of(by, (group.id, ann), at).await), "own-account-only");
        }
        // Nor is there anybody of that id in the child.
        let seen = app.explain(&scene.below, (north.id, ann), &key(READ), at).await;
        assert!(matches!(seen, Err(Error::NotFound(_))), "{seen:?}");
    }
}

#[tokio::test]
async fn s1_a_child_that_was_moved_tells_nothing_of_either_parent() {
    let scene = Scene::new().await;
    let (test, group) = (&scene.test, &scene.group);
    let west = member(test, "west", Kind::Child, Some(group.id)).await;
    let holding = member(test, "holding", Kind::Parent, None).await;
    let over = scene.administrator(&holding).await.actor();
    let (_, heads) = scene.member(group, "ann").await;
    scene.map(group, &heads, bundle("reader"), Place::Children).await;
    let (_, chiefs) = scene.member(&holding, "hal").await;
    let map = RightsEdit::Map(mapping(&chiefs, bundle("reader"), Place::Children));
    scene.try_rights(&over, holding.id, map).await.expect("a mapping");
    let before = scene.now();
    scene.operate(&west, AccountEdit::Move(Some(holding.id))).await;
    let within = scene.administrator(&west).await.actor();
    let wanted = Wanted::Right(key(READ));
    for (by, now, then) in [
        (&Actor::Platform, vec!["hal"], vec!["ann"]),
        (&over, vec!["hal"], vec![]),
        (&within, vec![], vec![]),
    ] {
        let list = async |at| told(&scene, by, (west.id, &wanted), at).await.expect("a list");
        assert_eq!(list(None).await, now, "{by:?}");
        assert_eq!(list(Some(before)).await, then, "{by:?}");
    }
    for at in [None, Some(before)] {
        let refused = told(&scene, &scene.above, (west.id, &wanted), at).await;
        assert_eq!(denied(refused), "own-account-only");
    }
}

/// Nor whose child it is.
#[tokio::test]
async fn s1_whose_child_an_account_is_is_told_to_who_sees_the_parent() {
    let scene = Scene::new().await;
    let (app, north) = (&scene.test.app, &scene.north);
    for (by, is_told) in [(&scene.below, false), (&scene.above, true), (&Actor::Platform, true)] {
        let one = app.profile(by, north.id).await.expect("the account");
        let all = app.reachable(by).await.expect("a list");
        let listed = all.into_iter().find(|it| it.account.id == north.id).expect("the account");
        for found in [one, listed] {
            assert_eq!(found.parent.map(|it| it.id), is_told.then_some(scene.group.id), "{by:?}");
        }
    }
}
