//! Where the hub is.

use core::fmt;

use crate::error::Failure;

/// Where a hub listens that names no port.
const PORT_DEFAULT: u16 = 443;
/// The longest name that DNS knows.
const HOST_CHARS_MAX: usize = 253;

/// Host and port of a hub. Whatever the address begins with, it is spoken to by TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubAddress {
    /// A name or an address; one of IPv6 in brackets.
    host: String,
    port: u16,
}

impl HubAddress {
    /// Reads `https://host:port`, `http://host:port`, `host:port` or `host`.
    ///
    /// # Errors
    /// [`Failure::HubAddress`].
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let failure = || Failure::HubAddress(text.chars().take(HOST_CHARS_MAX).collect());
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok().filter(|port| *port > 0).ok_or_else(failure)?),
            _ => (rest, PORT_DEFAULT),
        };
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_host = match bracketed {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => {
                !host.is_empty()
                    && host.len() <= HOST_CHARS_MAX
                    && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
            }
        };
        if is_host { Ok(Self { host: host.to_ascii_lowercase(), port }) } else { Err(failure()) }
    }

    /// The host without brackets.
    #[must_use]
    pub fn bare_host(&self) -> &str {
        self.host.trim_matches(['[', ']'])
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for HubAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::HubAddress;

    #[test]
    fn an_address_is_read_as_people_write_it() {
        for (text, shown) in [
            ("https://hub.demo:8443", "https://hub.demo:8443"),
            ("http://hub.demo:8080/", "https://hub.demo:8080"),
            ("Hub.Demo:9000", "https://hub.demo:9000"),
            ("hub.demo", "https://hub.demo:443"),
            ("127.0.0.1:8443", "https://127.0.0.1:8443"),
            ("https://[::1]:8443", "https://[::1]:8443"),
            ("[::1]", "https://[::1]:443"),
        ] {
            assert_eq!(HubAddress::parse(text).map(|address| address.to_string()).ok().as_deref(), Some(shown), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = "a".repeat(300);
        for text in
            ["", "https://", "hub demo", "hub:port", "hub:0", "hub:70000", "user@hub", "hub/path", "ftp://hub", "::1:80:", "[hub]:1", &long]
        {
            assert!(HubAddress::parse(text).is_err(), "{text:?}");
        }
    }
}
