//! Receipts on their way to the paper: how long they take to encode and how many bytes they are, beside what another encoder makes of the
//! same; and how soon after the commit the printer hears of them.

use std::{
    fs,
    fs::File,
    hint::black_box,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use hw::{
    document::DocumentBuf,
    printer::{
        escpos,
        profile::{EPSON_80MM, Profile},
    },
    sim::PrinterSimulator,
};
use nix::{
    pty::openpty,
    sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr},
    unistd::ttyname,
};
use serde_json::{Value, json};

use crate::{
    Outcome, Scale,
    driven::Driven,
    durable::{median, millis},
    table::Table,
};

/// Articles on the receipt that is encoded.
const ARTICLES: u32 = 20;
/// Encodings that one time is taken over: one alone is shorter than what a clock can tell.
const BATCH: u32 = 50;
/// The signature on the receipt, of the length that ours have.
const CODE: &str = "TROLLEY1:0142-3:1042:2026-11-23T19:28:39+01:00:SEK:18300:5WHNQZ3TD6Q0Z7V1E0M2P3KX8R9S4T5U6V7W8X9Y0Z1A2B3C4D5E6F7G8H9J0";

/// A printer that hears nothing for so long waits in vain.
const HANGS_AFTER: Duration = Duration::from_secs(20);

/// A part of the receipt, as both encoders are given it: kind, left, right.
type Part = (&'static str, String, String);

fn parts() -> Vec<Part> {
    let part = |kind, left: &str, right: &str| (kind, left.to_owned(), right.to_owned());
    let mut parts = vec![part("title", "KVITTO", ""), part("center", "Bistro Exempel AB", ""), part("center", "Org.nr 556000-0000", "")];
    parts.extend([part("row", "2026-11-23 19:28", "Kvitto 1042"), part("rule", "", "")]);
    parts.extend((1..=ARTICLES).map(|number| part("row", &format!("Räksmörgås nummer {number}"), &format!("{number},00"))));
    parts.extend([part("rule", "", ""), part("total", "ATT BETALA", "210,00 SEK"), part("row", "varav moms 12 %", "22,50")]);
    parts.extend([part("qr", CODE, ""), part("center", "Tack & trevlig resa!", ""), part("cut", "", "")]);
    parts
}

fn receipt(parts: &[Part]) -> DocumentBuf {
    let mut receipt = DocumentBuf::new();
    for (kind, left, right) in parts {
        match *kind {
            "title" => receipt.text(left).center().double(),
            "center" => receipt.text(left).center(),
            "total" => receipt.row(left, right).bold(),
            "row" => receipt.row(left, right),
            "rule" => receipt.rule(),
            "qr" => receipt.qr(left.as_str()),
            _ => receipt.cut(),
        };
    }
    receipt
}

/// Encoding a receipt, beside copying its bytes and beside python-escpos, when `referees` says where it is installed.
pub fn encoding(referees: Option<&Path>, scale: Scale, table: &mut Table) -> Outcome<()> {
    let parts = parts();
    let receipt = receipt(&parts);
    let mut bytes = Vec::with_capacity(16 * 1024);
    let mut ours = time_of(scale.sales, || {
        bytes.clear();
        let written = escpos::encode(&EPSON_80MM, black_box(&receipt).elements(), &mut bytes);
        assert!(written.is_ok(), "writing to memory does not fail");
        black_box(&bytes);
    });
    let mut copy = vec![0; bytes.len()];
    let mut floor = time_of(scale.sales, || {
        copy.copy_from_slice(black_box(&bytes));
        black_box(&copy);
    });
    let (ours, floor) = (median(&mut ours), median(&mut floor));
    let theirs = referees.map(|referees| python(referees, scale, &parts)).transpose()?;
    let beside = theirs.as_ref().map_or_else(
        || "; python-escpos is not installed".to_owned(),
        |(time, count)| format!("; python-escpos 3.1: {}, {count} B, {:.0} ×", micros(*time), time.as_secs_f64() / ours.as_secs_f64()),
    );
    let what = format!("A receipt of {ARTICLES} articles and a QR code as ESC/POS, median");
    let times_floor = ours.as_secs_f64() / floor.as_secs_f64();
    let measured = format!("{}, {} B, {times_floor:.0} × the floor", micros(ours), bytes.len());
    table.shown(what, measured, format!("{:.3} µs: copying its bytes{beside}", floor.as_secs_f64() * 1e6), "< python-escpos");
    if let Some((_, count)) = theirs {
        let share = f64::from(u32::try_from(bytes.len())?) / f64::from(u32::try_from(count)?);
        table.counted("Its bytes, as a share of python-escpos'", (share, ""), format!("{count} B: python-escpos 3.1"), 1.0);
    }
    Ok(())
}

fn time_of(count: u32, mut work: impl FnMut()) -> Vec<Duration> {
    (0..count)
        .map(|_| {
            let began = Instant::now();
            (0..BATCH).for_each(|_| work());
            began.elapsed() / BATCH
        })
        .collect()
}

fn micros(time: Duration) -> String {
    format!("{:.1} µs", time.as_secs_f64() * 1e6)
}

/// What python-escpos takes for one receipt by its own clock, and how many bytes it makes.
fn python(referees: &Path, scale: Scale, parts: &[Part]) -> Outcome<(Duration, usize)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../referees/producers/python_escpos_timed.py");
    let mut command = Command::new(referees.join("python/bin/python"));
    let mut child = command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let asked = json!({"receipt": parts, "columns": EPSON_80MM.columns, "repeats": scale.sales});
    child.stdin.take().ok_or("no pipe")?.write_all(asked.to_string().as_bytes())?;
    let output = child.wait_with_output()?;
    let said: Value = serde_json::from_slice(&output.stdout)?;
    let nanos = said["median_ns"].as_u64().ok_or("python-escpos did not encode the receipt")?;
    Ok((Duration::from_nanos(nanos), usize::try_from(said["bytes"].as_u64().unwrap_or_default())?))
}

