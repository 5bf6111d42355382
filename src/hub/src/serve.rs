//! A hub that runs: the port, and what goes on behind it.

use std::{net::SocketAddr, sync::Arc};

use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    Hub, alerts,
    failure::Failure,
    listen::{Limits, listen},
    projector, router,
    tls::Identity,
    webhook,
};

/// A hub at work. Dropped it goes on; [`Running::stop`] ends it.
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    hub: Arc<Hub>,
    port: JoinHandle<()>,
    behind: Vec<JoinHandle<()>>,
}

/// Starts to serve.
///
/// # Errors
/// [`Failure`] when the key cannot be used or the address is gone.
pub fn start(hub: &Arc<Hub>, identity: &Identity, listener: TcpListener, limits: Limits) -> Result<Running, Failure> {
    let addr = listener.local_addr()?;
    let tls = identity.server()?;
    let _ = hub.spki.set(identity.spki());
    let port = tokio::spawn(listen(listener, tls, router(Arc::clone(hub)), limits, hub.stopped()));
    let behind = vec![
        tokio::spawn(alerts::run(Arc::clone(hub))),
        tokio::spawn(projector::run(Arc::clone(hub))),
        tokio::spawn(webhook::run(Arc::clone(hub))),
    ];
    Ok(Running { addr, hub: Arc::clone(hub), port, behind })
}

impl Running {
    /// Takes nothing new, finishes what runs, ends.
    pub async fn stop(self) {
        self.hub.stop();
        drop(self.port.await);
        for task in self.behind {
            drop(task.await);
        }
    }
}
