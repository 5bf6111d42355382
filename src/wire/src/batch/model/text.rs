//! Texts that are new to a batch.

use std::rc::Rc;

use super::{Model, Place, RECENT, RECENT_BITS};
use crate::batch::coder::{Broken, index, mix};

impl Model<'_> {
    /// A text: how much of an earlier one it repeats, and the rest as a number that counts on, or byte by byte.
    pub(super) fn new_text(&mut self, place: &Place, bytes: &[u8]) -> Result<u32, Broken> {
        let path = place.path;
        let (base, base_seq) = self.text_base(path, bytes);
        let shared = shared_length(&base, bytes);
        let shared = self.coder.number(mix(path, 65), shared as u64);
        let shared = usize::try_from(shared).ok().filter(|shared| *shared <= base.len()).ok_or(Broken("more than there is to repeat"))?;
        let mut text = base[..shared].to_vec();
        // The digits that both end in, from the first of them.
        let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let start = shared - digits;
        let counted = counter(&base[start..]);
        let number = if bytes.len() >= start { counter(&bytes[start..]) } else { None };
        if let Some(counted) = counted
            && self.coder.bit(mix(path, 66), number.is_some())
        {
            let ahead = counted.wrapping_add(self.seq.wrapping_sub(base_seq));
            let step = self.coder.signed(mix(path, 67), number.unwrap_or_default().wrapping_sub(ahead).cast_signed());
            text.truncate(start);
            text.extend_from_slice(ahead.wrapping_add(step.cast_unsigned()).to_string().as_bytes());
        } else {
            let rest = bytes.get(shared..).unwrap_or_default();
            let length = self.coder.number(mix(path, 68), rest.len() as u64);
            let length = self.fits(length)?;
            // What stands after the same mark is of the same kind: digits after a star, letters after a blank.
            let mut mark = text.iter().rev().find(|byte| is_mark(**byte)).copied().unwrap_or_default();
            for index in 0..length {
                let above = base.get(shared + index).copied().filter(|byte| is_mark(*byte)).unwrap_or_default();
                let before = text.last().is_some_and(|byte| *byte == mark);
                let context = mix(mix(path, 69), u64::from(above) << 16 | u64::from(mark) << 8 | u64::from(before));
                let byte = self.coder.tree(context, 8, rest.get(index).copied().unwrap_or_default().into());
                let byte = byte.to_le_bytes()[0];
                text.push(byte);
                if is_mark(byte) {
                    mark = byte;
                }
            }
            if self.coder.is_short() {
                return Err(Broken("it ends too early"));
            }
        }
        Ok(self.keep_text(path, &text))
    }

    fn text_base(&mut self, path: u64, bytes: &[u8]) -> (Rc<[u8]>, u64) {
        let texts = self.seen.get(&path).map_or(&[][..], |seen| &seen.texts);
        if texts.is_empty() {
            return (Rc::default(), self.seq);
        }
        let shared = |(text, _): &(u32, u64)| shared_length(&self.texts.at(*text), bytes);
        let best = (0..texts.len()).rev().max_by_key(|index| shared(&texts[*index])).unwrap_or_default();
        let number = self.coder.tree(mix(path, 64), RECENT_BITS, best as u64);
        let (text, seq) = texts[index(number).min(texts.len() - 1)];
        (self.texts.at(text), seq)
    }

    fn keep_text(&mut self, path: u64, text: &[u8]) -> u32 {
        let number = self.texts.keep(text);
        let seq = self.seq;
        if let Some(seen) = self.seen_at(path) {
            seen.texts.insert(0, (number, seq));
            seen.texts.truncate(RECENT);
        }
        number
    }
}

/// Digits that a number is written with.
fn counter(bytes: &[u8]) -> Option<u64> {
    const DIGITS_MAX: usize = 18;
    let plain = (1..=DIGITS_MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit) && (bytes[0] != b'0' || bytes.len() == 1);
    plain.then(|| bytes.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// How long a beginning two texts share, up to a mark if there is one: equal letters of two codes tell nothing.
fn shared_length(one: &[u8], other: &[u8]) -> usize {
    let shared = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let mark = one[..shared].iter().rposition(|byte| is_mark(*byte));
    if shared == other.len() { shared } else { mark.map_or(shared, |mark| mark + 1) }
}

/// What parts a text.
const fn is_mark(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric()
}
