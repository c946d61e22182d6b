//! What the kernel holds of a TCP connection: bytes sent and not yet acknowledged, bytes that have
//! arrived and not yet been read.
//!
//! Linux tells this to any user through `sock_diag` over netlink, see
//! [sock_diag(7)](https://man7.org/linux/man-pages/man7/sock_diag.7.html); it is what `ss -ti` prints.
//! A snapshot takes about 10 µs. Elsewhere there is no view, and pictures leave the place blank.

use std::fmt;
use std::net::SocketAddr;

use serde::Serialize;

/// What was in the queues of one connection at one moment, seen from one of its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Kernel {
    /// Bytes that have arrived at this end and wait for this program's `recv`.
    pub unread: u32,
    /// Bytes that this end has sent and the other end's kernel has not acknowledged yet.
    pub unacknowledged: u32,
    /// Bytes that have arrived at the other end and wait for its `recv`; known only if that end is on
    /// this machine.
    pub unread_by_peer: Option<u32>,
    /// Segments with data that this end has sent since the connection began, repetitions included.
    pub segments_sent: Option<u32>,
    /// Segments with data that have arrived at this end since the connection began.
    pub segments_received: Option<u32>,
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} B to read here", self.unread)?;
        if self.unacknowledged > 0 {
            write!(f, ", {} B not acknowledged", self.unacknowledged)?;
        }
        match self.unread_by_peer {
            Some(unread) => write!(f, ", {unread} B to read at the peer"),
            None => Ok(()),
        }
    }
}

/// Shows the kernel's queues of one TCP connection.
pub struct KernelView(sys::KernelView);

impl KernelView {
    /// A view of the connection between `local`, on this machine, and `peer`.
    ///
    /// `None` where the system does not show it: other systems than Linux, and sandboxes without
    /// netlink. Nothing is lost but the picture.
    pub fn of(local: SocketAddr, peer: SocketAddr) -> Option<KernelView> {
        sys::KernelView::of(local, peer).map(KernelView)
    }

    /// What the queues hold now; `None` when the kernel no longer knows the connection.
    pub fn snapshot(&mut self) -> Option<Kernel> {
        self.0.snapshot()
    }
}

#[cfg(target_os = "linux")]
mod sys {
    use std::io::{Read, Write};
    use std::net::SocketAddr;
    use std::time::Duration;

    use netlink_packet_core::{NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
    use netlink_packet_sock_diag::SockDiagMessage;
    use netlink_packet_sock_diag::constants::{
        AF_INET, AF_INET6, IPPROTO_TCP, TCP_CLOSE_WAIT, TCP_CLOSING, TCP_FIN_WAIT1, TCP_LAST_ACK,
        TCP_LISTEN, TCP_TIME_WAIT,
    };
    use netlink_packet_sock_diag::inet::nlas::{Nla, TcpInfo};
    use netlink_packet_sock_diag::inet::{
        ExtensionFlags, InetRequest, InetResponse, SocketId, StateFlags,
    };
    use socket2::{Domain, Protocol, Socket, Type};

    use super::Kernel;

    /// From `linux/socket.h` and `linux/netlink.h`.
    const AF_NETLINK: i32 = 16;
    const NETLINK_SOCK_DIAG: i32 = 4;

    /// The kernel answers a request at once, or never.
    const NETLINK_TIMEOUT: Duration = Duration::from_millis(200);

    pub(super) struct KernelView {
        netlink: Socket,
        local: SocketAddr,
        peer: SocketAddr,
    }

    impl KernelView {
        pub(super) fn of(local: SocketAddr, peer: SocketAddr) -> Option<KernelView> {
            let domain = Domain::from(AF_NETLINK);
            let netlink =
                Socket::new(domain, Type::DGRAM, Some(Protocol::from(NETLINK_SOCK_DIAG))).ok()?;
            netlink.set_read_timeout(Some(NETLINK_TIMEOUT)).ok()?;
            let mut view = KernelView { netlink, local, peer };
            view.ask(local, peer)?;
            Some(view)
        }

        pub(super) fn snapshot(&mut self) -> Option<Kernel> {
            let here = self.ask(self.local, self.peer)?;
            let there = self.ask(self.peer, self.local);
            let info = here.tcp_info();
            Some(Kernel {
                unread: here.unread(),
                unacknowledged: here.unacknowledged(),
                unread_by_peer: there.map(|there| there.unread()),
                segments_sent: info.map(|info| info.data_segs_out),
                segments_received: info.map(|info| info.data_segs_in),
            })
        }

        /// Asks for the one socket whose own address is `source`.
        fn ask(&mut self, source: SocketAddr, destination: SocketAddr) -> Option<Answer> {
            let mut header = NetlinkHeader::default();
            header.flags = NLM_F_REQUEST;
            let request = SockDiagMessage::InetRequest(InetRequest {
                family: if source.is_ipv4() { AF_INET } else { AF_INET6 },
                protocol: IPPROTO_TCP,
                extensions: ExtensionFlags::INFO,
                states: StateFlags::all(),
                socket_id: SocketId {
                    source_port: source.port(),
                    destination_port: destination.port(),
                    source_address: source.ip(),
                    destination_address: destination.ip(),
                    interface_id: 0,
                    // INET_DIAG_NOCOOKIE: we do not know the socket's number, only its addresses.
                    cookie: [0xff; 8],
                },
            });
            let mut message = NetlinkMessage::new(header, request.into());
            message.finalize();
            let mut bytes = vec![0; message.buffer_len()];
            message.serialize(&mut bytes);
            (&self.netlink).write_all(&bytes).ok()?;

            let mut reply = [0; 2048];
            let got = (&self.netlink).read(&mut reply).ok()?;
            let reply = NetlinkMessage::<SockDiagMessage>::deserialize(reply.get(..got)?).ok()?;
            match reply.payload {
                NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(response)) => {
                    Answer::about(*response, source, destination)
                }
                _ => None,
            }
        }
    }

    struct Answer(InetResponse);

    impl Answer {
        /// For a connection that is gone the kernel may answer with the listener on its port.
        fn about(response: InetResponse, source: SocketAddr, to: SocketAddr) -> Option<Answer> {
            let id = &response.header.socket_id;
            let same = id.source_port == source.port() && id.destination_port == to.port();
            (same && response.header.state != TCP_LISTEN).then_some(Answer(response))
        }

        /// A FIN that has arrived and not been read counts as a byte in the kernel's arithmetic.
        fn unread(&self) -> u32 {
            let fin = [TCP_CLOSE_WAIT, TCP_LAST_ACK, TCP_CLOSING, TCP_TIME_WAIT];
            let fin = u32::from(fin.contains(&self.0.header.state));
            self.0.header.recv_queue.saturating_sub(fin)
        }

        /// A FIN that was sent and is not acknowledged counts as a byte too.
        fn unacknowledged(&self) -> u32 {
            let fin = [TCP_FIN_WAIT1, TCP_LAST_ACK, TCP_CLOSING];
            let fin = u32::from(fin.contains(&self.0.header.state));
            self.0.header.send_queue.saturating_sub(fin)
        }

        fn tcp_info(&self) -> Option<&TcpInfo> {
            self.0.nlas.iter().find_map(|nla| match nla {
                Nla::TcpInfo(info) => Some(info),
                _ => None,
            })
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod sys {
    use std::net::SocketAddr;

    use super::Kernel;

    pub(super) struct KernelView;

    impl KernelView {
        pub(super) fn of(_: SocketAddr, _: SocketAddr) -> Option<KernelView> {
            None
        }

        pub(super) fn snapshot(&mut self) -> Option<Kernel> {
            None
        }
    }
}
