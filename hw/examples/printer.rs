//! A receipt printer on a pseudo-terminal, for any program that speaks ESC/POS.
//!
//! `cargo run -p hw --example printer -- /tmp/printer [FOLDER [PROFILE]]`: open `/tmp/printer` as a serial line from another program.
//! Type a fault (`paper-out`, `deaf`, `ok` …), `tear`, `shut` for the drawer, or nothing for what is on paper; pictures go to FOLDER.
//! Ends with the input.

use std::io::BufRead;
use std::path::PathBuf;
use std::{env, fs, io};

use hw::printer::profile::{EPSON_80MM, Profile};
use hw::sim::{PrinterFault, PtyLine, SimulatedPrinter};

fn names() -> String {
    Profile::ALL.iter().map(|profile| profile.name).collect::<Vec<_>>().join(", ")
}

fn main() -> io::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let Some(link) = arguments.next() else {
        return Err(io::Error::other("name the link to make, such as /tmp/printer"));
    };
    let folder = arguments.next().map(PathBuf::from);
    let profile = match arguments.next() {
        None => EPSON_80MM,
        Some(name) => name.to_str().and_then(Profile::named).ok_or_else(|| io::Error::other(format!("profiles: {}", names())))?,
    };
    let printer = SimulatedPrinter::new(profile);
    let line = PtyLine::start(printer.far_end(), link)?;
    println!("printer at {}", line.path().display());
    let mut shown = 0;
    for command in io::stdin().lock().lines() {
        match command?.trim() {
            "" => {}
            "tear" => printer.tear(),
            "shut" => printer.close_drawer(),
            name => match PrinterFault::named(name) {
                Some(fault) => printer.set_fault(fault),
                None => println!("no such fault"),
            },
        }
        for strip in printer.strips().iter().skip(shown) {
            shown += 1;
            println!("{}~~~ {:?}", strip.text(), strip.end());
            if let Some(folder) = &folder {
                fs::write(folder.join(format!("receipt-{shown}.png")), strip.png())?;
            }
        }
        println!("{:?}, {} drawer pulses, unknown: {:02x?}", printer.fault(), printer.drawer_pulses(), printer.unknown_commands());
    }
    Ok(())
}
