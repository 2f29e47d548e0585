//! JPEG: segments up to the first scan, then scans up to the end mark.

use super::{Damage, Walk};

const START: [u8; 2] = [0xFF, 0xD8];
const END: u8 = 0xD9;
const SCAN: u8 = 0xDA;
const APP_0: u8 = 0xE0;
const APP_2: u8 = 0xE2;
const APP_14: u8 = 0xEE;
const COMMENT: u8 = 0xFE;
/// How colours are meant; without it they look wrong.
const ICC: &[u8] = b"ICC_PROFILE\0";
/// Which colours the channels are; decoders need it.
const ADOBE: &[u8] = b"Adobe";

pub(super) fn clean(bytes: &[u8]) -> Result<Vec<u8>, Damage> {
    let mut walk = Walk::new(bytes);
    walk.expect(&START)?;
    let mut kept = START.to_vec();
    let mut has_scan = false;
    loop {
        let marker = marker(&mut walk)?;
        match marker {
            END if has_scan => {
                kept.extend([0xFF, END]);
                return Ok(kept);
            }
            // Marks that stand alone have no business here.
            0x00 | 0x01 | 0xD0..=END => return Err(Damage::Torn),
            _ => {}
        }
        let length = usize::from(walk.big_16()?);
        let segment = walk.take(length.checked_sub(2).ok_or(Damage::Torn)?)?;
        if is_picture(marker, segment) {
            kept.extend([0xFF, marker]);
            kept.extend(u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
            kept.extend(segment);
        }
        if marker == SCAN {
            has_scan = true;
            kept.extend(scan(&mut walk)?);
        }
    }
}

/// The next mark; any number of filling bytes may stand before it.
fn marker(walk: &mut Walk<'_>) -> Result<u8, Damage> {
    walk.expect(&[0xFF])?;
    loop {
        match walk.byte()? {
            0xFF => {}
            marker => return Ok(marker),
        }
    }
}

fn is_picture(marker: u8, segment: &[u8]) -> bool {
    match marker {
        APP_0 => is_jfif_alone(segment),
        APP_2 => segment.starts_with(ICC),
        APP_14 => segment.starts_with(ADOBE),
        APP_0..=0xEF | COMMENT => false,
        _ => true,
    }
}

/// Without a thumbnail.
fn is_jfif_alone(segment: &[u8]) -> bool {
    segment.starts_with(b"JFIF\0") && segment.len() == 14
}

/// The coded points up to the next mark that ends them.
fn scan<'a>(walk: &mut Walk<'a>) -> Result<&'a [u8], Damage> {
    let mut marks = walk.rest.windows(2).enumerate();
    let end = marks.find(|(_, pair)| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xD0..=0xD7 | 0xFF));
    let (end, _) = end.ok_or(Damage::Short)?;
    walk.take(end)
}
