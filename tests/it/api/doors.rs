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

/// Status by route and caller: nobody; a nonsense, SCIM token; a pending session; a session, an unknown
/// and an ended cookie; an access token, an expired one, a revoked one, one whose session has ended;
/// another account's session and token; a product key to introspect, one to ask decisions, a revoked one,
/// an expired one, one of a customer's account.
const TABLE: &str = "
GET    openapi.json                                  200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    jwks.json                                     200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    checkpoint-keys.json                          200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    me                                            401 401 401 401 200 401 401 200 401 401 401 200 200 403 403 401 401 401
PATCH  me                                            401 401 401 401 200 401 401 200 401 401 401 200 200 403 403 401 401 401
GET    sessions                                      401 401 401 401 200 401 401 200 401 401 401 200 200 403 403 401 401 401
DELETE sessions/{id}                                 401 401 401 401 204 401 401 204 401 401 401 404 404 403 403 401 401 401
GET    sso                                           401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
POST   sso                                           401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    sso/{id}                                      401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
PATCH  sso/{id}                                      401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
DELETE sso/{id}                                      401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
POST   sso/{id}/test                                 401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
POST   users/{id}/enrolment-links                    401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    catalogue                                     401 401 401 401 200 401 401 200 401 401 401 404 404 403 403 401 401 401
GET    bundles                                       401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
POST   bundles                                       401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    bundles/{id}                                  401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
PATCH  bundles/{id}                                  401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
DELETE bundles/{id}                                  401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    roles                                         401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
POST   roles                                         401 401 401 401 400 401 401 400 401 401 401 404 404 403 403 401 401 401
GET    roles/{id}                                    401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
PATCH  roles/{id}                                    401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
DELETE roles/{id}                                    401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    connections                                   401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    connections/{id}                              401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    groups                                        401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    groups/{id}                                   401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    activities.csv                                401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    activities.jsonl                              401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    activities.ocsf.jsonl                         401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    activities/checkpoint                         401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    activities                                    401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    activities/{id}                               401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    group-mappings                                401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
POST   group-mappings                                401 401 401 401 400 401 401 400 401 401 401 404 404 403 403 401 401 401
GET    group-mappings/{id}                           401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
PATCH  group-mappings/{id}                           401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
DELETE group-mappings/{id}                           401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    grants                                        401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
POST   grants                                        401 401 401 401 400 401 401 400 401 401 401 404 404 403 403 401 401 401
GET    grants/{id}                                   401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
DELETE grants/{id}                                   401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    approval-requests                             401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
POST   approval-requests                             401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    approval-requests/{id}                        401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
POST   approval-requests/{id}/votes                  401 401 401 401 400 401 401 403 401 401 401 404 403 403 403 401 401 401
POST   approval-requests/{id}/cancellation           401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    holders                                       401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    users/{id}/explanation                        401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
POST   groups/{id}/preview                           401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    users/{id}/rights                             401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    rights/changes                                401 401 401 401 403 401 401 403 401 401 401 403 403 403 403 401 401 401
GET    accounts                                      401 401 401 401 200 401 401 200 401 401 401 200 200 403 403 401 401 401
POST   accounts                                      401 401 401 401 400 401 401 400 401 401 401 400 400 403 403 401 401 401
GET    accounts/{account}                            401 401 401 401 200 401 401 200 401 401 401 404 404 403 403 401 401 401
GET    permissions                                   401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
PUT    permissions/{id}                              401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    conflicts                                     401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
PUT    conflicts/{id}                                401 401 401 401 404 401 401 404 401 401 401 404 404 404 404 401 401 401
GET    workspaces                                    401 401 401 401 200 401 401 200 401 401 401 404 404 403 403 401 401 401
POST   workspaces                                    401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    workspaces/{id}                               401 401 401 401 404 401 401 404 401 401 401 404 404 403 403 401 401 401
PATCH  workspaces/{id}                               401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
DELETE workspaces/{id}                               401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    users                                         401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
POST   users                                         401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    users/{id}                                    401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
PATCH  users/{id}                                    401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
DELETE users/{id}                                    401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
POST   users/{id}/password-mails                     401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    recipients.csv                                401 401 401 401 200 401 401 200 401 401 401 404 404 403 403 401 401 401
GET    recipients                                    401 401 401 401 200 401 401 200 401 401 401 404 404 403 403 401 401 401
POST   recipients                                    401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    recipients/{id}                               401 401 401 401 404 401 401 404 401 401 401 404 404 403 403 401 401 401
PATCH  recipients/{id}                               401 401 401 401 404 401 401 404 401 401 401 404 404 403 403 401 401 401
DELETE recipients/{id}                               401 401 401 401 404 401 401 404 401 401 401 404 404 403 403 401 401 401
POST   recipients/{id}/password-mails                401 401 401 401 404 401 401 404 401 401 401 404 404 403 403 401 401 401
GET    properties                                    401 401 401 401 200 401 401 200 401 401 401 404 404 403 403 401 401 401
POST   properties                                    401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    properties/{id}                               401 401 401 401 404 401 401 404 401 401 401 404 404 403 403 401 401 401
PATCH  properties/{id}                               401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
DELETE properties/{id}                               401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
POST   policy/simulate                               401 401 401 401 404 401 401 404 401 401 401 404 404 403 403 401 401 401
GET    support-users                                 401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    support-users/{id}                            401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    support-mode                                  401 401 401 401 200 401 401 200 401 401 401 404 404 403 403 401 401 401
PUT    support-mode                                  401 401 401 401 400 401 401 400 401 401 401 404 404 403 403 401 401 401
GET    team                                          401 401 401 401 200 401 401 200 401 401 401 404 404 403 403 401 401 401
POST   support-requests                              401 401 401 401 400 401 401 400 401 401 401 404 404 403 403 401 401 401
GET    support-grants                                401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    support-grants/{id}                           401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
DELETE support-grants/{id}                           401 401 401 401 403 401 401 403 401 401 401 404 404 403 403 401 401 401
GET    staff/functions                               401 401 401 401 403 401 401 403 401 401 401 403 403 403 403 401 401 401
POST   staff/functions                               401 401 401 401 400 401 401 400 401 401 401 400 400 403 403 401 401 401
GET    staff/functions/{id}                          401 401 401 401 403 401 401 403 401 401 401 403 403 403 403 401 401 401
DELETE staff/functions/{id}                          401 401 401 401 403 401 401 403 401 401 401 403 403 403 403 401 401 401
GET    staff/delegations                             401 401 401 401 403 401 401 403 401 401 401 403 403 403 403 401 401 401
POST   staff/delegations                             401 401 401 401 400 401 401 400 401 401 401 400 400 403 403 401 401 401
GET    staff/delegations/{id}                        401 401 401 401 403 401 401 403 401 401 401 403 403 403 403 401 401 401
DELETE staff/delegations/{id}                        401 401 401 401 403 401 401 403 401 401 401 403 403 403 403 401 401 401
PUT    staff/{id}/background-check                   401 401 401 401 400 401 401 400 401 401 401 400 400 403 403 401 401 401
POST   token                                         401 401 401 401 200 401 401 403 401 401 401 200 403 403 403 401 401 401
POST   introspect                                    401 401 401 401 403 401 401 403 401 401 401 403 403 200 403 401 401 401
POST   revoke                                        401 401 401 401 200 401 401 200 401 401 401 200 200 403 403 401 401 401
";

