//! Any text as each of the till's four files: read, or refused with a fault that names the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use till::data::{DEMO, Provision, Sources, read_catalogue};

fuzz_target!(|text: &str| {
    let _ = read_catalogue(text);
    for sources in [Sources { operator: text, ..DEMO }, Sources { crew: text, ..DEMO }, Sources { timetable: text, ..DEMO }] {
        if let Err(fault) = Provision::read(sources) {
            assert!(fault.file.ends_with(".json") && !fault.what.is_empty(), "{fault}");
        }
    }
});
