//! Whatever the line does to the bytes, a receipt ends recorded once under the code that the till has, or with an error, and never twice.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hw::control::{CleanCash, CleanCashVersion, ControlUnit, ReceiptRecord, RecordKind, Skattedosan};
use hw::port::{FarEnd, PipePort};
use hw::sim::{CleanCashSimulator, SimulatedUnit, SkattedosanSimulator};
use proptest::collection::vec;
use proptest::prelude::*;

/// What happens to a byte on its way.
#[derive(Clone, Debug)]
enum Harm {
    Lost,
    Flipped(u8),
    After(Vec<u8>),
}

/// A line that harms some bytes of each direction, by their place in the stream, and passes on a few at a time.
struct Noisy<F> {
    far: F,
    harm: [Vec<(usize, Harm)>; 2],
    seen: [usize; 2],
    piece: usize,
    held: Vec<u8>,
}

impl<F> Noisy<F> {
    fn pass_on(&mut self, direction: usize, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for &byte in bytes {
            let place = self.seen[direction];
            self.seen[direction] += 1;
            match self.harm[direction].iter().find(|(harmed, _)| *harmed == place) {
                None => out.push(byte),
                Some((_, Harm::Lost)) => {}
                Some((_, Harm::Flipped(mask))) => out.push(byte ^ mask),
                Some((_, Harm::After(garbage))) => {
                    out.extend(garbage);
                    out.push(byte);
                }
            }
        }
        out
    }
}

impl<F: FarEnd> FarEnd for Noisy<F> {
    fn receive(&mut self, bytes: &[u8]) -> usize {
        let taken = bytes.len().min(self.piece);
        let bytes = self.pass_on(0, &bytes[..taken]);
        self.far.receive(&bytes);
        taken
    }

    fn take_replies(&mut self, count_max: usize) -> Vec<u8> {
        let fresh = self.far.take_replies(usize::MAX);
        let fresh = self.pass_on(1, &fresh);
        self.held.extend(fresh);
        let count = self.held.len().min(count_max).min(self.piece);
        self.held.drain(..count).collect()
    }

    fn baud(&self) -> u32 {
        self.far.baud()
    }

    fn pass(&mut self, time: Duration) {
        self.far.pass(time);
    }
}

/// Bytes of one direction that can be harmed: probes, a receipt and its repetitions.
const HARMED_BYTES: usize = 500;

/// Harm of one direction. An exclusive or cannot tell two like flips, nor two bytes that changed places, so there is at most one flip,
/// and bytes are either lost or added: that is what the check and the length together promise to find.
fn harm() -> impl Strategy<Value = Vec<(usize, Harm)>> {
    let place = 0..HARMED_BYTES;
    let lost = vec(place.clone().prop_map(|place| (place, Harm::Lost)), 0..6);
    let added = vec((place.clone(), vec(any::<u8>(), 1..20)).prop_map(|(place, bytes)| (place, Harm::After(bytes))), 0..4);
    let flipped = vec((place, 1u8..).prop_map(|(place, mask)| (place, Harm::Flipped(mask))), 0..2);
    (flipped, prop_oneof![lost, added]).prop_map(|(mut harm, more)| {
        harm.extend(more);
        harm
    })
}

fn record() -> impl Strategy<Value = ReceiptRecord> {
    let kind = prop_oneof![Just(RecordKind::Normal), Just(RecordKind::Copy), Just(RecordKind::Training)];
    (0u64..1_000_000_000_000, kind, -999_999_999_999i64..1_000_000_000_000, "[A-Za-z0-9-]{1,16}", any::<[Option<i32>; 4]>()).prop_map(
        |(number, kind, total, register, vat)| ReceiptRecord {
            at: [2026, 12, 31, 23, 59],
            org_no: "5560000000".try_into().expect("ten digits"),
            register: register.as_str().try_into().expect("short"),
            number,
            kind,
            returned_minor: (-total).max(0),
            sold_minor: total.max(0),
            vat: [2500, 1200, 600, 0].into_iter().zip(vat).filter_map(|(rate, minor)| minor.map(|minor| (rate, minor.into()))).collect(),
        },
    )
}

fn check<F: FarEnd + 'static>(
    far: F,
    unit: &SimulatedUnit,
    (harm, piece, record): ([Vec<(usize, Harm)>; 2], usize, ReceiptRecord),
    driver: impl FnOnce(PipePort<Noisy<F>>) -> Box<dyn ControlUnit>,
) -> Result<(), TestCaseError> {
    let line = Arc::new(Mutex::new(Noisy { far, harm, seen: [0; 2], piece, held: Vec::new() }));
    let mut driver = driver(PipePort::new(Arc::clone(&line)));
    for number in [record.number, (record.number + 1) % 1_000_000_000_000] {
        let record = ReceiptRecord { number, ..record.clone() };
        // In the end the noise is over: places are counted, and every attempt moves on.
        let mut result = driver.register(&record);
        for _ in 0..100 {
            let Err(why) = result else { break };
            let recorded = unit.recorded().iter().filter(|receipt| receipt.number == number).count();
            prop_assert!(recorded <= 1);
            prop_assert!(recorded == 0 || why.may_be_recorded(), "{why:?} says that nothing is recorded");
            result = driver.register(&record);
        }
        let code = result.expect("a quiet line");
        let recorded = unit.recorded();
        let mine: Vec<_> = recorded.iter().filter(|receipt| receipt.number == number).collect();
        prop_assert_eq!(mine.len(), 1);
        prop_assert!(code.code.is_empty() || code.code.as_str() == mine[0].code);
        prop_assert_eq!((mine[0].sold_minor, mine[0].returned_minor), (record.sold_minor, record.returned_minor));
        prop_assert_eq!(mine[0].register.as_str(), record.register.as_str());
    }
    prop_assert_eq!(unit.recorded().len(), 2);
    Ok(())
}

fn any_case() -> impl Strategy<Value = ([Vec<(usize, Harm)>; 2], usize, ReceiptRecord)> {
    ([harm(), harm()], 1usize..100, record())
}

proptest! {
    #[test]
    fn cleancash_1_records_once_whatever_the_line_does(case in any_case()) {
        let unit = SimulatedUnit::new();
        let far = CleanCashSimulator::new(CleanCashVersion::V1, unit.clone());
        check(far, &unit, case, |port| Box::new(CleanCash::new(port, CleanCashVersion::V1)))?;
    }

    #[test]
    fn cleancash_2_records_once_whatever_the_line_does(case in any_case()) {
        let unit = SimulatedUnit::new();
        let far = CleanCashSimulator::new(CleanCashVersion::V2, unit.clone());
        check(far, &unit, case, |port| Box::new(CleanCash::new(port, CleanCashVersion::V2)))?;
    }

    #[test]
    fn skattedosan_records_once_whatever_the_line_does(case in any_case()) {
        let unit = SimulatedUnit::new();
        check(SkattedosanSimulator::new(unit.clone()), &unit, case, |port| Box::new(Skattedosan::new(port)))?;
    }
}
