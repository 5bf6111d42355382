//! How numbers look. One format in every language, the Swedish one: a comma before the decimals, groups of three.

use domain::{Currency, Money};

/// Keeps `1 234,50 kr` on one line.
const NO_BREAK_SPACE: char = '\u{a0}';
/// The minus sign of the screen, as wide as a figure.
const MINUS: char = '\u{2212}';

/// An amount for the screen: `1 234,50 kr`, `−3,00 kr`, `12,00 €`, with no-break spaces and a real minus sign.
#[must_use]
pub fn amount(money: Money) -> String {
    let unit = match money.currency() {
        Currency::Sek | Currency::Dkk | Currency::Nok => "kr",
        Currency::Eur => "€",
    };
    format!("{}{NO_BREAK_SPACE}{unit}", digits(money, Style { group: NO_BREAK_SPACE, minus: MINUS, drop_zero_decimals: false }))
}

/// An amount for a small tile: `29` or `29,50`, without unit and without decimals that are zero.
#[must_use]
pub fn amount_short(money: Money) -> String {
    digits(money, Style { group: NO_BREAK_SPACE, minus: MINUS, drop_zero_decimals: true })
}

/// An amount where kronor and kroner could be taken for each other: `1 234,50 DKK`.
#[must_use]
pub fn amount_with_code(money: Money) -> String {
    let number = digits(money, Style { group: NO_BREAK_SPACE, minus: MINUS, drop_zero_decimals: false });
    format!("{number}{NO_BREAK_SPACE}{}", money.currency().code())
}

/// An amount for paper, in characters every receipt printer has: `1 234,50`, `-3,00`.
#[must_use]
pub fn paper_amount(money: Money) -> String {
    digits(money, Style { group: ' ', minus: '-', drop_zero_decimals: false })
}

/// A rate in basis points as people write it: `1200` is `12 %`, `2550` is `25,5 %`. The space is a no-break space.
#[must_use]
pub fn percent(basis_points: u32) -> String {
    let (whole, hundredths) = (basis_points / 100, basis_points % 100);
    let decimals = match hundredths {
        0 => String::new(),
        tens if tens % 10 == 0 => format!(",{}", tens / 10),
        _ => format!(",{hundredths:02}"),
    };
    format!("{whole}{decimals}{NO_BREAK_SPACE}%")
}

/// A quantity before a name: `2 ×`, with a no-break space.
#[must_use]
pub fn quantity(count: i64) -> String {
    format!("{count}{NO_BREAK_SPACE}×")
}

#[derive(Clone, Copy)]
struct Style {
    group: char,
    minus: char,
    drop_zero_decimals: bool,
}

fn digits(money: Money, style: Style) -> String {
    let size = money.minor().unsigned_abs();
    let (major, minor) = ((size / 100).to_string(), size % 100);
    let mut out = String::with_capacity(major.len() * 2 + 4);
    if money.minor() < 0 {
        out.push(style.minus);
    }
    for (index, digit) in major.char_indices() {
        if index > 0 && (major.len() - index).is_multiple_of(3) {
            out.push(style.group);
        }
        out.push(digit);
    }
    if !(style.drop_zero_decimals && minor == 0) {
        out.push_str(&format!(",{minor:02}"));
    }
    out
}
