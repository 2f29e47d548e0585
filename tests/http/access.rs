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
use serde_json::json;

use super::admin::{EMAIL, OWN, PASSWORD, cookie_of, enter};
use super::people::join;
use super::programs::program;
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
    ("/api/v1/webhooks", r#"{"url": "https://hook.invalid/"}"#),
];

/// Everybody asks at once and for everything.
const UNLIMITED: [&str; 4] = [
    "--set",
    "api.requests_per_minute=0",
    "--set",
    "api.anonymous_requests_per_minute=0",
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
        Access::Program | Access::Bearer => guest.token.is_some(),
        Access::Person | Access::Writer => has_role(Role::Contributor),
        Access::Editor => has_role(Role::Editor),
        Access::Admin => has_role(Role::Admin),
    }
}

/// A token of somebody for each scope. One that may administer makes them; the store is told what they may
/// instead, because nobody else may give everything away piece by piece.
fn tokens(site: &Site, name: &str) -> Vec<(Scope, String)> {
    let admin = program(site, name, "admin");
    let wish = json!({ "name": "t", "scopes": ["admin"] });
    let make = |scope: &Scope| {
        let made = admin
            .ask("POST", "/api/v1/tokens", &wish)
            .expect(201)
            .json();
        let id = &made["id"];
        site.sql(&format!(
            "UPDATE tokens SET scopes = '[\"{scope}\"]' WHERE id = {id}"
        ));
        (*scope, made["secret"].as_str().unwrap().to_owned())
    };
    Scope::ALL.iter().map(make).collect()
}

/// Everybody who asks; the last may do everything.
fn everybody(site: &Site, owner: &str) -> Vec<Guest> {
    let mut guests = vec![Guest {
        name: "stranger".to_owned(),
        role: None,
        cookie: String::new(),
        token: None,
        scope: None,
    }];
    // The smallest first.
    let roles: Vec<Role> = Role::ALL.iter().rev().copied().collect();
    let mut programs = Vec::new();
    for role in &roles {
        let word = role.as_str();
        let cookie = if *role == Role::Owner {
            owner.to_owned()
        } else {
            join(site, word, word).1
        };
        guests.push(Guest {
            name: role.to_string(),
            role: Some(*role),
            cookie,
            token: None,
            scope: None,
        });
        for (scope, token) in tokens(site, word) {
            programs.push(Guest {
                name: format!("{role} with {scope}"),
                role: Some(*role),
                cookie: String::new(),
                token: Some(token),
                scope: Some(scope),
            });
        }
    }
    guests.extend(programs);
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

/// Whether the door opens as the table says.
#[track_caller]
fn look_at_door(access: Access, guest: &Guest, method: &str, place: &str, answer: &str) {
    let place = format!("{} at {place}: {answer}", guest.name);
    if !may_come(access, method, guest) {
        assert!(is_turned_away(answer), "{place}");
    } else if is_turned_away(answer) {
        // Beyond the guard, a verb may still say no to the smaller roles, and to tokens without its scope.
        let may_do_all = guest.role == Some(Role::Owner) && guest.scope.is_none();
        assert!(answer == "403" && !may_do_all, "{place}");
    }
}

/// How the tokens of one scope fared, the smallest role first, as in `403 up to editor, 200`.
fn told(answers: &[(Role, String)]) -> String {
    let mut runs: Vec<(&str, Role)> = Vec::new();
    for (role, answer) in answers {
        match runs.last_mut() {
            Some((last, until)) if last == answer => *until = *role,
            _ => runs.push((answer, *role)),
        }
    }
    let told = runs.iter().map(|(answer, until)| match until {
        Role::Owner => (*answer).to_owned(),
        until => format!("{answer} up to {until}"),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// The same for all scopes; those that fared alike are told of together.
fn told_together(fared: &[(Scope, String)]) -> String {
    let mut groups: Vec<(Vec<&str>, &str)> = Vec::new();
    for (scope, answers) in fared {
        match groups.iter_mut().find(|(_, known)| known == answers) {
            Some((scopes, _)) => scopes.push(scope.as_str()),
            None => groups.push((vec![scope.as_str()], answers)),
        }
    }
    groups.sort_by_key(|(_, answers)| *answers == "403");
    let told = groups.iter().map(|(scopes, answers)| match *answers {
        "403" => "; others 403".to_owned(),
        answers => format!("; {} {answers}", scopes.join("+")),
    });
    told.collect()
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
    let site = Site::start_with(&UNLIMITED);
    site.token();
    let owner = cookie_of(&enter(&site, EMAIL, PASSWORD).expect(303));
    let guests = everybody(&site, &owner);
    let (persons, programs): (Vec<&Guest>, Vec<&Guest>) =
        guests.iter().partition(|guest| guest.scope.is_none());
    let mut table = String::new();
    for (path, access) in addresses() {
        // It would end the sign-in of everybody who asks.
        if path == "/sign-out" {
            continue;
        }
        let is_api = matches!(access, Access::Reader | Access::Program | Access::Bearer);
        let address = filled(&path);
        for method in METHODS {
            let place = format!("{method} {path}");
            let ask = |guest: &Guest| ask(&site, guest, method, &address);
            let answers: Vec<_> = persons.iter().map(|guest| (guest, ask(guest))).collect();
            let mut let_in = answers
                .iter()
                .filter(|(guest, _)| may_come(access, method, guest));
            if let_in.all(|(_, answer)| answer == "405") {
                continue;
            }
            // Writing to a string cannot fail.
            let _ = write!(table, "{place} ({access:?})");
            for (guest, answer) in &answers {
                look_at_door(access, guest, method, &place, answer);
                if access != Access::Anyone {
                    let _ = write!(table, " {} {answer}", guest.name);
                }
            }
            let (mut fared, mut is_any_scope_enough) = (Vec::new(), !is_api);
            for scope in Scope::ALL {
                // Pages know no tokens, so there those of the owner may speak for all.
                let asking = programs.iter().filter(|guest| {
                    guest.scope == Some(*scope) && (is_api || guest.role == Some(Role::Owner))
                });
                let asked = asking.map(|guest| {
                    let answer = ask(guest);
                    look_at_door(access, guest, method, &place, &answer);
                    (guest.role.unwrap(), answer)
                });
                let answers: Vec<_> = asked.collect();
                if is_api {
                    assert_roles_rise(&format!("{place} with {scope}"), &answers);
                    is_any_scope_enough |= !is_turned_away(&answers.last().unwrap().1);
                    fared.push((*scope, told(&answers)));
                }
            }
            assert!(is_any_scope_enough, "{place}: no scope opens it");
            table.push_str(&told_together(&fared));
            table.push('\n');
        }
    }
    insta::assert_snapshot!(table);
}
