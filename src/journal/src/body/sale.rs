//! Sales on the wire.
//!
//! A field that is zero or false in nearly every sale is left out when it is; a reader takes a missing one for zero.

use minicbor::{Decode, Encode};

use chrono::Datelike as _;
use domain::{
    Currency,
    catalogue::{CategoryId, ProductKind, Sku},
    sale::{ClosedSale, Line, LineNo, OpenSale, SaleKind, Tender, TenderKind, Terms, VatSum, Voided},
    vat::{Country, Supply, VatClass, VatRate},
};

use super::{control::ControlBody, day, is_default, wire};
use crate::{Malformed, entry::code_of};

#[derive(Encode, Decode)]
#[cbor(map)]
struct LineBody {
    #[n(0)]
    no: u32,
    #[n(1)]
    sku: String,
    #[n(2)]
    name: String,
    #[n(3)]
    category: String,
    #[cbor(n(4), skip_if = "is_default")]
    kind: u8,
    #[n(5)]
    unit_minor: i64,
    #[cbor(n(6), skip_if = "is_default")]
    vat_class: u8,
    #[cbor(n(7), skip_if = "is_default")]
    supply: u8,
    #[n(8)]
    rate: u32,
    #[n(9)]
    qty: i64,
    #[n(10)]
    linked_to: Option<u32>,
}

impl LineBody {
    fn of(line: &Line) -> Self {
        Self {
            no: line.no.0,
            sku: line.sku.as_str().into(),
            name: line.name.to_string(),
            category: line.category.0.to_string(),
            kind: code_of(&ProductKind::ALL, line.kind),
            unit_minor: line.unit_minor,
            vat_class: code_of(&VatClass::ALL, line.vat_class),
            supply: code_of(&Supply::ALL, line.supply),
            rate: line.rate.basis_points(),
            qty: line.qty,
            linked_to: line.linked_to.map(|no| no.0),
        }
    }

    fn into_domain(self) -> Result<Line, Malformed> {
        Ok(Line {
            no: LineNo(self.no),
            sku: Sku::new(&self.sku).map_err(|_| Malformed(format!("SKU {:?}", self.sku)))?,
            name: self.name.into(),
            category: CategoryId(self.category.into()),
            kind: wire(&ProductKind::ALL, self.kind, "product kind")?,
            qty: self.qty,
            unit_minor: self.unit_minor,
            vat_class: wire(&VatClass::ALL, self.vat_class, "VAT class")?,
            supply: wire(&Supply::ALL, self.supply, "supply")?,
            rate: rate(self.rate)?,
            linked_to: self.linked_to.map(LineNo),
        })
    }
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct TenderBody {
    #[cbor(n(0), skip_if = "is_default")]
    kind: u8,
    #[n(1)]
    amount_minor: i64,
    #[n(2)]
    reference: Option<String>,
    #[n(3)]
    slip: Option<String>,
}

impl TenderBody {
    fn of(tender: &Tender) -> Self {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            kind: code_of(&TenderKind::ALL, tender.kind),
            amount_minor: tender.amount_minor,
            reference: text(&tender.reference),
            slip: text(&tender.slip),
        }
    }

    fn into_domain(self) -> Result<Tender, Malformed> {
        Ok(Tender {
            kind: wire(&TenderKind::ALL, self.kind, "tender")?,
            amount_minor: self.amount_minor,
            reference: self.reference.unwrap_or_default().into(),
            slip: self.slip.unwrap_or_default().into(),
        })
    }
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct VatBody {
    #[n(0)]
    rate: u32,
    #[n(1)]
    gross_minor: i64,
    #[n(2)]
    vat_minor: i64,
}

#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct ClosedBody {
    #[n(0)]
    receipt_no: u64,
    #[cbor(n(1), skip_if = "is_default")]
    kind: u8,
    #[n(2)]
    corrects: Option<u64>,
    #[cbor(n(3), skip_if = "is_default")]
    training: bool,
    #[cbor(n(4), skip_if = "is_default")]
    currency: u8,
    #[cbor(n(5), skip_if = "is_default")]
    country: u8,
    #[n(6)]
    lines: Vec<LineBody>,
    #[n(7)]
    vat: Vec<VatBody>,
    #[cbor(n(8), skip_if = "is_default")]
    rounding_minor: i64,
    #[n(9)]
    tenders: Vec<TenderBody>,
    #[cbor(n(10), skip_if = "is_default")]
    change_minor: i64,
    #[cbor(n(11), skip_if = "is_default")]
    voided_count: u32,
    #[cbor(n(12), skip_if = "is_default")]
    voided_minor: i64,
    #[n(13)]
    control: Option<ControlBody>,
}

