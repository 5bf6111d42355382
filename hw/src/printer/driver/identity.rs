//! Who the printer says it is.

use super::EscPosPrinter;
use crate::port::Port;
use crate::printer::PrinterTrouble;
use crate::printer::escpos::identity_request;

/// What a printer says about itself; nothing where it said nothing. For people: no capability is taken from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Who made it.
    pub maker: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// The version of its program.
    pub firmware: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
}

impl<P: Port> EscPosPrinter<P> {
    /// Asks who it is (`GS I`). Empty for a model that is not known to answer: others could print the question.
    ///
    /// # Errors
    /// What is in the way of asking.
    pub fn identify(&mut self) -> Result<Identity, PrinterTrouble> {
        if !self.profile.has_identity {
            return Ok(Identity::default());
        }
        if let Some(trouble) = self.greet(false)? {
            return Err(trouble);
        }
        let maker = self.ask_text(66)?;
        if maker.is_none() {
            return Ok(Identity::default());
        }
        Ok(Identity { maker, model: self.ask_text(67)?, firmware: self.ask_text(65)?, serial: self.ask_text(68)? })
    }

    fn ask_text(&mut self, n: u8) -> Result<Option<String>, PrinterTrouble> {
        self.text = None;
        self.send_all(&identity_request(n))?;
        let deadline = self.port.now() + self.deadlines.answer;
        while self.text.is_none() && self.port.now() < deadline {
            self.listen(super::LOOK)?;
        }
        Ok(self.text.take())
    }
}
