//! WebP: chunks in a RIFF, of which those are kept that are the picture, its colours and its animation.

use super::{Clean, Damage, Walk};

/// What the head of an extended file says it holds.
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;
/// Position, size, time and how to blend, before a frame's own chunks.
const FRAME_HEAD_BYTES: usize = 16;

pub(super) fn clean(bytes: &[u8]) -> Result<Clean, Damage> {
    let mut walk = Walk::new(bytes);
    walk.expect(b"RIFF")?;
    let length = walk.length_32(Walk::little_32)?;
    // What stands behind the RIFF is no part of it.
    let mut inside = Walk::new(walk.take(length)?);
    inside.expect(b"WEBP")?;
    let mut kept = Vec::with_capacity(bytes.len());
    let (mut width, mut height, mut frames) = (0, 0, 0);
    while !inside.is_at_end() {
        let (kind, body) = chunk(&mut inside)?;
        match &kind {
            b"VP8X" => {
                let [flags, a, b, c, w0, w1, w2, h0, h1, h2] =
                    *body.first_chunk().ok_or(Damage::Short)?;
                let side = |bytes: [u8; 3]| {
                    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]).saturating_add(1)
                };
                (width, height) = (side([w0, w1, w2]), side([h0, h1, h2]));
                let flags = flags & !(HAS_EXIF | HAS_XMP);
                let head = [flags, a, b, c, w0, w1, w2, h0, h1, h2];
                put(&mut kept, kind, &head);
            }
            b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ICCP" => put(&mut kept, kind, body),
            b"ANMF" => {
                frames += 1;
                put(&mut kept, kind, &frame(body)?);
            }
            _ => {}
        }
    }
    let whole = whole(&kept).ok_or(Damage::Torn)?;
    Clean::animated(whole, frames.max(1), width, height)
}

/// A chunk's name and body; its length is rounded up to an even one in the file.
fn chunk<'a>(walk: &mut Walk<'a>) -> Result<([u8; 4], &'a [u8]), Damage> {
    let kind = walk.array()?;
    let length = walk.length_32(Walk::little_32)?;
    let body = walk.take(length)?;
    // Some writers forget the byte behind the last chunk.
    if length % 2 == 1 && !walk.is_at_end() {
        walk.byte()?;
    }
    Ok((kind, body))
}

fn frame(body: &[u8]) -> Result<Vec<u8>, Damage> {
    let mut walk = Walk::new(body);
    let mut kept = walk.take(FRAME_HEAD_BYTES)?.to_vec();
    while !walk.is_at_end() {
        let (kind, body) = chunk(&mut walk)?;
        if matches!(&kind, b"VP8 " | b"VP8L" | b"ALPH") {
            put(&mut kept, kind, body);
        }
    }
    Ok(kept)
}

fn put(out: &mut Vec<u8>, kind: [u8; 4], body: &[u8]) {
    out.extend(kind);
    // It came from a length of as many bits.
    out.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(body);
    if body.len() % 2 == 1 {
        out.push(0);
    }
}

/// Says how the colours of a still picture are meant.
pub(in crate::pictures) fn webp_with_profile(
    bytes: &[u8],
    (width, height): (u32, u32),
    profile: &[u8],
) -> Option<Vec<u8>> {
    const HAS_PROFILE: u8 = 0x20;
    const HAS_ALPHA: u8 = 0x10;
    let mut walk = Walk::new(bytes.get(12..)?);
    let (mut flags, mut picture) = (HAS_PROFILE, Vec::new());
    while !walk.is_at_end() {
        let (kind, body) = chunk(&mut walk).ok()?;
        match &kind {
            b"VP8X" => flags |= body.first()? & HAS_ALPHA,
            b"VP8 " | b"VP8L" | b"ALPH" => put(&mut picture, kind, body),
            _ => {}
        }
    }
    let side = |points: u32| points.checked_sub(1).map(u32::to_le_bytes);
    let ([w0, w1, w2, _], [h0, h1, h2, _]) = (side(width)?, side(height)?);
    let mut kept = Vec::new();
    put(
        &mut kept,
        *b"VP8X",
        &[flags, 0, 0, 0, w0, w1, w2, h0, h1, h2],
    );
    put(&mut kept, *b"ICCP", profile);
    kept.extend(picture);
    whole(&kept)
}

/// Chunks as a file.
fn whole(chunks: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(chunks.len() + 4).ok()?;
    let mut whole = b"RIFF".to_vec();
    whole.extend(length.to_le_bytes());
    whole.extend(b"WEBP");
    whole.extend(chunks);
    Some(whole)
}
