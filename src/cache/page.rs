//! A finished response: status, headers, and its body in every form a browser may ask for.
//!
//! The compressed forms are made on first demand and kept, so each costs its work once. Knows no
//! HTTP library: headers are plain bytes, and the web layer turns them into a response.

use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::compress;

/// Below this a response fits one packet either way, and compressing only costs time.
const MIN_COMPRESSED_BYTES: usize = 860;
/// Above this a body is compressed on a blocking thread, so that other requests are not held up.
const MAX_INLINE_COMPRESS_BYTES: usize = 96 * 1024;
/// 96 bits of a hash: two versions of a page never share a tag by accident.
const ETAG_HASH_BYTES: usize = 12;
/// What a page weighs besides its texts: the structure, its headers, the cache's own bookkeeping.
const OVERHEAD_BYTES: usize = 512;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Identity,
    Gzip,
    Brotli,
}

impl Encoding {
    /// Its name in `Content-Encoding`; identity has none.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// A body in one encoding, with the strong entity tag of exactly these bytes.
#[derive(Debug)]
pub struct Body {
    pub encoding: Encoding,
    pub bytes: Bytes,
    pub etag: Bytes,
}

#[derive(Debug)]
pub struct Page {
    status: u16,
    content_type: Bytes,
    headers: Vec<(&'static str, Bytes)>,
    worth_compressing: bool,
    identity: Body,
    gzip: OnceLock<Option<Body>>,
    brotli: OnceLock<Option<Body>>,
}

impl Page {
    pub fn new(status: u16, content_type: impl Into<Bytes>, body: impl Into<Bytes>) -> Self {
        let (content_type, bytes) = (content_type.into(), body.into());
        let hash = Sha256::digest(&bytes);
        let tag = URL_SAFE_NO_PAD.encode(&hash[..ETAG_HASH_BYTES]);
        Self {
            status,
            worth_compressing: bytes.len() >= MIN_COMPRESSED_BYTES
                && is_compressible(&content_type),
            content_type,
            headers: Vec::new(),
            identity: Body {
                encoding: Encoding::Identity,
                etag: Bytes::from(format!("\"{tag}\"")),
                bytes,
            },
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
        }
    }

    pub fn html(body: impl Into<Bytes>) -> Self {
        Self::new(200, Bytes::from_static(b"text/html; charset=utf-8"), body)
    }

    /// Adds a header such as `cache-control` or `link`; the name in lower case. Content type,
    /// length, encoding, entity tag and `vary` are set without being asked for.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<Bytes>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn status(&self) -> u16 {
        self.status
    }

    pub fn content_type(&self) -> &Bytes {
        &self.content_type
    }

