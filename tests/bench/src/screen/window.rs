//! The program with its real window on a screen of memory: how much it keeps, and what it does when nobody touches it.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use super::stage::Layout;
use crate::{Outcome, driven::Driven};

/// How long nobody touches the screen.
pub const IDLE: Duration = Duration::from_secs(10);
/// Until the window stands, and until the last touch is worked off.
const SETTLE: Duration = Duration::from_secs(3);
/// Between two touches.
const PAUSE: Duration = Duration::from_millis(200);
const SIZE: (u32, u32) = (1280, 800);
const TAPS: u32 = 20;
/// With favourites, categories of the generated catalogue.
const TABS: u32 = 7;

/// What was seen of a window.
pub struct Seen {
    /// Touches before the memory was looked at.
    pub taps: u32,
    /// Resident, in kB.
    pub memory_kb: u64,
    /// Of it pages of files: the program and its libraries.
    pub files_kb: u64,
    /// User and system time while idle, in ticks of the kernel.
    pub idle_ticks: u64,
    /// The same by the scheduler's account.
    pub idle_ms: f64,
    /// And which threads it was.
    pub idle_threads: String,
}

/// A child that goes when it is dropped.
struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts the till with a window, taps, and looks.
pub fn watch(till: &Path, dir: &Path, config: Option<&Path>, quick: bool) -> Outcome<Seen> {
    let with_goods = |verb: &str| {
        let mut command = Command::new(till);
        command.arg(verb).arg("--data").arg(dir);
        match config {
            Some(config) => command.arg("--config").arg(config),
            None => command.arg("--demo"),
        };
        command
    };
    let mut driven = Driven::start(&mut with_goods("drive"))?;
    for line in ["sign-in 101 1101", "start-trip 171 2026-10-05", "open-shift 1000.00"] {
        driven.ok(line)?;
    }
    driven.end()?;
    let (_screen, display) = screen()?;
    let size = format!("{}x{}", SIZE.0, SIZE.1);
    let mut run = with_goods("run");
    run.args(["--size", &size]).env("DISPLAY", &display).stderr(Stdio::null());
    let window = Held(run.spawn()?);
    thread::sleep(SETTLE);
    let layout = Layout::of(SIZE);
    if config.is_some() {
        touch(&display, layout.tab(1, TABS))?;
    }
    for tap in 0..TAPS {
        touch(&display, layout.tile(tap % 11))?;
    }
    thread::sleep(SETTLE);
    let pid = window.0.id();
    let (memory_kb, files_kb) = (status_kb(pid, "VmRSS:")?, status_kb(pid, "RssFile:")?);
    let (ticks, threads) = (ticks(pid)?, threads(pid)?);
    thread::sleep(if quick { Duration::from_secs(1) } else { IDLE });
    let idle_ticks = self::ticks(pid)? - ticks;
    let after = self::threads(pid)?;
    drop(window);
    let mut busy: Vec<(String, u64)> = after
        .into_iter()
        .map(|(thread, ns)| {
            let was = threads.get(&thread).copied().unwrap_or(0);
            (thread.1, ns - was)
        })
        .collect();
    busy.sort_by_key(|(_, ns)| core::cmp::Reverse(*ns));
    let idle_ns: u64 = busy.iter().map(|(_, ns)| ns).sum();
    let worked: Vec<String> = busy.iter().filter(|(_, ns)| *ns > 0).map(|(name, ns)| format!("{name} {:.1}", milli(*ns))).collect();
    sold(&mut with_goods("drive"))?;
    Ok(Seen { taps: TAPS, memory_kb, files_kb, idle_ticks, idle_ms: milli(idle_ns), idle_threads: worked.join(", ") })
}

/// That the touches hit: afterwards there is an open sale with lines.
fn sold(drive: &mut Command) -> Outcome<()> {
    let mut driven = Driven::start(drive)?;
    let sale = driven.ok("sale")?;
    driven.end()?;
    let lines = sale["lines"].as_array().map_or(0, Vec::len);
    if lines == 0 { Err("the touches hit nothing".into()) } else { Ok(()) }
}

fn screen() -> Outcome<(Held, String)> {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", &format!("{}x{}x24", SIZE.0, SIZE.1), "-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let said = server.stdout.take().ok_or("no pipe")?;
    let server = Held(server);
    let mut number = String::new();
    BufReader::new(said).read_line(&mut number)?;
    Ok((server, format!(":{}", number.trim())))
}

fn touch(display: &str, place: super::Place) -> Outcome<()> {
    let (x, y) = (format!("{:.0}", place.x), format!("{:.0}", place.y));
    let done = Command::new("xdotool").env("DISPLAY", display).args(["mousemove", &x, &y, "click", "1"]).status()?;
    thread::sleep(PAUSE);
    if done.success() { Ok(()) } else { Err("xdotool does not touch".into()) }
}

fn status_kb(pid: u32, key: &str) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(key)).ok_or("the kernel does not say")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// User and system time of a process.
fn ticks(pid: u32) -> Outcome<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |place: usize| fields.get(place).and_then(|field| field.parse::<u64>().ok()).ok_or("the kernel does not say");
    Ok(field(11)? + field(12)?)
}

/// Nanoseconds on a processor of every thread: by number and name.
fn threads(pid: u32) -> Outcome<BTreeMap<(String, String), u64>> {
    let mut all = BTreeMap::new();
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let task = task?.path();
        let number = task.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = fs::read_to_string(task.join("comm"))?.trim().to_owned();
        let ran = fs::read_to_string(task.join("schedstat"))?;
        let ran_ns = ran.split_whitespace().next().and_then(|ns| ns.parse().ok()).unwrap_or(0);
        all.insert((number, name), ran_ns);
    }
    Ok(all)
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn milli(ns: u64) -> f64 {
    ns as f64 / 1e6
}