impl ClosedBody {
    pub(crate) fn of(sale: &ClosedSale) -> Self {
        let vat = |sum: &VatSum| VatBody { rate: sum.rate.basis_points(), gross_minor: sum.gross_minor, vat_minor: sum.vat_minor };
        Self {
            receipt_no: sale.receipt_no,
            kind: code_of(&SaleKind::ALL, sale.kind),
            corrects: sale.corrects,
            training: sale.training,
            currency: code_of(&Currency::ALL, sale.currency),
            country: code_of(&Country::ALL, sale.country),
            lines: sale.lines.iter().map(LineBody::of).collect(),
            vat: sale.vat.iter().map(vat).collect(),
            rounding_minor: sale.rounding_minor,
            tenders: sale.tenders.iter().map(TenderBody::of).collect(),
            change_minor: sale.change_minor,
            voided_count: sale.voided.count,
            voided_minor: sale.voided.gross_minor,
            control: sale.control.as_ref().map(ControlBody::of),
        }
    }

    pub(crate) fn into_domain(self) -> Result<ClosedSale, Malformed> {
        let vat = |sum: VatBody| Ok(VatSum { rate: rate(sum.rate)?, gross_minor: sum.gross_minor, vat_minor: sum.vat_minor });
        Ok(ClosedSale {
            receipt_no: self.receipt_no,
            training: self.training,
            kind: wire(&SaleKind::ALL, self.kind, "kind of sale")?,
            corrects: self.corrects,
            currency: wire(&Currency::ALL, self.currency, "currency")?,
            country: wire(&Country::ALL, self.country, "country")?,
            lines: self.lines.into_iter().map(LineBody::into_domain).collect::<Result<_, _>>()?,
            vat: self.vat.into_iter().map(vat).collect::<Result<_, Malformed>>()?,
            rounding_minor: self.rounding_minor,
            tenders: self.tenders.into_iter().map(TenderBody::into_domain).collect::<Result<_, _>>()?,
            change_minor: self.change_minor,
            voided: Voided { count: self.voided_count, gross_minor: self.voided_minor },
            control: self.control.map(ControlBody::into_domain),
        })
    }
}

/// An open or parked sale.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct DraftBody {
    #[cbor(n(0), skip_if = "is_default")]
    currency: u8,
    #[cbor(n(1), skip_if = "is_default")]
    country: u8,
    #[n(2)]
    on: i32,
    #[cbor(n(3), skip_if = "is_default")]
    training: bool,
    #[n(4)]
    supply: Option<u8>,
    #[n(5)]
    lines: Vec<LineBody>,
    #[n(6)]
    tenders: Vec<TenderBody>,
    #[cbor(n(7), skip_if = "is_default")]
    voided_count: u32,
    #[cbor(n(8), skip_if = "is_default")]
    voided_minor: i64,
    #[n(9)]
    next_line: u32,
}

impl DraftBody {
    pub(crate) fn of(sale: &OpenSale) -> Self {
        Self {
            currency: code_of(&Currency::ALL, sale.terms.currency),
            country: code_of(&Country::ALL, sale.terms.country),
            on: sale.terms.on.num_days_from_ce(),
            training: sale.terms.training,
            supply: sale.supply.map(|supply| code_of(&Supply::ALL, supply)),
            lines: sale.lines.iter().map(LineBody::of).collect(),
            tenders: sale.tenders.iter().map(TenderBody::of).collect(),
            voided_count: sale.voided.count,
            voided_minor: sale.voided.gross_minor,
            next_line: sale.next_line,
        }
    }

    pub(crate) fn into_domain(self) -> Result<OpenSale, Malformed> {
        Ok(OpenSale {
            terms: Terms {
                currency: wire(&Currency::ALL, self.currency, "currency")?,
                country: wire(&Country::ALL, self.country, "country")?,
                on: day(self.on)?,
                training: self.training,
            },
            supply: self.supply.map(|code| wire(&Supply::ALL, code, "supply")).transpose()?,
            lines: self.lines.into_iter().map(LineBody::into_domain).collect::<Result<_, _>>()?,
            tenders: self.tenders.into_iter().map(TenderBody::into_domain).collect::<Result<_, _>>()?,
            voided: Voided { count: self.voided_count, gross_minor: self.voided_minor },
            next_line: self.next_line,
        })
    }
}

pub(crate) fn rate(basis_points: u32) -> Result<VatRate, Malformed> {
    if basis_points > VatRate::BASIS_POINTS_MAX {
        return Err(Malformed(format!("VAT rate of {basis_points} basis points")));
    }
    Ok(VatRate::from_basis_points(basis_points))
}
