//! C2: if a right is not effective, the explanation says what stopped it; the product is told the same.

use std::collections::BTreeSet;

use countersign::app::rights::Made;
use countersign::domain::account::State;
use countersign::domain::actor::Actor;
use countersign::domain::command::accounts::AccountEdit;
use countersign::domain::command::people::{PeopleEdit, PersonEdit, PersonSpec};
use countersign::domain::command::rights::RightsEdit;
use countersign::domain::command::{ActivateCatalogue, Command};
use countersign::domain::ids::MappingId;
use countersign::domain::rights::catalogue::Catalogue;
use countersign::domain::rights::paths::{Standing, Stop, Where};
use countersign::domain::rights::sources::{MappingEdit, MappingSpec, Period, Place};
use countersign::domain::time::{OPEN_END, Timestamp};

use crate::accounts::{Member, recipient, spec};
use crate::rights::scene::{NOTHING, Scene, all_of, bundle, key, mapping, right, space_of};

const READ: &str = "dashboards.read";
const EDIT: &str = "campaigns.edit";

/// A right that somebody was given, and where.
struct Case<'a> {
    home: &'a Member,
    user: String,
    right: &'static str,
    place: Where,
}

/// Each way to be stopped there is: what stops it, alone, is what is told.
#[tokio::test]
async fn c2_whatever_stops_a_right_is_told_each_by_its_name() {
    let scene = Scene::new().await;
    for stop in Stop::ALL {
        let case = scene.stopped_by(stop).await;
        let whose = (case.home, case.user.as_str());
        assert_eq!(scene.why(whose, case.right, case.place).await, [stop.as_str()]);
        let told = scene.explain(whose, case.right, None).await;
        let here = told.ways.iter().filter(|way| way.path.held_in == case.place);
        let stops: BTreeSet<Stop> = here.flat_map(|way| way.path.stops.clone()).collect();
        assert_eq!(stops, [stop].into());
        let waits = [Stop::Pending, Stop::OwnDoing].contains(&stop);
        let standing = if waits { Standing::Pending } else { Standing::Stopped };
        assert_eq!(told.held[&case.place], standing, "{stop:?}");
        for account in [&scene.group, &scene.north] {
            scene.operate(account, AccountEdit::SetState(State::Active)).await;
        }
    }
}

/// Of several ways the one that is stopped least is told, with all that stops it.
#[tokio::test]
async fn c2_all_that_stops_the_best_way_is_told() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let (user, group) = scene.member(north, "ann").await;
    let made = scene.map(north, &group, bundle("campaign-manager"), Place::Account).await;
    scene.pause(made.id).await;
    let why = async || scene.why((north, &user), "campaigns.send", all_of(north)).await;
    assert_eq!(why().await, ["paused", "permission_off"]);
    scene.grant(north, &user, right("campaigns.send"), Place::Account).await;
    assert_eq!(why().await, ["permission_off"]);
    let told = scene.explain((north, &user), "campaigns.send", None).await;
    let stops: Vec<usize> = told.ways.iter().map(|way| way.path.stops.len()).collect();
    assert_eq!(stops, [1, 2]);
}

