//! GIF: blocks up to the trailer; words and foreign extensions are left out, how often an animation
//! plays is kept.

use super::{Clean, Damage, Walk};

const IMAGE: u8 = 0x2C;
const EXTENSION: u8 = 0x21;
const TRAILER: u8 = 0x3B;
const CONTROL: u8 = 0xF9;
const APPLICATION: u8 = 0xFF;
/// The ones that say how often to play.
const LOOPS: [&[u8]; 2] = [b"NETSCAPE2.0", b"ANIMEXTS1.0"];
/// Longer than what any of them has to say.
const MAX_LOOP_BYTES: usize = 32;

pub(super) fn clean(bytes: &[u8]) -> Result<Clean, Damage> {
    let mut walk = Walk::new(bytes);
    let signature = walk.take(6)?;
    if !matches!(signature, b"GIF87a" | b"GIF89a") {
        return Err(Damage::Torn);
    }
    let (width, height) = (walk.little_16()?, walk.little_16()?);
    let flags = walk.byte()?;
    walk.take(2)?;
    walk.take(colour_table_bytes(flags))?;
    let mut kept = read_so_far(bytes, walk).to_vec();
    let mut frames = 0;
    loop {
        let before = walk;
        let is_kept = match walk.byte()? {
            IMAGE => {
                frames += 1;
                image(&mut walk)?;
                true
            }
            EXTENSION => extension(&mut walk)?,
            TRAILER if frames > 0 => {
                kept.push(TRAILER);
                return Clean::animated(kept, frames, width.into(), height.into());
            }
            _ => return Err(Damage::Torn),
        };
        if is_kept {
            kept.extend(read_so_far(before.rest, walk));
        }
    }
}

fn read_so_far<'a>(from: &'a [u8], now: Walk<'_>) -> &'a [u8] {
    &from[..from.len() - now.rest.len()]
}

fn colour_table_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 0x07) + 1)
    }
}

fn image(walk: &mut Walk<'_>) -> Result<(), Damage> {
    walk.take(8)?;
    let flags = walk.byte()?;
    walk.take(colour_table_bytes(flags))?;
    let _bits = walk.byte()?;
    blocks(walk).map(drop)
}

/// Steps over an extension and says whether it belongs to the picture.
fn extension(walk: &mut Walk<'_>) -> Result<bool, Damage> {
    let label = walk.byte()?;
    let mut name = *walk;
    let length = blocks(walk)?;
    Ok(match label {
        CONTROL => true,
        APPLICATION => {
            let chars = name.byte()?;
            let name = name.take(chars.into())?;
            LOOPS.contains(&name) && length <= MAX_LOOP_BYTES
        }
        _ => false,
    })
}

/// Steps over data in pieces, up to the empty one; says how long it was.
fn blocks(walk: &mut Walk<'_>) -> Result<usize, Damage> {
    let mut length = 0;
    loop {
        match walk.byte()? {
            0 => return Ok(length),
            bytes => {
                walk.take(bytes.into())?;
                length += usize::from(bytes);
            }
        }
    }
}
