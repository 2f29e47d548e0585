//! Whoever asks the site something over HTTP, and what the answer is. Must not know how the site was
//! started.

use std::net::SocketAddr;

use serde_json::Value;

use super::PATIENCE;

const MAX_ANSWER_BYTES: u64 = 64 * 1024 * 1024;

/// An answer of the site.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.body);
        parsed.unwrap_or_else(|error| panic!("{error} in the {} answer {}", self.status, self.body))
    }

    /// The answer itself, if it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

/// Who talks to the site; clones share connections and may go to other threads.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    pub(crate) address: SocketAddr,
    agent: ureq::Agent,
    token: Option<String>,
}

impl Browser {
    pub(super) fn new(address: SocketAddr, token: Option<String>) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        Self {
            address,
            agent,
            token,
        }
    }

    /// The same browser with another token, or with one at all.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self::new(self.address, Some(token.to_owned()))
    }

    /// An answer, or why there is none: for tests that take the server away.
    pub(crate) fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            Some(body) => self.agent.run(request.body(body)?)?,
            None => self.agent.run(request.body(())?)?,
        };
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES);
        Ok(Answer {
            status,
            headers,
            body: String::from_utf8_lossy(&body.read_to_vec()?).into_owned(),
        })
    }

    #[track_caller]
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Answer {
        self.try_send(method, path, headers, body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    /// Asks the API with a body of JSON.
    #[track_caller]
    pub(crate) fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let json = [("content-type", "application/json")];
        self.send(method, path, &json, Some(body.to_string().as_bytes()))
    }

    #[track_caller]
    pub(crate) fn post(&self, path: &str) -> Answer {
        self.send("POST", path, &[], Some(b""))
    }
}
