use super::*;
use crate::document::layout::COLUMNS_MAX;
use crate::printer::Deadlines;

#[test]
fn every_profile_has_a_name_of_its_own_and_is_found_by_it() {
    for profile in Profile::ALL {
        assert_eq!(Profile::named(profile.name), Some(*profile), "{}", profile.name);
    }
    assert_eq!(Profile::named("laser"), None);
}

#[test]
fn every_profile_hangs_together() {
    for profile in Profile::ALL {
        let name = profile.name;
        assert!(usize::from(profile.columns) <= COLUMNS_MAX, "{name}: a line that the layout can set");
        assert!(u16::from(profile.columns) * 12 <= profile.width_dots, "{name}: columns of 12 dots fit the paper");
        assert!((128..=256).contains(&profile.raster_rows_max), "{name}");
        assert!(profile.raster_bytes_max() <= Deadlines::default().flush_bytes, "{name}: zero bytes end any raster command");
        assert!(profile.drawer_on_2ms <= profile.drawer_off_2ms && profile.drawer_pin <= 1, "{name}");
        assert!(!profile.has_clear || profile.has_real_time_status, "{name}: who clears answers");
        let own = NumberedPage { number: profile.page_number, page: profile.page };
        assert!(profile.page_lines().any(|line| line == own), "{name}: the page test shows the page in use");
        for letter in "åäöÅÄÖé".chars() {
            assert!(profile.page.byte(letter).is_some(), "{name} writes {letter}");
        }
    }
}

#[test]
fn the_chosen_line_of_the_page_test_becomes_the_page() {
    let fifth = CITIZEN.page_line(5).expect("a fifth line");
    assert_eq!((fifth.number, fifth.page), (19, CodePage::Pc858));
    let sixth = CITIZEN.page_line(6).expect("a page that this maker may have");
    let chosen = CITIZEN.with_page(sixth);
    assert_eq!((chosen.page_number, chosen.page), (2, CodePage::Pc858));
    assert_eq!((CITIZEN.page_line(0), CITIZEN.page_line(200)), (None, None));
}

#[test]
fn a_mute_printer_claims_no_answer() {
    assert!(GENERIC_58MM_MUTE.is_mute() && EPSON_80MM.mute().is_mute());
    assert!(Profile::ALL.iter().all(|profile| profile.is_mute() == profile.name.ends_with("-mute")));
}
