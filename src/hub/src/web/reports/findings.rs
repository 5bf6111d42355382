//! What does not add up, and what could not be read.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use hub_store::{
    Fault,
    views::{Finding, FindingKind, SaleAt, Shelved},
};

use super::{day_text, money};
use crate::{
    Hub,
    web::{
        page::{Page, Wrong, show},
        rights::Right,
        route::{Pages, query_safe},
        words::{ReportWords, fill},
    },
};

/// Characters of a log's identity that tell it from others.
const LOG_CHARS: usize = 8;

/// The pages here.
pub(super) fn pages() -> Pages {
    Pages::default().get("/findings", Right::Reports, findings)
}

struct Line {
    name: &'static str,
    what: String,
    todo: &'static str,
    href: Option<String>,
    is_grave: bool,
    unit: String,
    unit_href: String,
    register: String,
    log: String,
    branch: Option<String>,
    seq: u64,
}

struct Aside {
    unit: String,
    unit_href: String,
    day: String,
    log: String,
    seq: u64,
    why: String,
    length: u64,
}

#[derive(Template)]
#[template(path = "reports/findings.html")]
struct FindingsPage {
    page: Page,
    w: &'static ReportWords,
    lines: Vec<Line>,
    aside: Vec<Aside>,
}

async fn findings(page: Page, State(hub): State<Arc<Hub>>) -> Result<Response, Wrong> {
    let w = ReportWords::of(page.lang);
    let (findings, shelved) = hub.ask(|store| Ok::<_, Fault>((store.findings()?, store.shelved()?))).await?;
    show(&FindingsPage {
        w,
        lines: findings.iter().map(|finding| line(finding, w)).collect(),
        aside: shelved.iter().map(|shelved| aside(shelved, w)).collect(),
        page,
    })
}

fn line(finding: &Finding, w: &'static ReportWords) -> Line {
    let [name, what, todo] = w.found(finding.kind);
    let amount = |minor| if finding.currency.is_empty() { i64::to_string(&minor) } else { money(minor, &finding.currency) };
    let minor = match finding.kind {
        FindingKind::ReceiptDoubled => finding.minor.to_string(),
        _ => amount(finding.minor),
    };
    let register = if finding.register.is_empty() { "–" } else { &finding.register };
    let values =
        [("no", finding.no.to_string()), ("minor", minor), ("other", amount(finding.other_minor)), ("register", register.to_owned())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let search = || Some(format!("/receipts?register={}&no={}", query_safe(&finding.register), finding.no));
    let unit_href = format!("/units/{}", query_safe(&finding.unit));
    Line {
        name,
        what: fill(what, &values),
        todo,
        href: match finding.kind {
            FindingKind::RefundExceeds | FindingKind::ReceiptDoubled => search(),
            FindingKind::ZDiffers => Some(format!("/z/{}", SaleAt { log: finding.log, branch: finding.branch, seq: finding.seq })),
            FindingKind::RegisterDoubled | FindingKind::Forked | FindingKind::ReceiptGap => Some(unit_href.clone()),
        },
        is_grave: finding.kind <= FindingKind::Forked,
        unit: finding.unit.clone(),
        unit_href,
        register: register.to_owned(),
        log: finding.log.to_string().chars().take(LOG_CHARS).collect(),
        branch: (finding.branch > 0).then(|| fill(w.branch, &[("n", &finding.branch.to_string())])),
        seq: finding.seq,
    }
}

fn aside(shelved: &Shelved, w: &ReportWords) -> Aside {
    Aside {
        unit: shelved.unit.clone(),
        unit_href: format!("/units/{}", query_safe(&shelved.unit)),
        day: day_text(shelved.day),
        log: shelved.log.to_string().chars().take(LOG_CHARS).collect(),
        seq: shelved.seq,
        why: shelved.kind.map_or_else(|| shelved.why.clone(), |kind| fill(w.why_unknown, &[("n", &kind.to_string())])),
        length: shelved.length,
    }
}
