//! `hub loadgen`: a hub of its own on loopback, a fleet that is not there, and what both came to.
//!
//! Tills have keys of their own, are let in by real tokens, and send real batches over TLS. Afterwards the same bytes are written once more in
//! the engine's plain ways, so that each figure stands beside its floor. Fleet and hub share one machine: the figures are no better than that.
#![expect(clippy::disallowed_methods, reason = "an edge: it starts a hub and measures it")]

mod fleet;
mod floor;
mod line;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use fleet::{Goods, Prepared, Till};
use floor::Floor;
use hub_store::{
    HubStore, SQLITE_FILE,
    engine::{Engine, Postgres, Sqlite},
};
use line::Way;
use wire::{Ack, BATCH_TYPE, Bytes32, EnrolRequest};

use crate::{Clock, cli::Place, commands, failure::Failure, tls::Identity};

/// The most tills of a fleet.
pub const TILLS_MAX: u32 = 10_000;
/// The most sales of a run, which are made beforehand and kept in memory.
pub const SALES_MAX: u64 = 2_000_000;
/// The most sales of a batch: three entries each, and the day's first.
pub const BATCH_SALES_MAX: u32 = 1_000;
/// The most tills that talk to the hub at the same time.
pub const LINES_MAX: u32 = 256;
/// The longest that a run with a rate may be meant to take.
pub const RUN_S_MAX: u64 = 2 * 60 * 60;
/// How long projections may take to catch up.
const PROJECTED_WAIT: Duration = Duration::from_secs(600);
const PROJECTED_LOOK: Duration = Duration::from_millis(50);

/// How much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Tills.
    pub tills: u32,
    /// Sales of each.
    pub sales: u32,
    /// Sales of a batch.
    pub batch: u32,
    /// Sales in a second over all tills; as many as can be when none.
    pub rate: Option<u32>,
    /// Tills that talk to the hub at the same time.
    pub lines: u32,
}

impl Default for Load {
    fn default() -> Self {
        Self { tills: 100, sales: 500, batch: 200, rate: None, lines: 16 }
    }
}

impl Load {
    fn all_sales(&self) -> u64 {
        u64::from(self.tills) * u64::from(self.sales)
    }

    fn check(&self) -> Result<(), Failure> {
        let limits = [
            ("--tills", u64::from(self.tills), u64::from(TILLS_MAX)),
            ("--sales", u64::from(self.sales), SALES_MAX),
            ("--batch", u64::from(self.batch), u64::from(BATCH_SALES_MAX)),
            ("--lines", u64::from(self.lines), u64::from(LINES_MAX)),
            ("tills times sales", self.all_sales(), SALES_MAX),
            ("the seconds that --rate means", self.rate.map_or(1, |rate| self.all_sales().div_ceil(u64::from(rate.max(1)))), RUN_S_MAX),
        ];
        match limits.iter().find(|(_, value, most)| *value == 0 || value > most) {
            Some((name, _, most)) => Err(Failure::Usage(format!("hub loadgen: {name} may be 1 to {most}"))),
            None => Ok(()),
        }
    }
}

/// Starts a hub, sends, and prints what it came to.
///
/// # Errors
/// [`Failure`]; a folder or a database that holds a hub already among them.
pub fn run(place: &Place, load: Load) -> Result<(), Failure> {
    load.check()?;
    let dir = place.dir();
    must_be_new(place, &dir)?;
    let hub = Hub::start(place, &dir)?;
    let goods = Goods::demo();
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| Failure::Refused(format!("This machine has no random numbers: {error}.")))?;
    let mut visits = let_in(place, &dir, &hub, load, &seed)?;
    let begun = Instant::now();
    for visit in &mut visits {
        visit.prepare(&goods, load)?;
    }
    let made = begun.elapsed();
    let idle = hub.memory_kb();
    let sent = send(&visits, load)?;
    let spent = hub.spent();
    let peak = hub.memory_kb();
    let engine = engine(place, &dir)?;
    let projected = wait_for_projections(&*engine, load.all_sales())?;
    let after = hub.memory_kb();
    drop(hub);
    let floor = floor::measure(&*engine)?;
    let entries: u64 = visits.iter().flat_map(|visit| &visit.batches).map(|batch| batch.entries as u64).sum();
    if floor.entries != entries {
        return Err(Failure::Refused(format!("{entries} entries were acknowledged and {} are there.", floor.entries)));
    }
    let about = About { load, made, memory: [idle, peak, after], spent, projected };
    print(place, &visits, &sent, &floor, &about);
    Ok(())
}

