//! The operator's staff who support customers, through the real doors: their functions, the directory,
//! the two planes, and who makes accounts.

mod accounts;
mod administrators;
mod described;
mod directory;
mod functions;
mod grants;
mod planes;

use axum::http::Method;
use serde_json::{Value, json};

use crate::api::people::{By, JSON, Person, Seat, sign_in, sso};
use crate::api::sso::grant;
use crate::world::TokenFor;
use crate::world::client::{Answer, Client};

/// The seat with the operator's directory.
struct Scene {
    seat: Seat,
    vendor: Client,
}

impl Scene {
    async fn new() -> Self {
        let seat = Seat::new().await;
        let token = seat.test.token("vendor", TokenFor::default()).await;
        let vendor = seat.test.client("vendor", &token);
        Self { seat, vendor }
    }

    /// One of staff, signed in with two factors just now, who is what the seeds say.
    async fn staff(&self, name: &str, seeds: &[&str]) -> Person {
        let user = self.vendor.user(name).await;
        let person = self.sign_in(&user).await;
        for seed in seeds {
            grant(&self.seat, &person, seed).await;
        }
        person
    }

    async fn sign_in(&self, user: &str) -> Person {
        sign_in(&self.seat.test, self.seat.operator, user, sso(true)).await
    }

    async fn director(&self, name: &str) -> Person {
        self.staff(name, &["function:csd", "team:customer_success"]).await
    }

    /// An administrator of `acme`.
    async fn administrator(&self, name: &str) -> Person {
        let person = self.seat.with_second_factor(name).await;
        grant(&self.seat, &person, "users.administer").await;
        person
    }

    async fn send(&self, by: &Person, method: Method, path: &str, body: Value) -> Answer {
        self.send_as(&by.by_cookie(), method, path, body).await
    }

    async fn send_as(&self, by: &By, method: Method, path: &str, body: Value) -> Answer {
        let body = Some((JSON, body.to_string()));
        self.seat.call(by, method, &format!("/api/v1{path}"), body).await
    }

    async fn post(&self, by: &Person, path: &str, body: Value) -> Answer {
        self.send(by, Method::POST, path, body).await
    }

    async fn put(&self, by: &Person, path: &str, body: Value) -> Answer {
        self.send(by, Method::PUT, path, body).await
    }

    async fn delete(&self, by: &Person, path: &str) -> Answer {
        self.seat.call(&by.by_cookie(), Method::DELETE, &format!("/api/v1{path}"), None).await
    }

    async fn get(&self, by: &Person, path: &str) -> Answer {
        self.seat.get(&by.by_cookie(), &format!("/api/v1{path}")).await
    }

    /// What somebody is and where they work, as the directory shows it to that one of staff.
    async fn posts(&self, by: &Person, user: &str) -> Vec<String> {
        let path = format!("/accounts/vendor/support-users/{user}");
        let answer = self.get(by, &path).await;
        if answer.status == 404 {
            return vec![];
        }
        assert_eq!(answer.status, 200, "{}", answer.text);
        let words = |field: &str| answer.body[field].as_array().cloned().unwrap_or_default();
        let all = [words("functions"), words("teams")].concat();
        all.iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
    }

    async fn activities(&self, action: &str, outcome: &str) -> i64 {
        let sql = format!(
            "SELECT count(*) FROM activities WHERE action = '{action}' AND outcome = '{outcome}'"
        );
        self.seat.test.database.number(&sql).await
    }
}

fn id(person: &Person) -> String {
    person.session.user.to_string()
}

#[track_caller]
fn refused(answer: &Answer, rule: &str) {
    assert_eq!(
        (answer.status.as_u16(), &answer.body["rule"]),
        (403, &json!(rule)),
        "{}",
        answer.text
    );
}

#[track_caller]
fn codes(answer: &Answer) -> Vec<(&str, &str)> {
    let errors = answer.body["errors"].as_array().unwrap_or_else(|| panic!("{}", answer.text));
    let text = |it: &'_ Value| it.as_str().map(str::len);
    assert!(errors.iter().all(|it| text(&it["detail"]) > Some(5)), "{}", answer.text);
    errors
        .iter()
        .map(|it| (it["field"].as_str().expect("a field"), it["code"].as_str().expect("a code")))
        .collect()
}
