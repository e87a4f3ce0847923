//! Lists page by page, on both databases: nothing twice, nothing left out, and wrong parameters named. And
//! answers that the caller has already.

use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::api::people::{By, JSON, Seat};
use crate::api::sso::configurer;
use crate::world::PUBLIC_URL;
use crate::world::client::Answer;

const BASE: &str = "/api/v1/accounts/acme/sso";
/// In the order of their making; `sso/É` comes after all letters without accents, byte by byte.
const NAMES: [&str; 5] = ["Zeta", "Alpha", "É", "mid", "Mid"];

/// Somebody who may, and providers of these names beside the one that they came by.
async fn peopled() -> (Seat, By) {
    let seat = Seat::new().await;
    let ann = configurer(&seat, "ann").await.by_cookie();
    for (at, name) in NAMES.iter().enumerate() {
        let issuer = format!("https://op{}.test", at % 2);
        let new = json!({ "name": name, "issuer": issuer, "client_id": "c", "client_secret": "s" });
        let body = Some((JSON, new.to_string()));
        seat.call(&ann, Method::POST, BASE, body).await.expect(StatusCode::CREATED);
    }
    (seat, ann)
}

fn names(answer: &Answer) -> Vec<String> {
    let items = answer.body["items"].as_array().expect("items");
    items.iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
}

/// Follows `Link` from page to page; all names, and how many there were on each.
async fn walk(seat: &Seat, by: &By, query: &str) -> (Vec<String>, Vec<usize>) {
    let (mut all, mut sizes) = (vec![], vec![]);
    let mut path = format!("{BASE}?{query}");
    loop {
        let page = seat.get(by, &path).await.expect(StatusCode::OK);
        sizes.push(names(&page).len());
        all.extend(names(&page));
        let Some(link) = page.headers.get(header::LINK) else {
            assert!(page.body.get("next").is_none(), "{}", page.text);
            return (all, sizes);
        };
        let link = link.to_str().expect("text");
        let url = link.strip_prefix('<').and_then(|l| l.strip_suffix(">; rel=\"next\""));
        let url = url.expect("a link to the next page");
        let next = page.body["next"].as_str().expect("a cursor");
        assert!(url.ends_with(&format!("cursor={next}")), "{link}");
        path = url.strip_prefix(PUBLIC_URL).expect("an address here").to_owned();
    }
}

#[tokio::test]
async fn a_list_is_walked_page_by_page_in_both_directions() {
    let (seat, ann) = peopled().await;
    let by_name = ["Alpha", "Mid", "Vouching", "Zeta", "mid", "É"];
    let mut downwards = by_name;
    downwards.reverse();
    for (query, names, sizes) in [
        ("", by_name, vec![6]),
        ("limit=1", by_name, vec![1; 6]),
        ("limit=4&sort=name", by_name, vec![4, 2]),
        ("sort=-name&limit=5", downwards, vec![5, 1]),
        ("limit=6", by_name, vec![6]),
    ] {
        assert_eq!(walk(&seat, &ann, query).await, (names.map(str::to_owned).to_vec(), sizes));
    }
    let (by_age, _) = walk(&seat, &ann, "sort=created_at&limit=2").await;
    assert_eq!(by_age[1..], NAMES);
    let (mut latest_first, _) = walk(&seat, &ann, "sort=-created_at&limit=2").await;
    latest_first.reverse();
    assert_eq!(latest_first, by_age);
    let (those, sizes) = walk(&seat, &ann, "issuer=https%3A%2F%2Fop0.test&limit=2").await;
    assert_eq!((those.join(" ").as_str(), sizes), ("Mid Zeta É", vec![2, 1]));
}

/// One that was shown goes, one that belongs before it comes: the walk goes on where it was.
#[tokio::test]
async fn what_comes_and_goes_between_two_pages_moves_nothing() {
    let (seat, ann) = peopled().await;
    let page = seat.get(&ann, &format!("{BASE}?limit=2")).await.expect(StatusCode::OK);
    let shown = page.body["items"][1]["id"].as_str().expect("an id");
    let gone = seat.call(&ann, Method::DELETE, &format!("{BASE}/{shown}"), None).await;
    gone.expect(StatusCode::NO_CONTENT);
    let new = json!({ "name": "Aaa", "issuer": "https://op.test", "client_id": "c",
        "client_secret": "s" });
    let added = seat.call(&ann, Method::POST, BASE, Some((JSON, new.to_string()))).await;
    added.expect(StatusCode::CREATED);
    let next = page.body["next"].as_str().expect("a cursor");
    let rest = seat.get(&ann, &format!("{BASE}?limit=9&cursor={next}")).await;
    assert_eq!(names(&rest.expect(StatusCode::OK)), ["Vouching", "Zeta", "mid", "É"]);
}

