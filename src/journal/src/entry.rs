//! One entry: a fact, its place, its time and the context it happened in.

use minicbor::{Decoder, Encoder, data::Type};

use crate::fact::Fact;

/// The version of the shape that this code writes.
pub const FORMAT_VERSION: u8 = 1;

/// How far the clock was to be trusted. Source: the order in which the till believes its clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClockTrust {
    /// Contradicted by the journal or implausible, and not confirmed by anybody.
    #[default]
    NotProven,
    /// Carried over from before the last stop.
    CarriedOver,
    /// Entered by a crew member.
    Crew,
    /// A battery-backed clock.
    Rtc,
    /// Satellite time.
    Gps,
    /// Network time.
    Network,
}

impl ClockTrust {
    /// All of them, in the order of their codes on the wire.
    pub const ALL: [Self; 6] = [Self::NotProven, Self::CarriedOver, Self::Crew, Self::Rtc, Self::Gps, Self::Network];
}

/// When, by every clock there is. Order comes from `seq`, never from here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Wall time in seconds since 1970, UTC.
    pub wall_s: i64,
    /// What to add for local time, in minutes.
    pub offset_min: i16,
    /// Which start of the till, from 1 in each log.
    pub boot: u32,
    /// Time since that start in milliseconds.
    pub uptime_ms: u64,
    /// How far `wall_s` was to be trusted.
    pub trust: ClockTrust,
}

/// In the middle of what it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// `seq` of the running trip's start.
    pub trip: Option<u64>,
    /// The leg, from 0.
    pub leg: Option<u16>,
    /// Number of the open shift.
    pub shift: Option<u32>,
    /// Who was signed in.
    pub crew: Option<String>,
    /// Why they did it, where a reason is asked for: a short code.
    pub reason: Option<String>,
}

/// A fact in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Version of the shape.
    pub version: u8,
    /// Place in the log, from 1.
    pub seq: u64,
    /// When.
    pub stamp: Stamp,
    /// Around it.
    pub context: Context,
    /// What happened.
    pub fact: Fact,
}

/// Bytes that are no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no journal entry: {0}")]
pub struct Malformed(pub String);

impl From<minicbor::decode::Error> for Malformed {
    fn from(error: minicbor::decode::Error) -> Self {
        Self(error.to_string())
    }
}

const KEY_VERSION: u8 = 0;
const KEY_SEQ: u8 = 1;
const KEY_KIND: u8 = 2;
const KEY_WALL: u8 = 3;
const KEY_OFFSET: u8 = 4;
const KEY_BOOT: u8 = 5;
const KEY_UPTIME: u8 = 6;
const KEY_TRUST: u8 = 7;
const KEY_TRIP: u8 = 8;
const KEY_LEG: u8 = 9;
const KEY_SHIFT: u8 = 10;
const KEY_CREW: u8 = 11;
const KEY_BODY: u8 = 12;
const KEY_REASON: u8 = 13;

impl Entry {
    /// The most bytes one entry may have.
    pub const BYTES_MAX: usize = 256 * 1024;

    /// An entry in today's shape.
    #[must_use]
    pub const fn new(seq: u64, stamp: Stamp, context: Context, fact: Fact) -> Self {
        Self { version: FORMAT_VERSION, seq, stamp, context, fact }
    }

