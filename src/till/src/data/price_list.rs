//! What bundles bring: a price list with all that belongs to it, or a roster.

use bundle::{Files, Role};
use domain::{catalogue::Catalogue, vat::VatTable};

use super::{DataFault, OPERATOR, Operator, Roster, Timetable, catalogue, read_operator, roster, timetable, vat};

/// What a `prices` bundle brings: everything that decides what a product costs, in one piece.
#[derive(Clone, Debug)]
pub struct PriceList {
    /// What can be sold.
    pub catalogue: Catalogue,
    /// VAT rates; `None` where the built-in table stays.
    pub vat: Option<VatTable>,
    /// The trains.
    pub timetable: Timetable,
    /// Whose till it is.
    pub operator: Operator,
}

impl PriceList {
    /// Reads the files of a `prices` bundle.
    ///
    /// # Errors
    /// The first [`DataFault`] found: a file that is missing or has a bad row, or a product whose VAT class has no rate at home.
    pub fn of_files(files: &Files) -> Result<Self, DataFault> {
        let list = Self {
            catalogue: catalogue::read(text(files, catalogue::FILE)?)?,
            vat: if files.contains_key(vat::FILE) { Some(vat::read_vat(text(files, vat::FILE)?)?) } else { None },
            timetable: Timetable::read(text(files, timetable::FILE)?)?,
            operator: read_operator(text(files, OPERATOR)?)?,
        };
        list.check_vat()?;
        Ok(list)
    }

    /// A class without any rate could be sold nowhere.
    fn check_vat(&self) -> Result<(), DataFault> {
        let Some(table) = &self.vat else { return Ok(()) };
        let home = self.operator.country;
        let rated = |class| table.rows().iter().any(|row| row.country == home && row.class == class);
        let missing = self.catalogue.products().iter().find(|product| !rated(product.vat_class));
        missing.map_or(Ok(()), |product| {
            Err(DataFault {
                file: vat::FILE,
                item: "the table".to_owned(),
                what: format!("{} has no rate for {}, which {} is", home.code(), product.vat_class.code(), product.sku),
                todo: "Add a row for that class.",
            })
        })
    }
}

impl Roster {
    /// Reads the files of a `staff` bundle.
    ///
    /// # Errors
    /// The first [`DataFault`] found.
    pub fn of_files(files: &Files) -> Result<Self, DataFault> {
        Self::read(text(files, roster::FILE)?)
    }
}

/// Reads files as a till will, and says what they would be to it. For the hub and the depot.
///
/// # Errors
/// The first [`DataFault`] found.
pub fn check_files(role: Role, files: &Files) -> Result<(), DataFault> {
    match role {
        Role::Prices => PriceList::of_files(files).map(|_| ()),
        Role::Staff => Roster::of_files(files).map(|_| ()),
        Role::Root | Role::Image => Ok(()),
    }
}

fn text<'a>(files: &'a Files, file: &'static str) -> Result<&'a str, DataFault> {
    let fault = |what: &str, todo| DataFault { file, item: "the file".to_owned(), what: what.to_owned(), todo };
    let bytes = files.get(file).ok_or_else(|| fault("it is missing", "Add it; a bundle is whole or not at all."))?;
    core::str::from_utf8(bytes).map_err(|_| fault("it is no text in UTF-8", "Save it as UTF-8."))
}
