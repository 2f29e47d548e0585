//! `docs/roles.md`: who may do what, asked of the code that decides it, so that the page cannot lie.

use std::fmt::Write as _;
use std::path::Path;

use super::{Act, Actor, Role, scopes_of};
use crate::domain::id::{MediaId, PostId, UserId};
use crate::domain::media::Media;
use crate::domain::post::{Content, Kind, Post, Status};
use crate::domain::slug::Slug;
use crate::domain::text::{Email, Name, Title};
use crate::domain::time::Timestamp;
use crate::domain::user::User;

const ME: UserId = UserId::from_i64(1);
const OTHER: UserId = UserId::from_i64(2);
const NOW: Timestamp = Timestamp::from_micros(0);

fn post(author: UserId, status: Status) -> Post {
    let slug = Slug::parse("a-post").unwrap();
    let mut content = Content::new(Title::empty(), slug, String::new());
    content.authors = vec![author];
    Post {
        id: PostId::from_i64(1),
        kind: Kind::Post,
        status,
        trashed_from: None,
        content,
        version: 1,
        created_at: NOW,
        updated_at: NOW,
        publish_at: None,
        published_at: None,
    }
}

fn media(uploaded_by: UserId) -> Media {
    Media {
        id: MediaId::from_i64(1),
        path: String::new(),
        digest: Vec::new(),
        name: String::new(),
        mime: String::new(),
        bytes: 0,
        width: None,
        height: None,
        alt: String::new(),
        caption: String::new(),
        colour: None,
        recipe: 0,
        variants: Vec::new(),
        uploaded_by: Some(uploaded_by),
        created_at: NOW,
    }
}

fn user(id: UserId, role: Role) -> User {
    User {
        id,
        email: Email::parse("a@example.org").unwrap(),
        name: Name::parse("Somebody").unwrap(),
        slug: Slug::parse("somebody").unwrap(),
        role,
        bio: String::new(),
        website: None,
        suspended: false,
        created_at: NOW,
        updated_at: NOW,
    }
}

/// What an act is called on the page. A new act does not compile before it is told here; give it a row
/// in `page`, too.
fn told(act: Act<'_>) -> &'static str {
    match act {
        Act::SeeOwn => "see their own drafts and private posts",
        Act::ReadOwn => "read their own drafts, edits that wait and revisions over the API",
        Act::SeeEverything => "see everybody’s drafts and private posts",
        Act::CreatePost => "write a draft",
        Act::EditPost(_) => "change",
        Act::PublishPost(_) => "publish, schedule, take back",
        Act::DeletePost(_) => "put into the trash, delete",
        Act::RestorePost(_) => "take out of the trash",
        Act::ChooseAuthors => "say who wrote a post",
        Act::KeepHtml => "keep raw HTML in texts",
        Act::InjectCode => "put code into pages",
        Act::ManageTags => "rename, merge and remove tags",
        Act::SeeMedia => "look through uploaded files",
        Act::UploadMedia => "upload pictures and files",
        Act::ChangeMedia(_) => "describe, replace or remove a file",
        Act::ManageSettings => "change settings and looks",
        Act::ManageRedirects => "send addresses elsewhere",
        Act::ManageUsers => "see who writes here, invite, take invitations back",
        Act::ChangePerson(_) => "change the role of, suspend, remove",
        Act::GiveRole(_) => "make somebody",
        Act::HandOver => "hand the site over",
        Act::ManageSystem => "update the program",
        Act::ManageSelf => "their own profile, password, passkeys, codes, sign-ins and tokens",
        Act::SeeAuditLog => "read what was done",
        Act::TellProfile => "tell a program their name and address",
        Act::TellEmail => "tell a program their e-mail address",
        Act::ManageWebhooks => "say which programs are told of what happens",
    }
}

fn page() -> String {
    let (draft, mine) = (post(ME, Status::Draft), post(ME, Status::Published));
    let others = post(OTHER, Status::Draft);
    let (my_file, file) = (media(ME), media(OTHER));
    let (owner, admin, editor) = (
        user(OTHER, Role::Owner),
        user(OTHER, Role::Admin),
        user(OTHER, Role::Editor),
    );
    let rows = [
        (Act::CreatePost, ""),
        (Act::EditPost(&draft), "their own draft"),
        (Act::EditPost(&mine), "their own published post"),
        (Act::EditPost(&others), "somebody else’s post"),
        (Act::PublishPost(&draft), "their own post"),
        (Act::PublishPost(&others), "somebody else’s post"),
        (Act::DeletePost(&draft), "their own draft"),
        (Act::DeletePost(&mine), "their own published post"),
        (Act::DeletePost(&others), "somebody else’s post"),
        (Act::RestorePost(&draft), "their own post"),
        (Act::RestorePost(&others), "somebody else’s post"),
        (Act::SeeOwn, ""),
        (Act::ReadOwn, ""),
        (Act::SeeEverything, ""),
        (Act::ChooseAuthors, ""),
        (Act::KeepHtml, ""),
        (Act::SeeMedia, ""),
        (Act::UploadMedia, ""),
        (Act::ChangeMedia(&my_file), "they uploaded"),
        (Act::ChangeMedia(&file), "somebody else uploaded"),
        (Act::ManageTags, ""),
        (Act::InjectCode, ""),
        (Act::ManageSettings, ""),
        (Act::ManageRedirects, ""),
        (Act::ManageWebhooks, ""),
        (Act::ManageSelf, ""),
        (Act::TellProfile, ""),
        (Act::TellEmail, ""),
        (Act::ManageUsers, ""),
        (
            Act::GiveRole(Role::Contributor),
            "a contributor, author or editor",
        ),
        (Act::GiveRole(Role::Admin), "an admin"),
        (Act::GiveRole(Role::Owner), "the owner"),
        (
            Act::ChangePerson(&editor),
            "an editor, author or contributor",
        ),
        (Act::ChangePerson(&admin), "another admin"),
        (Act::ChangePerson(&owner), "the owner"),
        (Act::HandOver, ""),
        (Act::SeeAuditLog, ""),
        (Act::ManageSystem, ""),
    ];
    let mut text = "# Who may do what\n\n<!-- Made from src/domain/actor.rs by `INKSTAND_WRITE_DOCS=1 \
                    cargo nextest run reference`. Do not edit. -->\n\n\
                    Every act is asked about in one place, `src/domain/actor.rs`, and this page is its answers. A \
                    token may do what its holder may, as far as it has the scope; where several are named, one is enough. The shell may do everything.\n\n\
                    | may | contributor | author | editor | admin | owner | a token needs |\n\
                    |---|---|---|---|---|---|---|\n"
        .to_owned();
    for (act, of_what) in rows {
        // Writing to a string cannot fail.
        let _ = write!(text, "| {} {of_what}", told(act));
        for role in Role::ALL.iter().rev() {
            let may = Actor::signed_in(ME, *role, "").may(act);
            let _ = write!(text, " | {}", if may { "yes" } else { "–" });
        }
        let scopes: Vec<_> = scopes_of(act).iter().map(|scope| scope.as_str()).collect();
        let _ = writeln!(text, " | {} |", scopes.join(", "));
    }
    text.replace("  |", " |")
}

#[test]
fn the_reference_of_roles_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/roles.md");
    if std::env::var_os("INKSTAND_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page(),
        "docs/roles.md differs from what the code decides; run\n    \
         INKSTAND_WRITE_DOCS=1 cargo nextest run reference"
    );
}
