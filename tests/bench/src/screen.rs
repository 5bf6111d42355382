//! The screen: frames drawn in this process, and a real window's memory and idle processor time.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use slint::Model as _;
use till::Command;
use till_app::config::Config;

use crate::{Outcome, bulk, driven::megabytes, table::Table};

mod stage;
mod window;

use stage::{Frame, Place, Stage};

/// The two screens that the till is drawn for.
const SIZES: [(u32, u32); 2] = [(1280, 800), (800, 480)];
/// The name of the demo data.
const DEMO: &str = "demo";
/// Products on a page: a page with more has a tile that leafs on.
const TILES: u32 = 11;
/// Taps between two guests.
const TAPS_PER_SALE: u32 = 5;

/// What is sold.
#[derive(Clone, Debug)]
struct Goods {
    name: String,
    /// Without one, the demo's.
    config: Option<PathBuf>,
}

/// How often: taps, and switches of the category.
#[derive(Clone, Copy)]
struct Turns {
    taps: u32,
    switches: u32,
}

/// Measures frames and windows.
pub fn measure(till: &Path, dir: &Path, quick: bool, table: &mut Table) -> Outcome<()> {
    let turns = if quick { Turns { taps: 20, switches: 10 } } else { Turns { taps: 300, switches: 240 } };
    let mut goods = vec![Goods { name: DEMO.into(), config: None }];
    for products in [5_000, 20_000] {
        let config = bulk::write_config(&dir.join(format!("goods-{products}")), products)?;
        goods.push(Goods { name: format!("{products} products"), config: Some(config) });
    }
    for goods in &goods {
        for size in SIZES {
            let place = dir.join(format!("frames-{}-{}", goods.name.replace(' ', "-"), size.0));
            let (goods, name) = (goods.clone(), goods.name.clone());
            // A window of Slint belongs to its thread.
            let drawn = thread::spawn(move || draw(&place, &goods, size, turns).map_err(|error| error.to_string()));
            let drawn = drawn.join().map_err(|_| "the frames of a screen panicked")??;
            tell(&drawn, &name, size, table);
        }
    }
    for goods in &goods {
        let place = dir.join(format!("window-{}", goods.name.replace(' ', "-")));
        let seen = window::watch(till, &place, goods.config.as_deref(), quick)?;
        let target = match goods.name.as_str() {
            "5000 products" => "< 45 MB",
            "20000 products" => "< 75 MB",
            _ => "",
        };
        table.shown(
            format!("Memory of `till run` with its window at 1280×800, {}, after {} taps", goods.name, seen.taps),
            format!("{:.1} MB ({:.1} MB of it files)", megabytes(seen.memory_kb), megabytes(seen.files_kb)),
            if goods.config.is_some() { format!("{:.1} MB: the price list as a file", list_mb(goods)?) } else { String::new() },
            target,
        );
        table.shown(
            format!("Processor time of `till run` in {} s without a touch, {}", window::IDLE.as_secs(), goods.name),
            format!("{} ticks ({:.1} ms: {})", seen.idle_ticks, seen.idle_ms, seen.idle_threads),
            "0 ticks: a process that sleeps",
            "0 ticks",
        );
    }
    let kilobytes = std::fs::metadata(till)?.len() / 1024;
    table.shown("Program with this window, `winit-software`, stripped", format!("{:.1} MB", megabytes(kilobytes)), "", "");
    Ok(())
}

fn list_mb(goods: &Goods) -> Outcome<f64> {
    let list = goods.config.as_ref().map(|config| config.with_file_name("catalogue.json")).ok_or("no price list")?;
    Ok(megabytes(std::fs::metadata(list)?.len() / 1024))
}

/// The frames of one screen.
#[derive(Default)]
struct Drawn {
    pressed: Vec<Frame>,
    released: Vec<Frame>,
    replied: Vec<Frame>,
    /// From the finger's lifting to the finished frame, the till's work and its thread included.
    whole: Vec<Frame>,
    switched: Vec<Frame>,
    nothing: Vec<Frame>,
}

