//! Nothing is allocated between a page and the bytes of a display.

use crate::allocations;
use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, Operation};
use hw::display::pole::{FRAME_BYTES_MAX, PoleSettings, Screen, frame};
use hw::display::{OLED_ADDRESS, Oled, OledPanel, Page};

/// A bus on which everything is acknowledged and counted.
struct Wire(usize);

impl ErrorType for Wire {
    type Error = ErrorKind;
}

impl I2c for Wire {
    fn transaction(&mut self, _: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        self.0 += operations.len();
        Ok(())
    }
}

#[test]
fn a_page_reaches_the_line_without_an_allocation() {
    let page = Page { top_left: "Smörgås – räkor", top_right: "89,00", bottom_left: "Totalt", bottom_right: "1\u{a0}183,00 €" };
    let settings = PoleSettings::default();
    let mut bytes = heapless::Vec::<u8, FRAME_BYTES_MAX>::new();
    let count = allocations(|| {
        let framed = frame(&settings, &Screen::of(&page, settings.page), true, &mut bytes);
        assert!(framed.is_ok());
    });
    assert_eq!((count, bytes.len()), (0, FRAME_BYTES_MAX - 6));
    let mut display = Oled::new(Wire(0), OLED_ADDRESS, OledPanel::Tall);
    let count = allocations(|| {
        for text in ["89,00", "89,00", "90,00"] {
            assert!(display.show(&Page { top_right: text, ..page }).is_ok());
        }
    });
    assert_eq!(count, 0);
}
