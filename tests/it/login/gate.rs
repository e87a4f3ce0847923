//! The gate of all sign-ins as a table: what each proof is worth to whom (C4, M37; SIGNIN.md 4.3.5).

use countersign::app::Error;
use countersign::app::sign_in::Shown;
use countersign::domain::ids::AccountId;
use countersign::domain::sessions::Level;

use crate::world::TestApp;
use crate::world::browser::{password, sign_in, sso};
use crate::world::database::TestDatabase;

/// No cell may give staff a full session without a second factor.
const TABLE: &str = "\
                     |                sso | sso with second factor |           password
            customer |               full |                   full |               full
   demanding account |            pending |                   full |            pending
customer with factor |            pending |                   full |            pending
               staff |            pending |                   full | staff-by-sso";

/// Somebody who comes.
struct Comer {
    name: &'static str,
    account: AccountId,
    user: String,
}

#[tokio::test]
async fn every_proof_is_worth_the_same_whichever_way_it_comes() {
    let test = TestApp::new().await;
    let comers = comers(&test).await;
    let ways = ["sso", "sso with second factor", "password"];
    let mut table = format!("{:20} | {:>18} | {:>22} | {:>18}", "", ways[0], ways[1], ways[2]);
    for comer in &comers {
        let mut cells = vec![];
        for shown in [sso(false), sso(true), password()] {
            cells.push(cell(&test, comer, shown).await);
        }
        let [a, b, c] = <[String; 3]>::try_from(cells).expect("three cells");
        let line = format!("\n{:>20} | {a:>18} | {b:>22} | {c:>18}", comer.name);
        table.push_str(&line);
    }
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(squeeze(&table), squeeze(TABLE), "\n{table}");
    let lax = "SELECT count(*) FROM sessions WHERE is_staff AND level = 'full' \
               AND second_factor_at IS NULL";
    assert_eq!(test.database.number(lax).await, 0);
}

#[tokio::test]
async fn nobody_without_an_active_user_is_let_in() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let account = account(&test, "acme").await;
    let user = scim.user("ann").await;
    let stranger = "018f0000-0000-7000-8000-00000000abcd";
    let other = test.account("other").await;
    scim.patch(
        &format!("/Users/{user}"),
        &crate::scim::patch_op(&serde_json::json!([
            { "op": "replace", "path": "active", "value": false }
        ])),
    )
    .await;
    for (account, user) in [(account, user.as_str()), (account, stranger), (other, &user)] {
        for shown in [password(), sso(true)] {
            let refused = sign_in(&test.app, account, user, shown).await;
            assert!(matches!(refused, Err(Error::Unauthenticated(_))), "{refused:?}");
        }
    }
    assert_eq!(test.database.number("SELECT count(*) FROM sessions").await, 0);
    assert_eq!(test.database.number("SELECT count(*) FROM persons").await, 0);
}

/// The database itself keeps a session of staff from being full without a second factor.
#[tokio::test]
async fn the_database_refuses_a_full_session_of_staff_without_a_second_factor() {
    let test = TestApp::new().await;
    let staff = &comers(&test).await[3];
    sign_in(&test.app, staff.account, &staff.user, sso(false)).await.expect("a pending session");
    let connection = test.database.connect().await;
    let raise = "UPDATE sessions SET level = 'full' WHERE is_staff";
    let raised = sea_orm::ConnectionTrait::execute_unprepared(&connection, raise).await;
    assert!(raised.is_err(), "{raised:?}");
}

async fn cell(test: &TestApp, comer: &Comer, shown: Shown) -> String {
    match sign_in(&test.app, comer.account, &comer.user, shown).await {
        Ok(now) => match now.session.level {
            Level::Full => "full".to_owned(),
            Level::Pending => "pending".to_owned(),
        },
        Err(Error::Denied { rule, .. }) => rule.to_owned(),
        Err(error) => panic!("{error:?}"),
    }
}

async fn comers(test: &TestApp) -> [Comer; 4] {
    let customer = comer(test, "customer", "acme").await;
    let demanding = comer(test, "demanding account", "strict").await;
    test.demand_factor("strict", true).await;
    let with_factor = comer(test, "customer with factor", "careful").await;
    sign_in(&test.app, with_factor.account, &with_factor.user, password()).await.expect("a person");
    give_factor(&test.database).await;
    let staff = comer(test, "staff", "operator").await;
    test.database.run("UPDATE accounts SET kind = 'operator' WHERE slug = 'operator'").await;
    [customer, demanding, with_factor, staff]
}

async fn comer(test: &TestApp, name: &'static str, slug: &str) -> Comer {
    let user = test.scim(slug).await.user("ann").await;
    Comer { name, account: account(test, slug).await, user }
}

/// Gives everybody who is a person by now a confirmed factor.
async fn give_factor(database: &TestDatabase) {
    let seed = if database.is_sqlite() { "x'00'" } else { "'\\x00'::bytea" };
    let insert = format!(
        "INSERT INTO totp_factors (person_id, id, name, seed, last_step, confirmed_at, created_at) \
         SELECT id, id, 'phone', {seed}, 0, 1, 1 FROM persons"
    );
    database.run(&insert).await;
}

pub(crate) async fn account(test: &TestApp, slug: &str) -> AccountId {
    use countersign::domain::account::Slug;
    use countersign::domain::actor::Actor;
    let slug = Slug::parse(slug).expect("a slug");
    test.app.account(&Actor::Platform, &slug).await.expect("the account").id
}
