//! Report figures on the wire.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use domain::{
    catalogue::CategoryId,
    report::{GrandTotals, Tally, Totals},
    sale::TenderKind,
    vat::Country,
};

use super::{is_default, sale::rate, wire};
use crate::{Malformed, entry::code_of};

#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct GrandBody {
    #[n(0)]
    sales_minor: i64,
    #[n(1)]
    returns_minor: i64,
}

impl GrandBody {
    pub(crate) const fn of(grand: GrandTotals) -> Self {
        Self { sales_minor: grand.sales_minor, returns_minor: grand.returns_minor }
    }

    pub(crate) const fn into_domain(self) -> GrandTotals {
        GrandTotals { sales_minor: self.sales_minor, returns_minor: self.returns_minor }
    }
}

#[derive(Encode, Decode, Clone, Copy)]
pub(crate) struct TallyBody(#[n(0)] u64, #[n(1)] i64);

impl TallyBody {
    pub(crate) const fn of(tally: Tally) -> Self {
        Self(tally.count, tally.minor)
    }

    pub(crate) const fn into_domain(self) -> Tally {
        Tally { count: self.0, minor: self.1 }
    }
}

#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct TotalsBody {
    #[n(0)]
    float_minor: i64,
    #[n(1)]
    sales: TallyBody,
    #[n(2)]
    refunds: TallyBody,
    #[n(3)]
    voids: TallyBody,
    #[n(4)]
    goods_count: i64,
    #[n(5)]
    services_count: i64,
    #[n(6)]
    vat: Vec<(u8, u32, i64, i64)>,
    #[n(7)]
    categories: Vec<(String, i64, i64)>,
    #[n(8)]
    tenders: Vec<(u8, i64)>,
    #[n(9)]
    rounding_minor: i64,
    #[n(10)]
    copies: TallyBody,
    #[n(11)]
    training: TallyBody,
    #[n(12)]
    drawer_openings: u64,
    #[n(13)]
    no_sales: u64,
    #[n(14)]
    discounts: TallyBody,
    #[n(15)]
    voided_lines: TallyBody,
    #[n(16)]
    abandoned: TallyBody,
    #[n(17)]
    cash_drops: TallyBody,
    #[n(18)]
    paid_in: TallyBody,
    #[n(19)]
    paid_out: TallyBody,
    #[cbor(n(20), skip_if = "is_default")]
    burned_numbers: u64,
}

impl TotalsBody {
    pub(crate) fn of(totals: &Totals) -> Self {
        let vat =
            totals.vat.iter().map(|((country, rate), (gross, vat))| (code_of(&Country::ALL, *country), rate.basis_points(), *gross, *vat));
        Self {
            float_minor: totals.float_minor,
            sales: TallyBody::of(totals.sales),
            refunds: TallyBody::of(totals.refunds),
            voids: TallyBody::of(totals.voids),
            goods_count: totals.goods_count,
            services_count: totals.services_count,
            vat: vat.collect(),
            categories: totals.categories.iter().map(|(id, (pieces, gross))| (id.0.to_string(), *pieces, *gross)).collect(),
            tenders: totals.tenders.iter().map(|(kind, minor)| (code_of(&TenderKind::ALL, *kind), *minor)).collect(),
            rounding_minor: totals.rounding_minor,
            copies: TallyBody::of(totals.copies),
            training: TallyBody::of(totals.training),
            drawer_openings: totals.drawer_openings,
            no_sales: totals.no_sales,
            discounts: TallyBody::of(totals.discounts),
            voided_lines: TallyBody::of(totals.voided_lines),
            abandoned: TallyBody::of(totals.abandoned),
            cash_drops: TallyBody::of(totals.cash_drops),
            paid_in: TallyBody::of(totals.paid_in),
            paid_out: TallyBody::of(totals.paid_out),
            burned_numbers: totals.burned_numbers,
        }
    }

    pub(crate) fn into_domain(self) -> Result<Totals, Malformed> {
        let mut vat = BTreeMap::new();
        for (country, basis_points, gross, amount) in self.vat {
            vat.insert((wire(&Country::ALL, country, "country")?, rate(basis_points)?), (gross, amount));
        }
        let mut tenders = BTreeMap::new();
        for (kind, minor) in self.tenders {
            tenders.insert(wire(&TenderKind::ALL, kind, "tender")?, minor);
        }
        Ok(Totals {
            float_minor: self.float_minor,
            sales: self.sales.into_domain(),
            refunds: self.refunds.into_domain(),
            voids: self.voids.into_domain(),
            goods_count: self.goods_count,
            services_count: self.services_count,
            vat,
            categories: self.categories.into_iter().map(|(id, pieces, gross)| (CategoryId(id.into()), (pieces, gross))).collect(),
            tenders,
            rounding_minor: self.rounding_minor,
            copies: self.copies.into_domain(),
            training: self.training.into_domain(),
            drawer_openings: self.drawer_openings,
            no_sales: self.no_sales,
            discounts: self.discounts.into_domain(),
            voided_lines: self.voided_lines.into_domain(),
            abandoned: self.abandoned.into_domain(),
            cash_drops: self.cash_drops.into_domain(),
            paid_in: self.paid_in.into_domain(),
            paid_out: self.paid_out.into_domain(),
            burned_numbers: self.burned_numbers,
        })
    }
}
