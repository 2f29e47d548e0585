//! One line in the log for each request, when asked for. The line gets the request's id from the
//! log format.

use actix_web::body::{BodySize, BoxBody, MessageBody as _};
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;

use crate::domain::network::Network;
use crate::web::client;

pub(super) fn log(
    method: &Method,
    answer: &ServiceResponse<BoxBody>,
    micros: u64,
    trusted_proxies: &[Network],
) {
    let request = answer.request();
    let bytes = match answer.response().body().size() {
        BodySize::Sized(bytes) => bytes,
        BodySize::None | BodySize::Stream => 0,
    };
    let address = client::address(request, trusted_proxies);
    tracing::info!(
        target: "access",
        method = method.as_str(),
        path = request.path(),
        status = answer.status().as_u16(),
        bytes,
        micros,
        address = address.map(tracing::field::display),
        "answered"
    );
}
