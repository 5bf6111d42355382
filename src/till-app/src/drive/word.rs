//! The words of the headless face: one line, one command.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate};
use domain::{
    Currency, Money, Refusal,
    catalogue::Sku,
    sale::{LineNo, RefundScope},
    vat::Supply,
};
use hw::position::Fix;
use till::{Command, desk::Device};

/// The most bytes a line may have.
pub const LINE_BYTES_MAX: usize = 4096;
/// The most words a line may have.
pub const WORDS_MAX: usize = 64;

/// A line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Something for the till.
    Till(Command),
    /// The open sale.
    Sale,
    /// What can be sold.
    Products,
    /// The newest receipts, or those before a number.
    Receipts(Option<u64>),
    /// How everything stands.
    Status,
    /// Entries from this place on.
    Journal(u64),
    /// Recompute chain and projections.
    Verify,
    /// A receipt as printed.
    Receipt(u64),
    /// Set the simulated clock: seconds since 1970, UTC.
    Time(i64),
    /// The train is here, with the receiver's time or, without, the till's.
    Fix(Fix, bool),
    /// Give a simulated device a fault, or none.
    Device(String, String),
    /// Every device, where it is and how it is.
    Devices,
    /// Test a device.
    Test(Device),
    /// Install the signed bundle in this file.
    InstallBundle(PathBuf),
    /// Save the evidence file.
    Evidence,
    /// One round to the hub now.
    Sync,
    /// How the till stands with its hub.
    Hub,
    /// Hold a code in front of the simulated scanner.
    HoldUp(String),
    /// The crew's answer to "did the whole receipt come out?" for a print job.
    Paper(u64, bool),
}

/// Understands a line. Amounts are in `currency`.
///
/// # Errors
/// [`Refusal::CommandUnreadable`] for unknown words and wrong counts of words, and the refusals of amounts, SKUs, quantities and times.
pub fn parse(line: &str, currency: Currency) -> Result<Word, Refusal> {
    if line.len() > LINE_BYTES_MAX {
        return Err(Refusal::CommandUnreadable);
    }
    let words: Vec<&str> = line.split_whitespace().take(WORDS_MAX + 1).collect();
    let amount = |text: &str| Money::parse(text, currency);
    let till = |command| Ok(Word::Till(command));
    match *words.as_slice() {
        ["sign-in", crew, pin] => till(Command::SignIn { crew: crew.into(), pin: pin.into() }),
        ["sign-out"] => till(Command::SignOut),
        ["start-trip", train, day] => till(Command::StartTrip { train: train.into(), operating_day: operating_day(day)? }),
        ["end-trip"] => till(Command::EndTrip),
        ["open-shift", float] => till(Command::OpenShift(amount(float)?)),
        ["add", sku] => till(Command::Add { sku: Sku::new(sku)?, qty: 1 }),
        ["add", sku, qty] => till(Command::Add { sku: Sku::new(sku)?, qty: quantity(qty)? }),
        ["scan", gtin] => till(Command::Scan(gtin.into())),
        ["void-line", no] => till(Command::VoidLine(line_no(no)?)),
        ["set-qty", no, qty] => till(Command::SetQty(line_no(no)?, quantity(qty)?)),
        ["serve", on] => till(Command::Serve(supply(on)?)),
        ["serve-line", no, on] => till(Command::ServeLine(line_no(no)?, supply(on)?)),
        ["park"] => till(Command::Park),
        ["resume", ticket] => till(Command::Resume(number(ticket)?)),
        ["abandon"] => till(Command::Abandon),
        ["pay", "cash", sum] => till(Command::PayCash(amount(sum)?)),
        ["pay", "card", sum] => till(Command::PayCard(amount(sum)?)),
        ["card-status"] => till(Command::AskCardAgain),
        ["control-status"] => till(Command::AskControlAgain),
        ["control-give-up"] => till(Command::GiveUpControl),
        ["void", receipt] => till(Command::Void(number(receipt)?)),
        ["refund", receipt] => till(Command::Refund(number(receipt)?, RefundScope::Rest)),
        ["refund", receipt, no, qty] => till(Command::Refund(number(receipt)?, RefundScope::line(line_no(no)?, quantity(qty)?))),
        ["copy", receipt] => till(Command::Copy(number(receipt)?)),
        ["cash-drop", sum] => till(Command::CashDrop(amount(sum)?)),
        ["paid-in", sum] => till(Command::PaidIn(amount(sum)?)),
        ["paid-out", sum] => till(Command::PaidOut(amount(sum)?)),
        ["no-sale"] => till(Command::NoSale),
        ["x"] => till(Command::XReport),
        ["z", counted] => till(Command::ZReport { counted: amount(counted)?, pieces: Vec::new() }),
        ["training", on] => till(Command::Training(switch(on)?)),
        ["sale"] => Ok(Word::Sale),
        ["products"] => Ok(Word::Products),
        ["receipts"] => Ok(Word::Receipts(None)),
        ["receipts", before] => number(before).map(|before| Word::Receipts(Some(before))),
        ["card-settle", "paid"] => till(Command::CardSettled(true)),
        ["card-settle", "not-paid"] => till(Command::CardSettled(false)),
        ["void-tender", place] => match number::<usize>(place)?.checked_sub(1) {
            Some(place) => till(Command::VoidTender(place)),
            None => Err(Refusal::LineUnknown),
        },
        ["devices"] => Ok(Word::Devices),
        ["test", device] => Device::named(device).map(Word::Test).ok_or(Refusal::DeviceUnknown),
        ["install-bundle", ..] => match line.trim_start().split_once(char::is_whitespace) {
            Some((_, path)) if !path.trim().is_empty() => Ok(Word::InstallBundle(path.trim().into())),
            _ => Err(Refusal::CommandUnreadable),
        },
        ["sync"] => Ok(Word::Sync),
        ["hub"] => Ok(Word::Hub),
        ["evidence"] => Ok(Word::Evidence),
        ["status"] => Ok(Word::Status),
        ["journal"] => Ok(Word::Journal(1)),
        ["journal", from] => Ok(Word::Journal(number(from)?)),
        ["verify"] => Ok(Word::Verify),
        ["receipt", receipt] => Ok(Word::Receipt(number(receipt)?)),
        ["time", at] => DateTime::parse_from_rfc3339(at).map(|at| Word::Time(at.timestamp())).map_err(|_| Refusal::TimeUnreadable),
        ["hold-up", code] => Ok(Word::HoldUp(code.into())),
        ["fix", latitude, longitude, kmh] => Ok(Word::Fix(fix(latitude, longitude, kmh, 0)?, false)),
        ["fix", latitude, longitude, kmh, at] => {
            let at = DateTime::parse_from_rfc3339(at).map_err(|_| Refusal::TimeUnreadable)?;
            Ok(Word::Fix(fix(latitude, longitude, kmh, at.timestamp())?, true))
        }
        ["device", device, fault] => Ok(Word::Device(device.into(), fault.into())),
        ["paper", job, "yes"] => Ok(Word::Paper(number(job)?, true)),
        ["paper", job, "no"] => Ok(Word::Paper(number(job)?, false)),
        _ => Err(Refusal::CommandUnreadable),
    }
}

