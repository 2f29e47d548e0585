//! Odd pictures: PNGs of every kind there is, sound and broken, and files made to do harm. Written byte
//! by byte, because no encoder writes them.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A file, and whether it is a sound picture.
pub(crate) struct Odd {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_sound: bool,
}

impl Odd {
    fn new(name: impl Into<String>, bytes: Vec<u8>, is_sound: bool) -> Self {
        let name = name.into();
        Self {
            name,
            bytes,
            is_sound,
        }
    }
}

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Colour type and bits of each kind of PNG.
const KINDS: [(u8, u8); 15] = [
    (0, 1),
    (0, 2),
    (0, 4),
    (0, 8),
    (0, 16),
    (2, 8),
    (2, 16),
    (3, 1),
    (3, 2),
    (3, 4),
    (3, 8),
    (4, 8),
    (4, 16),
    (6, 8),
    (6, 16),
];
/// First column and row, and steps, of the seven passes.
const PASSES: [(u32, u32, u32, u32); 7] = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
];

pub(crate) fn chunk(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(kind);
    sum.update(body);
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&length, kind, body, &sum.sum().to_be_bytes()].concat()
}

fn packed(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

struct Png {
    width: u32,
    height: u32,
    colour: u8,
    bits: u8,
    interlaced: bool,
    filter: u8,
    level: u32,
    before_data: Vec<u8>,
    after_data: Vec<u8>,
    idat_bytes: usize,
}

impl Png {
    fn of((colour, bits): (u8, u8), width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            colour,
            bits,
            interlaced: false,
            filter: 0,
            level: 6,
            before_data: Vec::new(),
            after_data: Vec::new(),
            idat_bytes: usize::MAX,
        }
    }

    fn header(&self) -> Vec<u8> {
        let mut body = [self.width.to_be_bytes(), self.height.to_be_bytes()].concat();
        body.extend([self.bits, self.colour, 0, 0, u8::from(self.interlaced)]);
        chunk(b"IHDR", &body)
    }

    fn rows(&self, width: u32, height: u32, out: &mut Vec<u8>) {
        let channels = [1, 0, 3, 1, 2, 0, 4][usize::from(self.colour)];
        let bytes = (width * channels * u32::from(self.bits)).div_ceil(8);
        for row in 0..height {
            out.push(self.filter);
            out.extend((0..bytes).map(|at| u8::try_from((row * 31 + at * 7) % 256).unwrap()));
        }
    }

    fn points(&self) -> Vec<u8> {
        let mut rows = Vec::new();
        if self.interlaced {
            for (left, top, right, down) in PASSES {
                let along =
                    |side: u32, from: u32, step: u32| side.saturating_sub(from).div_ceil(step);
                let (width, height) = (
                    along(self.width, left, right),
                    along(self.height, top, down),
                );
                if width > 0 && height > 0 {
                    self.rows(width, height, &mut rows);
                }
            }
        } else {
            self.rows(self.width, self.height, &mut rows);
        }
        packed(&rows, self.level)
    }

    fn write(&self) -> Vec<u8> {
        let mut file = [SIGNATURE, &self.header()].concat();
        if self.colour == 3 {
            let colours: Vec<u8> = (0..3_u32 << self.bits.min(8))
                .map(|n| u8::try_from(n % 251).unwrap())
                .collect();
            file.extend(chunk(b"PLTE", &colours));
        }
        file.extend(&self.before_data);
        let points = self.points();
        for piece in points.chunks(self.idat_bytes.min(points.len().max(1))) {
            file.extend(chunk(b"IDAT", piece));
        }
        file.extend(&self.after_data);
        file.extend(chunk(b"IEND", b""));
        file
    }
}

