use core::time::Duration;
use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;
use crate::port::{Port, PortTrouble};

fn scans_of(decoder: &mut ScanDecoder, bytes: &[u8]) -> Vec<String> {
    bytes.iter().filter_map(|byte| decoder.push(*byte)).map(|scan| scan.0.as_str().to_owned()).collect()
}

fn check(bytes: &[u8], expected: &[&str]) {
    assert_eq!(scans_of(&mut ScanDecoder::default(), bytes), expected, "{bytes:?}");
}

#[test]
fn every_kind_of_line_end_ends_a_scan() {
    check(b"7310865004703\r\n", &["7310865004703"]);
    check(b"1\r2\n3\r\n4\t5\x03\r\n", &["1", "2", "3", "4", "5"]);
    check(b"\r\n\r\n\t", &[]);
    check(b"7310865", &[]);
    check("Å 1 €\n".as_bytes(), &["Å 1 €"]);
}

#[test]
fn prefix_and_suffix_are_taken_away_where_they_stand() {
    let settings = ScannerSettings::new("]E0", "#").expect("short ones");
    let mut decoder = ScanDecoder::new(settings);
    assert_eq!(scans_of(&mut decoder, b"]E07310865004703#\r\n7310865004703\r\n]E0#\r\n"), ["7310865004703", "7310865004703"]);
    let framed = ScannerSettings::new("\x02", "").expect("short ones");
    assert_eq!(scans_of(&mut ScanDecoder::new(framed), b"\x02123\x03"), ["123"]);
    assert_eq!(ScannerSettings::new("12345678901234567", ""), None);
}

#[test]
fn noise_around_a_code_is_taken_away_and_noise_within_drops_it_whole() {
    check(b"\x00\x00123\r456\x00\r", &["123", "456"]);
    check(b"12\x003\r456\r", &["456"]);
    check(b"12\xff3\r456\r", &["456"]);
    let mut decoder = ScanDecoder::default();
    scans_of(&mut decoder, b"1\x1b2\r\xc3\r3\r");
    assert_eq!(decoder.dropped(), 2);
}

#[test]
fn a_code_of_the_limit_is_told_and_a_longer_one_is_dropped_whole() {
    for (length, told) in [(SCAN_CHARS_MAX - 1, true), (SCAN_CHARS_MAX, true), (SCAN_CHARS_MAX + 1, false), (SCAN_CHARS_MAX * 10, false)] {
        let code = "7".repeat(length);
        let mut decoder = ScanDecoder::default();
        let told_codes = scans_of(&mut decoder, format!("{code}\r\n12345670\r\n").as_bytes());
        let expected: Vec<String> = if told { vec![code, "12345670".to_owned()] } else { vec!["12345670".to_owned()] };
        assert_eq!(told_codes, expected, "{length}");
        assert_eq!(decoder.dropped(), u32::from(!told));
    }
}

proptest! {
    #[test]
    fn any_bytes_make_only_printable_scans_within_the_limit(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
        let mut decoder = ScanDecoder::default();
        for scan in bytes.iter().filter_map(|byte| decoder.push(*byte)) {
            prop_assert!(!scan.0.is_empty() && scan.0.len() <= SCAN_CHARS_MAX);
            prop_assert!(!scan.0.contains(char::is_control));
        }
    }

    #[test]
    fn any_keys_make_only_printable_scans(keys in proptest::collection::vec((0_u8..3, 0_u16..300), 0..1000)) {
        let mut decoder = KeyDecoder::default();
        for (motion, key) in keys {
            let event = match motion { 0 => KeyEvent::Down(key), 1 => KeyEvent::Up(key), _ => KeyEvent::Missed };
            if let Some(scan) = decoder.push(event) {
                prop_assert!(!scan.0.is_empty() && !scan.0.contains(char::is_control));
            }
        }
    }

    #[test]
    fn codes_arrive_whole_and_in_order_in_any_split(codes in proptest::collection::vec("[0-9A-Z:]{1,40}", 1..60), cuts in proptest::collection::vec(1_usize..40, 1..60)) {
        let bytes: Vec<u8> = codes.iter().flat_map(|code| format!("{code}\r\n").into_bytes()).collect();
        let mut line = Line::default();
        let mut rest = bytes.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            line.pieces.push_back(Ok(piece.to_vec()));
            rest = after;
        }
        let told = told(&mut LineScanner::new(line, ScannerSettings::default()));
        let mut expected = codes;
        expected.dedup();
        prop_assert_eq!(told, expected);
    }
}

