//! Every page in both languages, at the width of a desk and of a telephone: nothing sticks out, and
//! axe-core finds no barrier. The pictures are in `target/screenshots`, to be looked at.

use std::path::PathBuf;

use countersign::app::bootstrap::demo::DemoSeed;
use countersign::domain::opaque::reveal;
use serde_json::json;

use super::people::{add_app, by_password, by_sso, hand_over, invite, settle};
use super::site::{Provider, Site, TWO, provisioned};
use super::surfer::Surfer;
use crate::login::factors::{code, read_seed};
use crate::scim::patch_op;
use crate::world::chromium::{Chromium, Look, Window};
use crate::world::node::target;

const DESK: Look = Look { width: 1280, dark: false };
const PHONE: Look = Look { width: 390, dark: false };
const NIGHT: Look = Look { width: 390, dark: true };

/// A window, and what is wrong with the pages seen in it.
struct Camera {
    window: Window,
    language: &'static str,
    folder: PathBuf,
    wrong: Vec<String>,
}

/// People in all states that pages are about.
struct Cast {
    site: Site,
    start: String,
    /// Has a passkey and an app; one came in, and has yet to show it.
    ann: Surfer,
    /// Has nothing, and needs nothing.
    bob: Surfer,
    /// Has nothing, but their account demands it.
    cleo: Surfer,
    /// The first approvers: one with an app, one without.
    zoe: Surfer,
    max: Surfer,
    /// The second one's user.
    max_user: String,
    /// Chooses a password by this link.
    link: String,
}

#[tokio::test]
async fn in_chromium_every_page_in_english_is_whole_and_without_barriers() {
    tour("en").await;
}

#[tokio::test]
async fn in_chromium_every_page_in_french_is_whole_and_without_barriers() {
    tour("fr").await;
}

async fn tour(language: &'static str) {
    let (chromium, provider) = (Chromium::start(), Provider::start());
    let cast = Cast::meet(&chromium, &provider).await;
    let folder = target().join("screenshots");
    std::fs::create_dir_all(&folder).expect("a folder");
    let window = chromium.window(&cast.site.url, language).await;
    let mut camera = Camera { window, language, folder, wrong: vec![] };
    camera.strangers(&cast).await;
    camera.refusals(&cast).await;
    camera.step_up(&cast).await;
    camera.staff(&cast).await;
    camera.enrolment(&cast).await;
    camera.own_account(&cast).await;
    assert!(camera.wrong.is_empty(), "{:#?}", camera.wrong);
}

impl Cast {
    async fn meet(chromium: &Chromium, provider: &Provider) -> Self {
        let site = Site::open().await;
        let acme = site.account("acme").await;
        for name in ["ann", "bob", "dan"] {
            provisioned(&acme, name, "").await;
        }
        let strict = site.account("strict").await;
        provisioned(&strict, "cleo", "").await;
        let operator = site.account("operator").await;
        let sso =
            site.sso("operator", provider, |spec| spec.acr_values = vec![TWO.to_owned()]).await;
        provisioned(&operator, "zoe", "u-zoe").await;
        let max_user = provisioned(&operator, "max", "u-max").await;
        provisioned(&operator, "lea", "u-lea").await;
        site.make_operator("operator").await;
        for (account, name) in [("acme", "ann"), ("acme", "bob"), ("strict", "cleo")] {
            settle(&site, account, name).await;
        }
        site.demand_second_factor("strict").await;
        let staff = format!("{}/accounts/operator/sso/{}/start", site.url, sso.id);
        let (zoe, max) = Self::approvers(&site, &staff).await;
        let ann = Self::with_all_factors(&site, chromium).await;
        let bob = by_password(&site, "acme", "bob").await;
        let cleo = by_password(&site, "strict", "cleo").await;
        let link = invite(&site, "acme", "dan").await;
        let corp = site.account("corp").await;
        let sso =
            site.sso("corp", provider, |spec| spec.name = "Microsoft Entra ID".to_owned()).await;
        let start = format!("/accounts/corp/sso/{}/start", sso.id);
        let eve = provisioned(&corp, "eve", "u-eve").await;
        let off = json!([{ "op": "replace", "path": "active", "value": false }]);
        corp.patch(&format!("/Users/{eve}"), &patch_op(&off)).await;
        Self { site, start, ann, bob, cleo, zoe, max, max_user, link }
    }

    async fn approvers(site: &Site, start: &str) -> (Surfer, Surfer) {
        let two = site.test.app.bootstrap(["zoe", "max"]).await.expect("named");
        let [door, _] = two.map(|one| reveal(&one.link.expect("a link")).to_owned());
        let mut zoe = by_sso(start, "u-zoe").await;
        add_app(&mut zoe, site, &door).await;
        (zoe, by_sso(start, "u-max").await)
    }

    async fn with_all_factors(site: &Site, chromium: &Chromium) -> Surfer {
        let mut ann = by_password(site, "acme", "ann").await;
        add_app(&mut ann, site, "me").await;
        let window = chromium.window(&site.url, "en").await;
        window.give_device().await;
        hand_over(&ann, &window).await;
        window.open("/enrol/me").await;
        window.press("Add a passkey").await;
        window.sees("Second factors").await;
        window.close().await;
        by_password(site, "acme", "ann").await
    }
}

