//! A proxy under test: a server for which the judge plays the upstream.

use std::io::{self, ErrorKind};
use std::thread;
use std::time::{Duration, Instant};

use language::text;

use crate::failure::{Failure, FailureKind, Outcome};
use crate::port::{self, Transport};
use crate::server::Server;
use crate::stream::ProbeStream;

/// The pause between two looks whether the proxy calls.
const POLL_INTERVAL: Duration = Duration::from_millis(1);

impl Server {
    /// Listens as the upstream, if the judge does not do so already.
    ///
    /// # Errors
    /// When it cannot.
    pub fn open_upstream(&self) -> Outcome {
        self.upstream.listen(self.record())
    }

    /// Listens no more: who calls the upstream is refused.
    pub fn close_upstream(&self) {
        self.record().add(None, text!("close the upstream"), "");
        self.upstream.close();
    }

    /// Whether clients wait in the kernel that the proxy has not accepted, where the system shows it.
    pub(crate) fn leaves_clients(&self) -> Option<bool> {
        let port = self.address().ip().is_loopback().then(|| self.address().port())?;
        Some(port::waiting(Transport::Tcp, port)? > 0)
    }

    /// Connects to the proxy, and waits until the proxy calls the upstream for it. The first stream
    /// is the client's, the second one the upstream's.
    ///
    /// # Errors
    /// When the proxy does not listen, or does not call.
    pub fn through(&self) -> Result<(ProbeStream, ProbeStream), Failure> {
        self.open_upstream()?;
        let client = self.connect()?;
        Ok((client, self.called()?))
    }

    /// Waits until the proxy calls the upstream.
    ///
    /// # Errors
    /// When it does not.
    pub fn called(&self) -> Result<ProbeStream, Failure> {
        self.open_upstream()?;
        let wanted = text!("that the proxy calls its upstream");
        let failed =
            |error: io::Error| Failure::new(FailureKind::Mismatch, wanted, error.to_string());
        let deadline = self.record().deadline();
        loop {
            // Looked at before: the call of one that has ended since is still taken.
            let has_ended = self.has_ended();
            match self.upstream.accept() {
                Some(Ok(stream)) => {
                    stream.set_nonblocking(false).map_err(failed)?;
                    return ProbeStream::new(
                        stream,
                        self.record(),
                        text!("accept, as the upstream"),
                    )
                    .map_err(failed);
                }
                Some(Err(error)) if error.kind() != ErrorKind::WouldBlock => {
                    return Err(failed(error));
                }
                _ => {}
            }
            if has_ended {
                return Err(Failure::new(FailureKind::Closed, wanted, text!("it has ended")));
            }
            if Instant::now() > deadline {
                return Err(Failure::new(FailureKind::Timeout, wanted, text!("no call")));
            }
            thread::sleep(POLL_INTERVAL);
        }
    }
}
