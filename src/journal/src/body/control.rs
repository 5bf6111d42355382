//! The control unit on the wire.

use minicbor::{Decode, Encode};

use domain::sale::Control;

use super::{is_default, sale::rate, wire};
use crate::{ControlKind, ControlRequest, Malformed, entry::code_of};

/// What the unit answered, as it stands in receipts and copies.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct ControlBody {
    #[n(0)]
    unit: String,
    #[n(1)]
    code: String,
    #[n(2)]
    at_s: i64,
}

impl ControlBody {
    pub(crate) fn of(control: &Control) -> Self {
        Self { unit: control.unit.to_string(), code: control.code.to_string(), at_s: control.at_s }
    }

    pub(crate) fn into_domain(self) -> Control {
        Control { unit: self.unit.into(), code: self.code.into(), at_s: self.at_s }
    }
}

#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct ControlRequestBody {
    #[n(0)]
    number: u64,
    #[cbor(n(1), skip_if = "is_default")]
    kind: u8,
    #[n(2)]
    org_no: String,
    #[n(3)]
    register: String,
    #[cbor(n(4), skip_if = "is_default")]
    returned_minor: i64,
    #[cbor(n(5), skip_if = "is_default")]
    sold_minor: i64,
    #[n(6)]
    vat: Vec<(u32, i64)>,
}

impl ControlRequestBody {
    pub(crate) fn of(request: &ControlRequest) -> Self {
        Self {
            number: request.number,
            kind: code_of(&ControlKind::ALL, request.kind),
            org_no: request.org_no.clone(),
            register: request.register.clone(),
            returned_minor: request.returned_minor,
            sold_minor: request.sold_minor,
            vat: request.vat.iter().map(|(rate, minor)| (rate.basis_points(), *minor)).collect(),
        }
    }

    pub(crate) fn into_domain(self) -> Result<ControlRequest, Malformed> {
        Ok(ControlRequest {
            number: self.number,
            kind: wire(&ControlKind::ALL, self.kind, "kind of receipt")?,
            org_no: self.org_no,
            register: self.register,
            returned_minor: self.returned_minor,
            sold_minor: self.sold_minor,
            vat: self.vat.into_iter().map(|(basis_points, minor)| Ok((rate(basis_points)?, minor))).collect::<Result<_, Malformed>>()?,
        })
    }
}

#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct CopyBody {
    #[n(0)]
    pub(crate) training: bool,
    #[n(1)]
    pub(crate) receipt_no: u64,
    #[n(2)]
    pub(crate) minor: i64,
    #[n(3)]
    pub(crate) control: Option<ControlBody>,
}
