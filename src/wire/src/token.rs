//! The one-time token that lets a till in, and tells it which hub is the right one.

use core::fmt;

use data_encoding::BASE32_NOPAD;

const SECRET_BYTES: usize = 16;
const PIN_BYTES: usize = 16;
const GROUP_CHARS: usize = 4;

/// 128 random bits, and the first 128 bits of the SHA-256 over the hub's public key (SPKI, DER): with it a till trusts one hub and no other.
///
/// People see it in groups of four: `ABCD-EFGH-…`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Known to the hub as a hash, good once.
    pub secret: [u8; SECRET_BYTES],
    /// The hub's key.
    pub pin: [u8; PIN_BYTES],
}

/// Text that is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no token: copy it whole, as `hub token` shows it")]
pub struct TokenUnreadable;

impl Token {
    /// Reads what a person typed: hyphens and spaces do not matter, nor do small letters.
    ///
    /// # Errors
    /// [`TokenUnreadable`].
    pub fn parse(text: &str) -> Result<Self, TokenUnreadable> {
        let letters: String = text.chars().filter(|char| !matches!(char, '-' | ' ')).map(|char| char.to_ascii_uppercase()).collect();
        let bytes = BASE32_NOPAD.decode(letters.as_bytes()).map_err(|_| TokenUnreadable)?;
        let (secret, pin) = bytes.split_at_checked(SECRET_BYTES).ok_or(TokenUnreadable)?;
        Ok(Self { secret: secret.try_into().map_err(|_| TokenUnreadable)?, pin: pin.try_into().map_err(|_| TokenUnreadable)? })
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = BASE32_NOPAD.encode(&[self.secret, self.pin].concat());
        for (place, char) in letters.chars().enumerate() {
            if place > 0 && place % GROUP_CHARS == 0 {
                f.write_str("-")?;
            }
            write!(f, "{char}")?;
        }
        Ok(())
    }
}

/// The secret stays out of every log line.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_being_typed() {
        let token = Token { secret: [7; 16], pin: [0xa5; 16] };
        let typed = token.to_string().to_lowercase().replace('-', " ");
        assert_eq!(Token::parse(&typed), Ok(token));
    }

    #[test]
    fn what_is_cut_off_or_mistyped_is_no_token() {
        let text = Token { secret: [7; 16], pin: [0xa5; 16] }.to_string();
        assert!(Token::parse(&text[..text.len() - 2]).is_err());
        assert!(Token::parse(&text.replace('A', "1")).is_err());
        assert!(Token::parse("").is_err());
    }
}
