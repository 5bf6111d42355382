//! Foretells each item of an entry from those before it, and says only where it is wrong.
//!
//! A path names a place in the tree: the keys from the root. Every choice below is part of the format.

mod numbered;
mod text;

use std::collections::HashMap;

use super::{
    coder::{Broken, Coder, index, mix},
    item::{DEPTH_MAX, Head, Item},
    sums::Sums,
};
use numbered::Numbered;

/// The most bytes of an entry that is foretold; a longer one is packed as bytes.
pub(super) const FORETOLD_ENTRY_BYTES_MAX: usize = 16 * 1024;
// What is remembered has limits, so that a hostile batch costs little memory; beyond them nothing new is learned.
const GUESSES_MAX: usize = 1 << 17;
const PATHS_MAX: usize = 1 << 14;
const NUMBERED_WORDS_MAX: usize = 1 << 15;
/// Texts and shapes with a number of their own; the last number is that of whichever was read last.
const TEXTS_MAX: usize = 1 << 15;
const SHAPES_MAX: usize = 1 << 12;
/// The most values of a path that have a number of their own.
const WORDS_MAX: usize = 256;
const WORD_BITS: u32 = 8;
/// How many values that cost something are at hand for the next ones, and texts of a path for the next one.
const RECENT: usize = 8;
const RECENT_BITS: u32 = 3;
/// Both clocks count the same time, one in whole seconds; where they are further apart, one was set.
const CLOCKS_APART_MS: u64 = 1000;
/// A foretelling that came true so often is trusted most.
const TRUE_MAX: u8 = 3;

// What the journal's format says of an entry. Where it is otherwise, only bytes are lost.
const KEY_KIND: u64 = 2;
const KEY_WALL_S: u64 = 3;
const KEY_UPTIME_MS: u64 = 6;
const KEY_BODY: u64 = 12;
const KEY_SEQ: u64 = 1;
const KIND_SALE_CLOSED: u64 = 40;
/// Stands in a path for any member of an array.
pub(super) const MEMBER: u64 = u64::MAX;

/// An item where texts and shapes of maps are known by number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Value {
    Unsigned(u64),
    Negative(u64),
    Bytes(u32),
    Text(u32),
    Array(u64),
    Map(u32),
    Simple(u64),
}

impl Value {
    const fn of(number: i64) -> Self {
        if number < 0 { Self::Negative(!number.cast_unsigned()) } else { Self::Unsigned(number.cast_unsigned()) }
    }

    const fn number(self) -> Option<i64> {
        match self {
            Self::Unsigned(value) => Some(value.cast_signed()),
            Self::Negative(value) => Some(!value.cast_signed()),
            _ => None,
        }
    }

    const fn parts(self) -> (u64, u64) {
        match self {
            Self::Unsigned(value) => (0, value),
            Self::Negative(value) => (1, value),
            Self::Bytes(text) => (2, text as u64),
            Self::Text(text) => (3, text as u64),
            Self::Array(count) => (4, count),
            Self::Map(shape) => (5, shape as u64),
            Self::Simple(value) => (6, value),
        }
    }

    const fn hash(self) -> u64 {
        let (kind, value) = self.parts();
        mix(kind + 1, value)
    }
}

/// Where an item stands, and what stood before it.
#[derive(Clone, Copy, Default)]
struct Place {
    path: u64,
    /// The path to what the odds are; around the body they depend on what happened, and what before.
    odds: u64,
    depth: usize,
    /// The item before, and the one before that.
    before: [u64; 2],
    /// The first text of the same map.
    name: u64,
}

#[derive(Clone, Copy)]
struct Guess {
    value: Value,
    came_true: u8,
}

/// What a path has seen.
#[derive(Default)]
struct Seen {
    last: Option<Value>,
    /// The last whole number, and how far it was from the one before.
    number: u64,
    step: u64,
    words: Vec<Value>,
    /// The last texts that were new, and the entry's `seq` then.
    texts: Vec<(u32, u64)>,
}