#[tokio::test]
async fn wrong_parameters_are_named_in_the_callers_language() {
    let (seat, ann) = peopled().await;
    let next = seat.get(&ann, &format!("{BASE}?limit=2")).await.body["next"].clone();
    let next = next.as_str().expect("a cursor").to_owned();
    for (query, field, code) in [
        ("limit=0", "limit", "range"),
        ("limit=201", "limit", "range"),
        ("sort=issuer", "sort", "choice"),
        ("nme=Alpha", "nme", "unknown"),
        ("issuer=a&issuer=b", "issuer", "twice"),
        ("issuer=%00", "issuer", "text"),
        ("cursor=x", "cursor", "cursor"),
        (&format!("cursor={next}&sort=-name"), "cursor", "other_cursor"),
        ("dryRun=maybe", "dryRun", "truth"),
    ] {
        let answer = seat.get(&ann, &format!("{BASE}?{query}")).await;
        let answer = answer.expect(StatusCode::BAD_REQUEST);
        assert_eq!(answer.body["type"], "urn:countersign:problem:invalid-query", "{query}");
        let told = (&answer.body["errors"][0]["field"], &answer.body["errors"][0]["code"]);
        assert_eq!(told, (&json!(field), &json!(code)), "{}", answer.text);
        assert!(answer.body["detail"].as_str().is_some_and(|text| text.contains(field)));
    }
    let By::Cookie(cookie) = &ann else { panic!("she came by a cookie") };
    let request = Request::builder()
        .uri(format!("{BASE}?nme=x"))
        .header(header::COOKIE, format!("__Host-sid={cookie}"))
        .header(header::ACCEPT_LANGUAGE, "fr");
    let french = seat.send(request.body(axum::body::Body::empty()).expect("a request")).await;
    assert_eq!(french.body["title"], "Paramètres non valides");
    let detail = french.body["errors"][0]["detail"].as_str().expect("text");
    assert!(detail.starts_with("il n’y a pas ce paramètre ici\u{a0}; il y a `issuer`"), "{detail}");
    // Who may not see the list is told so first.
    let bob = seat.person("bob").await.by_cookie();
    seat.get(&bob, &format!("{BASE}?limit=2")).await.expect(StatusCode::FORBIDDEN);
}

/// What cannot be tried is not done when it was only to be tried.
#[tokio::test]
async fn a_trial_of_what_cannot_be_tried_is_refused() {
    let (seat, ann) = peopled().await;
    let before = seat.get(&ann, BASE).await.body;
    let new = json!({ "name": "New", "issuer": "https://op.test", "client_id": "c",
        "client_secret": "s" });
    let path = format!("{BASE}?dryRun=true");
    let answer = seat.call(&ann, Method::POST, &path, Some((JSON, new.to_string()))).await;
    let answer = answer.expect(StatusCode::BAD_REQUEST);
    assert_eq!(answer.body["type"], "urn:countersign:problem:no-dry-run");
    assert_eq!(seat.get(&ann, BASE).await.body, before);
    let path = format!("{BASE}?dryRun=false");
    let done = seat.call(&ann, Method::POST, &path, Some((JSON, new.to_string()))).await;
    done.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn what_the_caller_has_already_is_not_sent_again() {
    let (seat, ann) = peopled().await;
    let id = seat.get(&ann, BASE).await.body["items"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("{BASE}/{id}");
    let shown = seat.get(&ann, &path).await.expect(StatusCode::OK);
    let tag = shown.headers[header::ETAG].to_str().expect("text").to_owned();
    let By::Cookie(cookie) = &ann else { panic!("she came by a cookie") };
    let ask = async |known: &str| {
        let request = Request::builder()
            .uri(&path)
            .header(header::COOKIE, format!("__Host-sid={cookie}"))
            .header(header::IF_NONE_MATCH, known);
        seat.send(request.body(axum::body::Body::empty()).expect("a request")).await
    };
    for known in [tag.as_str(), "*", &format!("\"other\", {tag}")] {
        let answer = ask(known).await.expect(StatusCode::NOT_MODIFIED);
        assert_eq!(answer.text, "");
        assert_eq!(answer.headers[header::ETAG], tag);
    }
    let edit = Some((JSON, json!({ "name": "Renamed" }).to_string()));
    seat.call(&ann, Method::PATCH, &path, edit).await.expect(StatusCode::OK);
    let answer = ask(&tag).await.expect(StatusCode::OK);
    assert_eq!(answer.body["name"], Value::from("Renamed"));
}

/// Neither database keeps it, so it is refused before it meets one.
#[tokio::test]
async fn a_null_character_in_a_body_is_refused() {
    let (seat, ann) = peopled().await;
    for (body, status) in [
        ("{\"name\":\"a\\u0000b\"}", StatusCode::BAD_REQUEST),
        ("{\"na\\u0000me\":\"a\"}", StatusCode::BAD_REQUEST),
        (
            "{\"name\":\"a\\\\u0000b\",\"issuer\":\"https://op.test\",\"client_id\":\"c\",\
          \"client_secret\":\"s\"}",
            StatusCode::CREATED,
        ),
    ] {
        let answer = seat.call(&ann, Method::POST, BASE, Some((JSON, body.to_owned()))).await;
        answer.expect(status);
    }
}
