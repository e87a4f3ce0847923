//! The directory of support users (W4), what each lacks before they may be let in (W8), and whom an account
//! lets in (W11).

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use super::{Scene, codes, id, refused};
use crate::api::people::{By, sign_in};
use crate::api::sso::grant;
use crate::world::browser::password;

const DIRECTORY: &str = "/accounts/acme/support-users";
const MODE: &str = "/accounts/acme/support-mode";

fn lacks(body: &Value) -> Vec<&str> {
    let lacks = body["lacks"].as_array().expect("a list");
    lacks.iter().map(|it| it["code"].as_str().expect("a code")).collect()
}

#[tokio::test]
async fn w4_w8_m69_the_directory_says_who_is_ready_and_what_the_others_lack() {
    let scene = Scene::new().await;
    let zoe = scene.director("zoe").await;
    let sam = scene.staff("sam", &["team:support", "function:support"]).await;
    let extension = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", extension],
        "userName": "pat", "displayName": "Pat Partner", extension: { "organization": "Helpers Ltd" } });
    let pat = scene.vendor.post("/Users", &body).await.expect(StatusCode::CREATED).id();
    let group = scene.vendor.group("Partners", std::slice::from_ref(&pat)).await;
    let partner = json!({ "group": group, "function": "partner" });
    scene.post(&zoe, "/staff/functions", partner).await.expect(StatusCode::CREATED);
    let ann = scene.administrator("ann").await;
    let list = scene.get(&ann, DIRECTORY).await.expect(StatusCode::OK);
    let items = list.body["items"].as_array().expect("a list");
    let names: Vec<&str> =
        items.iter().map(|it| it["display_name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["Pat Partner", "sam", "zoe"]);
    assert_eq!(items[0]["employer"], "Helpers Ltd");
    let all = ["no_team", "no_second_factor", "no_background_check", "no_sso_link"];
    assert_eq!(lacks(&items[0]), all);
    assert_eq!(items[0]["ready"], false);
    assert_eq!(items[1]["employer"], Value::Null);
    assert_eq!(lacks(&items[1]), ["no_background_check"]);
    assert_eq!(items[1]["teams"], json!(["support"]));
    assert!(!list.text.contains("user_name"), "{}", list.text);
    let check = json!({ "checked_on": "2025-12-01", "valid_until": "2026-01-02" });
    let path = format!("/staff/{}/background-check", id(&sam));
    let noted = scene.put(&zoe, &path, check.clone()).await.expect(StatusCode::OK);
    assert_eq!(noted.body["valid_until"], "2026-01-02");
    let one = format!("{DIRECTORY}/{}", id(&sam));
    let shown = scene.get(&ann, &one).await.expect(StatusCode::OK);
    assert_eq!((&shown.body["ready"], &shown.body["lacks"]), (&json!(true), &json!([])));
    assert_eq!(shown.body["background_check_until"], "2026-01-02");
    assert_eq!(scene.activities("background_check.noted", "done").await, 1);
    // A later one takes its place, and what it was stays.
    let longer = json!({ "checked_on": "2025-12-02", "valid_until": "2026-01-01" });
    scene.put(&zoe, &path, longer).await.expect(StatusCode::OK);
    let rows = "SELECT count(*) FROM background_checks";
    assert_eq!(scene.seat.test.database.number(rows).await, 2);
    // W7: what was and what it became is kept beside the record of it.
    let kept = "SELECT p.payload FROM activity_personal p JOIN activities a ON a.id = p.activity_id \
                WHERE a.action = 'background_check.noted' ORDER BY a.id";
    let first = "{\"checked_on\":\"2025-12-01\",\"valid_until\":\"2026-01-02\"}";
    let second = "{\"checked_on\":\"2025-12-02\",\"valid_until\":\"2026-01-01\"}";
    assert_eq!(
        scene.seat.test.database.texts(kept).await,
        [format!("{{\"after\":{first}}}"), format!("{{\"after\":{second},\"before\":{first}}}")]
    );
    scene.seat.test.clock.advance_seconds(86_400);
    let ann = scene.seat.sign_in(&id(&ann), password()).await;
    let french = in_french(&scene, &ann.by_cookie(), &one).await;
    assert_eq!(lacks(&french.body), ["background_check_expired"]);
    let detail = french.body["lacks"][0]["detail"].as_str().expect("a text");
    assert!(detail.contains("périmé"), "{detail}");
}

async fn in_french(scene: &Scene, by: &By, path: &str) -> crate::world::client::Answer {
    let By::Cookie(cookie) = by else { panic!("a cookie") };
    let request = axum::http::Request::builder()
        .uri(format!("/api/v1{path}"))
        .header(header::COOKIE, format!("__Host-sid={cookie}"))
        .header(header::ACCEPT_LANGUAGE, "fr")
        .header("sec-fetch-site", "same-origin");
    scene.seat.send(request.body(axum::body::Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn w4_administrators_of_the_account_or_its_parent_and_staff_see_it_and_nobody_else() {
    let scene = Scene::new().await;
    let sam = scene.staff("sam", &["team:support"]).await;
    let plain = scene.seat.person("plain").await;
    refused(&scene.get(&plain, DIRECTORY).await, "administrators-only");
    let other = scene.seat.test.scim("other").await;
    let bob = other.user("bob").await;
    let slug = countersign::domain::account::Slug::parse("other").expect("a slug");
    let actor = countersign::domain::actor::Actor::Platform;
    let other = scene.seat.test.app.account(&actor, &slug).await.expect("the account").id;
    let bob = sign_in(&scene.seat.test, other, &bob, password()).await;
    grant(&scene.seat, &bob, "users.administer").await;
    scene.get(&bob, DIRECTORY).await.expect(StatusCode::NOT_FOUND);
    for by in [&scene.administrator("ann").await, &sam] {
        let list = scene.get(by, DIRECTORY).await.expect(StatusCode::OK);
        assert_eq!(list.body["items"][0]["display_name"], "sam", "{}", list.text);
    }
    let kin = "UPDATE account_periods SET parent_id = \
        (SELECT id FROM accounts WHERE slug = 'other') \
        WHERE account_id = (SELECT id FROM accounts WHERE slug = 'acme')";
    scene.seat.test.database.run(kin).await;
    scene.get(&bob, DIRECTORY).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn w4_the_directory_is_filtered_and_comes_in_pages() {
    let scene = Scene::new().await;
    let ann = scene.administrator("ann").await;
    for (name, seeds) in [
        ("amy", ["team:support", "function:support"]),
        ("ben", ["team:services", "function:psm"]),
        ("cid", ["team:support", "function:csm"]),
        ("d_n", ["team:customer_success", "function:csm"]),
    ] {
        scene.staff(name, &seeds).await;
    }
    scene.staff("nobody", &["users.administer"]).await;
    let names = async |query: &str| {
        let list = scene.get(&ann, &format!("{DIRECTORY}?{query}")).await.expect(StatusCode::OK);
        let items = list.body["items"].as_array().cloned().expect("a list");
        items
            .iter()
            .map(|it| it["display_name"].as_str().expect("a name").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("sort=-display_name").await, ["d_n", "cid", "ben", "amy"]);
    assert_eq!(names("team=support").await, ["amy", "cid"]);
    assert_eq!(names("function=csm").await, ["cid", "d_n"]);
    assert_eq!(names("function=csm&team=support").await, ["cid"]);
    assert_eq!(names("name=_").await, ["d_n"]);
    assert_eq!(names("name=EN").await, ["ben"]);
    let first = scene.get(&ann, &format!("{DIRECTORY}?limit=3")).await.expect(StatusCode::OK);
    let next = first.body["next"].as_str().expect("a cursor");
    assert_eq!(names(&format!("limit=3&cursor={next}")).await, ["d_n"]);
    let wrong = scene.get(&ann, &format!("{DIRECTORY}?team=kings")).await;
    assert_eq!((wrong.status.as_u16(), codes(&wrong)), (400, vec![("team", "choice")]));
}

#[tokio::test]
async fn w8_nobody_notes_a_check_of_themselves_and_only_directors_and_services_managers_do() {
    let scene = Scene::new().await;
    let zoe = scene.director("zoe").await;
    let psm = scene.staff("psm", &["function:psm"]).await;
    let sam = scene.staff("sam", &["function:csm", "team:support"]).await;
    let ann = scene.administrator("ann").await;
    let check = json!({ "checked_on": "2025-12-01", "valid_until": "2027-12-01" });
    let of = |user: &str| format!("/staff/{user}/background-check");
    refused(&scene.put(&zoe, &of(&id(&zoe)), check.clone()).await, "no-self-assignment");
    refused(&scene.put(&psm, &of(&id(&psm)), check.clone()).await, "no-self-assignment");
    refused(&scene.put(&sam, &of(&id(&zoe)), check.clone()).await, "checks-by-csd-or-psm");
    refused(&scene.put(&ann, &of(&id(&zoe)), check.clone()).await, "support-by-staff");
    scene.put(&psm, &of(&id(&zoe)), check.clone()).await.expect(StatusCode::OK);
    let nobody = scene.put(&zoe, &of(&id(&ann)), check).await;
    nobody.expect(StatusCode::NOT_FOUND);
    for (checked_on, valid_until, wrong) in [
        ("2026-01-02", "2027-01-01", ("checked_on", "not_yet")),
        ("2025-12-02", "2025-12-01", ("valid_until", "ends_before_start")),
        ("1 May", "2027-12-01", ("checked_on", "wrong_day")),
        ("2025-12-02", "", ("valid_until", "missing")),
    ] {
        let body = json!({ "checked_on": checked_on, "valid_until": valid_until });
        let answer = scene.put(&zoe, &of(&id(&sam)), body).await.expect(StatusCode::BAD_REQUEST);
        assert_eq!(codes(&answer), [wrong]);
    }
}

#[tokio::test]
async fn w11_an_account_lets_in_less_at_once_and_more_takes_two() {
    let scene = Scene::new().await;
    let ann = scene.administrator("ann").await;
    let plain = scene.seat.person("plain").await;
    let sam = scene.staff("sam", &["team:support", "function:csd"]).await;
    for by in [&ann, &plain, &sam] {
        let mode = scene.get(by, MODE).await.expect(StatusCode::OK);
        assert_eq!(mode.body["mode"], "two_person");
    }
    let to = |mode: &str| json!({ "mode": mode });
    refused(&scene.put(&plain, MODE, to("closed")).await, "administrators-only");
    refused(&scene.put(&sam, MODE, to("closed")).await, "two-planes");
    let wrong = scene.put(&ann, MODE, to("open")).await.expect(StatusCode::BAD_REQUEST);
    assert_eq!(codes(&wrong), [("mode", "wrong_support_mode")]);
    for mode in ["two_person", "customer_approval", "closed", "closed"] {
        let set = scene.put(&ann, MODE, to(mode)).await.expect(StatusCode::OK);
        assert_eq!(set.body["mode"], mode);
    }
    for mode in ["customer_approval", "two_person"] {
        refused(&scene.put(&ann, MODE, to(mode)).await, "support-mode-takes-two");
    }
    assert_eq!(scene.get(&plain, MODE).await.body["mode"], "closed");
    assert_eq!(scene.activities("account.support_mode_changed", "done").await, 2);
    let rows = "SELECT count(*) FROM account_support_modes";
    assert_eq!(scene.seat.test.database.number(rows).await, 2, "periods are kept");
}
