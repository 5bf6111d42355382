//! The end of a log that somebody else writes too, and the beginning of the one after it.

use domain::Currency;
use minicbor::{Decode, Encode, bytes::ByteArray};

use super::{ShiftReadBody, report::TallyBody, wire};
use crate::{
    LogSealed, LogSucceeded, Malformed, SealCause, ShiftRead,
    body::report::{GrandBody, TotalsBody},
    entry::code_of,
};

#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct LogSealedBody {
    #[n(0)]
    why: u8,
    #[n(1)]
    foreign_seq: u64,
    #[n(2)]
    foreign_head: ByteArray<32>,
    #[n(3)]
    shift: Option<ShiftReadBody>,
    #[n(4)]
    expected_minor: Option<i64>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct LogSucceededBody {
    #[n(0)]
    public: ByteArray<32>,
    #[n(1)]
    signature: ByteArray<64>,
    #[n(2)]
    seq: u64,
    #[n(3)]
    head: ByteArray<32>,
}

impl ShiftReadBody {
    pub(crate) fn of(read: &ShiftRead) -> Self {
        Self {
            shift_no: read.shift_no,
            totals: TotalsBody::of(&read.totals),
            grand: GrandBody::of(read.grand),
            parked: TallyBody::of(read.parked),
            currency: code_of(&Currency::ALL, read.currency),
        }
    }

    pub(crate) fn into_domain(self) -> Result<ShiftRead, Malformed> {
        Ok(ShiftRead {
            shift_no: self.shift_no,
            totals: self.totals.into_domain()?,
            grand: self.grand.into_domain(),
            parked: self.parked.into_domain(),
            currency: wire(&Currency::ALL, self.currency, "currency")?,
        })
    }
}

impl LogSealedBody {
    pub(crate) fn of(sealed: &LogSealed) -> Self {
        Self {
            why: code_of(&SealCause::ALL, sealed.why),
            foreign_seq: sealed.foreign_seq,
            foreign_head: sealed.foreign_head.into(),
            shift: sealed.shift.as_ref().map(ShiftReadBody::of),
            expected_minor: sealed.shift.as_ref().map(|_| sealed.expected_minor),
        }
    }

    pub(crate) fn into_domain(self) -> Result<LogSealed, Malformed> {
        Ok(LogSealed {
            why: wire(&SealCause::ALL, self.why, "cause of a seal")?,
            foreign_seq: self.foreign_seq,
            foreign_head: *self.foreign_head,
            shift: self.shift.map(ShiftReadBody::into_domain).transpose()?,
            expected_minor: self.expected_minor.unwrap_or(0),
        })
    }
}

impl LogSucceededBody {
    pub(crate) fn of(from: &LogSucceeded) -> Self {
        Self { public: from.public.into(), signature: from.signature.into(), seq: from.seq, head: from.head.into() }
    }

    pub(crate) fn into_domain(self) -> LogSucceeded {
        LogSucceeded { public: *self.public, signature: *self.signature, seq: self.seq, head: *self.head }
    }
}
