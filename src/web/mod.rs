//! HTTP: how readers, authors and programs reach the blog. The whole URL space is the table below.

mod admin;
mod api;
mod at_hand;
mod attempts;
pub mod clear;
mod client;
mod connections;
mod draining;
mod entrance;
pub mod error;
mod farewell;
mod forms;
pub mod front;
pub mod health;
mod identity;
pub mod limits;
mod middleware;
mod origin;
mod pace;
pub mod respond;
pub mod server;
mod site;
mod state;
mod texts;
pub mod themes;
pub mod updates;
mod wire;
mod worker;

use actix_web::web::{ServiceConfig, delete, get, patch, post, put, resource, to};
use actix_web::{Resource, Route};

pub use state::{Site, SiteOptions};
pub use themes::Themes;

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
        let mut at = |path: &str, methods: Vec<Route>| {
            let resource = methods.into_iter().fold(resource(path), Resource::route);
            config.service(resource);
        };
        // Readers
        at("/", vec![get().to(site::timeline::first)]);
        at("/page/{number}", vec![get().to(site::timeline::older)]);
        at("/search", vec![get().to(site::search::show)]);
        at("/tag/{slug}", vec![get().to(site::tag::first)]);
        at("/tag/{slug}/page/{n}", vec![get().to(site::tag::older)]);
        at("/author/{slug}", vec![get().to(site::author::first)]);
        at(
            "/author/{slug}/page/{n}",
            vec![get().to(site::author::older)],
        );
        at("/archive", vec![get().to(site::archive::all)]);
        at("/archive/{year}", vec![get().to(site::archive::year)]);
        let older = site::archive::older_of_year;
        at("/archive/{year}/page/{n}", vec![get().to(older)]);
        at(
            "/archive/{year}/{month}",
            vec![get().to(site::archive::month)],
        );
        let older = site::archive::older_of_month;
        at("/archive/{year}/{month}/page/{n}", vec![get().to(older)]);
        for file in ["feed.xml", "atom.xml", "feed.json"] {
            for list in ["", "/tag/{slug}", "/author/{slug}"] {
                at(&format!("{list}/{file}"), vec![get().to(site::feeds::show)]);
            }
        }
        at("/robots.txt", vec![get().to(site::machines::robots)]);
        at("/sitemap.xml", vec![get().to(site::machines::sitemap)]);
        let part = site::machines::sitemap_part;
        at("/sitemap-{part}.xml", vec![get().to(part)]);
        at("/llms.txt", vec![get().to(site::machines::llms)]);
        let security = site::machines::security;
        at("/.well-known/security.txt", vec![get().to(security)]);
        let manifest = site::machines::manifest;
        at("/manifest.webmanifest", vec![get().to(manifest)]);
        at("/media/{path:.*}", vec![get().to(site::media::show)]);
        at("/cards/{name}", vec![get().to(site::pictures::card)]);
        at(
            "/icons/{folder}/{file}",
            vec![get().to(site::pictures::icon)],
        );
        for file in ["/favicon.ico", "/apple-touch-icon.png"] {
            at(file, vec![get().to(site::pictures::unasked)]);
        }
        at("/preview/{secret}", vec![get().to(site::preview::show)]);
        at("/assets/{file:.*}", vec![get().to(site::assets::file)]);
        // Authors
        let (show, enter) = (admin::sign_in::show, admin::sign_in::enter);
        at("/sign-in", vec![get().to(show), post().to(enter)]);
        at("/sign-out", vec![post().to(admin::sign_in::leave)]);
        at("/admin", vec![get().to(admin::desk::show)]);
        let (show, save) = (admin::appearance::show, admin::appearance::save);
        at("/admin/appearance", vec![get().to(show), post().to(save)]);
        let (show, obey) = (admin::system::show, admin::system::order);
        at("/admin/system", vec![get().to(show), post().to(obey)]);
        let (blank, create) = (admin::editor::blank, admin::editor::create);
        at("/admin/new", vec![get().to(blank), post().to(create)]);
        let (open, save) = (admin::editor::open, admin::editor::save);
        at("/admin/posts/{id}", vec![get().to(open), post().to(save)]);
        // Programs
        at(
            "/api/v1/posts",
            vec![get().to(api::posts::list), post().to(api::posts::create)],
        );
        at(
            "/api/v1/posts/{id}",
            vec![
                get().to(api::posts::show),
                patch().to(api::posts::update),
                delete().to(api::posts::delete),
            ],
        );
        let verb = |name: &str| format!("/api/v1/posts/{{id}}/{name}");
        at(&verb("publish"), vec![post().to(api::posts::publish)]);
        at(&verb("unpublish"), vec![post().to(api::posts::unpublish)]);
        at(&verb("trash"), vec![post().to(api::posts::trash)]);
        at(&verb("restore"), vec![post().to(api::posts::restore)]);
        let (share, unshare) = (api::sharing::share, api::sharing::unshare);
        at(
            &verb("preview"),
            vec![post().to(share), delete().to(unshare)],
        );
        let (translations, translate) = (api::sharing::translations, api::sharing::translate);
        at(
            &verb("translations"),
            vec![get().to(translations), put().to(translate)],
        );
        at("/api/v1/search", vec![get().to(api::search::show)]);
        at("/{slug}.md", vec![get().to(site::machines::markdown)]);
        // Posts and pages, at their own names; last, because it takes every name.
        at("/{slug}", vec![get().to(site::post::show)]);
        config.default_service(to(site::elsewhere::show));
    }
}
