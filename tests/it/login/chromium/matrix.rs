//! The second-factor matrix of the ways in (SIGNIN.md 4.3.5), through a real provider, passwords and the
//! pages; passkeys by Chromium's authenticator.

use countersign::domain::opaque::reveal;

use super::people::{add_app, by_password, by_sso, hand_over, settle, show_code};
use super::site::{ONE, Provider, Site, TWO, provisioned};
use super::surfer::Surfer;
use crate::login::factors::Seed;
use crate::world::chromium::{Chromium, Window};

/// What each way leads to: `full`, `refused`, or the step-up page with what it offers, and what comes of
/// that. `demanding` is a customer whose account demands a second factor.
const TABLE: &str = "
customer none: sso full; sso acr full; sso amr full; password full
demanding none: sso step-up (add one); sso acr full; sso amr full; password step-up (add one)
staff none: sso step-up (ask for a link); sso acr full; sso amr full; password refused
customer app: sso step-up (code: full); sso acr full; sso amr full; password step-up (code: full)
demanding app: sso step-up (code: full); sso acr full; sso amr full; password step-up (code: full)
staff app: sso step-up (code: full); sso acr full; sso amr full; password refused
customer both: sso step-up (passkey: full, code: full); sso acr full; sso amr full; password step-up (passkey: full, code: full)
demanding both: sso step-up (passkey: full, code: full); sso acr full; sso amr full; password step-up (passkey: full, code: full)
staff both: sso step-up (passkey: full, code: full); sso acr full; sso amr full; password refused
customer passkey: sso step-up (passkey: full); sso acr full; sso amr full; password step-up (passkey: full)
demanding passkey: sso step-up (passkey: full); sso acr full; sso amr full; password step-up (passkey: full)
staff passkey: sso step-up (passkey: full); sso acr full; sso amr full; password refused
";

const BY_SSO: [&str; 3] = ["sso", "sso acr", "sso amr"];
const BY_PASSWORD: [&str; 1] = ["password"];

/// A code works once, and holds for half a minute.
const NEXT_CODE: i64 = 30;

struct World {
    site: Site,
    provider: Provider,
    people: Vec<Person>,
}

/// Somebody who comes by SSO or by a password, with a window of their own.
struct Person {
    who: &'static str,
    name: &'static str,
    account: String,
    /// Where the sign-in at the provider begins, if they come by it.
    start: Option<String>,
    /// Where they add their first factor, if they may.
    door: Option<String>,
    window: Window,
    seed: Seed,
}

#[tokio::test]
async fn c4_no_way_in_gives_staff_a_full_session_without_a_second_factor() {
    let chromium = Chromium::start();
    let mut world = World::new(&chromium).await;
    let mut table = "\n".to_owned();
    for (has, names) in [
        ("none", ["ann", "bob", "zoe"]),
        ("app", ["ann", "bob", "zoe"]),
        ("both", ["ann", "bob", "zoe"]),
        ("passkey", ["amy", "ben", "max"]),
    ] {
        world.enrol(has, names).await;
        for name in names {
            let (who, cells) = world.row(name).await;
            no_lax_cell(who, &cells);
            let cells: Vec<String> =
                cells.iter().map(|(way, cell)| format!("{way} {cell}")).collect();
            table = format!("{table}{who} {has}: {}\n", cells.join("; "));
        }
        world.site.test.clock.advance_seconds(NEXT_CODE);
        let lax = "SELECT count(*) FROM sessions WHERE is_staff AND level = 'full' \
                   AND second_factor_at IS NULL";
        assert_eq!(world.site.test.database.number(lax).await, 0, "{has}");
    }
    assert_eq!(table, TABLE, "{table}");
}

/// Staff are in by nothing but two factors.
#[track_caller]
fn no_lax_cell(who: &str, cells: &[(&str, String)]) {
    for (way, cell) in cells {
        let is_lax = cell == "full" && ["sso", "password"].contains(way);
        assert!(who != "staff" || !is_lax, "staff {way}: {cell}");
    }
}

impl World {
    async fn new(chromium: &Chromium) -> Self {
        let provider = Provider::start();
        let mut world = Self { site: Site::open().await, provider, people: vec![] };
        world.customers(chromium, ("customer", "acme"), ["ann", "amy"]).await;
        world.customers(chromium, ("demanding", "strict"), ["bob", "ben"]).await;
        world.staff(chromium).await;
        world
    }