    pub fn headers(&self) -> &[(&'static str, Bytes)] {
        &self.headers
    }

    pub fn header(&self, name: &str) -> Option<&Bytes> {
        let mut headers = self.headers.iter();
        headers.find_map(|(known, value)| (*known == name).then_some(value))
    }

    pub fn worth_compressing(&self) -> bool {
        self.worth_compressing
    }

    pub fn identity(&self) -> &Body {
        &self.identity
    }

    /// The tag a body in this encoding has, known without compressing anything.
    pub fn etag(&self, encoding: Encoding) -> Bytes {
        let Some(suffix) = encoding.name() else {
            return self.identity.etag.clone();
        };
        let mut tag = Vec::with_capacity(self.identity.etag.len() + 3);
        tag.extend_from_slice(&self.identity.etag[..self.identity.etag.len() - 1]);
        tag.push(b'-');
        tag.extend_from_slice(suffix.as_bytes());
        tag.push(b'"');
        tag.into()
    }

    /// The body in this encoding, made now when nobody has asked before. Should compressing fail,
    /// the plain body is the answer: `Body::encoding` says what it is.
    pub async fn body(self: &Arc<Self>, encoding: Encoding) -> &Body {
        let Some(cell) = self.cell(encoding) else {
            return &self.identity;
        };
        if cell.get().is_none() && self.identity.bytes.len() > MAX_INLINE_COMPRESS_BYTES {
            let page = Arc::clone(self);
            // When the thread pool is shutting down, the line below does the work instead.
            let _ = tokio::task::spawn_blocking(move || page.compressed(encoding).is_some()).await;
        }
        self.compressed(encoding).unwrap_or(&self.identity)
    }

    /// The body in this encoding, if nothing has to be done for it.
    pub fn body_at_hand(&self, encoding: Encoding) -> Option<&Body> {
        match self.cell(encoding) {
            None => Some(&self.identity),
            Some(cell) => cell.get()?.as_ref(),
        }
    }

    fn cell(&self, encoding: Encoding) -> Option<&OnceLock<Option<Body>>> {
        match encoding {
            Encoding::Identity => None,
            Encoding::Gzip => Some(&self.gzip),
            Encoding::Brotli => Some(&self.brotli),
        }
    }

    fn compressed(&self, encoding: Encoding) -> Option<&Body> {
        self.cell(encoding)?
            .get_or_init(|| {
                let bytes = match encoding {
                    Encoding::Gzip => compress::gzip(&self.identity.bytes)?,
                    Encoding::Brotli => compress::brotli(&self.identity.bytes)?,
                    Encoding::Identity => return None,
                };
                Some(Body {
                    encoding,
                    bytes: bytes.into(),
                    etag: self.etag(encoding),
                })
            })
            .as_ref()
    }

    /// What the page costs in memory. Compressed forms come later and the cache weighs once, so
    /// they are counted from the start at a third of the text each, which is what HTML comes to.
    pub fn size_bytes(&self) -> usize {
        let text_bytes = self.identity.bytes.len();
        let compressed_bytes = if self.worth_compressing {
            text_bytes * 2 / 3
        } else {
            0
        };
        let header_bytes: usize = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        OVERHEAD_BYTES + text_bytes + compressed_bytes + header_bytes
    }
}

/// Texts gain from compression; images, fonts, films and archives are compressed already.
fn is_compressible(content_type: &[u8]) -> bool {
    const PREFIXES: [&[u8]; 2] = [b"text/", b"image/svg+xml"];
    const SUFFIXES: [&[u8]; 5] = [b"json", b"xml", b"javascript", b"wasm", b"manifest"];
    let essence = content_type
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii();
    PREFIXES.iter().any(|prefix| essence.starts_with(prefix))
        || (essence.starts_with(b"application/")
            && SUFFIXES.iter().any(|suffix| essence.ends_with(suffix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compressible_and_pictures_are_not() {
        for yes in [
            "text/html; charset=utf-8",
            "application/atom+xml",
            "application/json",
            "image/svg+xml",
        ] {
            assert!(is_compressible(yes.as_bytes()), "{yes}");
        }
        for no in [
            "image/png",
            "application/zip",
            "font/woff2",
            "video/mp4",
            "",
        ] {
            assert!(!is_compressible(no.as_bytes()), "{no}");
        }
    }

    #[test]
    fn each_encoding_has_its_own_strong_tag() {
        let page = Page::html("hello");
        let tags = [Encoding::Identity, Encoding::Gzip, Encoding::Brotli]
            .map(|encoding| String::from_utf8(page.etag(encoding).to_vec()).unwrap());
        insta::assert_debug_snapshot!(tags);
        assert_ne!(
            Page::html("hello!").etag(Encoding::Gzip),
            page.etag(Encoding::Gzip)
        );
    }

    #[tokio::test]
    async fn bodies_come_back_whole_from_every_encoding() {
        for length in [2_000, MAX_INLINE_COMPRESS_BYTES * 2] {
            let text: String = (0_u32..)
                .map(|n| char::from(b'a' + u8::try_from(n.wrapping_mul(n) % 23).unwrap()))
                .take(length)
                .collect();
            let page = Arc::new(Page::html(text.clone()));
            let gzip = page.body(Encoding::Gzip).await;
            let brotli = page.body(Encoding::Brotli).await;
            assert_eq!(
                (gzip.encoding, brotli.encoding),
                (Encoding::Gzip, Encoding::Brotli)
            );
            assert!(gzip.bytes.len() < length && brotli.bytes.len() < length);
            let mut unpacked = String::new();
            std::io::Read::read_to_string(
                &mut flate2::read::GzDecoder::new(&gzip.bytes[..]),
                &mut unpacked,
            )
            .unwrap();
            assert_eq!(unpacked, text);
            unpacked.clear();
            std::io::Read::read_to_string(
                &mut brotli::Decompressor::new(&brotli.bytes[..], 4096),
                &mut unpacked,
            )
            .unwrap();
            assert_eq!(unpacked, text);
        }
    }
}
