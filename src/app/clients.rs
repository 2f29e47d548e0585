//! Others' programs as they describe themselves: the document or page at a program's address is fetched and
//! read, to tell people what asks, and to know where browsers may be sent back to.

use serde_json::Value;

use crate::domain::client::ClientId;
use crate::domain::destination::Destination;
use crate::outbound::{Answer, Outbound};
use crate::render::ClientPage;

use super::App;

const MAX_PAGE_BYTES: u64 = 256 * 1024;
const ACCEPT: &str = "application/json, text/html;q=0.9";
/// What of a name is shown.
const MAX_NAME_CHARS: usize = 100;
const MAX_ADDRESS_CHARS: usize = 500;

/// What a program says of itself. Nothing of it is known to be true but that it stands at its address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Introduction {
    pub name: Option<String>,
    /// A page about it.
    pub about: Option<String>,
    pub logo: Option<String>,
    /// Where browsers may be sent back to, besides its own place.
    pub redirect_uris: Vec<String>,
}

/// Fetches what a program says of itself; why that cannot be had otherwise, in words for people. Blocks.
pub fn look_at(app: &App, client: &ClientId) -> Result<Introduction, String> {
    if client.is_local() {
        // It would be this server that is asked, and not the computer where the program runs.
        return Err(
            "It runs on your own computer, so it could not be asked what it is.".to_owned(),
        );
    }
    fetch(&app.outbound, client)
}

fn fetch(outbound: &Outbound, client: &ClientId) -> Result<Introduction, String> {
    let at = Destination::parse(client.as_str()).map_err(|error| error.to_string())?;
    let answer = outbound
        .get(&at, ACCEPT, MAX_PAGE_BYTES)
        .map_err(|error| format!("Its page could not be looked at: {error}."))?;
    if !answer.is_success() {
        let status = answer.status;
        return Err(format!(
            "Its page could not be looked at: it answers {status}."
        ));
    }
    if answer.from.host() != at.host() {
        let host = answer.from.host();
        return Err(format!("Its page leads elsewhere, to {host}."));
    }
    let text = String::from_utf8_lossy(&answer.body);
    if is_json(&answer) {
        // A document speaks for its own address alone.
        if answer.from != at {
            return Err(
                "Its page leads elsewhere, so what stands there is not its own.".to_owned(),
            );
        }
        document(client, &text)
    } else {
        Ok(page(client, &text, answer.headers("link")))
    }
}

fn is_json(answer: &Answer) -> bool {
    let kind = answer.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") || kind.to_ascii_lowercase().ends_with("+json")
}

/// A client metadata document.
fn document(client: &ClientId, text: &str) -> Result<Introduction, String> {
    let value: Value = serde_json::from_str(text)
        .map_err(|_| "What stands at its address is no JSON.".to_owned())?;
    let field = |name: &str| value.get(name).and_then(Value::as_str);
    if field("client_id").map(ClientId::parse) != Some(Ok(client.clone())) {
        return Err("What stands at its address is about another program.".to_owned());
    }
    let listed = value.get("redirect_uris").and_then(Value::as_array);
    let listed = listed.into_iter().flatten().filter_map(Value::as_str);
    Ok(Introduction {
        name: field("client_name").and_then(shown_name),
        about: field("client_uri").map(shown_address),
        logo: field("logo_uri").map(shown_address),
        redirect_uris: listed.filter_map(|uri| client.resolve(uri)).collect(),
    })
}

fn page<'a>(client: &ClientId, html: &str, links: impl Iterator<Item = &'a str>) -> Introduction {
    let page = ClientPage::read(html);
    let of_headers = links.flat_map(redirects);
    let listed = of_headers.chain(page.redirect_uris);
    Introduction {
        name: page.name.as_deref().and_then(shown_name),
        about: None,
        logo: page
            .logo
            .and_then(|logo| client.resolve(&logo))
            .as_deref()
            .map(shown_address),
        redirect_uris: listed.filter_map(|uri| client.resolve(&uri)).collect(),
    }
}

/// The targets of `redirect_uri` in a `Link` header.
fn redirects(header: &str) -> Vec<String> {
    let links = header
        .split('<')
        .skip(1)
        .filter_map(|link| link.split_once('>'));
    let of_rel = links.filter(|(_, rest)| {
        rest.split(';').any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or_default();
            let value = value.trim().trim_end_matches(',').trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel")
                && value
                    .split_whitespace()
                    .any(|relation| relation == "redirect_uri")
        })
    });
    of_rel.map(|(target, _)| target.to_owned()).collect()
}

