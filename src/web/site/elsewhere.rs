//! Every address nobody else answers to: perhaps it has moved.

use actix_web::http::Method;
use actix_web::http::header::{HeaderValue, LOCATION};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::percent_decode_str;

use crate::app::{self, reader};
use crate::web::error::Error;
use crate::web::state::Site;

use super::view;

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    let path = percent_decode_str(request.path()).decode_utf8();
    let Some(path) = path.ok().filter(|_| request.method() == Method::GET) else {
        return Err(app::Error::NotFound.into());
    };
    let path = path.into_owned();
    let found = site.work(move |site| reader::elsewhere(&site.app, &path));
    match found.await? {
        reader::Found::Moved { to, permanent } => {
            Ok(with_question(&request, view::moved(&to, permanent)))
        }
        reader::Found::Post(_) => Err(app::Error::NotFound.into()),
    }
}

/// Whoever asked with `?…` and is sent to another address of this site keeps that. Other sites are told
/// nothing.
pub(super) fn with_question(request: &HttpRequest, mut answer: HttpResponse) -> HttpResponse {
    let to = answer.headers().get(LOCATION);
    let to = to
        .and_then(|to| to.to_str().ok())
        .and_then(|to| asked_at(to, request.query_string()))
        .and_then(|to| HeaderValue::from_str(&to).ok());
    if let Some(to) = to {
        answer.headers_mut().insert(LOCATION, to);
    }
    answer
}

fn asked_at(to: &str, question: &str) -> Option<String> {
    if question.is_empty() || !to.starts_with('/') || to.starts_with("//") {
        return None;
    }
    let (address, place) = match to.split_once('#') {
        Some((address, place)) => (address, format!("#{place}")),
        None => (to, String::new()),
    };
    let joint = if address.contains('?') { '&' } else { '?' };
    Some(format!("{address}{joint}{question}{place}"))
}

#[cfg(test)]
mod tests {
    use super::asked_at;

    #[test]
    fn questions_go_along_within_the_site() {
        let asked = |to, question| asked_at(to, question).unwrap_or_default();
        assert_eq!(asked("/new", "a=1"), "/new?a=1");
        assert_eq!(asked("/new?b=2", "a=1"), "/new?b=2&a=1");
        assert_eq!(asked("/new#end", "a=1"), "/new?a=1#end");
        for (to, question) in [("/new", ""), ("https://example.org/", "a"), ("//x", "a")] {
            assert_eq!(asked_at(to, question), None, "{to}");
        }
    }
}
