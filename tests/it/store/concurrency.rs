//! Many at once: no change is lost, none half done, and one that fails undoes itself alone.

use std::time::Duration;

use axum::http::StatusCode;
use futures_util::future::{Either, join_all};
use serde_json::{Value, json};

use crate::world::TestApp;
use crate::world::client::{Answer, Client};

#[tokio::test(flavor = "multi_thread")]
async fn members_added_by_50_at_once_are_all_there() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let mut users = Vec::new();
    for n in 0..50 {
        users.push(scim.user(&format!("user-{n}")).await);
    }
    let group = scim.group("Staff", &[]).await;
    let adding = users.iter().map(|user| add(&scim, &group, user));
    for answer in all(adding).await {
        answer.expect(StatusCode::NO_CONTENT);
    }
    users.sort();
    assert_eq!(scim.member_ids(&group).await, users);
    // Each was a change of the group: none was counted twice, none left out.
    let answer = scim.get(&format!("/Groups/{group}")).await;
    assert_eq!(answer.body["meta"]["version"], "W/\"51\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn look_ups_that_share_a_statement_each_get_their_own_answer() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let mut users = Vec::new();
    for n in 0..40 {
        users.push(scim.user(&format!("user-{n}")).await);
    }
    // Where a machine is so busy that each is answered before the next one asks, none is shared.
    for round in 0.. {
        let before = test.store.statements();
        look_up(&scim, &users).await;
        let sent = test.store.statements() - before;
        if sent < 120 {
            return;
        }
        assert!(round < 20, "{sent} statements for 120 requests, each time");
    }
}

