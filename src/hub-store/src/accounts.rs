//! Who may use the pages: accounts, invitations, sessions, tries to sign in.
//!
//! Passwords come hashed, ids of sessions and codes of invitations as SHA-256: what stands here opens nothing by itself. The secret of the
//! second factor is the exception, since it must be known to be checked.

use crate::{
    Fault, HubStore,
    audit::{self, Note},
    engine::{Row, Tx},
    params,
};

pub(crate) const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS accounts (id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL,
        lang TEXT, password TEXT NOT NULL, totp {BLOB} NOT NULL, totp_step BIGINT NOT NULL, made_at BIGINT NOT NULL, disabled_at BIGINT)",
    "CREATE TABLE IF NOT EXISTS invites (code_hash {BLOB} PRIMARY KEY, role TEXT NOT NULL, name TEXT NOT NULL, totp {BLOB} NOT NULL,
        made_by TEXT NOT NULL, made_at BIGINT NOT NULL, expires_at BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS sessions (id_hash {BLOB} PRIMARY KEY, account TEXT NOT NULL, made_at BIGINT NOT NULL,
        seen_at BIGINT NOT NULL, proven_at BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS attempts (who TEXT PRIMARY KEY, failures BIGINT NOT NULL, last_at BIGINT NOT NULL, until_at BIGINT NOT NULL)",
];

/// A session that nobody used for so long is over, in seconds.
pub const SESSION_IDLE_S: i64 = 60 * 60;
/// A session is over after so long whoever uses it, in seconds.
pub const SESSION_S_MAX: i64 = 12 * 60 * 60;
/// How old `seen_at` may be before it is written anew, in seconds.
const SEEN_EVERY_S: i64 = 60;
/// Failures that are so old are forgotten, in seconds.
const FORGET_S: i64 = 24 * 60 * 60;
/// The most attempts that are kept; the oldest give way.
const ATTEMPTS_MAX: i64 = 100_000;
/// The id under which a hub without accounts invites its first one.
pub const CONSOLE: &str = "console";
/// Who invites somebody back into an account whose password or phone is lost; no login can be spelt so.
const BACK: &str = "console:back";

/// What somebody is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Looks on.
    Viewer,
    /// Looks after tills: enrols, confirms, revokes, re-images.
    Depot,
    /// Looks after prices and figures.
    Office,
    /// All of it, and accounts.
    Admin,
}

impl Role {
    /// All of them, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Depot, Self::Office, Self::Admin];

    /// Its name in tables and forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Depot => "depot",
            Self::Office => "office",
            Self::Admin => "admin",
        }
    }

    /// The role of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Random, stays.
    pub id: String,
    /// What is typed to sign in; small letters.
    pub login: String,
    /// What others see.
    pub name: String,
    /// What for.
    pub role: Role,
    /// The language chosen, a code.
    pub lang: Option<String>,
    /// When it was made, seconds since 1970.
    pub made_at: i64,
    /// When it was shut, if it is.
    pub disabled_at: Option<i64>,
}

/// What signing in is checked against.
#[derive(Clone)]
pub struct Secrets {
    /// Whose.
    pub account: Account,
    /// Argon2, as a PHC string.
    pub password: String,
    /// The second factor's secret.
    pub totp: Vec<u8>,
    /// The last time step whose code was used.
    pub totp_step: i64,
}

/// Somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub account: Account,
    /// When the second factor was last shown.
    pub proven_at: i64,
}

/// An invitation that waits.
#[derive(Clone, PartialEq, Eq)]
pub struct Invite {
    /// For whom, as the inviting person calls them.
    pub name: String,
    /// As what.
    pub role: Role,
    /// The second factor's secret, made with the invitation.
    pub totp: Vec<u8>,
    /// Who invites: an account's login, or [`CONSOLE`].
    pub made_by: String,
    /// Until when it is good.
    pub expires_at: i64,
}

impl Invite {
    /// The login of the account that it leads back into, where it is for no new one.
    #[must_use]
    pub fn back_into(&self) -> Option<&str> {
        (self.made_by == BACK).then_some(self.name.as_str())
    }
}

