//! What the passenger reads on the customer display: the last line and the total, what the card terminal wants, what was paid and what
//! goes back, and a greeting between sales.

use domain::{
    Money,
    sale::{LineNo, OpenSale},
};
use journal::CardRequest;

use crate::{
    command::{Answer, Command, Paid},
    desk::Shown,
    paper::{PAPER_LANGUAGE as LANGUAGE, REGIME},
    till::Till,
    words::{self, amount, quantity},
};

/// What the passenger was told beside the state of the till.
#[derive(Debug, Default)]
pub(crate) struct Customer {
    /// The line that was last touched.
    line: Option<LineNo>,
    told: Option<Told>,
}

#[derive(Debug)]
enum Told {
    /// A sale or refund was closed; stands until the next sale begins.
    Paid(Paid),
    /// No money was taken from the card; stands until this sale changes.
    CardNotPaid(OpenSale),
}

impl Customer {
    /// A command is about to be carried out.
    pub(crate) fn asked(&mut self, command: &Command) {
        match command {
            Command::SetQty(no, _) | Command::ServeLine(no, _) => self.line = Some(*no),
            Command::Because(_, command) => self.asked(command),
            _ => {}
        }
    }

    /// A command was carried out.
    pub(crate) fn answered(&mut self, answer: &Answer, till: &Till) {
        match answer {
            Answer::Line(no) => self.line = Some(*no),
            Answer::Paid(paid) => *self = Self { line: None, told: Some(Told::Paid(*paid)) },
            Answer::CardNotPaid { .. } => self.told = till.open_sale().cloned().map(Told::CardNotPaid),
            _ => {}
        }
        let stands = match &self.told {
            Some(Told::Paid(_)) => selling(till).is_none() && till.books().shift.is_some() && till.books().crew.is_some(),
            Some(Told::CardNotPaid(sale)) => selling(till) == Some(sale) && till.books().card.is_none(),
            None => true,
        };
        if !stands {
            self.told = None;
        }
    }

    /// What there is to read now.
    pub(crate) fn shown(&self, till: &Till) -> Shown {
        if let Some(card) = &till.books().card {
            return prompt(till, card);
        }
        match (selling(till), &self.told) {
            (Some(sale), Some(Told::CardNotPaid(_))) => {
                Shown { top: (words::customer(LANGUAGE).card_not_paid.into(), String::new()), bottom: to_pay(sale) }
            }
            (Some(sale), _) => self.sale(sale),
            (None, Some(Told::Paid(paid))) => closed(paid),
            (None, _) => greeting(till),
        }
    }

    /// The line that was last touched and the total, or once a part is paid, what is left.
    fn sale(&self, sale: &OpenSale) -> Shown {
        let (total, due) = (sale.total(), sale.due());
        if !sale.tenders.is_empty() {
            let paid = Money::new(total.minor().saturating_sub(due.minor()), total.currency());
            let bottom = if due.minor() < 0 { change(sale) } else { to_pay(sale) };
            return Shown { top: (words::customer(LANGUAGE).paid.into(), amount(paid)), bottom };
        }
        let line =
            sale.lines.iter().find(|line| Some(line.no) == self.line).or_else(|| sale.lines.iter().rfind(|line| line.linked_to.is_none()));
        let top = line.map(|line| {
            let name = if line.qty == 1 { line.name.to_string() } else { format!("{} {}", quantity(line.qty), line.name) };
            (name, words::paper_amount(Money::new(line.gross_minor(), sale.terms.currency)))
        });
        Shown { top: top.unwrap_or_default(), bottom: to_pay(sale) }
    }
}

/// The sale that is open, if anything is on it.
fn selling(till: &Till) -> Option<&OpenSale> {
    till.open_sale().filter(|sale| !sale.lines.is_empty())
}

fn to_pay(sale: &OpenSale) -> (String, String) {
    let words = words::customer(LANGUAGE);
    let caption = if sale.tenders.is_empty() { words.total } else { words.left };
    (marked(caption, sale.terms.training), amount(sale.due()))
}

/// What goes back once the control unit has given its code: all is paid and more.
fn change(sale: &OpenSale) -> (String, String) {
    let due = sale.due();
    (marked(words::customer(LANGUAGE).back, sale.terms.training), amount(Money::new(due.minor().saturating_neg(), due.currency())))
}

/// What the card terminal wants of the passenger. The terminal itself says the rest.
fn prompt(till: &Till, card: &CardRequest) -> Shown {
    let words = words::customer(LANGUAGE);
    let money = Money::new(card.amount_minor.saturating_abs(), till.setup().operator.currency);
    let caption = if card.amount_minor < 0 { words.back } else { words.card };
    let wish = if card.unknown { words.wait } else { words.follow_terminal };
    Shown { top: (wish.into(), String::new()), bottom: (caption.into(), amount(money)) }
}

/// What was paid and what goes back.
fn closed(paid: &Paid) -> Shown {
    let words = words::customer(LANGUAGE);
    let total = Money::new(paid.total.minor().saturating_add(paid.rounding.minor()), paid.total.currency());
    if total.minor() < 0 {
        let back = Money::new(total.minor().saturating_abs(), total.currency());
        return Shown { top: (marked(words.refund, paid.training), String::new()), bottom: (words.back.into(), amount(back)) };
    }
    if paid.change.minor() == 0 {
        return Shown { top: (marked(words.paid, paid.training), amount(total)), bottom: (words.thanks.into(), String::new()) };
    }
    Shown { top: (marked(words.total, paid.training), amount(total)), bottom: (words.back.into(), amount(paid.change)) }
}

fn greeting(till: &Till) -> Shown {
    let company = till.setup().operator.company.clone();
    let welcome = words::customer(LANGUAGE).welcome;
    Shown { top: (company, String::new()), bottom: (marked(welcome, till.books().training), String::new()) }
}

/// In training no amount stands without the mark that it is none.
fn marked(caption: &str, training: bool) -> String {
    if training { REGIME.mark_training.into() } else { caption.into() }
}
