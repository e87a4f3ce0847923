//! What gives rights, over REST: by whom, what is refused and how, and that trying is not doing.

mod approvals;
mod bundles;
mod catalogue;
mod connections;
mod family;
mod grants;
mod groups;
mod holders;
mod mappings;
mod policy;
mod previews;
mod races;
mod refusals;
mod requests;
mod roles;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use countersign::app::Outcome;
use countersign::domain::actor::Actor;
use countersign::domain::command::{ActivateCatalogue, Command};
use countersign::domain::rights::catalogue::{Catalogue, bundle_id};
use serde_json::{Value, json};

use crate::api::people::{By, JSON, Person, Seat};
use crate::api::sso::grant;
use crate::world::PUBLIC_URL;
use crate::world::client::Answer;

const BASE: &str = "/api/v1/accounts/acme";
/// An id that nothing has.
const NOTHING: &str = "018f0000-0000-7000-8000-00000000dead";

/// The account `acme` with an administrator.
struct Scene {
    seat: Seat,
    chief: Person,
}

impl Scene {
    async fn new() -> Self {
        let seat = Seat::new().await;
        let chief = seat.with_second_factor("chief").await;
        grant(&seat, &chief, "users.administer").await;
        Self { seat, chief }
    }

    /// One whose administrator holds these rights too.
    async fn holding(rights: &[&str]) -> Self {
        let scene = Self::new().await;
        for right in rights {
            grant(&scene.seat, &scene.chief, right).await;
        }
        scene
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask((Method::GET, path), &[], "").await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask((Method::POST, path), &[], &body.to_string()).await
    }

    async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.ask((Method::PATCH, path), &[], &body.to_string()).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.ask((Method::DELETE, path), &[], "").await
    }

    /// Makes something; its id.
    async fn make(&self, path: &str, body: &Value) -> String {
        self.post(path, body).await.expect(StatusCode::CREATED).id()
    }

    /// What the administrator is answered, with these headers beside those that all requests have.
    async fn ask(
        &self,
        (method, path): (Method, &str),
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{BASE}{path}"))
            .header(header::COOKIE, format!("__Host-sid={}", self.chief.cookie))
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, PUBLIC_URL);
        if !headers.iter().any(|(name, _)| *name == "content-type") && !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, JSON);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.seat.send(request.body(Body::from(body.to_owned())).expect("a request")).await
    }

    /// The same, in French.
    async fn in_french(&self, (method, path): (Method, &str), body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.ask((method, path), &[("accept-language", "fr")], &body).await
    }

    /// What a user may do (`rights`), or what waits (`pending`): with the workspace, if it is in one.
    async fn rights(&self, user: &str, which: &str) -> Vec<String> {
        let answer = self.get(&format!("/users/{user}/rights")).await.expect(StatusCode::OK);
        let name = |it: &Value| match it["workspace"].as_str() {
            Some(workspace) => format!("{} {workspace}", text(&it["right"])),
            None => text(&it["right"]),
        };
        answer.body[which].as_array().expect("a list").iter().map(name).collect()
    }

    /// What is told of why a user has a right.
    async fn explained(&self, user: &str, right: &str) -> Value {
        let answer = self.get(&format!("/users/{user}/explanation?right={right}")).await;
        answer.expect(StatusCode::OK).body
    }

    /// The values of a field in a list, page by page as `next` leads, so many on each.
    async fn walk(&self, (path, field): (&str, &str), limit: usize) -> Vec<String> {
        let mut all: Vec<String> = vec![];
        let (mut cursor, sign) = (String::new(), if path.contains('?') { '&' } else { '?' });
        loop {
            let page = self.get(&format!("{path}{sign}limit={limit}{cursor}")).await;
            let page = page.expect(StatusCode::OK);
            let items = page.body["items"].as_array().expect("items");
            assert!(items.len() <= limit, "{}", page.text);
            all.extend(items.iter().map(|item| text(&item[field])));
            assert_eq!(page.headers.contains_key(header::LINK), page.body["next"].is_string());
            let Some(next) = page.body["next"].as_str() else { return all };
            cursor = format!("&cursor={next}");
        }
    }

    /// How many things a list holds.
    async fn count(&self, path: &str) -> usize {
        self.walk((path, "id"), 200).await.len()
    }

    /// Activates the shipped catalogue with a passage put in place of another.
    async fn release(&self, old: &str, new: &str) {
        let text = Catalogue::shipped().text().to_owned();
        assert!(text.contains(old), "{old}");
        let catalogue = Catalogue::parse(&text.replacen(old, new, 1)).expect("it is right");
        let wanted = ActivateCatalogue { catalogue: catalogue.into() };
        let command = Command::ActivateCatalogue(wanted);
        let done = self.seat.test.app.change(&Actor::Platform, command).await;
        assert!(matches!(done, Ok(Outcome::Done)), "{done:?}");
    }
}

/// The id of a predefined bundle.
fn predefined(key: &str) -> String {
    bundle_id(key).to_string()
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// What is wrong, as (field, code).
#[track_caller]
fn codes(answer: &Answer) -> Vec<(&str, &str)> {
    let errors = answer.body["errors"].as_array().unwrap_or_else(|| panic!("{}", answer.text));
    let length = |it: &Value| it["detail"].as_str().map(str::len);
    assert!(errors.iter().all(|it| length(it) > Some(5)), "{}", answer.text);
    let words = errors.iter().map(|it| (it["field"].as_str(), it["code"].as_str()));
    words.map(|(field, code)| (field.expect("a field"), code.expect("a code"))).collect()
}

/// A problem of that status and type, told in words.
#[track_caller]
fn problem(answer: &Answer, status: StatusCode, name: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(answer.body["type"], format!("urn:countersign:problem:{name}"), "{}", answer.text);
    assert!(text(&answer.body["detail"]).len() > 10, "{}", answer.text);
    assert!(!answer.text.contains("{}"), "{}", answer.text);
}

/// A refusal with one thing wrong.
#[track_caller]
fn wrong(answer: &Answer, status: StatusCode, (field, code): (&str, &str)) {
    let name = if status == StatusCode::CONFLICT { "conflict" } else { "invalid-fields" };
    problem(answer, status, name);
    assert_eq!(codes(answer), [(field, code)], "{}", answer.text);
}

/// The tag of a resource.
#[track_caller]
fn tag(answer: &Answer) -> String {
    answer.headers[header::ETAG].to_str().expect("text").to_owned()
}

/// Who would gain and lose, in a preview: (right, what it becomes, how often).
#[track_caller]
fn previewed(answer: &Answer) -> Vec<(String, String, u64)> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.body["dry_run"], true, "{}", answer.text);
    assert!(!answer.headers.contains_key(header::ETAG));
    let rights = answer.body["rights"].as_array().expect("rights");
    let told = |it: &Value| {
        (text(&it["right"]), text(&it["becomes"]), it["times"].as_u64().expect("a number"))
    };
    rights.iter().map(told).collect()
}

/// A mapping of a group to a predefined bundle.
fn mapping(group: &str, bundle: &str) -> Value {
    json!({ "group": group, "bundle": predefined(bundle), "reason": "as asked" })
}

/// A body with other members, or more of them.
fn with(mut body: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().expect("members") {
        body[name] = value.clone();
    }
    body
}

/// By whom something is done who holds nothing.
async fn plain(seat: &Seat) -> By {
    seat.person("plain").await.by_cookie()
}