/// A line whose pieces come as they are written down. A read that gets nothing waits, on this line's own clock.
#[derive(Debug, Default)]
struct Line {
    now: Duration,
    pieces: VecDeque<Result<Vec<u8>, PortTrouble>>,
}

impl Line {
    fn of(codes: &[&str]) -> Self {
        Self { now: Duration::ZERO, pieces: codes.iter().map(|code| Ok(code.as_bytes().to_vec())).collect() }
    }
}

impl Port for Line {
    fn now(&self) -> Duration {
        self.now
    }

    fn write(&mut self, bytes: &[u8], _: Duration) -> Result<usize, PortTrouble> {
        Ok(bytes.len())
    }

    fn read(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, PortTrouble> {
        match self.pieces.pop_front() {
            Some(Ok(piece)) if !piece.is_empty() => {
                let count = piece.len().min(into.len());
                into[..count].copy_from_slice(&piece[..count]);
                if count < piece.len() {
                    self.pieces.push_front(Ok(piece[count..].to_vec()));
                }
                Ok(count)
            }
            Some(Err(trouble)) => Err(trouble),
            _ => {
                self.now += wait;
                Ok(0)
            }
        }
    }

    fn write_urgent(&mut self, _: &[u8]) -> Result<(), PortTrouble> {
        Ok(())
    }
}

const WAIT: Duration = Duration::from_millis(200);

fn told(scanner: &mut dyn Scanner) -> Vec<String> {
    let mut codes = Vec::new();
    let mut quiet = 0;
    while quiet < 10 {
        match scanner.next(WAIT) {
            Ok(Some(scan)) => codes.push(scan.0.as_str().to_owned()),
            _ => quiet += 1,
        }
    }
    codes
}

#[test]
fn the_same_code_within_a_moment_is_left_out_and_later_it_counts() {
    let mut debounce = Debounce::default();
    let scan = |text: &str| Scan(heapless::String::try_from(text).expect("short"));
    let at = Duration::from_millis;
    assert!(debounce.admits(&scan("1"), at(0)));
    assert!(!debounce.admits(&scan("1"), at(299)));
    // A code that stays before the window is one code.
    assert!(!debounce.admits(&scan("1"), at(598)));
    assert!(debounce.admits(&scan("1"), at(898)));
    assert!(debounce.admits(&scan("2"), at(899)));
    assert!(debounce.admits(&scan("1"), at(900)));
}

#[test]
fn a_slow_caller_loses_no_scan_and_no_digit() {
    let codes: Vec<String> = (0..5000).map(|number| format!("73108650{number:05}")).collect();
    let mut line = Line::default();
    line.pieces.push_back(Ok(codes.iter().flat_map(|code| format!("{code}\r\n").into_bytes()).collect()));
    let mut scanner = LineScanner::new(line, ScannerSettings::default());
    let mut got = Vec::new();
    while got.len() < codes.len() {
        got.push(scanner.next(WAIT).expect("a line").expect("a scan").0.as_str().to_owned());
        // The caller is busy for a while after each.
        scanner.advance(Duration::from_secs(3));
    }
    assert_eq!(got, codes);
}

impl LineScanner<Line> {
    fn advance(&mut self, time: Duration) {
        self.line_mut().now += time;
    }
}

#[test]
fn one_code_twice_is_two_when_nobody_knows_when_it_came() {
    let mut scanner = LineScanner::new(Line::of(&["1\r", "1\r"]), ScannerSettings::default());
    assert_eq!(told(&mut scanner), ["1"], "in one moment");
    let mut scanner = LineScanner::new(Line::of(&["1\r1\r"]), ScannerSettings::default());
    scanner.advance(Duration::from_secs(2));
    assert_eq!(told(&mut scanner), ["1", "1"], "while the caller was away for two seconds");
}

#[test]
fn a_code_that_stops_in_the_middle_is_forgotten_and_spoils_no_other() {
    let mut scanner = LineScanner::new(Line::of(&["73108"]), ScannerSettings::default());
    assert_eq!(told(&mut scanner), [""; 0]);
    scanner.line_mut().pieces.push_back(Ok(b"12345670\r".to_vec()));
    assert_eq!(told(&mut scanner), ["12345670"]);
    assert_eq!(scanner.dropped(), 1);
    // Shorter pauses are a slow line, nothing more; and a caller that is away hears no silence.
    let mut scanner = LineScanner::new(Line::of(&["1234"]), ScannerSettings::default());
    for _ in 0..3 {
        assert_eq!(scanner.next(WAIT), Ok(None));
    }
    scanner.advance(Duration::from_secs(60));
    scanner.line_mut().pieces.push_back(Ok(b"5670\r".to_vec()));
    assert_eq!(told(&mut scanner), ["12345670"]);
}

#[test]
fn a_loss_is_told_once_after_what_came_before_it_and_half_a_code_is_forgotten() {
    let mut line = Line::of(&["1\r2\r34"]);
    line.pieces.push_back(Err(PortTrouble::Lost));
    line.pieces.push_back(Ok(b"5\r2\r".to_vec()));
    let mut scanner = LineScanner::new(line, ScannerSettings::default());
    let mut heard = Vec::new();
    for _ in 0..6 {
        heard.push(scanner.next(WAIT).map(|scan| scan.map(|scan| scan.0.as_str().to_owned())));
    }
    let scan = |text: &str| Ok(Some(text.to_owned()));
    assert_eq!(heard, [scan("1"), scan("2"), Err(ScannerLost), scan("5"), scan("2"), Ok(None)]);
}

#[test]
fn a_line_of_noise_does_not_hold_the_caller() {
    struct Noise;
    impl Port for Noise {
        fn now(&self) -> Duration {
            Duration::ZERO
        }
        fn write(&mut self, _: &[u8], _: Duration) -> Result<usize, PortTrouble> {
            Ok(0)
        }
        fn read(&mut self, into: &mut [u8], _: Duration) -> Result<usize, PortTrouble> {
            into.fill(0xff);
            Ok(into.len())
        }
        fn write_urgent(&mut self, _: &[u8]) -> Result<(), PortTrouble> {
            Ok(())
        }
    }
    assert_eq!(LineScanner::new(Noise, ScannerSettings::default()).next(WAIT), Ok(None));
}

/// Keys by number: the row of digits, Enter, shift.
const ENTER: u16 = 28;
const SHIFT: u16 = 42;

fn press(key: u16) -> [KeyEvent; 2] {
    [KeyEvent::Down(key), KeyEvent::Up(key)]
}

fn typed(decoder: &mut KeyDecoder, events: impl IntoIterator<Item = KeyEvent>) -> Vec<String> {
    events.into_iter().filter_map(|event| decoder.push(event)).map(|scan| scan.0.as_str().to_owned()).collect()
}

#[test]
fn every_key_of_the_layout_gives_its_character_with_and_without_shift() {
    let rows: [(u16, &str, &str); 5] = [
        (2, "1234567890-=", "!@#$%^&*()_+"),
        (16, "qwertyuiop[]", "QWERTYUIOP{}"),
        (30, "asdfghjkl;'`", "ASDFGHJKL:\"~"),
        (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
        (57, " ", " "),
    ];
    for (first, plain, shifted) in rows {
        let keys = || (first..).take(plain.len());
        let frame = |keys: Vec<KeyEvent>| [press(3).to_vec(), keys, press(3).to_vec(), press(ENTER).to_vec()].concat();
        let plainly = frame(keys().flat_map(press).collect());
        assert_eq!(typed(&mut KeyDecoder::default(), plainly), [format!("2{plain}2")]);
        for shift in [SHIFT, 54] {
            let with_shift = |key| [[KeyEvent::Down(shift)].as_slice(), &press(key), &[KeyEvent::Up(shift)]].concat();
            assert_eq!(typed(&mut KeyDecoder::default(), frame(keys().flat_map(with_shift).collect())), [format!("2{shifted}2")]);
        }
    }
    let block = [71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 96].into_iter().flat_map(press);
    assert_eq!(typed(&mut KeyDecoder::default(), block), ["7894561230"]);
}

#[test]
fn shift_holds_as_long_as_one_of_the_two_is_down_and_caps_lock_turns_letters_only() {
    let (a, one) = (30, 2);
    let both = [KeyEvent::Down(SHIFT), KeyEvent::Down(54), KeyEvent::Up(SHIFT), KeyEvent::Down(a), KeyEvent::Up(54), KeyEvent::Down(a)];
    assert_eq!(typed(&mut KeyDecoder::default(), both.into_iter().chain(press(ENTER))), ["Aa"]);
    let caps = [press(58).as_slice(), &press(a), &press(one), &press(58), &press(a), &press(ENTER)].concat();
    assert_eq!(typed(&mut KeyDecoder::default(), caps), ["A1a"]);
}

#[test]
fn a_key_without_a_character_or_a_missing_one_drops_the_code_whole() {
    let mut decoder = KeyDecoder::default();
    let f1 = 59;
    for odd in [KeyEvent::Down(f1), KeyEvent::Missed] {
        let events = [press(2).as_slice(), &[odd], &press(3), &press(ENTER), &press(4), &press(ENTER)].concat();
        assert_eq!(typed(&mut decoder, events), ["3"]);
    }
    assert_eq!(decoder.dropped(), 2);
    let ctrl = [press(2).as_slice(), &[KeyEvent::Down(29)], &press(30), &[KeyEvent::Up(29)], &press(3), &press(ENTER)].concat();
    assert_eq!(typed(&mut decoder, ctrl), [""; 0]);
}

/// Keys that come at the times written beside them.
#[derive(Default)]
struct Keys {
    now: Duration,
    events: VecDeque<Result<TimedKey, PortTrouble>>,
}

impl Keys {
    fn press(&mut self, at_ms: u64, keys: &[u16]) {
        let at = Duration::from_millis(at_ms);
        self.events.extend(keys.iter().copied().flat_map(press).map(|event| Ok(TimedKey { at, event })));
    }
}

impl KeySource for Keys {
    fn now(&self) -> Duration {
        self.now
    }

    fn next_key(&mut self, wait: Duration) -> Result<Option<TimedKey>, PortTrouble> {
        match self.events.pop_front() {
            Some(event) => event.map(Some),
            None => {
                self.now += wait;
                Ok(None)
            }
        }
    }
}

#[test]
fn a_slow_caller_of_a_keyboard_gets_each_code_and_twice_within_a_moment_is_once() {
    let mut keys = Keys::default();
    for (at_ms, code) in [(0, 2), (200, 2), (1000, 2), (1100, 3), (5000, 3)] {
        keys.press(at_ms, &[code, ENTER]);
    }
    // All of it waited while the caller was away: the times are those of the keys.
    keys.now = Duration::from_secs(60);
    assert_eq!(told(&mut KeyScanner::new(keys, ScannerSettings::default())), ["1", "1", "2", "2"]);
}

#[test]
fn a_keyboard_that_goes_takes_half_a_code_with_it_and_no_shift_stays_down() {
    let mut keys = Keys::default();
    keys.press(0, &[2, ENTER, 3]);
    keys.events.push_back(Ok(TimedKey { at: Duration::ZERO, event: KeyEvent::Down(SHIFT) }));
    keys.events.push_back(Err(PortTrouble::Lost));
    keys.press(100, &[4, ENTER]);
    let mut scanner = KeyScanner::new(keys, ScannerSettings::default());
    assert_eq!(scanner.next(WAIT).map(|scan| scan.map(|scan| scan.0.as_str().to_owned())), Ok(Some("1".to_owned())));
    assert_eq!(scanner.next(WAIT), Err(ScannerLost));
    assert_eq!(told(&mut scanner), ["3"]);
}

#[test]
fn keys_after_a_long_silence_begin_a_new_code() {
    let mut keys = Keys::default();
    keys.press(0, &[2]);
    keys.press(1500, &[3, ENTER]);
    let mut scanner = KeyScanner::new(keys, ScannerSettings::default());
    assert_eq!(told(&mut scanner), ["2"]);
    assert_eq!(scanner.dropped(), 1);
}
