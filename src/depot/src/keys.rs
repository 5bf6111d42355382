//! Keys: born here, kept on an offline stick, named by their public half.

use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use bundle::{KeyId, PublicKey, SecretKey};
use data_encoding::HEXLOWER;

use crate::{error::Failure, files};

/// The most bytes of a key file.
const KEY_BYTES_MAX: usize = 4096;
const SECRET_TITLE: &str = "Trolley secret key 1";
const PUBLIC_TITLE: &str = "Trolley public key 1";
/// What a passphrase costs to try, written into the file beside the salt: about half a second on the PC of a depot.
const COST: Cost = Cost { memory_kib: 128 * 1024, passes: 3 };
/// A file that asks for more would keep the machine busy for ever.
const MEMORY_KIB_MAX: u32 = 1024 * 1024;
const PASSES_MAX: u32 = 16;
const SALT_BYTES: usize = 16;
/// The fewest characters of a passphrase.
pub(crate) const PASSPHRASE_CHARS_MIN: usize = 12;

#[derive(Clone, Copy)]
struct Cost {
    memory_kib: u32,
    passes: u32,
}

/// A key with the name of who holds it.
pub(crate) struct Named<T> {
    pub name: String,
    pub key: T,
}

/// Writes `NAME.key`, mode 0600, and `NAME.pub` into a folder. Answers the key's identity.
pub(crate) fn born(dir: &Path, name: &str, passphrase: Option<&str>) -> Result<KeyId, Failure> {
    if name.is_empty() || name.len() > 40 || !name.chars().all(|char| char.is_ascii_alphanumeric() || char == '-') {
        return Err(Failure::unfit(format!("{name:?} is no name for a key"), "Use up to 40 letters, digits and hyphens."));
    }
    let random = || {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)
            .map_err(|error| Failure::unfit(format!("the machine gives no random numbers: {error}"), "Try again."))?;
        Ok::<_, Failure>(bytes)
    };
    let seed = random()?;
    let key = SecretKey::from_seed(&seed);
    let public = HEXLOWER.encode(&key.public().to_bytes());
    let secret = match passphrase {
        None => format!("secret: {}\n", HEXLOWER.encode(&seed)),
        Some(passphrase) => {
            let salt = &random()?[..SALT_BYTES];
            let hidden = hide(&seed, passphrase, salt, COST)?;
            let (memory, passes) = (COST.memory_kib, COST.passes);
            format!("salt: {}\nargon2id: m={memory},t={passes}\nhidden: {}\n", HEXLOWER.encode(salt), HEXLOWER.encode(&hidden))
        }
    };
    let (secret_path, public_path) = (dir.join(format!("{name}.key")), dir.join(format!("{name}.pub")));
    if public_path.exists() {
        return Err(Failure::Exists(public_path));
    }
    files::write_new(&secret_path, format!("{SECRET_TITLE}\nname: {name}\npublic: {public}\n{secret}").as_bytes(), true)?;
    files::write_new(&public_path, format!("{PUBLIC_TITLE}\nname: {name}\npublic: {public}\n").as_bytes(), false)?;
    Ok(key.public().id())
}

/// Reads a public key.
pub(crate) fn read_public(path: &Path) -> Result<Named<PublicKey>, Failure> {
    let file = KeyFile::read(path)?;
    if file.title == SECRET_TITLE {
        return Err(file.wrong("this is a secret key; name its .pub file instead, and keep this one to yourself"));
    }
    Ok(Named { name: file.field("name")?.to_owned(), key: file.public()? })
}

/// Reads a secret key; `ask` is asked for its passphrase, where it has one.
pub(crate) fn read_secret(path: &Path, ask: impl FnOnce(&str) -> Result<String, Failure>) -> Result<Named<SecretKey>, Failure> {
    let file = KeyFile::read(path)?;
    if file.title == PUBLIC_TITLE {
        return Err(file.wrong("this is a public key; signing takes the .key file"));
    }
    let name = file.field("name")?.to_owned();
    let seed = match file.maybe("secret") {
        Some(secret) => file.bytes::<32>("secret", secret)?,
        None => {
            let salt = file.bytes::<SALT_BYTES>("salt", file.field("salt")?)?;
            let hidden = file.bytes::<32>("hidden", file.field("hidden")?)?;
            hide(&hidden, &ask(&name)?, &salt, file.cost()?)?
        }
    };
    let key = SecretKey::from_seed(&seed);
    if key.public() != file.public()? {
        return Err(file.wrong("the passphrase is wrong, or the file is damaged"));
    }
    Ok(Named { name, key })
}

/// Hides a seed under a passphrase, or shows it again: the seed and as many bytes of argon2id, combined bit by bit. The salt is never used twice.
/// Whether the passphrase was right shows in the public key.
fn hide(seed: &[u8; 32], passphrase: &str, salt: &[u8], cost: Cost) -> Result<[u8; 32], Failure> {
    let wrong = |error: argon2::Error| Failure::unfit(format!("the passphrase cannot be used: {error}"), "Use another one.");
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(wrong)?;
    let mut mask = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(passphrase.as_bytes(), salt, &mut mask).map_err(wrong)?;
    for (mask, seed) in mask.iter_mut().zip(seed) {
        *mask ^= seed;
    }
    Ok(mask)
}

struct KeyFile<'a> {
    path: &'a Path,
    title: String,
    fields: Vec<(String, String)>,
}

impl<'a> KeyFile<'a> {
    fn read(path: &'a Path) -> Result<Self, Failure> {
        let text = String::from_utf8_lossy(&files::read(path, KEY_BYTES_MAX)?).into_owned();
        let mut lines = text.lines();
        let title = lines.next().unwrap_or_default().to_owned();
        let fields =
            lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
        let file = Self { path, title, fields };
        if [SECRET_TITLE, PUBLIC_TITLE].contains(&file.title.as_str()) {
            Ok(file)
        } else {
            Err(file.wrong("this is no key file of `depot keygen`"))
        }
    }

    fn wrong(&self, why: impl Into<String>) -> Failure {
        Failure::Key { path: self.path.to_path_buf(), why: why.into() }
    }

    fn maybe(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn field(&self, name: &str) -> Result<&str, Failure> {
        self.maybe(name).ok_or_else(|| self.wrong(format!("the line `{name}: …` is missing")))
    }

    fn bytes<const N: usize>(&self, name: &str, text: &str) -> Result<[u8; N], Failure> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| self.wrong(format!("`{name}` is not {N} bytes in hexadecimal")))
    }

    fn public(&self) -> Result<PublicKey, Failure> {
        let bytes = self.bytes("public", self.field("public")?)?;
        PublicKey::from_bytes(&bytes).map_err(|refusal| self.wrong(refusal.to_string()))
    }

    fn cost(&self) -> Result<Cost, Failure> {
        let text = self.field("argon2id")?;
        let parsed = text.strip_prefix("m=").and_then(|text| text.split_once(",t="));
        let cost = parsed.and_then(|(memory, passes)| Some(Cost { memory_kib: memory.parse().ok()?, passes: passes.parse().ok()? }));
        let cost = cost.filter(|cost| cost.memory_kib <= MEMORY_KIB_MAX && cost.passes <= PASSES_MAX);
        cost.ok_or_else(|| self.wrong("`argon2id` is not like m=131072,t=3"))
    }
}
