//! PNG: chunks, of which those are kept that say what the points are and how they are shown.

use super::{Clean, Damage, Walk};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Animations too: `acTL`, `fcTL`, `fdAT`.
const KEPT: &[&[u8; 4]] = &[
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP",
    b"mDCV", b"cLLI", b"sBIT", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

pub(super) fn clean(bytes: &[u8]) -> Result<Clean, Damage> {
    let mut walk = Walk::new(bytes);
    walk.expect(SIGNATURE)?;
    let mut kept = SIGNATURE.to_vec();
    let (mut width, mut height, mut frames) = (0, 0, 0);
    loop {
        let mut whole = walk;
        let length = walk.length_32(Walk::big_32)?;
        let kind: [u8; 4] = walk.array()?;
        let mut body = Walk::new(walk.take(length)?);
        let _checked_by_the_decoder = walk.big_32()?;
        let is_first = kept.len() == SIGNATURE.len();
        if is_first != (&kind == b"IHDR") {
            return Err(Damage::Torn);
        }
        if is_first {
            (width, height) = (body.big_32()?, body.big_32()?);
        }
        frames += u32::from(&kind == b"fcTL");
        if KEPT.contains(&&kind) {
            kept.extend(whole.take(length.saturating_add(12))?);
        }
        if &kind == b"IEND" {
            return Clean::animated(kept, frames.max(1), width, height);
        }
    }
}