/// A run leaves nothing of a real hub behind, and measures nothing that was there before.
fn must_be_new(place: &Place, dir: &Path) -> Result<(), Failure> {
    if place.data.is_none() || dir.exists() {
        return Err(Failure::Refused("hub loadgen makes a hub of its own: name a folder with --data DIR that does not exist yet.".into()));
    }
    if let Some(url) = &place.postgres {
        let mut tables = Postgres::open(url)?;
        let sql = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public'";
        let engine: &mut dyn Engine = &mut tables;
        let rows = engine.read()?.query(sql, &[])?;
        if rows.first().map_or(Ok(0), |row| row.int(0))? > 0 {
            return Err(Failure::Refused("hub loadgen wants an empty database: this one has tables.".into()));
        }
    }
    fs::create_dir_all(dir)?;
    Ok(())
}

fn engine(place: &Place, dir: &Path) -> Result<Box<dyn Engine>, Failure> {
    Ok(match &place.postgres {
        Some(url) => Box::new(Postgres::open(url)?),
        None => Box::new(Sqlite::open(&dir.join(SQLITE_FILE))?),
    })
}

/// A hub as a process of its own.
struct Hub {
    process: Child,
    addr: SocketAddr,
}

impl Hub {
    fn start(place: &Place, dir: &Path) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(dir);
        if let Some(url) = &place.postgres {
            command.env("HUB_POSTGRES", url);
        }
        let log = fs::File::create(dir.join("loadgen.log"))?;
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn()?;
        let mut lines = BufReader::new(process.stdout.take().ok_or_else(no_hub)?);
        let mut line = String::new();
        lines.read_line(&mut line)?;
        let addr = line.trim().rsplit("https://").next().and_then(|addr| addr.parse().ok());
        thread::spawn(move || lines.lines().map_while(Result::ok).for_each(drop));
        match addr {
            Some(addr) => Ok(Self { process, addr }),
            None => {
                drop(process.kill());
                drop(process.wait());
                Err(no_hub())
            }
        }
    }

    /// The most memory that it has held so far, in KiB, as the system counts it.
    fn memory_kb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
    }

    /// Hundredths of a second of processor that it has used.
    fn spent(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap_or_default();
        // Fields 14 and 15, counted behind the name in brackets.
        let behind = stat.rsplit(')').next().unwrap_or_default();
        behind.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn no_hub() -> Failure {
    Failure::Refused("The hub does not start: see loadgen.log in its folder.".into())
}

/// A till with its way, and what it is going to send.
struct Visit {
    till: Till,
    way: Way,
    path: String,
    batches: Vec<Prepared>,
}

impl Visit {
    fn prepare(&mut self, goods: &Goods, load: Load) -> Result<(), Failure> {
        let mut left = load.sales;
        while left > 0 {
            let sales = left.min(load.batch);
            self.batches.push(self.till.batch(goods, sales)?);
            left -= sales;
        }
        Ok(())
    }
}

/// Every till is let in by a token of its own, over a connection of its own.
fn let_in(place: &Place, dir: &Path, hub: &Hub, load: Load, seed: &[u8; 32]) -> Result<Vec<Visit>, Failure> {
    let store = match &place.postgres {
        Some(url) => HubStore::postgres(url)?,
        None => HubStore::sqlite(dir)?,
    };
    let identity = Identity::of_hub(&store, dir)?;
    let clock = Clock::of_machine();
    (0..load.tills)
        .map(|number| {
            let till = Till::new(number, seed);
            let token = commands::new_token(&store, &identity, &till.unit, &clock)?;
            let way = Way::new(hub.addr, identity.pin(), &till.key)?;
            let request = EnrolRequest {
                token: token.to_string(),
                public: Bytes32(till.key.public()),
                unit: Some(till.unit.clone()),
                board: None,
                program: "loadgen".into(),
            };
            let body = serde_json::to_vec(&request).map_err(|error| Failure::Refused(error.to_string()))?;
            let (status, answer) = way.connect()?.post("/v1/enrol", "application/json", &body)?;
            if status != 200 {
                return Err(Failure::Refused(format!("A till is not let in, {status}: {}", String::from_utf8_lossy(&answer))));
            }
            let path = format!("/v1/logs/{}/append", till.key.log_id());
            Ok(Visit { till, way, path, batches: Vec::new() })
        })
        .collect()
}

/// What sending came to.
#[derive(Default)]
struct Sent {
    took: Duration,
    /// From the first byte of a batch to the last of its acknowledgement.
    acks: Vec<Duration>,
    /// From nothing to the end of the handshake.
    connects: Vec<Duration>,
    /// How far behind its time the last visit began.
    late: Duration,
}

/// All visits, each when its time has come, so many at once.
fn send(visits: &[Visit], load: Load) -> Result<Sent, Failure> {
    let next = AtomicUsize::new(0);
    let sent = Mutex::new(Sent::default());
    let begun = Instant::now();
    let work = || -> Result<(), Failure> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(visit) = visits.get(number) else { return Ok(()) };
            let due = load.rate.map_or(Duration::ZERO, |rate| {
                let before = number as u64 * u64::from(load.sales);
                Duration::from_millis(before * 1000 / u64::from(rate))
            });
            thread::sleep(due.saturating_sub(begun.elapsed()));
            let late = if load.rate.is_some() { begun.elapsed().saturating_sub(due) } else { Duration::ZERO };
            let (connect, acks) = visit_hub(visit).inspect_err(|_| next.store(visits.len(), Ordering::Relaxed))?;
            let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
            sent.connects.push(connect);
            sent.acks.extend(acks);
            sent.late = sent.late.max(late);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..load.lines).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| Err(Failure::Refused("A line fell over.".into()))))
    })?;
    let mut sent = sent.into_inner().unwrap_or_else(PoisonError::into_inner);
    sent.took = begun.elapsed();
    sent.acks.sort_unstable();
    sent.connects.sort_unstable();
    Ok(sent)
}

