//! C2: every effective right is explained by what gives it: groups, mapping, role, bundle, grant, each with
//! who, when and why, and at a past moment by what gave it then.

mod past;

use axum::http::StatusCode;
use countersign::app::rights::Made;
use countersign::app::rights::explain::{Explanation, Way};
use countersign::domain::actor::Actor;
use countersign::domain::command::rights::RightsEdit;
use countersign::domain::rights::bundles::{BundleSpec, Level, RoleSpec};
use countersign::domain::rights::catalogue::{bundle_id, role_id};
use countersign::domain::rights::paths::{Source, Standing};
use countersign::domain::rights::sources::{By, Gift, Givee, MappingEdit, Place};
use serde_json::json;

use crate::rights::scene::{
    NOTHING, Scene, all_of, bundle, grant, mapping, right, role, set_member, space_of,
};

const READ: &str = "dashboards.read";

fn by(actor: &Actor) -> By {
    By { kind: "user".to_owned(), id: actor.id(), person: actor.person() }
}

/// The one way that there is.
#[track_caller]
fn only(told: Explanation) -> Way {
    let [way]: [Way; 1] = told.ways.try_into().expect("one way");
    way
}

/// Nested groups → mapping → role → bundle → right; all of the account's own but the right.
#[tokio::test]
async fn c2_the_whole_path_is_told_with_dates_and_actors() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let spec = BundleSpec {
        name: "Looking".to_owned(),
        description: String::new(),
        rights: None,
        origin: Some(bundle_id("reader")),
    };
    let made = scene.try_rights(&scene.below, north.id, RightsEdit::CreateBundle(spec)).await;
    let Ok(Made::Bundle(looking)) = made else { panic!("{made:?}") };
    let spec = RoleSpec {
        name: "Onlooker".to_owned(),
        description: String::new(),
        level: Level::Account,
        bundles: Some([looking.id].into()),
        origin: None,
    };
    let made = scene.try_rights(&scene.below, north.id, RightsEdit::CreateRole(spec)).await;
    let Ok(Made::Role(onlooker)) = made else { panic!("{made:?}") };
    let ann = north.scim.user("ann").await;
    let mut groups = vec![];
    for name in ["Team", "Department", "Company"] {
        groups.push(north.scim.group(name, &[]).await);
    }
    // From the top down, so that the order of the moments is not the order of the path.
    let mut moments = vec![];
    for (group, member) in [(2, &groups[1]), (1, &groups[0]), (0, &ann)] {
        let before = scene.now();
        set_member(north, &groups[group], member, true).await;
        moments.insert(0, (before, scene.now()));
        scene.test.clock.advance_seconds(60);
    }
    let mut spec = mapping(&groups[2], Gift::Role(onlooker.id), Place::Account);
    spec.reason = "everybody looks".to_owned();
    let before = scene.now();
    let made = scene.try_rights(&scene.below, north.id, RightsEdit::Map(spec)).await;
    let Ok(Made::Mapping(mapped)) = made else { panic!("{made:?}") };
    let told = scene.explain((north, &ann), READ, None).await;
    assert_eq!(told.held, [(all_of(north), Standing::Effective)].into());
    let way = only(told);
    let names: Vec<_> = way.groups.iter().map(|(id, name, _)| (id.to_string(), &**name)).collect();
    let [team, department, company] = groups.try_into().expect("three");
    assert_eq!(names, [(team, "Team"), (department, "Department"), (company, "Company")]);
    for ((_, name, since), (before, after)) in way.groups.iter().zip(moments) {
        assert!(before < *since && *since < after, "{name} since {since}");
    }
    let shown = way.mapping.expect("the mapping");
    assert_eq!(
        (shown.id, shown.created_by, &*shown.reason),
        (mapped.id, by(&scene.below), "everybody looks")
    );
    assert!(before < shown.created_at && shown.created_at < scene.now());
    let found = way.role.expect("the role");
    assert_eq!((found.id, &*found.name), (onlooker.id, "Onlooker"));
    assert_eq!(way.bundle.map(|it| (it.id, it.name)), Some((looking.id, "Looking".to_owned())));
    assert_eq!((way.path.right.as_str(), way.path.stops.is_empty()), (READ, true));
    assert!(way.grant.is_none());
}