/// What both sides have learned from a batch so far.
pub(super) struct Model<'a> {
    coder: Coder<'a>,
    guesses: HashMap<u64, Guess>,
    word_numbers: HashMap<(u64, Value), u64>,
    seen: HashMap<u64, Seen>,
    texts: Numbered<u8>,
    shapes: Numbered<u64>,
    /// Values that were not foretold: numbers, and texts.
    recent: [Vec<Value>; 2],
    /// The entry's kind, `seq` and wall clock.
    kind: u64,
    seq: u64,
    wall_s: u64,
    /// What the till's own clock was when the wall clock was zero, within a second.
    started_ms: u64,
    sums: Sums,
    /// What was read of the entry.
    read: Vec<u8>,
}

impl<'a> Model<'a> {
    pub(super) fn new(coder: Coder<'a>) -> Self {
        Self {
            coder,
            guesses: HashMap::new(),
            word_numbers: HashMap::new(),
            seen: HashMap::new(),
            texts: Numbered::up_to(TEXTS_MAX),
            shapes: Numbered::up_to(SHAPES_MAX),
            recent: [Vec::new(), Vec::new()],
            sums: Sums::of(SALE_CLOSED),
            kind: 0,
            seq: 0,
            wall_s: 0,
            started_ms: 0,
            read: Vec::new(),
        }
    }