/// An account in the making.
#[derive(Clone)]
pub struct NewAccount {
    /// Random.
    pub id: String,
    /// What will be typed to sign in.
    pub login: String,
    /// What others will see.
    pub name: String,
    /// The language, a code.
    pub lang: Option<String>,
    /// Argon2, as a PHC string.
    pub password: String,
    /// The time step whose code was shown with the form.
    pub totp_step: i64,
}

/// What became of an invitation that somebody took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// There is an account now.
    Made(Account),
    /// The code is not known, used or too old.
    NoInvite,
    /// Another account signs in by that name.
    LoginTaken,
}

/// How failures of one kind slow down the next try.
#[derive(Clone, Copy, Debug)]
pub struct Slowing {
    /// So many are free.
    pub free: u32,
    /// The longest wait, in seconds.
    pub wait_s_max: i64,
}

impl Slowing {
    /// Seconds to wait after so many failures: doubled by each.
    #[must_use]
    pub fn wait_s(self, failures: i64) -> i64 {
        let over = failures - i64::from(self.free);
        if over <= 0 {
            0
        } else {
            1_i64.checked_shl(u32::try_from(over).unwrap_or(u32::MAX).min(30)).unwrap_or(i64::MAX).min(self.wait_s_max)
        }
    }
}

const ACCOUNT: &str = "id, login, name, role, lang, made_at, disabled_at";

fn account(row: &Row) -> Result<Account, Fault> {
    let role = Role::parse(row.text(3)?).ok_or_else(|| Fault::Damaged("an account has no known role".into()))?;
    Ok(Account {
        id: row.text(0)?.to_owned(),
        login: row.text(1)?.to_owned(),
        name: row.text(2)?.to_owned(),
        role,
        lang: row.maybe_text(4)?.map(str::to_owned),
        made_at: row.int(5)?,
        disabled_at: row.maybe_int(6)?,
    })
}

