//! What pages load beside themselves: built into the program, named by their hash, kept by browsers for ever.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// Name, media type, bytes.
const FILES: &[(&str, &str, &[u8])] = &[
    ("style.css", "text/css; charset=utf-8", include_bytes!("../../assets/style.css")),
    ("live.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/live.js")),
    ("htmx.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/htmx-2.0.11.min.js")),
    ("uplot.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/uplot-1.6.32.min.js")),
    ("uplot.css", "text/css; charset=utf-8", include_bytes!("../../assets/uplot-1.6.32.min.css")),
    ("chart.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/chart.js")),
    ("icon.svg", "image/svg+xml", include_bytes!("../../assets/icon.svg")),
];

struct Asset {
    name: &'static str,
    path: String,
    media: &'static str,
    bytes: &'static [u8],
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let asset = |&(name, media, bytes): &(&'static str, &'static str, &'static [u8])| {
        let hash = HEXLOWER.encode(&Sha256::digest(bytes)[..8]);
        Asset { name, path: format!("/assets/{hash}-{name}"), media, bytes }
    };
    FILES.iter().map(asset).collect()
});

/// Where a page finds a file.
///
/// # Panics
/// Where there is no such file: a template is wrong.
#[must_use]
pub(crate) fn path(name: &str) -> &'static str {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    asset.map(|asset| asset.path.as_str()).unwrap_or_else(|| panic!("there is no asset {name}"))
}

/// Hands out a file.
pub(crate) async fn serve(Path(file): Path<String>) -> Response {
    let found = ASSETS.iter().find(|asset| asset.path.strip_prefix("/assets/") == Some(&*file));
    let Some(asset) = found else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [
        (header::CONTENT_TYPE, asset.media),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, asset.bytes).into_response()
}
