//! Where releases are fetched from: a server of static files, or a folder. Nothing that comes from there is
//! believed; whoever asks looks at signatures and hashes.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

const MAX_TEXT_BYTES: u64 = 512 * 1024;
const CONNECT_TIME: Duration = Duration::from_secs(15);
const FETCH_TIME: Duration = Duration::from_mins(30);

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("there is no {0} where releases come from")]
    Missing(String),
    #[error("{place}: {why}")]
    Unreachable { place: String, why: String },
}

#[derive(Debug)]
pub enum Source {
    Folder(PathBuf),
    Web { base: String, agent: ureq::Agent },
}

impl Source {
    /// An address of the web, or the path of a folder.
    pub fn at(place: &str) -> Self {
        if !place.starts_with("http://") && !place.starts_with("https://") {
            return Self::Folder(place.into());
        }
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIME))
            .timeout_global(Some(FETCH_TIME))
            .user_agent(format!("inkstand/{}", crate::domain::VERSION))
            .build();
        Self::Web {
            base: place.trim_end_matches('/').to_owned(),
            agent: agent.into(),
        }
    }

    fn find(&self, name: &str) -> Result<Option<Box<dyn Read>>, SourceError> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                match File::open(&path) {
                    Ok(file) => Ok(Some(Box::new(file))),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                    Err(error) => Err(unreachable(&path.to_string_lossy(), &error)),
                }
            }
            Self::Web { base, agent } => {
                let url = format!("{base}/{name}");
                let answer = agent.get(&url).call();
                let answer = answer.map_err(|error| unreachable(&url, &error))?;
                match answer.status().as_u16() {
                    200 => Ok(Some(Box::new(answer.into_body().into_reader()))),
                    404 => Ok(None),
                    status => Err(unreachable(&url, &format!("the answer is {status}"))),
                }
            }
        }
    }

    pub fn open(&self, name: &str) -> Result<Box<dyn Read>, SourceError> {
        let found = self.find(name)?;
        found.ok_or_else(|| SourceError::Missing(name.to_owned()))
    }

    /// A short text, cut off where no text of ours would be so long; `None` where there is none.
    pub fn fetch(&self, name: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(found) = self.find(name)? else {
            return Ok(None);
        };
        let mut text = Vec::new();
        let read = found.take(MAX_TEXT_BYTES).read_to_end(&mut text);
        read.map_err(|error| unreachable(name, &error))?;
        Ok(Some(text))
    }

    pub fn need(&self, name: &str) -> Result<Vec<u8>, SourceError> {
        let found = self.fetch(name)?;
        found.ok_or_else(|| SourceError::Missing(name.to_owned()))
    }
}

fn unreachable(place: &str, why: &dyn std::fmt::Display) -> SourceError {
    SourceError::Unreachable {
        place: place.to_owned(),
        why: why.to_string(),
    }
}
