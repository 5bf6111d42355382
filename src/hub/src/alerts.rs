//! Looks once a minute for what nobody sends: a till that was seen and is not at its cursor, a clock far off, a step of an incident.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{Hub, Live, log::Level};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(60);

/// Looks until the hub stops.
pub async fn run(hub: Arc<Hub>) {
    let stopped = hub.stopped();
    tokio::pin!(stopped);
    loop {
        look(&hub).await;
        tokio::select! {
            () = &mut stopped => return,
            () = sleep(EVERY) => {}
        }
    }
}

async fn look(hub: &Arc<Hub>) {
    let now_s = hub.clock.now_s();
    match hub.ask(move |store| store.watch(now_s)).await {
        Ok(0) => {}
        Ok(_) => hub.tell(Live::Alert),
        Err(fault) => hub.log.line(Level::Error, "nobody looked for alerts, trying again", &[("about", fault.to_string().into())]),
    }
    match hub.ask(move |store| store.advance_incidents(now_s)).await {
        Ok(0) => {}
        // Steps of several units count as one piece of news: a page that is told looks for itself.
        Ok(_) => hub.tell(Live::Unit(String::new())),
        Err(fault) => hub.log.line(Level::Error, "no incident went on, trying again", &[("about", fault.to_string().into())]),
    }
}
