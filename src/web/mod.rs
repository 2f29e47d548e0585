//! HTTP: how readers, authors and programs reach the blog. The whole URL space is the table below.

pub mod access;
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
mod grants;
pub mod health;
mod identity;
pub mod limits;
mod micropub;
mod middleware;
mod missing;
mod origin;
mod pace;
pub mod problems;
pub mod respond;
pub mod server;
mod site;
mod state;
mod texts;
pub mod themes;
pub mod updates;
mod waiting;
mod wire;
mod worker;

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::web::{ServiceConfig, delete, get, method, patch, post, put, resource, to};
use actix_web::{Resource, Route};

pub use access::Access;
pub use admin::media::{PROGRAM_UPLOADS, UPLOAD_BYTES, UPLOADS};
pub use grants::MICROPUB;
pub use state::{ApiOptions, Site, SiteOptions};
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
        table(&mut |path, access, methods| {
            let resource = methods.into_iter().fold(resource(path), Resource::route);
            let guard = move |request, next| access::guard(access, request, next);
            match (access == Access::Anyone, api::is_for_programs(path)) {
                (true, false) => config.service(resource),
                (false, false) => config.service(resource.wrap(from_fn(guard))),
                (true, true) => config.service(resource.wrap(from_fn(api::around))),
                (false, true) => {
                    config.service(resource.wrap(from_fn(guard)).wrap(from_fn(api::around)))
                }
            };
        });
        config.default_service(to(site::elsewhere::show));
    }
}

/// Each address with who may come to it, for whoever checks that.
pub fn addresses() -> Vec<(String, Access)> {
    let mut all = Vec::new();
    table(&mut |path, access, _| all.push((path.to_owned(), access)));
    all
}

