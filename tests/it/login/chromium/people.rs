//! What people do again and again: sign in by the provider or by a password, add factors, show them.

use countersign::app::Outcome;
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, SendLink};
use countersign::domain::passwords::links::Purpose;

use super::site::Site;
use super::surfer::Surfer;
use crate::login::factors::{Seed, between, code, read_seed};
use crate::world::browser::SESSION;
use crate::world::chromium::Window;

pub(super) const PASSWORD: &str = "une tasse bleue";

/// The secret of the link in the mail that somebody is invited by.
pub(super) async fn invite(site: &Site, account: &str, name: &str) -> String {
    let send = SendLink {
        account: site.id(account).await,
        user_name: name.to_owned(),
        purpose: Purpose::Invitation,
    };
    let sent = site.test.app.change(&Actor::Platform, Command::SendLink(send)).await;
    assert!(matches!(sent, Ok(Outcome::Done)), "{sent:?}");
    site.folder.link(&site.test.app).await
}

/// Somebody is invited, and chooses [`PASSWORD`].
pub(super) async fn settle(site: &Site, account: &str, name: &str) {
    let link = invite(site, account, name).await;
    let mut surfer = Surfer::new();
    surfer.open(&format!("{}/link/{link}", site.url)).await;
    surfer.submit(&[("password", PASSWORD), ("again", PASSWORD)]).await;
    assert!(surfer.text.contains("Your password is set"), "{}", surfer.text);
    site.folder.collect(&site.test.app).await;
}

/// Comes by a password.
pub(super) async fn by_password(site: &Site, account: &str, name: &str) -> Surfer {
    let mut surfer = Surfer::new();
    let place = format!("{}/accounts/{account}/login", site.url);
    surfer.open(&place).await;
    let form = [("user_name", name), ("password", PASSWORD), ("return_to", "/")];
    surfer.send(&format!("{place}/password"), &form).await;
    surfer
}

/// Comes by the provider.
pub(super) async fn by_sso(start: &str, subject: &str) -> Surfer {
    let mut surfer = Surfer::new();
    surfer.open(start).await;
    assert!(surfer.text.contains("Provider:"), "{}: {}", surfer.url, surfer.text);
    surfer.submit(&[("sub", subject)]).await;
    // The provider's page posts its answer to us.
    surfer.submit(&[]).await;
    surfer
}

/// Adds an app at a door. Its next code is half a minute away.
pub(super) async fn add_app(surfer: &mut Surfer, site: &Site, door: &str) -> Seed {
    surfer.send(&format!("/enrol/{door}/app"), &[]).await;
    let seed = read_seed(between(&surfer.text, "<code>", "</code>"));
    let code = code(&site.test, &seed);
    surfer.send(&format!("/enrol/{door}/app/confirm"), &[("code", &code)]).await;
    assert!(
        surfer.status.is_success() && !surfer.text.contains("role=\"alert\""),
        "{}",
        surfer.text
    );
    seed
}

/// Shows the code of the moment.
pub(super) async fn show_code(surfer: &mut Surfer, site: &Site, seed: &[u8]) {
    let code = code(&site.test, seed);
    surfer.send("/step-up/code", &[("code", &code), ("return_to", "/")]).await;
}

/// What the browser holds of ours goes into a window.
pub(super) async fn hand_over(surfer: &Surfer, window: &Window) {
    window.hold(SESSION, surfer.cookie("localhost", SESSION).expect("a session")).await;
}
