//! Users and recipients, made and changed by administrators (S8, S9, S11, S12, S15).

use axum::http::StatusCode;
use countersign::app::Error;
use countersign::domain::actor::Actor;
use countersign::domain::command::Command;
use countersign::domain::command::people::{PeopleChange, PeopleEdit, PersonEdit, PersonSpec};
use countersign::domain::ids::ResourceId;
use countersign::domain::records::pages::{Order, Place, Wanted};
use countersign::domain::users::people::{Filter, Kind};
use serde_json::json;

use crate::accounts::{Family, Person, denied, recipient, spec, wrong};
use crate::world::browser::{password, sign_in};

fn make(spec: PersonSpec) -> PeopleEdit {
    PeopleEdit::Create(spec)
}

fn edit(id: ResourceId, edit: PersonEdit) -> PeopleEdit {
    PeopleEdit::Edit(id, edit)
}

/// So many by userName.
fn wanted(limit: u32, after: Option<Place>) -> Wanted {
    Wanted { order: Order { field: "user_name", is_descending: false }, after, limit }
}

async fn names(family: &Family, by: &Person, filter: Filter) -> Result<Vec<String>, Error> {
    let part = (&filter, &wanted(100, None));
    let found = family.test.app.people(&by.actor(), family.north.id, part).await?;
    Ok(found.items.into_iter().map(|it| it.profile.user_name).collect())
}

fn of(kind: Kind) -> Filter {
    Filter { kind: Some(kind), ..Filter::default() }
}

#[tokio::test]
async fn s8_m54_the_operators_staff_change_nobody_in_a_customers_account() {
    let family = Family::new().await;
    let north = family.north.id;
    let staff = family.administrator(&family.vendor).await;
    let below = family.administrator(&family.north).await;
    let ada = family.human(&below.actor(), north, make(spec("ada"))).await.expect("a user");
    for what in [
        make(spec("bob")),
        make(recipient("carol")),
        edit(ada.id, PersonEdit { active: Some(false), ..PersonEdit::default() }),
        PeopleEdit::Delete(ada.id),
    ] {
        let refused = family.people(&staff.actor(), north, what.clone()).await;
        assert_eq!(denied(refused), "two-planes");
        let refused = family.people(&Actor::Platform, north, what).await;
        assert_eq!(denied(refused), "platform-no-people");
    }
    let refused = family.people(&staff.actor(), north, make(spec("bob"))).await.expect_err("no");
    assert!(refused.to_string().contains("ask an administrator of the account"), "{refused}");
    assert_eq!(denied(names(&family, &staff, of(Kind::User)).await), "two-planes");
}

#[tokio::test]
async fn s1_s9_administrators_here_and_of_the_parent_make_users_and_nobody_else() {
    let family = Family::new().await;
    let north = family.north.id;
    let above = family.administrator(&family.group).await;
    let below = family.administrator(&family.north).await;
    let sibling = family.administrator(&family.south).await;
    let plain = family.holder(&family.north, "plain", &["recipients.administer"]).await;
    family.human(&above.actor(), north, make(spec("ada"))).await.expect("a user");
    family.human(&below.actor(), north, make(spec("bob"))).await.expect("a user");
    let refused = family.people(&sibling.actor(), north, make(spec("carol"))).await;
    assert_eq!(denied(refused), "own-account-only");
    let refused = family.people(&plain.actor(), north, make(spec("carol"))).await;
    assert_eq!(denied(refused), "administrators-only");
    assert_eq!(
        names(&family, &above, of(Kind::User)).await.expect("a list"),
        ["ada", "administrator", "bob", "plain"]
    );
    assert_eq!(denied(names(&family, &plain, of(Kind::User)).await), "administrators-only");
}

#[tokio::test]
async fn s9_a_user_made_here_is_invited_and_comes_in_by_a_password() {
    let family = Family::new().await;
    let north = &family.north;
    let below = family.administrator(north).await;
    let missing = family.people(&below.actor(), north.id, make(PersonSpec::default())).await;
    assert_eq!(
        wrong(missing),
        ["user_name", "given_name", "family_name", "language", "email"].map(|it| (it, "missing"))
    );
    let notified = PersonSpec { technical_notifications: true, ..spec("ada") };
    let ada = family.human(&below.actor(), north.id, make(notified)).await.expect("a user");
    assert_eq!((ada.kind, &ada.connection, ada.version), (Kind::User, &None, 1));
    assert!(ada.profile.technical_notifications && ada.profile.active);
    assert_eq!(ada.profile.missing(), Vec::<&str>::new());
    let read = family.test.app.person(&below.actor(), north.id, (None, ada.id)).await;
    assert_eq!(read.expect("the user"), ada, "what was answered is what is there");
    let mails = family.test.app.due_mails().await.expect("mails");
    let [due] = mails.as_slice() else { panic!("one invitation, not {mails:?}") };
    let ready = family.test.app.ready_mail(due).await.expect("it opens").expect("it is live");
    assert_eq!(ready.to, "ada@example.com");
    assert!(ready.url.contains("/link/"), "a link to choose a password");
    sign_in(&family.test, north.id, &ada.id.to_string(), password()).await.expect("a session");
    let taken = family.people(&below.actor(), north.id, make(spec("ADA"))).await;
    assert_eq!(wrong(taken), [("user_name", "user_name_taken")]);
    let provisioned = family.people(&below.actor(), north.id, make(spec("Administrator"))).await;
    assert_eq!(wrong(provisioned), [("user_name", "user_name_taken")]);
    // The identity provider neither sees nor changes them.
    let scim = &north.scim;
    scim.get(&format!("/Users/{}", ada.id)).await.refused(404, None);
    assert_eq!(scim.filter("/Users", "userName eq \"ada\"").await.total(), 0);
    let body = json!({ "userName": "ada" });
    scim.post("/Users", &body).await.refused(409, Some("uniqueness"));
}

