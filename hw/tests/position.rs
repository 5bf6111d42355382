//! Receivers of satellites: one set of rules on a line within the process and on a pseudo-terminal.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hw::port::{FarEnd, Flow, Port, SerialPort, SerialSettings};
use hw::position::sentence::{FIX_S_MAX, FIX_S_MIN, Heard, SENTENCE_BYTES_MAX, SentenceReader};
use hw::position::{Fix, NmeaReceiver, Position, PositionLost, SILENCE_MAX};
use hw::sim::{NmeaSimulator, PipePort, PositionSimulator, PtyLine, ReceiverFault, Shared};
use proptest::prelude::*;

/// Hallsberg, 2026-11-23 12:32:00 UTC.
const HERE: (i32, i32) = (59_066_400, 15_110_100);
const NOON_S: i64 = 1_795_437_120;
const SECOND: Duration = Duration::from_secs(1);

fn simulator() -> Shared<NmeaSimulator> {
    Arc::new(Mutex::new(NmeaSimulator::new(HERE.0, HERE.1, NOON_S)))
}

fn heard(text: &str) -> Vec<Heard> {
    let mut reader = SentenceReader::new();
    text.bytes().filter_map(|byte| reader.push(byte)).collect()
}

fn framed(body: &str) -> String {
    format!("${body}*{:02X}\r\n", body.bytes().fold(0, |sum, byte| sum ^ byte))
}

/// What a receiver does on any line: it knows where it is, loses the sky, is unplugged, and comes back.
fn check_contract<P: Port>(far: &Shared<NmeaSimulator>, port: P) {
    let mut receiver = NmeaReceiver::new(port);
    let fix = next_fix(&mut receiver).expect("it sees the sky");
    assert_eq!((fix.latitude_udeg, fix.longitude_udeg, fix.speed_mmps), (HERE.0, HERE.1, 0));
    assert!(fix.utc_s > NOON_S);
    let later = next_fix(&mut receiver).expect("and again");
    assert!(later.utc_s > fix.utc_s);

    far.lock().expect("no panic").set_fault(ReceiverFault::NoSky);
    let silent = (0..50).map(|_| receiver.next(SECOND / 5)).skip_while(|next| matches!(next, Ok(Some(_))));
    assert!(silent.take(10).all(|next| next == Ok(None)), "no sky is no fix and no loss");

    far.lock().expect("no panic").set_fault(ReceiverFault::Unplugged);
    let lost = (0..100).any(|_| receiver.next(SECOND / 5) == Err(PositionLost));
    assert!(lost, "a pulled cable is told");
    far.lock().expect("no panic").set_fault(ReceiverFault::Ok);
    assert!(next_fix(&mut receiver).is_some(), "it comes back by itself");
}

fn next_fix(receiver: &mut impl Position) -> Option<Fix> {
    (0..100).find_map(|_| {
        let next = receiver.next(SECOND / 5);
        if next.is_err() {
            std::thread::yield_now();
        }
        next.ok().flatten()
    })
}

#[test]
fn a_receiver_on_a_line_within_the_process_keeps_the_contract() {
    let far = simulator();
    check_contract(&far, PipePort::new(Arc::clone(&far)));
}

/// Answers of a line that is away come at once, and the line waits longer and longer before it looks again: this test waits for it.
struct Patient(SerialPort);

