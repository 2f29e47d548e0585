//! What is left of files with more in them than a picture.

use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, ImageFormat, RgbaImage};

use super::*;

const SECRET: &[u8] = b"51.4778 N 0.0014 W";
const BEHIND: &[u8] = b"PK\x03\x04 <script>alert(1)</script>";

fn drawn() -> DynamicImage {
    RgbaImage::from_fn(40, 30, |x, y| {
        let channel = |n: u32| u8::try_from(n * 6 % 256).unwrap();
        image::Rgba([channel(x), channel(y), 90, 255])
    })
    .into()
}

fn written(format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let picture = DynamicImage::from(drawn().into_rgb8());
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// The file is clean, and shows the same as before.
#[track_caller]
fn assert_cleaned(format: Format, stuffed: &[u8]) -> Vec<u8> {
    let cleaned = clean(format, stuffed).unwrap();
    for foreign in [SECRET, BEHIND] {
        assert!(!holds(&cleaned.bytes, foreign), "{format:?}");
    }
    let again = clean(format, &cleaned.bytes).unwrap();
    assert_eq!(again, cleaned, "{format:?}: clean is clean");
    if let Some(codec) = format.codec() {
        let show = |bytes: &[u8]| {
            image::load_from_memory_with_format(bytes, codec)
                .unwrap()
                .into_rgba8()
        };
        assert_eq!(show(&cleaned.bytes), show(stuffed));
    }
    cleaned.bytes
}

/// No beginning of it is taken, and none makes anything panic.
fn assert_short_is_refused(format: Format, whole: &[u8]) {
    for end in 0..whole.len() {
        assert!(clean(format, &whole[..end]).is_err(), "{format:?} {end}");
    }
}

fn png_chunk(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let mut chunk = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(body);
    let mut sum = flate2::Crc::new();
    sum.update(&chunk[4..]);
    chunk.extend(sum.sum().to_be_bytes());
    chunk
}

fn riff_chunk(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let mut chunk = kind.to_vec();
    chunk.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    chunk.extend(body);
    chunk.extend(vec![0; body.len() % 2]);
    chunk
}

fn jpeg_segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap();
    [&[0xFF, marker], &length.to_be_bytes()[..], body].concat()
}

#[test]
fn jpeg_loses_notes_comments_and_what_is_behind() {
    let plain = written(ImageFormat::Jpeg);
    let profile = jpeg_segment(0xE2, b"ICC_PROFILE\0\x01\x01 colours");
    let stuffed = [
        &plain[..2],
        &jpeg_segment(0xE1, &[b"Exif\0\0", SECRET].concat()),
        &jpeg_segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat()),
        &jpeg_segment(0xED, SECRET),
        &jpeg_segment(0xFE, BEHIND),
        &profile,
        &jpeg_segment(0xE2, &[b"MPF\0", SECRET].concat()),
        &plain[2..],
        BEHIND,
    ]
    .concat();
    let cleaned = assert_cleaned(Format::Jpeg, &stuffed);
    assert!(holds(&cleaned, b"ICC_PROFILE\0"));
    assert_eq!(cleaned.len(), plain.len() + profile.len());
    assert_short_is_refused(Format::Jpeg, &plain);
}

#[test]
fn png_loses_words_and_what_is_behind() {
    let plain = written(ImageFormat::Png);
    // Behind the signature and the first chunk.
    let at = 8 + 25;
    let stuffed = [
        &plain[..at],
        &png_chunk(b"tEXt", SECRET),
        &png_chunk(b"eXIf", SECRET),
        &png_chunk(b"iTXt", BEHIND),
        &png_chunk(b"tIME", b"1234567"),
        &png_chunk(b"gAMA", &45_455_u32.to_be_bytes()),
        &plain[at..],
        BEHIND,
    ]
    .concat();
    let cleaned = assert_cleaned(Format::Png, &stuffed);
    assert!(holds(&cleaned, b"gAMA") && !holds(&cleaned, b"tIME"));
    assert_short_is_refused(Format::Png, &plain);
}

#[test]
fn webp_loses_notes_and_what_is_behind() {
    let plain = written(ImageFormat::WebP);
    assert_eq!(assert_cleaned(Format::WebP, &plain), plain);
    let head = [0x0C, 0, 0, 0, 39, 0, 0, 29, 0, 0];
    let inside = [
        &b"WEBP"[..],
        &riff_chunk(b"VP8X", &head),
        &plain[12..],
        &riff_chunk(b"EXIF", SECRET),
        &riff_chunk(b"XMP ", SECRET),
        &riff_chunk(b"WORD", BEHIND),
    ]
    .concat();
    let length = u32::try_from(inside.len()).unwrap().to_le_bytes();
    let stuffed = [b"RIFF", &length[..], &inside, BEHIND].concat();
    let cleaned = assert_cleaned(Format::WebP, &stuffed);
    assert_eq!(cleaned[20], 0, "the head no longer speaks of notes");
    let coloured = webp_with_profile(&plain, (40, 30), b"colours").unwrap();
    assert!(holds(
        &clean(Format::WebP, &coloured).unwrap().bytes,
        b"colours"
    ));
}