impl HubStore {
    /// Everybody, by name.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn accounts(&self) -> Result<Vec<Account>, Fault> {
        let rows = self.engine.read()?.query(&format!("SELECT {ACCOUNT} FROM accounts ORDER BY login"), &[])?;
        rows.iter().map(account).collect()
    }

    /// What signing in under this name is checked against.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn secrets(&self, login: &str) -> Result<Option<Secrets>, Fault> {
        let sql = format!("SELECT {ACCOUNT}, password, totp, totp_step FROM accounts WHERE login = $1");
        let rows = self.engine.read()?.query(&sql, params![login])?;
        let secrets = |row: &Row| {
            Ok(Secrets { account: account(row)?, password: row.text(7)?.to_owned(), totp: row.bytes(8)?.to_vec(), totp_step: row.int(9)? })
        };
        rows.first().map(secrets).transpose()
    }

    /// Counts a try by each of these before it is made, so that tries at the same moment count too. Answers the seconds to wait instead, when
    /// one of them has to; then nothing is counted.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn attempt(&self, tries: &[(String, Slowing)], now_s: i64) -> Result<Option<i64>, Fault> {
        let mut tx = self.engine.write()?;
        let mut counted = Vec::new();
        for (who, slowing) in tries {
            let rows = tx.query("SELECT failures, last_at, until_at FROM attempts WHERE who = $1 {FOR UPDATE}", params![who.as_str()])?;
            let (failures, last_at, until_at) = match rows.first() {
                Some(row) => (row.int(0)?, row.int(1)?, row.int(2)?),
                None => (0, now_s, 0),
            };
            // A clock that was set back must not shut anybody out for longer than the longest wait.
            let wait_s = (until_at - now_s).min(slowing.wait_s_max);
            if wait_s > 0 {
                return Ok(Some(wait_s));
            }
            counted.push((who, if now_s - last_at > FORGET_S { 1 } else { failures + 1 }, slowing));
        }
        for (who, failures, slowing) in counted {
            let sql = "INSERT INTO attempts (who, failures, last_at, until_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (who) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, until_at = excluded.until_at";
            tx.execute(sql, params![who.as_str(), failures, now_s, now_s + slowing.wait_s(failures)])?;
        }
        let old = "DELETE FROM attempts WHERE last_at < $1
            OR last_at < (SELECT COALESCE(MAX(last_at), 0) FROM attempts) AND (SELECT COUNT(*) FROM attempts) > $2";
        tx.execute(old, params![now_s - FORGET_S, ATTEMPTS_MAX])?;
        tx.commit()?;
        Ok(None)
    }

    /// Somebody signed in: a session begins, and the one that was is over. Answers false where the code of that time step was used before, or
    /// the account is shut; then nothing happened.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn sign_in(
        &self,
        who: &Account,
        totp_step: i64,
        was: Option<[u8; 32]>,
        id_hash: [u8; 32],
        from: &str,
        now_s: i64,
    ) -> Result<bool, Fault> {
        let mut tx = self.engine.write()?;
        if !use_step(&mut *tx, &who.id, totp_step)? {
            return Ok(false);
        }
        if let Some(was) = was {
            tx.execute("DELETE FROM sessions WHERE id_hash = $1", params![was])?;
        }
        tx.execute("DELETE FROM sessions WHERE made_at < $1 OR seen_at < $2", params![now_s - SESSION_S_MAX, now_s - SESSION_IDLE_S])?;
        let sql = "INSERT INTO sessions (id_hash, account, made_at, seen_at, proven_at) VALUES ($1, $2, $3, $4, $5)";
        tx.execute(sql, params![id_hash, who.id.as_str(), now_s, now_s, now_s])?;
        // What was typed rightly was no failure. An address keeps its count but for this try: one good account must not wash it clean.
        tx.execute("DELETE FROM attempts WHERE who = $1", params![format!("login {}", who.login)])?;
        tx.execute("UPDATE attempts SET failures = failures - 1, until_at = 0 WHERE who = $1", params![format!("address {from}")])?;
        audit::note(&mut *tx, &Note::new(&who.login, "sign-in", &who.login, from), now_s)?;
        tx.commit()?;
        Ok(true)
    }

    /// The session with this id, if it is not over.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn session(&self, id_hash: [u8; 32], now_s: i64) -> Result<Option<Session>, Fault> {
        let sql = "SELECT a.id, a.login, a.name, a.role, a.lang, a.made_at, a.disabled_at, s.made_at, s.seen_at, s.proven_at
            FROM sessions s JOIN accounts a ON a.id = s.account WHERE s.id_hash = $1";
        let rows = self.engine.read()?.query(sql, params![id_hash])?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (account, made_at, seen_at, proven_at) = (account(row)?, row.int(7)?, row.int(8)?, row.int(9)?);
        if account.disabled_at.is_some() || now_s - made_at >= SESSION_S_MAX || now_s - seen_at >= SESSION_IDLE_S {
            return Ok(None);
        }
        if now_s - seen_at >= SEEN_EVERY_S {
            let mut tx = self.engine.write()?;
            tx.execute("UPDATE sessions SET seen_at = $1 WHERE id_hash = $2", params![now_s, id_hash])?;
            tx.commit()?;
        }
        Ok(Some(Session { account, proven_at }))
    }

    /// The second factor was shown again. False where that code was used before.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn prove(&self, id_hash: [u8; 32], account: &Account, totp_step: i64, now_s: i64) -> Result<bool, Fault> {
        let mut tx = self.engine.write()?;
        if !use_step(&mut *tx, &account.id, totp_step)? {
            return Ok(false);
        }
        tx.execute("UPDATE sessions SET proven_at = $1 WHERE id_hash = $2", params![now_s, id_hash])?;
        tx.execute("DELETE FROM attempts WHERE who = $1", params![format!("code {}", account.login)])?;
        tx.commit()?;
        Ok(true)
    }

    /// A session is over.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn sign_out(&self, id_hash: [u8; 32], account: &Account, now_s: i64) -> Result<(), Fault> {
        let mut tx = self.engine.write()?;
        tx.execute("DELETE FROM sessions WHERE id_hash = $1", params![id_hash])?;
        audit::note(&mut *tx, &Note::new(&account.login, "sign-out", &account.login, ""), now_s)?;
        tx.commit()
    }

    /// Invites somebody. Who is invited from the console is the first account: an older invitation of that kind dies with this one.
    /// False where there are accounts already and the console asks.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn invite(&self, code_hash: [u8; 32], invite: &Invite, now_s: i64) -> Result<bool, Fault> {
        let mut tx = self.engine.write()?;
        tx.execute("DELETE FROM invites WHERE expires_at <= $1", params![now_s])?;
        if invite.made_by == CONSOLE {
            if !tx.query("SELECT id FROM accounts LIMIT 1", &[])?.is_empty() {
                return Ok(false);
            }
            tx.execute("DELETE FROM invites WHERE made_by = $1", params![CONSOLE])?;
        }
        let sql = "INSERT INTO invites (code_hash, role, name, totp, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let (role, by) = (invite.role.name(), invite.made_by.as_str());
        tx.execute(sql, params![code_hash, role, invite.name.as_str(), invite.totp.as_slice(), by, now_s, invite.expires_at])?;
        audit::note(&mut *tx, &Note::new(by, "invite", &invite.name, role), now_s)?;
        tx.commit()?;
        Ok(true)
    }

    /// Lets whoever has this code set a new password and a new second factor of an account, once. An older code for it dies with this one.
    /// False where there is no such account.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn invite_back(&self, code_hash: [u8; 32], login: &str, totp: &[u8], expires_at: i64, now_s: i64) -> Result<bool, Fault> {
        let mut tx = self.engine.write()?;
        let rows = tx.query("SELECT role FROM accounts WHERE login = $1 {FOR UPDATE}", params![login])?;
        let Some(row) = rows.first() else { return Ok(false) };
        let role = row.text(0)?;
        tx.execute("DELETE FROM invites WHERE expires_at <= $1 OR made_by = $2 AND name = $3", params![now_s, BACK, login])?;
        let sql = "INSERT INTO invites (code_hash, role, name, totp, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        tx.execute(sql, params![code_hash, role, login, totp, BACK, now_s, expires_at])?;
        audit::note(&mut *tx, &Note::new(CONSOLE, "invite-back", login, role), now_s)?;
        tx.commit()?;
        Ok(true)
    }

    /// The invitation with this code, if it is still good.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn invited(&self, code_hash: [u8; 32], now_s: i64) -> Result<Option<Invite>, Fault> {
        invited(&mut *self.engine.read()?, code_hash, now_s)
    }

    /// Makes the account that an invitation is for, or gives the one that it leads back into its new secrets, and burns the code.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn take_invite(&self, code_hash: [u8; 32], new: &NewAccount, now_s: i64) -> Result<Taken, Fault> {
        let mut tx = self.engine.write()?;
        let Some(invite) = invited(&mut *tx, code_hash, now_s)? else { return Ok(Taken::NoInvite) };
        if let Some(login) = invite.back_into() {
            return if login == new.login { come_back(tx, code_hash, &invite, new, now_s) } else { Ok(Taken::LoginTaken) };
        }
        if !tx.query("SELECT id FROM accounts WHERE login = $1", params![new.login.as_str()])?.is_empty() {
            return Ok(Taken::LoginTaken);
        }
        if tx.execute("DELETE FROM invites WHERE code_hash = $1", params![code_hash])? != 1 {
            return Ok(Taken::NoInvite);
        }
        let sql = "INSERT INTO accounts (id, login, name, role, lang, password, totp, totp_step, made_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let (id, login, role) = (new.id.as_str(), new.login.as_str(), invite.role.name());
        let (name, lang, password) = (new.name.as_str(), new.lang.as_deref(), new.password.as_str());
        tx.execute(sql, params![id, login, name, role, lang, password, invite.totp.as_slice(), new.totp_step, now_s])?;
        audit::note(&mut *tx, &Note::new(login, "account-made", login, role), now_s)?;
        let rows = tx.query(&format!("SELECT {ACCOUNT} FROM accounts WHERE id = $1"), params![id])?;
        let made = rows.first().map(account).transpose()?.ok_or_else(|| Fault::Damaged("an account is gone as it is made".into()))?;
        tx.commit()?;
        Ok(Taken::Made(made))
    }

    /// A new password. All other sessions of the account are over.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn set_password(&self, account: &Account, password: &str, keep: [u8; 32], now_s: i64) -> Result<(), Fault> {
        let mut tx = self.engine.write()?;
        tx.execute("UPDATE accounts SET password = $1 WHERE id = $2", params![password, account.id.as_str()])?;
        tx.execute("DELETE FROM sessions WHERE account = $1 AND id_hash <> $2", params![account.id.as_str(), keep])?;
        audit::note(&mut *tx, &Note::new(&account.login, "password", &account.login, ""), now_s)?;
        tx.commit()
    }

    /// A new secret of the second factor, proven by the code of `totp_step`. All other sessions of the account are over.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn set_totp(&self, account: &Account, totp: &[u8], totp_step: i64, keep: [u8; 32], now_s: i64) -> Result<(), Fault> {
        let mut tx = self.engine.write()?;
        tx.execute("UPDATE accounts SET totp = $1, totp_step = $2 WHERE id = $3", params![totp, totp_step, account.id.as_str()])?;
        tx.execute("DELETE FROM sessions WHERE account = $1 AND id_hash <> $2", params![account.id.as_str(), keep])?;
        audit::note(&mut *tx, &Note::new(&account.login, "totp", &account.login, ""), now_s)?;
        tx.commit()
    }

    /// The language of somebody's pages.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn set_lang(&self, account: &Account, lang: &str) -> Result<(), Fault> {
        let mut tx = self.engine.write()?;
        tx.execute("UPDATE accounts SET lang = $1 WHERE id = $2", params![lang, account.id.as_str()])?;
        tx.commit()
    }

    /// Shuts an account, or opens it again; shut, its sessions are over at once. False for an unknown one.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn set_disabled(&self, login: &str, disabled: bool, by: &str, now_s: i64) -> Result<bool, Fault> {
        let mut tx = self.engine.write()?;
        let at = disabled.then_some(now_s);
        if tx.execute("UPDATE accounts SET disabled_at = $1 WHERE login = $2", params![at, login])? == 0 {
            return Ok(false);
        }
        tx.execute(
            "DELETE FROM sessions WHERE account IN (SELECT id FROM accounts WHERE login = $1 AND disabled_at IS NOT NULL)",
            params![login],
        )?;
        audit::note(&mut *tx, &Note::new(by, if disabled { "account-shut" } else { "account-opened" }, login, ""), now_s)?;
        tx.commit()?;
        Ok(true)
    }
}

