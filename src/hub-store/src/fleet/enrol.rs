//! How a log becomes known: a one-time token that somebody made for a unit.

use journal::{LogId, Proof};
use sha2::{Digest as _, Sha256};
use wire::{EnrolRequest, Token};

use super::{FleetRefusal, NewLog, add_log, check_label, check_text, log_row};
use crate::{
    Fault, HubStore,
    audit::{self, Note},
    engine::Tx,
    params,
};

/// How long a token is good, in seconds: 14 days.
pub const TOKEN_S: i64 = 14 * 24 * 60 * 60;
/// The most registers of a unit that are counted.
pub const REGISTERS_MAX: u32 = 9_999;

/// A log is known from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The unit that it belongs to.
    pub unit: String,
    /// Its identity.
    pub log: LogId,
    /// How many registers the unit had before it: its other logs, or the highest number that one of them prints, at most [`REGISTERS_MAX`].
    pub logs: u32,
}

/// Why a log is not let in.
#[derive(Debug, thiserror::Error)]
pub enum EnrolRefusal {
    /// Nobody made this token.
    #[error("this hub made no such token")]
    TokenUnknown,
    /// Another key has used it.
    #[error("this token has been used")]
    TokenUsed,
    /// It is too old.
    #[error("this token has expired")]
    TokenExpired,
    /// The key belongs to another unit, or has been revoked.
    #[error("this key belongs to another unit, or has been revoked")]
    KeyTaken,
    /// The database failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl EnrolRefusal {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TokenUnknown => "token.unknown",
            Self::TokenUsed => "token.used",
            Self::TokenExpired => "token.expired",
            Self::KeyTaken => "key.taken",
            Self::Fault(_) => "hub.store",
        }
    }
}

impl HubStore {
    /// Makes a token good for one log of this unit; only a hash of the secret is kept. A unit that is not there is added.
    ///
    /// # Errors
    /// [`FleetRefusal::UnitLabel`], [`FleetRefusal::TextLong`].
    pub fn new_token(&self, unit: &str, secret: &[u8; 16], by: &str, now_s: i64) -> Result<(), FleetRefusal> {
        check_label(unit)?;
        check_text(by)?;
        let mut tx = self.engine.write()?;
        let sql = "INSERT INTO units (unit, depot, note, expected, made_at) VALUES ($1, '', '', 1, $2) ON CONFLICT (unit) DO NOTHING";
        tx.execute(sql, params![unit, now_s])?;
        let sql = "INSERT INTO tokens (secret_hash, unit, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
        tx.execute(sql, params![hash(secret), unit, by, now_s, now_s + TOKEN_S])?;
        audit::note(&mut *tx, &Note::new(by, "token", unit, ""), now_s)?;
        Ok(tx.commit()?)
    }

    /// Lets a log in by its token. The connection has proven that the sender holds the key. The same request again has the same answer.
    ///
    /// # Errors
    /// [`EnrolRefusal`].
    pub fn enrol(&self, request: &EnrolRequest, now_s: i64) -> Result<Enrolled, EnrolRefusal> {
        let token = Token::parse(&request.token).map_err(|_| EnrolRefusal::TokenUnknown)?;
        let public = request.public.0;
        let log = log_of(&public);
        let mut tx = self.engine.write()?;
        let (unit, used) = token_of(&mut *tx, &token, &log, now_s)?;
        let sql = format!("SELECT {} FROM logs WHERE log_id = $1 {{FOR UPDATE}}", super::LOG_COLUMNS);
        let known = tx.query(&sql, params![log.0])?.first().map(log_row).transpose()?;
        match known {
            Some(known) if known.unit != unit || known.revoked.is_some() => return Err(EnrolRefusal::KeyTaken),
            Some(_) => {}
            None => {
                let (board, program) = (request.board.as_deref(), request.program.as_str());
                let new = NewLog { log: &log, public: &public, unit: &unit, board, program, succeeds: None };
                if !add_log(&mut *tx, &new, now_s)? {
                    return Err(Fault::Busy("another hub is enrolling this key".into()).into());
                }
            }
        }
        if !used {
            audit::note(&mut *tx, &Note::new("till", "enrol", &unit, &log.to_string()), now_s)?;
            tx.execute("UPDATE tokens SET used_at = $1, used_by = $2 WHERE secret_hash = $3", params![now_s, log.0, hash(&token.secret)])?;
        }
        let logs = registers_before(&mut *tx, &unit, &log)?;
        tx.commit()?;
        Ok(Enrolled { unit, log, logs })
    }
}

/// The token's unit, and whether this log has used it already. Locked until the end.
fn token_of(tx: &mut dyn Tx, token: &Token, log: &LogId, now_s: i64) -> Result<(String, bool), EnrolRefusal> {
    let sql = "SELECT unit, expires_at, used_by FROM tokens WHERE secret_hash = $1 {FOR UPDATE}";
    let rows = tx.query(sql, params![hash(&token.secret)])?;
    let row = rows.first().ok_or(EnrolRefusal::TokenUnknown)?;
    let used = row.0.get(2) != Some(&crate::engine::Value::Null);
    if used && row.fixed::<32>(2)? != log.0 {
        return Err(EnrolRefusal::TokenUsed);
    }
    if !used && row.int(1)? < now_s {
        return Err(EnrolRefusal::TokenExpired);
    }
    Ok((row.text(0)?.to_owned(), used))
}

/// How many registers a unit has without this log's. A card that was imaged again counts on from there, so that no two print one designation.
fn registers_before(tx: &mut dyn Tx, unit: &str, log: &LogId) -> Result<u32, Fault> {
    let rows = tx.query("SELECT COUNT(*) FROM logs WHERE unit = $1 AND log_id <> $2", params![unit, log.0])?;
    let others = rows.first().map_or(Ok(0), |row| row.count(0))?;
    let sql = "SELECT p.register FROM projected p JOIN logs l ON l.log_id = p.log_id WHERE l.unit = $1 AND l.log_id <> $2";
    let mut highest = u32::try_from(others).unwrap_or(REGISTERS_MAX);
    for row in tx.query(sql, params![unit, log.0])? {
        let number = row.text(0)?.strip_prefix(unit).and_then(|rest| rest.strip_prefix('-')?.parse::<u32>().ok());
        // A number that no till comes to says nothing.
        highest = highest.max(number.filter(|number| *number <= REGISTERS_MAX).unwrap_or(0));
    }
    Ok(highest.min(REGISTERS_MAX))
}

/// The log that a public key writes.
pub(crate) fn log_of(public: &[u8; 32]) -> LogId {
    Proof { public: *public, seq: 0, head: journal::Head([0; 32]), signature: [0; 64] }.log_id()
}

fn hash(secret: &[u8; 16]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"trolley-token-1");
    hash.update(secret);
    hash.finalize().into()
}
