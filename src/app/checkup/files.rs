//! Each uploaded file: is it there, has it its bytes, have its copies theirs? A child of `checkup`.

use std::fs::File;
use std::io::{self, Read as _};

use sha2::{Digest as _, Sha256};

use crate::domain::id::MediaId;
use crate::domain::media::Media;
use crate::store;

use super::super::{App, Error};
use super::{BATCH, Means, Part, Report};

const READ_BYTES: usize = 64 * 1024;
const LOST: &str = "Put it back from a backup, or put another in its place: inkstand media replace";
const COPY_LOST: &str =
    "Put the file in its own place again (inkstand media replace); its copies are made anew then";

pub(super) fn check(
    app: &App,
    means: &Means<'_>,
    report: &mut Report,
    told: &mut dyn FnMut(Part, u64),
) -> Result<(), Error> {
    let mut after = MediaId::from_i64(0);
    loop {
        told(Part::Files, report.files);
        let batch = app.db.read(|tx| store::media::after(tx, after, BATCH))?;
        let Some(last) = batch.last() else {
            return Ok(());
        };
        after = last.id;
        for file in &batch {
            one(app, means, file, report);
            report.files += 1;
            told(Part::Files, report.files);
        }
    }
}

fn one(app: &App, means: &Means<'_>, file: &Media, report: &mut Report) {
    let place = format!("{} {}", file.id, file.path);
    let fault = match app.blobs.read(&file.path) {
        Ok(None) => Some("It is not on the disk".to_owned()),
        Ok(Some(opened)) => fault_of(opened, file.bytes, means.thorough.then_some(&*file.digest)),
        Err(error) => Some(format!("It cannot be read: {error}")),
    };
    // A file replaced or removed a moment ago is no fault.
    if let Some(fault) = fault.filter(|_| is_still(app, file)) {
        report.wrong(Part::Files, place.clone(), fault, LOST);
    }
    for copy in &file.variants {
        let fault = match app.blobs.read(&copy.path) {
            Ok(None) => Some("is not on the disk".to_owned()),
            Ok(Some(opened)) => fault_of(opened, copy.bytes, None),
            Err(error) => Some(format!("cannot be read: {error}")),
        };
        if let Some(fault) = fault.filter(|_| is_still(app, file)) {
            let size = format!("{} x {}", copy.width, copy.height);
            report.wrong(
                Part::Files,
                place.clone(),
                format!("The copy of {size}: {fault}"),
                COPY_LOST,
            );
        }
    }
}

fn is_still(app: &App, file: &Media) -> bool {
    let now = app.db.read(|tx| store::media::by_id(tx, file.id));
    now.is_ok_and(|now| now.as_ref() == Some(file))
}

fn fault_of(mut file: File, bytes: u64, digest: Option<&[u8]>) -> Option<String> {
    let found = match file.metadata() {
        Ok(facts) => facts.len(),
        Err(error) => return Some(format!("It cannot be looked at: {error}")),
    };
    if found != bytes {
        return Some(format!("It has {found} bytes, and should have {bytes}"));
    }
    let digest = digest?;
    match digest_of(&mut file) {
        Ok(found) if found[..] == *digest => None,
        Ok(_) => Some("Its bytes are not those that were uploaded".to_owned()),
        Err(error) => Some(format!("It cannot be read: {error}")),
    }
}

fn digest_of(file: &mut File) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            read => hash.update(&buffer[..read]),
        }
    }
}