/// Asks for each of 40 users by id and by name, and for as many that there are not.
async fn look_up(scim: &Client, users: &[String]) {
    let gets = users.iter().map(async |id| scim.get(&format!("/Users/{id}")).await.id());
    assert_eq!(join_all(gets).await, users);
    let find = async |name: String| {
        let filter = format!("userName eq \"{name}\"");
        scim.filter("/Users", &filter).await.ids()
    };
    let found: Vec<Vec<String>> = join_all((0..40).map(|n| find(format!("USER-{n}")))).await;
    assert_eq!(found.concat(), users);
    let found: Vec<Vec<String>> = join_all((0..40).map(|n| find(format!("nobody-{n}")))).await;
    assert_eq!(found.concat(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_changed_by_50_at_once_all_stay_changed() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let id = scim.user("bjensen").await;
    let changing = (0..50).map(|n| {
        let value = json!([{ "value": format!("{n}@example.com"), "type": format!("type-{n}") }]);
        patch(
            &scim,
            format!("/Users/{id}"),
            &json!({ "op": "add", "path": "emails", "value": value }),
        )
    });
    for answer in all(changing).await {
        answer.expect(StatusCode::OK);
    }
    let user = scim.get(&format!("/Users/{id}")).await.expect(StatusCode::OK);
    assert_eq!(user.body["emails"].as_array().map(Vec::len), Some(50));
    for n in 0..50 {
        let filter = format!("emails.value eq \"{n}@example.com\"");
        assert_eq!(scim.filter("/Users", &filter).await.ids(), [id.as_str()]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_40_who_want_one_user_name_one_gets_it() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let wanting = (0..40).map(|n| {
        let name = if n % 2 == 0 { "bjensen" } else { "BJensen" };
        create(&scim, name.to_owned())
    });
    let answers = all(wanting).await;
    let made = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    assert_eq!(made, 1);
    for answer in answers.into_iter().filter(|answer| answer.status != StatusCode::CREATED) {
        answer.refused(409, Some("uniqueness"));
    }
    assert_eq!(scim.get("/Users").await.total(), 1);
    assert_eq!(
        test.database.number("SELECT count(*) FROM activities WHERE action = 'user.created'").await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn adding_and_removing_at_once_leaves_what_came_last() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let user = scim.user("bjensen").await;
    let group = scim.group("Staff", &[]).await;
    for _ in 0..5 {
        let mixed = (0..20).map(|n| match n % 2 {
            0 => Either::Left(add(&scim, &group, &user)),
            _ => Either::Right(remove(&scim, &group, &user)),
        });
        for answer in all(mixed).await {
            answer.expect(StatusCode::NO_CONTENT);
        }
        remove(&scim, &group, &user).await.expect(StatusCode::NO_CONTENT);
        assert!(scim.member_ids(&group).await.is_empty());
        add(&scim, &group, &user).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(scim.member_ids(&group).await, [user.as_str()]);
    }
    let open = "SELECT count(*) FROM group_members WHERE valid_to = 9223372036854775807";
    assert_eq!(test.database.number(open).await, 1);
    // A period that ended has some length (D27), in whatever order the moments were taken.
    let empty = "SELECT count(*) FROM group_members WHERE valid_to <= valid_from";
    assert_eq!(test.database.number(empty).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_hangs_up_leaves_a_whole_change_or_none() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    for n in 0..60_u64 {
        let creating = create(&scim, format!("user-{n}"));
        let _ = tokio::time::timeout(Duration::from_micros(n * 60), creating).await;
    }
    settle(&test).await;
    let users = scim.get("/Users?count=1000").await.expect(StatusCode::OK);
    assert_eq!(users.total(), users.ids().len() as u64);
    let total = i64::try_from(users.total()).expect("a number");
    for count in WHOLE {
        assert_eq!(test.database.number(count).await, total, "{count}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_fails_undoes_itself_alone() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    for n in 0..20 {
        scim.user(&format!("taken-{n}")).await;
    }
    let renamed = scim.user("renamed").await;
    // In one commit on SQLite: creates that succeed, creates that conflict, and updates that break a
    // unique index half-way through their script.
    let mixed = (0..120).map(|n| match n % 3 {
        0 => Either::Left(create(&scim, format!("good-{n}"))),
        1 => Either::Left(create(&scim, format!("Taken-{}", n % 20))),
        _ => {
            let value = format!("TAKEN-{}", n % 20);
            let op = json!({ "op": "replace", "path": "userName", "value": value });
            Either::Right(patch(&scim, format!("/Users/{renamed}"), &op))
        }
    });
    for (n, answer) in all(mixed).await.into_iter().enumerate() {
        match n % 3 {
            0 => drop(answer.expect(StatusCode::CREATED)),
            _ => drop(answer.refused(409, Some("uniqueness"))),
        }
    }
    let users = scim.get("/Users?count=1000").await.expect(StatusCode::OK);
    assert_eq!(users.total(), 61);
    assert_eq!(users.ids().len(), 61);
    assert_eq!(scim.get("/Users?count=0").await.total(), 61);
    for n in (0..120).step_by(3) {
        let filter = format!("userName eq \"good-{n}\"");
        assert_eq!(scim.filter("/Users", &filter).await.total(), 1, "{filter}");
    }
    for count in WHOLE {
        assert_eq!(test.database.number(count).await, 61, "{count}");
    }
    assert_eq!(
        test.database.number("SELECT count(*) FROM activities WHERE action LIKE 'user.%'").await,
        61
    );
}

/// What a user that exists has left in each table, one row each.
const WHOLE: [&str; 4] = [
    "SELECT count(*) FROM users",
    "SELECT count(*) FROM activities WHERE action = 'user.created'",
    "SELECT count(*) FROM outbox WHERE payload LIKE '%user.created%'",
    "SELECT CAST(sum(users) AS bigint) FROM directory_counts",
];

/// Waits until what was begun has ended: a write after it has been answered.
async fn settle(test: &TestApp) {
    test.account("after").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
}

fn create(scim: &Client, name: String) -> impl Future<Output = Answer> + use<> {
    let scim = scim.clone();
    async move { scim.post("/Users", &json!({ "userName": name })).await }
}

fn patch(scim: &Client, path: String, operation: &Value) -> impl Future<Output = Answer> + use<> {
    let (scim, body) = (scim.clone(), json!({ "Operations": [operation] }));
    async move { scim.patch(&path, &body).await }
}

fn add(scim: &Client, group: &str, user: &str) -> impl Future<Output = Answer> + use<> {
    let value = json!([{ "value": user }]);
    let operation = json!({ "op": "add", "path": "members", "value": value });
    patch(scim, format!("/Groups/{group}"), &operation)
}

fn remove(scim: &Client, group: &str, user: &str) -> impl Future<Output = Answer> + use<> {
    let operation = json!({ "op": "remove", "path": format!("members[value eq \"{user}\"]") });
    patch(scim, format!("/Groups/{group}"), &operation)
}

/// Runs them at once; the answers, in their order.
async fn all<F>(requests: impl Iterator<Item = F>) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let tasks: Vec<_> = requests.map(tokio::spawn).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("the task ends"));
    }
    answers
}
