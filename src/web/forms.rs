//! Forms of our own pages: what they hold, once it is certain that they come from there. Handlers
//! that change something for somebody with a cookie take nothing else.

use std::future::{Future, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::{Data, Form};
use actix_web::{FromRequest, HttpRequest};
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
