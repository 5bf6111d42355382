//! The program itself, spoken to over pipes.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Instant,
};

use serde_json::Value;

use crate::{
    Outcome, Scale,
    durable::{median, millis},
    table::Table,
};

/// A running `till drive`.
pub struct Driven {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Driven {
    /// Starts a command that runs `till drive`.
    pub fn start(command: &mut Command) -> Outcome<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take().ok_or("no pipe")?;
        let stdout = BufReader::new(child.stdout.take().ok_or("no pipe")?);
        Ok(Self { child, stdin, stdout })
    }

    /// Asks and waits; what is not done is an error.
    pub fn ok(&mut self, line: &str) -> Outcome<Value> {
        writeln!(self.stdin, "{line}")?;
        self.stdin.flush()?;
        let mut answer = String::new();
        self.stdout.read_line(&mut answer)?;
        let answer: Value = serde_json::from_str(&answer)?;
        if answer["ok"].is_object() { Ok(answer["ok"].clone()) } else { Err(format!("{line}: {answer}").into()) }
    }

    /// Kilobytes in memory: the most so far, by the kernel's account.
    pub fn memory_kb(&self) -> Outcome<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the kernel does not say")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// Ends the input and waits for the end.
    pub fn end(self) -> Outcome<()> {
        let Self { mut child, stdin, stdout } = self;
        drop((stdin, stdout));
        child.wait()?;
        Ok(())
    }

    /// Signed in, on a trip, with an open shift.
    pub fn ready_to_sell(&mut self) -> Outcome<()> {
        for line in ["sign-in 101 1101", "start-trip 171 2026-10-05", "open-shift 1000.00"] {
            self.ok(line)?;
        }
        Ok(())
    }

    /// A cash sale of one product, or two in every second turn.
    pub fn sell(&mut self, turn: u32) -> Outcome<()> {
        self.ok("add 1001")?;
        if turn % 2 == 1 {
            self.ok("add 1003")?;
        }
        self.ok("pay cash 100.00")?;
        Ok(())
    }
}

/// What a till is told where no law asks for a control unit.
const NO_RULE: &str = "[control]\nunit = \"none\"\nrule = \"none\"\n";
/// The same in Sweden: the receipt is written down before the unit is asked for its code, so that a crash asks with the same number again.
const SWEDEN: &str = "[control]\nunit = \"simulated\"\nrule = \"sweden\"\n";

/// The demo till on a folder.
pub fn demo(till: &Path, dir: &Path) -> Command {
    let mut command = Command::new(till);
    command.args(["drive", "--demo", "--data"]).arg(dir);
    command
}

/// Time from the line to the answer of a sale of one or two products, through the pipes.
pub fn answers(till: &Path, dir: &Path, scale: Scale, table: &mut Table) -> Outcome<()> {
    let mut driven = Driven::start(&mut demo(till, &dir.join("answers")))?;
    driven.ready_to_sell()?;
    let (mut sales, mut floor) = (Vec::new(), Vec::new());
    for turn in 0..scale.sales {
        let began = Instant::now();
        driven.sell(turn)?;
        sales.push(began.elapsed());
        let began = Instant::now();
        driven.ok("sale")?;
        floor.push(began.elapsed());
    }
    let floor = format!("{}: an answer that writes nothing", millis(median(&mut floor)));
    table.shown(
        "`till drive`: a sale from its first line to the last answer, printing beside it, median",
        millis(median(&mut sales)),
        floor,
        "",
    );
    let memory = driven.memory_kb()?;
    table.shown("Memory of `till drive`, demo, after these sales", format!("{:.1} MB", megabytes(memory)), "", "");
    driven.end()
}

/// Kilobytes as megabytes.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
pub fn megabytes(kilobytes: u64) -> f64 {
    kilobytes as f64 / 1024.0
}

#[derive(Clone, Copy, Default)]
struct Calls {
    flushes: u32,
    bytes: u32,
}

/// Flushes and bytes per sale on the store's files, counted at the system calls, everything included: adds, states of print jobs,
/// checkpoints. What starting and ending cost is taken off by a run without sales.
pub fn counts(till: &Path, dir: &Path, scale: Scale, table: &mut Table) -> Outcome<()> {
    let per_sale = |busy: u32, idle: u32| f64::from(busy - idle.min(busy)) / f64::from(scale.sales);
    for (rule, config, flushes, kilobytes) in [("", NO_RULE, 1.3, 24.0), (" under Sweden's rule", SWEDEN, 2.3, 32.0)] {
        let idle = traced(till, &dir.join(format!("idle{flushes}")), config, 0)?;
        let busy_dir = dir.join(format!("busy{flushes}"));
        let busy = traced(till, &busy_dir, config, scale.sales)?;
        let floor = if rule.is_empty() { "1: the commit" } else { "2: the question, the commit" };
        table.counted(&format!("Flushes per sale{rule}"), (per_sale(busy.flushes, idle.flushes), ""), floor, flushes);
        let floor = format!("{} B: the entry alone", entry_bytes(&busy_dir)?);
        let written = per_sale(busy.bytes, idle.bytes) / 1000.0;
        table.counted(&format!("Written per sale{rule}"), (written, " kB"), floor, kilobytes);
    }
    Ok(())
}

/// How long the last sale's entry is, by what the file holds.
fn entry_bytes(dir: &Path) -> Outcome<usize> {
    let (store, _) = store::Store::open(dir, store::Options::default())?;
    Ok(store.entry_bytes(store.seq())?.map_or(0, |bytes| bytes.len()))
}

fn traced(till: &Path, dir: &Path, config: &str, sales: u32) -> Outcome<Calls> {
    let (trace, told) = (dir.with_extension("trace"), dir.with_extension("toml"));
    fs::write(&told, config)?;
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-e", "trace=fsync,fdatasync,pwrite64,write", "-e", "signal=none", "-o"]).arg(&trace);
    command.arg(till).args(["drive", "--demo", "--data"]).arg(dir).arg("--config").arg(&told);
    let mut driven = Driven::start(&mut command)?;
    driven.ready_to_sell()?;
    for turn in 0..sales {
        driven.sell(turn)?;
    }
    driven.end()?;
    Ok(sum(&fs::read_to_string(&trace)?, &format!("<{}/", dir.canonicalize()?.join("store").display())))
}

/// Adds up a trace. A call that another thread interrupted stands on two lines: its end is found by the thread's number.
fn sum(trace: &str, folder: &str) -> Calls {
    let mut calls = Calls::default();
    let mut unfinished: BTreeMap<&str, bool> = BTreeMap::new();
    for line in trace.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        let resumed = call.starts_with("<... ");
        let ours = if resumed { unfinished.remove(thread).unwrap_or(false) } else { call.contains(folder) };
        if !ours {
            continue;
        }
        if call.ends_with("<unfinished ...>") {
            unfinished.insert(thread, true);
            continue;
        }
        let name = call.trim_start_matches("<... ");
        let answered = call.rsplit("= ").next().and_then(|count| count.trim().parse::<u32>().ok());
        match answered {
            Some(_) if name.starts_with("fsync") || name.starts_with("fdatasync") => calls.flushes += 1,
            Some(bytes) if name.starts_with("pwrite64") || name.starts_with("write") => calls.bytes += bytes,
            _ => {}
        }
    }
    calls
}