/// The table: a line an address. Each says who may come to it, or its section does.
#[expect(clippy::too_many_lines, reason = "it is a table, to be read as one")]
fn table(add: &mut dyn FnMut(&str, Access, Vec<Route>)) {
    use Access::{Admin, Editor, Person, Writer};
    {
        // Readers
        let mut at = |path: &str, methods| add(path, Access::Anyone, methods);
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
        at("/api/openapi.json", vec![get().to(api::openapi::show)]);
        at(api::docs::HERE, vec![get().to(api::docs::show)]);
        // Ways in
        let (show, enter) = (admin::sign_in::show, admin::sign_in::enter);
        at("/sign-in", vec![get().to(show), post().to(enter)]);
        let (show, enter) = (admin::sign_in::ask_code, admin::sign_in::enter_code);
        at("/sign-in/code", vec![get().to(show), post().to(enter)]);
        let ask = admin::passkeys::ask_signature;
        at("/sign-in/passkey", vec![post().to(ask)]);
        at("/sign-out", vec![post().to(admin::sign_in::leave)]);
        let (show, claim) = (admin::joining::show_claim, admin::joining::claim);
        at("/setup/{secret}", vec![get().to(show), post().to(claim)]);
        let ask = admin::passkeys::ask_of_claimer;
        at("/setup/{secret}/passkey", vec![post().to(ask)]);
        let (show, accept) = (admin::joining::show_invitation, admin::joining::accept);
        at(
            "/invitation/{secret}",
            vec![get().to(show), post().to(accept)],
        );
        let ask = admin::passkeys::ask_of_invited;
        at("/invitation/{secret}/passkey", vec![post().to(ask)]);
        // Ways in for others' programs
        at(grants::METADATA, vec![get().to(grants::metadata::show)]);
        let (ask, identify) = (grants::authorize::ask, grants::authorize::identify);
        let (give, revoke) = (grants::token::give, grants::token::revoke);
        let methods = vec![get().to(ask), post().to(identify)];
        at(grants::AUTHORIZE, methods);
        at(grants::TOKEN, vec![post().to(give)]);
        at(grants::REVOKE, vec![post().to(revoke)]);
    }
    {
        // Authors
        let mut at = |path: &str, access, methods| add(path, access, methods);
        at("/admin", Person, vec![get().to(admin::home::show_home)]);
        let (show, act) = (admin::desk::show_desk, admin::desk::act);
        let methods = vec![get().to(show), post().to(act)];
        at("/admin/posts", Person, methods);
        let (show, change) = (admin::tags::show_one, admin::tags::change);
        let all = admin::tags::show_all;
        at("/admin/tags", Person, vec![get().to(all)]);
        let methods = vec![get().to(show), post().to(change)];
        at("/admin/tags/{id}", Editor, methods);
        let (show, change) = (admin::redirects::show_all, admin::redirects::change);
        let methods = vec![get().to(show), post().to(change)];
        at("/admin/redirects", Admin, methods);
        let export = admin::redirects::export;
        at("/admin/redirects.csv", Admin, vec![get().to(export)]);
        let (show, save) = (admin::appearance::show, admin::appearance::save);
        let methods = vec![get().to(show), post().to(save)];
        at("/admin/appearance", Admin, methods);
        let (show, obey) = (admin::system::show, admin::system::order);
        at(
            "/admin/system",
            Admin,
            vec![get().to(show), post().to(obey)],
        );
        let (show, take) = (admin::media::library::show, admin::media::upload::take);
        let methods = vec![get().to(show), post().to(take)];
        at("/admin/media", Writer, methods);
        let (show, describe) = (admin::media::file::show, admin::media::file::describe);
        let methods = vec![get().to(show), post().to(describe)];
        at("/admin/media/{id}", Person, methods);
        let replace = admin::media::upload::replace;
        let methods = vec![post().to(replace)];
        at("/admin/media/{id}/replace", Person, methods);
        let (ask, remove) = (admin::media::file::ask, admin::media::file::remove);
        let methods = vec![get().to(ask), post().to(remove)];
        at("/admin/media/{id}/delete", Person, methods);
        let (blank, create) = (admin::editor::blank, admin::editor::create);
        at(
            "/admin/new",
            Writer,
            vec![get().to(blank), post().to(create)],
        );
        let preview = admin::editor::preview;
        at("/admin/preview", Writer, vec![post().to(preview)]);
        let (open, save) = (admin::editor::open, admin::editor::save);
        let methods = vec![get().to(open), post().to(save)];
        at("/admin/posts/{id}", Writer, methods);
        let (show, bring_back) = (admin::history::show_all, admin::history::bring_back);
        let methods = vec![get().to(show), post().to(bring_back)];
        at("/admin/posts/{id}/revisions", Person, methods);
        let copy = admin::history::copy;
        at("/admin/posts/{id}/copy", Person, vec![post().to(copy)]);
        let (show, share) = (admin::sharing::show_links, admin::sharing::share);
        let methods = vec![get().to(show), post().to(share)];
        at("/admin/posts/{id}/preview", Person, methods);
        // People
        let (show, act) = (admin::security::show, admin::security::act);
        let methods = vec![get().to(show), post().to(act)];
        at("/admin/security", Person, methods);
        let ask = admin::passkeys::ask_of_person;
        at("/admin/security/passkey", Person, vec![post().to(ask)]);
        let (show, save) = (admin::profile::show, admin::profile::save);
        at(
            "/admin/profile",
            Person,
            vec![get().to(show), post().to(save)],
        );
        let (show, act) = (admin::people::list, admin::people::invite);
        at("/admin/people", Admin, vec![get().to(show), post().to(act)]);
        let (show, act) = (admin::people::show, admin::people::act);
        let methods = vec![get().to(show), post().to(act)];
        at("/admin/people/{id}", Admin, methods);
        let (show, act) = (admin::people::ask_removal, admin::people::remove);
        let methods = vec![get().to(show), post().to(act)];
        at("/admin/people/{id}/remove", Admin, methods);
        at("/admin/audit", Admin, vec![get().to(admin::audit::show)]);
        let (show, add) = (admin::webhooks::list, admin::webhooks::add);
        at(
            "/admin/webhooks",
            Admin,
            vec![get().to(show), post().to(add)],
        );
        let (show, act) = (admin::webhooks::show, admin::webhooks::act);
        let methods = vec![get().to(show), post().to(act)];
        at("/admin/webhooks/{id}", Admin, methods);
        let (ask, decide) = (admin::consent::ask, admin::consent::decide);
        let methods = vec![get().to(ask), post().to(decide)];
        at(admin::CONSENT, Person, methods);
    }
    {
        // Others' programs
        let mut at = |path: &str, mut methods: Vec<Route>| {
            methods.push(method(Method::OPTIONS).to(grants::preflight));
            add(path, Access::Bearer, methods);
        };
        let (introspect, userinfo) = (grants::token::introspect, grants::token::userinfo);
        at(grants::INTROSPECT, vec![post().to(introspect)]);
        at(grants::USERINFO, vec![get().to(userinfo)]);
        let (query, take) = (micropub::query, micropub::take);
        at(grants::MICROPUB, vec![get().to(query), post().to(take)]);
        let (query, take) = (micropub::media::query, micropub::media::take);
        let methods = vec![get().to(query), post().to(take)];
        at(grants::MICROPUB_MEDIA, methods);
    }
    {
        // Programs that read what readers may
        let mut at = |path: &str, methods| add(path, Access::Reader, methods);
        at("/api/v1/search", vec![get().to(api::search::show)]);
    }
    {
        // Programs
        let mut at = |path: &str, methods| add(path, Access::Program, methods);
        let (list, create) = (api::webhooks::list, api::webhooks::create);
        let hook = |more: &str| format!("/api/v1/webhooks{more}");
        at(&hook(""), vec![get().to(list), post().to(create)]);
        let (show, update) = (api::webhooks::show, api::webhooks::update);
        let remove = api::webhooks::delete;
        at(
            &hook("/{id}"),
            vec![get().to(show), patch().to(update), delete().to(remove)],
        );
        let renew = api::webhooks::renew_secret;
        at(&hook("/{id}/secret"), vec![post().to(renew)]);
        let ping = api::webhooks::ping;
        at(&hook("/{id}/ping"), vec![post().to(ping)]);
        let list = api::webhooks::list_deliveries;
        at(&hook("/{id}/deliveries"), vec![get().to(list)]);
        let show = api::webhooks::show_delivery;
        at(&hook("/{id}/deliveries/{delivery}"), vec![get().to(show)]);
        let again = api::webhooks::redeliver;
        let path = hook("/{id}/deliveries/{delivery}/redeliver");
        at(&path, vec![post().to(again)]);
    }
    words_of_the_api(add);
    rest_of_the_api(add);
    {
        // Posts and pages, at their own names; last, because these take every name.
        let mut at = |path: &str, methods| add(path, Access::Anyone, methods);
        at("/{slug}.md", vec![get().to(site::machines::markdown)]);
        at("/{slug}", vec![get().to(site::post::show)]);
    }
}