    pub(super) const fn coder(&mut self) -> &mut Coder<'a> {
        &mut self.coder
    }

    pub(super) fn into_coder(self) -> Coder<'a> {
        self.coder
    }

    /// Writes an entry's tree, or reads one. The entry's bytes, either way.
    pub(super) fn entry(&mut self, known: Option<&Item<'_>>) -> Result<Vec<u8>, Broken> {
        self.item(Place::default(), known)?;
        Ok(core::mem::take(&mut self.read))
    }

    fn item(&mut self, place: Place, known: Option<&Item<'_>>) -> Result<Value, Broken> {
        if place.depth > DEPTH_MAX {
            return Err(Broken("nested too deep"));
        }
        let value = self.value(&place, known)?;
        if self.coder.is_short() {
            return Err(Broken("it ends too early"));
        }
        self.learn(&place, value);
        match value {
            Value::Array(count) => self.array(&place, count, known)?,
            Value::Map(shape) => self.map(&place, shape, known)?,
            Value::Text(text) => self.read_text(Head::Text, text)?,
            Value::Bytes(text) => self.read_text(Head::Bytes, text)?,
            Value::Unsigned(value) => self.read_head(Head::Unsigned(value))?,
            Value::Negative(value) => self.read_head(Head::Negative(value))?,
            Value::Simple(value) => self.read_head(Head::Simple(value))?,
        }
        Ok(value)
    }

    fn array(&mut self, place: &Place, count: u64, known: Option<&Item<'_>>) -> Result<(), Broken> {
        self.read_head(Head::Array(count))?;
        let count = self.fits(count)?;
        let mut within = Place {
            path: mix(place.path, MEMBER),
            odds: mix(place.path, MEMBER),
            depth: place.depth + 1,
            before: [0, place.before[0]],
            name: 0,
        };
        for index in 0..count {
            let known = if let Some(Item::Array(items)) = known { items.get(index) } else { None };
            within.before[0] = match self.item(within, known)? {
                // Which of them it is tells more of the next than that it was one.
                Value::Array(_) | Value::Map(_) => index as u64 + 1,
                plain => plain.hash(),
            };
        }
        Ok(())
    }

    fn map(&mut self, place: &Place, shape: u32, known: Option<&Item<'_>>) -> Result<(), Broken> {
        let keys = self.shapes.at(shape);
        self.read_head(Head::Map(keys.len() as u64))?;
        let mut within = Place { depth: place.depth + 1, before: place.before, ..Place::default() };
        let (kind_before, mut kind) = (self.kind, 0);
        for (index, key) in keys.iter().enumerate() {
            self.read_head(Head::Unsigned(*key))?;
            let known = if let Some(Item::Map(_, values)) = known { values.get(index) } else { None };
            within.path = mix(place.path, *key);
            if place.depth == 0 && *key == KEY_BODY {
                within.path = mix(within.path, kind);
            }
            within.odds = if place.depth == 0 { mix(mix(within.path, kind), kind_before) } else { within.path };
            let value = self.item(within, known)?;
            within.before = [value.hash(), within.before[0]];
            if within.name == 0 && matches!(value, Value::Text(_)) {
                within.name = value.hash();
            }
            if place.depth == 0 && *key == KEY_KIND {
                kind = value.hash();
                self.kind = kind;
            }
        }
        Ok(())
    }

    /// Counts are believed only as far as there is room: each item has a byte at least.
    fn fits(&self, count: u64) -> Result<usize, Broken> {
        let room = FORETOLD_ENTRY_BYTES_MAX.saturating_sub(self.read.len());
        usize::try_from(count).ok().filter(|count| *count <= room).ok_or(Broken("an entry is longer than its kind may be"))
    }

    fn read_head(&mut self, head: Head) -> Result<(), Broken> {
        self.fits(9)?;
        head.write(&mut self.read);
        Ok(())
    }

    fn read_text(&mut self, head: fn(u64) -> Head, text: u32) -> Result<(), Broken> {
        let bytes = self.texts.at(text);
        self.fits(bytes.len() as u64 + 9)?;
        head(bytes.len() as u64).write(&mut self.read);
        self.read.extend_from_slice(&bytes);
        Ok(())
    }

    /// The value that an item is, unless it has a text or a shape that is new.
    fn known(&self, item: &Item<'_>) -> Option<Value> {
        Some(match item {
            Item::Plain(Head::Unsigned(value)) => Value::Unsigned(*value),
            Item::Plain(Head::Negative(value)) => Value::Negative(*value),
            Item::Plain(head) => Value::Simple(head.value()),
            Item::Text(bytes, true) => Value::Bytes(self.texts.number(bytes)?),
            Item::Text(bytes, false) => Value::Text(self.texts.number(bytes)?),
            Item::Array(items) => Value::Array(items.len() as u64),
            Item::Map(keys, _) => Value::Map(self.shapes.number(keys)?),
        })
    }

    /// One item: foretold, or at hand, or one of the path's words, or new.
    fn value(&mut self, place: &Place, known: Option<&Item<'_>>) -> Result<Value, Broken> {
        let given = known.and_then(|item| self.known(item));
        if let Some(value) = self.foretold(place, given) {
            return Ok(value);
        }
        if place.depth > 1
            && let Some(value) = self.at_hand(place, given)
        {
            return Ok(value);
        }
        let value = match self.word(place, given)? {
            Some(value) => value,
            None => self.new_value(place, known)?,
        };
        Ok(value)
    }

    fn foretold(&mut self, place: &Place, given: Option<Value>) -> Option<Value> {
        let seen = self.seen.get(&place.path)?;
        let last = seen.last?;
        let next = matches!(last, Value::Unsigned(_)).then(|| Value::Unsigned(seen.number.wrapping_add(seen.step)));
        let next = self.sums.expected(place.path).map(Value::of).or(next);
        let mut tried = [None; 5];
        for (which, tries) in (0..5).enumerate() {
            let (value, trust) = match tries {
                0 => (next, 0),
                4 => (Some(last), 0),
                _ => {
                    let guess = self.guesses.get(&place.contexts(last)[tries - 1]);
                    (guess.map(|guess| guess.value), guess.map_or(0, |guess| u64::from(guess.came_true)))
                }
            };
            let Some(value) = value else { continue };
            if tried.contains(&Some(value)) {
                continue;
            }
            tried[which] = Some(value);
            let context = mix(mix(place.odds, 16 + tries as u64), trust);
            if self.coder.bit(context, given == Some(value)) {
                return Some(value);
            }
        }
        None
    }

    /// A number or a text that cost something a short while ago.
    fn at_hand(&mut self, place: &Place, given: Option<Value>) -> Option<Value> {
        let ring = self.ring(place);
        if self.recent[ring].is_empty() {
            return None;
        }
        let number = self.recent[ring].iter().position(|value| Some(*value) == given);
        if !self.coder.bit(mix(place.odds, 32), number.is_some()) {
            return None;
        }
        let number = self.coder.tree(mix(place.odds, 33), RECENT_BITS, number.unwrap_or_default() as u64);
        // A number beyond is a hostile batch's; any value will do.
        self.recent[ring].get(index(number)).or(self.recent[ring].last()).copied()
    }

    fn ring(&self, place: &Place) -> usize {
        let last = self.seen.get(&place.path).and_then(|seen| seen.last);
        usize::from(matches!(last, Some(Value::Text(_) | Value::Bytes(_))))
    }

    fn word(&mut self, place: &Place, given: Option<Value>) -> Result<Option<Value>, Broken> {
        if !self.seen.contains_key(&place.path) {
            return Ok(None);
        }
        let number = given.and_then(|value| self.word_numbers.get(&(place.path, value)).copied());
        if !self.coder.bit(mix(place.odds, 40), number.is_some()) {
            return Ok(None);
        }
        let number = self.coder.tree(mix(place.odds, 41), WORD_BITS, number.unwrap_or_default());
        let word = self.seen.get(&place.path).and_then(|seen| seen.words.get(index(number)).copied());
        let word = word.ok_or(Broken("a word that is not known"))?;
        if matches!(word, Value::Unsigned(_) | Value::Negative(_)) {
            self.keep_at_hand(place, 0, word);
        }
        Ok(Some(word))
    }

    fn keep_at_hand(&mut self, place: &Place, ring: usize, value: Value) {
        if place.depth > 1 {
            self.recent[ring].insert(0, value);
            self.recent[ring].truncate(RECENT);
        }
    }

    fn new_value(&mut self, place: &Place, known: Option<&Item<'_>>) -> Result<Value, Broken> {
        let path = place.odds;
        let kind = known.map_or(0, |item| match item {
            Item::Plain(Head::Unsigned(_)) => 0,
            Item::Plain(Head::Negative(_)) => 1,
            Item::Text(_, true) => 2,
            Item::Text(_, false) => 3,
            Item::Array(_) => 4,
            Item::Map(..) => 5,
            Item::Plain(_) => 6,
        });
        let plain = if let Some(Item::Plain(head)) = known { head.value() } else { 0 };
        Ok(match self.coder.tree(mix(path, 48), 3, kind) {
            0 => {
                let base = self.base(place);
                // How far the clocks are apart has nothing to do with what happened.
                let context = if place.path == UPTIME_MS { place.path } else { path };
                let step = self.coder.signed(mix(context, 49), plain.wrapping_sub(base).cast_signed());
                let value = Value::Unsigned(base.wrapping_add(step.cast_unsigned()));
                self.keep_at_hand(place, 0, value);
                value
            }
            1 => Value::Negative(self.coder.number(mix(path, 50), plain)),
            kind @ 2..=3 => {
                let bytes = if let Some(Item::Text(bytes, _)) = known { bytes } else { &[][..] };
                let text = self.new_text(place, bytes)?;
                let value = if kind == 2 { Value::Bytes(text) } else { Value::Text(text) };
                self.keep_at_hand(place, 1, value);
                value
            }
            4 => {
                let count = if let Some(Item::Array(items)) = known { items.len() as u64 } else { 0 };
                Value::Array(self.coder.number(mix(path, 51), count))
            }
            5 => {
                let keys = if let Some(Item::Map(keys, _)) = known { keys } else { &[][..] };
                Value::Map(self.new_shape(path, keys)?)
            }
            6 => match self.coder.tree(mix(path, 52), 5, plain) {
                value @ 0..24 => Value::Simple(value),
                _ => return Err(Broken("there is no such simple value")),
            },
            _ => return Err(Broken("there is no such kind of item")),
        })
    }

    /// What a new number is told from: the last one of its path; the till's own clock runs beside the wall clock.
    fn base(&self, place: &Place) -> u64 {
        if place.path == UPTIME_MS {
            return self.started_ms.wrapping_add(self.wall_s.wrapping_mul(1000));
        }
        self.seen.get(&place.path).map_or(0, |seen| seen.number)
    }

    /// The start of the till by the wall clock follows what was read, where one of both clocks was set.
    fn learn_start(&mut self, uptime_ms: u64) {
        let started_ms = uptime_ms.wrapping_sub(self.wall_s.wrapping_mul(1000));
        if started_ms.wrapping_sub(self.started_ms) >= CLOCKS_APART_MS {
            self.started_ms = started_ms;
        }
    }

    fn new_shape(&mut self, path: u64, keys: &[u64]) -> Result<u32, Broken> {
        let count = self.coder.number(mix(path, 56), keys.len() as u64);
        let count = self.fits(count)?;
        let mut shape = Vec::with_capacity(count);
        let mut before = 0;
        for index in 0..count {
            let key = keys.get(index).copied().unwrap_or_default();
            // Keys grow, where they are as the journal writes them.
            let step = self.coder.signed(mix(path, 57), key.wrapping_sub(before).cast_signed());
            before = before.wrapping_add(step.cast_unsigned());
            shape.push(before);
            if self.coder.is_short() {
                return Err(Broken("it ends too early"));
            }
        }
        Ok(self.shapes.keep(&shape))
    }

    fn seen_at(&mut self, path: u64) -> Option<&mut Seen> {
        let full = self.seen.len() >= PATHS_MAX;
        if full { self.seen.get_mut(&path) } else { Some(self.seen.entry(path).or_default()) }
    }

    fn learn(&mut self, place: &Place, value: Value) {
        if let Some(last) = self.seen.get(&place.path).and_then(|seen| seen.last) {
            for context in place.contexts(last) {
                self.remember(context, value);
            }
        }
        let with_word = self.word_numbers.len() < NUMBERED_WORDS_MAX && !self.word_numbers.contains_key(&(place.path, value));
        let mut word = None;
        if let Some(seen) = self.seen_at(place.path) {
            seen.last = Some(value);
            if let Value::Unsigned(number) = value {
                seen.step = number.wrapping_sub(seen.number);
                seen.number = number;
            }
            if with_word && seen.words.len() < WORDS_MAX {
                word = Some(seen.words.len() as u64);
                seen.words.push(value);
            }
        }
        if let Some(word) = word {
            self.word_numbers.insert((place.path, value), word);
        }
        if let Some(number) = value.number() {
            self.sums.note(place.path, number);
        }
        match value {
            Value::Map(_) => self.sums.begin(place.path),
            Value::Unsigned(wall_s) if place.path == WALL_S => self.wall_s = wall_s,
            Value::Unsigned(uptime_ms) if place.path == UPTIME_MS => self.learn_start(uptime_ms),
            Value::Unsigned(seq) if place.path == SEQ => self.seq = seq,
            _ => {}
        }
    }

    fn remember(&mut self, context: u64, value: Value) {
        let full = self.guesses.len() >= GUESSES_MAX;
        match self.guesses.get_mut(&context) {
            Some(guess) if guess.value == value => guess.came_true = (guess.came_true + 1).min(TRUE_MAX),
            Some(guess) => *guess = Guess { value, came_true: 0 },
            None if full => {}
            None => {
                self.guesses.insert(context, Guess { value, came_true: 0 });
            }
        }
    }
}

const SALE_CLOSED: u64 = mix(mix(0, KEY_BODY), Value::Unsigned(KIND_SALE_CLOSED).hash());
const SEQ: u64 = mix(0, KEY_SEQ);
const WALL_S: u64 = mix(0, KEY_WALL_S);
const UPTIME_MS: u64 = mix(0, KEY_UPTIME_MS);

impl Place {
    /// What a value may follow from, the most telling first.
    const fn contexts(&self, last: Value) -> [u64; 3] {
        let named = if self.name == 0 { self.before[0] } else { self.name };
        [mix(mix(mix(self.path, 1), self.before[0]), self.before[1]), mix(mix(self.path, 2), named), mix(mix(self.path, 3), last.hash())]
    }
}
