//! The farewell of a connection that carries many requests at a time: between two frames of what goes out,
//! a GOAWAY is put in, after which the client opens new requests elsewhere and those begun are answered.
//! Knows of HTTP/2 only where a frame ends.

/// RFC 9113, 6.8: no error, and no request refused that is on its way.
const GOAWAY: &[u8] = &[
    0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0,
];
const HEAD_BYTES: usize = 9;

/// Follows the frames that go out.
#[derive(Debug, Default)]
pub(super) struct Frames {
    head: Vec<u8>,
    /// Bytes of the current frame that are still to come.
    left: usize,
    /// At least one frame has gone out: a connection begins with the settings.
    has_begun: bool,
}

impl Frames {
    /// These bytes have gone out.
    pub(super) fn sent(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.left > 0 {
                let count = self.left.min(bytes.len());
                self.left -= count;
                bytes = &bytes[count..];
                continue;
            }
            let count = (HEAD_BYTES - self.head.len()).min(bytes.len());
            self.head.extend_from_slice(&bytes[..count]);
            bytes = &bytes[count..];
            if let [high, middle, low, ..] = self.head[..]
                && self.head.len() == HEAD_BYTES
            {
                self.left =
                    usize::from(high) * 65_536 + usize::from(middle) * 256 + usize::from(low);
                self.head.clear();
                self.has_begun = true;
            }
        }
    }

    /// Nothing is half sent.
    fn is_between(&self) -> bool {
        self.has_begun && self.left == 0 && self.head.is_empty()
    }

    /// What is to be sent now, if it is the moment for it.
    pub(super) fn farewell(&self) -> Option<&'static [u8]> {
        self.is_between().then_some(GOAWAY)
    }

    /// How many of these bytes belong to the frame that is under way; nothing else may be put before them.
    pub(super) fn rest_of_frame(&self) -> Option<usize> {
        (!self.is_between() && self.left > 0).then_some(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_between_two_frames_is_found_however_the_bytes_are_cut() {
        let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        let mut data = vec![0, 0, 5, 0, 1, 0, 0, 0, 1];
        data.extend_from_slice(b"hello");
        let all = [&settings[..], &data].concat();
        for step in 1..all.len() {
            let mut frames = Frames::default();
            assert_eq!(frames.farewell(), None);
            let mut at = 0;
            for part in all.chunks(step) {
                frames.sent(part);
                at += part.len();
                let is_end = at == settings.len() || at == all.len();
                assert_eq!(frames.farewell().is_some(), is_end, "{step} {at}");
            }
        }
    }
}
