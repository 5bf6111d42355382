//! Which receipt a driver was asked to have recorded, and whether that is settled.

use heapless::String;

use super::{CODE_CHARS_MAX, ControlCode, ControlTrouble, ReceiptRecord, UNIT_CHARS_MAX};

/// The receipt in hand and the one before it.
#[derive(Debug, Default)]
pub(super) struct Asking {
    current: Option<Asked>,
    /// The code that was given last: no other receipt can have it.
    last: Option<(ReceiptRecord, String<CODE_CHARS_MAX>)>,
}

#[derive(Debug)]
struct Asked {
    record: ReceiptRecord,
    /// It was sent, and no code came back.
    is_open: bool,
}

/// Why one attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// Asking again may help.
    Again(ControlTrouble),
    /// It does not.
    Final(ControlTrouble),
    /// The unit counts messages otherwise.
    Sequence,
}

impl Asking {
    /// Takes a receipt in hand; whether it is another than before.
    pub(super) fn begin(&mut self, record: &ReceiptRecord) -> bool {
        let is_new = self.current.as_ref().is_none_or(|asked| asked.record != *record);
        if is_new {
            self.current = Some(Asked { record: record.clone(), is_open: false });
        }
        is_new
    }

    /// From now on it may be recorded.
    pub(super) const fn leave_open(&mut self) {
        if let Some(asked) = &mut self.current {
            asked.is_open = true;
        }
    }

    /// Whether that code was already given to another receipt: then it is that one's late answer.
    pub(super) fn is_stale(&self, record: &ReceiptRecord, code: &str) -> bool {
        !code.is_empty() && self.last.as_ref().is_some_and(|(other, known)| other != record && known == code)
    }

    /// What the asking came to. What an earlier attempt left open is not closed by what is in the way now.
    pub(super) fn settle(
        &mut self,
        result: Result<String<CODE_CHARS_MAX>, ControlTrouble>,
        unit: &String<UNIT_CHARS_MAX>,
    ) -> Result<ControlCode, ControlTrouble> {
        let Some(asked) = &mut self.current else { return Err(ControlTrouble::Silent) };
        match result {
            Ok(code) => {
                asked.is_open = false;
                self.last = Some((asked.record.clone(), code.clone()));
                Ok(ControlCode { code, unit: unit.clone() })
            }
            Err(why) if asked.is_open && !why.may_be_recorded() => Err(ControlTrouble::Silent),
            Err(why) => Err(why),
        }
    }
}