fn visit_hub(visit: &Visit) -> Result<(Duration, Vec<Duration>), Failure> {
    let begun = Instant::now();
    let mut line = visit.way.connect()?;
    let connected = begun.elapsed();
    let mut acks = Vec::with_capacity(visit.batches.len());
    for batch in &visit.batches {
        let begun = Instant::now();
        let (status, answer) = line.post(&visit.path, BATCH_TYPE, &batch.bytes)?;
        acks.push(begun.elapsed());
        let ack: Option<Ack> = serde_json::from_slice(&answer).ok();
        if status != 200 || ack.is_none_or(|ack| ack.seq != batch.last_seq) {
            return Err(Failure::Refused(format!("A batch is not acknowledged, {status}: {}", String::from_utf8_lossy(&answer))));
        }
    }
    Ok((connected, acks))
}

/// How long the projections need behind the last acknowledgement.
fn wait_for_projections(engine: &dyn Engine, sales: u64) -> Result<Duration, Failure> {
    let begun = Instant::now();
    loop {
        let rows = engine.read()?.query("SELECT COUNT(*) FROM sales", &[])?;
        if rows.first().map_or(Ok(0), |row| row.count(0))? >= sales {
            return Ok(begun.elapsed());
        }
        if begun.elapsed() > PROJECTED_WAIT {
            return Err(Failure::Refused(format!("The sales are not projected after {} s.", PROJECTED_WAIT.as_secs())));
        }
        thread::sleep(PROJECTED_LOOK);
    }
}

/// What stands around the figures.
struct About {
    load: Load,
    made: Duration,
    /// The hub's most memory before, at the last acknowledgement, and when all was projected, in KiB.
    memory: [u64; 3],
    /// Hundredths of a second of processor up to the last acknowledgement.
    spent: u64,
    projected: Duration,
}

