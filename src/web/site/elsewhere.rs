//! Addresses nobody answers to as they are: perhaps the owner sends them elsewhere, perhaps they are
//! written a little differently from one of ours. Both are told by a redirect that keeps the query.

use actix_web::http::Method;
use actix_web::http::header::{HeaderValue, LOCATION, REFERER};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::{CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::app::{self, reader};
use crate::web::error::Error;
use crate::web::state::Site;

use super::{directory, view};

/// The handler of every address that is in no table.
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    if request.method() != Method::GET {
        return Err(app::Error::NotFound.into());
    }
    instead(&request, &site).await
}

/// Where an address leads at which nothing was found.
pub(super) async fn instead(request: &HttpRequest, site: &Site) -> Result<HttpResponse, Error> {
    let path = decoded(request)?;
    let found = site.work(move |site| match reader::elsewhere(&site.app, &path) {
        // What the owner says goes before what we make of it.
        Err(app::Error::NotFound) => usual_form(site, &path),
        found => found,
    });
    answer(request, site, in_vain(request, site, found.await)?)
}

/// The same for one of which it is known already that it was not moved.
pub(super) async fn in_usual_form(
    request: &HttpRequest,
    site: &Site,
) -> Result<HttpResponse, Error> {
    let path = decoded(request)?;
    if directory::usual_form(&path).is_none() {
        return Ok(in_vain(request, site, Err(app::Error::NotFound))?);
    }
    let found = site.work(move |site| usual_form(site, &path));
    answer(request, site, in_vain(request, site, found.await)?)
}

/// Counts what a reader did not find, so that the owner can send the next one somewhere.
fn in_vain<T>(
    request: &HttpRequest,
    site: &Site,
    found: Result<T, app::Error>,
) -> Result<T, app::Error> {
    if matches!(found, Err(app::Error::NotFound))
        && let Ok(path) = decoded(request)
    {
        let referrer = request.headers().get(REFERER);
        let referrer = referrer.and_then(|referrer| referrer.to_str().ok());
        if site.missing.note(&path, referrer) {
            let site = site.clone();
            actix_web::rt::task::spawn_blocking(move || site.missing.write_down(&site.app));
        }
    }
    found
}

fn decoded(request: &HttpRequest) -> Result<String, app::Error> {
    let path = percent_decode_str(request.path()).decode_utf8();
    let path = path.map_err(|_| app::Error::NotFound)?;
    Ok(path.into_owned())
}

fn usual_form(site: &Site, path: &str) -> Result<reader::Found, app::Error> {
    let usual = directory::usual_form(path).ok_or(app::Error::NotFound)?;
    if directory::has(&site.app, &usual)? {
        Ok(reader::Found::Moved {
            to: utf8_percent_encode(&usual, CONTROLS).to_string(),
            permanent: true,
        })
    } else {
        Err(app::Error::NotFound)
    }
}

fn answer(request: &HttpRequest, site: &Site, found: reader::Found) -> Result<HttpResponse, Error> {
    match found {
        reader::Found::Moved { to, permanent } => {
            let mut answer = view::moved(&to, permanent);
            keep_query(request, site, &mut answer);
            Ok(answer)
        }
        reader::Found::Post(_) => Err(app::Error::NotFound.into()),
    }
}

/// A redirect to a place on this site takes the question along that was asked of the old one.
pub(super) fn keep_query(request: &HttpRequest, site: &Site, answer: &mut HttpResponse) {
    let query = request.query_string();
    if query.is_empty() || !answer.status().is_redirection() {
        return;
    }
    let Some(to) = answer.headers().get(LOCATION) else {
        return;
    };
    let to = to.to_str().unwrap_or_default();
    let is_own = to.starts_with('/')
        || to
            .strip_prefix(&*site.base_url)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if !is_own {
        return;
    }
    if let Ok(to) = HeaderValue::from_str(&with_query(to, query)) {
        answer.headers_mut().insert(LOCATION, to);
    }
}

fn with_query(to: &str, query: &str) -> String {
    let (address, fragment) = match to.split_once('#') {
        Some((address, fragment)) => (address, format!("#{fragment}")),
        None => (to, String::new()),
    };
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}{query}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_finds_its_place() {
        for (to, expected) in [
            ("/a", "/a?q=1"),
            ("/a?b", "/a?b&q=1"),
            ("/a#c", "/a?q=1#c"),
            ("/a?b#c?d", "/a?b&q=1#c?d"),
        ] {
            assert_eq!(with_query(to, "q=1"), expected);
        }
    }
}
