//! What a stranger learns: nothing. The same answer after the same work, whoever is asked for.

use axum::http::StatusCode;
use serde_json::json;

use super::{FIRST, House, SECOND, user};

/// The statements and hashes that a sign-in took, and its page without the name.
async fn ask(house: &House, account: &str, name: &str) -> (u16, u64, u64, String) {
    let before = (house.test.store.statements(), house.test.app.password_work().0);
    let form = [("user_name", name), ("password", SECOND)];
    let path = format!("/accounts/{account}/login/password");
    let page = house.browser().post(&path, &form).await;
    let after = (house.test.store.statements(), house.test.app.password_work().0);
    let text = page.text.replace(name, "NAME").replace(account, "ACCOUNT");
    (page.status.as_u16(), after.0 - before.0, after.1 - before.1, text)
}

#[tokio::test]
async fn every_sign_in_that_fails_has_the_same_answer_after_the_same_work() {
    let house = House::settled().await;
    for name in ["inactive", "invited", "linked"] {
        house.scim.post("/Users", &user(name)).await.expect(StatusCode::CREATED);
    }
    house.settle("inactive").await;
    house.settle("linked").await;
    house.invite("invited").await;
    let inactive = house.scim.filter("/Users", "userName eq \"inactive\"").await.ids().remove(0);
    let off =
        crate::scim::patch_op(&json!([{ "op": "replace", "path": "active", "value": false }]));
    house.scim.patch(&format!("/Users/{inactive}"), &off).await.expect(StatusCode::OK);
    house
        .test
        .database
        .run(
            "INSERT INTO persons (id, created_at) SELECT id, 1 FROM users; \
             INSERT INTO identities (account_id, issuer, subject, valid_to, user_id, person_id, \
             sso_id, linked_at) SELECT account_id, 'https://op.test', 'x', 9223372036854775807, \
             id, id, id, 1 FROM users WHERE user_name_key = 'linked'",
        )
        .await;
    let staff = house.test.scim("operator").await;
    staff.user("agent").await;
    house.test.database.run("UPDATE accounts SET kind = 'operator' WHERE slug = 'operator'").await;
    let wrong = ask(&house, "acme", "zoe").await;
    assert_eq!((wrong.0, wrong.2), (401, 1), "{}", wrong.3);
    for (account, name) in [
        ("acme", "nobody"),
        ("acme", "inactive"),
        ("acme", "invited"),
        ("acme", "linked"),
        ("operator", "agent"),
        ("unknown", "zoe-of-nowhere"),
    ] {
        assert_eq!(ask(&house, account, name).await, wrong, "{account} {name}");
    }
    // Even with the right password.
    for name in ["inactive", "linked"] {
        let page = house.enter(&mut house.browser(), name, FIRST).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{name}");
    }
    house.signed_in(FIRST).await;
}

/// What is typed and can be nobody's password costs the same, too.
#[tokio::test]
async fn a_password_that_is_too_short_costs_as_much() {
    let house = House::settled().await;
    let before = house.test.app.password_work().0;
    for (n, password) in ["", "x", &"x".repeat(400)].into_iter().enumerate() {
        let page = house.enter(&mut house.browser(), "zoe", password).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        assert_eq!(house.test.app.password_work().0, before + 1 + n as u64);
    }
}

#[tokio::test]
async fn a_forgotten_password_has_the_same_answer_whoever_has_the_address() {
    let house = House::settled().await;
    house.scim.post("/Users", &user("invited")).await.expect(StatusCode::CREATED);
    let mut answers = vec![];
    for name in ["zoe", "invited", "nobody"] {
        let address = format!("{name}@acme.example");
        let before = house.test.app.password_work().0;
        let page = house.browser().post("/forgot", &[("address", &address)]).await;
        assert_eq!(house.test.app.password_work().0, before);
        let names: Vec<String> = page.headers.keys().map(ToString::to_string).collect();
        answers.push((page.status, names, page.text));
    }
    assert_eq!(answers[0].0, StatusCode::OK);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    // What comes of it comes later.
    for _ in 0..200 {
        let letters = house.folder.collect(&house.test.app).await;
        if let [letter] = letters.as_slice() {
            assert!(letter.to.contains("zoe@acme.example") && letter.link().is_some());
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no mail came");
}

/// The Host header changes no link.
#[tokio::test]
async fn a_link_leads_to_the_public_url_whatever_the_request_says() {
    let house = House::settled().await;
    house.forget("zoe@acme.example").await;
    let letters = house.folder.collect(&house.test.app).await;
    assert!(letters[0].text.contains("https://scim.test/link/csl_"), "{}", letters[0].text);
}
