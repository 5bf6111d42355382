//! A receipt printer on a pseudo-terminal, for any program that speaks ESC/POS.
//!
//! `cargo run -p hw --example printer -- /tmp/printer [FOLDER]`: open `/tmp/printer` as a serial line from another program.
//! Type a fault (`paper-out`, `deaf`, `ok` …), `tear`, or nothing for what is on paper; pictures go to FOLDER. Ends with the input.

use std::io::BufRead;
use std::path::PathBuf;
use std::{env, fs, io};

use hw::printer::profile::EPSON_80MM;
use hw::sim::{PrinterFault, PtyLine, SimulatedPrinter};

fn main() -> io::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let Some(link) = arguments.next() else {
        return Err(io::Error::other("name the link to make, such as /tmp/printer"));
    };
    let folder = arguments.next().map(PathBuf::from);
    let printer = SimulatedPrinter::new(EPSON_80MM);
    let line = PtyLine::start(printer.far_end(), link)?;
    println!("printer at {}", line.path().display());
    let mut shown = 0;
    for command in io::stdin().lock().lines() {
        match command?.trim() {
            "" => {}
            "tear" => printer.tear(),
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
