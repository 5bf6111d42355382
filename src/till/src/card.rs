//! Card payments: two facts each. The request is committed before the terminal is asked; a timeout is unknown, never declined.

use domain::{
    Money, Refusal,
    sale::{Tendered, vat_sums},
};
use hw::terminal::{Approval, PaymentAnswer};
use journal::{CardAnswer, CardPurpose, CardRequest, Fact};

use crate::{
    command::{Answer, Effect, Wrong},
    till::{Doing, Till},
};

/// On the receipt of a payment whose outcome the crew read off the terminal.
const SLIP_BY_CREW: &str = "enligt terminalen";

impl Till {
    pub(crate) fn pay_card(&mut self, amount: Money) -> Result<Answer, Wrong> {
        let mut sale = self.payable_sale()?;
        sale.may_tender_card(amount)?;
        self.may_register(sale.terms.country, (sale.total().minor(), &vat_sums(&sale.lines)), sale.terms.training)?;
        self.may_charge(sale.terms.country)?;
        if sale.terms.training {
            // Practice never reaches the terminal.
            return match sale.tender_card(amount, "", "")? {
                Tendered::Settled { rounding, change } => self.close(sale, rounding, change, Doing::default()),
                Tendered::Due(due) => {
                    self.keep(Doing::default().sale(Some(sale)))?;
                    Ok(Answer::Due(due))
                }
            };
        }
        self.ask_terminal(amount.minor(), CardPurpose::Sale, None)
    }

    /// Commits the request, then has the terminal asked. The reference names the entry and so never comes twice.
    pub(crate) fn ask_terminal(&mut self, amount_minor: i64, purpose: CardPurpose, original: Option<String>) -> Result<Answer, Wrong> {
        let log = self.store.log().map(|log| log.log_id.to_string()).unwrap_or_default();
        let reference = format!("{}-{}", log.get(..8).unwrap_or_default(), self.store.seq() + 1);
        let ask =
            Effect::AskTerminal { reference: reference.clone(), amount_minor, original, currency: self.setup.operator.currency.code() };
        // The sale goes with the request: whatever is cut, the money finds the lines it was taken for.
        let sale = self.open_sale.clone();
        self.commit(Doing::fact(Fact::CardRequested(reference.clone(), amount_minor, purpose)).sale(sale).then(ask))?;
        Ok(Answer::CardAsked(reference))
    }

    pub(crate) fn ask_card_again(&mut self) -> Result<Answer, Wrong> {
        let card = self.books().card.as_ref().ok_or(Refusal::CardNotPending)?;
        let reference = card.reference.clone();
        self.effects.push(Effect::AskTerminalStatus(reference.clone()));
        Ok(Answer::CardAsked(reference))
    }

    pub(crate) fn card_answered(&mut self, reference: &str, answer: PaymentAnswer) -> Result<Answer, Wrong> {
        let card = self.books().card.clone().filter(|card| card.reference == reference).ok_or(Refusal::CardNotPending)?;
        let fact = |answer| Fact::CardAnswered(reference.to_owned(), answer);
        match answer {
            PaymentAnswer::Approved(approval) => {
                let part = card.purpose == CardPurpose::Sale && (1..card.amount_minor).contains(&approval.amount_minor);
                // A terminal may approve less than it was asked for; the rest is still to pay.
                let amount_minor = if part { approval.amount_minor } else { card.amount_minor };
                self.card_approved(&CardRequest { amount_minor, ..card }, &slip(&approval))
            }
            PaymentAnswer::Declined { .. } => {
                self.commit(Doing::fact(fact(CardAnswer::Declined)))?;
                Ok(Answer::CardNotPaid { declined: true })
            }
            PaymentAnswer::NotFound => {
                self.commit(Doing::fact(fact(CardAnswer::NotFound)))?;
                Ok(Answer::CardNotPaid { declined: false })
            }
            PaymentAnswer::Unknown => {
                if !card.unknown {
                    self.commit(Doing::fact(fact(CardAnswer::Unknown)))?;
                }
                Ok(Answer::CardUnknown(reference.to_owned()))
            }
        }
    }

    pub(crate) fn card_settled(&mut self, paid: bool) -> Result<Answer, Wrong> {
        let card = self.books().card.clone().ok_or(Refusal::CardNotPending)?;
        if !card.unknown {
            return Err(Refusal::CardPending.into());
        }
        if paid {
            return self.card_approved(&card, SLIP_BY_CREW);
        }
        self.commit(Doing::fact(Fact::CardAnswered(card.reference, CardAnswer::Declined)))?;
        Ok(Answer::CardNotPaid { declined: true })
    }

    fn card_approved(&mut self, card: &CardRequest, slip: &str) -> Result<Answer, Wrong> {
        let doing = Doing::fact(Fact::CardAnswered(card.reference.clone(), CardAnswer::Approved(slip.to_owned())));
        if let CardPurpose::Refund { receipt_no, scope, kind } = &card.purpose {
            return self.close_refund(*receipt_no, scope.clone(), *kind, (&card.reference, slip), doing);
        }
        let Some(mut sale) = self.open_sale.clone() else {
            // Only a store that lost its tail gets here: the answer is a fact all the same.
            self.commit(doing)?;
            return Ok(Answer::Done);
        };
        match sale.tender_card(self.money(card.amount_minor), &card.reference, slip)? {
            Tendered::Settled { rounding, change } => self.close(sale, rounding, change, doing),
            Tendered::Due(due) => {
                self.commit(doing.sale(Some(sale)))?;
                Ok(Answer::Due(due))
            }
        }
    }
}

/// What the receipt shows of a card payment. Never a full card number.
fn slip(approval: &Approval) -> String {
    let offline = if approval.offline { " offline" } else { "" };
    format!("{} {} {}{offline}", approval.scheme, approval.masked_pan, approval.authorisation_code)
}