/// New secrets for an account that is there. Its sessions are over, and it is open.
fn come_back(mut tx: Box<dyn Tx + '_>, code_hash: [u8; 32], invite: &Invite, new: &NewAccount, now_s: i64) -> Result<Taken, Fault> {
    if tx.execute("DELETE FROM invites WHERE code_hash = $1", params![code_hash])? != 1 {
        return Ok(Taken::NoInvite);
    }
    let login = new.login.as_str();
    let sql = "UPDATE accounts SET password = $1, totp = $2, totp_step = $3, disabled_at = NULL WHERE login = $4";
    tx.execute(sql, params![new.password.as_str(), invite.totp.as_slice(), new.totp_step, login])?;
    tx.execute("DELETE FROM sessions WHERE account IN (SELECT id FROM accounts WHERE login = $1)", params![login])?;
    audit::note(&mut *tx, &Note::new(login, "account-back", login, invite.role.name()), now_s)?;
    let rows = tx.query(&format!("SELECT {ACCOUNT} FROM accounts WHERE login = $1"), params![login])?;
    let Some(back) = rows.first().map(account).transpose()? else { return Ok(Taken::NoInvite) };
    tx.commit()?;
    Ok(Taken::Made(back))
}

/// Burns the code of a time step. False where it, or a later one, was burnt before.
fn use_step(tx: &mut dyn Tx, account: &str, step: i64) -> Result<bool, Fault> {
    let sql = "UPDATE accounts SET totp_step = $1 WHERE id = $2 AND totp_step < $1 AND disabled_at IS NULL";
    Ok(tx.execute(sql, params![step, account])? == 1)
}

fn invited(tx: &mut dyn Tx, code_hash: [u8; 32], now_s: i64) -> Result<Option<Invite>, Fault> {
    let sql = "SELECT role, name, totp, made_by, expires_at FROM invites WHERE code_hash = $1 AND expires_at > $2";
    let rows = tx.query(sql, params![code_hash, now_s])?;
    let Some(row) = rows.first() else { return Ok(None) };
    let role = Role::parse(row.text(0)?).ok_or_else(|| Fault::Damaged("an invitation has no known role".into()))?;
    let (name, made_by) = (row.text(1)?.to_owned(), row.text(3)?.to_owned());
    Ok(Some(Invite { name, role, totp: row.bytes(2)?.to_vec(), made_by, expires_at: row.int(4)? }))
}

#[cfg(test)]
mod tests;
