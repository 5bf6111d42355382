//! What the till should show, kept by plain arithmetic beside it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Dice, common::minor};

/// Products of the demo with what one piece comes to, deposit included.
const PRODUCTS: [(&str, i64); 4] = [("1001", 2900), ("1003", 4200), ("2001", 3100), ("1002", 3600)];
/// So many pieces in a sale are enough.
const PIECES_MAX: u64 = 6;
/// So many parked sales are enough.
const PARKED_MAX: usize = 4;

/// A sale that is open: total, what is still due, and the pieces without their deposits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open {
    total_minor: i64,
    due_minor: i64,
}

/// A receipt as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    total_minor: i64,
    kind: &'static str,
    card_minor: i64,
    /// The entry that the till named when it answered.
    seq: Option<u64>,
    taken_back: bool,
    copied: bool,
}

/// What the till showed after a restart. Receipts in the order of their numbers: number, total, kind, entry.
#[derive(Debug)]
pub struct Seen {
    /// The open sale.
    pub open: Option<Open>,
    parked: BTreeMap<u64, i64>,
    /// The receipts.
    pub receipts: Vec<(u64, i64, String, u64)>,
}

/// How things stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    open: Option<Open>,
    pieces: u64,
    card_minor: i64,
    parked: BTreeMap<u64, (i64, u64)>,
    ticket_last: u64,
    /// By number, from 1.
    pub receipts: Vec<Receipt>,
}

impl Seen {
    /// From the answers to `status` and `receipts`.
    pub fn of(status: &Value, receipts: &Value) -> Self {
        let sale = &status["open_sale"];
        let open = sale.is_object().then(|| Open { total_minor: minor(&sale["total"]), due_minor: minor(&sale["to_pay"]) });
        let parked = status["parked"].as_array().expect("a list");
        let parked = parked.iter().map(|parked| (parked["ticket"].as_u64().expect("a number"), minor(&parked["total"]))).collect();
        let row = |row: &Value| {
            let kind = row["kind"].as_str().expect("a word").to_owned();
            (row["receipt_no"].as_u64().expect("a number"), minor(&row["total"]), kind, row["seq"].as_u64().expect("a number"))
        };
        let mut receipts: Vec<_> = receipts.as_array().expect("a list").iter().map(row).collect();
        receipts.reverse();
        Self { open, parked, receipts }
    }
}

impl Model {
    /// Chooses something that the till will do, does it here, and gives the line to send.
    pub fn act(&mut self, dice: &mut Dice) -> String {
        let Some(open) = self.open else { return self.act_idle(dice) };
        let paid = open.due_minor != open.total_minor;
        match dice.below(12) {
            0..=3 if self.pieces < PIECES_MAX && !paid => self.add(dice),
            4 if !paid && self.parked.len() < PARKED_MAX => {
                self.ticket_last += 1;
                self.parked.insert(self.ticket_last, (open.total_minor, self.pieces));
                self.open = None;
                "park".into()
            }
            5 if self.card_minor == 0 => {
                self.open = None;
                "abandon".into()
            }
            6 if open.due_minor > 1000 => {
                self.open = Some(Open { due_minor: open.due_minor - 1000, ..open });
                "pay cash 10.00".into()
            }
            7 if open.due_minor > 1000 && !paid => {
                self.card_minor += 1000;
                self.open = Some(Open { due_minor: open.due_minor - 1000, ..open });
                "pay card 10.00".into()
            }
            8 | 9 => {
                let second_card = self.card_minor > 0;
                self.card_minor += open.due_minor;
                self.close(open);
                if let Some(closed) = self.receipts.last_mut() {
                    // Two cards: the till leaves it to the depot to pay each of them back.
                    closed.taken_back = second_card;
                }
                format!("pay card {}.00", open.due_minor / 100)
            }
            _ => {
                self.close(open);
                "pay cash 500.00".into()
            }
        }
    }

