//! The description of the JSON API.

use axum::{Json, response::IntoResponse};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        security::{Http, HttpAuthScheme, SecurityScheme},
        server::Server,
    },
};

/// Everything that a program may ask.
#[derive(OpenApi)]
#[openapi(
    info(title = "Trolley hub", version = "1", description = "What the hub's pages show, for programs. Nothing here changes anything.", license(name = "GPL-3.0-only", identifier = "GPL-3.0-only")),
    paths(super::sales, super::fleet, super::unit, super::alerts, super::entries),
    security(("token" = [])),
    modifiers(&Bearer)
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme =
            SecurityScheme::Http(Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("`hub api-token --name NAME`")).build());
        openapi.components.get_or_insert_default().add_security_scheme("token", scheme);
        openapi.servers = Some(vec![Server::new("/")]);
    }
}

pub(super) async fn document() -> impl IntoResponse {
    Json(Description::openapi())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_changes_only_on_purpose() {
        let json = Description::openapi().to_pretty_json().expect("JSON") + "\n";
        expect_test::expect_file!["openapi.json"].assert_eq(&json);
    }
}
