//! Every text of the screens exists in every language, and every colour can be read.

use std::collections::BTreeSet;
use std::path::Path;

use i_slint_backend_testing::init_no_event_loop;
use slint::{Color, Global};
use ui::{AppWindow, Language, Theme};

#[test]
fn every_text_of_the_screens_is_in_every_language() {
    let wanted = texts_of_the_screens();
    assert!(wanted.len() > 150, "only {} texts found: has the folder moved?", wanted.len());
    for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("lang/{}/LC_MESSAGES/ui.po", language.code()));
        let catalogue = std::fs::read_to_string(path).expect("the catalogue");
        let mut have = BTreeSet::new();
        let mut source = "";
        for line in catalogue.lines() {
            if let Some(text) = quoted(line, "msgid ") {
                source = text;
            } else if let Some(text) = quoted(line, "msgstr ").or_else(|| quoted(line, "msgstr[1] "))
                && !text.is_empty()
            {
                assert_eq!(holes(source), holes(text), "{source:?} and {text:?} have other places to fill in");
                have.insert(source.to_owned());
            }
        }
        let missing: Vec<_> = wanted.difference(&have).collect();
        let stale: Vec<_> = have.difference(&wanted).collect();
        assert!(missing.is_empty() && stale.is_empty(), "{}: missing {missing:#?}, no longer used {stale:#?}", language.code());
    }
}

#[test]
fn every_colour_can_be_read_by_day_and_by_night() {
    init_no_event_loop();
    let window = AppWindow::new().expect("a window");
    let theme = Theme::get(&window);
    for night in [false, true] {
        theme.set_night(night);
        let grounds = [theme.get_surface(), theme.get_raised(), theme.get_accent_soft(), theme.get_pressed()];
        for ground in grounds {
            // Prices and totals stand in ink.
            check("ink", theme.get_ink(), ground, 7.0, night);
        }
        for ground in [theme.get_surface(), theme.get_raised(), theme.get_accent_soft(), theme.get_good_soft()] {
            check("muted", theme.get_muted(), ground, 4.5, night);
        }
        for (name, ground) in
            [("good-soft", theme.get_good_soft()), ("warn-soft", theme.get_warn_soft()), ("bad-soft", theme.get_bad_soft())]
        {
            check(name, theme.get_ink(), ground, 7.0, night);
        }
        // The total stands on the pay button.
        check("accent", theme.get_on_accent(), theme.get_accent(), 7.0, night);
        check("accent-pressed", theme.get_on_accent(), theme.get_accent_pressed(), 7.0, night);
        for (name, front, soft, on) in [
            ("good", theme.get_good(), theme.get_good_soft(), theme.get_on_good()),
            ("warn", theme.get_warn(), theme.get_warn_soft(), theme.get_on_warn()),
            ("bad", theme.get_bad(), theme.get_bad_soft(), theme.get_on_bad()),
        ] {
            check(name, front, theme.get_raised(), 4.5, night);
            check(name, front, theme.get_surface(), 4.5, night);
            check(name, front, soft, 4.5, night);
            check(name, on, front, 4.5, night);
        }
        check("shut", theme.get_on_shut(), theme.get_shut(), 4.5, night);
        check("paper", theme.get_on_paper(), theme.get_paper(), 7.0, night);
        for hue in 0..7 {
            check("disc", Color::from_rgb_u8(255, 255, 255), theme.invoke_disc(hue), 4.5, night);
            check("mark", theme.invoke_mark(hue), theme.get_raised(), 3.0, night);
        }
    }
}

fn check(name: &str, front: Color, ground: Color, least: f64, night: bool) {
    let (one, two) = (luminance(front), luminance(ground));
    let ratio = (one.max(two) + 0.05) / (one.min(two) + 0.05);
    assert!(ratio >= least, "{name} {front:?} on {ground:?} (night {night}) is {ratio:.2}:1, wanted {least}:1");
}

/// Relative luminance as WCAG 2 defines it.
fn luminance(colour: Color) -> f64 {
    let linear = |channel: u8| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour.red()) + 0.7152 * linear(colour.green()) + 0.0722 * linear(colour.blue())
}

fn texts_of_the_screens() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("slint");
    let mut texts = BTreeSet::new();
    for file in std::fs::read_dir(folder).expect("the folder of the screens") {
        let source = std::fs::read_to_string(file.expect("a file").path()).expect("a screen");
        for part in source.split("@tr(\"").skip(1) {
            texts.insert(part.split('"').next().expect("the text").to_owned());
        }
    }
    texts
}

fn quoted<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.strip_prefix('"')?.strip_suffix('"')
}

/// The places to fill in, sorted: languages order them as they like.
fn holes(text: &str) -> Vec<&str> {
    let mut holes: Vec<_> = text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
    holes.sort_unstable();
    holes
}
