//! Pieces that a scale has labelled: each has its own price.

use super::{LineNo, Offer, OpenSale, Priced};
use crate::{
    Money, Refusal,
    catalogue::{Label, Labelled, Product},
};

impl OpenSale {
    /// Adds the piece that a label is on. Equal labels share a line.
    ///
    /// # Errors
    /// As [`OpenSale::add`], [`Refusal::GtinUnknown`], and [`Refusal::AmountNotPositive`] for a label of nothing.
    pub fn add_labelled(&mut self, offer: Offer<'_>, label: Label) -> Result<LineNo, Refusal> {
        let product = offer.catalogue.by_item(label.item)?;
        let listed = self.price(product).map(|minor| Money::new(minor, self.terms.currency));
        let per_kg = match label.says {
            // What stands on the label holds, whatever the list says or does not say.
            Labelled::PriceMinor(_) => Money::zero(self.terms.currency),
            Labelled::WeightG(_) => listed?,
        };
        let unit_minor = label.says.price(per_kg)?.minor();
        self.put(offer, product, 1, Priced { name: line_name(product, label.says, per_kg), unit_minor })
    }
}

/// The name of the line. A weight and what a kilogram costs stand in it, as a receipt must show them.
fn line_name(product: &Product, says: Labelled, per_kg: Money) -> Box<str> {
    match says {
        Labelled::PriceMinor(_) => product.name.sv.clone(),
        Labelled::WeightG(grams) => {
            let (kg, g) = (grams.div_euclid(1000), grams.rem_euclid(1000));
            let price = per_kg.to_string().replace('.', ",");
            format!("{} {kg},{g:03} kg à {price}/kg", product.name.sv).into()
        }
    }
}
