//! Where accounts stand among others, and what comes of their being suspended or closed.

use axum::http::StatusCode;
use countersign::app::sign_in::SignedInNow;
use countersign::app::{Error, Outcome};
use countersign::domain::account::{Kind, Slug, State};
use countersign::domain::actor::Actor;
use countersign::domain::command::accounts::AccountEdit;
use countersign::domain::command::{Command, CreateAccount};
use countersign::domain::ids::{AccountId, WorkspaceId};
use serde_json::json;
use uuid::Uuid;

use crate::accounts::{Family, Member, Person, denied, wrong};
use crate::world::browser::{Browser, sign_in, sso};
use crate::world::settings;

fn set(state: State) -> AccountEdit {
    AccountEdit::SetState(state)
}

/// What a person is told who makes a workspace there.
async fn told(family: &Family, person: &Person, account: &Member) -> &'static str {
    let make = AccountEdit::CreateWorkspace(format!("by {}", person.session.user));
    match family.edit(&person.actor(), account.id, make).await {
        Ok(Outcome::Workspace(_)) => "done",
        Err(Error::Denied { rule, .. }) => rule,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn s1_a_parents_administrator_works_in_its_children_never_the_reverse_never_sideways() {
    let family = Family::new().await;
    let (group, north) = (&family.group, &family.north);
    let above = family.administrator(group).await;
    let below = family.administrator(north).await;
    let plain = family.person(group, "plain").await;
    let staff = family.administrator(&family.vendor).await;
    assert_eq!(told(&family, &above, group).await, "done");
    assert_eq!(told(&family, &above, north).await, "done");
    assert_eq!(told(&family, &above, &family.south).await, "done");
    assert_eq!(told(&family, &above, &family.alone).await, "own-account-only");
    assert_eq!(told(&family, &below, north).await, "done");
    assert_eq!(told(&family, &below, group).await, "own-account-only");
    assert_eq!(told(&family, &below, &family.south).await, "own-account-only");
    assert_eq!(told(&family, &plain, north).await, "workspace-admins-only");
    assert_eq!(told(&family, &staff, north).await, "two-planes");
}

#[tokio::test]
async fn s1_an_account_is_there_only_for_those_who_reach_it() {
    let family = Family::new().await;
    let above = family.administrator(&family.group).await;
    let below = family.administrator(&family.north).await;
    let plain = family.person(&family.group, "plain").await;
    let slugs = async |person: &Person| {
        let found = family.test.app.reachable(&person.actor()).await.expect("a list");
        found.iter().map(|it| it.account.slug.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(slugs(&above).await, ["group", "north", "south"]);
    assert_eq!(slugs(&below).await, ["north"]);
    assert_eq!(slugs(&plain).await, ["group"]);
    let sees = async |person: &Person, slug: &str| {
        let slug = Slug::parse(slug).expect("a slug");
        match family.test.app.account_reached(&person.session.signed_in(), &slug).await {
            Ok(found) => found.slug == slug,
            Err(Error::NotFound(_)) => false,
            Err(other) => panic!("{other:?}"),
        }
    };
    for (person, slug, is_seen) in [
        (&above, "north", true),
        (&above, "alone", false),
        (&above, "nobody", false),
        (&below, "group", false),
        (&below, "south", false),
        (&below, "north", true),
    ] {
        assert_eq!(sees(person, slug).await, is_seen, "{slug}");
    }
}

#[tokio::test]
async fn s1_only_a_parent_has_children_and_only_a_child_a_parent() {
    let family = Family::new().await;
    let create = async |slug: &str, kind, parent: Option<AccountId>| {
        let slug = Slug::parse(slug).expect("a slug");
        let name = slug.as_str().to_owned();
        let command = Command::CreateAccount(CreateAccount {
            slug,
            name,
            kind,
            parent,
            team: None,
            first_administrator: None,
        });
        family.test.app.change(&Actor::Platform, command).await
    };
    let nobody = AccountId::new(Uuid::from_u128(9));
    assert_eq!(wrong(create("a", Kind::Child, None).await), [("parent", "missing")]);
    let unknown = create("a", Kind::Child, Some(nobody)).await;
    assert_eq!(wrong(unknown), [("parent", "unknown_parent")]);
    for other in [&family.north, &family.alone, &family.vendor] {
        let refused = create("a", Kind::Child, Some(other.id)).await;
        assert_eq!(wrong(refused), [("parent", "not_a_parent")]);
    }
    for kind in [Kind::Standard, Kind::Parent] {
        let refused = create("a", kind, Some(family.group.id)).await.expect_err("a refusal");
        assert!(matches!(refused, Error::Conflict(_)), "{refused:?}");
    }
    let second = create("second", Kind::Operator, None).await.expect_err("a refusal");
    assert!(second.to_string().contains("operator's account already"), "{second}");
    family.edit(&Actor::Platform, family.north.id, set(State::Closed)).await.expect("closed");
    family.edit(&Actor::Platform, family.south.id, set(State::Closed)).await.expect("closed");
    family.edit(&Actor::Platform, family.group.id, set(State::Closed)).await.expect("closed");
    let late = create("a", Kind::Child, Some(family.group.id)).await;
    assert_eq!(wrong(late), [("parent", "not_a_parent")]);
}

#[tokio::test]
async fn m55_an_account_with_users_is_not_put_under_a_parent_by_the_command_line() {
    let family = Family::new().await;
    let (group, alone) = (&family.group, &family.alone);
    let under = || AccountEdit::Move(Some(group.id));
    let user = alone.scim.user("ada").await;
    let refused = family.edit(&Actor::Platform, alone.id, under()).await;
    assert_eq!(denied(refused), "move-takes-approvals");
    alone.scim.delete(&format!("/Users/{user}")).await.expect(StatusCode::NO_CONTENT);
    let (before, before_group) = (family.shape(alone).await, family.shape(group).await);
    family.edit(&Actor::Platform, alone.id, under()).await.expect("moved");
    let found = family.test.app.profile(&Actor::Platform, alone.id).await.expect("the account");
    assert_eq!(found.account.kind, Kind::Child);
    assert_eq!(found.parent.map(|it| it.id), Some(group.id));
    assert!(family.shape(alone).await > before, "DECISIONS.md 11");
    assert_eq!(family.shape(group).await, before_group + 1, "DECISIONS.md 11");
    // Out of it is a narrowing, with users or without.
    alone.scim.user("bob").await;
    family.edit(&Actor::Platform, alone.id, AccountEdit::Move(None)).await.expect("moved");
    let found = family.test.app.profile(&Actor::Platform, alone.id).await.expect("the account");
    assert_eq!((found.account.kind, found.parent), (Kind::Standard, None));
    let periods = format!(
        "SELECT count(*) FROM account_periods WHERE account_id = {}",
        family.uuid(alone.id.uuid())
    );
    assert_eq!(family.test.database.number(&periods).await, 3, "DECISIONS.md 27");
}

#[tokio::test]
async fn s1_parents_and_the_operators_account_are_not_moved() {
    let family = Family::new().await;
    for account in [&family.group, &family.vendor] {
        let under = AccountEdit::Move(Some(family.group.id));
        let refused = family.edit(&Actor::Platform, account.id, under).await;
        let refused = refused.expect_err("a refusal");
        assert!(matches!(refused, Error::Conflict(_)), "{refused:?}");
    }
    let under = AccountEdit::Move(Some(family.alone.id));
    let refused = family.edit(&Actor::Platform, family.north.id, under).await;
    assert_eq!(wrong(refused), [("parent", "not_a_parent")]);
}

#[tokio::test]
async fn nobody_is_in_a_suspended_account_and_its_identity_provider_is_told() {
    let family = Family::new().await;
    let north = &family.north;
    let ada = north.scim.user("ada").await;
    let session = sign_in(&family.test, north.id, &ada, sso(true)).await.expect("a session");
    let mut browser = Browser::with_session(&family.test.app, &session);
    browser.get("/api/v1/me").await.expect(StatusCode::OK);
    for (state, rule) in [(State::Suspended, "suspended"), (State::Closed, "closed")] {
        family.edit(&Actor::Platform, north.id, set(state)).await.expect("a change");
        let refused = north.scim.get("/Users").await.refused(403, None);
        let detail = refused.body["detail"].as_str().expect("a text");
        assert!(detail.contains(&format!("this account is {rule}")), "{detail}");
        let stranger = family.test.client("north", "csn_nothing");
        stranger.get("/Users").await.refused(401, None);
        browser.get("/api/v1/me").await.expect(StatusCode::UNAUTHORIZED);
        let again = sign_in(&family.test, north.id, &ada, sso(true)).await;
        assert!(matches!(again, Err(Error::Unauthenticated(_))), "{again:?}");
        // Siblings and parent go on.
        family.south.scim.get("/Users").await.expect(StatusCode::OK);
        family.group.scim.get("/Users").await.expect(StatusCode::OK);
    }
    family.edit(&Actor::Platform, north.id, set(State::Active)).await.expect("a change");
    north.scim.get("/Users").await.expect(StatusCode::OK);
    browser.get("/api/v1/me").await.expect(StatusCode::UNAUTHORIZED);
    sign_in(&family.test, north.id, &ada, sso(true)).await.expect("a new session");
}

#[tokio::test]
async fn rights_end_with_the_account_and_come_back_with_it() {
    let family = Family::new().await;
    let north = &family.north;
    let below = family.administrator(north).await;
    let make = |name: &str| AccountEdit::CreateWorkspace(name.to_owned());
    family.edit(&Actor::Platform, north.id, set(State::Suspended)).await.expect("a change");
    let refused = family.edit(&below.actor(), north.id, make("one")).await;
    assert_eq!(denied(refused), "workspace-admins-only");
    family.edit(&Actor::Platform, north.id, set(State::Active)).await.expect("a change");
    family.edit(&below.actor(), north.id, make("one")).await.expect("a workspace");
}

#[tokio::test]
async fn another_process_refuses_the_tokens_of_a_suspended_account_after_its_next_look() {
    let family = Family::new().await;
    let ids = std::sync::Arc::new(crate::world::seeds::SeededIds::starting_at(1_000_000));
    let (store, clock) = (family.test.store.clone(), family.test.clock.clone());
    let other = countersign::app::App::new(store, clock, ids, settings());
    let token = family.test.token("north", crate::world::TokenFor::default()).await;
    let service = countersign::http::service(other.clone());
    let there = crate::world::client::Client::new(service, "north", Some(&token));
    there.get("/Users").await.expect(StatusCode::OK);
    let before = other.revocation_seq().await.expect("a number");
    family.edit(&Actor::Platform, family.north.id, set(State::Suspended)).await.expect("done");
    // What the worker looks at, and what it does then.
    assert!(other.revocation_seq().await.expect("a number") > before);
    other.forget_tokens();
    there.get("/Users").await.refused(403, None);
}

#[tokio::test]
async fn a_parent_with_children_is_not_closed_and_the_operators_account_never() {
    let family = Family::new().await;
    let (group, vendor) = (&family.group, &family.vendor);
    let refused = family.edit(&Actor::Platform, group.id, set(State::Closed)).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    family.edit(&Actor::Platform, group.id, set(State::Suspended)).await.expect("suspended");
    family.north.scim.get("/Users").await.expect(StatusCode::OK);
    for state in [State::Suspended, State::Closed] {
        let refused = family.edit(&Actor::Platform, vendor.id, set(state)).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn s6_m53_account_permissions_are_the_operators_and_its_customers_see_them() {
    let family = Family::new().await;
    let north = &family.north;
    let above = family.administrator(&family.group).await;
    let below = family.administrator(north).await;
    let staff = family.administrator(&family.vendor).await;
    let switch = |is_on| AccountEdit::SetPermission { permission: "sending".to_owned(), is_on };
    // Of staff, those of two teams may (tests/it/support/planes.rs); she is in none.
    let plane = "operators-plane";
    for (person, rule) in [(&above, plane), (&below, plane), (&staff, "permissions-by-teams")] {
        for is_on in [true, false] {
            let refused = family.edit(&person.actor(), north.id, switch(is_on)).await;
            assert_eq!(denied(refused), rule);
        }
    }
    let on = async || {
        let found = family.test.app.permissions(&below.actor(), north.id).await.expect("a list");
        found.into_iter().map(|it| (it.key, it.set_by_kind)).collect::<Vec<_>>()
    };
    assert_eq!(on().await, []);
    let (own, parents) = (family.shape(north).await, family.shape(&family.group).await);
    family.edit(&Actor::Platform, north.id, switch(true)).await.expect("on");
    family.edit(&Actor::Platform, north.id, switch(true)).await.expect("on already");
    assert_eq!(on().await, [("sending".to_owned(), "platform".to_owned())]);
    assert_eq!(family.shape(north).await, own + 1, "DECISIONS.md 11");
    assert_eq!(family.shape(&family.group).await, parents + 1, "DECISIONS.md 11");
    family.edit(&Actor::Platform, north.id, switch(false)).await.expect("off");
    assert_eq!(on().await, []);
    family.edit(&Actor::Platform, north.id, switch(true)).await.expect("on again");
    let periods = "SELECT count(*) FROM account_permissions";
    assert_eq!(family.test.database.number(periods).await, 2, "DECISIONS.md 27");
    let unknown = AccountEdit::SetPermission { permission: "No Such".to_owned(), is_on: true };
    let refused = family.edit(&Actor::Platform, north.id, unknown).await;
    assert_eq!(wrong(refused), [("permission", "unknown_permission")]);
    let record = "SELECT count(*) FROM activities WHERE action = 'account.permission_changed' \
                  AND outcome = 'done'";
    assert_eq!(family.test.database.number(record).await, 3, "{record}");
}

/// M53 through SCIM: what an identity provider sends of it is no permission.
#[tokio::test]
async fn m53_an_identity_provider_switches_no_permission_on() {
    let family = Family::new().await;
    let urn = "urn:ietf:params:scim:schemas:extension:countersign:2.0:User";
    let body = json!({ "userName": "ada", "accountPermissions": ["sending"],
                       urn: { "accountPermissions": ["sending"] } });
    family.north.scim.post("/Users", &body).await;
    assert_eq!(family.test.database.number("SELECT count(*) FROM account_permissions").await, 0);
}

#[tokio::test]
async fn an_account_keeps_rights_apart_as_its_administrators_say() {
    let family = Family::new().await;
    let north = &family.north;
    let below = family.administrator(north).await;
    let key = |text: &str| countersign::domain::rights::RightKey::parse(text).expect("a key");
    let apart = |is_on| AccountEdit::SetConflict {
        held: key("documents.edit"),
        lost: key("documents.approve"),
        is_on,
    };
    let count =
        async || family.test.app.kept_apart(&below.actor(), north.id).await.expect("a list").len();
    family.edit(&below.actor(), north.id, apart(true)).await.expect("on");
    assert_eq!(count().await, 1);
    let refused = family.edit(&Actor::Platform, north.id, apart(false)).await;
    assert_eq!(denied(refused), "two-planes");
    family.edit(&below.actor(), north.id, apart(false)).await.expect("off");
    assert_eq!(count().await, 0);
    let missing = AccountEdit::RenameWorkspace(WorkspaceId::new(Uuid::nil()), "x".to_owned());
    let refused = family.edit(&below.actor(), north.id, missing).await.expect_err("a refusal");
    assert!(matches!(refused, Error::NotFound(_)), "{refused:?}");
}

/// The last look before suspension and the first after it, at once: nobody is left in.
#[tokio::test]
async fn a_sign_in_beside_a_suspension_leaves_nobody_in() {
    for _ in 0..10 {
        let family = Family::new().await;
        let north = &family.north;
        let ada = north.scim.user("ada").await;
        sign_in(&family.test, north.id, &ada, sso(true)).await.expect("a session");
        let (raced, suspended) = tokio::join!(
            sign_in(&family.test, north.id, &ada, sso(true)),
            family.edit(&Actor::Platform, north.id, set(State::Suspended)),
        );
        suspended.expect("suspended");
        let raced = raced.ok();
        assert!(!is_in(&family, raced.as_ref()).await);
        family.edit(&Actor::Platform, north.id, set(State::Active)).await.expect("back");
        assert!(!is_in(&family, raced.as_ref()).await);
    }
}

/// Whether a session opens anything.
async fn is_in(family: &Family, session: Option<&SignedInNow>) -> bool {
    let Some(session) = session else { return false };
    let mut browser = Browser::with_session(&family.test.app, session);
    browser.get("/api/v1/me").await.status == StatusCode::OK
}
