//! What runs beside the requests: deliveries from the outbox, and house-keeping by the clock.

pub mod mail;

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::app::change::origin;
use crate::app::housekeeping::BATCH;
use crate::app::{App, Error};
use crate::domain::effect::{Delivery, Effect};
use crate::domain::event::origin::{Door, Origin};
use crate::mail::Mailer;

/// How long an empty outbox rests.
const REST: Duration = Duration::from_millis(250);
/// How often another process's revocations are looked for (DECISIONS.md 30: known within a second).
const REVOCATIONS: Duration = Duration::from_millis(500);
/// How often last uses of tokens and repeated denials are written.
const NOTES: Duration = Duration::from_secs(10);
/// How often tables that are new are looked at, until all were counted.
const COUNTS: Duration = Duration::from_secs(1);
/// How often what time alone makes of administrators is looked at.
const TURNS: Duration = Duration::from_secs(2);
/// How often all accounts' administrators are looked at.
const ALL_ADMINISTRATORS: Duration = Duration::from_hours(1);
/// How often the heads of the record's chains are signed.
const CHECKPOINTS: Duration = Duration::from_mins(5);
/// How often what is of no use any more is taken out, and provisioning that fails is told.
const ENDS: Duration = Duration::from_mins(1);

/// Runs until `stop`, then once more, so that nothing waits longer than it must.
pub async fn run(app: App, mailer: Mailer, stop: CancellationToken) {
    let work = async {
        tokio::join!(
            deliver(app.clone(), stop.clone()),
            mail::run(app.clone(), mailer, stop.clone()),
            watch_revocations(app.clone(), stop.clone()),
            note(app.clone(), stop.clone()),
            clean_up(app.clone(), stop.clone()),
            count_new_tables(app.clone(), stop.clone()),
            sign_checkpoints(app.clone(), stop.clone()),
            watch_administrators(app, stop),
        );
    };
    origin::within(Origin::by(Door::Worker), Box::pin(work)).await;
}

async fn deliver(app: App, stop: CancellationToken) {
    loop {
        let stopping = stop.is_cancelled();
        match deliver_batch(&app).await {
            Ok(0) | Err(_) if stopping => return,
            // Few at a time would cost as many transactions, which writers wait for.
            Ok(delivered) if stopping || delivered >= BATCH => {}
            Ok(_) => rest(&stop).await,
            Err(error) => {
                tracing::warn!(%error, "worker.delivery_failed");
                rest(&stop).await;
            }
        }
    }
}

/// Delivers what waits, at most one batch; says how many.
///
/// # Errors
/// If the database fails; then the batch is delivered again.
pub async fn deliver_batch(app: &App) -> Result<usize, Error> {
    let waiting = app.waiting_deliveries().await?;
    for delivery in &waiting {
        perform(delivery);
    }
    let count = waiting.len();
    if count > 0 {
        // Before they are taken out: a crash here has it looked at again, and told once.
        app.follow_administrators(&waiting).await?;
        app.finish_deliveries(waiting).await?;
    }
    Ok(count)
}

fn perform(delivery: &Delivery) {
    // Mails go their own way.
    let Effect::Announce(activity) = &delivery.effect else { return };
    let text = |pointer: &str| activity.pointer(pointer).and_then(Value::as_str);
    tracing::info!(
        target: "countersign::activity",
        id = %delivery.id,
        account = %delivery.account,
        at = text("/at"),
        action = text("/action"),
        outcome = text("/outcome"),
        actor_kind = text("/actor/kind"),
        actor_id = text("/actor/id"),
        target_kind = text("/target/kind"),
        target_id = text("/target/id"),
        detail = activity.get("detail").filter(|d| !d.is_null()).map(tracing::field::display),
        "activity"
    );
}

async fn watch_revocations(app: App, stop: CancellationToken) {
    let mut known = None;
    let mut ticks = interval(REVOCATIONS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !stopped_before(&stop, &mut ticks).await {
        match app.revocation_seq().await {
            Ok(seq) if known == Some(seq) => {}
            Ok(seq) => {
                known = Some(seq);
                app.forget_tokens();
            }
            Err(error) => {
                // Better to ask the database each time than to trust what may be revoked.
                app.forget_tokens();
                tracing::warn!(%error, "worker.revocations_unknown");
            }
        }
    }
}

async fn note(app: App, stop: CancellationToken) {
    let mut ticks = interval(NOTES);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let stopping = stopped_before(&stop, &mut ticks).await;
        if stopping {
            app.flush_all_denials().await;
        } else {
            app.flush_denials().await;
        }
        if let Err(error) = app.note_token_uses().await {
            tracing::warn!(%error, "worker.token_uses_not_noted");
        }
        if stopping {
            return;
        }
    }
}

async fn count_new_tables(app: App, stop: CancellationToken) {
    let mut ticks = interval(COUNTS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !stopped_before(&stop, &mut ticks).await {
        match app.count_new_tables().await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                // The database's own housekeeping will.
                tracing::info!(%error, "worker.new_tables_not_counted");
                return;
            }
        }
    }
}

async fn clean_up(app: App, stop: CancellationToken) {
    let mut ticks = interval(ENDS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !stopped_before(&stop, &mut ticks).await {
        if let Err(error) = app.clean_up().await {
            tracing::warn!(%error, "worker.not_cleaned_up");
        }
        if let Err(error) = app.settle_approvals().await {
            tracing::warn!(%error, "worker.approvals_not_settled");
        }
        if let Err(error) = app.keep_support_grants().await {
            tracing::warn!(%error, "worker.support_grants_not_kept");
        }
        if let Err(error) = app.tell_of_troubles().await {
            tracing::warn!(%error, "worker.troubles_not_told");
        }
    }
}

/// What time alone changes is looked at when it is due; now and then all is, in case something was missed.
async fn watch_administrators(app: App, stop: CancellationToken) {
    let mut ticks = interval(TURNS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut all_at = Instant::now();
    while !stopped_before(&stop, &mut ticks).await {
        let watched = if Instant::now() >= all_at {
            all_at = Instant::now() + ALL_ADMINISTRATORS;
            app.follow_all_administrators().await
        } else {
            app.follow_due_administrators().await
        };
        if let Err(error) = watched {
            tracing::warn!(%error, "worker.administrators_not_watched");
        }
    }
}

async fn sign_checkpoints(app: App, stop: CancellationToken) {
    let mut ticks = interval(CHECKPOINTS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !stopped_before(&stop, &mut ticks).await {
        if let Err(error) = app.sign_checkpoints().await {
            tracing::warn!(%error, "worker.checkpoints_not_signed");
        }
    }
}

async fn rest(stop: &CancellationToken) {
    tokio::select! { () = stop.cancelled() => {}, () = sleep_until(Instant::now() + REST) => {} }
}

async fn stopped_before(stop: &CancellationToken, ticks: &mut tokio::time::Interval) -> bool {
    tokio::select! { () = stop.cancelled() => true, _ = ticks.tick() => false }
}