/// What is written, for programs: what readers may read is for all of them, what changes something needs a
/// token.
fn words_of_the_api(add: &mut dyn FnMut(&str, Access, Vec<Route>)) {
    {
        let mut at = |path: &str, methods| add(path, Access::Reader, methods);
        for noun in ["posts", "pages"] {
            let all = format!("/api/v1/{noun}");
            let (list, create) = (api::posts::list, api::posts::create);
            at(&all, vec![get().to(list), post().to(create)]);
            let by_slug = api::posts::show_by_slug;
            at(&format!("{all}/by-slug/{{slug}}"), vec![get().to(by_slug)]);
            let (show, update) = (api::posts::show, api::posts::update);
            let one = vec![
                get().to(show),
                patch().to(update),
                delete().to(api::posts::delete),
            ];
            at(&format!("{all}/{{id}}"), one);
            let (translations, translate) = (api::sharing::translations, api::sharing::translate);
            let methods = vec![get().to(translations), put().to(translate)];
            at(&format!("{all}/{{id}}/translations"), methods);
        }
        let (list, create) = (api::tags::list, api::tags::create);
        at("/api/v1/tags", vec![get().to(list), post().to(create)]);
        let by_slug = api::tags::show_by_slug;
        at("/api/v1/tags/by-slug/{slug}", vec![get().to(by_slug)]);
        let (show, update) = (api::tags::show, api::tags::update);
        let one = vec![
            get().to(show),
            patch().to(update),
            delete().to(api::tags::delete),
        ];
        at("/api/v1/tags/{id}", one);
    }
    let mut at = |path: &str, methods| add(path, Access::Program, methods);
    for noun in ["posts", "pages"] {
        let verb = |name: &str| format!("/api/v1/{noun}/{{id}}/{name}");
        at(&verb("publish"), vec![post().to(api::posts::publish)]);
        at(&verb("unpublish"), vec![post().to(api::posts::unpublish)]);
        at(&verb("trash"), vec![post().to(api::posts::trash)]);
        at(&verb("restore"), vec![post().to(api::posts::restore)]);
        let (share, unshare) = (api::sharing::share, api::sharing::unshare);
        let methods = vec![post().to(share), delete().to(unshare)];
        at(&verb("preview"), methods);
        at(&verb("revisions"), vec![get().to(api::revisions::list)]);
        let revision = verb("revisions/{revision}");
        at(&revision, vec![get().to(api::revisions::show)]);
        let difference = api::revisions::difference;
        at(
            &format!("{revision}/difference"),
            vec![get().to(difference)],
        );
        let restore = api::revisions::restore;
        at(&format!("{revision}/restore"), vec![post().to(restore)]);
    }
    at("/api/v1/tags/{id}/merge", vec![post().to(api::tags::merge)]);
}

