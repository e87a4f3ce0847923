//! The scripts in `examples/` that speak to the REST API, against a server that listens.

use std::path::Path;
use std::process::Command;

use countersign::app::App;
use countersign::domain::keys::products::ProductScope;
use countersign::http;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::api::people::Seat;

/// A place to listen at, and its URL.
pub(super) async fn place() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

/// Listens there.
pub(super) fn serve(listener: TcpListener, app: &App) -> JoinHandle<std::io::Result<()>> {
    let router = http::router(app.clone());
    tokio::spawn(async move { axum::serve(listener, router).await })
}

/// Runs a script of `examples/`, which is to go well and to tell no secret; what it told.
pub(super) async fn run(name: &'static str, settings: &[(&'static str, &str)]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let mut command = Command::new("bash");
    command.arg(script).envs(settings.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output().expect("it runs")).await;
    let output = output.expect("it ends");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.trim_end().ends_with("all as expected"), "{told}");
    assert!(!told.contains("css_") && !told.contains("csp_") && !told.contains("eyJ"), "{told}");
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_of_a_token_and_its_introspection_works() {
    let (listener, url) = place().await;
    let seat = Seat::with(|settings| settings.public_url.clone_from(&url)).await;
    let ann = seat.person("ann").await;
    let key = seat.product_key(&[ProductScope::Introspect], 30).await;
    let server = serve(listener, &seat.test.app);
    run("tokens.sh", &[("URL", &url), ("COOKIE", &ann.cookie), ("PRODUCT_KEY", &key)]).await;
    server.abort();
}
