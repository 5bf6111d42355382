//! Code pages of receipt printers, and what to write for letters that a page lacks.

#[path = "code_page_tables.rs"]
mod tables;

/// A code page that printers know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CodePage {
    /// The printer's page at power-on. No ø, no €.
    Pc437,
    /// Western Europe, no €.
    Pc850,
    /// PC850 with €: the page that nearly every printer has.
    #[default]
    Pc858,
    /// Nordic, no €.
    Pc865,
    /// Windows, Western Europe.
    Windows1252,
}

/// The longest stand-in for one character.
const STAND_IN_BYTES_MAX: usize = 4;

impl CodePage {
    /// Its name in manuals.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pc437 => "PC437",
            Self::Pc850 => "PC850",
            Self::Pc858 => "PC858",
            Self::Pc865 => "PC865",
            Self::Windows1252 => "WPC1252",
        }
    }

    /// The page's own byte for a character, if it has one. Control characters have none.
    #[must_use]
    pub fn byte(self, character: char) -> Option<u8> {
        match character {
            ' '..='~' => u8::try_from(u32::from(character)).ok(),
            '\u{fffd}' => None,
            _ => {
                let index = self.upper_half().iter().position(|&known| known == character)?;
                u8::try_from(index + 0x80).ok()
            }
        }
    }

    /// The character that a byte prints. Control bytes read as a space.
    #[must_use]
    pub fn decode(self, byte: u8) -> char {
        match byte {
            0x20..=0x7e => char::from(byte),
            0x80.. => self.upper_half()[usize::from(byte - 0x80)],
            _ => ' ',
        }
    }

    /// The bytes of a text. Never a control byte, so no text can smuggle a command into the printer; never a `?` that the text has not.
    pub fn encode(self, text: &str) -> impl Iterator<Item = u8> + '_ {
        text.chars().flat_map(move |character| self.encode_char(character))
    }

    fn encode_char(self, character: char) -> impl Iterator<Item = u8> {
        let mut bytes = heapless::Vec::<u8, STAND_IN_BYTES_MAX>::new();
        if let Some(byte) = self.byte(character) {
            let _ = bytes.push(byte);
        } else {
            bytes.extend(stand_in(character).bytes().take(STAND_IN_BYTES_MAX));
        }
        bytes.into_iter()
    }

    fn upper_half(self) -> &'static [char; 128] {
        match self {
            Self::Pc437 => &tables::PC437,
            Self::Pc850 => &tables::PC850,
            Self::Pc858 => &tables::PC858,
            Self::Pc865 => &tables::PC865,
            Self::Windows1252 => &tables::WINDOWS_1252,
        }
    }
}

