//! How an account's people sign in, set up over REST: by whom, what is refused and how, and that
//! secrets go in and never come out (C3, DECISIONS.md 5).

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::api::people::{By, JSON, Person, Seat, sign_in, sso};
use crate::login::provider::Provider;
use crate::world::client::Answer;

const BASE: &str = "/api/v1/accounts/acme/sso";
/// What no answer may hold.
const SECRET: &str = "planted client secret";

/// Gives a user a right as bootstrap and seeds do.
pub(crate) async fn grant(seat: &Seat, person: &Person, right: &str) {
    let (account, user) = (person.session.account.uuid(), person.session.user.uuid());
    let id = |id: uuid::Uuid| {
        if seat.test.database.is_sqlite() {
            format!("x'{}'", id.simple())
        } else {
            format!("'{id}'")
        }
    };
    let sql = format!(
        "INSERT INTO seed_grants (account_id, user_id, right_key, valid_from, valid_to, why) \
         VALUES ({}, {}, '{right}', 0, 9000000000000000, 'test')",
        id(account),
        id(user)
    );
    seat.test.database.run(&sql).await;
}

/// Somebody of `acme` who holds the right and has just shown a second factor.
pub(super) async fn configurer(seat: &Seat, name: &str) -> Person {
    let person = seat.with_second_factor(name).await;
    grant(seat, &person, "sso.configure").await;
    person
}

async fn send(seat: &Seat, by: &By, method: Method, path: &str, body: &Value) -> Answer {
    let answer = seat.call(by, method, path, Some((JSON, body.to_string()))).await;
    assert!(!answer.text.contains(SECRET), "{}", answer.text);
    answer
}

fn wanted(name: &str, issuer: &str) -> Value {
    json!({ "name": name, "issuer": issuer, "client_id": "countersign", "client_secret": SECRET })
}

async fn add(seat: &Seat, by: &By, name: &str) -> Answer {
    send(seat, by, Method::POST, BASE, &wanted(name, "https://op.test")).await
}

/// As if all sessions had begun by that provider.
async fn begun_by(seat: &Seat, id: &str) {
    let hex = id.replace('-', "");
    let own = if seat.test.database.is_sqlite() { format!("x'{hex}'") } else { format!("'{id}'") };
    seat.test.database.run(&format!("UPDATE sessions SET sso_id = {own}")).await;
}

async fn activities(seat: &Seat, action: &str, outcome: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM activities WHERE action = '{action}' AND outcome = '{outcome}'"
    );
    seat.test.database.number(&sql).await
}

#[tokio::test]
async fn a_provider_is_added_shown_changed_and_removed_without_its_secret_coming_back() {
    let seat = Seat::new().await;
    let ann = configurer(&seat, "ann").await.by_cookie();
    let added = add(&seat, &ann, "Entra").await.expect(StatusCode::CREATED);
    let place = added.headers[header::LOCATION].to_str().expect("text").to_owned();
    assert_eq!(place, format!("{BASE}/{}", added.id()));
    assert_eq!(added.body["link_claim"], "sub");
    let callback = format!("https://scim.test/oidc/callback/{}", added.id());
    assert_eq!(added.body["redirect_uri"], callback);
    let shown = seat.get(&ann, &place).await.expect(StatusCode::OK);
    assert_eq!(shown.body, added.body);
    assert_eq!(shown.headers[header::ETAG], added.headers[header::ETAG]);
    let edit = json!({ "name": "Entra ID", "client_secret": SECRET, "scopes": ["openid", "email"],
        "link_claim": "oid", "acr_values": ["urn:2fa"], "amr_values": [], "max_age": 60 });
    let changed = send(&seat, &ann, Method::PATCH, &place, &edit).await.expect(StatusCode::OK);
    for (name, value) in edit.as_object().expect("an object") {
        if name != "client_secret" {
            assert_eq!(changed.body[name], *value, "{name}");
        }
    }
    assert_ne!(changed.headers[header::ETAG], added.headers[header::ETAG]);
    let cleared = json!({ "max_age": null });
    let cleared = send(&seat, &ann, Method::PATCH, &place, &cleared).await.expect(StatusCode::OK);
    assert_eq!(cleared.body["max_age"], Value::Null);
    let list = seat.get(&ann, BASE).await.expect(StatusCode::OK);
    // Beside it is the provider by which she signed in.
    let shown = list.body["items"].as_array().expect("a list");
    assert!(shown.len() == 2 && shown.contains(&cleared.body), "{}", list.text);
    seat.call(&ann, Method::DELETE, &place, None).await.expect(StatusCode::NO_CONTENT);
    seat.get(&ann, &place).await.expect(StatusCode::NOT_FOUND);
    for (action, count) in [("sso.added", 1), ("sso.changed", 2), ("sso.removed", 1)] {
        assert_eq!(activities(&seat, action, "done").await, count, "{action}");
    }
    let details = "SELECT detail FROM activities WHERE action = 'sso.changed' ORDER BY id";
    let details = seat.test.database.texts(details).await.concat();
    assert!(details.contains("client_secret") && !details.contains("Entra"), "{details}");
}