impl Scene {
    /// A right that is stopped by that and nothing else. A new way to be stopped needs its line here.
    async fn stopped_by(&self, stop: Stop) -> Case<'_> {
        let name = stop.as_str();
        match stop {
            Stop::UserInactive => self.inactive(name).await,
            Stop::AccountSuspended => self.suspended(name, &self.group).await,
            Stop::PlaceSuspended => self.suspended(name, &self.north).await,
            Stop::WorkspaceClosed => self.closed(name).await,
            Stop::Paused => self.paused(name).await,
            Stop::NotStarted => self.timed(name, (60, None)).await,
            Stop::Ended => self.ended(name).await,
            Stop::NotInCatalogue => self.dropped(name).await,
            Stop::RecipientCeiling => self.granted(recipient(name), EDIT).await,
            Stop::PermissionOff => self.granted(spec(name), "campaigns.send").await,
            Stop::Pending => self.granted(spec(name), "users.administer").await,
            Stop::Conflict => self.conflicting(name).await,
            Stop::OwnDoing => self.own_doing(name).await,
            Stop::SupportCeiling => {
                let case = self.let_in(name, ("workspace-administration", "workspaces.manage"));
                let case = case.await;
                let seed = "INSERT INTO seed_grants (account_id, user_id, right_key, valid_from, \
                            valid_to, why) SELECT user_account, user_id, 'function:csm', 0, \
                            9000000000000000, 'test' FROM support_grants";
                self.test.database.run(seed).await;
                case
            }
            Stop::PostLost => self.let_in(name, ("reader", READ)).await,
        }
    }

    /// Let into another account by looking after it, and not what they were let in as.
    async fn let_in(&self, name: &str, (bundle, right): (&str, &'static str)) -> Case<'_> {
        let (home, place) = (&self.group, all_of(&self.north));
        let (user, _) = self.member(home, name).await;
        let id = |id: uuid::Uuid| {
            let is_sqlite = self.test.database.is_sqlite();
            if is_sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
        };
        let (own, there) = (id(home.id.uuid()), id(self.north.id.uuid()));
        let bundle = id(countersign::domain::rights::catalogue::bundle_id(bundle).uuid());
        let (who, open) = (id(user.parse().expect("an id")), i64::MAX);
        let (catalogue, setter) = (id(uuid::Uuid::nil()), id(uuid::Uuid::from_u128(3)));
        self.test
            .database
            .run(&format!(
                "DELETE FROM account_team WHERE account_id = {there};\
                 INSERT INTO account_team (account_id, function, valid_to, valid_from, user_id, set_by) \
                 VALUES ({there}, 'csm', {open}, 1, {who}, {setter});\
                 INSERT INTO support_grants (account_id, id, valid_to, valid_from, user_account, \
                 user_id, person_id, bundle_owner, bundle_id, starts_at, ends_at, standing, function) \
                 VALUES ({there}, {who}, {open}, 8000000000000000, {own}, {who}, {who}, {catalogue}, \
                 {bundle}, 0, {open}, TRUE, 'csm')"
            ))
            .await;
        Case { home, user, right, place }
    }

    /// Mapped by the very person who gains by it.
    async fn own_doing(&self, name: &str) -> Case<'_> {
        let (north, (user, group)) = (&self.north, self.member(&self.north, name).await);
        let id = |id: uuid::Uuid| {
            let is_sqlite = self.test.database.is_sqlite();
            if is_sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
        };
        let Actor::User(author) = self.above else { panic!("a person makes mappings") };
        let (account, person) = (id(north.id.uuid()), id(author.person.uuid()));
        let own = id(user.parse().expect("an id"));
        for sql in [
            format!(
                "INSERT INTO persons (id, created_at) SELECT {person}, 0 WHERE NOT EXISTS \
                     (SELECT 1 FROM persons WHERE id = {person})"
            ),
            format!(
                "INSERT INTO user_persons (account_id, user_id, person_id) \
                     VALUES ({account}, {own}, {person})"
            ),
        ] {
            self.test.database.run(&sql).await;
        }
        self.map(north, &group, bundle("reader"), Place::Account).await;
        Case { home: north, user, right: READ, place: all_of(north) }
    }

    async fn inactive(&self, name: &str) -> Case<'_> {
        let case = self.effective(self.granted(spec(name), EDIT).await).await;
        let off = PersonEdit { active: Some(false), ..PersonEdit::default() };
        let edit = PeopleEdit::Edit(case.user.parse().expect("an id"), off);
        self.people(&self.below, self.north.id, edit).await.expect("it is done");
        case
    }

    /// Held by a user of the parent in the child, one of which is suspended.
    async fn suspended(&self, name: &str, account: &Member) -> Case<'_> {
        let (user, group) = self.member(&self.group, name).await;
        self.map(&self.group, &group, bundle("reader"), Place::Children).await;
        let place = all_of(&self.north);
        let case = self.effective(Case { home: &self.group, user, right: READ, place }).await;
        self.operate(account, AccountEdit::SetState(State::Suspended)).await;
        case
    }

    async fn closed(&self, name: &str) -> Case<'_> {
        let (north, space) = (&self.north, self.workspace(&self.north, name).await);
        let user = north.scim.user(name).await;
        self.grant(north, &user, right(EDIT), Place::Workspace(space)).await;
        let place = space_of(north, space);
        let case = self.effective(Case { home: north, user, right: EDIT, place }).await;
        let close = AccountEdit::CloseWorkspace(space);
        self.edit(&self.below, north.id, close).await.expect("it is done");
        case
    }

    async fn paused(&self, name: &str) -> Case<'_> {
        let (north, (user, group)) = (&self.north, self.member(&self.north, name).await);
        let made = self.map(north, &group, bundle("reader"), Place::Account).await;
        let place = all_of(north);
        let case = self.effective(Case { home: north, user, right: READ, place }).await;
        self.pause(made.id).await;
        case
    }

    async fn pause(&self, mapping: MappingId) {
        let edit = MappingEdit { paused: Some(true), ..MappingEdit::default() };
        self.rights(&self.north, RightsEdit::EditMapping(mapping, edit)).await;
    }

    /// Given by a group, from so many seconds on, until so many.
    async fn timed(&self, name: &str, (from, to): (i64, Option<i64>)) -> Case<'_> {
        let (north, (user, group)) = (&self.north, self.member(&self.north, name).await);
        let now = self.now().micros();
        let at = |seconds: i64| Timestamp::from_micros(now + seconds * 1_000_000);
        let period = Period { starts_at: at(from), ends_at: to.map_or(OPEN_END, at) };
        let spec = mapping(&group, bundle("reader"), Place::Account);
        let made = self.rights(north, RightsEdit::Map(MappingSpec { period, ..spec })).await;
        assert!(matches!(made, Made::Mapping(_)), "{made:?}");
        Case { home: north, user, right: READ, place: all_of(north) }
    }

    async fn ended(&self, name: &str) -> Case<'_> {
        let case = self.effective(self.timed(name, (-60, Some(60))).await).await;
        self.test.clock.advance_seconds(60);
        case
    }

    /// Granted, and the catalogue that is then activated has it no more.
    async fn dropped(&self, name: &str) -> Case<'_> {
        const KEY: &str = "connectors.manage";
        let case = self.effective(self.granted(spec(name), KEY).await).await;
        let shipped = Catalogue::shipped().text().replacen(&format!("\"{KEY}\", "), "", 1);
        let (before, entry) =
            shipped.split_once(&format!("[[rights]]\nkey = \"{KEY}\"")).expect("it");
        let (_, after) = entry.split_once("\n\n").expect("its end");
        let catalogue = Catalogue::parse(&[before, after].concat()).expect("it is right").into();
        let activate = Command::ActivateCatalogue(ActivateCatalogue { catalogue });
        self.test.app.change(&Actor::Platform, activate).await.expect("nothing privileged in it");
        case
    }

    async fn conflicting(&self, name: &str) -> Case<'_> {
        let case = self.effective(self.granted(spec(name), "documents.approve").await).await;
        self.grant(&self.north, &case.user, right("documents.edit"), Place::Account).await;
        let (held, lost) = (key("documents.edit"), key("documents.approve"));
        let apart = AccountEdit::SetConflict { held, lost, is_on: true };
        self.edit(&self.below, self.north.id, apart).await.expect("it is done");
        case
    }

    /// Granted to somebody new.
    async fn granted(&self, who: PersonSpec, key: &'static str) -> Case<'_> {
        let north = &self.north;
        let made = self.human(&self.below, north.id, PeopleEdit::Create(who)).await;
        let user = made.expect("somebody").id.to_string();
        self.grant(north, &user, right(key), Place::Account).await;
        Case { home: north, user, right: key, place: all_of(north) }
    }

    /// The case, which nothing stops yet.
    async fn effective<'a>(&self, case: Case<'a>) -> Case<'a> {
        let why = self.why((case.home, &case.user), case.right, case.place).await;
        assert_eq!(why, NOTHING, "{}", case.right);
        case
    }
}
