//! Scanning: products, labels of a scale, and the till's own receipts.

use domain::{Refusal, catalogue::Gtin};
use journal::{Fact, Proof};

use crate::{
    command::{Answer, Wrong},
    paper::{QR_PREFIX, read_proof},
    till::Till,
};

impl Till {
    /// A barcode goes into the sale; the code of a receipt finds it.
    pub(crate) fn scan(&mut self, text: &str) -> Result<Answer, Wrong> {
        let text = text.trim();
        if text.starts_with(QR_PREFIX) {
            self.crew().ok_or(Refusal::NotSignedIn)?;
            self.refuse_while_pending()?;
            let proof = read_proof(text).ok_or(Refusal::ReceiptCodeUnreadable)?;
            return self.find_receipt(&proof).map(Answer::ReceiptFound);
        }
        let gtin = Gtin::parse(text)?;
        // Labels are stuck on at home, wherever the train is now.
        let home = self.setup.operator.country;
        self.sell(|sale, offer| sale.scan(offer, gtin, home)).map(Answer::Line)
    }

    /// The number of the receipt that a code speaks of: of this log, signed by it, and standing in the journal as the code says.
    ///
    /// # Errors
    /// [`Refusal::ReceiptForged`], [`Refusal::ReceiptOfOtherLog`], [`Refusal::ReceiptUnknown`] for an entry that is no receipt or one of
    /// practice while the till sells, and the other way round; a fault of the store.
    pub fn find_receipt(&self, proof: &Proof) -> Result<u64, Wrong> {
        if !proof.holds() {
            return Err(Refusal::ReceiptForged.into());
        }
        if self.store().log().is_none_or(|log| log.log_id != proof.log_id()) {
            return Err(Refusal::ReceiptOfOtherLog.into());
        }
        // The store counts as far as SQLite does.
        i64::try_from(proof.seq).map_err(|_| Refusal::ReceiptForged)?;
        match self.store().head_at(proof.seq)? {
            Some(head) if head == proof.head => {}
            // Signed by this log's key and not what its journal says: whoever made it, this till did not sell it.
            _ => return Err(Refusal::ReceiptForged.into()),
        }
        match self.entry(proof.seq)?.fact {
            Fact::SaleClosed(sale) if sale.training == self.books().training => Ok(sale.receipt_no),
            _ => Err(Refusal::ReceiptUnknown.into()),
        }
    }
}
