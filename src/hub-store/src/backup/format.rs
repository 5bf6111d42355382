//! The bytes of a backup. Every length is checked before it is believed.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
};

use sha2::{Digest as _, Sha256};

use crate::engine::{Row, Value};

const MAGIC: &[u8] = b"trolley-hub-backup-1\n";
const TABLE: u8 = 1;
const ROWS: u8 = 2;
const END: u8 = 3;
const NULL: u8 = 0;
const INT: u8 = 1;
const TEXT: u8 = 2;
const BYTES: u8 = 3;
/// The most bytes of one value.
const VALUE_BYTES_MAX: u32 = 64 * 1024 * 1024;
/// The most columns of a table, and rows of a chunk.
const COUNT_MAX: u32 = 4096;
const HASH_BYTES: usize = 32;

/// A backup that is being written.
pub struct Writing {
    to: BufWriter<File>,
    hash: Sha256,
}

/// A backup that is being read.
pub struct Reading {
    from: BufReader<File>,
    columns: usize,
}

/// A piece of it.
pub enum Part {
    /// What follows belongs to this table.
    Table { name: String, columns: Vec<String> },
    /// Rows of it.
    Rows(Vec<Vec<Value>>),
    /// That was all.
    End,
}

impl Writing {
    pub fn begin(to: BufWriter<File>, version: i64) -> io::Result<Self> {
        let mut begun = Self { to, hash: Sha256::new() };
        begun.put(MAGIC)?;
        begun.put(&version.to_be_bytes())?;
        Ok(begun)
    }

    pub fn table(&mut self, name: &str, columns: &[String]) -> io::Result<()> {
        self.put(&[TABLE])?;
        self.put_long(name.as_bytes())?;
        self.put_count(columns.len())?;
        columns.iter().try_for_each(|column| self.put_long(column.as_bytes()))
    }

    pub fn rows(&mut self, rows: &[Row]) -> io::Result<()> {
        self.put(&[ROWS])?;
        self.put_count(rows.len())?;
        rows.iter().flat_map(|row| &row.0).try_for_each(|value| match value {
            Value::Null => self.put(&[NULL]),
            Value::Int(int) => {
                self.put(&[INT])?;
                self.put(&int.to_be_bytes())
            }
            Value::Text(text) => {
                self.put(&[TEXT])?;
                self.put_long(text.as_bytes())
            }
            Value::Bytes(bytes) => {
                self.put(&[BYTES])?;
                self.put_long(bytes)
            }
        })
    }

    pub fn end(mut self) -> io::Result<BufWriter<File>> {
        self.put(&[END])?;
        self.to.write_all(&self.hash.finalize())?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.to.write_all(bytes)
    }

    fn put_count(&mut self, count: usize) -> io::Result<()> {
        let count = u32::try_from(count).ok().filter(|count| *count <= VALUE_BYTES_MAX);
        self.put(&count.ok_or_else(|| malformed("something is too large to be backed up"))?.to_be_bytes())
    }

    fn put_long(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.put_count(bytes.len())?;
        self.put(bytes)
    }
}

/// Reads a backup to its end and compares its hash. Answers the version of the tables.
pub fn check(mut from: BufReader<File>) -> io::Result<i64> {
    let length = from.get_ref().metadata()?.len().checked_sub(HASH_BYTES as u64).ok_or_else(|| malformed("it is too short"))?;
    let mut hash = Sha256::new();
    let mut head = [0; MAGIC.len() + 8];
    let mut body = from.by_ref().take(length);
    body.read_exact(&mut head)?;
    let (magic, version) = head.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(malformed("it does not begin like one"));
    }
    hash.update(head);
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match body.read(&mut chunk)? {
            0 => break,
            count => hash.update(&chunk[..count]),
        }
    }
    let mut told = [0; HASH_BYTES];
    from.read_exact(&mut told)?;
    if told[..] != hash.finalize()[..] {
        return Err(malformed("it is cut off or damaged"));
    }
    Ok(i64::from_be_bytes(version.try_into().map_err(|_| malformed("no version"))?))
}

impl Reading {
    pub fn begin(mut from: BufReader<File>) -> io::Result<Self> {
        from.read_exact(&mut [0; MAGIC.len() + 8])?;
        Ok(Self { from, columns: 0 })
    }

    pub fn next(&mut self) -> io::Result<Part> {
        match self.byte()? {
            TABLE => {
                let name = self.text()?;
                let count = self.count(COUNT_MAX)?;
                self.columns = count;
                let columns = (0..count).map(|_| self.text()).collect::<Result<_, _>>()?;
                Ok(Part::Table { name, columns })
            }
            ROWS => {
                let count = self.count(COUNT_MAX)?;
                let columns = self.columns;
                let row = |reading: &mut Self| (0..columns).map(|_| reading.value()).collect::<Result<Vec<_>, _>>();
                (0..count).map(|_| row(self)).collect::<Result<_, _>>().map(Part::Rows)
            }
            END => Ok(Part::End),
            _ => Err(malformed("there is no such part")),
        }
    }

    fn value(&mut self) -> io::Result<Value> {
        Ok(match self.byte()? {
            NULL => Value::Null,
            INT => {
                let mut int = [0; 8];
                self.from.read_exact(&mut int)?;
                Value::Int(i64::from_be_bytes(int))
            }
            TEXT => Value::Text(self.text()?),
            BYTES => Value::Bytes(self.long()?),
            _ => return Err(malformed("there is no such value")),
        })
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.from.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    fn count(&mut self, max: u32) -> io::Result<usize> {
        let mut count = [0; 4];
        self.from.read_exact(&mut count)?;
        let count = Some(u32::from_be_bytes(count)).filter(|count| *count <= max).ok_or_else(|| malformed("a length is too large"))?;
        usize::try_from(count).map_err(|_| malformed("a length is too large"))
    }

    fn long(&mut self) -> io::Result<Vec<u8>> {
        let count = self.count(VALUE_BYTES_MAX)?;
        let mut bytes = Vec::new();
        (&mut self.from).take(count as u64).read_to_end(&mut bytes)?;
        if bytes.len() == count { Ok(bytes) } else { Err(malformed("it is cut off")) }
    }

    fn text(&mut self) -> io::Result<String> {
        String::from_utf8(self.long()?).map_err(|_| malformed("a text is none"))
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
