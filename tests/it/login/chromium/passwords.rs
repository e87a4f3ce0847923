//! People without SSO in Chromium, with JavaScript switched off: from the invitation to the sign-out, and
//! what they do when they forgot (S10, S11).

use super::people::{PASSWORD, invite};
use super::site::{Site, provisioned};
use crate::world::chromium::{Chromium, Window};
use crate::world::mailbox::Letter;

const OTHER: &str = "deux bols verts";

async fn chooses(window: &Window, link: &str, (heading, password): (&str, &str)) {
    window.open(&format!("/link/{link}")).await;
    window.sees(heading).await;
    window.fill("New password", password).await;
    window.fill("New password, once more", password).await;
    window.press("Set the password").await;
    window.sees("Your password is set").await;
}

async fn signs_in(window: &Window, password: &str) {
    window.press("Sign in").await;
    window.sees("Sign in").await;
    window.fill("E-mail address or user name", "zoe").await;
    window.fill("Password", password).await;
    window.press("Sign in").await;
}

#[tokio::test]
async fn s10_s11_in_chromium_without_scripts_a_password_is_chosen_used_forgotten_and_chosen_anew() {
    let site = Site::open().await;
    provisioned(&site.account("acme").await, "zoe", "u-zoe").await;
    let chromium = Chromium::start();
    let window = chromium.plain_window(&site.url, "en").await;
    let link = invite(&site, "acme", "zoe").await;
    chooses(&window, &link, ("Choose your password", PASSWORD)).await;
    site.folder.collect(&site.test.app).await;
    signs_in(&window, "another one").await;
    let page = window.sees("Sign in").await;
    assert!(page.text.contains("do not open anything here"), "{}", page.text);
    window.fill("Password", PASSWORD).await;
    window.press("Sign in").await;
    window.sees("zoe Martin").await;
    window.press("Sign out").await;
    window.sees("You are signed out").await;
    assert_eq!(site.sessions().await, 0);
    window.open("/accounts/acme/login").await;
    window.press("Forgotten your password?").await;
    window.sees("Forgotten password").await;
    window.fill("E-mail address", "zoe@acme.example").await;
    window.press("Send me a link").await;
    window.sees("Check your mailbox").await;
    // A scanner looks at the link first.
    let link = mailed(&site).await;
    chromium.window(&site.url, "fr").await.open(&format!("/link/{link}")).await;
    chooses(&window, &link, ("Choose another password", OTHER)).await;
    signs_in(&window, OTHER).await;
    window.sees("zoe Martin").await;
    let page = window.open(&format!("/link/{link}")).await;
    assert!(page.text.contains("This link does not work any more"), "{}", page.text);
}

/// The link of a mail that is on its way.
async fn mailed(site: &Site) -> String {
    for _ in 0..100 {
        let letters = site.folder.collect(&site.test.app).await;
        if let Some(link) = letters.iter().find_map(Letter::link) {
            return link;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no mail came");
}
