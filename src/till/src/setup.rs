//! What a till is set up with: who runs it, what it sells, where it runs, who may use it.

use chrono_tz::Tz;
use domain::{
    catalogue::Catalogue,
    vat::{Country, VatTable},
};

use crate::data::{Operator, Provision, Roster, Timetable};

/// Whether receipts need a control unit's code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ControlRule {
    /// The law asks for no unit.
    #[default]
    None,
    /// No receipt of a sale in Sweden, no copy and no training receipt of one without the unit's code. Source: SKVFS 2014:9, 4:9.
    /// What is sold where another country's VAT is owed is that country's: a Swedish unit knows no rates but Sweden's.
    Sweden,
}

impl ControlRule {
    /// Whether a receipt needs the unit's code where this country's VAT is owed.
    #[must_use]
    pub fn wants_code(self, country: Country) -> bool {
        self == Self::Sweden && country == Country::Se
    }
}

/// Everything that stands fixed while a till runs.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Program and version, as receipts and the journal name it.
    pub program: String,
    /// The unit's label, four digits by custom.
    pub unit: String,
    /// How many registers of this unit came before this card, by the hub's count at its enrolment. A log that begins is numbered above them.
    pub registers_before: u32,
    /// Who sells.
    pub operator: Operator,
    /// What is sold.
    pub catalogue: Catalogue,
    /// Trains.
    pub timetable: Timetable,
    /// Who may sign in.
    pub roster: Roster,
    /// VAT rates.
    pub vat: VatTable,
    /// Local time.
    pub zone: Tz,
    /// Whether receipts need a control unit's code.
    pub control: ControlRule,
    /// Which run of the machine this is: the kernel's boot id. Empty where there is none.
    pub machine_boot: Vec<u8>,
}

impl Setup {
    /// A till of the Nordic countries, on Stockholm time, with this provision.
    #[must_use]
    pub fn nordic(provision: Provision, program: &str, unit: &str) -> Self {
        let Provision { catalogue, timetable, roster, operator } = provision;
        Self {
            program: program.into(),
            unit: unit.into(),
            registers_before: 0,
            operator,
            catalogue,
            timetable,
            roster,
            vat: VatTable::nordic_2026(),
            zone: chrono_tz::Europe::Stockholm,
            control: ControlRule::None,
            machine_boot: Vec::new(),
        }
    }
}