impl Camera {
    /// What people see before they are signed in.
    async fn strangers(&mut self, cast: &Cast) {
        self.open("/login", "login").await;
        self.submit("/login", &[("organisation", "!")], "login-wrong").await;
        self.open("/accounts/corp/login", "ways-in-sso").await;
        self.open("/accounts/acme/login", "ways-in").await;
        let wrong = [("user_name", "bob"), ("password", "wrong")];
        self.submit("/accounts/acme/login/password", &wrong, "ways-in-wrong").await;
        self.open("/forgot", "forgot").await;
        self.submit("/forgot", &[("address", "bob")], "forgot-wrong").await;
        self.submit("/forgot", &[("address", "nobody@acme.example")], "forgot-sent").await;
        let link = format!("/link/{}", cast.link);
        self.open(&link, "choose").await;
        self.submit(&link, &[("password", "short"), ("again", "short")], "choose-wrong").await;
        let good = [("password", "deux bols verts"), ("again", "deux bols verts")];
        self.submit(&link, &good, "choose-done").await;
        self.open(&link, "choose-gone").await;
    }

    async fn refusals(&mut self, cast: &Cast) {
        for (subject, name) in [("u-nobody", "not-provisioned"), ("u-eve", "inactive")] {
            self.window.forget().await;
            self.window.open(&cast.start).await;
            self.window.fill("Subject", subject).await;
            self.window.press("Sign in there").await;
            self.window.reads("Countersign").await;
            self.shoot(name).await;
        }
        self.open(
            &format!("/oidc/callback/{}?state=x&code=y", uuid::Uuid::nil()),
            "not-begun-here",
        )
        .await;
        self.open("/nowhere", "nowhere").await;
        self.open("/enrol/csl_none", "enrol-sign-in-first").await;
    }

    async fn step_up(&mut self, cast: &Cast) {
        hand_over(&cast.ann, &self.window).await;
        self.open("/step-up", "step-up").await;
        self.submit("/step-up/code", &[("code", "000000")], "step-up-wrong").await;
        hand_over(&cast.cleo, &self.window).await;
        self.open("/step-up", "step-up-nothing").await;
        hand_over(&cast.max, &self.window).await;
        self.open("/step-up", "step-up-staff").await;
        hand_over(&cast.zoe, &self.window).await;
        self.open("/bootstrap", "approvers").await;
    }

    /// What an approver sees, and who is none.
    async fn staff(&mut self, cast: &Cast) {
        let rights = DemoSeed::Rights(&["users.administer"]);
        let operator = cast.site.id("operator").await;
        cast.site.test.app.seed_for_demo(operator, "zoe", rights).await.expect("given");
        hand_over(&cast.zoe, &self.window).await;
        self.open("/", "home-approver").await;
        self.open("/staff", "staff").await;
        self.submit(&format!("/staff/{}/link", cast.max_user), &[], "staff-link").await;
        self.open("/staff", "staff-link-open").await;
        hand_over(&cast.bob, &self.window).await;
        self.open("/staff", "staff-refused").await;
    }

    async fn enrolment(&mut self, cast: &Cast) {
        hand_over(&cast.bob, &self.window).await;
        self.open("/account/factors", "factors-none").await;
        self.open("/enrol/csl_none", "enrol-refused").await;
        self.open("/enrol/me", "enrol").await;
        self.submit("/enrol/me/app", &[], "seed").await;
        let wrong = [("code", "000000"), ("name", "mon téléphone")];
        self.submit("/enrol/me/app/confirm", &wrong, "seed-wrong").await;
        let page = self.window.read().await.text;
        let is_key = |line: &&str| line.split(' ').filter(|part| part.len() == 4).count() >= 8;
        let seed = read_seed(page.lines().find(is_key).expect("the key"));
        let code = code(&cast.site.test, &seed);
        self.submit("/enrol/me/app/confirm", &[("code", &code)], "codes").await;
        self.open("/account/factors?done=added", "factors").await;
    }

    async fn own_account(&mut self, cast: &Cast) {
        by_password(&cast.site, "acme", "bob").await;
        self.open("/", "home").await;
        self.open("/account/sessions?done=one", "sessions").await;
        self.open("/account/password", "password").await;
        self.submit("/logout", &[], "signed-out").await;
    }

    async fn open(&mut self, path: &str, name: &str) {
        self.window.open(path).await;
        self.shoot(name).await;
    }

    async fn submit(&mut self, action: &str, fields: &[(&str, &str)], name: &str) {
        self.window.submit(action, fields).await;
        self.shoot(name).await;
    }

    /// Looks at the page that is there.
    async fn shoot(&mut self, name: &str) {
        let lang = self.window.read().await.lang;
        if lang != self.language {
            self.wrong.push(format!("{name}: is in `{lang}`"));
        }
        for look in [DESK, PHONE] {
            let file = format!("{name}-{}-{}.png", self.language, look.width);
            let wider = self.window.shoot(&self.folder.join(file), look).await;
            if wider > 0 {
                self.wrong.push(format!("{name}: {wider} pixels stick out at {}", look.width));
            }
        }
        // Colours and marks are the same in all languages.
        for look in [DESK, NIGHT].into_iter().filter(|_| self.language == "en") {
            let found = self.window.barriers(look).await;
            self.wrong.extend(found.into_iter().map(|barrier| format!("{name}: {barrier}")));
        }
    }
}
