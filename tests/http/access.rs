//! Who gets where: every address of the table, asked by a stranger, by each role signed in, and by a token
//! of each role with each single scope.
//!
//! Nothing has to be written here for a new address. It is asked like the others, and its line in the
//! snapshot is made with `INSTA_UPDATE=always`; without a line this fails. An address that is told what is
//! wrong with a body before it looks who asks wants a sound one in [`BODIES`].

use std::fmt::Write as _;

use inkstand::domain::token::Scope;
use inkstand::domain::user::Role;
use inkstand::web::{Access, addresses};

use super::admin::{EMAIL, OWN, signed_in};
use super::people::join;
use super::site::Site;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Bodies that could be taken, for addresses of the API that want more than `{}`.
const BODIES: &[(&str, &str)] = &[
    (
        "/api/v1/users",
        r#"{"email": "new@example.org", "name": "New", "password": "a password of theirs"}"#,
    ),
    ("/api/v1/invitations", r#"{"role": "author"}"#),
    ("/api/v1/tokens", r#"{"name": "t", "scopes": ["admin"]}"#),
    ("/api/v1/redirects", r#"{"from": "/from", "to": "/to"}"#),
];

struct Guest {
    name: String,
    role: Option<Role>,
    cookie: String,
    token: Option<String>,
    /// What the token may do; `None` with one that may do all its holder may.
    scope: Option<Scope>,
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
    let is_api = path.starts_with("/api/");
    let kind = if is_api {
        "application/json"
    } else {
        "application/x-www-form-urlencoded"
    };
    let mut headers = vec![OWN, ("content-type", kind), ("cookie", &*guest.cookie)];
    let bearer = guest.token.as_ref().map(|token| format!("Bearer {token}"));
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    let known = BODIES.iter().find(|(known, _)| *known == path);
    let body = match known {
        Some((_, body)) => body.as_bytes(),
        None if is_api => b"{}",
        None => b"",
    };
    let body = (method != "GET").then_some(body);
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

/// Whether the guard at the door lets somebody through. What they may do inside is another question.
fn may_come(access: Access, method: &str, guest: &Guest) -> bool {
    let has_role = |least| !guest.cookie.is_empty() && guest.role.is_some_and(|role| role <= least);
    match access {
        Access::Anyone => true,
        Access::Reader => method == "GET" || guest.token.is_some(),
        Access::Program => guest.token.is_some(),
        Access::Person | Access::Writer => has_role(Role::Contributor),
        Access::Editor => has_role(Role::Editor),
        Access::Admin => has_role(Role::Admin),
    }
}

/// A token of somebody with these scopes.
fn token(site: &Site, email: &str, scope: &str) -> String {
    let words = [
        "token", "create", "--name", "t", "--email", email, "--scope", scope,
    ];
    site.inkstand(&words).ok().trim().to_owned()
}

/// Everybody who asks; the last may do everything.
fn everybody(site: &Site, owner: String) -> Vec<Guest> {
    let mut guests = vec![Guest {
        name: "stranger".to_owned(),
        role: None,
        cookie: String::new(),
        token: None,
        scope: None,
    }];
    // The smallest first.
    let roles: Vec<Role> = Role::ALL.iter().rev().copied().collect();
    let mut emails = Vec::new();
    for role in &roles {
        let (cookie, email) = if *role == Role::Owner {
            (owner.clone(), EMAIL.to_owned())
        } else {
            let word = role.as_str();
            (join(site, word, word).1, format!("{word}@example.org"))
        };
        emails.push(email);
        guests.push(Guest {
            name: role.to_string(),
            role: Some(*role),
            cookie,
            token: None,
            scope: None,
        });
    }
    for scope in Scope::ALL {
        for (role, email) in roles.iter().zip(&emails) {
            guests.push(Guest {
                name: format!("{role} with {scope}"),
                role: Some(*role),
                cookie: String::new(),
                token: Some(token(site, email, scope.as_str())),
                scope: Some(*scope),
            });
        }
    }
    guests.push(Guest {
        name: "token".to_owned(),
        role: Some(Role::Owner),
        cookie: String::new(),
        token: Some(site.token().to_owned()),
        scope: None,
    });
    guests
}

fn is_turned_away(answer: &str) -> bool {
    matches!(answer, "sign-in" | "401" | "403")
}

/// Asks as one guest, and looks whether the door opens as the table says.
fn try_door(site: &Site, access: Access, guest: &Guest, method: &str, path: &str) -> String {
    let answer = ask(site, guest, method, &filled(path));
    let place = format!("{} at {method} {path}: {answer}", guest.name);
    if !may_come(access, method, guest) {
        assert!(is_turned_away(&answer), "{place}");
    } else if is_turned_away(&answer) {
        // Beyond the guard, a verb may still say no to the smaller roles, and to tokens without its scope.
        let may_do_all = guest.role == Some(Role::Owner) && guest.scope.is_none();
        assert!(answer == "403" && !may_do_all, "{place}");
    }
    answer
}

/// How the tokens of one scope fared, the smallest role first, as in `admin: 403 up to editor, then 200`.
fn told(scope: Scope, answers: &[(Role, String)]) -> String {
    let mut runs: Vec<(&str, Role)> = Vec::new();
    for (role, answer) in answers {
        match runs.last_mut() {
            Some((last, until)) if last == answer => *until = *role,
            _ => runs.push((answer, *role)),
        }
    }
    let mut text = format!("; {scope}");
    let count = runs.len();
    for (number, (answer, until)) in runs.into_iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = if number + 1 == count {
            write!(text, " {answer}")
        } else {
            write!(text, " {answer} up to {until},")
        };
    }
    text
}

/// What a smaller role may, a greater may too.
fn assert_roles_rise(place: &str, answers: &[(Role, String)]) {
    let mut was_let_in = false;
    for (role, answer) in answers {
        let is_let_in = !is_turned_away(answer);
        assert!(is_let_in || !was_let_in, "{place}: {role} {answer}");
        was_let_in = is_let_in;
    }
}

#[test]
fn every_address_lets_in_whom_it_should() {
    let (site, owner) = signed_in();
    let guests = everybody(&site, owner);
    let (persons, programs): (Vec<&Guest>, Vec<&Guest>) =
        guests.iter().partition(|guest| guest.scope.is_none());
    let mut table = String::new();
    for (path, access) in addresses() {
        // It would end the sign-in of everybody who asks.
        if path == "/sign-out" {
            continue;
        }
        let is_api = matches!(access, Access::Reader | Access::Program);
        for method in METHODS {
            let place = format!("{method} {path}");
            let answers: Vec<_> = persons
                .iter()
                .map(|guest| (guest, try_door(&site, access, guest, method, &path)))
                .collect();
            let mut let_in = answers
                .iter()
                .filter(|(guest, _)| may_come(access, method, guest));
            if let_in.all(|(_, answer)| answer == "405") {
                continue;
            }
            // Writing to a string cannot fail.
            let _ = write!(table, "{place} ({access:?})");
            for (guest, answer) in &answers {
                if access != Access::Anyone {
                    let _ = write!(table, " {} {answer}", guest.name);
                }
            }
            let mut is_any_scope_enough = !is_api;
            for scope in Scope::ALL {
                let asking = programs.iter().filter(|guest| guest.scope == Some(*scope));
                let asked = asking.map(|guest| {
                    let answer = try_door(&site, access, guest, method, &path);
                    (guest.role.unwrap(), answer)
                });
                let answers: Vec<_> = asked.collect();
                if is_api {
                    assert_roles_rise(&format!("{place} with {scope}"), &answers);
                    is_any_scope_enough |= !is_turned_away(&answers.last().unwrap().1);
                    table.push_str(&told(*scope, &answers));
                }
            }
            assert!(is_any_scope_enough, "{place}: no scope opens it");
            table.push('\n');
        }
    }
    insta::assert_snapshot!(table);
}