const ROUTES: [(&str, &str); 106] = [
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/.well-known/checkpoint-keys.json"),
    ("GET", "/api/v1/me"),
    ("PATCH", "/api/v1/me"),
    ("GET", "/api/v1/sessions"),
    ("DELETE", "/api/v1/sessions/{id}"),
    ("GET", "/api/v1/accounts/{account}/sso"),
    ("POST", "/api/v1/accounts/{account}/sso"),
    ("GET", "/api/v1/accounts/{account}/sso/{id}"),
    ("PATCH", "/api/v1/accounts/{account}/sso/{id}"),
    ("DELETE", "/api/v1/accounts/{account}/sso/{id}"),
    ("POST", "/api/v1/accounts/{account}/sso/{id}/test"),
    ("POST", "/api/v1/accounts/{account}/users/{id}/enrolment-links"),
    ("GET", "/api/v1/accounts/{account}/catalogue"),
    ("GET", "/api/v1/accounts/{account}/bundles"),
    ("POST", "/api/v1/accounts/{account}/bundles"),
    ("GET", "/api/v1/accounts/{account}/bundles/{id}"),
    ("PATCH", "/api/v1/accounts/{account}/bundles/{id}"),
    ("DELETE", "/api/v1/accounts/{account}/bundles/{id}"),
    ("GET", "/api/v1/accounts/{account}/roles"),
    ("POST", "/api/v1/accounts/{account}/roles"),
    ("GET", "/api/v1/accounts/{account}/roles/{id}"),
    ("PATCH", "/api/v1/accounts/{account}/roles/{id}"),
    ("DELETE", "/api/v1/accounts/{account}/roles/{id}"),
    ("GET", "/api/v1/accounts/{account}/connections"),
    ("GET", "/api/v1/accounts/{account}/connections/{id}"),
    ("GET", "/api/v1/accounts/{account}/groups"),
    ("GET", "/api/v1/accounts/{account}/groups/{id}"),
    ("GET", "/api/v1/accounts/{account}/activities.csv"),
    ("GET", "/api/v1/accounts/{account}/activities.jsonl"),
    ("GET", "/api/v1/accounts/{account}/activities.ocsf.jsonl"),
    ("GET", "/api/v1/accounts/{account}/activities/checkpoint"),
    ("GET", "/api/v1/accounts/{account}/activities"),
    ("GET", "/api/v1/accounts/{account}/activities/{id}"),
    ("GET", "/api/v1/accounts/{account}/group-mappings"),
    ("POST", "/api/v1/accounts/{account}/group-mappings"),
    ("GET", "/api/v1/accounts/{account}/group-mappings/{id}"),
    ("PATCH", "/api/v1/accounts/{account}/group-mappings/{id}"),
    ("DELETE", "/api/v1/accounts/{account}/group-mappings/{id}"),
    ("GET", "/api/v1/accounts/{account}/grants"),
    ("POST", "/api/v1/accounts/{account}/grants"),
    ("GET", "/api/v1/accounts/{account}/grants/{id}"),
    ("DELETE", "/api/v1/accounts/{account}/grants/{id}"),
    ("GET", "/api/v1/accounts/{account}/approval-requests"),
    ("POST", "/api/v1/accounts/{account}/approval-requests"),
    ("GET", "/api/v1/accounts/{account}/approval-requests/{id}"),
    ("POST", "/api/v1/accounts/{account}/approval-requests/{id}/votes"),
    ("POST", "/api/v1/accounts/{account}/approval-requests/{id}/cancellation"),
    ("GET", "/api/v1/accounts/{account}/holders?right=campaigns.read"),
    ("GET", "/api/v1/accounts/{account}/users/{id}/explanation?right=campaigns.read"),
    ("POST", "/api/v1/accounts/{account}/groups/{id}/preview"),
    ("GET", "/api/v1/accounts/{account}/users/{id}/rights"),
    ("GET", "/api/v1/accounts/{account}/rights/changes"),
    ("GET", "/api/v1/accounts"),
    ("POST", "/api/v1/accounts"),
    ("GET", "/api/v1/accounts/{account}"),
    ("GET", "/api/v1/accounts/{account}/permissions"),
    ("PUT", "/api/v1/accounts/{account}/permissions/{id}"),
    ("GET", "/api/v1/accounts/{account}/conflicts"),
    ("PUT", "/api/v1/accounts/{account}/conflicts/{id}"),
    ("GET", "/api/v1/accounts/{account}/workspaces"),
    ("POST", "/api/v1/accounts/{account}/workspaces"),
    ("GET", "/api/v1/accounts/{account}/workspaces/{id}"),
    ("PATCH", "/api/v1/accounts/{account}/workspaces/{id}"),
    ("DELETE", "/api/v1/accounts/{account}/workspaces/{id}"),
    ("GET", "/api/v1/accounts/{account}/users"),
    ("POST", "/api/v1/accounts/{account}/users"),
    ("GET", "/api/v1/accounts/{account}/users/{id}"),
    ("PATCH", "/api/v1/accounts/{account}/users/{id}"),
    ("DELETE", "/api/v1/accounts/{account}/users/{id}"),
    ("POST", "/api/v1/accounts/{account}/users/{id}/password-mails"),
    ("GET", "/api/v1/accounts/{account}/recipients.csv"),
    ("GET", "/api/v1/accounts/{account}/recipients"),
    ("POST", "/api/v1/accounts/{account}/recipients"),
    ("GET", "/api/v1/accounts/{account}/recipients/{id}"),
    ("PATCH", "/api/v1/accounts/{account}/recipients/{id}"),
    ("DELETE", "/api/v1/accounts/{account}/recipients/{id}"),
    ("POST", "/api/v1/accounts/{account}/recipients/{id}/password-mails"),
    ("GET", "/api/v1/accounts/{account}/properties"),
    ("POST", "/api/v1/accounts/{account}/properties"),
    ("GET", "/api/v1/accounts/{account}/properties/{id}"),
    ("PATCH", "/api/v1/accounts/{account}/properties/{id}"),
    ("DELETE", "/api/v1/accounts/{account}/properties/{id}"),
    ("POST", "/api/v1/policy/simulate"),
    ("GET", "/api/v1/accounts/{account}/support-users"),
    ("GET", "/api/v1/accounts/{account}/support-users/{id}"),
    ("GET", "/api/v1/accounts/{account}/support-mode"),
    ("PUT", "/api/v1/accounts/{account}/support-mode"),
    ("GET", "/api/v1/accounts/{account}/team"),
    ("POST", "/api/v1/accounts/{account}/support-requests"),
    ("GET", "/api/v1/accounts/{account}/support-grants"),
    ("GET", "/api/v1/accounts/{account}/support-grants/{id}"),
    ("DELETE", "/api/v1/accounts/{account}/support-grants/{id}"),
    ("GET", "/api/v1/staff/functions"),
    ("POST", "/api/v1/staff/functions"),
    ("GET", "/api/v1/staff/functions/{id}"),
    ("DELETE", "/api/v1/staff/functions/{id}"),
    ("GET", "/api/v1/staff/delegations"),
    ("POST", "/api/v1/staff/delegations"),
    ("GET", "/api/v1/staff/delegations/{id}"),
    ("DELETE", "/api/v1/staff/delegations/{id}"),
    ("PUT", "/api/v1/staff/{id}/background-check"),
    ("POST", "/api/v1/token"),
    ("POST", "/api/v1/introspect"),
    ("POST", "/api/v1/revoke"),
];

