//! AVIF: boxes in boxes. Places in the file are named by their distance from its beginning, so nothing is
//! taken out: what is not the picture is overwritten with zeros where it stands.

use std::ops::Range;

use super::{Damage, Walk};

/// Boxes that hold boxes, on the way to what is looked for.
const HOLDERS: &[&[u8; 4]] = &[b"moov", b"trak", b"mdia", b"minf", b"stbl"];
/// Words of programs, and room for anything.
const FOREIGN: &[&[u8; 4]] = &[b"free", b"skip", b"uuid", b"udta"];
const KNOWN: &[&[u8; 4]] = &[b"ftyp", b"meta", b"mdat", b"moov"];
const MAX_DEPTH: usize = 8;
/// More than any picture has; the tables are walked once for each foreign item.
const MAX_ITEMS: usize = 4_096;

pub(super) fn clean(bytes: &[u8]) -> Result<Vec<u8>, Damage> {
    let mut kept = bytes.to_vec();
    let mut has_picture = false;
    let end = walk_boxes(bytes, 0..bytes.len(), 0, &mut |depth, kind, body| {
        if FOREIGN.contains(&kind) || (depth == 0 && !KNOWN.contains(&kind)) {
            blank(&mut kept, body);
        } else if kind == b"meta" && depth == 0 {
            has_picture = true;
            for place in foreign_items(bytes, body)? {
                blank(&mut kept, place);
            }
        }
        Ok(())
    })?;
    if !has_picture || !bytes.get(4..).is_some_and(|rest| rest.starts_with(b"ftyp")) {
        return Err(Damage::Torn);
    }
    kept.truncate(end);
    Ok(kept)
}

fn blank(bytes: &mut [u8], place: Range<usize>) {
    if let Some(place) = bytes.get_mut(place) {
        place.fill(0);
    }
}

type Seen<'a> = dyn FnMut(usize, &[u8; 4], Range<usize>) -> Result<(), Damage> + 'a;

/// Hands over each box with its depth, its name and where its body is. Says where the last one ends.
fn walk_boxes(
    bytes: &[u8],
    place: Range<usize>,
    depth: usize,
    seen: &mut Seen<'_>,
) -> Result<usize, Damage> {
    let mut at = place.start;
    while at < place.end {
        let mut walk = Walk::new(bytes.get(at..place.end).ok_or(Damage::Short)?);
        let (mut head, mut length) = (8, u64::from(walk.big_32()?));
        let kind: [u8; 4] = walk.array()?;
        if length == 1 {
            (head, length) = (16, walk.array().map(u64::from_be_bytes)?);
        }
        let left = place.end - at;
        let length = match usize::try_from(length).map_err(|_| Damage::Short)? {
            0 => left,
            length => length,
        };
        if length < head {
            return Err(Damage::Torn);
        }
        if length > left {
            // Behind the picture there may be anything, and it is cut off.
            let is_behind = depth == 0 && !KNOWN.contains(&&kind) && at > 0;
            return if is_behind {
                Ok(at)
            } else {
                Err(Damage::Short)
            };
        }
        let body = at + head..at + length;
        seen(depth, &kind, body.clone())?;
        if HOLDERS.contains(&&kind) && depth < MAX_DEPTH {
            walk_boxes(bytes, body, depth + 1, seen)?;
        }
        at += length;
    }
    Ok(at)
}

