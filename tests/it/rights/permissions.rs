//! S6: account permissions are the operator's, and what depends on one that is off is not held: the
//! product is told so, and so does the explanation.

use countersign::domain::actor::Actor;
use countersign::domain::command::accounts::AccountEdit;
use countersign::domain::rights::paths::{Standing, Stop};
use countersign::domain::rights::sources::Place;

use crate::accounts::denied;
use crate::rights::scene::{NOTHING, Scene, all_of, bundle};

const SEND: &str = "campaigns.send";

fn sending(is_on: bool) -> AccountEdit {
    AccountEdit::SetPermission { permission: "sending".to_owned(), is_on }
}

/// The whole sentence: the account's own users, and its parent's who hold something in children.
#[tokio::test]
async fn s6_a_right_is_effective_as_long_as_the_operator_has_its_permission_on_there() {
    let scene = Scene::new().await;
    let (group, north, south) = (&scene.group, &scene.north, &scene.south);
    let (bob, senders) = scene.member(north, "bob").await;
    scene.map(north, &senders, bundle("campaign-manager"), Place::Account).await;
    let (ann, heads) = scene.member(group, "ann").await;
    scene.map(group, &heads, bundle("campaign-manager"), Place::Children).await;
    let people = [(north, bob.as_str()), (group, ann.as_str())];
    let mut moments = vec![];
    for is_on in [false, true, false, true] {
        scene.operate(north, sending(is_on)).await;
        let off = [Stop::PermissionOff];
        let (stops, standing) =
            if is_on { (&[][..], Standing::Effective) } else { (&off[..], Standing::Stopped) };
        let words: Vec<&str> = stops.iter().map(|stop| stop.as_str()).collect();
        for whose in people {
            assert_eq!(scene.why(whose, SEND, all_of(north)).await, words);
            let told = scene.explain(whose, SEND, None).await;
            let here = told.ways.iter().filter(|way| way.path.held_in == all_of(north));
            assert_eq!(here.flat_map(|way| way.path.stops.clone()).collect::<Vec<_>>(), stops);
            // What needs no permission is held all the while.
            assert_eq!(scene.why(whose, "campaigns.edit", all_of(north)).await, NOTHING);
        }
        // It is of that account alone.
        assert_eq!(scene.why((group, &ann), SEND, all_of(south)).await, ["permission_off"]);
        moments.push((scene.now(), standing));
    }
    for (at, standing) in moments {
        for whose in people {
            let told = scene.explain(whose, SEND, Some(at)).await;
            assert_eq!(told.held[&all_of(north)], standing, "at {at}");
        }
    }
}

#[tokio::test]
async fn s6_no_customer_and_nobody_without_a_team_switches_a_permission() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let (bob, senders) = scene.member(north, "bob").await;
    scene.map(north, &senders, bundle("campaign-manager"), Place::Account).await;
    let beside = scene.administrator(&scene.south).await.actor();
    let staff = scene.administrator(&scene.vendor).await.actor();
    for is_on in [true, false] {
        for by in [&scene.below, &scene.above, &beside] {
            let refused = scene.edit(by, north.id, sending(is_on)).await;
            assert_eq!(denied(refused), "operators-plane");
        }
        // The operator's staff are told whom among them to ask.
        let refused = scene.edit(&staff, north.id, sending(is_on)).await;
        assert_eq!(denied(refused), "permissions-by-teams");
        let why = scene.why((north, &bob), SEND, all_of(north)).await;
        assert_eq!(why.is_empty(), !is_on, "as the operator left it");
        scene.edit(&Actor::Platform, north.id, sending(is_on)).await.expect("it is done");
    }
    assert_eq!(scene.why((north, &bob), SEND, all_of(north)).await, ["permission_off"]);
    // Nor does one for the parent count in its children.
    scene.operate(&scene.group, sending(true)).await;
    assert_eq!(scene.why((north, &bob), SEND, all_of(north)).await, ["permission_off"]);
}