#[tokio::test]
async fn only_who_holds_the_right_in_the_own_account_may() {
    let seat = Seat::new().await;
    let ann = configurer(&seat, "ann").await;
    let id = add(&seat, &ann.by_cookie(), "Entra").await.expect(StatusCode::CREATED).id();
    let bob = seat.with_second_factor("bob").await;
    grant(&seat, &bob, "users.administer").await;
    let refused = seat.get(&bob.by_cookie(), BASE).await.expect(StatusCode::FORBIDDEN);
    assert_eq!(refused.body["rule"], "sso-configure-right");
    let refused = add(&seat, &bob.by_cookie(), "Own").await.expect(StatusCode::FORBIDDEN);
    assert_eq!(refused.body["rule"], "sso-configure-right");
    assert_eq!(activities(&seat, "sso.added", "denied").await, 1);
    // Another account's is not there, nor is the account, whatever is held in the own one.
    let scim = seat.test.scim("other").await;
    let user = scim.user("eve").await;
    let other = countersign::domain::account::Slug::parse("other").expect("a slug");
    let platform = countersign::domain::actor::Actor::Platform;
    let other = seat.test.app.account(&platform, &other).await.expect("the account");
    let eve = sign_in(&seat.test, other.id, &user, sso(true)).await;
    grant(&seat, &eve, "sso.configure").await;
    let by = eve.by_cookie();
    for path in [BASE.to_owned(), format!("{BASE}/{id}"), "/api/v1/accounts/none/sso".to_owned()] {
        seat.get(&by, &path).await.expect(StatusCode::NOT_FOUND);
    }
    let own = format!("/api/v1/accounts/other/sso/{id}");
    begun_by(&seat, &id).await;
    seat.get(&by, &own).await.expect(StatusCode::NOT_FOUND);
    let edit = json!({ "name": "Taken over" });
    send(&seat, &by, Method::PATCH, &own, &edit).await.expect(StatusCode::NOT_FOUND);
    seat.call(&by, Method::DELETE, &own, None).await.expect(StatusCode::NOT_FOUND);
    let test = format!("{own}/test");
    seat.call(&by, Method::POST, &test, None).await.expect(StatusCode::NOT_FOUND);
    // Nor did naming it sign out who came by it.
    assert_eq!(seat.get(&ann.by_cookie(), BASE).await.body["items"][0]["name"], "Entra");
    seat.get(&bob.by_cookie(), "/api/v1/me").await.expect(StatusCode::OK);
}

