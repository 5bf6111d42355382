//! What people read on pages. Every text has both languages, or it does not compile.

mod bundle;
mod common;
mod fleet;
mod incident;
mod reports;
pub(crate) mod wrong;

pub(crate) use bundle::BundleWords;
pub(crate) use common::Words;
pub(crate) use fleet::FleetWords;
pub(crate) use incident::IncidentWords;
pub(crate) use reports::ReportWords;

/// Makes a set of texts: `words! { /// doc Name { key: "svenska", "English"; } }` gives `Name::of(lang).key`.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($key:ident: $sv:literal, $en:literal;)* }) => {
        $(#[$about])*
        #[derive(Debug)]
        pub(crate) struct $name { $(pub(crate) $key: &'static str),* }

        impl $name {
            const SV: Self = Self { $($key: $sv),* };
            const EN: Self = Self { $($key: $en),* };

            /// The texts in a language.
            pub(crate) const fn of(lang: $crate::web::page::Lang) -> &'static Self {
                match lang {
                    $crate::web::page::Lang::Sv => &Self::SV,
                    $crate::web::page::Lang::En => &Self::EN,
                }
            }

            /// Key, Swedish, English, for tests.
            #[cfg(test)]
            pub(crate) const ALL: &[(&str, &str, &str)] = &[$((stringify!($key), $sv, $en)),*];
        }
    };
}
pub(crate) use words;

/// Puts values into a text: `fill(text, &[("n", "3")])` replaces `{n}`.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Whether both languages of a set say something, with the same places to fill.
#[cfg(test)]
pub(crate) fn check(set: &[(&str, &str, &str)]) {
    let places = |text: &str| {
        let mut places: Vec<String> = text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect();
        places.sort();
        places
    };
    for (key, sv, en) in set {
        assert!(!sv.trim().is_empty() && !en.trim().is_empty(), "{key} says nothing in one language");
        assert_eq!(places(sv), places(en), "{key} has other places to fill in one language");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_everything() {
        check(Words::ALL);
    }

    #[test]
    fn places_are_filled() {
        assert_eq!(fill("{n} of {all}", &[("n", "3"), ("all", "8")]), "3 of 8");
    }
}