/// The store counts in 64 bits with a sign, so a larger number names nothing.
fn number<T: TryFrom<i64>>(text: &str) -> Result<T, Refusal> {
    let number: i64 = text.parse().map_err(|_| Refusal::CommandUnreadable)?;
    number.try_into().map_err(|_| Refusal::CommandUnreadable)
}

/// A quantity may be out of bounds, and is then refused as a quantity; it must be a number.
fn quantity(text: &str) -> Result<i64, Refusal> {
    text.parse().map_err(|_| Refusal::QuantityInvalid)
}

/// A place in decimal degrees, and whole kilometres an hour.
fn fix(latitude: &str, longitude: &str, kmh: &str, utc_s: i64) -> Result<Fix, Refusal> {
    let degrees = |text: &str, most: u32| {
        let udeg = till::data::udeg(text).filter(|udeg| udeg.unsigned_abs() <= most * 1_000_000);
        udeg.ok_or(Refusal::CommandUnreadable)
    };
    let speed_mmps = u64::from(number::<u16>(kmh)?) * 1_000_000 / 3_600;
    Ok(Fix {
        latitude_udeg: degrees(latitude, 90)?,
        longitude_udeg: degrees(longitude, 180)?,
        speed_mmps: u32::try_from(speed_mmps).map_err(|_| Refusal::CommandUnreadable)?,
        utc_s,
    })
}

fn line_no(text: &str) -> Result<LineNo, Refusal> {
    number(text).map(LineNo)
}

fn switch(text: &str) -> Result<bool, Refusal> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(Refusal::CommandUnreadable),
    }
}

fn supply(text: &str) -> Result<Supply, Refusal> {
    Ok(if switch(text)? { Supply::Served } else { Supply::TakeAway })
}

fn operating_day(text: &str) -> Result<NaiveDate, Refusal> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| Refusal::TimeUnreadable)
}