/// From the end of the flush that makes a sale durable to the first byte that the printer receives for it, and to the first of the receipt
/// itself, before which the printer is asked how it is. Flushes are seen at the system call, bytes at the far end of the line.
pub fn first_byte(till: &Path, dir: &Path, scale: Scale, table: &mut Table) -> Outcome<()> {
    let line = FarPrinter::start(EPSON_80MM)?;
    let home = dir.join("first-byte");
    fs::create_dir_all(&home)?;
    let config = home.join("till.toml");
    fs::write(&config, format!("[printer]\nport = {:?}\nbaud = 115200\nflow = \"none\"\n", line.path))?;
    let trace = home.join("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-ttt", "-T", "-e", "trace=fsync,fdatasync", "-e", "signal=none", "-o"]).arg(&trace);
    command.arg(till).args(["drive", "--demo", "--data"]).arg(home.join("data")).arg("--config").arg(&config);
    let mut driven = Driven::start(&mut command)?;
    driven.ready_to_sell()?;
    let bare = FarPrinter::start(EPSON_80MM)?;
    let mut near = fs::OpenOptions::new().write(true).open(&bare.path)?;
    let (mut sales, mut floor) = (Vec::new(), Vec::new());
    for turn in 0..scale.sales {
        line.heard.try_iter().for_each(drop);
        driven.sell(turn)?;
        sales.push(line.receipt()?);
        let began = SystemTime::now().duration_since(UNIX_EPOCH)?;
        near.write_all(b"\n")?;
        floor.push(bare.heard.recv_timeout(HANGS_AFTER)?.0.saturating_sub(began));
    }
    driven.end()?;
    let flushes = flush_ends(&fs::read_to_string(&trace)?, &format!("<{}/", home.join("data").canonicalize()?.join("store").display()));
    let (mut first, mut begun) = (Vec::new(), Vec::new());
    for sale in &sales {
        let commit = flushes.iter().rev().find(|end| **end < sale.begun).copied().ok_or("no commit before a receipt")?;
        // What came before is of the receipt before: a printer is asked how it is when it is done.
        let heard = sale.heard.iter().find(|at| **at >= commit).copied().unwrap_or(sale.begun);
        first.push(heard - commit);
        begun.push(sale.begun - commit);
    }
    let floor = format!("{}: a byte through a pseudo-terminal", millis(median(&mut floor)));
    let what = format!("Commit to the first byte at the printer's end of the line, median of {}", sales.len());
    table.shown(what, millis(median(&mut first)), floor, "< 5 ms");
    let what = "Commit to the receipt's first byte there, drawer opened and printer asked before, median";
    table.shown(what, millis(median(&mut begun)), "", "");
    Ok(())
}