impl Port for Patient {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn write(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, hw::port::PortTrouble> {
        self.0.write(bytes, wait)
    }

    #[expect(clippy::disallowed_methods, reason = "a listening thread rests between two looks at a device that is away")]
    fn read(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, hw::port::PortTrouble> {
        self.0.read(into, wait).inspect_err(|_| std::thread::sleep(SECOND / 10))
    }

    fn write_urgent(&mut self, bytes: &[u8]) -> Result<(), hw::port::PortTrouble> {
        self.0.write_urgent(bytes)
    }
}

#[test]
fn a_receiver_on_a_pseudo_terminal_keeps_the_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    let far = simulator();
    far.lock().expect("no panic").set_baud(9_600);
    let line = PtyLine::start(Arc::clone(&far), folder.path().join("gps")).expect("a pseudo-terminal");
    let settings = SerialSettings { path: line.path().into(), baud: 9_600, flow: Flow::None };
    check_contract(&far, Patient(SerialPort::new(settings)));
}

#[test]
fn sentences_of_known_receivers_are_read() {
    // Made by the project's own hand for a place and time that can be checked: 59° 03.984′ N 15° 06.606′ E at 100 knots.
    let text = framed("GPRMC,123200.00,A,5903.98400,N,01506.60600,E,100.0,45.0,231126,,,A");
    let fix = Fix { latitude_udeg: HERE.0, longitude_udeg: HERE.1, speed_mmps: 51_444, utc_s: NOON_S };
    assert_eq!(heard(&text), [Heard::Fix(fix)]);
    // South and west are negative; an old receiver tells no mode, a new one a navigation status too.
    let south = framed("GNRMC,123200,A,3352.000,S,07030.000,W,0.0,,231126,,");
    let fix = Fix { latitude_udeg: -33_866_667, longitude_udeg: -70_500_000, speed_mmps: 0, utc_s: NOON_S };
    assert_eq!(heard(&south), [Heard::Fix(fix)]);
    let new = framed("GNRMC,123200.00,A,3352.000,S,07030.000,W,0.0,,231126,,,A,V");
    assert_eq!(heard(&new), [Heard::Fix(fix)]);
}

#[test]
fn a_receiver_that_is_not_sure_tells_neither_place_nor_time() {
    for body in [
        "GPRMC,123200.00,V,5903.98400,N,01506.60600,E,100.0,45.0,231126,,,N",
        "GPRMC,123200.00,V,,,,,,,231126,,,N",
        "GPRMC,,V,,,,,,,,,,N",
        // Dead reckoning, typed in, simulated.
        "GPRMC,123200.00,A,5903.98400,N,01506.60600,E,100.0,45.0,231126,,,E",
        "GPRMC,123200.00,A,5903.98400,N,01506.60600,E,100.0,45.0,231126,,,M",
        "GPRMC,123200.00,A,5903.98400,N,01506.60600,E,100.0,45.0,231126,,,S",
        // Sure of itself, and incomplete or impossible.
        "GPRMC,123200.00,A,,,,,100.0,45.0,231126,,,A",
        "GPRMC,123200.00,A,5903.98400,N,01506.60600,E,100.0,45.0,,,,A",
        "GPRMC,123200.00,A,5903.98400,N,01506.60600,E,,45.0,231126,,,A",
        "GPRMC,123200.00,A,9903.98400,N,01506.60600,E,1.0,45.0,231126,,,A",
        "GPRMC,123200.00,A,5903.98400,N,01506.60600,E,-7.0,45.0,231126,,,A",
        "GPRMC,123200.00,A,59nan,N,015nan,E,1.0,45.0,231126,,,A",
        "GPRMC,123200.00,A,5903.98400,N,01506.60600,E,nan,45.0,231126,,,A",
        "GPRMC,250000.00,A,5903.98400,N,01506.60600,E,1.0,45.0,231126,,,A",
        "GPRMC,123200.00,A,5903.98400,N,01506.60600,E,1.0,45.0,310226,,,A",
        // Before any till of this kind, after it, and a count of weeks that has run over either way.
        "GPRMC,000000.00,A,5903.98400,N,01506.60600,E,1.0,45.0,060180,,,A",
        "GPRMC,235959.00,A,5903.98400,N,01506.60600,E,1.0,45.0,311223,,,A",
        "GPRMC,000000.00,A,5903.98400,N,01506.60600,E,1.0,45.0,010139,,,A",
        "GPRMC,123200.00,A,5903.98400,N,01506.60600,E,1.0,45.0,090407,,,A",
        "GPRMC,123200.00,A,5903.98400,N,01506.60600,E,1.0,45.0,090746,,,A",
        // Other sentences.
        "GPTXT,01,01,02,ANTSTATUS=OK",
        "PUBX,00,123200.00",
        "GPGGA,123200.00,5903.98400,N,01506.60600,E,1,08,0.9,50.0,M,30.0,M,,",
    ] {
        assert_eq!(heard(&framed(body)), [Heard::Alive], "{body}");
    }
}

#[test]
fn a_wrong_checksum_tells_nothing() {
    let good = framed("GPRMC,123200.00,A,5903.98400,N,01506.60600,E,100.0,45.0,231126,,,A");
    let sum = u8::from_str_radix(&good[good.len() - 4..good.len() - 2], 16).expect("two digits");
    for wrong in (0..=u8::MAX).filter(|&wrong| wrong != sum) {
        assert_eq!(heard(&format!("{}{wrong:02X}\r\n", &good[..good.len() - 4])), []);
    }
    for ending in ["", "\r\n", "*\r\n", "*4\r\n", "*+5\r\n", "*4G\r\n", "*444\r\n"] {
        assert_eq!(heard(&format!("{}{ending}", &good[..good.len() - 5])), [], "{ending:?}");
    }
}

#[test]
fn what_is_overlong_or_interrupted_is_dropped_and_the_next_sentence_read() {
    let good = framed("GPRMC,123200.00,A,5903.98400,N,01506.60600,E,100.0,45.0,231126,,,A");
    let overlong = framed(&format!("GPTXT,{}", "x".repeat(SENTENCE_BYTES_MAX)));
    assert!(matches!(heard(&format!("{overlong}{good}"))[..], [Heard::Fix(_)]));
    assert!(matches!(heard(&format!("{}{good}", &good[..30]))[..], [Heard::Fix(_)]), "a sentence begins anew in the middle of another");
    assert!(matches!(heard(&format!("\0\u{fffd}*00\n{good}"))[..], [Heard::Fix(_)]));
}

#[test]
fn a_receiver_that_is_silent_or_not_understood_is_lost_and_found_again() {
    for fault in [ReceiverFault::Silent, ReceiverFault::Garbage, ReceiverFault::WrongChecksum] {
        let far = simulator();
        let mut receiver = NmeaReceiver::new(PipePort::new(Arc::clone(&far)));
        assert!(matches!(receiver.next(SECOND * 2), Ok(Some(_))));
        far.lock().expect("no panic").set_fault(fault);
        let answers: Vec<_> = (0..20).map(|_| receiver.next(SECOND)).collect();
        let patience = usize::try_from(SILENCE_MAX.as_secs()).expect("few");
        assert!(answers[1..patience].iter().all(|answer| *answer == Ok(None)), "{fault:?}: {answers:?}");
        assert_eq!(answers.last(), Some(&Err(PositionLost)), "{fault:?}");
        far.lock().expect("no panic").set_fault(ReceiverFault::Ok);
        assert!(next_fix(&mut receiver).is_some(), "{fault:?}");
    }
}

#[test]
fn a_scripted_journey_is_heard_second_by_second() {
    let far = simulator();
    far.lock()
        .expect("no panic")
        .stand_with(3, ReceiverFault::NoSky)
        .stand(2)
        .travel_north(4, 11_100, ReceiverFault::Ok)
        .stand_with(2, ReceiverFault::Jump);
    let mut receiver = NmeaReceiver::new(PipePort::new(far));
    let journey: Vec<_> = (0..12).map(|_| receiver.next(SECOND).expect("it is there")).collect();
    let north: Vec<_> = journey.iter().flatten().map(|fix| (fix.utc_s - NOON_S, fix.latitude_udeg - HERE.0, fix.speed_mmps)).collect();
    let speed = north.iter().map(|one| one.2).max().expect("it moved");
    assert!((11_095..=11_105).contains(&speed), "{speed}");
    let places: Vec<_> = north.iter().map(|one| (one.0, one.1)).collect();
    assert_eq!(places, [(4, 0), (5, 0), (6, 100), (7, 200), (8, 300), (9, 400), (10, 450_400), (11, 450_400), (12, 400)]);
}

#[test]
fn the_newest_of_several_fixes_is_told() {
    let far = simulator();
    far.lock().expect("no panic").pass(SECOND * 3);
    let mut receiver = NmeaReceiver::new(PipePort::new(far));
    let told: Vec<_> = std::iter::from_fn(|| receiver.next(Duration::ZERO).ok().flatten()).map(|fix| fix.utc_s - NOON_S).collect();
    assert_eq!(told.last(), Some(&3));
    assert!(told.len() < 3, "{told:?}");
}

#[test]
fn a_fed_receiver_tells_what_it_was_fed_and_can_be_unplugged() {
    let fed = PositionSimulator::new();
    let mut position = fed.clone();
    assert_eq!(position.next(Duration::ZERO), Ok(None));
    let fix = Fix { latitude_udeg: 1, longitude_udeg: 2, speed_mmps: 3, utc_s: 4 };
    fed.feed(fix);
    assert_eq!(position.next(Duration::ZERO), Ok(Some(fix)));
    fed.set_unplugged(true);
    assert_eq!(position.next(Duration::ZERO), Err(PositionLost));
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut reader = SentenceReader::new();
        for byte in bytes {
            let _ = reader.push(byte);
        }
    }

