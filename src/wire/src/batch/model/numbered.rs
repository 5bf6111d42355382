//! Texts and shapes by number.

use std::{collections::HashMap, hash::Hash, rc::Rc};

/// Lists by number. Once it is full, the last number is that of whichever was kept last.
pub(super) struct Numbered<T> {
    most: usize,
    all: Vec<Rc<[T]>>,
    numbers: HashMap<Rc<[T]>, u32>,
}

impl<T: Copy + Eq + Hash> Numbered<T> {
    pub(super) fn up_to(most: usize) -> Self {
        Self { most, all: Vec::new(), numbers: HashMap::new() }
    }

    pub(super) fn number(&self, one: &[T]) -> Option<u32> {
        self.numbers.get(one).copied()
    }

    pub(super) fn at(&self, number: u32) -> Rc<[T]> {
        self.all.get(number as usize).cloned().unwrap_or_else(|| Rc::from([]))
    }

    pub(super) fn keep(&mut self, one: &[T]) -> u32 {
        if let Some(number) = self.number(one) {
            return number;
        }
        let one: Rc<[T]> = Rc::from(one);
        if self.all.len() > self.most {
            self.all[self.most] = one;
            return number_of(self.most);
        }
        if self.all.len() < self.most {
            self.numbers.insert(Rc::clone(&one), number_of(self.all.len()));
        }
        self.all.push(one);
        number_of(self.all.len() - 1)
    }
}

fn number_of(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