    /// The bytes that are hashed, stored and sent from now on.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        let written = self.write(&mut Encoder::new(&mut bytes));
        assert!(written.is_ok(), "writing to memory does not fail");
        bytes
    }

    /// Reads one entry. An unknown kind is kept with its body, an unknown key is passed over; neither is refused.
    ///
    /// # Errors
    /// [`Malformed`] for bytes that are no entry, trail behind one, or exceed [`Entry::BYTES_MAX`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > Self::BYTES_MAX {
            return Err(Malformed(format!("{} bytes, at most {} are allowed", bytes.len(), Self::BYTES_MAX)));
        }
        let mut decoder = Decoder::new(bytes);
        let entry = read(&mut decoder, bytes)?;
        if decoder.position() != bytes.len() {
            return Err(Malformed(format!("{} bytes trail behind the entry", bytes.len().saturating_sub(decoder.position()))));
        }
        Ok(entry)
    }

    fn write(&self, out: &mut Encoder<&mut Vec<u8>>) -> Result<(), minicbor::encode::Error<core::convert::Infallible>> {
        let context = &self.context;
        let optional =
            [context.trip.is_some(), context.leg.is_some(), context.shift.is_some(), context.crew.is_some(), context.reason.is_some()];
        let keys = optional.iter().filter(|there| **there).count().saturating_add(9);
        out.map(u64::try_from(keys).unwrap_or(u64::MAX))?;
        out.u8(KEY_VERSION)?.u8(self.version)?;
        out.u8(KEY_SEQ)?.u64(self.seq)?;
        out.u8(KEY_KIND)?.u16(self.fact.kind())?;
        out.u8(KEY_WALL)?.i64(self.stamp.wall_s)?;
        out.u8(KEY_OFFSET)?.i16(self.stamp.offset_min)?;
        out.u8(KEY_BOOT)?.u32(self.stamp.boot)?;
        out.u8(KEY_UPTIME)?.u64(self.stamp.uptime_ms)?;
        out.u8(KEY_TRUST)?.u8(code_of(&ClockTrust::ALL, self.stamp.trust))?;
        if let Some(trip) = context.trip {
            out.u8(KEY_TRIP)?.u64(trip)?;
        }
        if let Some(leg) = context.leg {
            out.u8(KEY_LEG)?.u16(leg)?;
        }
        if let Some(shift) = context.shift {
            out.u8(KEY_SHIFT)?.u32(shift)?;
        }
        if let Some(crew) = &context.crew {
            out.u8(KEY_CREW)?.str(crew)?;
        }
        out.u8(KEY_BODY)?;
        out.writer_mut().extend_from_slice(&self.fact.encode_body());
        if let Some(reason) = &context.reason {
            out.u8(KEY_REASON)?.str(reason)?;
        }
        Ok(())
    }
}

fn read(decoder: &mut Decoder<'_>, bytes: &[u8]) -> Result<Entry, Malformed> {
    let keys = decoder.map()?.ok_or_else(|| Malformed("a map of unknown length".into()))?;
    let (mut version, mut seq, mut kind, mut body) = (None, None, None, None);
    let mut stamp = Stamp::default();
    let mut context = Context::default();
    for _ in 0..keys {
        if !matches!(decoder.datatype()?, Type::U8 | Type::U16 | Type::U32 | Type::U64) {
            return Err(Malformed("a key that is no number".into()));
        }
        match u8::try_from(decoder.u64()?).unwrap_or(u8::MAX) {
            KEY_VERSION => version = Some(decoder.u8()?),
            KEY_SEQ => seq = Some(decoder.u64()?),
            KEY_KIND => kind = Some(decoder.u16()?),
            KEY_WALL => stamp.wall_s = decoder.i64()?,
            KEY_OFFSET => stamp.offset_min = decoder.i16()?,
            KEY_BOOT => stamp.boot = decoder.u32()?,
            KEY_UPTIME => stamp.uptime_ms = decoder.u64()?,
            KEY_TRUST => stamp.trust = with_code(&ClockTrust::ALL, decoder.u8()?).unwrap_or_default(),
            KEY_TRIP => context.trip = Some(decoder.u64()?),
            KEY_LEG => context.leg = Some(decoder.u16()?),
            KEY_SHIFT => context.shift = Some(decoder.u32()?),
            KEY_REASON => context.reason = Some(decoder.str()?.to_owned()),
            KEY_CREW => context.crew = Some(decoder.str()?.to_owned()),
            KEY_BODY => {
                let start = decoder.position();
                decoder.skip()?;
                body = bytes.get(start..decoder.position());
            }
            _ => decoder.skip()?,
        }
    }
    let missing = |what: &str| Malformed(format!("{what} is missing"));
    let kind = kind.ok_or_else(|| missing("kind"))?;
    let fact = Fact::decode_body(kind, body.ok_or_else(|| missing("body"))?)?;
    Ok(Entry { version: version.ok_or_else(|| missing("version"))?, seq: seq.ok_or_else(|| missing("seq"))?, stamp, context, fact })
}

/// The code of `value` on the wire: its place among `all`.
pub(crate) fn code_of<T: PartialEq>(all: &[T], value: T) -> u8 {
    let place = all.iter().position(|one| *one == value);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
}

/// The value with this code on the wire.
pub(crate) fn with_code<T: Copy>(all: &[T], code: u8) -> Option<T> {
    all.get(usize::from(code)).copied()
}