    /// Fields of the right alphabet in a frame with the right checksum: what the crate's own parser is to survive.
    #[test]
    fn no_fields_make_a_reader_panic_or_leave_the_globe(fields in "[-+0-9A-Zaefin.,]{0,60}", head in "(GP|GN|GL)(RMC|GGA)") {
        for heard in heard(&framed(&format!("{head},{fields}"))) {
            if let Heard::Fix(fix) = heard {
                prop_assert!(fix.latitude_udeg.abs() <= 90_000_000 && fix.longitude_udeg.abs() <= 180_000_000);
            }
        }
    }

    /// Any fix that a receiver can be at comes through its sentence, to a tenth of a metre and some millimetres a second.
    #[test]
    fn a_fix_comes_through(lat in -89_000_000..89_000_000i32, lon in -179_000_000..179_000_000i32, utc_s in FIX_S_MIN..FIX_S_MAX) {
        let mut far = NmeaSimulator::new(lat, lon, utc_s - 1);
        far.pass(SECOND);
        let text = String::from_utf8(far.take_replies(usize::MAX)).expect("text");
        let fixes: Vec<_> = heard(&text).into_iter().filter_map(|heard| if let Heard::Fix(fix) = heard { Some(fix) } else { None }).collect();
        prop_assert_eq!(fixes.len(), 1);
        prop_assert!((fixes[0].latitude_udeg - lat).abs() <= 1 && (fixes[0].longitude_udeg - lon).abs() <= 1, "{:?}", fixes[0]);
        prop_assert_eq!(fixes[0].utc_s, utc_s);
    }

    /// Where the line splits the bytes makes no difference.
    #[test]
    fn sentences_may_be_split_anywhere(cut in 1..70usize) {
        let good = framed("GPRMC,123200.00,A,5903.98400,N,01506.60600,E,100.0,45.0,231126,,,A");
        let mut reader = SentenceReader::new();
        let (one, two) = good.split_at(cut.min(good.len() - 1));
        let found = one.bytes().chain(two.bytes()).filter_map(|byte| reader.push(byte)).count();
        prop_assert_eq!(found, 1);
    }
}