/// W8: the operator's staff hold nothing in customers' accounts until there are grants.
#[tokio::test]
async fn staff_do_not_reach_customers_accounts() {
    let seat = Seat::new().await;
    let token = seat.test.token("vendor", crate::world::TokenFor::default()).await;
    let user = seat.test.client("vendor", &token).user("sam").await;
    let sam = sign_in(&seat.test, seat.operator, &user, sso(true)).await;
    grant(&seat, &sam, "sso.configure").await;
    seat.get(&sam.by_cookie(), BASE).await.expect(StatusCode::NOT_FOUND);
    let own = "/api/v1/accounts/vendor/sso";
    seat.get(&sam.by_cookie(), own).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn changes_take_a_second_factor_of_the_last_ten_minutes_and_reading_does_not() {
    let seat = Seat::new().await;
    let ann = configurer(&seat, "ann").await;
    let token = By::Bearer(seat.access_token(&ann).await);
    let id = add(&seat, &token, "Entra").await.expect(StatusCode::CREATED).id();
    seat.test.clock.advance_seconds(601);
    let by = ann.by_cookie();
    let place = format!("{BASE}/{id}");
    let refusals = [
        add(&seat, &by, "Second").await,
        send(&seat, &by, Method::PATCH, &place, &json!({ "name": "x" })).await,
        seat.call(&by, Method::DELETE, &place, None).await,
    ];
    for answer in refusals {
        let answer = answer.expect(StatusCode::UNAUTHORIZED);
        assert_eq!(answer.body["error"], "insufficient_user_authentication");
        assert_eq!(answer.body["max_age"], 600);
        let challenge = answer.headers[header::WWW_AUTHENTICATE].to_str().expect("text");
        assert!(challenge.contains("max_age=\"600\""), "{challenge}");
    }
    seat.get(&by, &place).await.expect(StatusCode::OK);
    // Who lacks the right is told so, not sent to show a factor in vain.
    let bob = seat.person("bob").await;
    add(&seat, &bob.by_cookie(), "Own").await.expect(StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn all_fields_that_are_wrong_are_told_at_once_in_the_callers_language() {
    let seat = Seat::with(|settings| settings.reach.allow_http = false).await;
    let ann = configurer(&seat, "ann").await.by_cookie();
    let wrong = json!({ "issuer": "http://op.test", "client_id": "", "client_secret": "",
        "connection": "none", "scopes": ["email"], "link_claim": "email", "amr_values": ["+"],
        "max_age": -1 });
    let answer = send(&seat, &ann, Method::POST, BASE, &wrong).await;
    let answer = answer.expect(StatusCode::BAD_REQUEST);
    assert_eq!(answer.body["type"], "urn:countersign:problem:invalid-fields");
    let errors = answer.body["errors"].as_array().expect("errors").clone();
    let fields: Vec<&str> = errors.iter().filter_map(|error| error["field"].as_str()).collect();
    let all =
        ["name", "issuer", "client_id", "client_secret", "scopes", "link_claim", "amr_values"];
    assert_eq!(fields, [&all[..], &["max_age", "connection"]].concat());
    let told =
        |text: &str| errors.iter().any(|e| e["detail"].as_str().is_some_and(|d| d.contains(text)));
    assert!(told("`http://op.test` does not begin with https://"), "{}", answer.text);
    assert!(!answer.text.contains("countersign token"), "no advice for others: {}", answer.text);
    // In French, of a change too; what stays as it is is not complained about.
    let id = add(&seat, &ann, "Entra").await.expect(StatusCode::CREATED).id();
    let By::Cookie(cookie) = &ann else { panic!("a cookie") };
    let request = axum::http::Request::builder()
        .method(Method::PATCH)
        .uri(format!("{BASE}/{id}"))
        .header(header::COOKIE, format!("__Host-sid={cookie}"))
        .header("sec-fetch-site", "same-origin")
        .header(header::ORIGIN, crate::world::PUBLIC_URL)
        .header(header::ACCEPT_LANGUAGE, "fr")
        .header(header::CONTENT_TYPE, JSON)
        .body(axum::body::Body::from("{\"scopes\":[\"email\"]}"));
    let answer = seat.send(request.expect("a request")).await.expect(StatusCode::BAD_REQUEST);
    let detail = "il manque `openid` aux portées";
    let errors = json!([{ "field": "scopes", "code": "lacks_openid", "detail": detail }]);
    assert_eq!(answer.body["errors"], errors, "{}", answer.text);
    assert_eq!(answer.body["title"], "Champs non valides");
    // A name that is taken is a conflict.
    let taken = add(&seat, &ann, "Entra").await.expect(StatusCode::CONFLICT);
    assert_eq!(taken.body["errors"][0]["field"], "name");
}

#[tokio::test]
async fn an_issuer_is_never_changed_and_other_forms_are_refused() {
    let seat = Seat::new().await;
    let ann = configurer(&seat, "ann").await.by_cookie();
    let id = add(&seat, &ann, "Entra").await.expect(StatusCode::CREATED).id();
    let place = format!("{BASE}/{id}");
    for edit in [
        json!({ "issuer": "https://other.test" }),
        json!({ "connection": "other" }),
        json!({ "name": null }),
        json!({ "scopes": "openid" }),
        json!({ "max_age": "60" }),
        json!([]),
    ] {
        let answer = send(&seat, &ann, Method::PATCH, &place, &edit).await;
        let answer = answer.expect(StatusCode::BAD_REQUEST);
        assert_eq!(answer.body["type"], "urn:countersign:problem:invalid-json", "{edit}");
    }
    let nothing = send(&seat, &ann, Method::PATCH, &place, &json!({})).await;
    assert_eq!(nothing.expect(StatusCode::OK).body["issuer"], "https://op.test");
    assert_eq!(activities(&seat, "sso.changed", "done").await, 0);
}

#[tokio::test]
async fn a_change_meant_for_another_version_is_refused() {
    let seat = Seat::new().await;
    let ann = configurer(&seat, "ann").await;
    let added = add(&seat, &ann.by_cookie(), "Entra").await.expect(StatusCode::CREATED);
    let place = format!("{BASE}/{}", added.id());
    let edit = async |tag: &str, name: &str| {
        let request = axum::http::Request::builder()
            .method(Method::PATCH)
            .uri(&place)
            .header(header::COOKIE, format!("__Host-sid={}", ann.cookie))
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, JSON)
            .header(header::IF_MATCH, tag)
            .body(axum::body::Body::from(json!({ "name": name }).to_string()));
        seat.send(request.expect("a request")).await
    };
    let first = added.headers[header::ETAG].to_str().expect("text").to_owned();
    edit(&first, "One").await.expect(StatusCode::OK);
    let stale = edit(&first, "Two").await.expect(StatusCode::PRECONDITION_FAILED);
    assert_eq!(stale.body["type"], "urn:countersign:problem:stale");
    edit("*", "Three").await.expect(StatusCode::OK);
    // Two fields changed at once by two people are both changed.
    let by = ann.by_cookie();
    let (max_age, claim) = (json!({ "max_age": 5 }), json!({ "link_claim": "oid" }));
    let (a, b) = tokio::join!(
        send(&seat, &by, Method::PATCH, &place, &max_age),
        send(&seat, &by, Method::PATCH, &place, &claim),
    );
    assert_eq!([a.status, b.status], [StatusCode::OK; 2]);
    let now = seat.get(&by, &place).await.body;
    assert_eq!(
        [&now["name"], &now["max_age"], &now["link_claim"]],
        [&json!("Three"), &json!(5), &json!("oid")]
    );
}

#[tokio::test]
async fn a_test_says_what_the_provider_can_do_and_lacks() {
    let seat = Seat::new().await;
    let provider = Provider::start(seat.test.clock.clone()).await;
    let ann = configurer(&seat, "ann").await.by_cookie();
    let mut new = wanted("Own", &provider.issuer);
    new["acr_values"] = json!(["urn:3fa"]);
    provider.lies().metadata = json!({ "acr_values_supported": ["urn:2fa"],
        "claims_supported": ["oid"] });
    let id = send(&seat, &ann, Method::POST, BASE, &new).await.expect(StatusCode::CREATED).id();
    let test = format!("{BASE}/{id}/test");
    seat.test.clock.advance_seconds(601);
    let answer = seat.call(&ann, Method::POST, &test, None).await.expect(StatusCode::OK);
    assert_eq!(answer.body["is_usable"], true);
    assert_eq!(answer.body["abilities"]["algorithms"], json!(["RS256", "ES256"]));
    let codes = |answer: &Answer| -> Vec<(String, String)> {
        let all = answer.body["findings"].as_array().expect("findings").clone();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        all.iter().map(|one| (text(&one["weight"]), text(&one["code"]))).collect()
    };
    let expected = [
        ("warning", "acr-not-announced"),
        ("warning", "link-claim-not-announced"),
        ("note", "no-auth-time"),
    ];
    assert_eq!(codes(&answer), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    // Asked each time, past all caches.
    provider.lies().metadata = json!({ "id_token_signing_alg_values_supported": ["HS256"] });
    let answer = seat.call(&ann, Method::POST, &test, None).await.expect(StatusCode::OK);
    assert_eq!(
        (&answer.body["is_usable"], &answer.body["abilities"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(codes(&answer), [("fault".to_owned(), "unusable".to_owned())]);
    assert_eq!(provider.calls("/.well-known/openid-configuration"), 2);
    let bob = seat.with_second_factor("bob").await;
    seat.call(&bob.by_cookie(), Method::POST, &test, None).await.expect(StatusCode::FORBIDDEN);
    assert_eq!(provider.calls("/.well-known/openid-configuration"), 2);
}

/// A test tells nothing of the network that this server stands in.
#[tokio::test]
async fn attack_ssrf_by_a_test() {
    let seat = Seat::with(|settings| settings.reach.networks.clear()).await;
    let ann = configurer(&seat, "ann").await.by_cookie();
    let mut told = vec![];
    for (n, host) in ["169.254.169.254", "127.0.0.1:1", "[::1]:5432", "10.0.0.1"].iter().enumerate()
    {
        let new = wanted(&format!("n{n}"), &format!("http://{host}"));
        let id = send(&seat, &ann, Method::POST, BASE, &new).await.expect(StatusCode::CREATED).id();
        let path = format!("{BASE}/{id}/test");
        let answer = seat.call(&ann, Method::POST, &path, None).await.expect(StatusCode::OK);
        assert_eq!(answer.body["findings"][0]["code"], "unreachable");
        told.push(answer.text);
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}

/// Logout tokens are for a client: who came by the old one could not be signed out by the provider.
#[tokio::test]
async fn another_client_id_ends_sessions_but_that_of_whoever_changes_it() {
    let seat = Seat::new().await;
    let ann = configurer(&seat, "ann").await;
    let id = add(&seat, &ann.by_cookie(), "Entra").await.expect(StatusCode::CREATED).id();
    let bob = seat.with_second_factor("bob").await;
    begun_by(&seat, &id).await;
    let place = format!("{BASE}/{id}");
    let edit = async |edit: Value| {
        let by = ann.by_cookie();
        send(&seat, &by, Method::PATCH, &place, &edit).await.expect(StatusCode::OK);
    };
    edit(json!({ "client_secret": SECRET, "client_id": "countersign" })).await;
    seat.get(&bob.by_cookie(), "/api/v1/me").await.expect(StatusCode::OK);
    edit(json!({ "client_id": "another" })).await;
    seat.get(&bob.by_cookie(), "/api/v1/me").await.expect(StatusCode::UNAUTHORIZED);
    seat.get(&ann.by_cookie(), "/api/v1/me").await.expect(StatusCode::OK);
}
