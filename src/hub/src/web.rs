//! The pages for depot and office.
//!
//! **Invariant.** No page is drawn and no form is read before [`route`]'s guard has looked: who it is, what they may do, whether the form is
//! ours. A page takes [`page::Page`] as an argument, its template begins with `{% extends "layout.html" %}`, its texts stand in a set made by
//! [`words::words`] in both languages, and its route names the right that it needs.

pub mod accounts;
mod alerts;
mod assets;
mod drafts;
mod fleet;
mod incident;
mod live;
mod members;
mod page;
mod reports;
mod rights;
mod route;
mod secret;
mod unit;
mod words;

use std::sync::{Arc, LazyLock};

use axum::{Router, extract::Request, http::Method, response::Response, routing::get};

use self::route::Pages;
use crate::Hub;

/// All pages.
pub fn routes() -> Router<Arc<Hub>> {
    pages().into_router().route("/assets/{file}", get(assets::serve))
}

/// The page of a path where there is none.
pub(crate) async fn missing(hub: &Hub, request: Request) -> Response {
    route::missing(&request.into_parts().0, hub).await
}

/// Whether there is a page at this path, so that the head's list names none that is not there.
fn is_page(path: &str) -> bool {
    static PAGES: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let listed = pages();
        listed.listed().iter().filter(|route| route.method == Method::GET).map(|route| route.path).collect()
    });
    PAGES.contains(&path)
}

/// All pages with what each needs.
fn pages() -> Pages {
    let reports = reports::pages();
    let all = [
        fleet::pages(),
        unit::pages(),
        alerts::pages(),
        incident::pages(),
        live::pages(),
        accounts::pages(),
        members::pages(),
        drafts::pages(),
        reports,
    ];
    all.into_iter().fold(Pages::default(), Pages::merge)
}

#[cfg(test)]
mod tests;
