//! Addresses: where to listen, or which server to call.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, ToSocketAddrs};
use std::str::FromStr;

use crate::error::Error;

/// A host and a port, as a person writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// Reads `host:port`, `[v6]:port`, `[v6%zone]:port`, a host alone (its port is then `default_port`)
    /// or a bare port (its host is then 127.0.0.1).
    ///
    /// # Errors
    /// [`Error::Address`] when `text` is none of these.
    pub fn parse(text: &str, default_port: u16) -> Result<Address, Error> {
        let wrong = || Error::Address { text: text.to_owned() };
        let address = |host: &str, port: u16| Address { host: host.to_owned(), port };
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Address { host: host_of(address), port: address.port() });
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(address("127.0.0.1", text.parse().map_err(|_| wrong())?));
        }
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Some(host) =
            ip_with_zone(bare).or_else(|| Some(bare.parse::<IpAddr>().ok()?.to_string()))
        {
            return Ok(address(&host, default_port));
        }
        // `SocketAddr` reads a zone that is a number; here it is the name of an interface.
        if let Some((host, port)) = text.strip_prefix('[').and_then(|text| text.split_once("]:"))
            && let Some(host) = ip_with_zone(host)
        {
            return Ok(address(&host, port.parse().map_err(|_| wrong())?));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| wrong())?),
            None => (text, default_port),
        };
        if host.is_empty() || !host.chars().all(is_plausible) {
            return Err(wrong());
        }
        Ok(address(host, port))
    }

    /// Its port; 0 stands for any that is free.
    pub fn port(&self) -> u16 {
        self.port
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

/// The host of an address as a person writes it, with the zone of an IPv6 address that means something on
/// one link only (RFC 4007, section 11).
fn host_of(address: SocketAddr) -> String {
    match address {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
        _ => address.ip().to_string(),
    }
}

/// An IPv6 address with a zone, the number or the name of an interface, in the one way in which it is written.
fn ip_with_zone(host: &str) -> Option<String> {
    let (ip, zone) = host.split_once('%')?;
    let ip: Ipv6Addr = ip.parse().ok()?;
    match zone.parse() {
        Ok(number) => Some(host_of(SocketAddrV6::new(ip, 0, 0, number).into())),
        Err(_) if zone.is_empty() || !zone.chars().all(is_plausible) => None,
        Err(_) => Some(format!("{ip}%{zone}")),
    }
}

/// Whether a name of a host or of an interface may have this character.
fn is_plausible(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '-' | '.' | '_')
}

/// Whether only programs on this machine can reach `ip` (127.0.0.0/8 or `::1`, RFC 6890; also as an
/// IPv4 address within IPv6). A server listens elsewhere only if the person has allowed it.
pub fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// The address by which this machine reaches a socket that is bound to `address`.
pub(crate) fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        // An address with a zone is reached by the same zone only.
        _ => {}
    }
    address
}
