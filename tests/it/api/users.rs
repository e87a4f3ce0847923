//! Links to enrol a second factor over REST: who gets one for whom, and what refusals say (M70).

use axum::http::{Method, StatusCode, header};

use crate::api::people::{By, Person, Seat, sign_in, sso};
use crate::api::sso::grant;
use crate::world::client::Answer;
use crate::world::{TokenFor, leaks};

/// Somebody of the operator's who has just shown a second factor at the provider.
pub(super) async fn staff(seat: &Seat, name: &str) -> Person {
    let token = seat.test.token("vendor", TokenFor::default()).await;
    let user = seat.test.client("vendor", &token).user(name).await;
    sign_in(&seat.test, seat.operator, &user, sso(true)).await
}

/// One of them who gives links.
pub(super) async fn approver(seat: &Seat, name: &str) -> Person {
    let person = staff(seat, name).await;
    grant(seat, &person, "users.administer").await;
    person
}

pub(super) async fn make(seat: &Seat, by: &By, account: &str, user: &str) -> Answer {
    let path = format!("/api/v1/accounts/{account}/users/{user}/enrolment-links");
    seat.call(by, Method::POST, &path, None).await
}

#[tokio::test]
async fn an_approver_gets_a_link_for_another_of_staff() {
    let seat = Seat::new().await;
    let zoe = approver(&seat, "zoe").await;
    let max = staff(&seat, "max").await.session.user.to_string();
    for by in [zoe.by_cookie(), By::Bearer(seat.access_token(&zoe).await)] {
        let made = make(&seat, &by, "vendor", &max).await.expect(StatusCode::CREATED);
        let url = made.body["url"].as_str().expect("a URL");
        leaks::secret(url.rsplit('/').next().expect("its end"));
        assert!(url.starts_with("https://scim.test/enrol/csl_"), "{url}");
        assert!(made.body["expires_at"].as_str().expect("a moment").starts_with("2026-01-02T"));
        assert_eq!(made.headers[header::CACHE_CONTROL], "no-store");
    }
    let open = "SELECT count(*) FROM one_time_links WHERE used_at IS NULL";
    assert_eq!(seat.test.database.number(open).await, 1);
}

#[tokio::test]
async fn what_refuses_a_link_is_said() {
    let seat = Seat::new().await;
    let (zoe, max) = (approver(&seat, "zoe").await, staff(&seat, "max").await);
    let ann = seat.with_second_factor("ann").await;
    grant(&seat, &ann, "users.administer").await;
    let id = |person: &Person| person.session.user.to_string();
    for (by, account, user, rule) in [
        (&zoe, "vendor", id(&zoe), "enrolment-not-own"),
        (&max, "vendor", id(&zoe), "users-administer-right"),
        (&ann, "acme", id(&ann), "enrolment-for-staff"),
    ] {
        let answer = make(&seat, &by.by_cookie(), account, &user).await;
        let answer = answer.expect(StatusCode::FORBIDDEN);
        assert_eq!(answer.body["rule"], rule, "{}", answer.text);
    }
    // Another account's users and accounts are not there.
    for (by, account, user) in [
        (&zoe, "vendor", id(&ann)),
        (&zoe, "vendor", "x".to_owned()),
        (&zoe, "acme", id(&ann)),
        (&ann, "vendor", id(&max)),
    ] {
        make(&seat, &by.by_cookie(), account, &user).await.expect(StatusCode::NOT_FOUND);
    }
    seat.test.clock.advance_seconds(601);
    let stale = make(&seat, &zoe.by_cookie(), "vendor", &id(&max)).await;
    let stale = stale.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(stale.body["error"], "insufficient_user_authentication");
    assert_eq!(stale.body["max_age"], 600);
    assert_eq!(seat.test.database.number("SELECT count(*) FROM one_time_links").await, 0);
}
