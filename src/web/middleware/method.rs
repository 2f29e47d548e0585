//! Which methods are served at all. What a page does with each is its handler's business.

use actix_web::http::Method;

use super::Refusal;

pub(super) const ALLOWED: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

pub(super) fn check(method: &Method) -> Result<(), Refusal> {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => Ok(()),
        // Known, and answered by each address with the methods it has.
        ref method if method.as_str() == "QUERY" => Ok(()),
        // TRACE would echo a reader's cookies, CONNECT would make a proxy of us.
        Method::TRACE | Method::CONNECT => Err(Refusal::MethodRefused),
        _ => Err(Refusal::MethodUnknown),
    }
}
