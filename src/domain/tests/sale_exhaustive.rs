//! Every short sequence of commands on one sale, and every short sequence of refunds of what it closed as.
//!
//! A refused command must leave the sale as it was, so the search does not go on from there.

mod common;

use common::{BOTTLE_BACK, BUN, SODA, WINE, catalogue, check_closed, check_vat, price_minor, sale};
use domain::{
    Currency, Money, Refusal,
    catalogue::{Catalogue, ProductKind, Sku},
    report::Totals,
    sale::{ClosedSale, Line, LineNo, Offer, OpenSale, RefundScope, SaleKind, TenderKind, Tendered, refund},
    vat::{Supply, VatTable},
};

const COMMANDS_MAX: usize = 6;
const REFUNDS_MAX: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Command {
    Add(&'static str, i64),
    VoidFirstLine,
    SetFirstLine(i64),
    Serve(Supply),
    ServeFirstLine(Supply),
    CashExact,
    Cash(i64),
    CardExact,
    Card(i64),
}

const COMMANDS: [Command; 15] = [
    Command::Add(BUN, 1),
    Command::Add(BUN, 3),
    Command::Add(SODA, 1),
    Command::Add(WINE, 1),
    Command::VoidFirstLine,
    Command::SetFirstLine(2),
    Command::Serve(Supply::Served),
    Command::Serve(Supply::TakeAway),
    Command::ServeFirstLine(Supply::Served),
    Command::CashExact,
    Command::Cash(2000),
    Command::Cash(50_000),
    Command::Cash(0),
    Command::CardExact,
    Command::Card(1030),
];

struct Shop {
    catalogue: Catalogue,
    vat: VatTable,
}

/// What the test knows of the sale without asking it.
#[derive(Clone, Debug, Default)]
struct Books {
    pieces: Vec<(&'static str, i64, Option<Supply>)>,
    supply: Option<Supply>,
    given_minor: i64,
    path: Vec<Command>,
}

impl Books {
    fn total_minor(&self) -> i64 {
        self.pieces.iter().map(|(sku, qty, _)| price_minor(sku) * qty).sum()
    }

    fn add(&mut self, sku: &'static str, qty: i64) {
        let supply = self.supply.unwrap_or(Supply::TakeAway);
        match self.pieces.iter_mut().find(|piece| piece.0 == sku && piece.2 == Some(supply)) {
            Some(piece) => piece.1 += qty,
            None => self.pieces.push((sku, qty, Some(supply))),
        }
    }

    fn serve(&mut self, supply: Supply) {
        self.supply = Some(supply);
        for piece in self.pieces.iter_mut().filter(|piece| piece.0 != WINE) {
            piece.2 = Some(supply);
        }
    }

    /// Takes the command in once the sale has. Tenders are not lines.
    fn follow(&mut self, command: Command) {
        match command {
            Command::Add(sku, qty) => self.add(sku, qty),
            Command::VoidFirstLine => drop(self.pieces.remove(0)),
            Command::SetFirstLine(qty) => self.pieces[0].1 = qty,
            Command::Serve(supply) => self.serve(supply),
            Command::ServeFirstLine(supply) => self.pieces[0].2 = Some(supply),
            Command::CashExact | Command::Cash(_) | Command::CardExact | Command::Card(_) => {}
        }
    }
}

fn run(shop: &Shop, open: &mut OpenSale, command: Command) -> Result<Option<Tendered>, Refusal> {
    let offer = Offer { catalogue: &shop.catalogue, vat: &shop.vat };
    let first = open.lines.first().map_or(LineNo(1), |line| line.no);
    let kronor = |minor| Money::new(minor, Currency::Sek);
    match command {
        Command::Add(sku, qty) => open.add(offer, &Sku::new(sku)?, qty).map(|_| None),
        Command::VoidFirstLine => open.void_line(first).map(|()| None),
        Command::SetFirstLine(qty) => open.set_qty(first, qty).map(|()| None),
        Command::Serve(supply) => open.serve(&shop.vat, supply).map(|()| None),
        Command::ServeFirstLine(supply) => open.serve_line(&shop.vat, first, supply).map(|()| None),
        Command::CashExact => open.tender_cash(open.due_in_cash()).map(Some),
        Command::Cash(minor) => open.tender_cash(kronor(minor)).map(Some),
        Command::CardExact => open.tender_card(open.due(), "R", "S").map(Some),
        Command::Card(minor) => open.tender_card(kronor(minor), "R", "S").map(Some),
    }
}

/// The refusals each command may meet here; another one would be a surprise.
fn expected(command: Command, open: &OpenSale) -> &'static [Refusal] {
    match command {
        _ if open.lines.is_empty() && !matches!(command, Command::Add(..) | Command::Serve(_)) => {
            &[Refusal::SaleEmpty, Refusal::LineUnknown]
        }
        Command::Add(..) | Command::VoidFirstLine | Command::SetFirstLine(_) | Command::Serve(_) if !open.tenders.is_empty() => {
            &[Refusal::SalePartlyPaid]
        }
        Command::ServeFirstLine(_) if !open.tenders.is_empty() => &[Refusal::SalePartlyPaid],
        Command::ServeFirstLine(_) => &[Refusal::VatLocked],
        Command::Cash(0) => &[Refusal::AmountNotPositive],
        Command::Card(_) => &[Refusal::TenderExceedsDue],
        _ => &[],
    }
}

#[derive(Debug, Default)]
struct Seen {
    open: u64,
    refused: u64,
    closed: u64,
    rounded: u64,
    with_change: u64,
    mixed_tenders: u64,
    refunds: u64,
}

fn explore(shop: &Shop, open: &OpenSale, books: &Books, seen: &mut Seen) {
    seen.open += 1;
    assert_eq!(open.total().minor(), books.total_minor(), "{books:?}");
    assert_eq!(open.due().minor(), books.total_minor() - books.given_minor, "{books:?}");
    check_vat(&open.lines, &shop.vat);
    assert!(open.lines.iter().all(|line| line.qty > 0 && line.gross_minor() > 0), "{books:?}");
    if books.path.len() == COMMANDS_MAX {
        return;
    }
    for command in COMMANDS {
        let mut next = open.clone();
        let mut next_books = books.clone();
        next_books.path.push(command);
        match run(shop, &mut next, command) {
            Err(refusal) => {
                seen.refused += 1;
                assert!(expected(command, open).contains(&refusal), "{refusal:?} after {next_books:?}");
                assert_eq!(&next, open, "a refused command changes nothing: {next_books:?}");
            }
            Ok(None) => {
                assert!(open.tenders.is_empty(), "lines change only before the first tender: {next_books:?}");
                next_books.follow(command);
                explore(shop, &next, &next_books, seen);
            }
            Ok(Some(tendered)) => {
                next_books.given_minor += next.tenders.last().expect("a tender").amount_minor;
                settle(shop, next, &next_books, tendered, seen);
            }
        }
    }
}

fn settle(shop: &Shop, open: OpenSale, books: &Books, tendered: Tendered, seen: &mut Seen) {
    let (rounding, change) = match tendered {
        Tendered::Due(due) => {
            assert_eq!(due, open.due());
            assert!(due.minor() > 0, "what is due is above nothing: {books:?}");
            return explore(shop, &open, books, seen);
        }
        Tendered::Settled { rounding, change } => (rounding, change),
    };
    let cash_last = open.tenders.last().is_some_and(|tender| tender.kind == TenderKind::Cash);
    let closed = open.close(7, rounding, change);
    check_closed(&closed);
    assert_eq!(closed.total_minor(), books.total_minor());
    assert_eq!(closed.change_minor, books.given_minor - books.total_minor() - closed.rounding_minor);
    assert!(cash_last || (closed.change_minor == 0 && closed.rounding_minor == 0), "a card gives no change: {books:?}");
    assert!(!cash_last || closed.change_minor % 100 == 0, "change is whole kronor: {books:?}");
    assert!(closed.vat_minor() > 0 && closed.vat_minor() < closed.total_minor());

    let mut totals = Totals::opened(10_000);
    totals.add(&closed);
    let card_minor = closed.tendered_minor(TenderKind::Card);
    assert_eq!(totals.drawer_minor() - 10_000 + card_minor, books.total_minor() + closed.rounding_minor);

    seen.closed += 1;
    seen.rounded += u64::from(closed.rounding_minor != 0);
    seen.with_change += u64::from(closed.change_minor > 0);
    seen.mixed_tenders += u64::from(card_minor > 0 && closed.cash_minor() > 0);
    if books.path.len() <= 5 {
        take_back(&closed, &mut Vec::new(), seen);
    }
}

/// Every sequence of refunds, line by line and all at once: never above what was sold, never twice.
fn take_back(sold: &ClosedSale, before: &mut Vec<ClosedSale>, seen: &mut Seen) {
    let back = |no: LineNo| before.iter().flat_map(|refund| &refund.lines).filter(|line| line.no == no).map(|line| -line.qty).sum::<i64>();
    let left = sold.lines.iter().map(|line| (line, line.qty - back(line.no))).collect::<Vec<_>>();
    assert!(left.iter().all(|(_, left)| *left >= 0));
    if before.len() == REFUNDS_MAX {
        return;
    }
    if sold.total_minor() <= 0 {
        let answer = refund(sold, before, RefundScope::Rest, SaleKind::Refund, 8, "R2");
        assert_eq!(answer, Err(Refusal::ReceiptNotRefundable), "money went out already");
        return;
    }
    let paid_left = sold.total_minor() + before.iter().map(ClosedSale::total_minor).sum::<i64>();
    let each = |line: &Line| {
        let linked = sold.lines.iter().filter(|other| other.linked_to == Some(line.no));
        linked.fold(line.unit_minor, |sum, other| sum + other.unit_minor)
    };
    let mut scopes = vec![(RefundScope::Rest, (paid_left > 0).then_some(()).ok_or(Refusal::RefundExceedsSold))];
    for (line, left) in &left {
        for qty in [1, 2] {
            let answer = match line.linked_to {
                Some(_) => Err(Refusal::LineLinked),
                None if line.kind == ProductKind::DepositReturn => Err(Refusal::ReceiptNotRefundable),
                None if qty > *left || each(line) * qty > paid_left => Err(Refusal::RefundExceedsSold),
                None => Ok(()),
            };
            scopes.push((RefundScope::line(line.no, qty), answer));
        }
        scopes.push((RefundScope::line(line.no, 0), Err(Refusal::QuantityInvalid)));
    }
    scopes.push((RefundScope::line(LineNo(999), 1), Err(Refusal::LineUnknown)));
    for (scope, expected) in scopes {
        let answer = refund(sold, before, scope.clone(), SaleKind::Refund, 8, "R2");
        assert_eq!(answer.as_ref().map(|_| ()).map_err(|refusal| *refusal), expected, "{scope:?} of {sold:?} after {before:?}");
        if let Ok(closed) = answer {
            seen.refunds += 1;
            check_refund(sold, before, scope, &closed);
            before.push(closed);
            take_back(sold, before, seen);
            before.pop();
        }
    }
}

fn check_refund(sold: &ClosedSale, before: &[ClosedSale], scope: RefundScope, closed: &ClosedSale) {
    check_closed(closed);
    assert!(closed.total_minor() < 0 && closed.lines.iter().all(|line| line.qty < 0));
    for line in closed.lines.iter().filter(|line| line.linked_to.is_some()) {
        let own = closed.lines.iter().find(|own| Some(own.no) == line.linked_to);
        assert_eq!(own.map(|own| own.qty), Some(line.qty), "a deposit goes back with what it hangs on");
    }
    let card = |closed: &ClosedSale| closed.tendered_minor(TenderKind::Card);
    let card_back = before.iter().map(card).sum::<i64>() + card(closed);
    assert!(card(closed) <= 0 && card(sold) + card_back >= 0, "a card gets back at most what it paid: {closed:?}");
    let cash_back = before.iter().map(ClosedSale::cash_minor).sum::<i64>() + closed.cash_minor();
    assert!(sold.cash_minor() + cash_back >= 0, "never more cash back than came in: {closed:?} after {before:?}");
    if scope == RefundScope::Rest {
        assert_eq!(cash_back, -sold.cash_minor(), "in the end all cash has gone back: {closed:?} after {before:?}");
    }
    for sum in &closed.vat {
        let earlier = before.iter().flat_map(|refund| &refund.vat).filter(|earlier| earlier.rate == sum.rate);
        let (gross, vat) = earlier.chain([sum]).fold((0, 0), |(gross, vat), sum| (gross + sum.gross_minor, vat + sum.vat_minor));
        assert_eq!(vat, domain::vat::vat_in_gross(gross, sum.rate), "VAT that went back is the VAT of what went back: {closed:?}");
    }
    if scope == RefundScope::Rest && before.is_empty() {
        assert_eq!(closed.total_minor(), -sold.total_minor());
        assert_eq!(closed.vat_minor(), -sold.vat_minor(), "the VAT of a whole refund mirrors the sale's");
        assert_eq!(card(closed), -card(sold));
        assert_eq!(closed.cash_minor(), -sold.cash_minor(), "what was paid in cash goes back in cash");
    }
}

#[test]
fn every_short_sequence_of_commands_keeps_the_books_in_order() {
    let shop = Shop { catalogue: catalogue(), vat: VatTable::nordic_2026() };
    let mut seen = Seen::default();
    explore(&shop, &sale(), &Books::default(), &mut seen);
    // The search must have been somewhere: each kind of ending occurs.
    for (what, count) in [
        ("open", seen.open),
        ("refused", seen.refused),
        ("closed", seen.closed),
        ("rounded", seen.rounded),
        ("with change", seen.with_change),
        ("mixed tenders", seen.mixed_tenders),
        ("refunds", seen.refunds),
    ] {
        assert!(count > 100, "too few {what}: {seen:?}");
    }
}

#[test]
fn deposits_coming_back_alone_are_paid_out_in_cash_and_not_to_a_card() {
    let shop = Shop { catalogue: catalogue(), vat: VatTable::nordic_2026() };
    let mut open = sale();
    assert_eq!(run(&shop, &mut open, Command::Add(BOTTLE_BACK, 3)), Ok(None));
    assert_eq!(open.total().minor(), -600);
    check_vat(&open.lines, &shop.vat);
    assert_eq!(run(&shop, &mut open, Command::CardExact), Err(Refusal::AmountNotPositive));
    let Ok(Some(Tendered::Settled { rounding, change })) = run(&shop, &mut open, Command::Cash(0)) else { panic!("not settled") };
    let closed = open.close(7, rounding, change);
    check_closed(&closed);
    assert_eq!((closed.change_minor, closed.cash_minor()), (600, -600));
}

#[test]
fn a_deposit_coming_back_leaves_the_vat_of_the_other_lines_as_it_is() {
    let shop = Shop { catalogue: catalogue(), vat: VatTable::nordic_2026() };
    for bottles in [1, 12, 14, 15, 16, 500] {
        let mut open = sale();
        assert_eq!(run(&shop, &mut open, Command::Add(BUN, 1)), Ok(None));
        assert_eq!(run(&shop, &mut open, Command::Add(BOTTLE_BACK, bottles)), Ok(None));
        check_vat(&open.lines, &shop.vat);
    }
}
