//! Mails on their way: to a real SMTP server, tried again, given up, never in the way of anything else.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use countersign::app::Error;
use countersign::config::mail::Mail;
use countersign::domain::account::Slug;
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, SendLink};
use countersign::domain::passwords::links::Purpose;
use countersign::mail::Mailer;
use countersign::worker;
use serde_json::json;

use crate::world::TestApp;
use crate::world::mailbox::{Folder, Smtpd};

/// Makes an account and a user with that address, and sends an invitation.
async fn invite(test: &TestApp, slug: &str, address: &str, language: &str) {
    let scim = test.scim(slug).await;
    let body = json!({
        "userName": "zoe", "displayName": "Zoé Lefèvre", "preferredLanguage": language,
        "emails": [{ "value": address, "primary": true }],
    });
    scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    send(test, slug).await.expect("an invitation");
}

async fn send(test: &TestApp, slug: &str) -> Result<(), Error> {
    let slug = Slug::parse(slug).expect("a slug");
    let account = test.app.account(&Actor::Platform, &slug).await.expect("the account").id;
    let send = SendLink { account, user_name: "Zoe".to_owned(), purpose: Purpose::Invitation };
    test.app.change(&Actor::Platform, Command::SendLink(send)).await.map(|_| ())
}

async fn tries(test: &TestApp) -> i64 {
    test.database
        .number("SELECT CAST(max(tries) AS bigint) FROM outbox WHERE effect = 'mail'")
        .await
}

async fn waiting(test: &TestApp) -> i64 {
    test.database.number("SELECT count(*) FROM outbox WHERE effect = 'mail'").await
}

/// S10: the mail is there, in the user's language, and a French subject is read as it was written.
#[tokio::test]
async fn s10_invitations_reach_a_real_smtp_server_in_both_languages() {
    let (test, server) = (TestApp::new().await, Smtpd::start());
    invite(&test, "acme", "zoe@acme.example", "en-GB").await;
    invite(&test, "beta", "zoe@beta.example", "fr-CA, en;q=0.5").await;
    assert_eq!(worker::mail::send_due(&test.app, &server.mailer).await.expect("sent"), 2);
    let mut mails = [server.next(), server.next()];
    mails.sort_by_key(|mail| mail["subject"].to_string());
    for (mail, subject, word, slug) in [
        (&mails[1], "Choose your password for acme", "within 24 hours", "acme"),
        (&mails[0], "Choisissez votre mot de passe pour beta", "une seule fois", "beta"),
    ] {
        assert_eq!(mail["subject"], subject);
        assert_eq!(mail["to"], json!([format!("zoe@{slug}.example")]));
        assert_eq!(mail["header"], format!("Zoé Lefèvre <zoe@{slug}.example>"));
        assert_eq!(mail["from"], "Countersign <no-reply@cs.example>");
        assert_eq!(mail["auto"], "auto-generated");
        let types = json!(["multipart/alternative", "text/plain", "text/html"]);
        assert_eq!(mail["types"], types);
        for part in ["text", "html"] {
            let part = mail[part].as_str().expect("a part");
            assert!(part.contains("https://scim.test/link/csl_"), "{part}");
            assert!(part.contains(word) && part.contains("Zoé Lefèvre"), "{part}");
        }
    }
    assert_eq!(waiting(&test).await, 0);
    server.expect_nothing();
}

#[tokio::test]
async fn a_french_subject_with_accents_is_decoded_as_written() {
    let (test, server) = (TestApp::new().await, Smtpd::start());
    invite(&test, "acme", "zoe@acme.example", "fr").await;
    test.database.run("UPDATE accounts SET name = 'Société d’Été & Fils'").await;
    worker::mail::send_due(&test.app, &server.mailer).await.expect("sent");
    let mail = server.next();
    assert_eq!(mail["subject"], "Choisissez votre mot de passe pour Société d’Été & Fils");
    assert!(mail["html"].as_str().expect("HTML").contains("Société d’Été &#38; Fils"), "{mail}");
}

#[tokio::test]
async fn what_is_put_off_is_tried_again_after_growing_pauses_and_then_kept() {
    let (test, server) = (TestApp::new().await, Smtpd::start());
    invite(&test, "acme", "later@acme.example", "en").await;
    // The link must outlive the tries here.
    let never = "UPDATE one_time_links SET expires_at = 9223372036854775807";
    test.database.run(never).await;
    for (tried, pause) in
        [(1, 30), (2, 120), (3, 480), (4, 1920), (5, 7680), (6, 21_600), (7, 21_600)]
    {
        assert_eq!(worker::mail::send_due(&test.app, &server.mailer).await.expect("tried"), 1);
        assert_eq!(tries(&test).await, tried);
        test.clock.advance_seconds(pause - 1);
        assert_eq!(worker::mail::send_due(&test.app, &server.mailer).await.expect("not yet"), 0);
        test.clock.advance_seconds(1);
    }
    assert_eq!(worker::mail::send_due(&test.app, &server.mailer).await.expect("tried"), 1);
    test.clock.advance_seconds(365 * 86_400);
    assert_eq!(worker::mail::send_due(&test.app, &server.mailer).await.expect("no more"), 0);
    assert_eq!((tries(&test).await, waiting(&test).await), (8, 1), "kept");
}

