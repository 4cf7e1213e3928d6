//! The compressors behind one face: bytes in, packed bytes out.
//!
//! In: pieces of content. Out: packed bytes, whole up to any piece when flushed. Never: a window or tables larger than a connection may
//! cost: 128 KiB of zstd, 256 KiB of brotli, 32 KiB of gzip and deflate, and their tables, less than 1 MiB together.

use std::io::{self, Write};

use brotli::{CompressorWriter, enc::BrotliEncoderParams};
use bytes::Bytes;
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use zstd::{stream::write::Encoder as ZstdEncoder, zstd_safe::CParameter};

use super::coding::Coding;

/// A compressor at work.
pub(super) enum Encoder {
    Zstd(ZstdEncoder<'static, Vec<u8>>),
    Brotli(Box<CompressorWriter<Vec<u8>>>),
    Gzip(GzEncoder<Vec<u8>>),
    /// RFC 9110 §8.4.1.2: "deflate" is the zlib format around it.
    Deflate(ZlibEncoder<Vec<u8>>),
}

impl Encoder {
    /// Begins content of `size` bytes, where that is known.
    pub(super) fn new(coding: Coding, size: Option<usize>) -> io::Result<Self> {
        let out = Vec::with_capacity(size.map_or(OUTPUT, |size| (size / 2).min(OUTPUT)));
        Ok(match coding {
            Coding::Zstd => {
                let mut encoder = ZstdEncoder::new(out, ZSTD_LEVEL)?;
                encoder.set_parameter(CParameter::WindowLog(ZSTD_WINDOW))?;
                Self::Zstd(encoder)
            }
            Coding::Brotli => {
                let size_hint = size.unwrap_or_default();
                let (quality, lgwin) = (BROTLI_QUALITY, BROTLI_WINDOW);
                let parameters =
                    BrotliEncoderParams { quality, lgwin, size_hint, ..BrotliEncoderParams::default() };
                Self::Brotli(Box::new(CompressorWriter::with_params(out, BROTLI_BUFFER, &parameters)))
            }
            Coding::Gzip => Self::Gzip(GzEncoder::new(out, Compression::new(GZIP_LEVEL))),
            Coding::Deflate => Self::Deflate(ZlibEncoder::new(out, Compression::new(GZIP_LEVEL))),
        })
    }

    /// Packs `data`; what comes out may come out later.
    pub(super) fn write(&mut self, data: &[u8]) -> io::Result<()> {
        match self {
            Self::Zstd(encoder) => encoder.write_all(data),
            Self::Brotli(encoder) => encoder.write_all(data),
            Self::Gzip(encoder) => encoder.write_all(data),
            Self::Deflate(encoder) => encoder.write_all(data),
        }
    }

    /// Brings out all that went in, so that the client can unpack it now.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Zstd(encoder) => encoder.flush(),
            Self::Brotli(encoder) => encoder.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Deflate(encoder) => encoder.flush(),
        }
    }

    /// Takes what has come out.
    pub(super) fn take(&mut self) -> Bytes {
        std::mem::take(self.out()).into()
    }

    /// How many bytes have come out.
    pub(super) fn ready(&mut self) -> usize {
        self.out().len()
    }

    /// Ends the content and gives what had not come out.
    pub(super) fn finish(self) -> io::Result<Bytes> {
        Ok(match self {
            Self::Zstd(encoder) => encoder.finish()?,
            Self::Brotli(encoder) => encoder.into_inner(),
            Self::Gzip(encoder) => encoder.finish()?,
            Self::Deflate(encoder) => encoder.finish()?,
        }
        .into())
    }

    fn out(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Zstd(encoder) => encoder.get_mut(),
            Self::Brotli(encoder) => encoder.get_mut(),
            Self::Gzip(encoder) => encoder.get_mut(),
            Self::Deflate(encoder) => encoder.get_mut(),
        }
    }
}

/// Packs `data` whole.
pub(super) fn pack(coding: Coding, data: &[u8]) -> io::Result<Bytes> {
    let mut encoder = Encoder::new(coding, Some(data.len()))?;
    encoder.write(data)?;
    encoder.finish()
}

// What one more step would save is a hundredth or two, at one and a half times the work.
const ZSTD_LEVEL: i32 = 3;
const BROTLI_QUALITY: i32 = 4;
const GZIP_LEVEL: u32 = 4;
// RFC 9659: clients need not take zstd windows over 8 MiB; ours are for our own memory.
const ZSTD_WINDOW: u32 = 17;
const BROTLI_WINDOW: i32 = 18;
const BROTLI_BUFFER: usize = 4096;
const OUTPUT: usize = 4096;
