//! A realistic day of sales, the same every time, and the batches that carry it.

use domain::catalogue::Sku;
use hw::{
    control::{ControlCode, ReceiptRecord},
    terminal::{Approval, PaymentAnswer},
};
use journal::{Head, LogKey};
use till::{Answer, Command, ControlRule};
use wire::{Batch, BundleHeld, Bytes32, Report};

use crate::common::{Bench, add, card, cash, served};

/// Numbers that look random and are the same every time.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % limit
    }

    fn place(&mut self, limit: usize) -> usize {
        usize::try_from(self.below(limit as u64)).expect("below a place")
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.place(all.len())]
    }

    fn letters(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count).map(|_| char::from(self.one_of(alphabet))).collect()
    }
}

/// A till in the middle of its trip, and its customers.
pub struct Day {
    pub bench: Bench,
    dice: Dice,
    skus: Vec<Sku>,
    /// The machine's clock, milliseconds since 1970.
    wall_ms: i64,
}

impl Day {
    /// A till that is ready to sell, with or without a control unit.
    pub fn new(control: ControlRule, seed: u64) -> Self {
        let bench = if control == ControlRule::None { Bench::selling() } else { Bench::controlled() };
        let skus = bench
            .provision
            .catalogue
            .products()
            .iter()
            .filter(|product| !product.sold_out && product.item_key.is_none() && product.sku.as_str() < "6")
            .map(|product| product.sku.clone())
            .collect();
        let wall_ms = bench.wall_s * 1000 + 417;
        Self { bench, dice: Dice(seed), skus, wall_ms }
    }

    fn pass(&mut self, from_ms: u64, to_ms: u64) {
        let passed = from_ms + self.dice.below(to_ms - from_ms);
        self.wall_ms += passed.cast_signed();
        self.bench.wall_s = self.wall_ms / 1000;
        self.bench.uptime_ms += passed;
    }

    /// One customer: one to four lines, seldom two of a kind, six in ten by card.
    pub fn sell(&mut self) {
        self.pass(20_000, 150_000);
        for _ in 0..self.dice.one_of(&[1, 1, 1, 1, 2, 2, 2, 3, 3, 4]) {
            // Some products are liked better than others.
            let place = self.dice.place(self.skus.len()).min(self.dice.place(self.skus.len()));
            let qty = if self.dice.below(8) == 0 { 2 } else { 1 };
            let sku = self.skus[place].to_string();
            self.bench.does(add(&sku, qty));
        }
        if self.dice.below(5) > 0 {
            self.bench.does(served());
        }
        let due = self.bench.till().open_sale().expect("a sale is open").due().minor();
        let mut answer = if self.dice.below(10) < 6 { self.by_card(due) } else { self.in_cash(due) };
        if matches!(answer, Answer::ControlAsked(_)) {
            let record = self.bench.asked();
            self.pass(200, 900);
            let result = Ok(self.code(&record));
            answer = self.bench.does(Command::ControlAnswered { record: Box::new(record), result });
        }
        assert!(matches!(answer, Answer::Paid(_)), "a sale came to {answer:?}");
        self.bench.print_all();
        self.bench.effects.clear();
    }

    fn in_cash(&mut self, due: i64) -> Answer {
        let notes = [due, 10_000, 20_000, 50_000, 100_000];
        let given = notes.into_iter().skip(self.dice.place(2)).find(|given| *given >= due).unwrap_or(200_000);
        self.bench.does(cash(given))
    }

    fn by_card(&mut self, due: i64) -> Answer {
        self.bench.does(card(due));
        self.pass(2_000, 9_000);
        let last_digits = self.dice.below(10_000);
        let scheme = self.dice.one_of(&["Demo Card", "Demo Card", "Sample Debit"]);
        let approval = Approval {
            amount_minor: due,
            currency: "SEK".into(),
            terminal_transaction: format!("T{}", self.dice.below(1_000_000)),
            authorisation_code: self.dice.letters(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 6),
            masked_pan: format!("************{last_digits:04}"),
            scheme: scheme.into(),
            offline: false,
        };
        self.bench.card(PaymentAnswer::Approved(approval))
    }

    /// As long and as random as the code of a real unit.
    fn code(&mut self, _: &ReceiptRecord) -> ControlCode {
        let code = self.dice.letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 59);
        ControlCode { code: code.as_str().try_into().expect("a code"), unit: "DEMO0000000000001".try_into().expect("a number") }
    }

    /// The till's entries as they are stored, from this one on.
    pub fn entries_from(&self, seq: u64) -> Vec<Vec<u8>> {
        let stored = self.bench.till().store().entries(seq, 100_000).expect("the entries are read");
        stored.into_iter().map(|(_, bytes)| bytes).collect()
    }
}

/// One batch of so many sales behind a hundred others, as the till of a running trip sends them.
pub fn batch_of(sales: u32, control: ControlRule, seed: u64) -> Batch {
    let mut day = Day::new(control, seed);
    (0..100).for_each(|_| day.sell());
    let sent = day.entries_from(1).len();
    (0..sales).for_each(|_| day.sell());
    let key = LogKey::from_seed(&[7; 32]);
    let hash = |entries: &[Vec<u8>]| entries.iter().fold(Head::of_log(&key.log_id()), |head, entry| head.next(entry));
    let all = day.entries_from(1);
    let entries = all[sent..].to_vec();
    let (prev, head) = (hash(&all[..sent]), hash(&all));
    let proof = key.sign(all.len() as u64, &head);
    Batch {
        public: proof.public,
        first_seq: sent as u64 + 1,
        prev: Bytes32(prev.0),
        entries,
        head: Bytes32(head.0),
        signature: proof.signature,
        report: report(day.bench.wall_s, all.len() as u64),
    }
}

fn report(wall_s: i64, last_seq: u64) -> Report {
    let held = |role: &str, version| BundleHeld { role: role.into(), version };
    Report {
        wall_s,
        clock_trust: 3,
        program: "trolley 0.1.0".into(),
        last_seq,
        bundles: vec![held("root", 1), held("prices", 14), held("staff", 6)],
        image: Some("2026.06.1".into()),
        place: Some("Göteborg C".into()),
        ..Report::default()
    }
}