/// More than 175 PNGs: every colour type, depth and interlacing in odd sizes, every chunk, filter and
/// level of packing, and those that break a rule.
pub(crate) fn odd_pngs() -> Vec<Odd> {
    let mut all = Vec::new();
    for kind in KINDS {
        for interlaced in [false, true] {
            for (width, height) in [(1, 1), (7, 5), (33, 31)] {
                let png = Png {
                    interlaced,
                    ..Png::of(kind, width, height)
                };
                let name = format!("{kind:?} {width}x{height} {interlaced}.png");
                all.push(Odd::new(name, png.write(), true));
            }
        }
    }
    for width in 1..10 {
        let png = Png {
            interlaced: true,
            ..Png::of((3, 2), width, 10 - width)
        };
        all.push(Odd::new(format!("thin {width}.png"), png.write(), true));
    }
    for filter in 0..5 {
        for kind in [(0, 8), (2, 16), (6, 8), (3, 4)] {
            let png = Png {
                filter,
                ..Png::of(kind, 20, 20)
            };
            all.push(Odd::new(
                format!("filter {filter} {kind:?}.png"),
                png.write(),
                true,
            ));
        }
    }
    for level in 0..10 {
        let png = Png {
            level,
            ..Png::of((2, 8), 30, 30)
        };
        all.push(Odd::new(format!("level {level}.png"), png.write(), true));
    }
    for idat_bytes in [1, 2, 7, 100] {
        let png = Png {
            idat_bytes,
            ..Png::of((2, 8), 9, 9)
        };
        all.push(Odd::new(
            format!("pieces of {idat_bytes}.png"),
            png.write(),
            true,
        ));
    }
    for (name, body) in chunks() {
        for kind in [(0, 8), (2, 8), (6, 16)] {
            let one = chunk(name, &body);
            let before = Png {
                before_data: one.clone(),
                ..Png::of(kind, 8, 8)
            };
            let name = String::from_utf8_lossy(name).into_owned();
            all.push(Odd::new(
                format!("{name} {kind:?}.png"),
                before.write(),
                true,
            ));
        }
    }
    all.extend(broken_pngs());
    all
}

fn chunks() -> Vec<(&'static [u8], Vec<u8>)> {
    let packed_words = [b"Comment\0\0".to_vec(), packed(b"words", 6)].concat();
    vec![
        (b"gAMA", 45_455_u32.to_be_bytes().to_vec()),
        (b"cHRM", [31_270_u32.to_be_bytes(); 8].concat()),
        (b"sRGB", vec![0]),
        (b"pHYs", vec![0, 0, 11, 19, 0, 0, 11, 19, 1]),
        (b"tIME", vec![7, 234, 1, 1, 0, 0, 0]),
        (b"tEXt", b"Comment\0words".to_vec()),
        (b"zTXt", packed_words),
        (b"iTXt", b"Comment\0\0\0en\0\0w\xC3\xB6rds".to_vec()),
        (b"eXIf", b"MM\0*\0\0\0\x08\0\0\0\0\0\0".to_vec()),
        (b"sPLT", b"few\0\x08\0\0\0\0\0\0".to_vec()),
        (b"oFFs", vec![0; 9]),
        (b"prVt", b"anything at all".to_vec()),
    ]
}

fn broken_pngs() -> Vec<Odd> {
    let good = Png::of((2, 8), 12, 12).write();
    let changed = |at: usize, byte: u8| {
        let mut bad = good.clone();
        bad[at] = byte;
        bad
    };
    let header = |colour: u8, bits: u8| {
        let png = Png::of((colour, bits), 12, 12);
        let data = chunk(b"IDAT", &packed(&[0; 600], 6));
        [SIGNATURE, &png.header(), &data, &chunk(b"IEND", b"")].concat()
    };
    let end = good.len() - 12;
    let without_data = [&good[..33], &good[end..]].concat();
    let short = Png {
        height: 400,
        ..Png::of((2, 8), 12, 12)
    };
    let short = [SIGNATURE, &short.header(), &good[33..]].concat();
    [
        ("colour type 1", header(1, 8)),
        ("colour type 5", header(5, 8)),
        ("three bits", header(0, 3)),
        ("rgb in four bits", header(2, 4)),
        ("sixteen bits of palette", header(3, 16)),
        ("palette without colours", header(3, 8)),
        ("no data", without_data),
        ("no end", good[..end].to_vec()),
        ("no header", [SIGNATURE, &good[33..]].concat()),
        ("wrong sum of header", changed(30, 7)),
        (
            "wrong sum of data",
            changed(good.len() - 14, good[good.len() - 14] ^ 1),
        ),
        ("data cut", [&good[..60], &good[end..]].concat()),
        ("fewer rows than said", short),
        (
            "newlines changed",
            [b"\x89PNG\n\x1a\n", &good[8..]].concat(),
        ),
        ("seven bits", [b"\x09PNG\r\n\x1a\n", &good[8..]].concat()),
        ("no width", changed(19, 0)),
        ("unknown packing", changed(26, 1)),
        ("unknown interlacing", changed(28, 9)),
    ]
    .into_iter()
    .map(|(name, bytes)| Odd::new(format!("{name}.png"), bytes, false))
    .collect()
}

