//! A simulated printer at a network address, where a host expects one: TCP port 9100.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::process;
use std::sync::PoisonError;
use std::thread;

use hw::sim::{PrinterSimulator, Shared, SimulatedPrinter};

/// Where every network printer listens.
const PORT: u16 = 9100;
/// Loopback addresses that are tried.
const ADDRESSES_MAX: u8 = 200;

/// A simulated printer on a loopback address of its own.
#[derive(Debug)]
pub struct NetworkPrinter {
    address: Ipv4Addr,
}

impl NetworkPrinter {
    /// Puts a printer on a loopback address that nobody uses. Its thread serves one host after the other until the program ends.
    ///
    /// # Panics
    /// When no loopback address is free.
    #[must_use]
    pub fn start(printer: &SimulatedPrinter) -> Self {
        let [.., high, low] = process::id().to_be_bytes();
        let free = (1..ADDRESSES_MAX).find_map(|third| {
            let address = Ipv4Addr::new(127, third, high, low.max(1));
            let listener = TcpListener::bind(SocketAddrV4::new(address, PORT)).ok()?;
            Some((address, listener))
        });
        let (address, listener) = free.expect("a free loopback address");
        let far = printer.far_end();
        thread::spawn(move || {
            for host in listener.incoming().flatten() {
                // A host that hangs up is no fault of the printer.
                let _ = serve(&far, host);
            }
        });
        Self { address }
    }

    /// The address that a host is given.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }
}

/// One host from its first byte to its last.
fn serve(far: &Shared<PrinterSimulator>, mut host: TcpStream) -> std::io::Result<()> {
    let mut bytes = [0; 4096];
    loop {
        let count = match host.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let mut rest = &bytes[..count];
        while !rest.is_empty() {
            let (taken, replies) = {
                let mut printer = far.lock().unwrap_or_else(PoisonError::into_inner);
                (printer.receive(rest), printer.take_replies(usize::MAX))
            };
            host.write_all(&replies)?;
            if taken == 0 {
                // Out of paper with a full buffer: the host is told by the status, and what it still sends is lost with the line.
                return Ok(());
            }
            rest = &rest[taken..];
        }
    }
}
