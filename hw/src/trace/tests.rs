//! Traces: what is kept, what is forgotten, how it reads.

use super::*;
use crate::port::{FarEnd, PipePort, Shared};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A device that answers every byte with itself, until its cable is pulled.
#[derive(Default)]
struct Echo {
    replies: Vec<u8>,
    is_unplugged: bool,
}

impl FarEnd for Echo {
    fn receive(&mut self, bytes: &[u8]) -> usize {
        self.replies.extend_from_slice(bytes);
        bytes.len()
    }

    fn take_replies(&mut self, count_max: usize) -> Vec<u8> {
        let count = self.replies.len().min(count_max);
        self.replies.drain(..count).collect()
    }

    fn baud(&self) -> u32 {
        9600
    }

    fn is_unplugged(&self) -> bool {
        self.is_unplugged
    }
}

#[test]
fn a_trace_reads_as_time_way_hexadecimal_and_letters() {
    let trace = Trace::new();
    trace.note(ms(0), "opened");
    trace.sent(ms(1_500), b"\x1b@Hello, dining car 17\n");
    trace.heard(ms(61_004), &[0x14, 0x00, 0x00, 0x0f]);
    let expected = "
     0.000 -- opened
     1.500 >> 1B 40 48 65 6C 6C 6F 2C 20 64 69 6E 69 6E 67 20  |.@Hello, dining |
              63 61 72 20 31 37 0A                             |car 17.|
    61.004 << 14 00 00 0F                                      |....|
";
    assert_eq!(trace.to_string(), expected[1..]);
}

#[test]
fn bytes_that_follow_each_other_closely_are_one_event_and_its_beginning_is_kept() {
    let trace = Trace::new();
    for turn in 0..100 {
        trace.sent(ms(10 * turn), b"0123456789");
    }
    let (events, seen) = trace.events();
    assert_eq!((events.len(), seen, events[0].count), (1, 1, 1000));
    assert_eq!(events[0].bytes(), &b"0123456789".repeat(5)[..BYTES_KEPT]);
    assert!(trace.to_string().ends_with("and 952 bytes more\n"));
    trace.sent(ms(2_000), b"later");
    trace.heard(ms(2_001), b"answer");
    assert_eq!(trace.events().0.len(), 3, "a pause and a turn of direction begin events of their own");
}

#[test]
fn the_oldest_events_make_room_and_are_counted() {
    let trace = Trace::new();
    for turn in 0..=u64::try_from(EVENTS_MAX).expect("small") {
        trace.sent(ms(100 * turn), &turn.to_be_bytes());
    }
    let (events, seen) = trace.events();
    assert_eq!((events.len(), seen), (EVENTS_MAX, 257));
    assert_eq!(events[0].at, ms(100));
    assert_eq!(events[EVENTS_MAX - 1].at, ms(25_600));
    assert!(trace.to_string().starts_with("(1 earlier events are not kept)\n"));
}

#[test]
fn a_line_that_comes_and_goes_is_noted_once_each_time() {
    let far = Shared::new(Mutex::new(Echo::default()));
    let trace = Trace::new();
    let mut line = Traced::new(PipePort::new(far.clone()), trace.clone());
    let mut answer = [0; 8];
    line.write(b"A", ms(10)).expect("a line");
    assert_eq!(line.read(&mut answer, ms(10)), Ok(1));
    far.lock().expect("one thread").is_unplugged = true;
    for _ in 0..5 {
        assert_eq!(line.read(&mut answer, ms(10)), Err(PortTrouble::Lost));
        assert_eq!(line.write(b"B", ms(10)), Err(PortTrouble::Lost));
        assert_eq!(line.write_urgent(b"C"), Err(PortTrouble::Lost));
    }
    far.lock().expect("one thread").is_unplugged = false;
    line.write_urgent(b"D").expect("a line again");
    let told: Vec<(Way, Vec<u8>)> = trace.events().0.iter().map(|event| (event.way, event.bytes().to_vec())).collect();
    let expected = [
        (Way::Note("opened"), Vec::new()),
        (Way::Sent, b"A".to_vec()),
        (Way::Heard, b"A".to_vec()),
        (Way::Note("lost"), Vec::new()),
        (Way::Note("opened again"), Vec::new()),
        (Way::Sent, b"D".to_vec()),
    ];
    assert_eq!(told, expected, "what was not sent is not told as sent");
}

#[test]
fn hours_of_the_same_question_do_not_push_out_what_happened_before() {
    let trace = Trace::new();
    trace.sent(ms(0), b"receipt");
    trace.heard(ms(100), b"paper out");
    // Two questions with an answer each, as a printer is asked every two seconds; then another answer.
    for turn in 1..=5_000 {
        trace.sent(ms(2_000 * turn), b"how is it?");
        trace.heard(ms(2_000 * turn + 5), b"well");
        trace.sent(ms(2_000 * turn + 10), b"and the paper?");
        trace.heard(ms(2_000 * turn + 15), b"there");
    }
    trace.sent(ms(10_002_000), b"how is it?");
    trace.heard(ms(10_002_005), b"ill");
    let (events, seen) = trace.events();
    let told: Vec<_> = events.iter().map(|event| (event.bytes(), event.times)).collect();
    let expected: [(&[u8], u32); 8] = [
        (b"receipt", 1),
        (b"paper out", 1),
        (b"how is it?", 5_000),
        (b"well", 5_000),
        (b"and the paper?", 5_000),
        (b"there", 5_000),
        (b"how is it?", 1),
        (b"ill", 1),
    ];
    assert_eq!((told.as_slice(), seen), (expected.as_slice(), 20_004));
    let text = trace.to_string();
    assert!(text.contains("x 5000, last at 10000.005"), "{text}");
    assert!(!text.contains("not kept"), "what was counted is not lost: {text}");
}
