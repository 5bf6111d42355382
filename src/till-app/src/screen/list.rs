//! Lists on the screen, changed by difference, so that what did not change is not drawn again.

use std::rc::Rc;

use slint::{Model as _, ModelRc, VecModel};

/// A list that a view shows.
pub struct List<T: 'static>(Rc<VecModel<T>>);

impl<T: Clone + PartialEq + 'static> List<T> {
    /// The list for a property of a view.
    #[must_use]
    pub fn model(&self) -> ModelRc<T> {
        self.0.clone().into()
    }

    /// Makes the list show `rows`.
    pub fn show(&self, rows: Vec<T>) {
        let shown = self.0.row_count();
        for (place, row) in rows.iter().enumerate().take(shown) {
            if self.0.row_data(place).as_ref() != Some(row) {
                self.0.set_row_data(place, row.clone());
            }
        }
        for place in (rows.len()..shown).rev() {
            self.0.remove(place);
        }
        if rows.len() > shown {
            self.0.extend(rows.into_iter().skip(shown));
        }
    }
}

impl<T: 'static> Default for List<T> {
    fn default() -> Self {
        Self(Rc::new(VecModel::default()))
    }
}