/// The same for what belongs to it: people, files, settings.
fn rest_of_the_api(add: &mut dyn FnMut(&str, Access, Vec<Route>)) {
    {
        let mut at = |path: &str, methods| add(path, Access::Reader, methods);
        at("/api/v1/site", vec![get().to(api::site::show)]);
        at("/api/v1/authors", vec![get().to(api::authors::list)]);
        let show = api::authors::show;
        at("/api/v1/authors/{slug}", vec![get().to(show)]);
    }
    let mut at = |path: &str, methods| add(path, Access::Program, methods);
    let (list, create) = (api::media::list, api::uploads::create);
    let methods = vec![get().to(list), post().to(create)];
    at(PROGRAM_UPLOADS, methods);
    let (show, describe) = (api::media::show, api::media::describe);
    let remove = delete().to(api::media::delete);
    let methods = vec![get().to(show), patch().to(describe), remove];
    at("/api/v1/media/{id}", methods);
    let replace = vec![put().to(api::uploads::replace)];
    at("/api/v1/media/{id}/file", replace);
    let usage = vec![get().to(api::media::usage)];
    at("/api/v1/media/{id}/usage", usage);
    let (show, change) = (api::me::show, api::me::change);
    at("/api/v1/me", vec![get().to(show), patch().to(change)]);
    let (list, create) = (api::users::list, api::users::create);
    at("/api/v1/users", vec![get().to(list), post().to(create)]);
    let (show, change) = (api::users::show, api::users::change);
    let remove = delete().to(api::users::delete);
    let methods = vec![get().to(show), patch().to(change), remove];
    at("/api/v1/users/{id}", methods);
    let make = vec![post().to(api::users::make_owner)];
    at("/api/v1/users/{id}/make-owner", make);
    let (list, create) = (api::invitations::list, api::invitations::create);
    let methods = vec![get().to(list), post().to(create)];
    at("/api/v1/invitations", methods);
    let (show, remove) = (api::invitations::show, api::invitations::delete);
    let methods = vec![get().to(show), delete().to(remove)];
    at("/api/v1/invitations/{id}", methods);
    let (list, create) = (api::tokens::list, api::tokens::create);
    let methods = vec![get().to(list), post().to(create)];
    at("/api/v1/tokens", methods);
    let (show, remove) = (api::tokens::show, api::tokens::delete);
    let methods = vec![get().to(show), delete().to(remove)];
    at("/api/v1/tokens/{id}", methods);
    let (show, change) = (api::settings::show, api::settings::change);
    let methods = vec![get().to(show), patch().to(change)];
    at("/api/v1/settings", methods);
    let (list, create) = (api::redirects::list, api::redirects::create);
    let methods = vec![get().to(list), post().to(create)];
    at("/api/v1/redirects", methods);
    let (show, change) = (api::redirects::show, api::redirects::change);
    let remove = delete().to(api::redirects::delete);
    let methods = vec![get().to(show), patch().to(change), remove];
    at("/api/v1/redirects/{id}", methods);
    let (list, forget) = (api::redirects::missing, api::redirects::forget);
    let methods = vec![get().to(list), delete().to(forget)];
    at("/api/v1/missing-pages", methods);
    at("/api/v1/audit", vec![get().to(api::audit::list)]);
}
