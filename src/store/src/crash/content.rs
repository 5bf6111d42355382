//! The bytes of a file, cheap to copy whole.

use std::sync::{Arc, LazyLock};

const CHUNK_BYTES: usize = 1024;

type Chunk = Arc<[u8; CHUNK_BYTES]>;

static ZEROS: LazyLock<Chunk> = LazyLock::new(|| Arc::new([0; CHUNK_BYTES]));

/// A file's bytes in shared chunks: a copy shares all of them, a write copies only those that it touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    chunks: Vec<Chunk>,
    length: usize,
}

impl Content {
    /// How many bytes.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.length
    }

    /// Copies bytes from `at` on into `into` and returns how many there were; the rest of `into` becomes zeros.
    pub fn read(&self, at: usize, into: &mut [u8]) -> usize {
        into.fill(0);
        let there = self.length.saturating_sub(at).min(into.len());
        let mut done = 0;
        while done < there {
            let (chunk, from) = ((at + done) / CHUNK_BYTES, (at + done) % CHUNK_BYTES);
            let taken = (CHUNK_BYTES - from).min(there - done);
            into[done..done + taken].copy_from_slice(&self.chunks[chunk][from..from + taken]);
            done += taken;
        }
        there
    }

    /// Writes bytes at `at`; a gap before them becomes zeros.
    pub fn write(&mut self, at: usize, bytes: &[u8]) {
        if at + bytes.len() > self.length {
            self.resize(at + bytes.len());
        }
        let mut done = 0;
        while done < bytes.len() {
            let (chunk, from) = ((at + done) / CHUNK_BYTES, (at + done) % CHUNK_BYTES);
            let taken = (CHUNK_BYTES - from).min(bytes.len() - done);
            Arc::make_mut(&mut self.chunks[chunk])[from..from + taken].copy_from_slice(&bytes[done..done + taken]);
            done += taken;
        }
    }

    /// Makes the file shorter, or longer with zeros.
    pub fn resize(&mut self, length: usize) {
        self.chunks.resize(length.div_ceil(CHUNK_BYTES), ZEROS.clone());
        let rest = length % CHUNK_BYTES;
        if length < self.length
            && rest > 0
            && let Some(last) = self.chunks.last_mut()
        {
            Arc::make_mut(last)[rest..].fill(0);
        }
        self.length = length;
    }
}
