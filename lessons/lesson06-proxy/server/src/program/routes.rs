//! Where clients come in, and where they are led to, as a person asks for it.

use std::net::SocketAddr;
use std::str::FromStr;

use console::{Usage, callable_address};
use endpoint::{Address, Error};

/// Where lesson 05 listens.
pub(crate) const UPSTREAM_PORT: u16 = 8005;

/// Where this lesson listens.
pub(crate) const PORT: u16 = 8006;

/// How many ports `--ports` may name: each has a listening socket, and a thread.
const MAX_PORTS: usize = 256;

/// `LISTEN=UPSTREAM`: one place where clients come in, and where they are led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// Where clients come in.
    pub(crate) listen: Address,
    /// Where they are led to.
    pub(crate) upstream: Address,
}

/// `[HOST:]FIRST-LAST`: a range of ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ports {
    host: String,
    first: u16,
    last: u16,
}

/// A text that is no [`Route`], or no [`Ports`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum RouteError {
    /// There is no `=` in the text.
    #[error("`{0}` is no route; write LISTEN=UPSTREAM, such as 8006=8005 or 8006=10.0.0.1:8005")]
    Route(String),
    /// The text is no range, or one of too many ports.
    #[error(
        "`{0}` is no range of up to {MAX_PORTS} ports; write FIRST-LAST, such as 3000-3005, \
             and HOST: in front to listen there"
    )]
    Ports(String),
    /// What stands on one side of the `=` is no address.
    #[error(transparent)]
    Address(#[from] Error),
    /// The same, where somebody has to be called there.
    #[error("{0}")]
    Upstream(String),
}

impl FromStr for Route {
    type Err = RouteError;

    fn from_str(text: &str) -> Result<Route, RouteError> {
        let (listen, upstream) =
            text.split_once('=').ok_or_else(|| RouteError::Route(text.to_owned()))?;
        Ok(Route {
            listen: Address::parse(listen, PORT)?,
            upstream: callable_address(upstream, UPSTREAM_PORT).map_err(RouteError::Upstream)?,
        })
    }
}

impl FromStr for Ports {
    type Err = RouteError;

    fn from_str(text: &str) -> Result<Ports, RouteError> {
        let parse = || {
            let (front, last) = text.rsplit_once('-')?;
            let (host, first) = front.rsplit_once(':').unwrap_or(("127.0.0.1", front));
            let (first, last) = (first.parse::<u16>().ok()?, last.parse::<u16>().ok()?);
            let few = usize::from(last).checked_sub(first.into())? < MAX_PORTS;
            (first > 0 && few).then(|| Ports { host: host.to_owned(), first, last })
        };
        parse().ok_or_else(|| RouteError::Ports(text.to_owned()))
    }
}

impl Ports {
    /// A route from each port to the same port at `upstream`, which is a host alone.
    ///
    /// # Errors
    /// [`Usage`] when it is more than that, or no host.
    pub(crate) fn routes(&self, upstream: &str) -> Result<Vec<Route>, Usage> {
        let each = |port| {
            let [listen, upstream] = [&self.host, upstream].map(|host| at(host, port));
            Ok(Route { listen: listen?, upstream: upstream? })
        };
        (self.first..=self.last).map(each).collect()
    }
}

/// This port of a host.
fn at(host: &str, port: u16) -> Result<Address, Usage> {
    let address = Address::parse(host, port).map_err(|error| Usage(error.to_string()))?;
    // Only a host alone takes whatever port it is given.
    if Address::parse(host, !port).is_ok_and(|other| other == address) {
        return Err(Usage(format!(
            "--ports leads to the same ports of another host, and `{host}` is not a host alone"
        )));
    }
    Ok(address)
}

/// Whether whoever calls `upstream` from this machine is let in at `listening`: then the proxy
/// would call itself, and again for that call, without end.
pub(crate) fn leads_back(listening: SocketAddr, upstream: SocketAddr) -> bool {
    let [here, there] = [listening, upstream].map(|address| address.ip().to_canonical());
    let local = |ip: std::net::IpAddr| ip.is_loopback() || ip.is_unspecified();
    let any = here.is_unspecified() || there.is_unspecified();
    listening.port() == upstream.port() && (here == there || any && local(here) && local(there))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(ports: &str, upstream: &str) -> Result<Vec<String>, Usage> {
        let routes = ports.parse::<Ports>().unwrap().routes(upstream)?;
        Ok(routes.iter().map(|route| format!("{}={}", route.listen, route.upstream)).collect())
    }

    #[test]
    fn a_route_is_two_addresses() {
        for (text, listen, upstream) in [
            ("8006=8005", "127.0.0.1:8006", "127.0.0.1:8005"),
            ("0=example.org:80", "127.0.0.1:0", "example.org:80"),
            ("[::1]:1=10.0.0.1", "[::1]:1", "10.0.0.1:8005"),
        ] {
            let route: Route = text.parse().unwrap();
            assert_eq!(
                (&*route.listen.to_string(), &*route.upstream.to_string()),
                (listen, upstream)
            );
        }
        for text in ["", "8006", "=", "8006=", "8006=0", "=8005", "8006:8005", "1=2=3"] {
            assert!(text.parse::<Route>().is_err(), "{text}");
        }
    }

    #[test]
    fn each_port_leads_to_the_same_port_of_the_upstream() {
        let six = routes("3000-3005", "127.0.0.2").unwrap();
        assert_eq!(six.len(), 6);
        assert_eq!(six[0], "127.0.0.1:3000=127.0.0.2:3000");
        assert_eq!(six[5], "127.0.0.1:3005=127.0.0.2:3005");
        assert_eq!(routes("[::1]:3000-3000", "::1").unwrap(), ["[::1]:3000=[::1]:3000"]);
        assert_eq!(routes("my-pc:65535-65535", "host").unwrap(), ["my-pc:65535=host:65535"]);
    }

    #[test]
    fn an_upstream_with_a_port_of_its_own_does_not_go_with_ports() {
        for upstream in ["host:3000", "3000", "3001", "127.0.0.1:9999", "[::1]:1", "a b", ""] {
            assert!(routes("3000-3001", upstream).is_err(), "{upstream}");
        }
        assert!(routes("8006:3000-3001", "host").is_err());
    }

    #[test]
    fn what_is_no_range_of_ports_is_refused() {
        for text in ["", "3000", "3000-", "-3000", "3005-3000", "0-1", "1-65535", "1-65536", "a-b"]
        {
            let error = text.parse::<Ports>().unwrap_err().to_string();
            assert!(error.contains("3000-3005"), "{text}: {error}");
        }
    }

    #[test]
    fn a_route_to_itself_is_known_under_every_name_it_has() {
        for (listening, upstream, back) in [
            ("127.0.0.1:1", "127.0.0.1:1", true),
            ("0.0.0.0:1", "127.0.0.1:1", true),
            ("[::]:1", "127.0.0.1:1", true),
            ("127.0.0.1:1", "0.0.0.0:1", true),
            ("127.0.0.1:1", "[::ffff:127.0.0.1]:1", true),
            ("127.0.0.1:1", "127.0.0.1:2", false),
            ("127.0.0.1:1", "127.0.0.2:1", false),
            ("127.0.0.1:1", "10.0.0.1:1", false),
            ("0.0.0.0:1", "10.0.0.1:1", false),
        ] {
            let led = leads_back(listening.parse().unwrap(), upstream.parse().unwrap());
            assert_eq!(led, back, "{listening} {upstream}");
        }
    }
}