#[tokio::test]
async fn s9_the_operators_staff_come_by_sso_and_get_no_invitation() {
    let family = Family::new().await;
    let staff = family.administrator(&family.vendor).await;
    family.human(&staff.actor(), family.vendor.id, make(spec("ada"))).await.expect("a user");
    assert!(family.test.app.due_mails().await.expect("mails").is_empty());
}

#[tokio::test]
async fn s9_what_a_provisioned_user_lacks_is_shown() {
    let family = Family::new().await;
    let below = family.administrator(&family.north).await;
    let body = json!({ "userName": "bob", "name": { "givenName": "Bob" } });
    let id = family.north.scim.post("/Users", &body).await.expect(StatusCode::CREATED).id();
    let id: ResourceId = id.parse().expect("an id");
    let bob = family.test.app.person(&below.actor(), family.north.id, (None, id)).await;
    let bob = bob.expect("the user");
    assert_eq!(bob.profile.missing(), ["family_name", "language", "email"]);
    assert_eq!(bob.connection.as_deref(), Some("default"));
}

#[tokio::test]
async fn s11_administrators_edit_and_delete_those_whom_they_made() {
    let family = Family::new().await;
    let north = &family.north;
    let below = family.administrator(north).await;
    let by = below.actor();
    let ada = family.human(&by, north.id, make(spec("ada"))).await.expect("a user");
    family.human(&by, north.id, make(spec("bob"))).await.expect("a user");
    let session = sign_in(&family.test, north.id, &ada.id.to_string(), password()).await;
    let session = session.expect("a session").session;
    let change = PersonEdit {
        family_name: Some("King".to_owned()),
        email: Some("countess@example.com".to_owned()),
        language: Some("en-GB".to_owned()),
        ..PersonEdit::default()
    };
    let after = family.human(&by, north.id, edit(ada.id, change.clone())).await.expect("a change");
    assert_eq!(after.profile.given_name.as_deref(), Some("Ada"));
    assert_eq!(after.profile.family_name.as_deref(), Some("King"));
    assert_eq!(after.profile.email.as_deref(), Some("countess@example.com"));
    assert_eq!(after.version, 2);
    let same = family.human(&by, north.id, edit(ada.id, change)).await.expect("nothing to do");
    assert_eq!(same.version, 2);
    let taken = PersonEdit { user_name: Some("Bob".to_owned()), ..PersonEdit::default() };
    let refused = family.people(&by, north.id, edit(ada.id, taken)).await;
    assert_eq!(wrong(refused), [("user_name", "user_name_taken")]);
    let bad = PersonEdit {
        language: Some(String::new()),
        email: Some("nobody".to_owned()),
        ..PersonEdit::default()
    };
    let refused = family.people(&by, north.id, edit(ada.id, bad)).await;
    assert_eq!(wrong(refused), [("language", "missing"), ("email", "wrong_address")]);
    let stale = PeopleChange {
        account: north.id,
        what: PeopleEdit::Delete(ada.id),
        if_match: Some("W/\"1\"".to_owned()),
    };
    let stale = family.test.app.change(&by, Command::ChangePeople(Box::new(stale))).await;
    assert!(matches!(stale, Err(Error::Stale(_))), "{stale:?}");
    let off = PersonEdit { active: Some(false), ..PersonEdit::default() };
    family.human(&by, north.id, edit(ada.id, off)).await.expect("deactivated");
    let ended = format!(
        "SELECT count(*) FROM sessions WHERE ended_why = 'deactivated' AND user_id = {}",
        family.uuid(session.user.uuid())
    );
    assert_eq!(family.test.database.number(&ended).await, 1);
    family.people(&by, north.id, PeopleEdit::Delete(ada.id)).await.expect("deleted");
    let gone = family.test.app.person(&by, north.id, (None, ada.id)).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    family.human(&by, north.id, make(spec("ada"))).await.expect("the name is free");
}

