//! Requests that another site had a browser send: the cookie opens nothing then (SECURITY.md §8).

use axum::body::Body;
use axum::http::{Method, Request, header};

use crate::api::people::{Person, Seat};
use crate::world::PUBLIC_URL;

const EVIL: &str = "https://evil.test";

/// `Sec-Fetch-Site`, `Origin`, whether a POST is let through, whether a GET is.
const REQUESTS: [(Option<&str>, Option<&str>, bool, bool); 15] = [
    (Some("same-origin"), Some(PUBLIC_URL), true, true),
    (Some("same-origin"), None, true, true),
    (Some("none"), None, true, true),
    (None, Some(PUBLIC_URL), true, true),
    // Older browsers, and programs that found a cookie.
    (None, None, false, true),
    (None, Some(EVIL), false, true),
    (None, Some("null"), false, true),
    (Some("same-origin"), Some(EVIL), false, true),
    (Some("none"), Some(EVIL), false, true),
    (Some("cross-site"), Some(EVIL), false, false),
    (Some("cross-site"), Some(PUBLIC_URL), false, false),
    (Some("cross-site"), None, false, false),
    (Some("same-site"), Some("https://other.scim.test"), false, false),
    (Some("same-site"), Some(PUBLIC_URL), false, false),
    (Some("nonsense"), Some(PUBLIC_URL), false, false),
];

async fn status(seat: &Seat, ann: &Person, what: (&Method, &str), headers: &[(&str, &str)]) -> u16 {
    let (method, path) = what;
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::COOKIE, format!("__Host-sid={}", ann.cookie));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = seat.send(request.body(Body::empty()).expect("a request")).await;
    if answer.status == 403 {
        assert_eq!(answer.body["type"], "urn:countersign:problem:cross-site-request");
    }
    answer.status.as_u16()
}

#[tokio::test]
async fn a_cookie_counts_only_for_requests_from_our_own_pages() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    for (site, origin, posts, gets) in REQUESTS {
        let headers: Vec<(&str, &str)> = [("sec-fetch-site", site), ("origin", origin)]
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| (name, value)))
            .collect();
        let status_if = |is_let_in: bool| if is_let_in { 200 } else { 403 };
        let posted = status(&seat, &ann, (&Method::POST, "/api/v1/token"), &headers).await;
        assert_eq!(posted, status_if(posts), "POST with {headers:?}");
        let got = status(&seat, &ann, (&Method::GET, "/api/v1/sessions"), &headers).await;
        assert_eq!(got, status_if(gets), "GET with {headers:?}");
    }
}

#[tokio::test]
async fn another_site_ends_no_session() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let path = format!("/api/v1/sessions/{}", ann.session.id);
    let what = (&Method::DELETE, path.as_str());
    let evil = [("sec-fetch-site", "cross-site"), ("origin", EVIL)];
    assert_eq!(status(&seat, &ann, what, &evil).await, 403);
    assert_eq!(status(&seat, &ann, what, &[]).await, 403);
    let own = [("sec-fetch-site", "same-origin"), ("origin", PUBLIC_URL)];
    assert_eq!(status(&seat, &ann, what, &own).await, 204);
}

/// A header that a page of another site cannot have set needs no more proof; a cookie beside it counts
/// for nothing, even where the header opens nothing.
#[tokio::test]
async fn the_header_counts_alone_where_there_is_one() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let token = seat.access_token(&ann).await;
    let evil = ("sec-fetch-site", "cross-site");
    let me = (&Method::GET, "/api/v1/me");
    let good = format!("Bearer {token}");
    assert_eq!(status(&seat, &ann, me, &[("authorization", &good), evil]).await, 200);
    let own = ("sec-fetch-site", "same-origin");
    for wrong in ["Bearer", "Bearer ", "", "Basic YTpi", "Bearer nonsense", &token] {
        let headers = [("authorization", wrong), own];
        assert_eq!(status(&seat, &ann, me, &headers).await, 401, "`{wrong}`");
    }
    let twice = [("authorization", good.as_str()), ("authorization", good.as_str()), own];
    assert_eq!(status(&seat, &ann, me, &twice).await, 401, "two headers");
    assert_eq!(status(&seat, &ann, me, &[own]).await, 200);
}

#[tokio::test]
async fn a_cookie_that_comes_twice_or_by_another_name_opens_nothing() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let cookie = &ann.cookie;
    for (line, status) in [
        (format!("__Host-sid={cookie}"), 200),
        (format!("a=b; __Host-sid={cookie}; c=d"), 200),
        (format!("__Host-sid={cookie}; __Host-sid={cookie}"), 401),
        (format!("__Host-sid=x; __Host-sid={cookie}"), 401),
        (format!("sid={cookie}"), 401),
        (format!("__host-sid={cookie}"), 401),
        (format!("__Host-login={cookie}"), 401),
        ("__Host-sid=".to_owned(), 401),
        (String::new(), 401),
    ] {
        let request = Request::builder().uri("/api/v1/me").header(header::COOKIE, &line);
        let answer = seat.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, status, "{line}");
    }
}
