//! HTTP: how readers, authors and programs reach the blog. The whole URL space is the table below.

mod api;
mod assets;
mod connections;
pub mod error;
mod farewell;
pub mod health;
mod identity;
pub mod limits;
mod middleware;
mod pace;
pub mod respond;
pub mod server;
mod site;
mod state;
mod templates;

use actix_web::web::{ServiceConfig, delete, get, patch, post, to};

pub use assets::Assets;
pub use state::{Site, SiteOptions};
pub use templates::Templates;

/// The page that says what went wrong, in the site's own dress.
pub fn error_page(site: Site) -> error::ErrorPage {
    std::sync::Arc::new(move |_request, problem| site::failure::page(&site, problem))
}

/// Every address of the site.
pub fn routes(site: Site) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    move |config| {
        config.app_data(actix_web::web::Data::new(site.clone()));
        site.health.public_routes(config);
        if let Some(access) = &site.metrics_access {
            site.health.metrics_route(access, config);
        }
        config
            // Readers
            .route("/", get().to(site::timeline::first))
            .route("/page/{number}", get().to(site::timeline::older))
            .route("/search", get().to(site::search::show))
            .route("/assets/{file:.*}", get().to(site::assets::file))
            // Programs
            .route("/api/v1/posts", get().to(api::posts::list))
            .route("/api/v1/posts", post().to(api::posts::create))
            .route("/api/v1/posts/{id}", get().to(api::posts::show))
            .route("/api/v1/posts/{id}", patch().to(api::posts::update))
            .route("/api/v1/posts/{id}", delete().to(api::posts::delete))
            .route("/api/v1/posts/{id}/publish", post().to(api::posts::publish))
            .route(
                "/api/v1/posts/{id}/unpublish",
                post().to(api::posts::unpublish),
            )
            .route("/api/v1/posts/{id}/trash", post().to(api::posts::trash))
            .route("/api/v1/posts/{id}/restore", post().to(api::posts::restore))
            .route("/api/v1/search", get().to(api::search::show))
            // Posts and pages, at their own names; last, because it takes every name.
            .route("/{slug}", get().to(site::post::show))
            .default_service(to(respond::nothing_here));
    }
}