/// When a receipt came, by the wall's clock.
struct Came {
    /// Everything that was heard, up to the receipt's first bytes.
    heard: Vec<Duration>,
    begun: Duration,
}

/// A simulated printer at the end of a pseudo-terminal, which answers at once and notes when bytes come.
struct FarPrinter {
    path: PathBuf,
    heard: Receiver<(Duration, Vec<u8>)>,
}

impl FarPrinter {
    fn start(profile: Profile) -> Outcome<Self> {
        let pair = openpty(None, None)?;
        let mut settings = tcgetattr(&pair.slave)?;
        cfmakeraw(&mut settings);
        tcsetattr(&pair.slave, SetArg::TCSANOW, &settings)?;
        let path = ttyname(&pair.slave)?;
        let mut near = File::from(pair.master);
        let (tell, heard) = channel();
        thread::spawn(move || {
            // The far end stays open here too: without it the line hangs up whenever the driver closes it.
            let _far = pair.slave;
            let mut printer = PrinterSimulator::new(profile);
            let mut bytes = [0; 4096];
            while let Ok(count) = near.read(&mut bytes) {
                let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                let _ = printer.receive(&bytes[..count]);
                if near.write_all(&printer.take_replies(usize::MAX)).is_err() || tell.send((at, bytes[..count].to_vec())).is_err() {
                    return;
                }
            }
        });
        Ok(Self { path, heard })
    }

    /// Waits for a receipt to its end.
    fn receipt(&self) -> Outcome<Came> {
        /// `ESC @`, with which a receipt begins, and `GS V`, the cut.
        const BEGIN: &[u8] = &[0x1b, 0x40];
        const CUT: &[u8] = &[0x1d, 0x56];
        let (mut heard, mut begun) = (Vec::new(), None);
        let mut tail = Vec::new();
        loop {
            let (at, bytes) = self.heard.recv_timeout(HANGS_AFTER).map_err(|_| "no receipt came to the printer")?;
            tail.extend(bytes);
            let has = |pattern: &[u8]| tail.windows(pattern.len()).any(|window| window == pattern);
            if begun.is_none() {
                heard.push(at);
                begun = has(BEGIN).then_some(at);
            }
            if let (Some(begun), true) = (begun, has(CUT)) {
                return Ok(Came { heard, begun });
            }
        }
    }
}

/// When each flush of the store ended, by the wall's clock. A call that another thread interrupted stands on two lines.
fn flush_ends(trace: &str, folder: &str) -> Vec<Duration> {
    let mut ends = Vec::new();
    let mut unfinished: std::collections::BTreeMap<&str, Duration> = std::collections::BTreeMap::new();
    for line in trace.lines() {
        let mut words = line.split_whitespace();
        let (Some(thread), Some(at)) = (words.next(), words.next().and_then(seconds)) else { continue };
        let resumed = line.contains("<... f");
        if !resumed && !line.contains(folder) {
            continue;
        }
        if line.ends_with("<unfinished ...>") {
            unfinished.insert(thread, at);
            continue;
        }
        let began = if resumed { unfinished.remove(thread) } else { Some(at) };
        let took = line.rsplit('<').next().and_then(|rest| seconds(rest.trim_end_matches('>')));
        if let (Some(began), Some(took)) = (began, took) {
            ends.push(began + took);
        }
    }
    ends.sort_unstable();
    ends
}

fn seconds(text: &str) -> Option<Duration> {
    text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}
