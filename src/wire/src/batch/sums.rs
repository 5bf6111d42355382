//! What a closed sale's sums have to be, from its lines. Where the journal's format is otherwise, only bytes are lost.

use super::{coder::mix, model::MEMBER};

/// More rates than a country has.
const RATES_MAX: usize = 8;
const RATE_FULL: i128 = 10_000;

/// The keys of a closed sale.
struct Paths {
    sale: u64,
    line_unit: u64,
    line_rate: u64,
    line_qty: u64,
    vat_rate: u64,
    vat_gross: u64,
    vat: u64,
    rounding: u64,
    tender: u64,
    change: u64,
}

const fn paths(sale: u64) -> Paths {
    let line = mix(mix(sale, 6), MEMBER);
    let vat = mix(mix(sale, 7), MEMBER);
    let tender = mix(mix(sale, 9), MEMBER);
    Paths {
        sale,
        line_unit: mix(line, 5),
        line_rate: mix(line, 8),
        line_qty: mix(line, 9),
        vat_rate: mix(vat, 0),
        vat_gross: mix(vat, 1),
        vat: mix(vat, 2),
        rounding: mix(sale, 8),
        tender: mix(tender, 1),
        change: mix(sale, 10),
    }
}

/// The sums of one sale as it is read.
pub(super) struct Sums {
    paths: Paths,
    unit: i64,
    /// The rate of the line or the VAT row, and the row's gross.
    rate: i64,
    row: i64,
    gross: Vec<(i64, i64)>,
    /// What is still to be paid.
    due: i64,
}

impl Sums {
    /// Of sales whose body is at this path.
    pub(super) const fn of(sale: u64) -> Self {
        Self { paths: paths(sale), unit: 0, rate: 0, row: 0, gross: Vec::new(), due: 0 }
    }

    pub(super) fn begin(&mut self, path: u64) {
        if path == self.paths.sale {
            *self = Self::of(path);
        }
    }

    pub(super) fn note(&mut self, path: u64, number: i64) {
        let paths = &self.paths;
        if path == paths.line_unit {
            self.unit = number;
        } else if path == paths.line_rate || path == paths.vat_rate {
            self.rate = number;
        } else if path == paths.line_qty {
            self.line(self.unit.wrapping_mul(number));
        } else if path == paths.vat_gross {
            self.row = number;
        } else if path == paths.rounding {
            self.due = self.due.wrapping_add(number);
        } else if path == paths.tender {
            self.due = self.due.wrapping_sub(number);
        }
    }

    fn line(&mut self, gross: i64) {
        self.due = self.due.wrapping_add(gross);
        let known = self.gross.iter_mut().find(|(rate, _)| *rate == self.rate);
        if let Some((_, sum)) = known {
            *sum = sum.wrapping_add(gross);
        } else if self.gross.len() < RATES_MAX {
            self.gross.push((self.rate, gross));
        }
    }

    /// What a number has to be, if it is known.
    pub(super) fn expected(&self, path: u64) -> Option<i64> {
        let paths = &self.paths;
        if path == paths.vat_gross {
            self.gross.iter().find(|(rate, _)| *rate == self.rate).map(|(_, sum)| *sum)
        } else if path == paths.vat {
            Some(self.vat())
        } else if path == paths.tender {
            Some(self.due)
        } else if path == paths.change {
            Some(self.due.wrapping_neg())
        } else {
            None
        }
    }

    /// The VAT in the row's gross, rounded half away from zero.
    fn vat(&self) -> i64 {
        let (gross, rate) = (i128::from(self.row), i128::from(self.rate));
        let whole = RATE_FULL + rate;
        if whole <= 0 {
            return 0;
        }
        let vat = (gross.abs() * rate * 2 + whole) / (2 * whole) * gross.signum();
        i64::try_from(vat).unwrap_or_default()
    }
}
