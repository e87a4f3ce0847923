//! Attacks by way of where our server is sent to: neighbours, redirects, endless and slow answers.

use std::time::{Duration, Instant};

use countersign::authn::oidc::OidcError;
use countersign::authn::oidc::provider::Provider;
use countersign::authn::outbound::{Outbound, Reach};
use countersign::domain::sso::Refusal;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::scene::Scene;
use crate::world::browser::Browser;

fn lenient() -> Outbound {
    let networks = vec!["127.0.0.0/8".parse().expect("a network")];
    Outbound::new(Reach { networks, allow_http: true })
}

async fn refused(outbound: &Outbound, issuer: &str) -> String {
    match Provider::discover(outbound, issuer).await {
        Err(error @ (OidcError::Unreachable(_) | OidcError::Metadata(_))) => error.to_string(),
        other => panic!("{issuer}: {other:?}"),
    }
}

/// A server that answers each request with `head`, and then with `more` for as long as it is listened to.
async fn server(head: &'static str, more: Option<(Vec<u8>, Duration)>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let issuer = format!("http://{}", listener.local_addr().expect("its address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(pour(stream, head, more.clone()));
        }
    });
    issuer
}

async fn pour(mut stream: TcpStream, head: &str, more: Option<(Vec<u8>, Duration)>) {
    let _ = stream.read(&mut [0; 2048]).await;
    let _ = stream.write_all(head.as_bytes()).await;
    let Some((piece, pause)) = more else { return };
    while stream.write_all(&piece).await.is_ok() {
        tokio::time::sleep(pause).await;
    }
}

#[tokio::test]
async fn attack_ssrf_to_addresses_that_are_not_public() {
    let strict = Outbound::new(Reach { networks: vec![], allow_http: false });
    for issuer in [
        "https://169.254.169.254",
        "https://[::1]",
        "https://[::ffff:10.0.0.1]",
        "https://2130706433",
        "https://0x7f.1",
        "https://127.0.0.1",
        "https://10.0.0.1",
        "https://[fd00:ec2::254]",
        "https://[64:ff9b::a9fe:a9fe]",
    ] {
        let said = refused(&strict, issuer).await;
        assert!(said.contains("not a public one"), "{issuer}: {said}");
    }
    let said = refused(&strict, "https://localhost").await;
    assert!(said.contains("not a public one"), "{said}");
    refused(&strict, "http://example.org").await;
    // One network that is let through does not open the others.
    let said = refused(&lenient(), "http://169.254.169.254").await;
    assert!(said.contains("not a public one"), "{said}");
}

/// The metadata's own addresses are guarded as well.
#[tokio::test]
async fn attack_ssrf_by_the_metadatas_endpoints() {
    for uri in ["http://169.254.169.254/keys", "http://10.0.0.1/keys", "file:///etc/passwd"] {
        let mut scene = Scene::new().await;
        let lie = json!({ "jwks_uri": uri });
        scene.refuses_as(Refusal::Unreachable, |lies| lies.metadata = lie).await;
        let mut scene = Scene::new().await;
        let lie = json!({ "token_endpoint": uri });
        scene.refuses_as(Refusal::Unreachable, |lies| lies.metadata = lie).await;
    }
}

#[tokio::test]
async fn attack_redirects_are_not_followed() {
    let head =
        "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n";
    let issuer = server(head, None).await;
    let said = refused(&lenient(), &issuer).await;
    assert!(said.contains("302"), "{said}");
}

#[tokio::test]
async fn attack_an_answer_of_ten_megabytes() {
    let issuer = server("HTTP/1.1 200 OK\r\n\r\n", Some((vec![b'x'; 65536], Duration::ZERO))).await;
    let said = refused(&lenient(), &issuer).await;
    assert!(said.contains("longer than"), "{said}");
}

#[tokio::test]
async fn attack_slowloris() {
    let drip = Some((b" ".to_vec(), Duration::from_millis(200)));
    let issuer = server("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", drip).await;
    let started = Instant::now();
    refused(&lenient(), &issuer).await;
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

/// A provider that does not answer is asked again only after ten seconds, and who comes is told.
#[tokio::test]
async fn a_provider_that_fails_is_left_alone_for_a_while() {
    let mut scene = Scene::new().await;
    for _ in 0..5 {
        let mismatch = json!({ "issuer": "https://evil.test" });
        scene.refuses_as(Refusal::Unreachable, |lies| lies.metadata = mismatch).await;
    }
    let asked = "/.well-known/openid-configuration";
    assert_eq!(scene.provider.calls(asked), 1);
    scene.test.clock.advance_seconds(11);
    scene.accepts(|lies| lies.metadata = json!({})).await;
    assert_eq!(scene.provider.calls(asked), 2);
}

/// However many come at once, metadata and keys are asked for once, whatever came of it.
#[tokio::test]
async fn many_at_once_are_one_request_to_the_provider() {
    let scene = Scene::new().await;
    let come = async || {
        let mut browser = Browser::new(&scene.test.app);
        let start = scene.start();
        browser.get(&start).await.status.as_u16()
    };
    let all = tokio::join!(come(), come(), come(), come(), come());
    assert_eq!(all, (303, 303, 303, 303, 303));
    let asked = ["/.well-known/openid-configuration", "/jwks"];
    assert_eq!(asked.map(|path| scene.provider.calls(path)), [1, 1]);
    // An hour later, both anew, and once again.
    scene.test.clock.advance_seconds(3601);
    tokio::join!(come(), come(), come());
    assert_eq!(asked.map(|path| scene.provider.calls(path)), [2, 2]);
}

/// Metadata is asked for again after an hour; while that fails, what is known serves for a day.
#[tokio::test]
async fn what_is_known_serves_while_the_provider_fails_but_not_for_ever() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    scene.provider.lies().metadata = json!({ "issuer": "https://evil.test" });
    scene.test.clock.advance_seconds(2 * 3600);
    assert_eq!(scene.sign_in().await.leads_to(), "/");
    scene.test.clock.advance_seconds(23 * 3600);
    let start = scene.start();
    assert_eq!(scene.browser.get(&start).await.status.as_u16(), 403);
}
