//! Provisioning that fails or soon will: told once, to those who opted in, in their language (S9).

use axum::http::StatusCode;
use countersign::domain::account::Slug;
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, RevokeToken};
use serde_json::{Value, json};

use crate::scim::patch_op;
use crate::world::client::Client;
use crate::world::mailbox::{Folder, Letter};
use crate::world::{TestApp, TokenFor};

const EXTENSION: &str = "urn:countersign:params:scim:schemas:extension:2.0:User";
const DAY: i64 = 86_400;

struct Watched {
    test: TestApp,
    folder: Folder,
    scim: Client,
}

fn user(name: &str, language: &str, technical: bool) -> Value {
    json!({
        "userName": name,
        "preferredLanguage": language,
        "emails": [{ "value": format!("{name}@acme.example"), "primary": true }],
        EXTENSION: { "technicalNotifications": technical },
    })
}

impl Watched {
    /// An account with a reader of each language, one who did not opt in, one who is inactive, and one
    /// without an address.
    async fn new() -> Self {
        let test = TestApp::new().await;
        let scim = test.scim("acme").await;
        for (name, language, technical) in
            [("zoe", "fr", true), ("ann", "en", true), ("bob", "en", false), ("off", "en", true)]
        {
            let made = scim.post("/Users", &user(name, language, technical)).await;
            let made = made.expect(StatusCode::CREATED).body;
            if name == "off" {
                let off = json!([{ "op": "replace", "path": "active", "value": false }]);
                let path = format!("/Users/{}", made["id"].as_str().expect("an id"));
                scim.patch(&path, &patch_op(&off)).await.expect(StatusCode::OK);
            }
        }
        let silent = json!({ "userName": "dan", EXTENSION: { "technicalNotifications": true } });
        scim.post("/Users", &silent).await.expect(StatusCode::CREATED);
        let elsewhere = test.scim("beta").await;
        let mut eve = user("eve", "en", true);
        eve["emails"][0]["value"] = "eve@beta.example".into();
        elsewhere.post("/Users", &eve).await.expect(StatusCode::CREATED);
        Self { test, folder: Folder::new(), scim }
    }

    /// What the worker does from time to time.
    async fn pass(&self) -> Vec<Letter> {
        self.test.app.note_token_uses().await.expect("noted");
        self.test.app.tell_of_troubles().await.expect("told");
        let mut letters = self.folder.collect(&self.test.app).await;
        letters.sort_by(|a, b| a.to.cmp(&b.to));
        letters
    }

    /// What is told of `acme`.
    async fn told(&self) -> Vec<Letter> {
        let mut letters = self.pass().await;
        letters.retain(|letter| letter.to.contains("acme.example"));
        letters
    }

    async fn expect_nothing(&self) {
        let letters = self.told().await;
        assert!(letters.is_empty(), "{letters:?}");
    }

    #[track_caller]
    fn check(letters: &[Letter], english: &str, french: &str) {
        let to: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
        assert_eq!(to, ["ann@acme.example", "zoe@acme.example"], "{letters:?}");
        for (letter, words) in letters.iter().zip([english, french]) {
            let text = letter.text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(words), "{words}: {text}");
            assert!(text.contains("https://scim.test/ "), "{text}");
        }
    }

    async fn take(&self, name: &str) {
        let made = self.scim.post("/Users", &user(name, "en", false)).await;
        made.expect(StatusCode::CREATED);
    }

    async fn refuse(&self) {
        self.scim.post("/Users", &user("ann", "en", false)).await.expect(StatusCode::CONFLICT);
    }
}

#[tokio::test]
async fn s9_a_token_near_its_end_is_told_two_weeks_and_three_days_before_and_when_it_is_over() {
    let watched = Watched::new().await;
    let clock = &watched.test.clock;
    watched.expect_nothing().await;
    clock.advance_seconds(15 * DAY);
    watched.expect_nothing().await;
    clock.advance_seconds(DAY);
    let letters = watched.told().await;
    Watched::check(&letters, "expires on 20", "expire le 20");
    assert!(letters[0].text.contains("“default”"), "{letters:?}");
    watched.expect_nothing().await;
    clock.advance_seconds(11 * DAY);
    Watched::check(&watched.told().await, "expires on 20", "expire le 20");
    watched.expect_nothing().await;
    clock.advance_seconds(3 * DAY);
    Watched::check(&watched.told().await, "expired on 20", "a expiré le 20");
    watched.expect_nothing().await;
}

