//! Links that work once: how often, how long, for whom, and what ends them.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use countersign::app::Error;
use countersign::domain::passwords::links::Purpose;
use serde_json::json;

use super::{FIRST, House, SECOND, user};

#[tokio::test]
async fn a_link_works_once() {
    let house = House::new().await;
    let link = house.invite("zoe").await;
    house.choose(&link, FIRST).await.expect(StatusCode::OK);
    let page = house.choose(&link, SECOND).await.expect(StatusCode::GONE);
    assert!(page.text.contains("does not work any more"), "{}", page.text);
    house.browser().get(&format!("/link/{link}")).await.expect(StatusCode::GONE);
    house.signed_in(FIRST).await;
}

#[tokio::test]
async fn a_link_used_twice_at_once_works_once() {
    let house = House::new().await;
    let link = house.invite("zoe").await;
    let (one, two) = tokio::join!(house.choose(&link, FIRST), house.choose(&link, SECOND));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410]);
}

/// Programs that look at mails open their links: by GET, by HEAD, more than once, without cookies.
#[tokio::test]
async fn looking_at_a_link_does_not_use_it() {
    let house = House::new().await;
    let link = house.invite("zoe").await;
    let path = format!("/link/{link}");
    let rows = "SELECT count(*) FROM activities";
    let before = house.test.database.number(rows).await;
    for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::GET] {
        let mut scanner = house.browser();
        let request = scanner.request(method.clone(), &path).body(Body::empty());
        let page = scanner.send(request.expect("a request")).await;
        assert!(scanner.cookies.is_empty());
        assert!(!page.text.contains("password is set"), "{method}");
    }
    // One that posts what it finds, as from another site.
    let mut scanner = house.browser();
    let request = scanner.request(Method::POST, &path).body(Body::empty());
    scanner.send(request.expect("a request")).await.expect(StatusCode::FORBIDDEN);
    assert_eq!(house.test.database.number(rows).await, before);
    house.choose(&link, FIRST).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_link_ends_in_its_time() {
    let house = House::new().await;
    for (purpose, seconds) in [(Purpose::Invitation, 24 * 3600), (Purpose::Reset, 30 * 60)] {
        house.send("zoe", purpose).await.expect("a link");
        let late = house.folder.link(&house.test.app).await;
        house.test.clock.advance_seconds(seconds);
        house.choose(&late, FIRST).await.expect(StatusCode::GONE);
        house.send("zoe", purpose).await.expect("another");
        let early = house.folder.link(&house.test.app).await;
        house.test.clock.advance_seconds(seconds - 2);
        house.choose(&early, FIRST).await.expect(StatusCode::OK);
        house.folder.collect(&house.test.app).await;
    }
}

#[tokio::test]
async fn a_new_link_ends_the_old() {
    let house = House::new().await;
    let first = house.invite("zoe").await;
    let second = house.invite("zoe").await;
    house.choose(&first, FIRST).await.expect(StatusCode::GONE);
    house.choose(&second, FIRST).await.expect(StatusCode::OK);
    house.folder.collect(&house.test.app).await;
    house.forget("zoe@acme.example").await;
    let third = house.folder.link(&house.test.app).await;
    house.forget("zoe@acme.example").await;
    let fourth = house.folder.link(&house.test.app).await;
    house.choose(&third, SECOND).await.expect(StatusCode::GONE);
    house.choose(&fourth, SECOND).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_change_of_the_password_ends_open_links() {
    let house = House::settled().await;
    let mut browser = house.signed_in(FIRST).await;
    house.forget("zoe@acme.example").await;
    let link = house.folder.link(&house.test.app).await;
    let form = [("current", FIRST), ("password", SECOND), ("again", SECOND)];
    browser.post("/account/password", &form).await.expect(StatusCode::OK);
    house.choose(&link, FIRST).await.expect(StatusCode::GONE);
}

/// ZITADEL CVE-2026-27840 and its like: nothing but the whole secret opens anything.
#[tokio::test]
async fn a_link_with_anything_changed_opens_nothing() {
    let house = House::new().await;
    let link = house.invite("zoe").await;
    let mut wrong = vec![String::new(), "x".to_owned(), format!("{link}0"), link.to_uppercase()];
    wrong.extend((1..link.len()).step_by(7).filter_map(|n| link.get(..n)).map(str::to_owned));
    wrong.push(link.replacen("csl_", "css_", 1));
    for link in wrong {
        let page = house.choose(&link, FIRST).await;
        assert!([404, 410].contains(&page.status.as_u16()), "{link}: {}", page.status);
    }
    assert_eq!(house.test.database.number("SELECT count(*) FROM passwords").await, 0);
}

/// GitLab CVE-2022-1680: whoever has SCIM's token puts another address in place, and asks for a reset.
/// M38: an address that SCIM gives gets no mail that opens anything.
#[tokio::test]
async fn an_address_changed_by_scim_moves_no_link_and_gets_none() {
    let house = House::settled().await;
    let app = &house.test.app;
    house.forget("zoe@acme.example").await;
    let open = house.folder.link(app).await;
    house.forget("zoe@acme.example").await;
    let evil = json!([{ "value": "evil@acme.example", "primary": true }]);
    house.patch(&json!({ "op": "replace", "path": "emails", "value": evil })).await;
    assert!(house.folder.collect(app).await.is_empty(), "what waits does not go to the new one");
    house.choose(&open, SECOND).await.expect(StatusCode::GONE);
    house.forget("evil@acme.example").await;
    house.forget("zoe@acme.example").await;
    assert!(house.folder.collect(app).await.is_empty(), "neither address gets a link");
    house.signed_in(FIRST).await;
    // Whoever is asked in person may send one to the new address, and the old one is told.
    house.send("zoe", Purpose::Reset).await.expect("S11");
    let letters = house.folder.collect(app).await;
    assert!(letters[0].to.contains("evil@acme.example"), "{letters:?}");
    let link = letters[0].link().expect("a link");
    house.choose(&link, SECOND).await.expect(StatusCode::OK);
    let mut told: Vec<String> =
        house.folder.collect(app).await.into_iter().map(|letter| letter.to).collect();
    told.sort();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("evil@acme.example") && told[1].contains("zoe@acme.example"));
}