    fn act_idle(&mut self, dice: &mut Dice) -> String {
        let known = self.receipts.len() as u64;
        let chosen = if known == 0 { 0 } else { dice.below(known) };
        let receipt = self.receipts.get_mut(usize::try_from(chosen).expect("small"));
        match (dice.below(12), receipt) {
            (0, Some(receipt)) if receipt.kind == "sale" && !receipt.taken_back => {
                receipt.taken_back = true;
                let (total_minor, card_minor) = (-receipt.total_minor, -receipt.card_minor);
                let (kind, word) = if dice.below(2) == 0 { ("void", "void") } else { ("refund", "refund") };
                self.receipts.push(Receipt { total_minor, kind, card_minor, seq: None, taken_back: false, copied: false });
                format!("{word} {}", chosen + 1)
            }
            (1, Some(receipt)) if !receipt.copied => {
                receipt.copied = true;
                format!("copy {}", chosen + 1)
            }
            (2, _) => "x".into(),
            (3, _) => "paid-in 1.00".into(),
            (4 | 5, _) if !self.parked.is_empty() => {
                let (ticket, (total_minor, pieces)) = self.parked.pop_first().expect("one is parked");
                self.open = Some(Open { total_minor, due_minor: total_minor });
                (self.pieces, self.card_minor) = (pieces, 0);
                format!("resume {ticket}")
            }
            _ => {
                (self.pieces, self.card_minor) = (0, 0);
                self.open = Some(Open::default());
                self.add(dice)
            }
        }
    }

    fn add(&mut self, dice: &mut Dice) -> String {
        let (sku, price_minor) = PRODUCTS[usize::try_from(dice.below(4)).expect("small")];
        let open = self.open.get_or_insert_default();
        open.total_minor += price_minor;
        open.due_minor += price_minor;
        self.pieces += 1;
        format!("add {sku}")
    }

    fn close(&mut self, open: Open) {
        self.open = None;
        let card_minor = self.card_minor;
        self.receipts.push(Receipt {
            total_minor: open.total_minor,
            kind: "sale",
            card_minor,
            seq: None,
            taken_back: false,
            copied: false,
        });
    }

    /// The answer says what this state, the one after the command, holds.
    pub fn check_answer(&self, answer: &Value, line: &str) {
        if let Some(due) = answer.get("to_pay") {
            assert_eq!(Some(minor(due)), self.open.map(|open| open.due_minor), "{line}: {answer}");
        }
        if let (Some(receipt_no), Some(total)) = (answer["receipt_no"].as_u64(), answer.get("total")) {
            assert_eq!(receipt_no, self.receipts.len() as u64, "{line}: the next number");
            assert_eq!(Some(minor(total)), self.receipts.last().map(|receipt| receipt.total_minor), "{line}: {answer}");
        }
        if let Some(ticket) = answer["ticket"].as_u64() {
            assert_eq!(ticket, self.ticket_last, "{line}");
        }
    }

    /// The till said in which entry a receipt stands.
    pub fn acknowledge(&mut self, receipt_no: Option<u64>, seq: Option<u64>) {
        let index = receipt_no.and_then(|no| usize::try_from(no - 1).ok());
        if let Some(receipt) = index.and_then(|index| self.receipts.get_mut(index)) {
            receipt.seq = seq;
        }
    }

    /// Whether the till shows just this: no receipt more, none less, none twice, each where it was said to be.
    pub fn matches(&self, seen: &Seen) -> bool {
        let parked: BTreeMap<u64, i64> = self.parked.iter().map(|(ticket, (total, _))| (*ticket, *total)).collect();
        let same = |((index, known), seen): ((usize, &Receipt), &(u64, i64, String, u64))| {
            seen.0 == index as u64 + 1 && seen.1 == known.total_minor && seen.2 == known.kind && known.seq.is_none_or(|seq| seq == seen.3)
        };
        self.open == seen.open
            && parked == seen.parked
            && self.receipts.len() == seen.receipts.len()
            && self.receipts.iter().enumerate().zip(&seen.receipts).all(same)
    }

    /// Takes over the places of receipts whose answer was cut off: from now on they may not change either.
    pub fn learn(mut self, seen: &Seen) -> Self {
        for (receipt, seen) in self.receipts.iter_mut().zip(&seen.receipts) {
            receipt.seq = Some(seen.3);
        }
        self
    }

    /// How many receipts there are of a kind.
    pub fn count(&self, kind: &str) -> usize {
        self.receipts.iter().filter(|receipt| receipt.kind == kind).count()
    }

    /// How many receipts were paid by card, wholly or in part.
    pub fn cards(&self) -> usize {
        self.receipts.iter().filter(|receipt| receipt.card_minor != 0).count()
    }

    /// What cards were charged in all: closed sales, and the part paid of the open one.
    pub fn taken_by_card_minor(&self) -> i64 {
        let open = if self.open.is_some() { self.card_minor } else { 0 };
        open + self.receipts.iter().map(|receipt| receipt.card_minor).sum::<i64>()
    }
}
