//! Tries slow down, by name and by network; and Argon2 keeps to its bounds under a flood.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use axum::http::{StatusCode, header};
use countersign::app::Error;
use countersign::app::passwords::links::Asked;
use countersign::app::passwords::{PasswordEntry, Tried};
use countersign::domain::sessions::Visitor;
use countersign::domain::users::contact::Language;
use secrecy::SecretString;

use super::{FIRST, House, SECOND};
use crate::login::html;

fn visitor(ip: &str) -> Visitor {
    Visitor { ip: Some(ip.to_owned()), agent: String::new() }
}

async fn attempt(house: &House, name: &str, password: &str, ip: &str) -> Result<Tried, Error> {
    let entry = PasswordEntry {
        account: "acme",
        user_name: name,
        password: &SecretString::from(password),
        visitor: visitor(ip),
        replaces: None,
    };
    house.test.app.sign_in_with_password(entry).await
}

#[tokio::test]
async fn wrong_passwords_slow_down_and_a_right_one_forgives() {
    let house = House::settled().await;
    for name in ["zoe", "nobody"] {
        let browser = &mut house.browser();
        for _ in 0..5 {
            house.enter(browser, name, SECOND).await.expect(StatusCode::UNAUTHORIZED);
        }
        for wait in [1, 2, 4, 8] {
            let work = house.test.app.password_work().0;
            let page = house.enter(browser, name, FIRST).await;
            let page = page.expect(StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(page.headers[header::RETRY_AFTER], wait.to_string().as_str());
            assert!(page.text.contains("too many tries"), "{}", page.text);
            assert_eq!(house.test.app.password_work().0, work, "nothing is hashed meanwhile");
            house.test.clock.advance_seconds(wait);
            house.enter(browser, name, SECOND).await.expect(StatusCode::UNAUTHORIZED);
        }
    }
    // No hard lock: the owner gets in, and starts afresh.
    house.test.clock.advance_seconds(300);
    house.signed_in(FIRST).await;
    for _ in 0..5 {
        let page = house.enter(&mut house.browser(), "zoe", SECOND).await;
        page.expect(StatusCode::UNAUTHORIZED);
    }
}

/// A try is counted before it is made: many at once are no more than five.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_once_gain_nothing() {
    let house = House::settled().await;
    let before = house.test.app.password_work().0;
    let guesses = (0..40).map(|n| {
        let house = &house;
        async move { attempt(house, "zoe", &format!("une tasse {n:05}"), "198.51.100.1").await }
    });
    let guesses = futures_util::future::join_all(guesses).await;
    let tried = guesses.iter().filter(|guess| matches!(guess, Ok(Tried::Wrong))).count();
    assert!(tried <= 5, "{tried}");
    assert!(house.test.app.password_work().0 - before <= 5);
}

#[tokio::test]
async fn one_network_is_slowed_down_whatever_names_it_tries() {
    let house = House::settled().await;
    for n in 0..50 {
        let ip = format!("2001:db8:1:2::{n:x}");
        let tried = attempt(&house, &format!("user-{n}"), "x", &ip).await.expect("tried");
        assert!(matches!(tried, Tried::Wrong), "{n}: {tried:?}");
    }
    let tried = attempt(&house, "zoe", FIRST, "2001:db8:1:2:ffff::1").await.expect("asked");
    assert!(matches!(tried, Tried::Wait { seconds: 1 }), "{tried:?}");
    let elsewhere = attempt(&house, "zoe", FIRST, "2001:db8:1:3::1").await.expect("asked");
    assert!(matches!(elsewhere, Tried::SignedIn(_)), "{elsewhere:?}");
}

/// Nobody keeps somebody else out by wrong passwords: their own network has to wait, not the owner's.
#[tokio::test]
async fn wrong_passwords_from_elsewhere_do_not_lock_the_owner_out() {
    let house = House::settled().await;
    for n in 0..8 {
        let tried = attempt(&house, "zoe", "x", "203.0.113.7").await.expect("asked");
        assert!(n < 5 || matches!(tried, Tried::Wait { .. } | Tried::Wrong), "{tried:?}");
    }
    let tried = attempt(&house, "zoe", FIRST, "203.0.113.7").await.expect("asked");
    assert!(matches!(tried, Tried::Wait { .. }), "{tried:?}");
    let tried = attempt(&house, "zoe", FIRST, "198.51.100.1").await.expect("asked");
    assert!(matches!(tried, Tried::SignedIn(_)), "{tried:?}");
}

/// A user's name and address are one user: together they give no more tries.
#[tokio::test]
async fn name_and_address_share_their_tries() {
    let house = House::settled().await;
    for name in ["zoe", "zoe@acme.example", "ZOE", "zoe@ACME.example", "zoe"] {
        let tried = attempt(&house, name, "x", "203.0.113.7").await.expect("asked");
        assert!(matches!(tried, Tried::Wrong), "{name}: {tried:?}");
    }
    let tried = attempt(&house, "zoe@acme.example", FIRST, "203.0.113.7").await.expect("asked");
    assert!(matches!(tried, Tried::Wait { .. }), "{tried:?}");
}

