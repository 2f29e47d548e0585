//! `inkstand picture-worker`: the process in which the server has pictures decoded. For nobody else.

use std::process::ExitCode;

use clap::Args;

use crate::boot;

#[derive(Debug, Args)]
pub(super) struct PictureWorker {
    job: String,
    mime: String,
}

impl PictureWorker {
    pub(super) fn run(&self) -> ExitCode {
        boot::work_on_picture(&self.job, &self.mime)
    }
}