/// A hundred files and more that are made to do harm: cut in many places, lying about lengths and sizes,
/// growing without end, or something else behind a picture's head.
pub(crate) fn hostile(whole: &[(&str, Vec<u8>)]) -> Vec<Odd> {
    let mut all = Vec::new();
    for (name, bytes) in whole {
        for part in 1..12 {
            let cut = bytes[..bytes.len() * part / 12].to_vec();
            all.push(Odd::new(format!("cut {part} {name}"), cut, false));
        }
        for at in (12..bytes.len().min(60)).step_by(6) {
            let mut bad = bytes.clone();
            bad[at..].iter_mut().take(4).for_each(|byte| *byte = 0xFF);
            all.push(Odd::new(format!("broken at {at} {name}"), bad, false));
        }
    }
    let files = bombs().into_iter().chain(lies(whole)).chain(drawings());
    all.extend(files.map(|(name, bytes)| Odd::new(name, bytes, false)));
    all
}

type Named = (&'static str, Vec<u8>);

fn bombs() -> Vec<Named> {
    let large = |side: u32, rows: usize| {
        let png = Png::of((0, 8), side, side);
        let data = chunk(b"IDAT", &packed(&vec![0; rows], 9));
        [SIGNATURE, &png.header(), &data, &chunk(b"IEND", b"")].concat()
    };
    let profile = [b"bomb\0\0".to_vec(), packed(&vec![0; 200 << 20], 9)].concat();
    let with_profile = Png {
        before_data: chunk(b"iCCP", &profile),
        ..Png::of((2, 8), 4, 4)
    };
    let with_words = Png {
        before_data: chunk(b"zTXt", &profile),
        after_data: chunk(b"iTXt", b"x\0\x01\0\0\0"),
        ..Png::of((2, 8), 4, 4)
    };
    let gif = |side: u16, frames: usize| {
        let side = side.to_le_bytes();
        let head = [
            b"GIF89a",
            &side[..],
            &side,
            &[0x80, 0, 0, 0, 0, 0, 255, 255, 255],
        ]
        .concat();
        let frame = [
            &[0x2C, 0, 0, 0, 0],
            &side[..],
            &side,
            &[0, 2, 2, 0x4C, 1, 0],
        ]
        .concat();
        [head, frame.repeat(frames), vec![0x3B]].concat()
    };
    let jpeg = |side: u16| {
        let side = side.to_be_bytes();
        let mut file = b"\xFF\xD8\xFF\xC0\0\x11\x08".to_vec();
        file.extend([side, side].concat());
        file.extend(
            b"\x03\x01\x11\0\x02\x11\0\x03\x11\0\xFF\xDA\0\x0C\x03\x01\0\x02\0\x03\0\0\x3F\0",
        );
        file.extend(vec![0; 2000]);
        file.extend(b"\xFF\xD9");
        file
    };
    let webp = |kind: &[u8], body: &[u8]| {
        let length = u32::try_from(body.len()).unwrap();
        let whole = (length + 12).to_le_bytes();
        [
            b"RIFF",
            &whole[..],
            b"WEBP",
            kind,
            &length.to_le_bytes(),
            body,
        ]
        .concat()
    };
    vec![
        ("sixty thousand.png", large(60_000, 1 << 20)),
        ("two billion.png", large(i32::MAX.unsigned_abs(), 10)),
        ("zeros.png", large(8_000, 8_001 * 8_000)),
        ("few zeros.png", large(8_000, 1000)),
        ("profile.png", with_profile.write()),
        ("words.png", with_words.write()),
        ("large.gif", gif(u16::MAX, 1)),
        ("many.gif", gif(4_000, 20_000)),
        ("empty frames.gif", gif(7_900, 1)),
        ("large.jpg", jpeg(65_500)),
        ("seven thousand.jpg", jpeg(7_900)),
        (
            "huge.webp",
            webp(b"VP8X", &[0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        ),
        (
            "large.webp",
            webp(b"VP8L", b"\x2F\xFF\xFF\xFF\x0F\0\0\0\0\0\0\0\0\0\0\0"),
        ),
        (
            "lossy.webp",
            webp(b"VP8 ", b"\x10\0\0\x9D\x01\x2A\xFF\x3F\xFF\x3F\0\0\0\0\0\0"),
        ),
    ]
}

fn lies(whole: &[(&str, Vec<u8>)]) -> Vec<Named> {
    let mut endless = [SIGNATURE, &Png::of((2, 8), 4, 4).header()].concat();
    endless.extend(b"\xFF\xFF\xFF\xFFIDAT");
    let png = &whole[0].1;
    let heif = |kind: &[u8], rest: &[u8]| [b"\0\0\0\x14ftyp", kind, b"\0\0\0\0mif1", rest].concat();
    vec![
        ("length.png", endless),
        (
            "riff.webp",
            b"RIFF\xFF\xFF\xFF\xFFWEBPVP8 \xFF\xFF\xFF\xFF".to_vec(),
        ),
        ("segment.jpg", b"\xFF\xD8\xFF\xE0\0\0\xFF\xD9".to_vec()),
        (
            "marks.jpg",
            [b"\xFF\xD8".to_vec(), vec![0xFF; 1 << 20]].concat(),
        ),
        (
            "box.avif",
            heif(b"avif", b"\0\0\0\x01meta\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
        ),
        ("no box.avif", heif(b"avif", b"")),
        (
            "zero.avif",
            heif(b"avif", b"\0\0\0\0meta\0\0\0\0\0\0\0\x02iinf"),
        ),
        ("other.avif", heif(b"heic", b"\0\0\0\x08mdat")),
        (
            "page.png",
            b"<!doctype html><script>alert(1)</script>".to_vec(),
        ),
        ("script.gif", b"GIF89a/*\0\0\0*/=1;alert(1)//".to_vec()),
        (
            "page.jpg",
            b"\xFF\xD8\xFF\xFE\0\x30<html><script>alert(1)</script></html>".to_vec(),
        ),
        (
            "program.jpg",
            b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec(),
        ),
        ("archive.png", b"PK\x03\x04\x14\0\0\0\0\0".to_vec()),
        ("tiff.png", b"II*\0\x08\0\0\0\0\0".to_vec()),
        ("bitmap.png", b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0".to_vec()),
        ("half.png", png[..8].to_vec()),
        ("zeros.jpg", vec![0; 100_000]),
        ("letters.webp", vec![b'A'; 100_000]),
    ]
}

fn drawings() -> Vec<Named> {
    let entity = |n: u32| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(4));
    let entities = (1..12).map(entity).collect::<Vec<_>>().concat();
    let laughs =
        format!("<!DOCTYPE svg [<!ENTITY l0 \"ha\">{entities}]><svg><text>&l11;</text></svg>");
    let copy = |n: u32| {
        let shown = format!("<use href=\"#a{}\"/>", n - 1);
        format!("<g id=\"a{n}\">{shown}{shown}</g>")
    };
    let copies = (1..60).map(copy).collect::<Vec<_>>().concat();
    vec![
        ("laughs.svg", laughs.into_bytes()),
        (
            "copies.svg",
            format!("<svg><path id=\"a0\"/>{copies}</svg>").into_bytes(),
        ),
        (
            "deep.svg",
            format!("<svg>{}</svg>", "<g>".repeat(100_000)).into_bytes(),
        ),
        (
            "many.svg",
            format!("<svg>{}</svg>", "<g/>".repeat(200_000)).into_bytes(),
        ),
        (
            "large.svg",
            format!("<svg>{}</svg>", " ".repeat(3 << 20)).into_bytes(),
        ),
        (
            "outside.svg",
            b"<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><svg>&x;</svg>".to_vec(),
        ),
        ("open.svg", b"<svg><g><path".to_vec()),
        (
            "page.svg",
            b"<?xml version=\"1.0\"?><html><svg/></html>".to_vec(),
        ),
        ("letters.svg", b"<svg>\xFF\xFE\xFD</svg>".to_vec()),
    ]
}
