//! The languages bundled into the screens.

/// A language the screens speak. The texts in the `.slint` files are English; the others stand in `ui/lang`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// The language of the source texts.
    English,
    /// `ui/lang/sv`.
    Swedish,
}

impl Language {
    /// All of them, in the order in which the service screen offers them.
    pub const ALL: [Self; 2] = [Self::Swedish, Self::English];

    /// The ISO 639-1 code, as in a crew member's record.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Swedish => "sv",
        }
    }

    /// What speakers of the language call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Swedish => "Svenska",
        }
    }

    /// The language with this ISO 639-1 code, if the screens speak it.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

/// Shows every text of every window in `language` from the next frame on.
///
/// Call it on the UI thread, after the window has been created: before that there is nothing to translate.
///
/// # Panics
///
/// Panics when `language` was not bundled, which is a fault of the build.
pub fn speak(language: Language) {
    let code = if language == Language::English { "" } else { language.code() };
    slint::select_bundled_translation(code).expect("every language of the enum is bundled");
}
