//! Properties: defined by an account's administrators, who alone assign them (S12, S14, M58).

use countersign::app::Error;
use countersign::domain::command::people::{
    PeopleEdit, PersonEdit, PersonSpec, PropertyEdit, PropertySpec,
};
use countersign::domain::ids::ResourceId;

use crate::accounts::{Family, Human, Person, denied, recipient, spec, wrong};

fn define(key: &str, value_type: &str, choices: &[&str]) -> PeopleEdit {
    PeopleEdit::DefineProperty(PropertySpec {
        key: key.to_owned(),
        label: key.to_owned(),
        value_type: value_type.to_owned(),
        choices: choices.iter().map(|it| (*it).to_owned()).collect(),
    })
}

fn assign(to: ResourceId, values: &[(&str, Option<&str>)]) -> PeopleEdit {
    let own = |text: &str| text.to_owned();
    let properties = values.iter().map(|(key, value)| (own(key), value.map(own))).collect();
    PeopleEdit::Edit(to, PersonEdit { properties, ..PersonEdit::default() })
}

fn values(human: &Human) -> Vec<(&str, &str)> {
    human.properties.iter().map(|it| (it.key.as_str(), it.value.as_str())).collect()
}

async fn with_store(family: &Family, by: &Person) -> countersign::domain::ids::PropertyId {
    let what = define("store", "choice", &["Lyon", "Marseille"]);
    family.property(&by.actor(), family.north.id, what).await.expect("a property").id
}

