//! What is on record of an account, over the API (W7): who sees it, what is in it, and that it is all there.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::people::{By, JSON, Person, Seat, sign_in, sso};
use crate::api::sso::grant;
use crate::api::users::staff;
use crate::world::PUBLIC_URL;
use crate::world::client::Answer;

const BASE: &str = "/api/v1/accounts/acme/activities";

async fn holder(seat: &Seat, name: &str, right: &str) -> Person {
    let person = seat.with_second_factor(name).await;
    grant(seat, &person, right).await;
    person
}

fn items(answer: &Answer) -> &[Value] {
    answer.body["items"].as_array().expect("items")
}

fn ids(answer: &Answer) -> Vec<String> {
    items(answer).iter().map(|it| it["id"].as_str().expect("an id").to_owned()).collect()
}

async fn find(seat: &Seat, by: &By, query: &str) -> Vec<Value> {
    let found = seat.get(by, &format!("{BASE}?limit=200&{query}")).await.expect(StatusCode::OK);
    items(&found).to_vec()
}

async fn make_ada(seat: &Seat, by: &By) -> Answer {
    let ada = json!({ "user_name": "ada", "given_name": "Ada", "family_name": "Lovelace",
        "language": "fr", "email": "ada@example.com" });
    seat.call(by, Method::POST, "/api/v1/accounts/acme/users", Some((JSON, ada.to_string()))).await
}

#[tokio::test]
async fn w7_an_administrator_sees_who_did_what_to_whom_and_when() {
    let seat = Seat::new().await;
    let chief = holder(&seat, "chief", "users.administer").await;
    let by = chief.by_cookie();
    let ada = make_ada(&seat, &by).await.expect(StatusCode::CREATED).id();
    let bob = seat.scim.user("bob").await;
    let found =
        find(&seat, &by, &format!("action=user.created&actor={}", chief.session.user)).await;
    assert_eq!(found.len(), 1, "{found:?}");
    let user = chief.session.user.to_string();
    assert_eq!(found[0]["actor"], json!({ "kind": "user", "id": user, "name": "chief" }));
    assert_eq!(found[0]["target"]["kind"], "user");
    assert_eq!(found[0]["target"]["id"], ada);
    assert_eq!(found[0]["target"]["name"], "ada");
    assert_eq!((&found[0]["outcome"], &found[0]["door"]), (&json!("done"), &json!("api")));
    let at = found[0]["at"].as_str().expect("a moment");
    assert!(at.starts_with("20") && at.len() == 27, "{at}");
    let one = seat.get(&by, &format!("{BASE}/{}", found[0]["id"].as_str().expect("an id"))).await;
    assert_eq!(one.expect(StatusCode::OK).body, found[0]);
    let found = find(&seat, &by, &format!("target={bob}")).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["actor"]["kind"], "scim_client");
    assert_eq!(found[0]["actor"]["name"], "default");
    assert_eq!((&found[0]["target"]["name"], &found[0]["door"]), (&json!("bob"), &json!("scim")));
    let all = find(&seat, &by, "").await;
    let moments: Vec<&str> = all.iter().map(|it| it["at"].as_str().expect("text")).collect();
    assert!(moments.is_sorted_by(|one, two| one > two), "the newest first: {moments:?}");
    assert_eq!(all.last().expect("one")["action"], "account.created");
    assert_eq!(all.last().expect("one")["actor"]["kind"], "platform");
}

#[tokio::test]
async fn w7_m66_what_was_refused_stands_there_too() {
    let seat = Seat::new().await;
    let by = holder(&seat, "chief", "users.administer").await.by_cookie();
    let plain = seat.person("plain").await;
    let refused = make_ada(&seat, &plain.by_cookie()).await.expect(StatusCode::FORBIDDEN);
    assert_eq!(refused.body["rule"], "administrators-only");
    let found = find(&seat, &by, "outcome=denied").await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["action"], "user.created");
    assert_eq!(found[0]["actor"]["name"], "plain");
    assert_eq!(found[0]["detail"], json!({ "rule": "administrators-only" }));
}

