//! How many statements a sign-in by a password and a step-up cost; those of single sign-on stand in
//! `tests/it/login/oidcc/setup.rs`. Their number is how their speed is kept.

use std::fmt::Write as _;

use axum::http::StatusCode;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

use super::{Someone, answer, code, enrol_app, enrol_passkey, operator, show};
use crate::login::passwords::{FIRST, House, SECOND};
use crate::world::TestApp;
use crate::world::browser::Page;

/// The same on both databases; a transaction's begin and end do not count.
const COST: &str = "
password, right: 17
password, wrong: 9
password, of nobody: 9
a page in a session: 3
step-up by an app: 11
step-up by a wrong code: 8
step-up by a passkey, begin: 5
step-up by a passkey, answer: 13
step-up by a recovery code: 18
";

async fn note(
    table: &mut String,
    test: &TestApp,
    what: &str,
    request: impl Future<Output = Page>,
) -> Page {
    let before = test.store.statements();
    let page = request.await;
    let sent = test.store.statements() - before;
    writeln!(table, "{what}: {sent}").expect("a line");
    page
}

#[tokio::test]
async fn passwords_and_second_factors_cost_as_many_statements_as_the_table_says() {
    let mut table = "\n".to_owned();
    passwords(&mut table).await;
    second_factors(&mut table).await;
    assert_eq!(table, COST);
}

async fn passwords(table: &mut String) {
    let house = House::settled().await;
    let mut browser = house.browser();
    let right = house.enter(&mut browser, "zoe", FIRST);
    note(table, &house.test, "password, right", right).await.leads_to();
    for (what, name) in [("password, wrong", "zoe"), ("password, of nobody", "nobody")] {
        let mut browser = house.browser();
        let wrong = house.enter(&mut browser, name, SECOND);
        note(table, &house.test, what, wrong).await.expect(StatusCode::UNAUTHORIZED);
    }
    let page = browser.get("/account/password");
    note(table, &house.test, "a page in a session", page).await.expect(StatusCode::OK);
}

async fn second_factors(table: &mut String) {
    let test = TestApp::new().await;
    operator(&test).await;
    let ann = Someone::customer(&test).await;
    let mut browser = ann.comes(&test).await;
    let (seed, codes) = enrol_app(&test, &mut browser, "me").await;
    let mut key = SoftPasskey::new(true);
    enrol_passkey(&mut browser, &mut key, "me").await;
    let mut browser = ann.comes(&test).await;
    let typed = code(&test, &seed);
    let by_app = show(&mut browser, "/step-up/code", &typed);
    note(table, &test, "step-up by an app", by_app).await.leads_to();
    let mut browser = ann.comes(&test).await;
    let wrong = show(&mut browser, "/step-up/code", "000000");
    note(table, &test, "step-up by a wrong code", wrong).await;
    let mut browser = ann.comes(&test).await;
    let begin = browser.post("/step-up/passkey/options", &[]);
    note(table, &test, "step-up by a passkey, begin", begin).await.expect(StatusCode::OK);
    let answer = answer(&mut browser, &mut key).await;
    let by_passkey = show(&mut browser, "/step-up/passkey", &answer);
    note(table, &test, "step-up by a passkey, answer", by_passkey).await.leads_to();
    let mut browser = ann.comes(&test).await;
    let by_code = show(&mut browser, "/step-up/recovery", &codes[0]);
    note(table, &test, "step-up by a recovery code", by_code).await.leads_to();
}
