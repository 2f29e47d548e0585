//! Who gets where: every address of the table, asked by a stranger, by each role and by a token.
//!
//! Nothing has to be written here for a new address. It is asked like the others, and its line in the
//! snapshot is made with `INSTA_UPDATE=always`; without a line this fails.

use std::fmt::Write as _;

use inkstand::web::{Access, addresses};

use super::admin::{OWN, signed_in};
use super::people::join;
use super::site::Site;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

struct Guest {
    name: &'static str,
    cookie: String,
    token: Option<String>,
}

/// A path of the table with something in the place of its names.
fn filled(path: &str) -> String {
    let mut filled = String::new();
    for (number, part) in path.split(['{', '}']).enumerate() {
        filled.push_str(match (number % 2, part) {
            (0, part) => part,
            (_, "year") => "2026",
            (_, "month") => "11",
            (_, "id" | "number" | "n" | "part") => "7",
            _ => "nothing",
        });
    }
    filled
}

fn ask(site: &Site, guest: &Guest, method: &str, path: &str) -> String {
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let bearer = guest.token.as_ref().map(|token| format!("Bearer {token}"));
    let mut headers = vec![OWN, kind, ("cookie", &*guest.cookie)];
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    let body = (method != "GET").then_some(&b""[..]);
    let answer = site.anyone().send(method, path, &headers, body);
    let to_sign_in = answer
        .header("location")
        .is_some_and(|to| to.starts_with("/sign-in?to="));
    if to_sign_in {
        "sign-in".to_owned()
    } else {
        answer.status.to_string()
    }
}

fn may_come(access: Access, method: &str, guest: &Guest) -> bool {
    let is_signed_in = !guest.cookie.is_empty();
    match access {
        Access::Anyone => true,
        Access::Reader => method == "GET" || guest.token.is_some(),
        Access::Program | Access::Bearer => guest.token.is_some(),
        Access::Person | Access::Writer => is_signed_in,
        Access::Editor => matches!(guest.name, "editor" | "admin" | "owner"),
        Access::Admin => matches!(guest.name, "admin" | "owner"),
    }
}

#[test]
fn every_address_lets_in_whom_it_should() {
    let (site, owner) = signed_in();
    let guest = |name, cookie, token| Guest {
        name,
        cookie,
        token,
    };
    let mut guests = vec![guest("stranger", String::new(), None)];
    for role in ["contributor", "author", "editor", "admin"] {
        guests.push(guest(role, join(&site, role, role).1, None));
    }
    guests.push(guest("owner", owner, None));
    guests.push(guest("token", String::new(), Some(site.token().to_owned())));

    let mut table = String::new();
    for (path, access) in addresses() {
        // It would end the sign-in of everybody who asks.
        if path == "/sign-out" {
            continue;
        }
        let address = filled(&path);
        for method in METHODS {
            let answers: Vec<_> = guests
                .iter()
                .map(|guest| (guest, ask(&site, guest, method, &address)))
                .collect();
            let let_in = answers
                .iter()
                .filter(|(guest, _)| may_come(access, method, guest));
            if let_in.clone().all(|(_, answer)| answer == "405") {
                continue;
            }
            // Writing to a string cannot fail.
            let _ = write!(table, "{method} {path} ({access:?})");
            for (guest, answer) in &answers {
                let place = format!("{} at {method} {path}: {answer}", guest.name);
                let is_turned_away = matches!(&**answer, "sign-in" | "401" | "403");
                if may_come(access, method, guest) {
                    // Beyond the guard, a verb may still say no to the smaller roles.
                    let may_do_all = matches!(guest.name, "owner" | "token");
                    assert!(
                        !is_turned_away || (answer == "403" && !may_do_all),
                        "{place}"
                    );
                } else {
                    assert!(is_turned_away, "{place}");
                }
                if access != Access::Anyone {
                    let _ = write!(table, " {} {answer}", guest.name);
                }
            }
            table.push('\n');
        }
    }
    insta::assert_snapshot!(table);
}