#[test]
fn no_route_is_missing_in_the_table() {
    let routed: Vec<&str> =
        SOURCE.split(".route(").skip(1).filter_map(|rest| rest.split('"').nth(1)).collect();
    for path in &routed {
        let whole =
            if path.starts_with("/.") { (*path).to_owned() } else { format!("/api/v1{path}") };
        let is_listed = |listed: &str| listed.split('?').next() == Some(whole.as_str());
        assert!(ROUTES.iter().any(|(_, listed)| is_listed(listed)), "give `{path}` its row");
    }
    assert_eq!(routed.len(), ROUTES.len());
    let hidden = [".route_service(", "nest_service(", "fallback_service(", ".merge("];
    assert!(!hidden.iter().any(|call| SOURCE.contains(call)), "the table cannot see these");
}

#[tokio::test]
async fn every_route_opens_to_those_it_is_for_and_nobody_else() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let callers = callers(&seat, &ann).await;
    let mut table = "\n".to_owned();
    for (method, path) in ROUTES {
        let mut row = vec![];
        for (_, by) in &callers {
            row.push(cell(&seat, &ann, by, (method, path)).await);
        }
        let short = short(path);
        writeln!(table, "{method:<7}{short:<46}{}", row.join(" ")).expect("a line");
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
        _ if method == "PUT" => Some((JSON, "{\"on\":true}".to_owned())),
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
        .split('?')
        .next()
        .unwrap_or_default()
}
