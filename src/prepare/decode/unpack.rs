//! Compressed values: known by their first bytes, unpacked within a bound.
//!
//! One layer, since wires do not pack twice: what is still packed below it is refused as binary by whoever reads it as text.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};

use crate::item::{Reject, RejectReason};

/// Largest window that a zstd frame may ask for, as a power of two: 8 MiB, what RFC 8878 asks decoders to support.
const ZSTD_WINDOW_LOG: u32 = 23;

/// How a value was compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Gzip,
    Zstd,
}

impl fmt::Display for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
        })
    }
}

/// Unpacks a compressed value; any other is given back as it is.
///
/// # Errors
/// [`RejectReason::Oversized`] when more than `limit` bytes come out, [`RejectReason::Malformed`] when it cannot be unpacked.
pub fn unpack(value: &[u8], limit: usize) -> Result<(Option<Packing>, Cow<'_, [u8]>), Reject> {
    let (packing, unpacked) = match value {
        [0x1F, 0x8B, 0x08, ..] => (Packing::Gzip, bounded(flate2::bufread::MultiGzDecoder::new(value), limit)),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => (Packing::Zstd, zstd(value, limit)),
        _ => return Ok((None, Cow::Borrowed(value))),
    };
    let unpacked = unpacked.map_err(|error| {
        Reject::decode(RejectReason::Malformed, format!("{packing} data that cannot be unpacked: {error}"))
    })?;
    if unpacked.len() > limit {
        let message =
            format!("{} bytes of {packing} unpack to more than the feed takes, {limit} (max_item_bytes)", value.len());
        return Err(Reject::decode(RejectReason::Oversized, message));
    }
    Ok((Some(packing), Cow::Owned(unpacked)))
}

fn zstd(value: &[u8], limit: usize) -> io::Result<Vec<u8>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(value)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    bounded(decoder, limit)
}

/// Reads one byte more than the limit at most.
fn bounded(reader: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::stream::encode_all(bytes, 3).unwrap()
    }

    #[test]
    fn unpacks_what_is_packed() {
        let copy = b"RIGA, March 10 - The port is closed.".repeat(20);
        assert_eq!(unpack(&copy, 4096).unwrap(), (None, Cow::Borrowed(&copy[..])));
        assert_eq!(unpack(&gzip(&copy), 4096).unwrap(), (Some(Packing::Gzip), Cow::Borrowed(&copy[..])));
        assert_eq!(unpack(&zstd(&copy), 4096).unwrap(), (Some(Packing::Zstd), Cow::Borrowed(&copy[..])));
        let members = [gzip(b"one "), gzip(b"two")].concat();
        assert_eq!(&*unpack(&members, 4096).unwrap().1, b"one two");
    }

    #[test]
    fn a_bomb_is_oversized() {
        let zeros = vec![0; 20_000_000];
        for packed in [gzip(&zeros), zstd(&zeros)] {
            assert!(packed.len() < 100_000);
            assert_eq!(unpack(&packed, 1_000_000).unwrap_err().reason, RejectReason::Oversized);
        }
    }

    #[test]
    fn a_cut_one_is_malformed() {
        for packed in [gzip(&[7; 999]), zstd(&[7; 999])] {
            assert_eq!(unpack(&packed[..packed.len() - 3], 4096).unwrap_err().reason, RejectReason::Malformed);
        }
    }
}
