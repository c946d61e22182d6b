//! The browser: a page with the film and its figures, over HTTP/1.1 (RFC 9112).
//!
//! The film is one answer that never ends, of type `multipart/x-mixed-replace`: one JPEG after the
//! other, each in the place of the one before. HTML's standard keeps this from Netscape's days, and
//! browsers show it in a plain `img`.
//!
//! Every viewer has a thread, and takes the newest picture whenever it is ready for one. A viewer
//! that reads slowly misses pictures, one that has gone is noticed, and neither costs the others
//! anything: `show` only says which picture is the newest.

mod http;

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::jpeg::Jpeg;
use http::{Exchange, Status};

/// How many connections a page's server has at once. Each costs a thread.
pub const MAX_CONNECTIONS: usize = 32;
/// How often a viewer that gets no pictures is looked at: it may have gone.
const LIVENESS_INTERVAL: Duration = Duration::from_secs(1);
/// The pause after a failed `accept`.
const ACCEPT_RETRY_PAUSE: Duration = Duration::from_millis(100);

/// The page: where it is, and what it shows beside the film.
#[derive(Clone)]
pub struct Site {
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// The host as the person wrote it: a browser may ask for it by this name.
    pub host: String,
    /// The page in HTML, which is `/`; the film is `/stream` in it.
    pub page: String,
    /// Makes what `/figures` answers, in JSON.
    pub figures: Arc<dyn Fn() -> String + Send + Sync>,
}

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
    newest: Mutex<Newest>,
    has_newer: Condvar,
    connections: AtomicUsize,
}

/// The newest picture, if there is one, and the number of those that there have been.
#[derive(Debug, Clone, Default)]
struct Newest {
    number: u64,
    picture: Option<Arc<Jpeg>>,
}

impl Browser {
    /// Listens, and serves viewers for as long as the process lives.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub fn open(site: &Site) -> io::Result<Browser> {
        let listener = TcpListener::bind(site.address)?;
        let shared = Arc::new(Shared {
            site: site.clone(),
            address: listener.local_addr()?,
            newest: Mutex::default(),
            has_newer: Condvar::new(),
            connections: AtomicUsize::new(0),
        });
        let accepting = shared.clone();
        let thread = thread::Builder::new().name("accept viewers".to_owned());
        thread.spawn(move || accept(&listener, &accepting))?;
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

    /// Gives this picture to each viewer that is ready for one. The browser decodes it, and a picture
    /// that cannot be decoded is the browser's business.
    pub fn show(&self, picture: &Arc<Jpeg>) {
        let mut newest = self.shared.newest();
        newest.number += 1;
        newest.picture = Some(picture.clone());
        self.shared.has_newer.notify_all();
    }
}

/// Takes in viewers, each in a thread of its own, as long as the process lives.
fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        match listener.accept() {
            Ok((stream, _)) => admit(stream, shared),
            // The client has given up, or this process has no descriptor left. Both pass.
            Err(_) => thread::sleep(ACCEPT_RETRY_PAUSE),
        }
    }
}

fn admit(stream: TcpStream, shared: &Arc<Shared>) {
    if shared.connections.fetch_add(1, Ordering::SeqCst) >= MAX_CONNECTIONS {
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
            return exchange.answer_in_words(Status::BadRequest, "this is no request");
        }
        Err(error) => return Err(error),
    };
    if !request.host.is_some_and(|host| shared.answers_to(&host)) {
        // Any web page can have a name of its own lead to 127.0.0.1 (DNS rebinding), and would then
        // be allowed to read what a camera sees. The browser tells by which name it has come.
        return exchange.answer_in_words(Status::Misdirected, "nobody of that name is here");
    }
    if request.method != "GET" {
        return exchange.answer_in_words(Status::NotAllowed, "only GET is understood");
    }
    match request.path.as_str() {
        "/" => exchange.answer(Status::Ok, "text/html; charset=utf-8", shared.site.page.as_bytes()),
        "/figures" => {
            let figures = (shared.site.figures)();
            exchange.answer(Status::Ok, "application/json", figures.as_bytes())
        }
        "/frame.jpg" => match shared.newest_picture() {
            Some(picture) => exchange.answer(Status::Ok, "image/jpeg", &picture.bytes),
            None => exchange.answer_in_words(Status::NotFound, "no frame has come yet"),
        },
        "/stream" => stream_to(exchange, shared),
        _ => exchange.answer_in_words(Status::NotFound, "there is /, and no more"),
    }
}

/// Sends each picture that is the newest when the viewer is ready for one, until the viewer has gone.
fn stream_to(mut exchange: Exchange, shared: &Shared) -> io::Result<()> {
    exchange.begin_stream()?;
    let mut sent = 0;
    loop {
        match shared.newer_than(sent) {
            Newest { number, picture: Some(picture) } if number > sent => {
                exchange.part(&picture.bytes)?;
                sent = number;
            }
            _ if exchange.is_gone() => return Ok(()),
            _ => {}
        }
    }
}

impl Shared {
    fn newest(&self) -> MutexGuard<'_, Newest> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn newest_picture(&self) -> Option<Arc<Jpeg>> {
        self.newest().picture.clone()
    }

    /// The newest picture, as soon as it has a higher number than `number`, or after a while.
    fn newer_than(&self, number: u64) -> Newest {
        let is_old = |newest: &mut Newest| newest.number <= number;
        let waited = self.has_newer.wait_timeout_while(self.newest(), LIVENESS_INTERVAL, is_old);
        waited.unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// Whether a browser may call this server by this name: one that only this machine gives, or
    /// the one that the person has given.
    fn answers_to(&self, host: &str) -> bool {
        let host = without_port(host);
        let own = self.address.ip();
        // Nobody can have a number lead elsewhere: a browser that comes by one has meant this
        // machine.
        let by_number = |ip: IpAddr| ip.is_loopback() || ip == own || own.is_unspecified();
        host == "localhost"
            || host == without_port(&self.site.host)
            || host.parse().is_ok_and(by_number)
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("address", &self.address).finish_non_exhaustive()
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
