//! A password taken back while somebody is being signed in by it.

use std::time::Duration;

use argon2::password_hash::PasswordHasher as _;
use axum::http::StatusCode;
use countersign::app::Error;
use countersign::app::sign_in::Proof;
use countersign::domain::passwords::links::Purpose;
use countersign::domain::sessions::Visitor;

use super::{FIRST, House, SECOND};
use crate::world::browser::{password, proven};

const SESSIONS: &str = "SELECT count(*) FROM sessions WHERE ended_at IS NULL";

impl House {
    /// Has Zoé's password be hashed at so many passes.
    async fn hash_at(&self, passes: u32) {
        let params = argon2::Params::new(47_104, passes, 1, Some(32)).expect("a cost");
        let argon =
            argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        let hash = argon.hash_password_with_salt(FIRST.as_bytes(), &[7; 16]).expect("a hash");
        self.test.database.run(&format!("UPDATE passwords SET hash = '{hash}'")).await;
    }

    async fn proven(&self) -> Proof {
        proven(&self.test, self.account, &self.zoe, password()).await
    }
}

/// The hash was read before the reset, and says yes after it.
#[tokio::test]
async fn a_password_sign_in_that_was_being_hashed_while_the_password_was_reset_gets_no_session() {
    let house = House::settled().await;
    house.send("zoe", Purpose::Reset).await.expect("a link");
    let link = house.folder.link(&house.test.app).await;
    house.hash_at(60).await;
    let computed = || house.test.app.password_work().0;
    let before = computed();
    let coming = async { house.enter(&mut house.browser(), "zoe", FIRST).await };
    let reset = async {
        while computed() == before {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        house.choose(&link, SECOND).await.expect(StatusCode::OK);
        std::time::Instant::now()
    };
    let coming = async { (coming.await, std::time::Instant::now()) };
    let ((page, come_at), reset_at) = tokio::join!(coming, reset);
    assert!(reset_at < come_at, "the reset was to be done first");
    page.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(house.test.database.number(SESSIONS).await, 0);
    house.signed_in(SECOND).await;
}

/// As far as the moment between the check and the session; the same where it is changed in a session.
#[tokio::test]
async fn a_password_sign_in_rests_on_the_password_that_was_checked() {
    let house = House::settled().await;
    let (proof, mut here) = (house.proven().await, house.signed_in(FIRST).await);
    house.test.clock.advance_seconds(1);
    let form = [("current", FIRST), ("password", SECOND), ("again", SECOND)];
    here.post("/account/password", &form).await.expect(StatusCode::OK);
    let begun = house.test.app.finish_login(&proof, Visitor::default(), None).await;
    assert!(matches!(begun, Err(Error::Unauthenticated(_))), "{begun:?}");
    assert_eq!(house.test.database.number(SESSIONS).await, 1, "that in which it was changed");
    let now = house.proven().await;
    house.test.database.run("UPDATE passwords SET hash = 'the same, at another cost'").await;
    house.test.app.finish_login(&now, Visitor::default(), None).await.expect("the same password");
    house.test.database.run("DELETE FROM passwords").await;
    let begun = house.test.app.finish_login(&now, Visitor::default(), None).await;
    assert!(matches!(begun, Err(Error::Unauthenticated(_))), "{begun:?}");
}
