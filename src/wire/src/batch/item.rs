//! One entry's bytes as a tree of CBOR items, where they are exactly what a plain writer of such a tree makes.

/// The deepest nesting that is looked into.
pub(super) const DEPTH_MAX: usize = 12;

/// An item that is not text, or the count of what follows in one that holds others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Head {
    Unsigned(u64),
    Negative(u64),
    Bytes(u64),
    Text(u64),
    Array(u64),
    Map(u64),
    Simple(u64),
}

/// A tree of items over an entry's bytes.
#[derive(Debug)]
pub(super) enum Item<'a> {
    Plain(Head),
    Text(&'a [u8], bool),
    Array(Vec<Item<'a>>),
    Map(Vec<u64>, Vec<Item<'a>>),
}

impl Head {
    const fn parts(self) -> (u8, u64) {
        match self {
            Self::Unsigned(value) => (0, value),
            Self::Negative(value) => (1, value),
            Self::Bytes(value) => (2, value),
            Self::Text(value) => (3, value),
            Self::Array(value) => (4, value),
            Self::Map(value) => (5, value),
            Self::Simple(value) => (7, value),
        }
    }

    pub(super) const fn value(self) -> u64 {
        self.parts().1
    }

    /// Writes it in as few bytes as can be.
    pub(super) fn write(self, to: &mut Vec<u8>) {
        let (major, value) = self.parts();
        let first = major << 5;
        let bytes = value.to_be_bytes();
        match value {
            0..=23 => to.push(first | bytes[7]),
            24..=0xff => to.extend_from_slice(&[first | 24, bytes[7]]),
            0x100..=0xffff => to.extend_from_slice(&[first | 25, bytes[6], bytes[7]]),
            0x1_0000..=0xffff_ffff => {
                to.push(first | 26);
                to.extend_from_slice(&bytes[4..]);
            }
            _ => {
                to.push(first | 27);
                to.extend_from_slice(&bytes);
            }
        }
    }
}

/// The tree of an entry; none where writing it again would give other bytes, or where it holds what the tree does not know.
pub(super) fn parse(bytes: &[u8]) -> Option<Item<'_>> {
    let mut from = Reader { bytes, at: 0 };
    let item = from.item(0)?;
    (from.at == bytes.len()).then_some(item)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..)?.get(..count)?;
        self.at += count;
        Some(taken)
    }

    fn head(&mut self) -> Option<Head> {
        let start = self.at;
        let first = *self.take(1)?.first()?;
        let more = match first & 0x1f {
            value @ 0..=23 => u64::from(value),
            size @ 24..=27 => self.take(1 << (size - 24))?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)),
            _ => return None,
        };
        let head = match first >> 5 {
            0 => Head::Unsigned(more),
            1 => Head::Negative(more),
            2 => Head::Bytes(more),
            3 => Head::Text(more),
            4 => Head::Array(more),
            5 => Head::Map(more),
            7 if first & 0x1f < 24 => Head::Simple(more),
            _ => return None,
        };
        let mut plain = Vec::with_capacity(9);
        head.write(&mut plain);
        (plain == self.bytes[start..self.at]).then_some(head)
    }

    fn item(&mut self, depth: usize) -> Option<Item<'a>> {
        if depth > DEPTH_MAX {
            return None;
        }
        // What is left bounds every count: an item has at least one byte.
        let fits = |from: &Self, count: u64| usize::try_from(count).ok().filter(|count| *count <= from.bytes.len() - from.at);
        Some(match self.head()? {
            Head::Array(count) => {
                let count = fits(self, count)?;
                Item::Array((0..count).map(|_| self.item(depth + 1)).collect::<Option<_>>()?)
            }
            Head::Map(count) => {
                let count = fits(self, count)?;
                let (mut keys, mut values) = (Vec::new(), Vec::new());
                for _ in 0..count {
                    let Head::Unsigned(key) = self.head()? else { return None };
                    keys.push(key);
                    values.push(self.item(depth + 1)?);
                }
                Item::Map(keys, values)
            }
            Head::Bytes(count) => Item::Text(self.take(usize::try_from(count).ok()?)?, true),
            Head::Text(count) => Item::Text(self.take(usize::try_from(count).ok()?)?, false),
            plain => Item::Plain(plain),
        })
    }
}
