//! The page that asks whether another's program may come in: by eye, by axe, and whether the browser goes
//! to the program when somebody says yes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use serde_json::Value;

use super::chromium::browse;
use super::quality::{assert_accessible, axe};
use super::site::Site;

const EMAIL: &str = "owner@example.org";
const PASSWORD: &str = "a password of the owner";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A program on this computer: answers whatever a browser asks, and passes on the first line.
fn program() -> (u16, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, asked) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            while lines.next().is_some_and(|line| !line.is_empty()) {}
            let page =
                "<!doctype html><html lang=en><link rel=icon href=data:,><title>Pen</title>In";
            let length = page.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            let _ = stream.write_all(format!("{head}{page}").as_bytes());
            if told.send(first).is_err() {
                return;
            }
        }
    });
    (port, asked)
}

#[test]
fn browser_lets_a_program_in() {
    let axe = axe();
    let site = Site::start();
    site.token();
    let (port, asked) = program();
    let question = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", &format!("http://127.0.0.1:{port}/")),
            ("redirect_uri", &format!("http://127.0.0.1:{port}/back")),
            ("state", "here"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("scope", "create update media profile email fly"),
        ])
        .finish();
    let ask = site.url(&format!("/indieauth/authorize?{question}"));
    browse(async |browser| {
        browser.open_page(&ask).await;
        browser.type_into("#email", EMAIL).await;
        browser.type_into("#password", PASSWORD).await;
        browser.click("main button.main").await;
        browser.await_path("/admin/authorize").await;
        for (width, scheme) in [(320, "light"), (1000, "dark")] {
            browser.set_width(width);
            browser.set_scheme(scheme);
            browser.open_page(&ask).await;
            browser.take_picture(&format!("consent-{scheme}")).await;
            assert_accessible(&browser, &axe, &format!("{scheme}, {width}")).await;
            let is_wider = browser
                .script("return document.documentElement.scrollWidth > innerWidth + 1")
                .await;
            assert_eq!(is_wider, Value::Bool(false), "wider than {width}");
        }
        browser.click("input[value=email]").await;
        browser.click("button[value=allow]").await;
        browser.await_path("/back").await;
        let wrong = format!("{ask}&redirect_uri=x").replace("redirect_uri=http", "gone=http");
        browser.open_page(&wrong).await;
        browser.take_picture("consent-refused").await;
        assert_accessible(&browser, &axe, "refused").await;
        browser.forgive(&["400"]);
        browser
    });
    let line = asked.iter().find(|line| line.contains("/back")).unwrap();
    assert!(line.contains("code=") && line.contains("state=here") && line.contains("iss="));
}
