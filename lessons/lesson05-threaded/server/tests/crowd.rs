//! A thread for each client, as this lesson spells it out and as `endpoint::crowd` has it for later
//! lessons: the same places, the same refusal, the same end.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that could not do its part")]

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use console::{Log, ServerLog};
use endpoint::crowd::{Crowd, Places, Refused};
use endpoint::{Connection, Limits, LingeringClose, Listener, Policy, Stop};
use lesson05_server::{LengthHeaders, Totals, threads};
use trace::Observer;

/// When a test gives up.
const DEADLINE: Duration = Duration::from_secs(30);

/// What a client is told that is one too many for one place.
const BUSY: &[u8] = b"busy: places for clients: 1, all taken; try again later\n";

/// The two of them.
const MODELS: [fn(&Listener) -> io::Result<Totals>; 2] = [spelled_out, called];

fn spelled_out(listener: &Listener) -> io::Result<Totals> {
    threads(listener, &ServerLog::silent(), LengthHeaders::None, echo)
}

fn called(listener: &Listener) -> io::Result<Totals> {
    let (mut totals, places) =
        (Totals::default(), Places::new(listener.policy().limits.max_connections));
    thread::scope(|scope| {
        let (crowd, closing) = (Crowd::new(scope, &places), LingeringClose::start(scope)?);
        while let Some(connection) = listener.accept()? {
            let log = ServerLog::silent().connected(&connection);
            match crowd.spawn((connection, log), |(mut connection, mut log)| {
                _ = echo(&mut connection, &mut log);
            }) {
                Ok(()) => totals.served += 1,
                Err(Refused::Full((mut connection, _))) => {
                    totals.refused += 1;
                    _ = connection.write(BUSY);
                    closing.close(connection);
                }
                Err(Refused::NoThread(_)) => totals.refused += 1,
            }
        }
        Ok(totals)
    })
}

/// Sends back what comes. There is a bug in it: an exclamation mark makes it panic.
fn echo(connection: &mut Connection, log: &mut Log) -> wire::Result<()> {
    let mut request = [0; 1];
    while connection.read(&mut request)? > 0 {
        log.received(&request);
        assert_ne!(request, *b"!", "this panic is part of the test");
        connection.write_all(&request)?;
        log.sent(&request);
    }
    Ok(())
}

struct Server {
    address: SocketAddr,
    stop: Stop,
    totals: Receiver<Totals>,
}

impl Server {
    fn start(model: fn(&Listener) -> io::Result<Totals>, max_connections: usize) -> Server {
        let limits = Limits { max_connections, ..Limits::default() };
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = Listener::bind(loopback, Policy::new(limits)).unwrap();
        let (address, stop) = (listener.address(), listener.policy().stop.clone());
        let (ended, totals) = channel();
        thread::spawn(move || ended.send(model(&listener).unwrap()));
        Server { address, stop, totals }
    }

    fn connect(&self) -> TcpStream {
        let client = TcpStream::connect(self.address).unwrap();
        client.set_read_timeout(Some(DEADLINE)).unwrap();
        client
    }

    /// A client that has a place: it has been answered.
    fn client(&self) -> TcpStream {
        let mut client = self.connect();
        assert_eq!(ask(&mut client), b"a");
        client
    }

    /// A client that gets a place as soon as there is one.
    fn client_in_turn(&self) -> TcpStream {
        loop {
            let mut client = self.connect();
            // The reset of a client whose question came too late for a refusal is a refusal, too.
            if ask(&mut client) == b"a" {
                return client;
            }
        }
    }

    fn stop(self) -> Totals {
        self.stop.request();
        self.totals.recv_timeout(DEADLINE).unwrap()
    }
}

/// The first byte of what is answered, or none.
fn ask(client: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    _ = client.write_all(b"a").and_then(|()| client.take(1).read_to_end(&mut answer));
    answer
}

#[test]
fn who_is_one_too_many_is_told_so_and_who_comes_when_one_has_left_is_served() {
    for model in MODELS {
        let server = Server::start(model, 1);
        let first = server.client();
        let mut words = Vec::new();
        server.connect().read_to_end(&mut words).unwrap();
        assert_eq!(words, BUSY);
        drop(first);
        drop(server.client_in_turn());
        let totals = server.stop();
        assert_eq!(totals.served, 2);
        assert!(totals.refused >= 1);
    }
}

#[test]
fn a_conversation_that_panics_gives_its_place_back_and_ends_alone() {
    for model in MODELS {
        let server = Server::start(model, 2);
        let mut other = server.client();
        for _ in 0..3 {
            let mut client = server.client_in_turn();
            client.write_all(b"!").unwrap();
            assert_eq!(client.read(&mut [0]).unwrap_or(0), 0, "the end");
        }
        assert_eq!(ask(&mut other), b"a");
        assert_eq!(server.stop().served, 4);
    }
}

#[test]
fn a_stop_ends_the_clients_that_are_between_two_requests_and_then_the_server() {
    for model in MODELS {
        let server = Server::start(model, 4);
        let mut clients = [(); 3].map(|()| server.client());
        assert_eq!(server.stop(), Totals { served: 3, refused: 0 });
        for client in &mut clients {
            assert_eq!(client.read(&mut [0]).unwrap(), 0, "the end");
        }
    }
}
