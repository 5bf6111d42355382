//! The pages for depot and office.

use std::sync::Arc;

use axum::Router;

use crate::Hub;

/// All pages.
pub fn routes() -> Router<Arc<Hub>> {
    Router::new()
}
