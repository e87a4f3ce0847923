//! `examples/tokens.sh` against a server that listens.

use std::path::Path;
use std::process::Command;

use countersign::domain::keys::products::ProductScope;
use countersign::http;
use tokio::net::TcpListener;

use crate::api::people::Seat;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_of_a_token_and_its_introspection_works() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let seat = Seat::with(|settings| settings.public_url.clone_from(&url)).await;
    let ann = seat.person("ann").await;
    let key = seat.product_key(&[ProductScope::Introspect], 30).await;
    let router = http::router(seat.test.app.clone());
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/tokens.sh");
    let run = move || {
        let mut command = Command::new("bash");
        command.arg(script).env("URL", url).env("COOKIE", ann.cookie).env("PRODUCT_KEY", key);
        command.output().expect("it runs")
    };
    let output = tokio::task::spawn_blocking(run).await.expect("it ends");
    server.abort();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.trim_end().ends_with("all as expected"), "{told}");
    assert!(!told.contains("css_") && !told.contains("csp_") && !told.contains("eyJ"), "{told}");
}
