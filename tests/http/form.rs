//! The form files are sent in, as a browser sends it.

use super::site::{Answer, Site};

const BOUNDARY: &str = "inkstand-boundary-7d91";
const MAX_ANSWER_BYTES: u64 = 64 * 1024 * 1024;
const OWN: (&str, &str) = ("sec-fetch-site", "same-origin");
pub(crate) const JSON: (&str, &str) = ("accept", "application/json");

/// Fields of words, then files with their names.
pub(crate) fn body(words: &[(&str, &str)], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in words {
        let head =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend(head.as_bytes());
        body.extend(value.as_bytes());
        body.extend(b"\r\n");
    }
    for (name, bytes) in files {
        // Whatever kind the browser says it is, nobody believes it.
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: image/png\r\n\r\n"
        );
        body.extend(head.as_bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

pub(crate) fn kind() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// Somebody who is signed in and uploads.
pub(crate) struct Sender<'a> {
    pub(crate) site: &'a Site,
    pub(crate) cookie: String,
}

impl Sender<'_> {
    pub(crate) fn owner(site: &Site) -> Sender<'_> {
        site.token();
        Sender::of(site, "owner@example.org", "a password of the owner")
    }

    #[track_caller]
    pub(crate) fn of<'a>(site: &'a Site, email: &str, password: &str) -> Sender<'a> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("email", email), ("password", password)])
            .finish();
        let headers = [OWN, ("content-type", "application/x-www-form-urlencoded")];
        let browser = site.anyone();
        let entered = browser.send("POST", "/sign-in", &headers, Some(form.as_bytes()));
        let entered = entered.expect(303);
        let cookie = entered.header("set-cookie").unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Sender { site, cookie }
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        let headers = [("cookie", &*self.cookie)];
        self.site.anyone().send("GET", path, &headers, None)
    }

    /// A plain form.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let headers = [OWN, kind, ("cookie", &*self.cookie)];
        let form = Some(form.as_bytes());
        self.site.anyone().send("POST", path, &headers, form)
    }

    #[track_caller]
    pub(crate) fn send(&self, path: &str, more: &[(&str, &str)], body: &[u8]) -> Answer {
        let kind = kind();
        let own = [OWN, ("content-type", &*kind), ("cookie", &*self.cookie)];
        let headers = [&own[..], more].concat();
        self.site.anyone().send("POST", path, &headers, Some(body))
    }

    /// As the editor does it.
    #[track_caller]
    pub(crate) fn upload(&self, name: &str, bytes: &[u8]) -> Answer {
        self.send("/admin/media", &[JSON], &body(&[], &[(name, bytes)]))
    }
}

/// The bytes at an address, as they are.
#[track_caller]
pub(crate) fn bytes_at(site: &Site, path: &str) -> Vec<u8> {
    let answer = ureq::get(site.url(path)).call().unwrap();
    let mut body = answer.into_body();
    let body = body.with_config().limit(MAX_ANSWER_BYTES);
    body.read_to_vec().unwrap()
}