/// Where a picture's notes about itself are: items that are no pictures.
fn foreign_items(bytes: &[u8], meta: Range<usize>) -> Result<Vec<Range<usize>>, Damage> {
    // A version and flags come first.
    let inside = meta.start.saturating_add(4)..meta.end;
    let (mut names, mut places, mut data) = (None, None, None);
    walk_boxes(bytes, inside, 1, &mut |depth, kind, body| {
        match (depth, kind) {
            (1, b"iinf") => names = Some(body),
            (1, b"iloc") => places = Some(body),
            (1, b"idat") => data = Some(body),
            _ => {}
        }
        Ok(())
    })?;
    let (Some(names), Some(places)) = (names, places) else {
        return Err(Damage::Torn);
    };
    let foreign = names_of_foreign(bytes, names)?;
    let mut found = Vec::new();
    for (item, is_in_data, place) in locations(&bytes[places])? {
        if foreign.contains(&item) {
            let from = match (&data, is_in_data) {
                (Some(data), true) => data.start,
                (None, true) => return Err(Damage::Torn),
                (_, false) => 0,
            };
            let (start, end) = (from.checked_add(place.start), from.checked_add(place.end));
            let place = start.zip(end).ok_or(Damage::Torn)?;
            if place.1 > bytes.len() {
                return Err(Damage::Short);
            }
            found.push(place.0..place.1);
        }
    }
    Ok(found)
}

/// The numbers of items that hold Exif, XMP and the like.
fn names_of_foreign(bytes: &[u8], place: Range<usize>) -> Result<Vec<u32>, Damage> {
    let mut walk = Walk::new(&bytes[place.clone()]);
    let version = walk.byte()?;
    let count_bytes = if version == 0 { 2 } else { 4 };
    let inside = place.start + 4 + count_bytes..place.end;
    let mut foreign = Vec::new();
    walk_boxes(bytes, inside, 2, &mut |_, kind, body| {
        if kind != b"infe" {
            return Ok(());
        }
        let mut walk = Walk::new(&bytes[body]);
        let version = walk.byte()?;
        walk.take(3)?;
        let item = match version {
            2 => u32::from(walk.big_16()?),
            3 => walk.big_32()?,
            // Older ones have no kinds and are in no AVIF.
            _ => return Err(Damage::Torn),
        };
        walk.take(2)?;
        if matches!(&walk.array()?, b"Exif" | b"mime" | b"uri ") {
            foreign.push(item);
        }
        if foreign.len() > MAX_ITEMS {
            return Err(Damage::Torn);
        }
        Ok(())
    })?;
    Ok(foreign)
}

/// Number of an item, whether it stands in the box for small data, and where.
type Location = (u32, bool, Range<usize>);

fn locations(table: &[u8]) -> Result<Vec<Location>, Damage> {
    let mut walk = Walk::new(table);
    let version = walk.byte()?;
    walk.take(3)?;
    let (sizes, more) = (walk.byte()?, walk.byte()?);
    let (offset_bytes, length_bytes) = (sizes >> 4, sizes & 15);
    let (base_bytes, index_bytes) = (more >> 4, if version == 0 { 0 } else { more & 15 });
    let number = |walk: &mut Walk<'_>| match version {
        0 | 1 => walk.big_16().map(u32::from),
        _ => walk.big_32(),
    };
    let items = number(&mut walk)?;
    let mut found = Vec::new();
    for _ in 0..items {
        let item = number(&mut walk)?;
        let method = if version == 0 { 0 } else { walk.big_16()? & 15 };
        let _file = walk.big_16()?;
        let base = sized(&mut walk, base_bytes)?;
        for _ in 0..walk.big_16()? {
            let _index = sized(&mut walk, index_bytes)?;
            let offset = sized(&mut walk, offset_bytes)?;
            let length = sized(&mut walk, length_bytes)?;
            let start = base.checked_add(offset).ok_or(Damage::Torn)?;
            let end = start.checked_add(length).ok_or(Damage::Torn)?;
            found.push((item, method == 1, start..end));
            if found.len() > MAX_ITEMS {
                return Err(Damage::Torn);
            }
        }
    }
    Ok(found)
}

/// A number of as many bytes.
fn sized(walk: &mut Walk<'_>, bytes: u8) -> Result<usize, Damage> {
    let number = match bytes {
        0 => 0,
        4 => u64::from(walk.big_32()?),
        8 => walk.array().map(u64::from_be_bytes)?,
        _ => return Err(Damage::Torn),
    };
    usize::try_from(number).map_err(|_| Damage::Torn)
}
