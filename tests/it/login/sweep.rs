//! What is of no use any more goes: addresses and browsers of people do not stay for ever.

use crate::login::gate::account;
use crate::world::TestApp;
use crate::world::browser::{password, sign_in};

#[tokio::test]
async fn what_ended_a_day_ago_is_taken_out_and_nothing_else() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let (ann, ben) = (scim.user("ann").await, scim.user("ben").await);
    let acme = account(&test, "acme").await;
    let ended = sign_in(&test, acme, &ann, password()).await.expect("a session").session;
    test.app.sign_out(&ended).await.expect("signed out");
    let sessions = async || test.database.number("SELECT count(*) FROM sessions").await;
    test.app.clean_up().await.expect("nothing yet");
    assert_eq!(sessions().await, 1);
    test.clock.advance_seconds(24 * 3600 + 1);
    sign_in(&test, acme, &ben, password()).await.expect("a session");
    test.app.clean_up().await.expect("clean");
    assert_eq!(sessions().await, 1, "the live one");
    // One that was left alone expires, and goes a day later.
    test.clock.advance_seconds(31 * 24 * 3600);
    test.app.clean_up().await.expect("clean");
    assert_eq!(sessions().await, 0);
}