/// What to write in ASCII for a character that the page lacks. Combining marks vanish, what nobody can spell is an asterisk.
pub(crate) fn stand_in(character: char) -> &'static str {
    match character {
        'À' | 'Á' | 'Â' | 'Ã' | 'Ā' | 'Ă' | 'Ą' | 'Ǎ' | 'Ȧ' => "A",
        'à' | 'á' | 'â' | 'ã' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ȧ' => "a",
        'Å' => "AA",
        'å' => "aa",
        'Ä' | 'Æ' => "AE",
        'ä' | 'æ' => "ae",
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'Ð' | 'Ď' | 'Đ' => "D",
        'ð' | 'ď' | 'đ' => "d",
        'È' | 'É' | 'Ê' | 'Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' => "E",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ə' => "e",
        'ƒ' => "f",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'Ĥ' | 'Ħ' => "H",
        'ĥ' | 'ħ' => "h",
        'Ì' | 'Í' | 'Î' | 'Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' => "I",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'Ĵ' => "J",
        'ĵ' => "j",
        'Ķ' => "K",
        'ķ' | 'ĸ' => "k",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ŀ' | 'Ł' => "L",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' | 'Ŋ' => "N",
        'ñ' | 'ń' | 'ņ' | 'ň' | 'ŋ' | 'ŉ' => "n",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ø' | 'Ō' | 'Ŏ' | 'Ő' => "O",
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'Ö' | 'Œ' => "OE",
        'ö' | 'œ' => "oe",
        'Ŕ' | 'Ŗ' | 'Ř' => "R",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => "S",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ẞ' => "SS",
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' => "T",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'Þ' => "Th",
        'þ' => "th",
        'Ù' | 'Ú' | 'Û' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' => "U",
        'ù' | 'ú' | 'û' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'Ü' => "UE",
        'ü' => "ue",
        'Ŵ' => "W",
        'ŵ' => "w",
        'Ý' | 'Ŷ' | 'Ÿ' => "Y",
        'ý' | 'ŷ' | 'ÿ' => "y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'ź' | 'ż' | 'ž' => "z",
        '€' => "EUR",
        '£' => "GBP",
        '¥' => "JPY",
        '¢' => "c",
        '§' => "par.",
        '©' => "(c)",
        '®' => "(R)",
        '™' => "TM",
        '°' | 'º' => "o",
        'ª' => "a",
        'µ' | 'μ' => "u",
        '¹' => "1",
        '²' => "2",
        '³' => "3",
        '¼' => "1/4",
        '½' => "1/2",
        '¾' => "3/4",
        '±' => "+-",
        '×' => "x",
        '÷' => "/",
        '≈' => "~",
        '≠' => "!=",
        '≤' => "<=",
        '≥' => ">=",
        '∞' => "inf",
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '─' | '━' => "-",
        '‘' | '’' | '‚' | '‛' | '′' | '´' => "'",
        '“' | '”' | '„' | '″' => "\"",
        '«' | '‹' => "<",
        '»' | '›' => ">",
        '…' => "...",
        '→' | '⇒' | '➜' => "->",
        '←' | '⇐' => "<-",
        '↔' => "<->",
        '↑' => "^",
        '↓' => "v",
        '•' | '·' | '●' | '★' | '☆' | '✱' => "*",
        '✓' | '✔' => "v",
        '✗' | '✘' => "x",
        '│' | '┃' | '¦' => "|",
        '═' => "=",
        '†' => "+",
        '‰' => "o/oo",
        '¡' => "!",
        '¿' => "",
        '№' => "No",
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{ad}' => "",
        character if character.is_whitespace() || character.is_control() => " ",
        _ => "*",
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    fn bytes(page: CodePage, text: &str) -> Vec<u8> {
        page.encode(text).collect()
    }

    #[test]
    fn letters_of_the_nordic_countries_have_their_pc858_bytes() {
        assert_eq!(bytes(CodePage::Pc858, "åäöÅÄÖéüæÆøØ€"), [0x86, 0x84, 0x94, 0x8f, 0x8e, 0x99, 0x82, 0x81, 0x91, 0x92, 0x9b, 0x9d, 0xd5]);
    }

    #[test]
    fn swedish_letters_are_the_same_in_the_dos_pages() {
        for page in [CodePage::Pc437, CodePage::Pc850, CodePage::Pc865] {
            assert_eq!(bytes(page, "åäöÅÄÖéü"), bytes(CodePage::Pc858, "åäöÅÄÖéü"));
        }
    }

    #[test]
    fn letters_that_a_page_lacks_are_spelled_out_and_never_a_question_mark() {
        assert_eq!(bytes(CodePage::Pc858, "Łódź – „smörgås” … → ☕ ﬁn"), b"L\xa2dz - \"sm\x94rg\x86s\" ... -> * *n");
        assert_eq!(bytes(CodePage::Pc437, "Rødgrød 5 €"), b"Rodgrod 5 EUR");
        for code in 0..=0x2_ffff {
            if let Some(character) = char::from_u32(code).filter(|&character| character != '?') {
                let mut text = [0; 4];
                assert!(!bytes(CodePage::Pc858, character.encode_utf8(&mut text)).contains(&b'?'), "{character:?}");
            }
        }
    }

    #[test]
    fn no_text_carries_a_control_byte_to_the_printer() {
        for code in 0..=0x2_ffff {
            if let Some(character) = char::from_u32(code) {
                let mut text = [0; 4];
                let written = bytes(CodePage::Pc858, character.encode_utf8(&mut text));
                assert!(written.iter().all(|&byte| byte >= 0x20 && byte != 0x7f), "{character:?} became {written:02x?}");
            }
        }
    }

    #[test]
    fn every_byte_of_every_page_survives_decoding_and_encoding() {
        for page in [CodePage::Pc437, CodePage::Pc850, CodePage::Pc858, CodePage::Pc865, CodePage::Windows1252] {
            for byte in (0x20..=0x7e).chain(0x80..=0xff) {
                let character = page.decode(byte);
                if character != '\u{fffd}' {
                    assert_eq!(page.byte(character), Some(byte), "{page:?} {byte:02x}");
                }
            }
        }
    }
}