/// A log that a test reads.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn what_is_refused_for_ever_is_kept_at_once_and_logged_without_its_address() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let (test, server) = (TestApp::new().await, Smtpd::start());
    invite(&test, "acme", "never@acme.example", "en").await;
    assert_eq!(worker::mail::send_due(&test.app, &server.mailer).await.expect("tried"), 1);
    test.clock.advance_seconds(365 * 86_400);
    assert_eq!(worker::mail::send_due(&test.app, &server.mailer).await.expect("no more"), 0);
    assert_eq!((tries(&test).await, waiting(&test).await), (1, 1), "kept");
    let text = String::from_utf8(log.0.lock().expect("the log").clone()).expect("text");
    assert!(text.contains("worker.mail_kept") && text.contains("550"), "{text}");
    let ours = text.lines().filter(|line| line.contains("countersign"));
    for line in ours {
        assert!(!line.contains("acme.example") && !line.contains("csl_"), "{line}");
    }
}

#[tokio::test]
async fn a_slow_mail_holds_up_no_other_delivery() {
    let (test, server) = (TestApp::new().await, Smtpd::start());
    invite(&test, "acme", "slow@acme.example", "en").await;
    invite(&test, "beta", "zoe@beta.example", "en").await;
    let begun = Instant::now();
    let announced = async {
        while worker::deliver_batch(&test.app).await.expect("delivered") > 0 {}
        begun.elapsed()
    };
    let (sent, announced) =
        tokio::join!(worker::mail::send_due(&test.app, &server.mailer), announced);
    assert_eq!(sent.expect("sent"), 2);
    assert!(announced < Duration::from_secs(1), "{announced:?}");
    assert_eq!(server.next()["to"], json!(["zoe@beta.example"]), "the quick one first");
    assert_eq!(server.next()["to"], json!(["slow@acme.example"]));
    assert_eq!(test.database.number("SELECT count(*) FROM outbox").await, 0);
}

#[tokio::test]
async fn a_mail_is_sent_by_one_of_several_processes_and_again_if_that_one_died() {
    let test = TestApp::new().await;
    let folder = Folder::new();
    invite(&test, "acme", "zoe@acme.example", "en").await;
    let due = test.app.due_mails().await.expect("due").pop().expect("a mail");
    let (one, two) =
        tokio::join!(test.app.claim_mail(due.clone()), test.app.claim_mail(due.clone()));
    let claimed = [one.expect("asked"), two.expect("asked")];
    assert_eq!(claimed.iter().flatten().count(), 1, "one of two");
    // The one that claimed it is never heard of again.
    assert!(folder.collect(&test.app).await.is_empty());
    test.clock.advance_seconds(121);
    assert_eq!(folder.collect(&test.app).await.len(), 1);
    assert_eq!(waiting(&test).await, 0);
}

#[tokio::test]
async fn a_mail_whose_link_opens_nothing_any_more_is_not_sent() {
    let test = TestApp::new().await;
    let folder = Folder::new();
    invite(&test, "acme", "zoe@acme.example", "en").await;
    send(&test, "acme").await.expect("another");
    assert_eq!(waiting(&test).await, 2);
    assert_eq!(folder.collect(&test.app).await.len(), 1, "the newer one alone");
    send(&test, "acme").await.expect("a third");
    test.clock.advance_seconds(24 * 3600);
    assert!(folder.collect(&test.app).await.is_empty(), "too late");
    assert_eq!(waiting(&test).await, 0);
}

#[tokio::test]
async fn without_a_way_mails_are_dropped() {
    let test = TestApp::new().await;
    invite(&test, "acme", "zoe@acme.example", "en").await;
    let nowhere = Mailer::new(&Mail::default()).expect("no way");
    assert_eq!(worker::mail::send_due(&test.app, &nowhere).await.expect("dropped"), 1);
    assert_eq!(waiting(&test).await, 0);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again() {
    let test = TestApp::new().await;
    invite(&test, "acme", "zoe@acme.example", "en").await;
    let gone = {
        let server = Smtpd::start();
        server.mailer.clone()
    };
    assert_eq!(worker::mail::send_due(&test.app, &gone).await.expect("tried"), 1);
    assert_eq!((tries(&test).await, waiting(&test).await), (1, 1));
    test.clock.advance_seconds(30);
    assert_eq!(Folder::new().collect(&test.app).await.len(), 1);
}

/// Neither address nor link stands in the outbox for whoever reads the database.
#[tokio::test]
async fn what_waits_in_the_outbox_shows_neither_address_nor_link() {
    let test = TestApp::new().await;
    invite(&test, "acme", "quaxlbird@acme.example", "en").await;
    let folder = Folder::new();
    let rows = test
        .database
        .texts(
            "SELECT payload FROM outbox UNION ALL \
                                    SELECT COALESCE(detail, '-') FROM activities",
        )
        .await;
    assert!(rows.iter().any(|row| row.contains("sealed")), "{rows:?}");
    let link = folder.link(&test.app).await;
    let secret = link.get(26..69).expect("a secret");
    for row in rows {
        let is_leaked = ["quaxlbird", "csl_", secret].iter().any(|word| row.contains(word));
        assert!(!is_leaked, "{row}");
    }
}