fn print(place: &Place, visits: &[Visit], sent: &Sent, floor: &Floor, about: &About) {
    let batches = || visits.iter().flat_map(|visit| &visit.batches);
    let sales: u64 = batches().map(|batch| u64::from(batch.sales)).sum();
    let wire: usize = batches().map(|batch| batch.bytes.len()).sum();
    let plain: usize = batches().map(|batch| batch.plain_bytes).sum();
    let each = |bytes: usize| bytes as f64 / sales as f64;
    let seconds = sent.took.as_secs_f64();
    let rate = |took: Duration| sales as f64 / took.as_secs_f64();
    let megabytes = |took: Duration| floor.bytes as f64 / 1e6 / took.as_secs_f64();
    let millis = |took: Duration| took.as_secs_f64() * 1000.0;
    let Load { tills, sales: of_each, batch, lines, .. } = about.load;
    let engine = if place.postgres.is_some() { "PostgreSQL" } else { "SQLite" };
    let asked = about.load.rate.map_or_else(|| "as fast as can be".to_owned(), |rate| format!("{rate} sales/s"));
    let [idle, peak, after] = about.memory.map(|kb| kb as f64 / 1024.0);
    println!("{engine}, {tills} tills with {of_each} sales each in batches of {batch}, {lines} at a time, {asked}\n");
    println!("| what | measured | target |\n|---|---|---|");
    println!("| Sales in a second, {sales} in {seconds:.1} s | {:.0} | 1,400 |", rate(sent.took));
    println!("| Acknowledgement, median | {:.1} ms | |", millis(percentile(&sent.acks, 50)));
    println!("| Acknowledgement, 99th of 100 of {} | {:.1} ms | < 250 ms |", sent.acks.len(), millis(percentile(&sent.acks, 99)));
    println!("| Connection with TLS, 99th of 100 | {:.1} ms | |", millis(percentile(&sent.connects, 99)));
    println!("| Visits begun late by at most | {:.0} ms | |", millis(sent.late));
    println!("| The hub's memory at most: at rest, under load, all projected | {idle:.0}, {peak:.0}, {after:.0} MiB | < 150 MB |");
    println!("| The hub's processor time per 1000 sales | {:.0} ms | |", about.spent as f64 * 10_000.0 / sales as f64);
    println!("| All sales projected, behind the last acknowledgement | {:.1} s | |", about.projected.as_secs_f64());
    println!(
        "| On the wire per sale; as the till keeps it; as the hub keeps it | {:.1}; {:.0}; {:.1} B | ≤ 25 B |",
        each(wire),
        each(plain),
        each(floor.bytes)
    );
    println!("| Raw bytes in a second | {:.2} MB | |", megabytes(sent.took));
    println!(
        "| Floor: the same {} rows, a commit each | {:.2} MB/s, {:.0} sales/s; the hub has {:.0} % of it | ≥ 60 % |",
        floor.batches,
        megabytes(floor.each),
        rate(floor.each),
        100.0 * floor.each.as_secs_f64() / seconds
    );
    println!(
        "| Floor: the same rows in one commit{} | {:.2} MB/s, {:.0} sales/s; the hub has {:.1} % of it | |",
        if place.postgres.is_some() { ", by COPY" } else { "" },
        megabytes(floor.bulk),
        rate(floor.bulk),
        100.0 * floor.bulk.as_secs_f64() / seconds
    );
    println!("\nThe fleet's batches were made beforehand in {:.1} s. Fleet and hub shared the machine.", about.made.as_secs_f64());
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_limits() {
        let fits = Load::default();
        assert!(fits.check().is_ok());
        for load in [
            Load { tills: 0, ..fits },
            Load { tills: TILLS_MAX + 1, ..fits },
            Load { tills: TILLS_MAX, sales: 201, ..fits },
            Load { batch: BATCH_SALES_MAX + 1, ..fits },
            Load { lines: 0, ..fits },
            Load { rate: Some(1), ..fits },
            Load { rate: Some(0), ..fits },
        ] {
            assert!(load.check().is_err(), "{load:?}");
        }
    }

    #[test]
    fn a_folder_that_is_there_already_is_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let place = Place { data: Some(dir.path().to_owned()), postgres: None };
        assert!(run(&place, Load::default()).is_err());
        assert!(fs::read_dir(dir.path()).expect("the folder").next().is_none());
    }

    #[test]
    fn an_imagined_till_writes_what_a_real_one_would() {
        let mut till = Till::new(7, &[1; 32]);
        let goods = Goods::demo();
        let mut head = wire::Bytes32(till.key.log_id().0);
        let mut sales = 0;
        for _ in 0..2 {
            let prepared = till.batch(&goods, 20).expect("a batch");
            let batch = wire::Batch::decode(&prepared.bytes).expect("it is read");
            assert_eq!(batch.prev, head);
            head = batch.head;
            for entry in &batch.entries {
                let entry = journal::Entry::decode(entry).expect("an entry");
                sales += usize::from(matches!(entry.fact, journal::Fact::SaleClosed(_)));
            }
        }
        assert_eq!(sales, 40);
    }
}
