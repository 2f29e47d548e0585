//! Who acts, and what that one may do. This file is the only place that answers "may they?".

use super::id::UserId;
use super::media::Media;
use super::post::{Post, Status};
use super::time::Timestamp;
use super::token::Scope;
use super::user::{Role, User};

/// Somebody whose right to act has been established: by signing in, by a token, or by being this
/// program or the operator at its shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    identity: Identity,
    scopes: Scopes,
    /// When what they came with ends, where it does.
    ends_at: Option<Timestamp>,
    /// Where they come from, for the audit log.
    pub address: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Identity {
    System,
    /// A reader nobody knows.
    Anonymous,
    User {
        id: UserId,
        role: Role,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Scopes {
    All,
    Only(Vec<Scope>),
}

/// What can be allowed or forbidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act<'a> {
    /// See what they wrote themselves, whether readers see it or not.
    SeeOwn,
    /// Read over the API what readers do not see of what they wrote themselves, without meaning to change it.
    ReadOwn,
    /// See drafts and private posts of anybody.
    SeeEverything,
    CreatePost,
    EditPost(&'a Post),
    PublishPost(&'a Post),
    DeletePost(&'a Post),
    /// Take it out of the trash.
    RestorePost(&'a Post),
    /// Say who wrote a post. What its authors are trusted with depends on it.
    ChooseAuthors,
    /// Keep raw HTML and embeds in what they write.
    KeepHtml,
    /// Put code into the head or foot of a page.
    InjectCode,
    ManageTags,
    /// Look through uploaded files.
    SeeMedia,
    UploadMedia,
    /// Describe a file, put another in its place, or throw it away.
    ChangeMedia(&'a Media),
    ManageSettings,
    ManageRedirects,
    ManageUsers,
    /// Change somebody's role, suspend or remove them.
    ChangePerson(&'a User),
    /// Make somebody this, or invite them to be it.
    GiveRole(Role),
    /// Make somebody else the owner.
    HandOver,
    /// Put another version of the program in the place of this one.
    ManageSystem,
    /// Their own sessions, tokens and profile.
    ManageSelf,
    SeeAuditLog,
    /// Say which other programs are told of what happens here.
    ManageWebhooks,
    /// Tell a program their name and address.
    TellProfile,
    TellEmail,
}

impl Actor {
    /// The program itself or the operator at its shell. May do everything.
    pub fn system() -> Self {
        Self {
            identity: Identity::System,
            scopes: Scopes::All,
            ends_at: None,
            address: String::new(),
        }
    }

    /// Somebody nobody knows. May do nothing, and sees what every reader sees.
    pub fn anonymous(address: &str) -> Self {
        Self {
            identity: Identity::Anonymous,
            scopes: Scopes::Only(Vec::new()),
            ends_at: None,
            address: address.to_owned(),
        }
    }

    pub fn is_anonymous(&self) -> bool {
        self.identity == Identity::Anonymous
    }

    /// To be called by authentication only.
    pub fn signed_in(id: UserId, role: Role, address: &str) -> Self {
        Self {
            identity: Identity::User { id, role },
            scopes: Scopes::All,
            ends_at: None,
            address: address.to_owned(),
        }
    }

    /// To be called by authentication only.
    pub fn with_token(id: UserId, role: Role, scopes: Vec<Scope>, address: &str) -> Self {
        Self {
            identity: Identity::User { id, role },
            scopes: Scopes::Only(scopes),
            ends_at: None,
            address: address.to_owned(),
        }
    }

    pub fn user(&self) -> Option<UserId> {
        match self.identity {
            Identity::System | Identity::Anonymous => None,
            Identity::User { id, .. } => Some(id),
        }
    }

    /// To be called by authentication only: the token they came with ends then.
    #[must_use]
    pub fn until(mut self, ends_at: Option<Timestamp>) -> Self {
        self.ends_at = ends_at;
        self
    }

    /// When what they came with ends, where it does: nothing they make with it may last longer.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.ends_at
    }

    /// What they act within: with no token, everything.
    pub fn scopes(&self) -> &[Scope] {
        match &self.scopes {
            Scopes::All => Scope::ALL,
            Scopes::Only(scopes) => scopes,
        }
    }

    pub fn may(&self, act: Act<'_>) -> bool {
        let by_role = match self.identity {
            Identity::System => true,
            Identity::Anonymous => false,
            Identity::User { id, role } => role_allows(id, role, act),
        };
        self.missing_scopes(act).is_empty() && by_role
    }

    /// The scopes one of which their token would need, and has none of.
    pub fn missing_scopes(&self, act: Act<'_>) -> &'static [Scope] {
        let enough = scopes_of(act);
        match &self.scopes {
            // They have no token that could have more.
            _ if self.is_anonymous() => &[],
            Scopes::Only(own) if !enough.iter().any(|one| own.contains(one)) => enough,
            Scopes::Only(_) | Scopes::All => &[],
        }
    }
}

/// Any one of these is enough.
fn scopes_of(act: Act<'_>) -> &'static [Scope] {
    use Scope::{
        Admin, Create, Delete, Draft, Email, Media, Profile, Read, Undelete, Update, Write,
    };
    match act {
        Act::SeeEverything | Act::ReadOwn => &[Read],
        Act::SeeOwn => &[Read, Write, Update],
        Act::SeeMedia => &[Read, Media],
        Act::CreatePost => &[Write, Create, Draft],
        Act::EditPost(_) => &[Write, Update],
        // Not `draft`: what comes with it stays a draft.
        Act::PublishPost(_) => &[Write, Create],
        Act::DeletePost(_) => &[Write, Delete],
        Act::RestorePost(_) => &[Write, Undelete, Delete],
        Act::KeepHtml => &[Write, Create, Draft, Update],
        Act::UploadMedia => &[Write, Media, Create, Draft],
        Act::ChooseAuthors | Act::ManageTags | Act::ChangeMedia(_) => &[Write],
        Act::TellProfile => &[Profile, Admin],
        Act::TellEmail => &[Email, Admin],
        Act::InjectCode
        | Act::ManageSettings
        | Act::ManageRedirects
        | Act::ManageUsers
        | Act::ChangePerson(_)
        | Act::GiveRole(_)
        | Act::HandOver
        | Act::ManageSystem
        | Act::ManageSelf
        | Act::SeeAuditLog
        | Act::ManageWebhooks => &[Admin],
    }
}

fn role_allows(id: UserId, role: Role, act: Act<'_>) -> bool {
    let at_least = |needed: Role| role <= needed;
    match act {
        Act::SeeOwn
        | Act::ReadOwn
        | Act::CreatePost
        | Act::ManageSelf
        | Act::TellProfile
        | Act::TellEmail => true,
        Act::SeeMedia | Act::UploadMedia => at_least(Role::Author),
        Act::ChangeMedia(media) => {
            at_least(Role::Editor) || (media.uploaded_by == Some(id) && at_least(Role::Author))
        }
        // A contributor's text is changed by others once they have taken it over.
        Act::EditPost(post) | Act::DeletePost(post) | Act::RestorePost(post) => {
            at_least(Role::Editor)
                || (post.is_by(id)
                    && (at_least(Role::Author)
                        || matches!(post.status, Status::Draft | Status::Trashed)))
        }
        Act::PublishPost(post) => {
            at_least(Role::Editor) || (post.is_by(id) && at_least(Role::Author))
        }
        Act::SeeEverything | Act::ManageTags | Act::ChooseAuthors | Act::KeepHtml => {
            at_least(Role::Editor)
        }
        // Nobody stands above the owner, and nobody can saw off the branch they sit on.
        Act::ChangePerson(who) => at_least(Role::Admin) && who.role != Role::Owner && who.id != id,
        // Nobody is raised above whoever raises them; the owner is made by handing over.
        Act::GiveRole(given) => at_least(Role::Admin) && given >= role && given != Role::Owner,
        Act::HandOver => at_least(Role::Owner),
        Act::InjectCode
        | Act::ManageSettings
        | Act::ManageRedirects
        | Act::ManageUsers
        | Act::ManageSystem
        | Act::SeeAuditLog
        | Act::ManageWebhooks => at_least(Role::Admin),
    }
}

#[cfg(test)]
#[path = "actor/table.rs"]
mod table;
