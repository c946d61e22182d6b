//! The two loops that lesson 05's `thread` and `event` are made of, with nothing around them: no
//! limits, no time-outs, no log, no end. What they answer more than the lesson is what all that costs.
//! And the lesson's own example of the same server on tokio.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use clap::ValueEnum;
use lesson05_server::{RECV_SIZE, STACK_SIZE};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Protocol, Socket, Type};
// The example below is written with it.
use tokio as _;

#[expect(dead_code, reason = "its `main` is for who starts it alone")]
#[path = "../../../lessons/lesson05-threaded/server/examples/tokio.rs"]
mod tokio_server;

const ANY_PORT: &str = "127.0.0.1:0";

/// How a bare server shares itself.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Loop {
    /// A thread for each connection.
    Thread,
    /// One thread, and `epoll` by way of mio.
    Event,
    /// tokio, with as many threads as there are cores.
    Tokio,
    /// tokio, with one thread.
    TokioCurrentThread,
}

impl Loop {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Loop::Thread => "thread",
            Loop::Event => "event",
            Loop::Tokio => "tokio",
            Loop::TokioCurrentThread => "tokio-current-thread",
        }
    }

    /// Serves for ever, on a free port.
    pub(crate) fn serve(self) {
        match self {
            Loop::Thread => threads(),
            Loop::Event => events(),
            Loop::Tokio => tokio_server::run(false, ANY_PORT).unwrap(),
            Loop::TokioCurrentThread => tokio_server::run(true, ANY_PORT).unwrap(),
        }
    }
}

/// An accept queue as long as the lesson's: those who find it full come late, and a load that lacks
/// some of its clients looks like a fast server.
fn listen() -> TcpListener {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap();
    let address: SocketAddr = "127.0.0.1:0".parse().unwrap();
    socket.bind(&address.into()).unwrap();
    socket.listen(4096).unwrap();
    let listener = TcpListener::from(socket);
    println!("listening on {}", listener.local_addr().unwrap());
    listener
}

fn threads() {
    let listener = listen();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        thread::Builder::new()
            .stack_size(STACK_SIZE)
            .spawn(move || {
                let mut buffer = [0; RECV_SIZE];
                // A client that is gone is gone, whatever the reason.
                while let Ok(got @ 1..) = stream.read(&mut buffer) {
                    if stream.write_all(&buffer[..got].to_ascii_uppercase()).is_err() {
                        break;
                    }
                }
            })
            .unwrap();
    }
}

fn events() {
    let listener = listen();
    listener.set_nonblocking(true).unwrap();
    let mut listener = mio::net::TcpListener::from_std(listener);
    let mut poll = Poll::new().unwrap();
    // The listener is named 0, and the clients by what is then the length of this.
    let mut clients: Vec<Option<TcpStream>> = vec![];
    poll.registry().register(&mut listener, Token(0), Interest::READABLE).unwrap();
    let (mut events, mut buffer) = (Events::with_capacity(1024), [0; RECV_SIZE]);
    loop {
        poll.poll(&mut events, None).unwrap();
        for event in &events {
            if event.token() == Token(0) {
                while let Ok((mut stream, _)) = listener.accept() {
                    let token = Token(clients.len() + 1);
                    poll.registry().register(&mut stream, token, Interest::READABLE).unwrap();
                    clients.push(Some(stream));
                }
                continue;
            }
            let client = &mut clients[event.token().0 - 1];
            let Some(stream) = client else { continue };
            let goes_on = match stream.read(&mut buffer) {
                // Each client waits for its answer, so there is always room for it.
                Ok(got @ 1..) => stream.write_all(&buffer[..got].to_ascii_uppercase()).is_ok(),
                Ok(0) => false,
                Err(error) => error.kind() == ErrorKind::WouldBlock,
            };
            if !goes_on {
                *client = None;
            }
        }
    }
}