fn draw(dir: &Path, goods: &Goods, size: (u32, u32), turns: Turns) -> Outcome<Drawn> {
    let config = goods.config.as_deref().map_or_else(|| Ok(Config::default()), Config::read)?;
    let mut stage = Stage::open(dir, config, size)?;
    stage.ready_to_sell()?;
    let tabs = u32::try_from(stage.categories().row_count())?;
    let demo = goods.config.is_none();
    stage.tap(stage.tab(if demo { 0 } else { 1 }, tabs))?;
    let mut drawn = Drawn::default();
    let tiles = stage.tiles_that_sell(if demo { TILES + 1 } else { TILES })?;
    for turn in 0..turns.taps {
        let tile = tiles[usize::try_from(turn)? % tiles.len()];
        tap(&mut stage, tile, &mut drawn)?;
        if turn % TAPS_PER_SALE == TAPS_PER_SALE - 1 {
            stage.command(Command::Abandon)?;
        }
        drawn.nothing.push(stage.frame(|_| ()));
    }
    for turn in 0..turns.switches {
        // The first tab holds the favourites; only the demo has any.
        let tab = if demo { (turn + 1) % tabs } else { 1 + (turn + 1) % (tabs - 1) };
        let place = stage.tab(tab, tabs);
        let was = stage.category();
        stage.press(place);
        let frame = stage.release(place);
        if stage.category() == was {
            return Err(format!("tab {tab} of {tabs} was missed at {place:?}").into());
        }
        drawn.switched.push(frame);
    }
    Ok(drawn)
}

/// One product, as a finger does it: down, up, and the till's answer.
fn tap(stage: &mut Stage, tile: Place, drawn: &mut Drawn) -> Outcome<()> {
    drawn.pressed.push(stage.press(tile));
    let released = stage.release(tile);
    let (waited, reply) = stage.reply()?;
    if reply.snapshot.open_sale.is_none() {
        return Err(format!("no product at {tile:?}").into());
    }
    let replied = stage.frame(|stage| stage.take(reply));
    drawn.whole.push(Frame { took: released.took + waited + replied.took, dirty: replied.dirty, floor: replied.floor });
    drawn.released.push(released);
    drawn.replied.push(replied);
    Ok(())
}

fn tell(drawn: &Drawn, goods: &str, (width, height): (u32, u32), table: &mut Table) {
    let at = format!("{width}×{height}, {goods}");
    let (wide, demo) = (width == 1280, goods == DEMO);
    let target = |target: &'static str| if wide { target } else { "" };
    let whole = "Product tap: finger up to the finished frame, the till's thread and its store between";
    let mut rows = vec![
        (whole, &drawn.whole, target("< 2.5 ms")),
        ("Category switch: finger up to the finished frame", &drawn.switched, target("< 6 ms")),
    ];
    if wide && demo {
        rows.extend([
            ("Finger down on a product to its frame", &drawn.pressed, ""),
            ("Finger up to its frame, without the till's answer", &drawn.released, ""),
            ("The till's answer to its frame: the line and the total", &drawn.replied, ""),
            ("A frame when nothing changed", &drawn.nothing, ""),
        ]);
    }
    for (what, frames, target) in rows {
        let mut floor = String::new();
        if let Some(middle) = middle_by(frames, |frame| frame.floor) {
            let (width, height) = middle.dirty;
            if width > 0 {
                let _ = write!(floor, "{:.3} ms: fill {width}×{height}", stage::millis(middle.floor));
            }
        }
        table.shown(format!("{what}, {at}"), spread(frames), floor, target);
    }
}

fn middle_by(frames: &[Frame], key: impl Fn(&Frame) -> Duration) -> Option<Frame> {
    let mut sorted: Vec<Frame> = frames.to_vec();
    sorted.sort_by_key(|frame| key(frame));
    sorted.get(sorted.len() / 2).copied()
}

/// Median (least–most).
fn spread(frames: &[Frame]) -> String {
    let times = || frames.iter().map(|frame| frame.took);
    let (Some(middle), Some(least), Some(most)) = (middle_by(frames, |frame| frame.took), times().min(), times().max()) else {
        return "none".into();
    };
    let millis = stage::millis;
    format!("{:.2} ms ({:.2}–{:.2}), {} times", millis(middle.took), millis(least), millis(most), frames.len())
}
