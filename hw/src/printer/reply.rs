//! Takes a printer's replies apart: real-time answers, automatic status, in-line status, blocks and flow control share one line.
//!
//! The classes do not overlap in their first byte, but the later bytes of a status or a block can look like anything, so an open one goes first.
//! Source: Epson's command reference.

use heapless::Vec;

/// The longest block that is kept; longer ones are dropped as garbage.
pub const BLOCK_BYTES_MAX: usize = 80;

/// First bytes of blocks that end with a zero byte.
const BLOCK_HEADS: [u8; 5] = [0x35, 0x37, 0x3b, 0x3d, 0x5f];
const XON: u8 = 0x11;
const XOFF: u8 = 0x13;

/// One reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Answer to `DLE EOT n`; the question tells its meaning.
    RealTime(u8),
    /// Automatic status.
    Status(Status),
    /// Answer to `GS r n`.
    InLine(u8),
    /// A block: its first byte and what follows, without the zero.
    Block {
        /// First byte.
        head: u8,
        /// The rest.
        body: Vec<u8, BLOCK_BYTES_MAX>,
    },
    /// The printer takes bytes again.
    Resume,
    /// The printer wants no bytes.
    Pause,
    /// A byte that is none of these, or a reply that broke off.
    Garbage(u8),
}

impl Reply {
    /// The four characters of a process id, when this is one.
    #[must_use]
    pub fn process_id(&self) -> Option<[u8; 4]> {
        match self {
            Self::Block { head: 0x37, body } => body.strip_prefix(&[0x22])?.try_into().ok(),
            _ => None,
        }
    }

    /// The text of an answer to `GS I`, when this is one; bytes that are no ASCII letters become spaces.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let Self::Block { head: 0x5f, body } = self else { return None };
        let text: String = body.iter().map(|&byte| if byte.is_ascii_graphic() { char::from(byte) } else { ' ' }).collect();
        Some(text.trim().into())
    }

    /// Whether it says that the buffers were cleared.
    #[must_use]
    pub fn is_cleared(&self) -> bool {
        matches!(self, Self::Block { head: 0x37, body } if body.as_slice() == [0x25])
    }
}

/// Automatic status, four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub [u8; 4]);

impl Status {
    /// Not printing: cover, paper, button or error.
    #[must_use]
    pub const fn is_offline(self) -> bool {
        self.0[0] & 0x08 != 0
    }

    /// The cover stands open.
    #[must_use]
    pub const fn is_cover_open(self) -> bool {
        self.0[0] & 0x20 != 0
    }

    /// The level of the drawer's switch.
    #[must_use]
    pub const fn is_drawer_pin_high(self) -> bool {
        self.0[0] & 0x04 != 0
    }

    /// The cutter is stuck.
    #[must_use]
    pub const fn is_cutter_stuck(self) -> bool {
        self.0[1] & 0x08 != 0
    }

    /// An error that only hands can end, or a head that must cool.
    #[must_use]
    pub const fn is_fault(self) -> bool {
        self.0[1] & 0x64 != 0
    }

    /// The roll ends soon.
    #[must_use]
    pub const fn is_paper_near_end(self) -> bool {
        self.0[2] & 0x03 != 0
    }

    /// No paper.
    #[must_use]
    pub const fn is_paper_out(self) -> bool {
        self.0[2] & 0x0c != 0
    }
}

/// The demultiplexer: bytes in, one at a time, replies out.
#[derive(Clone, Debug, Default)]
pub struct Demultiplexer {
    open: Open,
}

#[derive(Clone, Debug, Default)]
enum Open {
    #[default]
    Nothing,
    Status {
        bytes: Vec<u8, 4>,
    },
    Block {
        head: u8,
        body: Vec<u8, BLOCK_BYTES_MAX>,
    },
    /// A block that is too long: dropped up to its end.
    Overflow {
        head: u8,
    },
}

impl Demultiplexer {
    /// Nothing open.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets a reply that began and never ended, as after a silence.
    pub fn reset(&mut self) {
        self.open = Open::Nothing;
    }

    /// Whether a reply has begun and not ended.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !matches!(self.open, Open::Nothing)
    }

    /// Takes a byte; hands out at most one reply.
    /// An automatic status that breaks off vanishes, and the byte that broke it is taken by itself.
    pub fn take(&mut self, byte: u8) -> Option<Reply> {
        match &mut self.open {
            Open::Nothing => self.begin(byte),
            Open::Status { bytes } => {
                if byte == XON || byte == XOFF {
                    return flow_control(byte);
                }
                if byte & 0x90 != 0 {
                    self.open = Open::Nothing;
                    return self.begin(byte);
                }
                let _ = bytes.push(byte);
                let whole: [u8; 4] = bytes.as_slice().try_into().ok()?;
                self.open = Open::Nothing;
                Some(Reply::Status(Status(whole)))
            }
            Open::Block { head, body } => {
                let head = *head;
                if byte == 0 {
                    let body = core::mem::take(body);
                    self.open = Open::Nothing;
                    return Some(Reply::Block { head, body });
                }
                if body.push(byte).is_err() {
                    self.open = Open::Overflow { head };
                }
                None
            }
            Open::Overflow { head } => {
                let head = *head;
                if byte != 0 {
                    return None;
                }
                self.open = Open::Nothing;
                Some(Reply::Garbage(head))
            }
        }
    }

    fn begin(&mut self, byte: u8) -> Option<Reply> {
        if byte == XON || byte == XOFF {
            return flow_control(byte);
        }
        if BLOCK_HEADS.contains(&byte) {
            self.open = Open::Block { head: byte, body: Vec::new() };
            return None;
        }
        match byte {
            _ if byte & 0x93 == 0x12 => Some(Reply::RealTime(byte)),
            _ if byte & 0x93 == 0x10 => {
                let mut bytes = Vec::new();
                let _ = bytes.push(byte);
                self.open = Open::Status { bytes };
                None
            }
            _ if byte & 0x90 == 0 => Some(Reply::InLine(byte)),
            _ => Some(Reply::Garbage(byte)),
        }
    }
}

const fn flow_control(byte: u8) -> Option<Reply> {
    Some(if byte == XON { Reply::Resume } else { Reply::Pause })
}

#[cfg(all(test, feature = "std"))]
#[path = "reply_tests.rs"]
mod tests;
