//! The products on the screen. With thousands of them a tap must not go through all again, so each answer is kept until its question
//! changes, and a tile is made when the window looks at it.

use std::{cell::RefCell, rc::Rc};

use slint::{Model, ModelNotify, ModelRc, ModelTracker};

use crate::screen::{list::List, present::sell::Wares};

/// Categories, the tiles of one of them, and the tiles that a search found.
#[derive(Default)]
pub(in crate::screen) struct Shelf {
    pub categories: List<ui::Category>,
    pub products: Tiles,
    pub found: Tiles,
    wares: Option<Wares>,
    category: Option<String>,
    query: Option<String>,
}

impl Shelf {
    /// Shows `category` and what `query` finds.
    pub fn show(&mut self, wares: Wares, category: &str, query: &str) {
        if !self.wares.as_ref().is_some_and(|shown| shown.same(&wares)) {
            self.categories.show(wares.categories());
            self.wares = Some(wares);
            (self.category, self.query) = (None, None);
        }
        let Some(wares) = &self.wares else { return };
        if self.category.as_deref() != Some(category) {
            self.products.show(wares, wares.shelf(category));
            self.category = Some(category.to_owned());
        }
        if self.query.as_deref() != Some(query) {
            self.found.show(wares, wares.found(query));
            self.query = Some(query.to_owned());
        }
    }
}

/// Tiles that are made when they are looked at.
#[derive(Default)]
pub(in crate::screen) struct Tiles(Rc<Shown>);

#[derive(Default)]
struct Shown {
    tiles: RefCell<(Option<Wares>, Vec<usize>)>,
    notify: ModelNotify,
}

impl Tiles {
    /// The list for a property of a view.
    pub fn model(&self) -> ModelRc<ui::Product> {
        self.0.clone().into()
    }

    fn show(&self, wares: &Wares, places: Vec<usize>) {
        *self.0.tiles.borrow_mut() = (Some(wares.clone()), places);
        self.0.notify.reset();
    }
}

impl Model for Shown {
    type Data = ui::Product;

    fn row_count(&self) -> usize {
        self.tiles.borrow().1.len()
    }

    fn row_data(&self, row: usize) -> Option<ui::Product> {
        let tiles = self.tiles.borrow();
        let place = *tiles.1.get(row)?;
        tiles.0.as_ref()?.tile(place)
    }

    fn model_tracker(&self) -> &dyn ModelTracker {
        &self.notify
    }
}
