//! Turns committed batches into what pages read, behind the acknowledgements.

use std::{sync::Arc, time::Duration};

use tokio::time::{sleep, timeout};

use crate::{Hub, Live, log::Level};

/// The most entries of one step, so that others get their turn at the database.
const STEP_ENTRIES_MAX: usize = 2_000;
/// Another hub on the same database may have committed without telling.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// The first wait after a fault; it doubles.
const BACK_OFF_MIN: Duration = Duration::from_millis(200);
/// The longest wait after a fault.
const BACK_OFF_MAX: Duration = Duration::from_secs(30);

/// Projects until the hub stops. A fault costs time and nothing else.
pub async fn run(hub: Arc<Hub>) {
    let mut back_off = BACK_OFF_MIN;
    let stopped = hub.stopped();
    tokio::pin!(stopped);
    loop {
        let wait = match step(&hub).await {
            Ok(true) => continue,
            Ok(false) => {
                back_off = BACK_OFF_MIN;
                None
            }
            Err(()) => {
                let wait = back_off;
                back_off = (back_off * 2).min(BACK_OFF_MAX);
                Some(wait)
            }
        };
        let woken = async {
            match wait {
                Some(wait) => sleep(wait).await,
                None => drop(timeout(LOOK_EVERY, hub.committed.notified()).await),
            }
        };
        tokio::select! {
            () = &mut stopped => return,
            () = woken => {}
        }
    }
}

/// One step. Whether there is more to do at once.
async fn step(hub: &Arc<Hub>) -> Result<bool, ()> {
    match hub.ask(|store| store.project(STEP_ENTRIES_MAX)).await {
        Ok(projected) => {
            if projected.entries > 0 {
                hub.tell(Live::Sales);
            }
            Ok(!projected.done && projected.entries > 0)
        }
        Err(fault) => {
            hub.metrics.projection_failed();
            hub.log.line(Level::Error, "projection failed, trying again", &[("about", fault.to_string().into())]);
            Err(())
        }
    }
}
