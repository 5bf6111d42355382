//! A binary arithmetic coder whose odds follow what it has seen.

/// Bytes that are not what a writer makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Broken(pub(super) &'static str);

/// Odds that are kept apart, a power of two. Part of the format.
const ODDS_BITS: u32 = 17;
/// How many bits a context has seen before its odds move slowly. Part of the format.
const SEEN_MAX: u8 = 60;
/// The odds' full scale.
const SCALE_BITS: u32 = 16;

/// How likely a 1 is, in 65,536ths, and after how many bits.
#[derive(Clone, Copy)]
struct Odds {
    one: u16,
    seen: u8,
}

impl Odds {
    const EVEN: Self = Self { one: 1 << (SCALE_BITS - 1), seen: 0 };

    fn learn(&mut self, bit: bool) {
        // The first bits of a context count most: it is young in every batch.
        let step = 2 * i32::from(self.seen) + 3;
        let target = if bit { i32::from(u16::MAX) } else { 0 };
        let one = i32::from(self.one) + (target - i32::from(self.one)) * 2 / step;
        self.one = u16::try_from(one.clamp(32, i32::from(u16::MAX) - 32)).unwrap_or(u16::MAX / 2);
        self.seen = (self.seen + 1).min(SEEN_MAX);
    }
}

/// Which way the bits go.
enum Way<'a> {
    Writing(Vec<u8>),
    Reading { bytes: &'a [u8], window: u32 },
}

/// Writes bits, or reads those that were written. Both ways run through the same calls, so they cannot drift apart.
pub(super) struct Coder<'a> {
    way: Way<'a>,
    low: u32,
    high: u32,
    /// Bytes that are decided.
    settled: usize,
    odds: Vec<Odds>,
}

impl<'a> Coder<'a> {
    pub(super) fn writing() -> Self {
        Self::new(Way::Writing(Vec::new()))
    }

    pub(super) fn reading(bytes: &'a [u8]) -> Self {
        let mut window = [0; 4];
        window.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Self::new(Way::Reading { bytes, window: u32::from_be_bytes(window) })
    }

    fn new(way: Way<'a>) -> Self {
        Self { way, low: 0, high: u32::MAX, settled: 0, odds: vec![Odds::EVEN; 1 << ODDS_BITS] }
    }

    /// Writes `bit`, or reads one and passes over what was given.
    pub(super) fn bit(&mut self, context: u64, bit: bool) -> bool {
        let place = usize::try_from(context >> (64 - ODDS_BITS)).unwrap_or_default();
        let odds = &mut self.odds[place];
        let span = (u64::from(self.high - self.low) * u64::from(odds.one)) >> SCALE_BITS;
        let middle = self.low + u32::try_from(span).unwrap_or_default();
        let bit = match &self.way {
            Way::Writing(_) => bit,
            Way::Reading { window, .. } => *window <= middle,
        };
        odds.learn(bit);
        if bit {
            self.high = middle
        } else {
            self.low = middle + 1
        }
        while (self.low ^ self.high) >> 24 == 0 {
            self.settle();
        }
        bit
    }

    fn settle(&mut self) {
        match &mut self.way {
            Way::Writing(bytes) => bytes.extend_from_slice(&self.high.to_be_bytes()[..1]),
            Way::Reading { bytes, window } => {
                let next = bytes.get(self.settled + 4).copied().unwrap_or_default();
                *window = *window << 8 | u32::from(next);
            }
        }
        self.settled += 1;
        self.low <<= 8;
        self.high = self.high << 8 | 0xff;
    }

    /// A number of so many bits, highest first; each bit has odds of its own behind those before it.
    pub(super) fn tree(&mut self, context: u64, bits: u32, value: u64) -> u64 {
        let mut node = 1;
        for place in (0..bits).rev() {
            let bit = self.bit(mix(context, node), value >> place & 1 == 1);
            node = node << 1 | u64::from(bit);
        }
        node - (1 << bits)
    }

    /// Any number: small ones are short, and so is what comes often.
    pub(super) fn number(&mut self, context: u64, value: u64) -> u64 {
        /// Digits below the first that depend on each other.
        const LEARNED: u32 = 4;
        let size = self.tree(mix(context, 1), 7, u64::from(64 - value.leading_zeros()));
        let size = u32::try_from(size).unwrap_or_default().min(64);
        if size < 2 {
            return u64::from(size);
        }
        let mut read = 1;
        for place in (0..size - 1).rev() {
            let above = size - 2 - place;
            let node = if above < LEARNED { read } else { u64::MAX - u64::from(above) };
            let bit = self.bit(mix(mix(context, u64::from(size) + 2), node), value >> place & 1 == 1);
            read = read << 1 | u64::from(bit);
        }
        read
    }

    /// A number that may be negative.
    pub(super) fn signed(&mut self, context: u64, value: i64) -> i64 {
        let folded = (value << 1 ^ value >> 63).cast_unsigned();
        let folded = self.number(context, folded);
        (folded >> 1).cast_signed() ^ -((folded & 1).cast_signed())
    }

    /// What was written.
    pub(super) fn written(self) -> Vec<u8> {
        match self.way {
            Way::Reading { .. } => Vec::new(),
            Way::Writing(mut bytes) => {
                // The first bytes of both ends differ, so this one byte with zeros behind it lies between them.
                bytes.extend_from_slice(&(self.high >> 24 << 24).to_be_bytes()[..1]);
                bytes
            }
        }
    }

    /// Whether nothing is missing so far: a reader that runs beyond its bytes reads zeros.
    pub(super) fn is_short(&self) -> bool {
        matches!(&self.way, Way::Reading { bytes, .. } if self.settled >= bytes.len())
    }

    /// Everything was read that was written, and nothing follows.
    pub(super) fn is_read(&self) -> bool {
        matches!(&self.way, Way::Reading { bytes, .. } if self.settled + 1 == bytes.len())
    }
}

/// A number from the wire as a place in a list; none is as long as the largest.
pub(super) fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// One context within another.
pub(super) const fn mix(context: u64, with: u64) -> u64 {
    let mixed = (context.rotate_left(25) ^ with).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}
