//! Reads the form that files come in. They go to the disk as they come; nothing of them stays in memory.

use actix_multipart::{Field, Multipart};
use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Payload};
use futures_util::stream::Fuse;
use futures_util::{Stream, StreamExt as _};

use crate::app;
use crate::app::media::{self, Draft};
use crate::domain::actor::Actor;
use crate::web::error::Error;
use crate::web::state::Site;

/// Gathered before it is written.
const PIECE_BYTES: usize = 256 * 1024;
/// What is not a file in the form.
const MAX_WORDS_BYTES: usize = 16 * 1024;
const MAX_FILES: usize = 100;
/// A browser hears a refusal only when it has sent everything. So much is read for that.
const MAX_UNWANTED_BYTES: usize = 256 * 1024 * 1024;

#[derive(Debug, Default)]
pub(in crate::web) struct Sent {
    pub(in crate::web) files: Vec<File>,
    pub(in crate::web) alt: String,
    pub(in crate::web) caption: String,
}

#[derive(Debug)]
pub(in crate::web) struct File {
    pub(in crate::web) name: String,
    /// The file, or why it was not taken.
    pub(in crate::web) draft: Result<Draft, app::Error>,
}

/// Whether files come in a form.
pub(in crate::web) fn is_form(request: &HttpRequest) -> bool {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("multipart/form-data")
}

/// A file that comes as nothing but its bytes.
pub(in crate::web) async fn read_bytes(
    site: &Site,
    actor: &Actor,
    body: Payload,
) -> Result<Draft, actix_web::Error> {
    let mut bytes = body.fuse();
    match receive(site, actor, &mut bytes).await {
        Ok(draft) => Ok(draft),
        Err(Received::Refused(why)) => {
            let_pass(&mut bytes, &mut 0).await?;
            Err(Error::from(why).into())
        }
        Err(Received::Broken(error)) => Err(error),
    }
}

/// What came, for somebody who is known to have sent it.
pub(in crate::web) async fn read(
    site: &Site,
    actor: &Actor,
    request: &HttpRequest,
    body: Payload,
) -> Result<Sent, actix_web::Error> {
    let mut form = Multipart::new(request.headers(), body);
    let mut sent = Sent::default();
    let mut unwanted_bytes = 0;
    while let Some(field) = form.next().await {
        let field = field?;
        let part = field.name().unwrap_or_default().to_owned();
        let name = name_of(&field);
        // A part must not be asked for more once it has ended.
        let mut field = field.fuse();
        match &*part {
            "file" if sent.files.len() < MAX_FILES => {
                let draft = match receive(site, actor, &mut field).await {
                    Ok(draft) => Ok(draft),
                    Err(Received::Refused(why)) => Err(why),
                    Err(Received::Broken(error)) => return Err(error),
                };
                let is_nothing = name.is_empty() && draft.as_ref().is_ok_and(|d| d.bytes() == 0);
                if !is_nothing {
                    sent.files.push(File { name, draft });
                }
            }
            "alt" => sent.alt = words(&mut field).await?,
            "caption" => sent.caption = words(&mut field).await?,
            _ => {}
        }
        if !let_pass(&mut field, &mut unwanted_bytes).await? {
            return Ok(sent);
        }
    }
    Ok(sent)
}

/// Reads what nobody wants, as far as that goes; says whether it came to its end.
async fn let_pass<S, E>(bytes: &mut Fuse<S>, passed_bytes: &mut usize) -> Result<bool, E>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    while let Some(piece) = bytes.next().await {
        *passed_bytes += piece?.len();
        if *passed_bytes > MAX_UNWANTED_BYTES {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Why a file did not come to its end.
pub(in crate::web) enum Received {
    /// Nothing more of this file is wanted.
    Refused(app::Error),
    /// Nothing more will come.
    Broken(actix_web::Error),
}

impl From<app::Error> for Received {
    fn from(error: app::Error) -> Self {
        Self::Refused(error)
    }
}

/// Takes a file in as it comes.
pub(in crate::web) async fn receive<S, E>(
    site: &Site,
    actor: &Actor,
    bytes: &mut Fuse<S>,
) -> Result<Draft, Received>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<actix_web::Error>,
{
    let actor = actor.clone();
    let mut draft = site
        .work(move |site| media::begin(&site.app, &actor))
        .await?;
    let mut room_bytes = None;
    let mut piece = Vec::with_capacity(PIECE_BYTES);
    loop {
        let more = bytes.next().await.transpose();
        let more = more.map_err(|error| Received::Broken(error.into()))?;
        let is_last = more.is_none();
        piece.extend_from_slice(&more.unwrap_or_default());
        if !is_last && piece.len() < PIECE_BYTES {
            continue;
        }
        let written = site.work(move |site| {
            media::fill(&mut draft, &piece)?;
            let room = match room_bytes {
                _ if draft.bytes() == 0 => 0,
                Some(room) => room,
                None => media::room_for(&mut draft, site.picture_bytes)?,
            };
            if draft.bytes() > room {
                let most_mib = room / 1024 / 1024;
                let why =
                    format!("a file like this may have at most {most_mib} MiB; make it smaller");
                return Err(app::Error::TooLarge(why));
            }
            piece.clear();
            Ok((draft, piece, room))
        });
        let room;
        (draft, piece, room) = written.await?;
        if is_last {
            return Ok(draft);
        }
        room_bytes = Some(room);
    }
}

pub(in crate::web) fn name_of(field: &Field) -> String {
    let disposition = field.content_disposition();
    let name = disposition.and_then(|disposition| disposition.get_filename());
    name.unwrap_or_default().to_owned()
}

async fn words(field: &mut Fuse<Field>) -> Result<String, actix_web::Error> {
    let mut words = Vec::new();
    while let Some(piece) = field.next().await {
        words.extend_from_slice(&piece?);
        if words.len() > MAX_WORDS_BYTES {
            let why = app::Error::invalid("alt", "This is too long");
            return Err(Error::from(why).into());
        }
    }
    Ok(String::from_utf8_lossy(&words).into_owned())
}
