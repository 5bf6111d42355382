//! Nothing is allocated between a page and the bytes of a display.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, Operation};
use hw::display::pole::{FRAME_BYTES_MAX, PoleSettings, Screen, frame};
use hw::display::{OLED_ADDRESS, Oled, OledPanel, Page};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

#[expect(unsafe_code, reason = "an allocator can be counted in no other way")]
// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's own promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's own promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

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

fn allocations(act: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    act();
    ALLOCATIONS.get() - before
}

#[test]
fn the_counter_counts() {
    assert!(allocations(|| drop(std::hint::black_box(Box::new([0u8; 32])))) >= 1);
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