#[test]
fn gif_stays_animated_and_loses_words() {
    let mut plain = Vec::new();
    let mut encoder = GifEncoder::new(&mut plain);
    encoder
        .set_repeat(image::codecs::gif::Repeat::Infinite)
        .unwrap();
    for _ in 0..3 {
        encoder
            .encode_frame(Frame::new(drawn().into_rgba8()))
            .unwrap();
    }
    drop(encoder);
    let blocks = |label: &[u8], body: &[u8]| {
        let length = u8::try_from(body.len()).unwrap();
        [&[0x21], label, &[length], body, &[0]].concat()
    };
    let end = plain.len() - 1;
    let stuffed = [
        &plain[..end],
        &blocks(&[0xFE], SECRET),
        &blocks(b"\xFF\x0BXMP DataXMP", SECRET),
        &plain[end..],
        BEHIND,
    ]
    .concat();
    let cleaned = assert_cleaned(Format::Gif, &stuffed);
    assert!(holds(&cleaned, b"NETSCAPE2.0"));
    assert_eq!(clean(Format::Gif, &cleaned).unwrap().frames, 3);
    assert_short_is_refused(Format::Gif, &plain);
}

fn mp4_box(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
    [&length, kind, body].concat()
}

/// Points that no decoder would like, with notes about them behind.
fn avif(exif_at: u32) -> Vec<u8> {
    let item = |number: u8, kind: &[u8; 4]| {
        mp4_box(
            b"infe",
            &[&[2, 0, 0, 0, 0, number, 0, 0], &kind[..], &[0]].concat(),
        )
    };
    let names = [
        &[0, 0, 0, 0, 0, 2],
        &item(1, b"av01")[..],
        &item(2, b"Exif"),
    ]
    .concat();
    let place = |number: u8, at: u32, length: u32| {
        let head = [0, number, 0, 0, 0, 1];
        [&head[..], &at.to_be_bytes(), &length.to_be_bytes()].concat()
    };
    let length = u32::try_from(SECRET.len()).unwrap();
    let places = [
        &[0, 0, 0, 0, 0x44, 0, 0, 2][..],
        &place(1, 0, 0),
        &place(2, exif_at, length),
    ]
    .concat();
    let sizes = mp4_box(b"ispe", &[0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 0, 30]);
    let properties = mp4_box(b"iprp", &mp4_box(b"ipco", &sizes));
    let meta = [
        &[0; 4][..],
        &mp4_box(b"iinf", &names),
        &mp4_box(b"iloc", &places),
        &properties,
    ]
    .concat();
    [
        mp4_box(b"ftyp", b"avif\0\0\0\0avifmif1"),
        mp4_box(b"meta", &meta),
        mp4_box(b"mdat", &[b"points", SECRET].concat()),
        mp4_box(b"uuid", SECRET),
    ]
    .concat()
}

#[test]
fn avif_keeps_its_shape_and_loses_its_notes() {
    let where_it_is = |bytes: &[u8]| {
        let at = bytes
            .windows(SECRET.len())
            .position(|window| window == SECRET);
        u32::try_from(at.unwrap()).unwrap()
    };
    let plain = avif(where_it_is(&avif(0)));
    let stuffed = [&plain, BEHIND].concat();
    let cleaned = assert_cleaned(Format::Avif, &stuffed);
    assert_eq!(cleaned.len(), plain.len());
    assert!(holds(&cleaned, b"points"));
    for end in 0..plain.len() {
        let _ = clean(Format::Avif, &plain[..end]);
    }
}

proptest::proptest! {
    #[test]
    fn nothing_makes_it_panic(
        place in 0_usize..400, bytes in proptest::collection::vec(0_u8.., 0..20), kind in 0..5
    ) {
        let (format, mut file) = match kind {
            0 => (Format::Jpeg, written(ImageFormat::Jpeg)),
            1 => (Format::Png, written(ImageFormat::Png)),
            2 => (Format::Gif, written(ImageFormat::Gif)),
            3 => (Format::WebP, written(ImageFormat::WebP)),
            _ => (Format::Avif, avif(300)),
        };
        let place = place.min(file.len());
        let end = (place + bytes.len()).min(file.len());
        file.splice(place..end, bytes);
        let _ = clean(format, &file);
    }
}