fn shown_name(name: &str) -> Option<String> {
    let visible: String = name
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(MAX_NAME_CHARS)
        .collect();
    let visible = visible.trim();
    (!visible.is_empty()).then(|| visible.to_owned())
}

fn shown_address(address: &str) -> String {
    let visible = address.chars().filter(|letter| !letter.is_control());
    visible.take(MAX_ADDRESS_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;

    use super::*;
    use crate::domain::network::Network;

    fn client() -> ClientId {
        ClientId::parse("https://app.example/id").unwrap()
    }

    #[test]
    fn a_document_speaks_for_the_program_it_names() {
        let read = |id: &str| {
            let text = format!(
                r#"{{"client_id": "{id}", "client_name": "The\u0007Pen", "client_uri": "https://app.example/",
                "logo_uri": "https://app.example/l.png", "redirect_uris": ["/back", "org.app:/x", 7]}}"#
            );
            document(&client(), &text)
        };
        let expected = Introduction {
            name: Some("The Pen".to_owned()),
            about: Some("https://app.example/".to_owned()),
            logo: Some("https://app.example/l.png".to_owned()),
            redirect_uris: vec![
                "https://app.example/back".to_owned(),
                "org.app:/x".to_owned(),
            ],
        };
        assert_eq!(read("https://app.example/id"), Ok(expected.clone()));
        assert_eq!(read("https://APP.example/id"), Ok(expected));
        assert!(read("https://app.example/other").is_err());
        assert!(document(&client(), "{").is_err() && document(&client(), "{}").is_err());
    }

    #[test]
    fn a_page_says_less_and_headers_count_too() {
        let html =
            "<link rel=redirect_uri href='back'><div class=h-app><b class=p-name>Pen</b></div>";
        let links = [
            "<https://app.example/h>; rel=\"redirect_uri\", </no>; rel=x",
            "<x>; rel=y",
        ];
        let said = page(&client(), html, links.into_iter());
        assert_eq!(said.name.as_deref(), Some("Pen"));
        assert_eq!(
            said.redirect_uris,
            ["https://app.example/h", "https://app.example/back"]
        );
    }

    /// Answers one question after the other.
    fn server(answers: Vec<String>) -> ClientId {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut head = BufReader::new(stream.try_clone().unwrap()).lines();
                while head.next().is_some_and(|line| !line.unwrap().is_empty()) {}
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        ClientId::parse(&format!("http://localhost:{port}/id")).unwrap()
    }

    fn says(status: &str, more: &str, body: &str) -> String {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{more}connection: close\r\n\r\n{body}"
        )
    }

    #[test]
    fn programs_are_asked_what_they_are() {
        let open = Outbound::new(
            true,
            vec![
                Network::parse("127.0.0.0/8").unwrap(),
                Network::parse("::1").unwrap(),
            ],
        );
        let html = "<link rel=redirect_uri href='org.app:/x'><p class=h-app>Pen</p>";
        let client = server(vec![
            says("200 OK", "content-type: text/html\r\n", html),
            says("302 Found", "location: /other\r\n", ""),
            says("200 OK", "content-type: application/json\r\n", "{}"),
            says("302 Found", "location: http://127.0.0.1:9/\r\n", ""),
            says("500 No", "", ""),
        ]);
        let said = fetch(&open, &client).unwrap();
        assert_eq!(said.name.as_deref(), Some("Pen"));
        assert_eq!(said.redirect_uris, ["org.app:/x"]);
        let moved = fetch(&open, &client).unwrap_err();
        assert!(moved.contains("leads elsewhere"), "{moved}");
        let elsewhere = fetch(&open, &client).unwrap_err();
        assert!(elsewhere.contains("could not be looked at"), "{elsewhere}");
        let failed = fetch(&open, &client).unwrap_err();
        assert!(failed.contains("answers 500"), "{failed}");
        // Nobody makes this server ask its neighbours.
        let refused = fetch(&Outbound::default(), &client).unwrap_err();
        assert!(refused.contains("this machine itself"), "{refused}");
    }
}
