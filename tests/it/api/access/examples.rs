//! `examples/rights.sh` and `examples/rights.rs`, against a server that listens.

use std::io::{BufRead as _, BufReader, PipeReader, PipeWriter, Write as _, pipe};

use axum::http::StatusCode;
use countersign::domain::rights::sources::{Period, Place};
use serde_json::json;

use crate::api::access::scene::Scene;
use crate::api::people::Seat;
use crate::api::script::{place, run, serve};
use crate::scim::patch_op;

#[expect(dead_code, reason = "its `main`, which reads the environment, is not called")]
#[path = "../../../../examples/rights.rs"]
mod rights;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c2_the_example_maps_a_group_explains_a_right_and_hears_of_changes() {
    let (listener, url) = place().await;
    let seat = Seat::with(|settings| settings.public_url.clone_from(&url)).await;
    let scene = Scene::of(seat).await;
    let server = serve(listener, &scene.seat.test.app);
    let settings = [
        ("URL", url.as_str()),
        ("COOKIE", &scene.admin.cookie),
        ("PRODUCT_KEY", &scene.key),
        ("ACCOUNT", "acme"),
        ("GROUP_ID", &scene.group),
        ("USER_ID", &scene.ann),
    ];
    run("rights.sh", &settings).await;
    run("rights.sh", &settings).await;
    server.abort();
}

/// A product that asks, at the other ends of two pipes.
struct Product {
    questions: PipeWriter,
    answers: BufReader<PipeReader>,
}

impl Product {
    /// Its answers to one question, of so many rights.
    fn ask(&mut self, question: &str, rights: usize) -> Vec<String> {
        writeln!(self.questions, "{question}").expect("it reads");
        let answer = |_| {
            let mut line = String::new();
            self.answers.read_line(&mut line).expect("it answers");
            line.trim_end().to_owned()
        };
        (0..rights).map(answer).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c1_the_example_of_a_product_keeps_what_users_hold_until_it_changes() {
    let (listener, url) = place().await;
    let scene = Scene::with_reader().await;
    let server = serve(listener, &scene.seat.test.app);
    let (input, questions) = pipe().expect("a pipe");
    let (answers, mut output) = pipe().expect("a pipe");
    let asked = rights::Server::new(url, scene.key.clone(), "acme".to_owned()).expect("a client");
    // A program of its own, which waits for its input: it must not hold up the server.
    let product = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(rights::run(asked, &mut BufReader::new(input), &mut output))
    });
    let mut product_seen = Product { questions, answers: BufReader::new(answers) };
    let ann = format!("{} dashboards.read dashboards.edit", scene.ann);
    scene.seat.test.clock.advance_seconds(120);
    let answer = |read: &str, edit: &str, took: &str| {
        vec![
            format!("dashboards.read: {read}, decided: {read} ({took})"),
            format!("dashboards.edit: {edit}, decided: {edit} ({took})"),
        ]
    };
    assert_eq!(product_seen.ask(&ann, 2), answer("yes", "no", "read"));
    assert_eq!(product_seen.ask(&ann, 2), answer("yes", "no", "kept"));
    scene.grant("dashboards.edit", Place::Account, Period::ALWAYS).await;
    assert_eq!(product_seen.ask(&ann, 2), answer("yes", "yes", "read"));
    assert_eq!(product_seen.ask(&ann, 2), answer("yes", "yes", "confirmed"));
    let renamed = json!([{ "op": "replace", "path": "displayName", "value": "Ann B." }]);
    let path = format!("/Users/{}", scene.ann);
    scene.seat.scim.patch(&path, &patch_op(&renamed)).await.expect(StatusCode::OK);
    assert_eq!(product_seen.ask(&ann, 2), answer("yes", "yes", "read"));
    // The feed tells of the last minute again and again.
    assert_eq!(product_seen.ask(&ann, 2), answer("yes", "yes", "confirmed"));
    drop(product_seen);
    product.join().expect("it ends").expect("it went well");
    server.abort();
}