#[tokio::test]
async fn s9_a_token_that_another_has_replaced_or_that_was_revoked_is_told_of_no_more() {
    let watched = Watched::new().await;
    let clock = &watched.test.clock;
    clock.advance_seconds(10 * DAY);
    watched.take("fay").await;
    let newer = watched.test.token("acme", TokenFor { days: 180, ..TokenFor::default() }).await;
    clock.advance_seconds(7 * DAY);
    let letters = watched.told().await;
    Watched::check(&letters, "expires on", "expire le");
    let newer = watched.test.client("acme", &newer);
    newer.get("/Users?count=1").await.expect(StatusCode::OK);
    clock.advance_seconds(11 * DAY);
    watched.expect_nothing().await;
    let slug = Slug::parse("beta").expect("a slug");
    let app = &watched.test.app;
    let beta = app.account(&Actor::Platform, &slug).await.expect("the account").id;
    let (token, _) = app.tokens(&Actor::Platform, beta).await.expect("tokens").remove(0);
    let revoke = RevokeToken { account: beta, token: token.id };
    app.change(&Actor::Platform, Command::RevokeToken(revoke)).await.expect("revoked");
    clock.advance_seconds(3 * DAY);
    assert!(watched.pass().await.is_empty());
}

#[tokio::test]
async fn s9_a_connection_whose_changes_are_all_refused_for_an_hour_is_told_once() {
    let watched = Watched::new().await;
    let clock = &watched.test.clock;
    watched.refuse().await;
    clock.advance_seconds(3599);
    watched.refuse().await;
    watched.expect_nothing().await;
    clock.advance_seconds(1);
    watched.refuse().await;
    // Another process takes over: what was noted is in the database.
    watched.test.app.note_token_uses().await.expect("noted");
    watched.test.app.forget_tokens();
    let letters = watched.told().await;
    Watched::check(&letters, "with HTTP status 409", "avec le statut HTTP 409");
    clock.advance_seconds(7200);
    watched.refuse().await;
    watched.expect_nothing().await;
    watched.take("fay").await;
    watched.refuse().await;
    watched.expect_nothing().await;
    clock.advance_seconds(3600);
    watched.refuse().await;
    Watched::check(&watched.told().await, "with HTTP status 409", "avec le statut HTTP 409");
}

/// Some are refused in any large directory.
#[tokio::test]
async fn s9_where_some_changes_are_taken_or_nothing_changes_nobody_is_told() {
    let watched = Watched::new().await;
    let clock = &watched.test.clock;
    for n in 0..6 {
        watched.refuse().await;
        watched.take(&format!("user-{n}")).await;
        watched.refuse().await;
        clock.advance_seconds(1800);
        watched.expect_nothing().await;
    }
    watched.take("fay").await;
    for _ in 0..3 {
        watched.scim.get("/Users/none").await.expect(StatusCode::NOT_FOUND);
        let asked = json!({ "schemas": ["wrong"], "filter": "((" });
        watched.scim.post("/Users/.search", &asked).await.expect(StatusCode::BAD_REQUEST);
        clock.advance_seconds(3600);
        watched.expect_nothing().await;
    }
    watched.refuse().await;
    clock.advance_seconds(7200);
    watched.expect_nothing().await;
}

#[tokio::test]
async fn s9_a_client_that_goes_on_with_an_expired_token_is_one_whose_changes_are_refused() {
    let watched = Watched::new().await;
    let clock = &watched.test.clock;
    clock.advance_seconds(30 * DAY);
    assert_eq!(watched.told().await.len(), 2, "that it is over");
    for _ in 0..3 {
        let refused = watched.scim.post("/Users", &user("fay", "en", false)).await;
        refused.expect(StatusCode::UNAUTHORIZED);
        clock.advance_seconds(1800);
    }
    Watched::check(&watched.told().await, "with HTTP status 401", "avec le statut HTTP 401");
}

#[tokio::test]
async fn s9_nobody_is_told_of_an_account_that_is_out_of_service_and_two_processes_tell_once() {
    let watched = Watched::new().await;
    watched.test.clock.advance_seconds(20 * DAY);
    let app = &watched.test.app;
    let (one, two) = tokio::join!(app.tell_of_troubles(), app.tell_of_troubles());
    // Two in acme, one in beta.
    assert_eq!(one.expect("told") + two.expect("told"), 3);
    assert_eq!(watched.pass().await.len(), 3);
    watched.test.clock.advance_seconds(8 * DAY);
    watched.test.database.run("UPDATE account_periods SET state = 'suspended'").await;
    assert!(watched.pass().await.is_empty());
}