/// A right password behind a network that mistyped too often makes nobody wait longer.
#[tokio::test]
async fn a_right_password_takes_its_own_rest_back() {
    let house = House::settled().await;
    for n in 0..50 {
        attempt(&house, &format!("user-{n}"), "x", "198.51.100.1").await.expect("tried");
    }
    house.test.clock.advance_seconds(2);
    for _ in 0..3 {
        let tried = attempt(&house, "zoe", FIRST, "198.51.100.1").await.expect("asked");
        assert!(matches!(tried, Tried::SignedIn(_)), "{tried:?}");
    }
}

/// An office behind one address signs in all morning.
#[tokio::test]
async fn right_passwords_do_not_slow_their_network_down() {
    let house = House::settled().await;
    for n in 0..55 {
        let tried = attempt(&house, "zoe", FIRST, "198.51.100.1").await.expect("asked");
        assert!(matches!(tried, Tried::SignedIn(_)), "{n}: {tried:?}");
    }
}

#[tokio::test]
async fn mails_are_three_an_hour_for_an_address_and_twenty_for_a_network() {
    let house = House::settled().await;
    let ask = async |address: &str, ip: &str| {
        let asked = house.test.app.ask_for_reset(address, &visitor(ip), Language::En).await;
        match asked.expect("an answer") {
            Asked::Taken(work) => {
                work.await.expect("it ends");
                None
            }
            Asked::Wait { seconds } => Some(seconds),
        }
    };
    for n in 0..3 {
        assert_eq!(ask("zoe@acme.example", &format!("198.51.100.{n}")).await, None);
    }
    let wait = ask("ZOE@acme.example", "198.51.100.9").await.expect("wait");
    assert!((3590..=3600).contains(&wait), "{wait}");
    for n in 0..20 {
        let address = format!("nobody-{n}@acme.example");
        assert_eq!(ask(&address, "203.0.113.7").await, None, "{n}");
    }
    assert!(ask("somebody@acme.example", "203.0.113.7").await.is_some());
    house.test.clock.advance_seconds(3600);
    assert_eq!(ask("zoe@acme.example", "203.0.113.7").await, None);
}

/// Argon2's memory is bounded: some wait, the rest is told to come again.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_sign_ins_is_bounded() {
    let house = House::settled().await;
    let flood = (0..150).map(|n| {
        let house = &house;
        async move { attempt(house, &format!("user-{n}"), "x", &format!("198.51.100.{n}")).await }
    });
    let answers = futures_util::future::join_all(flood).await;
    let busy = answers.iter().filter(|answer| matches!(answer, Err(Error::Busy))).count();
    let wrong = answers.iter().filter(|answer| matches!(answer, Ok(Tried::Wrong))).count();
    assert_eq!(busy + wrong, 150);
    let (_, (peak, most)) = house.test.app.password_work();
    assert!(peak <= most && busy > 0 && wrong > 0, "{peak} at once, {busy} busy, {wrong} wrong");
    house.signed_in(FIRST).await;
}

/// The same through the pages: each is told something, in time, and nobody else waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn in_a_flood_everybody_is_answered() {
    let house = House::settled().await;
    let mut zoe = house.signed_in(FIRST).await;
    let before = house.test.app.password_work().0;
    let flood: Vec<_> = (0..100)
        .map(|n| {
            let mut browser = house.browser();
            let name = format!("user-{n}");
            tokio::spawn(async move {
                let form = [("user_name", name.as_str()), ("password", SECOND)];
                browser.post("/accounts/acme/login/password", &form).await
            })
        })
        .collect();
    while house.test.app.password_work().0 == before {
        tokio::task::yield_now().await;
    }
    let began = Instant::now();
    zoe.get("/account/sessions").await.expect(StatusCode::OK);
    house.browser().get("/login").await.expect(StatusCode::OK);
    house.scim.get("/Users").await.expect(StatusCode::OK);
    assert!(began.elapsed() < Duration::from_secs(2), "others wait: {:?}", began.elapsed());
    assert!(flood.iter().any(|one| !one.is_finished()), "it goes on meanwhile");
    let mut told = BTreeMap::<u16, usize>::new();
    for one in flood {
        let page = one.await.expect("an answer");
        html::check(&page.text, "en");
        let waits = page.headers.contains_key(header::RETRY_AFTER);
        assert_eq!(waits, page.status != StatusCode::UNAUTHORIZED, "{}", page.status);
        *told.entry(page.status.as_u16()).or_default() += 1;
    }
    assert!(told.keys().all(|status| [401, 429, 503].contains(status)), "{told:?}");
    assert!(told.contains_key(&401) && told.contains_key(&503), "{told:?}");
    let (computed, (peak, most)) = house.test.app.password_work();
    assert!(peak <= most, "{peak} at once");
    let wrong = u64::try_from(told[&401]).expect("a number");
    assert_eq!(computed - before, wrong, "nothing is computed for those who are sent away");
}

#[tokio::test]
async fn tries_that_came_to_rest_are_forgotten() {
    let house = House::settled().await;
    house.enter(&mut house.browser(), "nobody", SECOND).await.expect(StatusCode::UNAUTHORIZED);
    let rows = async || house.test.database.number("SELECT count(*) FROM failed_tries").await;
    assert!(rows().await > 0);
    house.test.app.clean_up().await.expect("forgotten");
    assert!(rows().await > 0);
    house.test.clock.advance_seconds(25 * 3600);
    house.test.app.clean_up().await.expect("forgotten");
    assert_eq!(rows().await, 0);
}
