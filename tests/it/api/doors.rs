//! Every route of the API × everybody who may knock, as a table.

use std::fmt::Write as _;

use axum::http::{Method, header};
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, RevokeProductKey};
use countersign::domain::ids::ProductKeyId;
use countersign::domain::keys::products::{self, ProductScope};

use crate::api::people::{By, FORM, JSON, Person, Seat, sign_in};
use crate::world::TokenFor;
use crate::world::browser::password;

/// Where the routes stand.
const SOURCE: &str = include_str!("../../../src/http/api.rs");

/// Status by caller and route. "Other" is a person of another account, "ended" a token whose session
/// has ended. Of `sso`: GET and POST; of one, GET, PATCH and DELETE.
const TABLE: &str = "
CALLER             ROUTES
                   openapi.json  jwks.json  me   sessions  sessions/{id}  sso  sso  sso/{id}  sso/{id}  sso/{id}  sso/{id}/test  users/{id}/enrolment-links  token  introspect  revoke
nobody             200           200        401  401       401            401  401  401       401       401       401            401                         401    401         401
nonsense           200           200        401  401       401            401  401  401       401       401       401            401                         401    401         401
SCIM token         200           200        401  401       401            401  401  401       401       401       401            401                         401    401         401
pending session    200           200        401  401       401            401  401  401       401       401       401            401                         401    401         401
session            200           200        200  200       204            403  403  403       403       403       403            403                         200    403         200
unknown cookie     200           200        401  401       401            401  401  401       401       401       401            401                         401    401         401
ended cookie       200           200        401  401       401            401  401  401       401       401       401            401                         401    401         401
access token       200           200        200  200       204            403  403  403       403       403       403            403                         403    403         200
expired            200           200        401  401       401            401  401  401       401       401       401            401                         401    401         401
revoked            200           200        401  401       401            401  401  401       401       401       401            401                         401    401         401
ended              200           200        401  401       401            401  401  401       401       401       401            401                         401    401         401
other's session    200           200        200  200       404            404  404  404       404       404       404            404                         200    403         200
other's token      200           200        200  200       404            404  404  404       404       404       404            404                         403    403         200
introspect key     200           200        403  403       403            403  403  403       403       403       403            403                         403    200         403
decisions key      200           200        403  403       403            403  403  403       403       403       403            403                         403    403         403
revoked key        200           200        401  401       401            401  401  401       401       401       401            401                         401    401         401
expired key        200           200        401  401       401            401  401  401       401       401       401            401                         401    401         401
customer's key     200           200        401  401       401            401  401  401       401       401       401            401                         401    401         401
";

const ROUTES: [(&str, &str); 15] = [
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/api/v1/me"),
    ("GET", "/api/v1/sessions"),
    ("DELETE", "/api/v1/sessions/{id}"),
    ("GET", "/api/v1/accounts/{account}/sso"),
    ("POST", "/api/v1/accounts/{account}/sso"),
    ("GET", "/api/v1/accounts/{account}/sso/{id}"),
    ("PATCH", "/api/v1/accounts/{account}/sso/{id}"),
    ("DELETE", "/api/v1/accounts/{account}/sso/{id}"),
    ("POST", "/api/v1/accounts/{account}/sso/{id}/test"),
    ("POST", "/api/v1/accounts/{account}/users/{id}/enrolment-links"),
    ("POST", "/api/v1/token"),
    ("POST", "/api/v1/introspect"),
    ("POST", "/api/v1/revoke"),
];

#[test]
fn no_route_is_missing_in_the_table() {
    let routed: Vec<&str> =
        SOURCE.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    for path in &routed {
        let whole =
            if path.starts_with("/.") { (*path).to_owned() } else { format!("/api/v1{path}") };
        assert!(ROUTES.iter().any(|(_, listed)| *listed == whole), "give `{path}` its column");
    }
    assert_eq!(routed.len(), ROUTES.len());
    let hidden = [".route_service(", "nest_service(", "fallback_service(", ".merge("];
    assert!(!hidden.iter().any(|call| SOURCE.contains(call)), "the table cannot see these");
}

#[tokio::test]
async fn every_route_opens_to_those_it_is_for_and_nobody_else() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let mut table = "\nCALLER             ROUTES\n".to_owned();
    let head: Vec<&str> = ROUTES.map(|(_, path)| short(path)).to_vec();
    write_row(&mut table, "", &head.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    for (name, by) in callers(&seat, &ann).await {
        let mut row = vec![];
        for (method, path) in ROUTES {
            row.push(cell(&seat, &ann, &by, (method, path)).await);
        }
        write_row(&mut table, name, &row);
    }
    assert_eq!(table, TABLE, "\n{table}");
}