#[tokio::test]
async fn s11_what_an_identity_provider_says_of_its_users_it_alone_changes() {
    let family = Family::new().await;
    let north = &family.north;
    let below = family.administrator(north).await;
    let bob: ResourceId = north.scim.user("bob").await.parse().expect("an id");
    let change = PersonEdit {
        given_name: Some("Robert".to_owned()),
        active: Some(false),
        ..PersonEdit::default()
    };
    let refused = family.people(&below.actor(), north.id, edit(bob, change)).await;
    let Err(Error::Fields(faults)) = &refused else { panic!("{refused:?}") };
    assert!(faults.iter().all(|it| it.to_string().contains("connection `default`")), "{faults:?}");
    let code = "owned_by_identity_provider";
    assert_eq!(wrong(refused), [("given_name", code), ("active", code)]);
    let refused = family.people(&below.actor(), north.id, PeopleEdit::Delete(bob)).await;
    assert_eq!(wrong(refused), [("id", code)]);
}

#[tokio::test]
async fn s12_s15_any_user_lists_recipients_and_those_in_charge_change_them() {
    let family = Family::new().await;
    let north = &family.north;
    let keeper = family.holder(north, "keeper", &["recipients.administer"]).await;
    let plain = family.person(north, "plain").await;
    let sibling = family.person(&family.south, "sibling").await;
    let rita = family.human(&keeper.actor(), north.id, make(recipient("rita"))).await;
    let rita = rita.expect("a recipient");
    assert_eq!(rita.kind, Kind::Recipient);
    assert_eq!(rita.profile.language.as_deref(), Some("fr"));
    let refused = family.people(&plain.actor(), north.id, make(recipient("rob"))).await;
    assert_eq!(denied(refused), "recipient-admins-only");
    assert_eq!(names(&family, &plain, of(Kind::Recipient)).await.expect("a list"), ["rita"]);
    assert_eq!(denied(names(&family, &sibling, of(Kind::Recipient)).await), "own-account-only");
    // S3: recipients see what was shared with them, not one another.
    let session = sign_in(&family.test, north.id, &rita.id.to_string(), password()).await;
    let herself = Person { session: session.expect("a session").session };
    assert_eq!(
        denied(names(&family, &herself, of(Kind::Recipient)).await),
        "recipients-see-what-is-shared"
    );
    let rename = PersonEdit { family_name: Some("King".to_owned()), ..PersonEdit::default() };
    for by in [&plain, &herself] {
        let refused = family.people(&by.actor(), north.id, edit(rita.id, rename.clone())).await;
        assert_eq!(denied(refused), "recipient-admins-only");
    }
    family.human(&keeper.actor(), north.id, edit(rita.id, rename)).await.expect("a change");
    // Who keeps recipients keeps no users.
    let refused = family.people(&keeper.actor(), north.id, PeopleEdit::Delete(plain.user())).await;
    assert_eq!(denied(refused), "administrators-only");
    family.people(&keeper.actor(), north.id, PeopleEdit::Delete(rita.id)).await.expect("deleted");
    assert_eq!(
        names(&family, &plain, of(Kind::Recipient)).await.expect("a list"),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn people_are_listed_by_pages_and_filters() {
    let family = Family::new().await;
    let north = &family.north;
    let below = family.administrator(north).await;
    for name in ["u1", "u2", "u3"] {
        family.human(&below.actor(), north.id, make(spec(name))).await.expect("a user");
    }
    let r1 = family.human(&below.actor(), north.id, make(recipient("r1"))).await.expect("one");
    let off = PersonEdit { active: Some(false), ..PersonEdit::default() };
    family.human(&below.actor(), north.id, edit(r1.id, off)).await.expect("deactivated");
    let listed = async |filter: Filter| names(&family, &below, filter).await.expect("a list");
    assert_eq!(listed(Filter::default()).await, ["administrator", "r1", "u1", "u2", "u3"]);
    let inactive = Filter { active: Some(false), ..Filter::default() };
    assert_eq!(listed(inactive).await, ["r1"]);
    let called = Filter { user_name: Some("U2".to_owned()), ..Filter::default() };
    assert_eq!(listed(called).await, ["u2"]);
    let page = async |after: Option<Place>| {
        let part = (&Filter::default(), &wanted(3, after));
        family.test.app.people(&below.actor(), north.id, part).await.expect("a page")
    };
    let first = page(None).await;
    assert_eq!(first.items.len(), 3);
    let second = page(first.next.clone()).await;
    let rest: Vec<&str> = second.items.iter().map(|it| it.profile.user_name.as_str()).collect();
    assert_eq!((rest, second.next), (vec!["u2", "u3"], None));
    let u1 = first.items.last().expect("the third").id;
    // One who is no recipient is not among them by id either.
    let found = family.test.app.person(&below.actor(), north.id, (Some(Kind::Recipient), u1)).await;
    assert!(matches!(found, Err(Error::NotFound(_))), "{found:?}");
}
