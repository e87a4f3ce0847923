//! Look-ups that share a statement stay apart.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use sea_orm::{ConnectOptions, Database};

use super::Lookups;
use crate::store::dialect::Dialect;
use crate::store::script::Sql;

async fn lookups() -> (Lookups, Arc<AtomicUsize>) {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let mut connection = Database::connect(options).await.expect("a database");
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    connection.set_metric_callback(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let dialect = Dialect::of(&connection);
    (Lookups::new(connection, dialect), sent)
}

async fn texts(lookups: &Lookups, select: &str, value: String) -> Option<Vec<String>> {
    let rows = lookups.rows(Sql::new(select, vec![value.into()])).await.ok()?;
    rows.iter().map(|row| row.try_get_by_index(0).ok()).collect()
}

#[tokio::test]
async fn each_gets_its_own_rows_when_they_share_a_statement() {
    let (lookups, sent) = lookups().await;
    let select = "SELECT value FROM json_each(?)";
    let looking = (0..40).map(|n| texts(&lookups, select, format!("[\"{n}\",\"and {n}\"]")));
    for (n, found) in join_all(looking).await.into_iter().enumerate() {
        assert_eq!(found, Some(vec![n.to_string(), format!("and {n}")]));
    }
    let sent = sent.load(Ordering::Relaxed);
    assert!(sent < 20, "{sent} statements for 40 look-ups");
    assert!(lookups.kinds().is_empty(), "a lane was not left");
}

#[tokio::test]
async fn a_value_that_the_database_refuses_fails_alone() {
    let (lookups, _) = lookups().await;
    let select = "SELECT value FROM json_each(?)";
    let value = |n: usize| if n == 5 { "[broken".to_owned() } else { format!("[\"{n}\"]") };
    let looking = (0..12).map(|n| texts(&lookups, select, value(n)));
    for (n, found) in join_all(looking).await.into_iter().enumerate() {
        assert_eq!(found, (n != 5).then(|| vec![n.to_string()]));
    }
}

#[tokio::test]
async fn who_waits_is_answered_though_those_before_hung_up() {
    let (lookups, _) = lookups().await;
    let select = "SELECT value FROM json_each(?)";
    let mut first: Vec<_> =
        (0..6).map(|n| Box::pin(texts(&lookups, select, format!("[\"{n}\"]")))).collect();
    for future in &mut first {
        // Polled once: the first hold the lanes, the others wait.
        let _ = futures_util::poll!(future.as_mut());
    }
    drop(first);
    let found = texts(&lookups, select, "[\"last\"]".to_owned()).await;
    assert_eq!(found, Some(vec!["last".to_owned()]));
}
