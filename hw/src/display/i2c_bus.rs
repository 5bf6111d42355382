//! An I2C bus of this computer.

use std::path::{Path, PathBuf};

use embedded_hal::i2c::{Error, ErrorKind, ErrorType, I2c, Operation};
use linux_embedded_hal::I2cdev;

use super::oled::{Oled, OledPanel};

/// An I2C bus by its device file. Opens when it is first used, and again after an error.
pub struct I2cBus {
    path: PathBuf,
    open: Option<I2cdev>,
}

/// An OLED on the bus of this device file, such as `/dev/i2c-1`. Nothing is opened before it first shows something.
///
/// The kernel bounds each transfer, by one second unless the bus was told otherwise; an address that a kernel driver holds is refused.
#[must_use]
pub fn open_oled(path: impl AsRef<Path>, address: u8, panel: OledPanel) -> Oled<I2cBus> {
    Oled::new(I2cBus { path: path.as_ref().to_path_buf(), open: None }, address, panel)
}

impl ErrorType for I2cBus {
    type Error = ErrorKind;
}

impl I2c for I2cBus {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let mut bus = match self.open.take() {
            Some(bus) => bus,
            None => I2cdev::new(&self.path).map_err(|_| ErrorKind::Other)?,
        };
        bus.transaction(address, operations).map_err(|error| error.kind())?;
        self.open = Some(bus);
        Ok(())
    }
}

impl std::fmt::Debug for I2cBus {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("I2cBus").field("path", &self.path).field("is_open", &self.open.is_some()).finish()
    }
}
