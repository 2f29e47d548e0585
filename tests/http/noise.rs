//! Requests with random damage: whatever arrives, the server answers or closes, and goes on serving.

use super::rig::{Rig, short};
use super::wire::{Wire, get};

const ROUNDS: u32 = 600;

/// Small and the same on every run (xorshift64*), so that a finding can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high_bits = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        usize::try_from(high_bits).unwrap() % limit
    }
}

fn damaged(dice: &mut Dice) -> Vec<u8> {
    const SOUND: [&[u8]; 4] = [
        b"GET /?a=b HTTP/1.1\r\nHost: blog.test\r\nAccept-Encoding: gzip;q=0.5, br\r\nIf-None-Match: \"a\"\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: blog.test\r\nContent-Length: 5\r\n\r\nhello",
        b"POST /echo HTTP/1.1\r\nHost: blog.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HEAD / HTTP/1.1\r\nHost: blog.test\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\nHost: a\r\n\r\n",
    ];
    const SPICES: [&[u8]; 12] = [
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b" ",
        b":",
        b"\xff\xfe",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 3\r\n",
        b"0\r\n\r\n",
        b"Expect: 100-continue\r\n",
        b"HTTP/1.1",
    ];
    let mut bytes = SOUND[dice.below(SOUND.len())].to_vec();
    for _ in 0..=dice.below(4) {
        if bytes.is_empty() {
            break;
        }
        let place = dice.below(bytes.len());
        match dice.below(4) {
            0 => bytes[place] = u8::try_from(dice.below(256)).unwrap(),
            1 => {
                bytes.remove(place);
            }
            2 => {
                let spice = SPICES[dice.below(SPICES.len())];
                bytes.splice(place..place, spice.iter().copied());
            }
            _ => bytes.truncate(place.max(1)),
        }
    }
    bytes
}

#[test]
fn damaged_requests_never_stop_the_server() {
    let rig = Rig::start(short());
    let mut dice = Dice(0x1234_5678_9abc_def1);
    for round in 0..ROUNDS {
        let mut wire = Wire::open(rig.address);
        wire.send(damaged(&mut dice));
        wire.stop_sending();
        wire.read_to_end();
        if round % 50 == 0 {
            assert_eq!(get(rig.address, "/").status, 200, "after round {round}");
        }
    }
    assert_eq!(get(rig.address, "/").status, 200);
}
