//! The browser: a page with the film and its figures, over HTTP/1.1 (RFC 9112).
//!
//! The film is one answer that never ends, of type `multipart/x-mixed-replace`: one JPEG after the
//! other, each in the place of the one before. HTML's standard keeps this from Netscape's days, and
//! browsers show it in a plain `img`.
//!
//! Every viewer has a slot of its own. One that reads slowly misses frames, one that has gone is
//! noticed, and neither costs the others anything: `show` only puts the frame into the slots.

mod http;
mod page;

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;
use endpoint::AcceptError;

use super::{Site, View};
use crate::Error;
use crate::picture::Picture;
use http::{Exchange, Status};
use lesson07_shared::slot::{SlotReceiver, SlotSender, slot};

/// How many connections a page's server has at once. Each costs a thread.
pub const MOST_CONNECTIONS: usize = 32;
/// How often a viewer that gets no frames is looked at: it may have gone.
const LOOK: Duration = Duration::from_secs(1);
/// The pause after a failed `accept`.
const AGAIN: Duration = Duration::from_millis(100);

/// A page in a browser.
#[derive(Debug)]
pub struct Browser {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    site: Site,
    /// Where it listens, with the port that the system chose.
    address: SocketAddr,
    newest: Mutex<Option<Arc<Picture>>>,
    viewers: Mutex<Vec<SlotSender<Arc<Picture>>>>,
    connections: AtomicUsize,
}

impl Browser {
    /// Listens, and says `showing on http://ADDR/`.
    ///
    /// # Errors
    /// [`Error::Site`] when the address cannot be had.
    pub fn open(site: &Site) -> Result<Browser, Error> {
        let failed = |source| Error::Site { address: site.address, source };
        let listener = TcpListener::bind(site.address).map_err(failed)?;
        let shared = Arc::new(Shared {
            site: site.clone(),
            address: listener.local_addr().map_err(failed)?,
            newest: Mutex::default(),
            viewers: Mutex::default(),
            connections: AtomicUsize::new(0),
        });
        let accepting = shared.clone();
        let thread = thread::Builder::new().name("accept viewers".to_owned());
        thread.spawn(move || accept(&listener, &accepting)).map_err(failed)?;
        console::say(format_args!("showing on http://{}/", shared.address));
        Ok(Browser { shared })
    }

    /// Where the page is.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// How many connections it has now.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl View for Browser {
    fn show(&mut self, picture: &Arc<Picture>) -> Result<(), Error> {
        // The browser decodes it, and a picture that cannot be decoded is its business.
        *locked(&self.shared.newest) = Some(picture.clone());
        // A viewer's thread that has ended takes nothing any more.
        locked(&self.shared.viewers)
            .retain(|slot| slot.put(picture.clone(), Duration::ZERO).is_ok());
        Ok(())
    }
}

/// Takes in viewers, each in a thread of its own, as long as the process lives.
fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        match listener.accept() {
            Ok((stream, _)) => admit(stream, shared),
            Err(error) if AcceptError::of(&error) == AcceptError::Fatal => {
                return console::warn(format_args!("no more viewers: {error}"));
            }
            Err(_) => thread::sleep(AGAIN),
        }
    }
}

fn admit(stream: TcpStream, shared: &Arc<Shared>) {
    if shared.connections.fetch_add(1, Ordering::SeqCst) >= MOST_CONNECTIONS {
        shared.connections.fetch_sub(1, Ordering::SeqCst);
        // So few bytes fit into the kernel's buffer: nobody waits for them to be read.
        return http::refuse(stream);
    }
    let serving = shared.clone();
    let thread = thread::Builder::new().name("viewer".to_owned());
    let started = thread.spawn(move || {
        // A viewer that breaks off, or takes too long, has no other consequence.
        _ = serve(stream, &serving);
        serving.connections.fetch_sub(1, Ordering::SeqCst);
    });
    if started.is_err() {
        shared.connections.fetch_sub(1, Ordering::SeqCst);
    }
}

/// One request, one answer. The connection closes after it.
fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut exchange = Exchange::new(stream);
    let request = match exchange.receive() {
        Ok(request) => request,
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return exchange.answer(Status::BadRequest, "text/plain", b"this is no request\n");
        }
        Err(error) => return Err(error),
    };
    if !request.host.is_some_and(|host| shared.answers_to(&host)) {
        // Any web page can have a name of its own lead to 127.0.0.1 (DNS rebinding), and would then
        // be allowed to read what a camera sees. The browser tells by which name it has come.
        return exchange.answer(
            Status::Misdirected,
            "text/plain",
            b"nobody of that name is here\n",
        );
    }
    if request.method != "GET" {
        return exchange.answer(Status::NotAllowed, "text/plain", b"only GET is understood\n");
    }
    match request.path.as_str() {
        "/" => {
            let page = page::page();
            exchange.answer(Status::Ok, "text/html; charset=utf-8", page.as_bytes())
        }
        "/figures" => {
            let figures = serde_json::to_vec(&shared.site.figures.snapshot())?;
            exchange.answer(Status::Ok, "application/json", &figures)
        }
        "/frame.jpg" => match shared.newest() {
            Some(picture) => exchange.answer(Status::Ok, "image/jpeg", &picture.jpeg),
            None => exchange.answer(Status::NotFound, "text/plain", b"no frame has come yet\n"),
        },
        "/stream" => stream_to(exchange, shared),
        _ => exchange.answer(Status::NotFound, "text/plain", b"there is /, and no more\n"),
    }
}

/// Sends each frame that is the newest when the viewer is ready for one, until the viewer has gone.
fn stream_to(mut exchange: Exchange, shared: &Shared) -> io::Result<()> {
    exchange.begin_stream()?;
    let newest = shared.watch();
    loop {
        match newest.channel().recv_timeout(LOOK) {
            Ok(picture) => exchange.part(&picture.jpeg)?,
            Err(RecvTimeoutError::Timeout) if exchange.is_gone() => return Ok(()),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

impl Shared {
    fn newest(&self) -> Option<Arc<Picture>> {
        locked(&self.newest).clone()
    }

    /// A slot of a viewer's own, with the newest frame in it.
    fn watch(&self) -> SlotReceiver<Arc<Picture>> {
        let (sender, newest) = slot();
        if let Some(picture) = self.newest() {
            // The other end is in this very function.
            _ = sender.put(picture, Duration::ZERO);
        }
        locked(&self.viewers).push(sender);
        newest
    }

    /// Whether a browser may call this server by this name: one that only this machine gives, or
    /// the one that the person has given.
    fn answers_to(&self, host: &str) -> bool {
        let host = without_port(host);
        let own = self.address.ip();
        // Nobody can have a number lead elsewhere: who comes by one has meant this machine.
        let by_number = |ip: IpAddr| ip.is_loopback() || ip == own || own.is_unspecified();
        host == "localhost"
            || host == without_port(&self.site.host)
            || host.parse().is_ok_and(by_number)
    }
}

/// The host of `host:port`, of `[v6]:port`, or of a host alone.
fn without_port(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    if let Ok(address) = host.parse::<SocketAddr>() {
        return address.ip().to_string();
    }
    let bare = host.trim_matches(['[', ']']);
    match bare.parse::<IpAddr>() {
        Ok(ip) => ip.to_string(),
        Err(_) => host.split(':').next().unwrap_or_default().to_owned(),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