    /// Two customers of an account with SSO, and two of the same names of one without.
    async fn customers(
        &mut self,
        chromium: &Chromium,
        (who, account): (&'static str, &str),
        names: [&'static str; 2],
    ) {
        let plain = format!("{account}-plain");
        let (scim, plain_scim) =
            (self.site.account(account).await, self.site.account(&plain).await);
        let start = self.start(account).await;
        for name in names {
            provisioned(&scim, name, &format!("u-{name}")).await;
            provisioned(&plain_scim, name, "").await;
            settle(&self.site, &plain, name).await;
            for (account, start) in [(account, Some(start.clone())), (&plain, None)] {
                let window = self.window(chromium).await;
                let (account, door, seed) = (account.to_owned(), Some("me".to_owned()), vec![]);
                self.people.push(Person { who, name, account, start, door, window, seed });
            }
        }
        if who == "demanding" {
            self.site.demand_second_factor(account).await;
            self.site.demand_second_factor(&plain).await;
        }
    }

    /// The first approvers. They come by SSO; somebody gave them passwords behind the application's back.
    async fn staff(&mut self, chromium: &Chromium) {
        let account = "operator";
        let scim = self.site.account(account).await;
        self.site.make_operator(account).await;
        let start = self.start(account).await;
        for name in ["zoe", "max"] {
            provisioned(&scim, name, &format!("u-{name}")).await;
        }
        let give = "INSERT INTO passwords (account_id, user_id, hash, changed_at) \
                    SELECT u.account_id, u.id, (SELECT hash FROM passwords LIMIT 1), 1 \
                    FROM users u JOIN accounts a ON a.id = u.account_id WHERE a.slug = 'operator'";
        self.site.test.database.run(give).await;
        let two = self.site.test.app.bootstrap(["zoe", "max"]).await.expect("named");
        for (name, one) in ["zoe", "max"].into_iter().zip(two) {
            let door = Some(reveal(&one.link.expect("a link")).to_owned());
            for (start, door) in [(Some(start.clone()), door), (None, None)] {
                let window = self.window(chromium).await;
                let (who, account, seed) = ("staff", account.to_owned(), vec![]);
                self.people.push(Person { who, name, account, start, door, window, seed });
            }
        }
    }

    /// Where sign-ins at the provider begin.
    async fn start(&self, account: &str) -> String {
        let demand = |spec: &mut countersign::domain::sso::SsoSpec| {
            spec.acr_values = vec![TWO.to_owned()];
        };
        let sso = self.site.sso(account, &self.provider, demand).await;
        format!("{}/accounts/{account}/sso/{}/start", self.site.url, sso.id)
    }

    async fn window(&self, chromium: &Chromium) -> Window {
        let window = chromium.window(&self.site.url, "en").await;
        window.give_device().await;
        window
    }

    /// Gives people what the rows are about, beside what they have.
    async fn enrol(&mut self, has: &str, names: [&str; 3]) {
        let mut people = std::mem::take(&mut self.people);
        for person in people.iter_mut().filter(|it| names.contains(&it.name) && has != "none") {
            let Some(door) = person.door.clone() else { continue };
            let mut surfer = self.come(person, person.ways()[0]).await;
            if has == "app" {
                person.seed = add_app(&mut surfer, &self.site, &door).await;
                person.door = Some("me".to_owned());
                continue;
            }
            if has == "both" {
                show_code(&mut surfer, &self.site, &person.seed).await;
            }
            hand_over(&surfer, &person.window).await;
            person.window.open(&format!("/enrol/{door}")).await;
            person.window.press("Add a passkey").await;
            let after = if has == "both" { "Second factors" } else { "Recovery codes" };
            person.window.sees(after).await;
        }
        self.people = people;
        self.site.test.clock.advance_seconds(NEXT_CODE);
    }

    /// Who that is, and what each way leads them to.
    async fn row(&self, name: &str) -> (&'static str, Vec<(&'static str, String)>) {
        let mut cells = vec![];
        let mut who = "";
        for person in self.people.iter().filter(|person| person.name == name) {
            who = person.who;
            for way in person.ways() {
                cells.push((*way, self.cell(person, way).await));
            }
        }
        (who, cells)
    }

    async fn cell(&self, person: &Person, way: &str) -> String {
        let mut surfer = self.come(person, way).await;
        if surfer.url.path() != "/step-up" {
            return reached(&surfer);
        }
        let page = surfer.text.clone();
        let mut offers = vec![];
        if page.contains("data-passkey") {
            hand_over(&surfer, &person.window).await;
            person.window.open("/step-up").await;
            person.window.press("Use a passkey").await;
            person.window.sees(&format!("{} Martin", person.name)).await;
            offers.push("passkey: full".to_owned());
            surfer = self.come(person, way).await;
        }
        if page.contains("/step-up/code") {
            show_code(&mut surfer, &self.site, &person.seed).await;
            offers.push(format!("code: {}", reached(&surfer)));
        }
        if page.contains("/enrol/me") {
            offers.push("add one".to_owned());
        }
        if page.contains("one-time link") {
            offers.push("ask for a link".to_owned());
        }
        format!("step-up ({})", offers.join(", "))
    }

    async fn come(&self, person: &Person, way: &str) -> Surfer {
        match way {
            "sso acr" => self.provider.says(TWO, &[]).await,
            "sso amr" => self.provider.says(ONE, &["pwd", "otp"]).await,
            _ => self.provider.says(ONE, &["pwd"]).await,
        }
        match &person.start {
            Some(start) => by_sso(start, &format!("u-{}", person.name)).await,
            None => by_password(&self.site, &person.account, person.name).await,
        }
    }
}

impl Person {
    fn ways(&self) -> &'static [&'static str] {
        if self.start.is_some() { &BY_SSO } else { &BY_PASSWORD }
    }
}

/// Where somebody is.
fn reached(surfer: &Surfer) -> String {
    match surfer.url.path() {
        "/" if surfer.text.contains("action=\"/logout\"") => "full".to_owned(),
        "/step-up" => "step-up".to_owned(),
        _ if surfer.text.contains("role=\"alert\"") => "refused".to_owned(),
        other => format!("{other} {}", surfer.status),
    }
}