#[tokio::test]
async fn a_link_ends_with_its_users_access() {
    let house = House::new().await;
    let link = house.invite("zoe").await;
    house.patch(&json!({ "op": "replace", "path": "active", "value": false })).await;
    house.choose(&link, FIRST).await.expect(StatusCode::GONE);
    let refused = house.send("zoe", Purpose::Invitation).await.expect_err("not active");
    assert!(refused.to_string().contains("make them active first"), "{refused}");
    house.patch(&json!({ "op": "replace", "path": "active", "value": true })).await;
    house.choose(&link, FIRST).await.expect(StatusCode::GONE);
    let link = house.invite("zoe").await;
    house.scim.delete(&format!("/Users/{}", house.zoe)).await.expect(StatusCode::NO_CONTENT);
    house.choose(&link, FIRST).await.expect(StatusCode::GONE);
    // Another user of the same name and address is another user.
    house.scim.post("/Users", &user("zoe")).await.expect(StatusCode::CREATED);
    house.choose(&link, FIRST).await.expect(StatusCode::GONE);
}

/// CISO-assistant's fix: whoever comes by SSO resets nothing here; SIGNIN.md 4.3.6: nor does staff.
#[tokio::test]
async fn neither_staff_nor_users_by_sso_are_sent_a_link() {
    let house = House::settled().await;
    house.forget("zoe@acme.example").await;
    let link = house.folder.link(&house.test.app).await;
    for (sql, undo, rule) in [
        (
            "UPDATE accounts SET kind = 'operator'",
            "UPDATE accounts SET kind = 'standard'",
            "staff-by-sso",
        ),
        (
            "INSERT INTO persons (id, created_at) SELECT id, 1 FROM users; \
             INSERT INTO identities (account_id, issuer, subject, valid_to, user_id, person_id, \
             sso_id, linked_at) SELECT account_id, 'https://op.test', 'zoe', 9223372036854775807, \
             id, id, id, 1 FROM users",
            "DELETE FROM identities",
            "no-password-beside-sso",
        ),
    ] {
        house.test.database.run(sql).await;
        let refused = house.send("zoe", Purpose::Reset).await.expect_err("denied");
        assert!(
            matches!(refused, Error::Denied { rule: found, .. } if found == rule),
            "{refused:?}"
        );
        house.choose(&link, SECOND).await.expect(StatusCode::GONE);
        house.forget("zoe@acme.example").await;
        assert!(house.folder.collect(&house.test.app).await.is_empty());
        house.enter(&mut house.browser(), "zoe", FIRST).await.expect(StatusCode::UNAUTHORIZED);
        house.test.database.run(undo).await;
    }
    house.signed_in(FIRST).await;
}

/// UAA CVE-2019-3787: an address was made up for whoever had none.
#[tokio::test]
async fn a_link_that_cannot_be_sent_says_what_to_do() {
    let house = House::new().await;
    house.scim.user("nobody-writes").await;
    for (name, purpose, remedy) in [
        ("unknown", Purpose::Invitation, "there is no user `unknown`"),
        ("nobody-writes", Purpose::Invitation, "has no e-mail address"),
        ("zoe", Purpose::Reset, "use `countersign user invite`"),
    ] {
        let refused = house.send(name, purpose).await;
        match refused {
            Err(error) => assert!(error.to_string().contains(remedy), "{error}"),
            Ok(()) => panic!("{name} was sent a link"),
        }
    }
    house.settle("zoe").await;
    let refused = house.send("zoe", Purpose::Invitation).await.expect_err("she has one");
    assert!(refused.to_string().contains("user reset-password"), "{refused}");
}
