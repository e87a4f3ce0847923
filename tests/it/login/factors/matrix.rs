//! The second-factor matrix of this part's ways in (SIGNIN.md 4.3.5): what a session that is pending,
//! or just begun, comes to by each way, whatever the person has enrolled.

use axum::http::StatusCode;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

use super::{Someone, answer, code, enrol_app, enrol_passkey, operator, show, two_named};
use crate::world::TestApp;
use crate::world::browser::{Browser, Page};

/// `full` is a full session afterwards, `pending` one that still lacks its second factor. No cell of
/// staff is full but by a factor that was shown, or by a link made out to them.
const TABLE: &str = "
customer none: signed in full; code full; passkey full; recovery full; enrol full; link full
customer app: signed in pending; code full; passkey pending; recovery full; enrol pending; link pending
customer passkey: signed in pending; code pending; passkey full; recovery full; enrol pending; link pending
customer both: signed in pending; code full; passkey full; recovery full; enrol pending; link pending
staff none: signed in pending; code pending; passkey pending; recovery pending; enrol pending; link full
staff app: signed in pending; code full; passkey pending; recovery full; enrol pending; link pending
staff passkey: signed in pending; code pending; passkey full; recovery full; enrol pending; link pending
staff both: signed in pending; code full; passkey full; recovery full; enrol pending; link pending
";

/// What somebody has.
struct Kit {
    seed: Vec<u8>,
    key: SoftPasskey,
    codes: Vec<String>,
    door: String,
}

async fn level(browser: &mut Browser) -> &'static str {
    match browser.get("/account/sessions").await.status {
        StatusCode::OK => "full",
        _ => "pending",
    }
}

/// Somebody who enrolled that.
async fn someone(test: &TestApp, is_staff: bool, has: &str) -> (Someone, Kit) {
    let (who, link) = if is_staff {
        let [(zoe, link), _] = two_named(test).await;
        (zoe, link)
    } else {
        operator(test).await;
        (Someone::customer(test).await, "csl_none".to_owned())
    };
    let mut kit =
        Kit { seed: vec![0; 20], key: SoftPasskey::new(true), codes: vec![], door: link.clone() };
    let mut door = if is_staff { link } else { "me".to_owned() };
    let mut browser = who.comes(test).await;
    if ["app", "both"].contains(&has) {
        (kit.seed, kit.codes) = enrol_app(test, &mut browser, &door).await;
        "me".clone_into(&mut door);
    }
    if ["passkey", "both"].contains(&has) {
        let page = enrol_passkey(&mut browser, &mut kit.key, &door).await;
        if page.status == StatusCode::OK {
            kit.codes = super::codes(&page);
        }
    }
    (who, kit)
}

async fn attempt(test: &TestApp, browser: &mut Browser, kit: &mut Kit, way: &str) {
    let door = if way == "link" { kit.door.clone() } else { "me".to_owned() };
    match way {
        "code" => drop(show(browser, "/step-up/code", &code(test, &kit.seed)).await),
        "passkey" => passkey(browser, kit).await,
        "recovery" => {
            let code = kit.codes.first().map_or("7ZK4-9QWX-3MHT-V8RP", String::as_str);
            show(browser, "/step-up/recovery", code).await;
        }
        "enrol" | "link" => {
            let page: Page = browser.post(&format!("/enrol/{door}/app"), &[]).await;
            if page.status == StatusCode::OK {
                let code = code(test, &super::seed(&page));
                let form = [("code", code.as_str())];
                browser.post(&format!("/enrol/{door}/app/confirm"), &form).await;
            }
        }
        _ => {}
    }
}

async fn passkey(browser: &mut Browser, kit: &mut Kit) {
    let page = browser.post("/step-up/passkey/options", &[]).await;
    let answer = if page.status == StatusCode::OK {
        answer(browser, &mut kit.key).await
    } else {
        "{}".to_owned()
    };
    show(browser, "/step-up/passkey", &answer).await;
}

/// C4; Vikunja CVE-2026-34727: a way in that did not ask for the second factor.
#[tokio::test]
async fn no_way_gives_staff_a_full_session_without_a_second_factor() {
    let mut table = "\n".to_owned();
    for (who, is_staff) in [("customer", false), ("staff", true)] {
        for has in ["none", "app", "passkey", "both"] {
            table = format!("{table}{who} {has}: {}\n", row(is_staff, has).await);
        }
    }
    assert_eq!(table, TABLE, "{table}");
}

async fn row(is_staff: bool, has: &str) -> String {
    let mut cells = Vec::new();
    // Ways that change what the person has come to a person of their own.
    for ways in [["signed in", "code", "passkey", "recovery"].as_slice(), &["enrol"], &["link"]] {
        let test = TestApp::new().await;
        let (who, mut kit) = someone(&test, is_staff, has).await;
        for way in ways {
            let mut browser = who.comes(&test).await;
            attempt(&test, &mut browser, &mut kit, way).await;
            cells.push(format!("{way} {}", level(&mut browser).await));
            // Longer than a code holds and wrong tries count.
            test.clock.advance_seconds(301);
        }
        let lax = "SELECT count(*) FROM sessions WHERE is_staff AND level = 'full' \
                   AND second_factor_at IS NULL";
        assert_eq!(test.database.number(lax).await, 0);
    }
    cells.join("; ")
}
