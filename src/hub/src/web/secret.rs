//! Secrets of accounts: passwords, one-time codes, ids.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

/// Memory of one hash, in KiB.
const ARGON2_KIB: u32 = 19 * 1024;
/// Passes over it.
const ARGON2_PASSES: u32 = 2;
/// Lanes.
const ARGON2_LANES: u32 = 1;
/// So many passwords are looked at at once: each costs [`ARGON2_KIB`].
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// The fewest characters of a password.
pub(crate) const PASSWORD_CHARS_MIN: usize = 12;
/// The most bytes of a password.
pub(crate) const PASSWORD_BYTES_MAX: usize = 256;

/// Seconds that a one-time code stands, as RFC 6238 recommends.
const STEP_S: i64 = 30;
/// Steps before and after now whose codes are taken: telephones' clocks differ.
const STEPS_AROUND: i64 = 1;
/// Bytes of a second factor's secret, as RFC 4226 recommends.
const TOTP_BYTES: usize = 20;

/// Random bytes.
///
/// # Panics
/// Where the machine has none: then nothing here would be secret.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let got = getrandom::fill(&mut bytes);
    assert!(got.is_ok(), "the machine gives random bytes");
    bytes
}

/// SHA-256, as ids and codes are kept.
pub(crate) fn hashed(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// The token that a session's forms carry. It says nothing of the session's id.
pub(crate) fn csrf(id: &[u8; 32]) -> String {
    HEXLOWER.encode(&Sha256::new().chain_update(b"trolley-csrf-1").chain_update(id).finalize())
}

/// Whether two texts are equal, in a time that does not tell where they differ.
pub(crate) fn equal(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(ARGON2_KIB, ARGON2_PASSES, ARGON2_LANES, None);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.unwrap_or(Params::DEFAULT))
}

/// A password, hashed. Waits while others are.
pub(crate) async fn password_hash(password: String) -> String {
    let _seat = AT_ONCE.acquire().await;
    let hash = tokio::task::spawn_blocking(move || {
        argon2().hash_password_with_salt(password.as_bytes(), &random::<16>()).map(|hash| hash.to_string())
    });
    match hash.await {
        Ok(Ok(hash)) => hash,
        other => panic!("hashing does not fail: {other:?}"),
    }
}

/// Whether it is the password. Where there is no hash, as long a look is taken at another.
pub(crate) async fn password_matches(password: String, hash: Option<String>) -> bool {
    if password.len() > PASSWORD_BYTES_MAX {
        return false;
    }
    let Some(hash) = hash else {
        drop(password_hash(password).await);
        return false;
    };
    let _seat = AT_ONCE.acquire().await;
    let looked = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
    });
    looked.await.unwrap_or(false)
}

/// A new secret for a second factor.
pub(crate) fn totp_secret() -> Vec<u8> {
    random::<TOTP_BYTES>().to_vec()
}

/// The step whose code this is, among those that count now. Spaces do not matter.
pub(crate) fn totp_step(secret: &[u8], typed: &str, now_s: i64) -> Option<i64> {
    let typed: String = typed.chars().filter(|char| !char.is_whitespace()).collect();
    let now = now_s.div_euclid(STEP_S);
    (now - STEPS_AROUND..=now + STEPS_AROUND).rev().find(|step| equal(&totp(secret, *step), &typed))
}

/// The code of a step: RFC 6238 with HMAC-SHA-1, six digits. It is what every telephone's app understands.
pub(crate) fn totp(secret: &[u8], step: i64) -> String {
    format!("{:06}", truncated(secret, step) % 1_000_000)
}

fn truncated(secret: &[u8], step: i64) -> u32 {
    let mac = Hmac::<sha1::Sha1>::new_from_slice(secret).map(|mac| mac.chain_update(step.to_be_bytes()).finalize().into_bytes());
    let Ok(mac) = mac else { panic!("HMAC takes keys of any length") };
    let at = usize::from(mac[19] & 0xf);
    u32::from_be_bytes([mac[at], mac[at + 1], mac[at + 2], mac[at + 3]]) & 0x7fff_ffff
}

/// What an app on a telephone reads from the picture.
pub(crate) fn totp_uri(secret: &[u8], login: &str) -> String {
    let login: String = login.bytes().filter(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(byte)).map(char::from).collect();
    format!("otpauth://totp/Trolley:{login}?secret={}&issuer=Trolley", BASE32_NOPAD.encode(secret))
}

/// A code for people to copy: 128 random bits in groups of four.
pub(crate) fn people_code() -> String {
    grouped(&BASE32_NOPAD.encode(&random::<16>()))
}

/// Letters in groups of four.
pub(crate) fn grouped(letters: &str) -> String {
    let groups: Vec<&str> = letters.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join("-")
}

/// The hash of a code that somebody typed: hyphens, spaces and small letters do not matter.
pub(crate) fn people_code_hash(typed: &str) -> [u8; 32] {
    let letters: String = typed.chars().filter(|char| char.is_ascii_alphanumeric()).map(|char| char.to_ascii_uppercase()).collect();
    hashed(letters.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: eight digits, of which ours are the last six.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        let table = [
            (59, 94287082),
            (1_111_111_109, 7081804),
            (1_111_111_111, 14050471),
            (1_234_567_890, 89005924),
            (2_000_000_000, 69279037),
            (20_000_000_000, 65353130),
        ];
        for (at_s, code) in table {
            assert_eq!(truncated(secret, at_s / STEP_S) % 100_000_000, code, "at {at_s}");
            assert_eq!(totp(secret, at_s / STEP_S), format!("{:06}", code % 1_000_000));
        }
    }

    #[test]
    fn a_code_counts_half_a_minute_around_its_own_and_no_longer() {
        let secret = totp_secret();
        let code = totp(&secret, 1_000);
        assert_eq!(totp_step(&secret, &code, 30_000), Some(1_000));
        assert_eq!(totp_step(&secret, &format!("{} {}", &code[..3], &code[3..]), 29_970), Some(1_000));
        assert_eq!(totp_step(&secret, &code, 30_000 + 61), None);
        assert_eq!(totp_step(&secret, "", 30_000), None);
    }

    #[tokio::test]
    async fn only_the_password_matches_its_hash() {
        let hash = password_hash("tolv tecken långt".into()).await;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(password_matches("tolv tecken långt".into(), Some(hash.clone())).await);
        assert!(!password_matches("tolv tecken langt".into(), Some(hash.clone())).await);
        assert!(!password_matches("x".repeat(PASSWORD_BYTES_MAX + 1), Some(hash)).await);
        assert!(!password_matches("tolv tecken långt".into(), None).await);
    }

    #[test]
    fn a_code_for_people_survives_being_typed() {
        let code = people_code();
        assert_eq!(people_code_hash(&code), people_code_hash(&code.to_lowercase().replace('-', " ")));
        assert_ne!(people_code_hash(&code), people_code_hash(&people_code()));
    }
}
