//! Addresses: where to listen, or which server to call.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;

use crate::error::Error;

/// A host and a port, as a person writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// Reads `host:port`, `[v6]:port`, a host alone (its port is then `default_port`) or a bare port
    /// (its host is then 127.0.0.1).
    ///
    /// # Errors
    /// [`Error::Address`] when `text` is none of these.
    pub fn parse(text: &str, default_port: u16) -> Result<Address, Error> {
        let wrong = || Error::Address { text: text.to_owned() };
        let address = |host: &str, port: u16| Address { host: host.to_owned(), port };
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Address { host: address.ip().to_string(), port: address.port() });
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(address("127.0.0.1", text.parse().map_err(|_| wrong())?));
        }
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if bare.parse::<IpAddr>().is_ok() {
            return Ok(address(bare, default_port));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| wrong())?),
            None => (text, default_port),
        };
        let plausible = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_');
        if host.is_empty() || !host.chars().all(plausible) {
            return Err(wrong());
        }
        Ok(address(host, port))
    }

    /// The socket addresses of its host, at least one, IPv4 first, because the tutorial's programs speak
    /// nothing else.
    ///
    /// # Errors
    /// [`Error::Resolve`] when the name has none.
    pub fn resolve(&self) -> Result<Vec<SocketAddr>, Error> {
        let failed = |source| Error::Resolve { host: self.host.clone(), source };
        let found = (self.host.as_str(), self.port).to_socket_addrs().map_err(failed)?;
        let mut found: Vec<SocketAddr> = found.collect();
        found.sort_by_key(SocketAddr::is_ipv6);
        found.dedup();
        match found.is_empty() {
            true => Err(failed(std::io::Error::other("the name has no address"))),
            false => Ok(found),
        }
    }
}

/// Reads an address that names its port, or is a bare port.
impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Address, Error> {
        Address::parse(text, 0)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// Whether only programs on this machine can reach `ip` (127.0.0.0/8 or `::1`, RFC 6890; also as an
/// IPv4 address within IPv6). A server listens elsewhere only if the person has allowed it.
pub fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// The address by which this machine reaches a socket that is bound to `address`.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