#[tokio::test]
async fn c2_a_grant_is_told_with_its_giver_its_reason_and_its_moment() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let paris = scene.workspace(north, "Paris").await;
    let ann = north.scim.user("ann").await;
    for (gift, place, at) in [
        (right("campaigns.edit"), Place::Account, all_of(north)),
        (role("workspace-editor"), Place::Workspace(paris), space_of(north, paris)),
        (bundle("campaign-manager"), Place::Account, all_of(north)),
    ] {
        let mut spec = grant(&ann, gift.clone(), place);
        spec.reason = format!("as {}", gift.kind());
        let before = scene.now();
        let made = scene.try_rights(&scene.below, north.id, RightsEdit::Grant(spec)).await;
        let Ok(Made::Grant(given)) = made else { panic!("{made:?}") };
        let told = scene.explain((north, &ann), "campaigns.edit", None).await;
        assert_eq!(told.held, [(at, Standing::Effective)].into());
        let way = only(told);
        let shown = way.grant.expect("the grant");
        assert_eq!(
            (shown.id, shown.given_by, &shown.gift),
            (given.id, given.given_by.clone(), &gift)
        );
        assert_eq!(shown.reason, format!("as {}", gift.kind()));
        assert!(before < shown.given_at && shown.given_at < scene.now());
        let (role, bundle) = (way.role.map(|it| it.id), way.bundle.map(|it| it.id));
        let manager = bundle_id("campaign-manager");
        let expected = match gift {
            Gift::Right(_) => (None, None),
            Gift::Role(_) => (Some(role_id("workspace-editor")), Some(manager)),
            Gift::Bundle(_) => (None, Some(manager)),
        };
        assert_eq!((role, bundle), expected);
        assert!(way.groups.is_empty() && way.mapping.is_none());
        scene.rights(north, RightsEdit::EndGrant(given.id)).await;
        assert!(scene.explain((north, &ann), "campaigns.edit", None).await.ways.is_empty());
    }
}

/// Several ways are all told, those that count first; seeds and pushed roles too.
#[tokio::test]
async fn c2_all_ways_are_told_those_that_count_first() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let person = scene.holder(north, "ann", &[READ]).await.user().to_string();
    let ann = person.as_str();
    let team = north.scim.group("Team", &[ann.to_owned()]).await;
    let tokens = scene.test.app.tokens(&Actor::Platform, north.id).await.expect("tokens");
    let mut spec = mapping(&team, bundle("analyst"), Place::Account);
    spec.givee = Givee::Pushed { connection: tokens[0].1.id, value: "boss".to_owned() };
    scene.rights(north, RightsEdit::Map(spec)).await;
    let push =
        json!({ "Operations": [{ "op": "add", "path": "roles", "value": [{ "value": "Boss" }] }] });
    north.scim.patch(&format!("/Users/{ann}"), &push).await.expect(StatusCode::OK);
    let paused = scene.map(north, &team, bundle("reader"), Place::Account).await;
    let rest = MappingEdit { paused: Some(true), ..MappingEdit::default() };
    scene.rights(north, RightsEdit::EditMapping(paused.id, rest)).await;
    let told = scene.explain((north, ann), READ, None).await;
    let sources: Vec<_> =
        told.ways.iter().map(|way| (way.path.source, way.path.standing())).collect();
    assert_eq!(sources.len(), 3, "{sources:?}");
    assert!(sources.contains(&(Source::Seed, Standing::Effective)));
    let pushed = |way: &&Way| matches!(way.path.source, Source::Mapping { group: None, .. });
    let pushed = told.ways.iter().find(pushed).expect("the pushed role");
    assert!(pushed.groups.is_empty() && pushed.mapping.is_some() && pushed.path.stops.is_empty());
    let last = told.ways.last().expect("the paused one");
    assert_eq!(last.mapping.as_ref().map(|it| it.id), Some(paused.id));
    assert_eq!(sources[2].1, Standing::Stopped);
    assert_eq!(scene.why((north, ann), READ, all_of(north)).await, NOTHING);
}
