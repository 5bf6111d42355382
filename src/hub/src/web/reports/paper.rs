//! A receipt as the till printed it: the till's own words on the simulator of its printer.
//!
//! What the entry does not hold comes from the hub: the operator from the setting [`OPERATOR_SETTING`], crew by number. The QR code is signed by
//! a key that never leaves the till, so it is not drawn.

use domain::vat::VatTable;
use hub_store::{Fault, HubStore, views::StoredReceipt};
use hw::{
    printer::{escpos, profile},
    sim::{PaperStrip, PrinterSimulator},
};
use journal::{ClockTrust, Entry, Fact};
use till::{
    data::{Operator, Provision, read_operator},
    paper::{self, Mark, PaperHead},
};

/// The setting that holds an `operator.json`, as the till reads it.
pub(crate) const OPERATOR_SETTING: &str = "receipts.operator";

/// Characters of a log's identity that a till prints as its manufacturing number.
const MAKER_NO_CHARS: usize = 16;

/// The operator that the hub knows of.
pub(super) fn operator(store: &HubStore) -> Result<Option<Operator>, Fault> {
    let json = store.setting(OPERATOR_SETTING)?;
    Ok(json.and_then(|json| read_operator(std::str::from_utf8(&json).ok()?).ok()))
}

/// The paper; none when the entry is no receipt.
pub(super) fn strip(receipt: &StoredReceipt, operator: Option<Operator>) -> Option<PaperStrip> {
    let entry = Entry::decode(&receipt.entry).ok()?;
    let Fact::SaleClosed(sale) = &entry.fact else { return None };
    let operator = operator.unwrap_or_else(nobody);
    let profile = profile::EPSON_80MM;
    let head = PaperHead {
        operator: &operator,
        register: receipt.sale.register.clone(),
        program: receipt.program.clone(),
        maker_no: receipt.sale.log.to_string().chars().take(MAKER_NO_CHARS).collect(),
        train: receipt.trip.as_ref().map(|trip| trip.train.clone()),
        crew: entry.context.crew.clone(),
        // The control unit and the paper tell the same time, also where the code came later.
        wall_s: sale.control.as_ref().map_or(entry.stamp.wall_s, |control| control.at_s),
        offset_min: entry.stamp.offset_min,
        time_proven: entry.stamp.trust != ClockTrust::NotProven,
        seq: entry.seq,
        columns: profile.columns.into(),
    };
    let document = paper::receipt(&head, sale, Mark::None, &VatTable::nordic_2026(), None);
    let mut bytes = Vec::new();
    let Ok(()) = escpos::encode(&profile, document.elements(), &mut bytes);
    let mut printer = PrinterSimulator::new(profile);
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let taken = printer.receive(rest);
        if taken == 0 {
            break;
        }
        rest = &rest[taken..];
    }
    printer.tear();
    printer.strips().first().cloned()
}

/// In the place of an operator that is not known.
fn nobody() -> Operator {
    let Provision { operator, .. } = Provision::demo();
    Operator {
        company: "–".into(),
        org_no: "–".into(),
        address: Vec::new(),
        receipt_footer: domain::catalogue::Name { sv: "".into(), en: "".into() },
        ..operator
    }
}
