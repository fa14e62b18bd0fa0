//! The built file: a header and one zstd frame.
//!
//! ```text
//! "WDKB"  format: u32 LE  payload bytes: u64 LE  BLAKE3 of the payload: 32 bytes  zstd(payload)
//! ```
//!
//! The payload is the tables one after the other: a count, then rows; numbers as LEB128 varints, texts with their length
//! in front. The same tables give the same bytes.

use super::KnowledgeError;

const MAGIC: &[u8; 4] = b"WDKB";
/// Raised whenever the payload changes its shape.
pub const FORMAT: u32 = 2;
const HEADER_BYTES: usize = 48;
/// Refuse what could not be a knowledge base, before memory is taken for it.
const MAX_PAYLOAD_BYTES: u64 = 1 << 30;
const ZSTD_LEVEL: i32 = 19;

/// A payload being written.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push((value as u8 & 0x7f) | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub fn float(&mut self, value: f32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn small(&mut self, values: &[u8]) {
        self.number(values.len() as u64);
        self.bytes.extend_from_slice(values);
    }

    /// The whole file.
    pub fn finish(self) -> Result<Vec<u8>, KnowledgeError> {
        let frame = zstd::bulk::compress(&self.bytes, ZSTD_LEVEL).map_err(KnowledgeError::Compress)?;
        let mut file = Vec::with_capacity(HEADER_BYTES + frame.len());
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&FORMAT.to_le_bytes());
        file.extend_from_slice(&(self.bytes.len() as u64).to_le_bytes());
        file.extend_from_slice(blake3::hash(&self.bytes).as_bytes());
        file.extend_from_slice(&frame);
        Ok(file)
    }
}

/// A payload being read.
#[derive(Debug)]
pub struct Reader {
    bytes: Vec<u8>,
    at: usize,
    /// First bytes of the content hash, in hexadecimal.
    pub content: String,
}

impl Reader {
    /// Checks the header and unpacks the payload.
    pub fn open(file: &[u8]) -> Result<Reader, KnowledgeError> {
        let (header, frame) = file.split_at_checked(HEADER_BYTES).ok_or(KnowledgeError::NotAKnowledgeBase)?;
        if &header[..4] != MAGIC {
            return Err(KnowledgeError::NotAKnowledgeBase);
        }
        let format = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
        if format != FORMAT {
            return Err(KnowledgeError::Format { found: format, expected: FORMAT });
        }
        let size = header[8..16].iter().rev().fold(0u64, |n, b| n << 8 | u64::from(*b));
        if size > MAX_PAYLOAD_BYTES {
            return Err(KnowledgeError::Broken("the header declares more than a gigabyte"));
        }
        let bytes = zstd::bulk::decompress(frame, size as usize)
            .map_err(|_| KnowledgeError::Broken("the compressed part cannot be unpacked; the file may be cut"))?;
        let hash = blake3::hash(&bytes);
        if bytes.len() as u64 != size || hash.as_bytes() != &header[16..48] {
            return Err(KnowledgeError::Broken("the content does not match the header's hash"));
        }
        Ok(Reader { bytes, at: 0, content: hash.to_hex()[..12].to_owned() })
    }

    pub fn number(&mut self) -> Result<u64, KnowledgeError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(KnowledgeError::Broken("a number does not end"))
    }

    /// A number that has to fit where it goes.
    pub fn narrow<T: TryFrom<u64>>(&mut self) -> Result<T, KnowledgeError> {
        T::try_from(self.number()?).map_err(|_| KnowledgeError::Broken("a number is too large"))
    }

    pub fn text(&mut self) -> Result<Box<str>, KnowledgeError> {
        let length = self.narrow()?;
        let bytes = self.take(length)?;
        let text = std::str::from_utf8(bytes).map_err(|_| KnowledgeError::Broken("a text is not UTF-8"))?;
        Ok(text.into())
    }

    pub fn float(&mut self) -> Result<f32, KnowledgeError> {
        let b = self.take(4)?;
        Ok(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    pub fn small(&mut self) -> Result<Box<[u8]>, KnowledgeError> {
        let length = self.narrow()?;
        Ok(self.take(length)?.into())
    }

    pub fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn take(&mut self, length: usize) -> Result<&[u8], KnowledgeError> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(KnowledgeError::Broken("a table ends before its last row"))?;
        let bytes = &self.bytes[self.at..end];
        self.at = end;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Vec<u8> {
        let mut writer = Writer::default();
        writer.number(0);
        writer.number(300);
        writer.number(u64::MAX);
        writer.text("Tehrān");
        writer.float(35.5);
        writer.small(&[1, 2]);
        writer.finish().unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let mut reader = Reader::open(&file()).unwrap();
        assert_eq!(reader.number().unwrap(), 0);
        assert_eq!(reader.narrow::<u16>().unwrap(), 300);
        assert_eq!(reader.number().unwrap(), u64::MAX);
        assert_eq!(&*reader.text().unwrap(), "Tehrān");
        assert_eq!(reader.float().unwrap(), 35.5);
        assert_eq!(&*reader.small().unwrap(), [1, 2]);
        assert!(reader.is_at_end());
        assert!(reader.number().is_err());
    }

    #[test]
    fn broken_files_are_refused_with_the_reason() {
        let good = file();
        assert!(matches!(Reader::open(b"not one"), Err(KnowledgeError::NotAKnowledgeBase)));
        assert!(matches!(Reader::open(&[b'x'; 100]), Err(KnowledgeError::NotAKnowledgeBase)));
        let mut newer = good.clone();
        newer[4] = 99;
        assert!(matches!(Reader::open(&newer), Err(KnowledgeError::Format { found: 99, .. })));
        assert!(matches!(Reader::open(&good[..good.len() - 3]), Err(KnowledgeError::Broken(_))));
        for at in 8..good.len() {
            let mut damaged = good.clone();
            damaged[at] ^= 0x10;
            // A flag of the compressed frame may change nothing; what is read is then what was written.
            let read = Reader::open(&damaged).map(|reader| reader.content);
            assert!(read.is_err() || read.unwrap() == Reader::open(&good).unwrap().content, "byte {at}");
        }
    }
}
