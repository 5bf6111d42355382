//! The devices that can be tested, by name.

/// A device with a test of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Device {
    /// The receipt printer prints a page that is no receipt.
    Printer,
    /// The cash drawer opens.
    Drawer,
    /// The card terminal is asked how it is.
    Terminal,
    /// The customer display shows a page for a moment.
    Display,
    /// The next thing scanned is shown and not sold.
    Scanner,
    /// The control unit is asked how it is.
    Control,
}

impl Device {
    /// Every device that can be tested.
    pub const ALL: [Self; 6] = [Self::Printer, Self::Drawer, Self::Terminal, Self::Display, Self::Scanner, Self::Control];

    /// Its name for commands and lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Printer => "printer",
            Self::Drawer => "drawer",
            Self::Terminal => "terminal",
            Self::Display => "display",
            Self::Scanner => "scanner",
            Self::Control => "control",
        }
    }

    /// The device of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|device| device.name() == name)
    }
}