#[tokio::test]
async fn s12_people_have_the_values_that_administrators_assign() {
    let family = Family::new().await;
    let north = family.north.id;
    let below = family.administrator(&family.north).await;
    let by = below.actor();
    with_store(&family, &below).await;
    family.property(&by, north, define("since", "date", &[])).await.expect("a property");
    let unfit = PersonSpec {
        properties: [("store", "Paris"), ("size", "1")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        ..recipient("rita")
    };
    let refused = family.people(&by, north, PeopleEdit::Create(unfit)).await;
    assert_eq!(
        wrong(refused),
        [("properties", "unknown_property"), ("properties", "wrong_property_value")]
    );
    let fit = PersonSpec {
        properties: [("store".to_owned(), "Lyon".to_owned())].into(),
        ..recipient("rita")
    };
    let rita = family.human(&by, north, PeopleEdit::Create(fit)).await.expect("a recipient");
    assert_eq!(values(&rita), [("store", "Lyon")]);
    let change = assign(rita.id, &[("store", Some("Marseille")), ("since", Some("2026-01-31"))]);
    let rita = family.human(&by, north, change).await.expect("a change");
    assert_eq!(values(&rita), [("since", "2026-01-31"), ("store", "Marseille")]);
    let read = family.test.app.person(&by, north, (None, rita.id)).await.expect("the recipient");
    assert_eq!(read, rita, "what was answered is what is there");
    let rita = family.human(&by, north, assign(rita.id, &[("since", None)])).await;
    assert_eq!(values(&rita.expect("a change")), [("store", "Marseille")]);
    let left = "SELECT count(*) FROM user_properties";
    let id = read.id;
    family.people(&by, north, PeopleEdit::Delete(id)).await.expect("deleted");
    assert_eq!(family.test.database.number(left).await, 0, "they go with whom they are about");
}

#[tokio::test]
async fn s11_s12_properties_are_assigned_to_whom_an_identity_provider_owns() {
    let family = Family::new().await;
    let below = family.administrator(&family.north).await;
    with_store(&family, &below).await;
    let bob: ResourceId = family.north.scim.user("bob").await.parse().expect("an id");
    let before = family.north.scim.get(&format!("/Users/{bob}")).await;
    let change = assign(bob, &[("store", Some("Lyon"))]);
    let bob = family.human(&below.actor(), family.north.id, change).await.expect("a change");
    assert_eq!(values(&bob), [("store", "Lyon")]);
    let after = family.north.scim.get(&format!("/Users/{}", bob.id)).await;
    assert_eq!(after.body["userName"], before.body["userName"]);
    assert!(!after.text.contains("Lyon"), "it is none of the identity provider's: {}", after.text);
}

#[tokio::test]
async fn m58_nobody_assigns_properties_to_themselves_and_only_administrators_do() {
    let family = Family::new().await;
    let north = family.north.id;
    let below = family.administrator(&family.north).await;
    let keeper = family.holder(&family.north, "keeper", &["recipients.administer"]).await;
    let plain = family.person(&family.north, "plain").await;
    with_store(&family, &below).await;
    let rita = PeopleEdit::Create(recipient("rita"));
    let rita = family.human(&keeper.actor(), north, rita).await.expect("a recipient");
    let lyon = |to: ResourceId| assign(to, &[("store", Some("Lyon"))]);
    let told = async |by: &Person, to| denied(family.people(&by.actor(), north, lyon(to)).await);
    assert_eq!(told(&below, below.user()).await, "no-self-assignment");
    assert_eq!(told(&plain, plain.user()).await, "administrators-only");
    assert_eq!(told(&keeper, rita.id).await, "properties-by-administrators");
    let made = PersonSpec {
        properties: [("store".to_owned(), "Lyon".to_owned())].into(),
        ..recipient("rob")
    };
    let refused = family.people(&keeper.actor(), north, PeopleEdit::Create(made)).await;
    assert_eq!(denied(refused), "properties-by-administrators");
    family.human(&below.actor(), north, lyon(rita.id)).await.expect("by an administrator");
}

/// M58, POLICY.md §1: by person, not by user.
#[tokio::test]
async fn m58_nobody_assigns_properties_to_another_user_that_they_are() {
    let family = Family::new().await;
    let above = family.administrator(&family.group).await;
    let below = family.administrator(&family.north).await;
    with_store(&family, &below).await;
    let second = family.person(&family.north, "second").await;
    let [person, user] = [above.session.person.uuid(), second.user().uuid()];
    let one = format!(
        "UPDATE user_persons SET person_id = {} WHERE user_id = {}",
        family.uuid(person),
        family.uuid(user)
    );
    family.test.database.run(&one).await;
    let change = assign(second.user(), &[("store", Some("Lyon"))]);
    let refused = family.people(&above.actor(), family.north.id, change).await;
    assert_eq!(denied(refused), "no-self-assignment");
}

#[tokio::test]
async fn s14_properties_are_defined_changed_and_taken_away() {
    let family = Family::new().await;
    let north = family.north.id;
    let below = family.administrator(&family.north).await;
    let plain = family.person(&family.north, "plain").await;
    let by = below.actor();
    let refused = family.people(&plain.actor(), north, define("a", "text", &[])).await;
    assert_eq!(denied(refused), "administrators-only");
    let store = with_store(&family, &below).await;
    let again = family.people(&by, north, define("store", "text", &[])).await;
    assert_eq!(wrong(again), [("key", "name_taken")]);
    let rita = PersonSpec {
        properties: [("store".to_owned(), "Lyon".to_owned())].into(),
        ..recipient("rita")
    };
    family.human(&by, north, PeopleEdit::Create(rita)).await.expect("a recipient");
    let choices = |of: &[&str]| {
        let choices = Some(of.iter().map(|it| (*it).to_owned()).collect());
        PeopleEdit::EditProperty(store, PropertyEdit { choices, ..PropertyEdit::default() })
    };
    let refused = family.people(&by, north, choices(&["Nice"])).await;
    assert_eq!(wrong(refused), [("choices", "still_had")]);
    let now = family.property(&by, north, choices(&["Lyon", "Nice"])).await.expect("a change");
    assert_eq!((now.choices.len(), now.version), (2, 2));
    let seen = family.test.app.properties(&plain.actor(), north).await.expect("any user sees");
    assert_eq!(seen, [now]);
    family.people(&by, north, PeopleEdit::RemoveProperty(store)).await.expect("removed");
    let left = "SELECT count(*) FROM user_properties";
    assert_eq!(family.test.database.number(left).await, 0);
    let gone = family.people(&by, north, PeopleEdit::RemoveProperty(store)).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    let other = PeopleEdit::Create(spec("ada"));
    family.human(&by, north, other).await.expect("a user");
}