/// Asks, and checks that a refusal has the form that it should.
async fn cell(seat: &Seat, ann: &Person, by: &By, (method, path): (&str, &str)) -> String {
    let target = seat.sign_in(&ann.session.user.to_string(), password()).await;
    let path = path.replace("{account}", "acme").replace("{id}", &target.session.id.to_string());
    let body = match path.rsplit('/').next() {
        Some("token") => Some((JSON, "{}".to_owned())),
        Some("introspect" | "revoke") => Some((FORM, "token=x".to_owned())),
        _ => None,
    };
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let answer = seat.call(by, method, &path, body).await;
    let told = format!("{path}: {} {}", answer.status, answer.text);
    if answer.status.is_client_error() {
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{told}");
        assert_eq!(answer.body["status"], answer.status.as_u16(), "{told}");
    }
    let is_challenged = answer.headers.contains_key(header::WWW_AUTHENTICATE);
    assert!(is_challenged || answer.status != 401, "{told}");
    answer.status.as_u16().to_string()
}

async fn callers(seat: &Seat, ann: &Person) -> Vec<(&'static str, By)> {
    // First: the demand ends the sessions without a second factor.
    let pending = pending(seat).await;
    let ann = &seat.sign_in(&ann.session.user.to_string(), password()).await;
    let expired = seat.access_token(ann).await;
    let expired_key = seat.product_key(&[ProductScope::Introspect], 1).await;
    seat.test.clock.advance_seconds(86_400);
    let ann = &seat.sign_in(&ann.session.user.to_string(), password()).await;
    let revoked = seat.access_token(ann).await;
    let done = seat.form(&ann.by_cookie(), "/api/v1/revoke", &revoked).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let gone = seat.sign_in(&ann.session.user.to_string(), password()).await;
    let ended = seat.access_token(&gone).await;
    seat.test.app.sign_out(&gone.session).await.expect("signed out");
    let other = other_person(seat).await;
    let introspect = seat.product_key(&[ProductScope::Introspect], 30).await;
    let decisions = seat.product_key(&[ProductScope::Decisions], 30).await;
    let live = seat.access_token(ann).await;
    let others = seat.access_token(&other).await;
    let unknown = ann.cookie.replace("css_", "csl_");
    vec![
        ("nobody", By::Nobody),
        ("nonsense", By::Bearer("nonsense".to_owned())),
        ("SCIM token", By::Bearer(seat.test.token("acme", TokenFor::default()).await)),
        ("pending session", pending.by_cookie()),
        ("session", ann.by_cookie()),
        ("unknown cookie", By::Cookie(unknown)),
        ("ended cookie", gone.by_cookie()),
        ("access token", By::Bearer(live)),
        ("expired", By::Bearer(expired)),
        ("revoked", By::Bearer(revoked)),
        ("ended", By::Bearer(ended)),
        ("other's session", other.by_cookie()),
        ("other's token", By::Bearer(others)),
        ("introspect key", By::Bearer(introspect)),
        ("decisions key", By::Bearer(decisions)),
        ("revoked key", By::Bearer(revoked_key(seat).await)),
        ("expired key", By::Bearer(expired_key)),
        ("customer's key", By::Bearer(foreign_key(seat).await)),
    ]
}

async fn other_person(seat: &Seat) -> Person {
    let scim = seat.test.scim("other").await;
    let user = scim.user("bob").await;
    let slug = countersign::domain::account::Slug::parse("other").expect("a slug");
    let account = seat.test.app.account(&Actor::Platform, &slug).await.expect("the account");
    sign_in(&seat.test, account.id, &user, password()).await
}

/// One whose account demands a second factor that was not shown.
async fn pending(seat: &Seat) -> Person {
    seat.test.demand_factor("acme", true).await;
    let person = seat.person("carl").await;
    seat.test.demand_factor("acme", false).await;
    person
}

async fn revoked_key(seat: &Seat) -> String {
    let key = seat.product_key(&[ProductScope::Introspect], 30).await;
    let id = ProductKeyId::new(products::read(&key).expect("a key").id);
    let revoke = Command::RevokeProductKey(RevokeProductKey { key: id });
    seat.test.app.change(&Actor::Platform, revoke).await.expect("it is revoked");
    key
}

/// A key whose row is in a customer's account, however it came there.
async fn foreign_key(seat: &Seat) -> String {
    let key = seat.product_key(&[ProductScope::Introspect], 31).await;
    let day = 86_400_000_000_i64;
    let moved = format!(
        "UPDATE product_keys SET account_id = (SELECT id FROM accounts WHERE slug = 'acme') \
         WHERE expires_at - created_at = {}",
        31 * day
    );
    seat.test.database.run(&moved).await;
    key
}

fn short(path: &str) -> &str {
    path.trim_start_matches("/api/v1/")
        .trim_start_matches("/.well-known/")
        .trim_start_matches("accounts/{account}/")
}

fn write_row(table: &mut String, name: &str, cells: &[String]) {
    let mut row = format!("{name:<19}");
    for ((_, path), cell) in ROUTES.iter().zip(cells) {
        let width = short(path).len().max(3) + 2;
        let _ = write!(row, "{cell:<width$}");
    }
    let _ = writeln!(table, "{}", row.trim_end());
}
