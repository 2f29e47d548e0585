//! Forms of our own pages: what they hold, once it is certain that they come from there. Handlers
//! that change something for somebody with a cookie take nothing else.

use std::future::{Future, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::{Data, Form};
use actix_web::{FromRequest, HttpRequest};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::middleware::Refusal;
use super::origin;
use super::state::Site;

#[derive(Debug)]
pub(super) struct OwnForm<T>(pub(super) T);

impl<T: DeserializeOwned + 'static> FromRequest for OwnForm<T> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_own = request
            .app_data::<Data<Site>>()
            .is_some_and(|site| origin::is_own(request.headers(), &site.base_url));
        if !is_own {
            return Box::pin(ready(Err(Refusal::ForeignForm.into())));
        }
        let form = Form::<T>::from_request(request, payload);
        Box::pin(async move { Ok(Self(form.await?.into_inner())) })
    }
}

/// A form as it was sent, for pages that have several small ones.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Fields(pub(super) Vec<(String, String)>);

impl Fields {
    /// A field's text; empty when it is not there.
    pub(super) fn get(&self, name: &str) -> &str {
        let mut named = self.0.iter().filter(|(known, _)| known == name);
        named.next().map_or("", |(_, text)| text)
    }

    /// Every text of a field that may be there more than once.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, text)| text.as_str())
    }

    /// A field that holds a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.get(name).parse().ok()
    }
}
