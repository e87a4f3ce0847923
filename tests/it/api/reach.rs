//! Which accounts there are for whom, by short name (S1, S8): one's own, its children, and for the
//! operator's staff those whose people they must ask.

use countersign::app::Error;
use countersign::domain::account::Slug;
use countersign::domain::actor::Actor;

use crate::api::people::{Person, Seat, sign_in, sso};
use crate::api::users::staff;

async fn seen(seat: &Seat, by: &Person, slug: &str) -> Result<String, String> {
    let wanted = Slug::parse(slug).expect("a slug");
    match seat.test.app.account_reached(&by.session.signed_in(), &wanted).await {
        Ok(account) => Ok(account.slug.as_str().to_owned()),
        Err(Error::NotFound(text)) => Err(text.replace(slug, "…")),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn s1_s8_an_account_is_there_for_its_people_its_parents_and_the_operators_staff() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let scim = seat.test.scim("child").await;
    let slug = Slug::parse("child").expect("a slug");
    let child = seat.test.app.account(&Actor::Platform, &slug).await.expect("the account").id;
    seat.test.account("sister").await;
    for slug in ["child", "sister"] {
        let attach = format!(
            "UPDATE account_periods SET parent_id = (SELECT id FROM accounts WHERE slug = 'acme') \
             WHERE account_id = (SELECT id FROM accounts WHERE slug = '{slug}')"
        );
        seat.test.database.run(&attach).await;
    }
    let bob = sign_in(&seat.test, child, &scim.user("bob").await, sso(true)).await;
    let sam = staff(&seat, "sam").await;
    let unknown = seen(&seat, &ann, "none").await.expect_err("nothing");
    for (who, slug, is_there) in [
        (&ann, "acme", true),
        (&ann, "child", true),
        (&ann, "sister", true),
        (&ann, "vendor", false),
        (&bob, "child", true),
        (&bob, "acme", false),
        (&bob, "sister", false),
        (&sam, "vendor", true),
        (&sam, "acme", true),
        (&sam, "child", true),
        (&sam, "none", false),
    ] {
        let expected = if is_there { Ok(slug.to_owned()) } else { Err(unknown.clone()) };
        assert_eq!(seen(&seat, who, slug).await, expected, "{slug}");
    }
    // Once it is taken out, it is not there any more.
    let detach = "UPDATE account_periods SET valid_to = 5 WHERE parent_id IS NOT NULL";
    seat.test.database.run(detach).await;
    assert_eq!(seen(&seat, &ann, "child").await, Err(unknown));
}
