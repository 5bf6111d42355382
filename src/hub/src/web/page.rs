//! What every page knows: who looks, in which language, by day or by night.

use std::{borrow::Borrow, convert::Infallible};

use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use chrono::DateTime;
use hub_store::{Fault, accounts::Account};

use super::{
    assets,
    rights::Right,
    words::{Words, fill},
};
use crate::answer::No;

/// How long the second factor counts as just shown, in seconds.
pub(crate) const PROVEN_S: i64 = 10 * 60;

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    /// Swedish.
    Sv,
    /// English.
    En,
}

/// Bright, dark, or as the machine wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Auto,
    Day,
    Night,
}

/// What every page is drawn with. Each handler of a page takes it as an argument; the guard before the handler made it.
#[derive(Clone)]
pub(crate) struct Page {
    /// The language.
    pub(crate) lang: Lang,
    /// Its words.
    pub(crate) w: &'static Words,
    /// Day or night.
    pub(crate) look: Look,
    /// Who looks. None on the few pages that need nobody.
    pub(crate) account: Option<Account>,
    /// Whether the second factor was shown a short while ago; where not, forms that need it have a field `code`.
    pub(crate) proven: bool,
    /// Goes into each form as the field `csrf`.
    pub(crate) csrf: String,
    /// The path with its query.
    pub(crate) path: String,
    /// Now, seconds since 1970.
    pub(crate) now_s: i64,
}

/// A page in the head's list.
pub(crate) struct Link {
    pub(crate) href: &'static str,
    pub(crate) word: &'static str,
    pub(crate) here: bool,
}

impl Lang {
    /// As HTML and accounts write it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Sv => "sv",
            Self::En => "en",
        }
    }

    /// Its own name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sv => "Svenska",
            Self::En => "English",
        }
    }

    /// The one that is not chosen.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Sv => Self::En,
            Self::En => Self::Sv,
        }
    }

    /// The language of a code.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        [Self::Sv, Self::En].into_iter().find(|lang| lang.code() == code)
    }

    /// What a browser likes best of what there is. English where it likes neither.
    pub(crate) fn accepted(headers: &HeaderMap) -> Self {
        let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut best = (Self::En, 0.0);
        for part in wanted.split(',') {
            let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
            let weight: f32 = weight.trim().parse().unwrap_or(0.0);
            let code = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
            if let Some(lang) = Self::parse(&code)
                && weight > best.1
            {
                best = (lang, weight);
            }
        }
        best.0
    }
}

impl Look {
    /// As cookies and HTML write it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Day => "day",
            Self::Night => "night",
        }
    }

    /// The one that the switch leads to.
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::Auto => Self::Day,
            Self::Day => Self::Night,
            Self::Night => Self::Auto,
        }
    }

    /// The look of a name; what is not known is left to the machine.
    pub(crate) fn parse(name: &str) -> Self {
        [Self::Day, Self::Night].into_iter().find(|look| look.name() == name).unwrap_or(Self::Auto)
    }
}

impl Page {
    /// Whether who looks may do that.
    pub(crate) fn may(&self, right: Right) -> bool {
        self.account.as_ref().is_some_and(|account| right.of(account.role))
    }

    /// Who looks, as the audit log names them; empty on pages that need nobody.
    pub(crate) fn login(&self) -> &str {
        self.account.as_ref().map_or("", |account| &account.login)
    }

    /// The pages that there are for who looks.
    pub(crate) fn nav(&self) -> Vec<Link> {
        let w = self.w;
        let all = [
            ("/", w.nav_fleet, Right::See),
            ("/incidents", w.nav_incidents, Right::See),
            ("/alerts", w.nav_alerts, Right::See),
            ("/sales", w.nav_sales, Right::Reports),
            ("/trips", w.nav_trips, Right::Reports),
            ("/receipts", w.nav_receipts, Right::Reports),
            ("/z", w.nav_z, Right::Reports),
            ("/findings", w.nav_findings, Right::Reports),
            ("/bundles", w.nav_bundles, Right::See),
            ("/accounts", w.nav_accounts, Right::Accounts),
            ("/audit", w.nav_audit, Right::Audit),
        ];
        let path = self.path.split('?').next().unwrap_or_default();
        let here = |href: &str| path == href || (href != "/" && path.starts_with(href)) || (href == "/" && path.starts_with("/units"));
        all.into_iter()
            .filter(|(href, _, right)| self.may(*right) && super::is_page(href))
            .map(|(href, word, _)| Link { href, word, here: here(href) })
            .collect()
    }

    /// Where a file lies.
    pub(crate) fn asset(&self, name: &str) -> &'static str {
        assets::path(name)
    }

    /// What the switch between day and night shows.
    pub(crate) const fn look_word(&self) -> &'static str {
        match self.look {
            Look::Auto => self.w.look_auto,
            Look::Day => self.w.look_day,
            Look::Night => self.w.look_night,
        }
    }

    /// A moment as the clock on the wall shows it, date first: `2026-11-24 14:12`.
    pub(crate) fn clock(&self, at_s: impl Borrow<i64>) -> String {
        let moment = DateTime::from_timestamp(*at_s.borrow(), 0).unwrap_or_default().with_timezone(&chrono_tz::Europe::Stockholm);
        moment.format("%Y-%m-%d %H:%M").to_string()
    }

    /// How long ago, in the largest unit that fits.
    pub(crate) fn ago(&self, at_s: impl Borrow<i64>) -> String {
        let (text, n) = match (self.now_s - at_s.borrow()).max(0) {
            0..60 => return self.w.now.to_owned(),
            s @ 60..7_200 => (self.w.minutes_ago, s / 60),
            s @ 7_200..172_800 => (self.w.hours_ago, s / 3_600),
            s => (self.w.days_ago, s / 86_400),
        };
        fill(text, &[("n", &n.to_string())])
    }
}

/// The guard lets no page be drawn without it.
impl<S: Sync> FromRequestParts<S> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let page = parts.extensions.get::<Self>().cloned();
        Ok(page.unwrap_or_else(|| panic!("a page was routed past the guard")))
    }
}

/// What a handler of a page answers where it cannot: the guard draws it as a page.
#[derive(Debug)]
pub(crate) struct Wrong(pub(crate) No);

impl Wrong {
    /// A refusal whose sentences stand in [`super::words::wrong`], in each language.
    pub(crate) fn say(status: StatusCode, code: &str) -> Self {
        Self::new(status, code, code, "")
    }

    /// A refusal with its own sentences.
    pub(crate) fn new(status: StatusCode, code: &str, what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self(No::new(status, code, what, todo))
    }

    /// There is no such thing.
    pub(crate) fn missing() -> Self {
        Self::say(StatusCode::NOT_FOUND, "page.missing")
    }
}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        Self(fault.into())
    }
}

impl From<No> for Wrong {
    fn from(no: No) -> Self {
        Self(no)
    }
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        let refused = self.0.refused.clone();
        let mut response = self.0.into_response();
        response.extensions_mut().insert(refused);
        response
    }
}

/// Draws a template.
pub(crate) fn show(template: &impl Template) -> Result<Response, Wrong> {
    let drawn = template.render();
    let fault = |error: askama::Error| Wrong(Fault::Damaged(format!("a page cannot be drawn: {error}")).into());
    drawn.map(|html| Html(html).into_response()).map_err(fault)
}
