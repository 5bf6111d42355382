//! What a bundle is for, and how large it may be.

use core::fmt;

/// What a bundle is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Who may sign what.
    Root,
    /// What is sold, at which price and VAT rate, on which trains, by whom: one bundle, so that nobody mixes old and new.
    Prices,
    /// Who may sign in.
    Staff,
    /// A card image.
    Image,
}

impl Role {
    /// All of them, in the order of their numbers, which begin with 1.
    pub const ALL: [Self; 4] = [Self::Root, Self::Prices, Self::Staff, Self::Image];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Prices => "prices",
            Self::Staff => "staff",
            Self::Image => "image",
        }
    }

    /// The role with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The most bytes of a whole bundle.
    #[must_use]
    pub const fn bytes_max(self) -> usize {
        match self {
            Self::Root => 32 * 1024,
            Self::Prices => 2 * 1024 * 1024,
            Self::Staff => 512 * 1024,
            Self::Image => 64 * 1024,
        }
    }

    /// The most bytes of all files together, unpacked.
    #[must_use]
    pub const fn unpacked_bytes_max(self) -> usize {
        match self {
            Self::Root => 0,
            Self::Prices => 16 * 1024 * 1024,
            Self::Staff => 4 * 1024 * 1024,
            Self::Image => 256 * 1024,
        }
    }

    /// The files that may be in it. A prices key can bring no staff list.
    #[must_use]
    pub const fn files(self) -> &'static [&'static str] {
        match self {
            Self::Root => &[],
            Self::Prices => &["catalogue.json", "operator.json", "timetable.json", "vat.json"],
            Self::Staff => &["crew.json"],
            Self::Image => &["image.json"],
        }
    }

    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Root => 1,
            Self::Prices => 2,
            Self::Staff => 3,
            Self::Image => 4,
        }
    }

    pub(crate) fn numbered(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.number() == number)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