/// M65: whatever a client says of its address, the proxy that we trust is believed.
#[tokio::test]
async fn w7_m65_each_line_says_from_which_address_and_request_it_came() {
    let seat = Seat::with(|settings| {
        settings.trusted_proxies = vec!["10.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let chief = holder(&seat, "chief", "users.administer").await;
    let by = chief.by_cookie();
    for (peer, told, is, name) in [
        ("10.0.0.1:9", "203.0.113.5", "203.0.113.5", "one"),
        ("10.0.0.1:9", "198.51.100.1, 203.0.113.6", "203.0.113.6", "two"),
        ("198.51.100.9:9", "203.0.113.5", "198.51.100.9", "three"),
    ] {
        let peer: SocketAddr = peer.parse().expect("an address");
        let request = seat
            .scim
            .request(Method::POST, "/Users")
            .header("x-forwarded-for", told)
            .extension(ConnectInfo(peer));
        let body = Body::from(json!({ "userName": name }).to_string());
        let made = seat.scim.send(request.body(body).expect("a request")).await;
        let made = made.expect(StatusCode::CREATED);
        let found = find(&seat, &by, &format!("target={}", made.id())).await;
        assert_eq!((&found[0]["ip"], &found[0]["door"]), (&json!(is), &json!("scim")), "{name}");
        assert_eq!(found[0]["request_id"], made.headers["x-request-id"].to_str().expect("text"));
    }
    // What is done once is done by a task of its own.
    let By::Cookie(cookie) = &by else { panic!("by a cookie") };
    let peer: SocketAddr = "198.51.100.7:9".parse().expect("an address");
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/accounts/acme/workspaces")
        .header(header::COOKIE, format!("__Host-sid={cookie}"))
        .header("sec-fetch-site", "same-origin")
        .header(header::ORIGIN, PUBLIC_URL)
        .header("idempotency-key", Uuid::from_u128(7).to_string())
        .header(header::CONTENT_TYPE, JSON)
        .extension(ConnectInfo(peer))
        .body(Body::from(json!({ "name": "North" }).to_string()));
    let made = seat.send(request.expect("a request")).await.expect(StatusCode::CREATED);
    let found = find(&seat, &by, &format!("target={}", made.id())).await;
    assert_eq!((&found[0]["ip"], &found[0]["door"]), (&json!("198.51.100.7"), &json!("api")));
    assert_eq!(found[0]["target"]["name"], "North");
}

#[tokio::test]
async fn w7_activities_are_filtered_by_what_is_asked_for() {
    let seat = Seat::new().await;
    let chief = holder(&seat, "chief", "users.administer").await;
    let by = chief.by_cookie();
    seat.scim.user("bob").await;
    seat.test.clock.advance_seconds(60);
    let group = seat.scim.group("Staff", &[]).await;
    let all = find(&seat, &by, "").await;
    let pick = |keep: &dyn Fn(&Value) -> bool| {
        all.iter().filter(|it| keep(it)).cloned().collect::<Vec<Value>>()
    };
    let staff = pick(&|it| it["target"]["id"] == group.as_str());
    let at = staff[0]["at"].as_str().expect("a moment").to_owned();
    for (query, expected) in [
        ("action=user.created".to_owned(), pick(&|it| it["action"] == "user.created")),
        ("target_kind=group".to_owned(), staff.clone()),
        (format!("target={group}"), staff.clone()),
        (format!("from={at}"), staff.clone()),
        (format!("to={at}"), pick(&|it| it["at"].as_str() < Some(at.as_str()))),
        (format!("from={at}&to={at}"), vec![]),
        ("outcome=done".to_owned(), all.clone()),
        ("outcome=done&target_kind=group&action=user.created".to_owned(), vec![]),
        (format!("actor={}", chief.session.user), pick(&|it| it["actor"]["name"] == "chief")),
        ("sort=at".to_owned(), all.iter().rev().cloned().collect()),
    ] {
        assert_eq!(find(&seat, &by, &query).await, expected, "{query}");
    }
    assert_eq!(staff.len(), 1);
    assert!(all.len() > 5);
}

#[tokio::test]
async fn w7_activities_are_walked_to_the_end_and_none_comes_twice() {
    let seat = Seat::new().await;
    let by = holder(&seat, "chief", "users.administer").await.by_cookie();
    for n in 0..9 {
        seat.scim.user(&format!("user-{n}")).await;
    }
    let all = seat.get(&by, &format!("{BASE}?limit=200")).await.expect(StatusCode::OK);
    assert!(all.body.get("next").is_none());
    for sort in ["", "&sort=-at", "&sort=at"] {
        let seen = walk(&seat, &by, sort).await;
        let unique: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(unique.len(), seen.len(), "{sort}");
        assert!(ids(&all).iter().all(|id| unique.contains(id)), "{sort}");
    }
}

/// All pages in that order; what is written meanwhile is newer, and moves nothing.
async fn walk(seat: &Seat, by: &By, sort: &str) -> Vec<String> {
    let mut page = seat.get(by, &format!("{BASE}?limit=4{sort}")).await.expect(StatusCode::OK);
    seat.scim.user(&format!("late{}", sort.len())).await;
    let mut seen = ids(&page);
    while let Some(next) = page.body["next"].as_str() {
        let path = format!("{BASE}?limit=4{sort}&cursor={next}");
        page = seat.get(by, &path).await.expect(StatusCode::OK);
        assert!((1..=4).contains(&items(&page).len()));
        seen.extend(ids(&page));
    }
    seen
}

#[tokio::test]
async fn w7_what_cannot_be_asked_for_is_named() {
    let seat = Seat::new().await;
    let by = holder(&seat, "chief", "users.administer").await.by_cookie();
    let next = seat.get(&by, &format!("{BASE}?limit=1")).await.body["next"].clone();
    let next = next.as_str().expect("a cursor").to_owned();
    for (query, field, code) in [
        ("action=user.made", "action", "choice"),
        ("target_kind=users", "target_kind", "choice"),
        ("outcome=failed", "outcome", "choice"),
        ("actor=ann", "actor", "id"),
        ("target=1", "target", "id"),
        ("from=yesterday", "from", "moment"),
        ("to=2026-01-01", "to", "moment"),
        ("sort=action", "sort", "choice"),
        ("limit=0", "limit", "range"),
        ("ip=::1", "ip", "unknown"),
        ("cursor=x", "cursor", "cursor"),
        (&format!("cursor={next}&outcome=done"), "cursor", "other_cursor"),
    ] {
        let answer = seat.get(&by, &format!("{BASE}?{query}")).await;
        let answer = answer.expect(StatusCode::BAD_REQUEST);
        let told = (&answer.body["errors"][0]["field"], &answer.body["errors"][0]["code"]);
        assert_eq!(told, (&json!(field), &json!(code)), "{}", answer.text);
    }
    for path in ["csv?limit=1", "jsonl?action=x", "csv?from=1"] {
        let answer = seat.get(&by, &format!("{BASE}.{path}")).await;
        answer.expect(StatusCode::BAD_REQUEST);
    }
    for id in ["x", &Uuid::nil().to_string()] {
        seat.get(&by, &format!("{BASE}/{id}")).await.expect(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn w7_activities_are_for_administrators_and_for_whoever_may_read_them() {
    let seat = Seat::new().await;
    let chief = holder(&seat, "chief", "users.administer").await.by_cookie();
    let auditor = holder(&seat, "auditor", "activities.read").await.by_cookie();
    let plain = seat.person("plain").await.by_cookie();
    let staff = staff(&seat, "sam").await;
    grant(&seat, &staff, "users.administer").await;
    let other = seat.test.scim("other").await;
    let slug = countersign::domain::account::Slug::parse("other").expect("a slug");
    let platform = countersign::domain::actor::Actor::Platform;
    let account = seat.test.app.account(&platform, &slug).await.expect("the account").id;
    let olga = sign_in(&seat.test, account, &other.user("olga").await, sso(true)).await;
    grant(&seat, &olga, "users.administer").await;
    let id = ids(&seat.get(&chief, BASE).await.expect(StatusCode::OK)).remove(0);
    let paths =
        [BASE.to_owned(), format!("{BASE}.csv"), format!("{BASE}.jsonl"), format!("{BASE}/{id}")];
    for path in &paths {
        seat.get(&chief, path).await.expect(StatusCode::OK);
        seat.get(&auditor, path).await.expect(StatusCode::OK);
        let refused = seat.get(&plain, path).await.expect(StatusCode::FORBIDDEN);
        assert_eq!(refused.body["rule"], "activities-readers-only");
        let refused = seat.get(&staff.by_cookie(), path).await.expect(StatusCode::FORBIDDEN);
        assert_eq!(refused.body["rule"], "two-planes");
        seat.get(&olga.by_cookie(), path).await.expect(StatusCode::NOT_FOUND);
    }
    // An auditor reads, and administers nobody.
    make_ada(&seat, &auditor).await.expect(StatusCode::FORBIDDEN);
    // Another account's line is not there under one's own.
    let own = "/api/v1/accounts/other/activities";
    let path = format!("{own}/{id}");
    seat.get(&olga.by_cookie(), &path).await.expect(StatusCode::NOT_FOUND);
    // Under a parent, its administrators read; whoever reads there, reads there alone.
    let attach = "UPDATE account_periods SET parent_id = (SELECT id FROM accounts WHERE \
                  slug = 'acme') WHERE account_id = (SELECT id FROM accounts WHERE slug = 'other')";
    seat.test.database.run(attach).await;
    seat.get(&chief, own).await.expect(StatusCode::OK);
    seat.get(&auditor, own).await.expect(StatusCode::FORBIDDEN);
    seat.get(&olga.by_cookie(), BASE).await.expect(StatusCode::NOT_FOUND);
}

/// Many more lines than are read at a time.
async fn crowd(seat: &Seat, count: u128) {
    let is_sqlite = seat.test.database.is_sqlite();
    let literal =
        |id: Uuid| if is_sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'") };
    let account = literal(seat.acme.uuid());
    let mut sql = "INSERT INTO activities (account_id, id, at, action, outcome, actor_kind, \
                   target_kind) VALUES "
        .to_owned();
    for n in 0..count {
        let (comma, id) = (if n == 0 { "" } else { ", " }, literal(Uuid::from_u128(n)));
        let row = "'user.patched', 'done', 'system', 'user'";
        write!(sql, "{comma}({account}, {id}, {n}, {row})").expect("text");
    }
    seat.test.database.run(&sql).await;
}

#[tokio::test]
async fn w7_m23_the_exports_hold_the_rows_of_the_list_and_begin_no_formula() {
    let seat = Seat::new().await;
    let by = holder(&seat, "chief", "users.administer").await.by_cookie();
    crowd(&seat, 1100).await;
    let group = seat.scim.group("=1+1", &[]).await;
    let (mut listed, mut cursor) = (vec![], String::new());
    loop {
        let page = seat.get(&by, &format!("{BASE}?limit=200{cursor}")).await;
        listed.extend(items(&page).to_vec());
        let Some(next) = page.body["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert!(listed.len() > 1100);
    let lines = seat.get(&by, &format!("{BASE}.jsonl")).await.expect(StatusCode::OK);
    assert_eq!(lines.headers[header::CONTENT_TYPE], "application/jsonl");
    let rows = lines.text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    assert_eq!(rows.collect::<Vec<_>>(), listed);
    let csv = seat.get(&by, &format!("{BASE}.csv")).await.expect(StatusCode::OK);
    assert_eq!(csv.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8; header=present");
    let attached = "attachment; filename=\"activities.csv\"";
    assert_eq!(csv.headers[header::CONTENT_DISPOSITION], attached);
    let of_csv: Vec<&str> =
        csv.text.split("\r\n").skip(1).filter_map(|row| row.split(',').next()).collect();
    let of_list: Vec<&str> = listed.iter().map(|it| it["id"].as_str().expect("an id")).collect();
    assert_eq!(of_csv[..of_csv.len() - 1], of_list);
    let path = format!("{BASE}.csv?target={group}");
    let one = seat.get(&by, &path).await.expect(StatusCode::OK);
    assert!(one.text.starts_with("id,at,action,outcome,actor_kind,"), "{}", one.text);
    assert!(one.text.contains(&format!(",group,{group},'=1+1,")), "{}", one.text);
    assert_eq!(one.text.lines().count(), 2);
    let path = format!("{BASE}.jsonl?target={group}");
    assert_eq!(seat.get(&by, &path).await.text.lines().count(), 1);
}

#[tokio::test]
async fn w7_a_page_of_activities_takes_as_many_statements_as_one() {
    let seat = Seat::new().await;
    let by = holder(&seat, "chief", "users.administer").await.by_cookie();
    crowd(&seat, 300).await;
    let count = async |query: &str| {
        let before = seat.test.store.statements();
        let page = seat.get(&by, &format!("{BASE}{query}")).await.expect(StatusCode::OK);
        (seat.test.store.statements() - before, items(&page).len())
    };
    count("?limit=1").await;
    let (alone, one) = count("?limit=1").await;
    let (many, page) = count("?limit=200").await;
    assert_eq!((alone, one, page), (many, 1, 200));
}

#[tokio::test]
async fn w7_whoever_reads_the_record_gets_its_seals_checkpoints_and_ocsf() {
    let seat = Seat::new().await;
    let by = holder(&seat, "reader", "activities.read").await.by_cookie();
    seat.get(&by, &format!("{BASE}/checkpoint")).await.expect(StatusCode::NOT_FOUND);
    let ada = seat.scim.user("ada").await;
    while countersign::worker::deliver_batch(&seat.test.app).await.expect("delivered") > 0 {}
    let found = seat.get(&by, &format!("{BASE}?target={ada}")).await.expect(StatusCode::OK);
    let line = &found.body["items"][0];
    assert_eq!(line["policy_version"], countersign::policy::version());
    assert_eq!(line["hash"].as_str().map(str::len), Some(64));
    let signed = seat.get(&by, &format!("{BASE}/checkpoint")).await.expect(StatusCode::OK);
    assert_eq!((&signed.body["seq"], &signed.body["hash"]), (&line["seq"], &line["hash"]));
    let again = seat.get(&by, &format!("{BASE}/checkpoint")).await.expect(StatusCode::OK);
    assert_eq!(again.body, signed.body);
    let keys = seat.get(&By::Nobody, "/.well-known/checkpoint-keys.json").await;
    assert_eq!(keys.expect(StatusCode::OK).body["keys"][0]["kid"], signed.body["key_id"]);
    let id = line["id"].as_str().expect("an id");
    let event = seat.get(&by, &format!("{BASE}/{id}?format=ocsf")).await.expect(StatusCode::OK);
    assert_eq!(
        (&event.body["type_uid"], &event.body["user"]["uid"]),
        (&json!(300_101), &json!(ada))
    );
    assert_eq!(event.body["metadata"]["uid"], id);
    seat.get(&by, &format!("{BASE}/{id}?format=cef")).await.expect(StatusCode::BAD_REQUEST);
    let all = seat.get(&by, &format!("{BASE}.ocsf.jsonl")).await.expect(StatusCode::OK);
    for line in all.text.lines() {
        let event: Value = serde_json::from_str(line).expect("JSON");
        for field in ["activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time"]
        {
            assert!(!event[field].is_null(), "{field}: {line}");
        }
    }
}

#[tokio::test]
async fn w7_a_line_says_what_was_and_what_it_became() {
    let seat = Seat::new().await;
    let by = holder(&seat, "chief", "users.administer").await.by_cookie();
    let send = async |method: Method, path: &str, body: Value| {
        let path = format!("/api/v1/accounts/acme{path}");
        let answer = seat.call(&by, method, &path, Some((JSON, body.to_string()))).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
        answer
    };
    let bundle = countersign::domain::rights::catalogue::bundle_id("recipient").to_string();
    let role = json!({ "name": "Lead", "level": "account", "bundles": [bundle] });
    let role = send(Method::POST, "/roles", role).await.id();
    send(Method::PATCH, &format!("/roles/{role}"), json!({ "name": "Head" })).await;
    send(Method::DELETE, &format!("/roles/{role}"), json!({})).await;
    let found = find(&seat, &by, &format!("target={role}&sort=at")).await;
    let told = |name: &str| json!({ "name": name, "description": "", "bundles": [bundle] });
    let sides: Vec<_> = found.iter().map(|it| (&it["before"], &it["after"])).collect();
    let (lead, head, none) = (told("Lead"), told("Head"), Value::Null);
    assert_eq!(sides, [(&none, &lead), (&lead, &head), (&head, &none)]);
    let ada = make_ada(&seat, &by).await.expect(StatusCode::CREATED).id();
    send(Method::PATCH, &format!("/users/{ada}"), json!({ "family_name": "Byron" })).await;
    let found = find(&seat, &by, &format!("target={ada}&action=user.patched")).await;
    assert_eq!(found[0]["after"]["name"]["familyName"], "Byron", "{found:?}");
    assert_eq!(found[0]["before"]["name"]["familyName"], "Lovelace", "{found:?}");
    assert!(!found[0]["detail"].to_string().contains("Byron"));
    let bob = seat.scim.user("bob").await;
    let group = seat.scim.group("Staff", std::slice::from_ref(&bob)).await;
    let found = find(&seat, &by, &format!("target={group}")).await;
    let staff = json!({ "displayName": "Staff", "members": [bob] });
    assert_eq!((&found[0]["before"], &found[0]["after"]), (&none, &staff));
    for path in [format!("/Groups/{group}"), format!("/Users/{bob}")] {
        seat.scim.delete(&path).await.expect(StatusCode::NO_CONTENT);
    }
    let staff = json!({ "displayName": "Staff" });
    let found = find(&seat, &by, &format!("target={group}&action=group.deleted")).await;
    assert_eq!((&found[0]["before"], &found[0]["after"]), (&staff, &none));
    let found = find(&seat, &by, &format!("target={bob}&sort=at")).await;
    let bob = json!({ "active": true, "userName": "bob" });
    let sides: Vec<_> = found.iter().map(|it| (&it["before"], &it["after"])).collect();
    assert_eq!(sides, [(&none, &bob), (&bob, &none)]);
}

/// M64: no door takes a line out, changes one, stops the record or shortens what is kept of it.
#[tokio::test]
async fn m64_nobody_takes_out_changes_or_stops_the_record() {
    let seat = Seat::new().await;
    let chief = holder(&seat, "chief", "users.administer").await;
    let by = chief.by_cookie();
    let ada = make_ada(&seat, &by).await.expect(StatusCode::CREATED).id();
    let before = find(&seat, &by, &format!("target={ada}")).await;
    let id = before[0]["id"].as_str().expect("an id").to_owned();
    for path in [BASE.to_owned(), format!("{BASE}/{id}"), format!("{BASE}.jsonl")] {
        for method in [Method::DELETE, Method::PUT, Method::PATCH, Method::POST] {
            let answer = seat.call(&by, method.clone(), &path, Some((JSON, "{}".to_owned()))).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        }
    }
    for path in ["retention", "settings", "stream"] {
        let answer = seat.get(&by, &format!("{BASE}/{path}")).await;
        answer.expect(StatusCode::NOT_FOUND);
    }
    let actor = countersign::domain::actor::Actor::User(chief.session.signed_in());
    let user = ada.parse().expect("an id");
    let refused = seat.test.app.erase_personal(&actor, (seat.acme, user)).await;
    let refused = format!("{:?}", refused.expect_err("nobody but the command line erases"));
    assert!(refused.contains("platform-erases"), "{refused}");
    assert_eq!(find(&seat, &by, &format!("target={ada}")).await, before);
    let program = crate::world::server::Program::new(&seat.test.database.url);
    let help = program.must(&["audit", "--help"]);
    let commands = help.lines().filter_map(|line| line.strip_prefix("  ")?.split_once("  "));
    let commands: Vec<&str> = commands.map(|(name, _)| name).filter(|it| !it.is_empty()).collect();
    let known = ["export", "checkpoint", "keys", "verify", "erase", "help"];
    assert!(known.iter().all(|name| commands.contains(name)), "{commands:?}");
    let is_known = |it: &&str| known.contains(it) || it.starts_with('-');
    assert!(commands.iter().all(is_known), "{commands:?}");
}
