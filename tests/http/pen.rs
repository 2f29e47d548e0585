//! A program of somebody else's that writes here: how it comes by its token, and what it sends.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use serde_json::{Value, json};

use super::admin::signed_in;
use super::indieauth::token;
use super::people::join;
use super::site::{Answer, Site};

const BOUNDARY: &str = "inkstand-boundary-2b5f";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
pub(crate) const ALL: &str = "create update delete undelete media";

/// A program with a token, got by way of the consent page.
pub(crate) struct Program {
    pub(crate) site: Site,
    /// The cookie of its person.
    pub(crate) cookie: String,
    pub(crate) bearer: String,
}

impl Program {
    pub(crate) fn new(scope: &str) -> Self {
        let (site, cookie) = signed_in();
        let bearer = format!("Bearer {}", token(&site, &cookie, scope));
        Self {
            site,
            cookie,
            bearer,
        }
    }

    /// The same, let in by somebody else.
    pub(crate) fn of(self, name: &str, role: &str, scope: &str) -> Self {
        let (_, cookie) = join(&self.site, name, role);
        let bearer = format!("Bearer {}", token(&self.site, &cookie, scope));
        Self {
            cookie,
            bearer,
            ..self
        }
    }

    /// The same person's program with other rights.
    pub(crate) fn with(self, scope: &str) -> Self {
        let bearer = format!("Bearer {}", token(&self.site, &self.cookie, scope));
        Self { bearer, ..self }
    }

    #[track_caller]
    pub(crate) fn send_to(&self, path: &str, kind: &str, body: &[u8]) -> Answer {
        let headers = [("authorization", &*self.bearer), ("content-type", kind)];
        self.site.anyone().send("POST", path, &headers, Some(body))
    }

    #[track_caller]
    pub(crate) fn form(&self, body: &str) -> Answer {
        self.send_to("/micropub", FORM, body.as_bytes())
    }

    #[track_caller]
    pub(crate) fn json(&self, body: &Value) -> Answer {
        self.send_to("/micropub", "application/json", body.to_string().as_bytes())
    }

    /// Makes a post of an entry in JSON; its address.
    #[track_caller]
    pub(crate) fn entry(&self, properties: &Value) -> String {
        let body = json!({ "type": ["h-entry"], "properties": properties });
        location(&self.json(&body).expect(201))
    }

    #[track_caller]
    pub(crate) fn ask(&self, question: &str) -> Answer {
        self.ask_at("/micropub", question)
    }

    #[track_caller]
    pub(crate) fn ask_at(&self, path: &str, question: &str) -> Answer {
        let headers = [("authorization", &*self.bearer)];
        let address = format!("{path}?{question}");
        self.site.anyone().send("GET", &address, &headers, None)
    }

    /// What it gets back of a post.
    #[track_caller]
    pub(crate) fn source(&self, url: &str) -> Value {
        let answer = self
            .ask(&format!("q=source&url={}", encoded(url)))
            .expect(200);
        answer.json()["properties"].clone()
    }

    /// The page readers see.
    #[track_caller]
    pub(crate) fn page(&self, url: &str) -> Answer {
        self.site.anyone().get(self.path(url))
    }

    pub(crate) fn path<'a>(&self, url: &'a str) -> &'a str {
        url.strip_prefix(&self.site.own_url(""))
            .expect("an address of the site")
    }

    #[track_caller]
    pub(crate) fn update(&self, url: &str, change: &Value) -> Answer {
        let mut body = json!({ "action": "update", "url": url });
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.json(&body)
    }
}

pub(crate) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[track_caller]
pub(crate) fn location(answer: &Answer) -> String {
    answer.header("location").expect("a location").to_owned()
}

#[track_caller]
pub(crate) fn error_of(answer: &Answer) -> String {
    let said = answer.json();
    assert!(
        said["error_description"]
            .as_str()
            .is_some_and(|words| !words.is_empty())
    );
    said["error"].as_str().unwrap().to_owned()
}

pub(crate) fn picture(format: ImageFormat, shade: u8) -> Vec<u8> {
    let colour = image::Rgb([shade, 90, 200]);
    let picture: DynamicImage = image::RgbImage::from_pixel(40, 30, colour).into();
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// Words, then files: the name of each part, the file's own, its bytes.
pub(crate) fn multipart(
    words: &[(&str, &str)],
    files: &[(&str, &str, Vec<u8>)],
) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    let mut part = |head: String, bytes: &[u8]| {
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes(),
        );
        body.extend(bytes);
        body.extend(b"\r\n");
    };
    for (name, text) in words {
        part(format!("name=\"{name}\""), text.as_bytes());
    }
    for (name, file, bytes) in files {
        part(format!("name=\"{name}\"; filename=\"{file}\""), bytes);
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}
