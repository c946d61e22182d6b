//! What clients and servers see is the same with both engines.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use endpoint::{Limits, Stop};
use relay::Totals;

use crate::engine::{Engine, bind};
use crate::sockets::*;

struct Proxy {
    /// Where each route listens.
    addresses: Vec<SocketAddr>,
    stop: Stop,
    outcome: mpsc::Receiver<io::Result<Totals>>,
}

impl Proxy {
    fn start(engine: &Engine, upstreams: &[SocketAddr], limits: Limits) -> Proxy {
        let bound = bind(upstreams, limits);
        let (addresses, stop, engine) =
            (bound.addresses.clone(), bound.stop.clone(), engine.clone());
        Proxy { addresses, stop, outcome: in_a_thread(move || bound.run(&engine)) }
    }

    fn to(engine: &Engine, upstream: SocketAddr) -> Proxy {
        Proxy::start(engine, &[upstream], Limits::default())
    }

    fn connect(&self) -> TcpStream {
        connect(self.addresses[0])
    }

    /// Asks it to stop, and waits until it has. All connections have ended, or end now.
    fn stop(self) -> Totals {
        self.stop.request();
        self.totals()
    }

    fn totals(self) -> Totals {
        self.outcome.recv_timeout(DEADLINE).expect("the proxy does not end").unwrap()
    }
}

/// Runs the test with each engine, so that the one that fails it is in the test's output.
fn with_each(test: impl Fn(&Engine)) {
    for engine in [Engine::Threads, Engine::Relay(Vec::new())] {
        println!("{engine:?}");
        test(&engine);
    }
}

#[test]
fn bytes_go_both_ways_at_once_and_arrive_unchanged() {
    with_each(|engine| {
        let proxy = Proxy::to(engine, upstream(echo));
        let sent = noise(5 << 20, 7);
        let mut client = proxy.connect();
        let mut writer = client.try_clone().unwrap();
        let bytes = sent.clone();
        let writing = in_a_thread(move || {
            writer.write_all(&bytes).unwrap();
            half_close(&writer);
        });
        let (came, ending) = read_to_end(&mut client);
        writing.recv_timeout(DEADLINE).unwrap();
        assert_eq!(ending, Ending::InOrder);
        assert!(came == sent, "{} bytes came back, or not the same", came.len());
        let (up, down) = (sent.len() as u64, sent.len() as u64);
        assert_eq!(proxy.stop(), Totals { connections: 1, refused: 0, up, down });
    });
}

#[test]
fn a_half_close_is_passed_on_and_the_other_direction_stays_open() {
    with_each(|engine| {
        let (address, clients) = one_upstream();
        let proxy = Proxy::to(engine, address);

        let mut client = proxy.connect();
        client.write_all(b"question").unwrap();
        half_close(&client);
        let mut server = clients.recv_timeout(DEADLINE).unwrap();
        assert_ends(&mut server, b"question", Ending::InOrder);
        server.write_all(b"answer").unwrap();
        assert_comes(&mut client, b"answer");
        drop(server);
        assert_ends(&mut client, b"", Ending::InOrder);

        let mut client = proxy.connect();
        let mut server = clients.recv_timeout(DEADLINE).unwrap();
        half_close(&server);
        assert_ends(&mut client, b"", Ending::InOrder);
        client.write_all(b"still here").unwrap();
        drop(client);
        assert_ends(&mut server, b"still here", Ending::InOrder);
        drop(server);
        assert_eq!(proxy.stop(), Totals { connections: 2, refused: 0, up: 18, down: 6 });
    });
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn a_reset_is_passed_on_as_a_reset() {
    with_each(|engine| {
        let (address, clients) = one_upstream();
        let proxy = Proxy::to(engine, address);

        let mut client = proxy.connect();
        client.write_all(b"hello").unwrap();
        let mut server = clients.recv_timeout(DEADLINE).unwrap();
        assert_comes(&mut server, b"hello");
        reset(client);
        assert_ends(&mut server, b"", Ending::Reset);

        let mut client = proxy.connect();
        client.write_all(b"hello").unwrap();
        let mut server = clients.recv_timeout(DEADLINE).unwrap();
        assert_comes(&mut server, b"hello");
        reset(server);
        assert_ends(&mut client, b"", Ending::Reset);
        assert_eq!(proxy.stop().connections, 2);
    });
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn a_reset_is_no_orderly_end_however_busy_both_directions_are() {
    // A system says once of a reset that it was one, to whoever asks first. Here that may be a
    // `recv` from the client or a `send` to it.
    with_each(|engine| {
        let (endings, ending) = mpsc::channel();
        let busy = move |mut stream: TcpStream| {
            let mut buffer = [0; 4096];
            let how = loop {
                match stream.write_all(&[b'a'; 1000]).and_then(|()| stream.read(&mut buffer)) {
                    Ok(0) => break Ending::InOrder,
                    Ok(_) => {}
                    Err(_) => break Ending::Reset,
                }
            };
            endings.send(how).unwrap();
        };
        let proxy = Proxy::to(engine, upstream(busy));
        for _ in 0..200 {
            let mut client = proxy.connect();
            let mut buffer = [0; 1000];
            for _ in 0..3 {
                client.write_all(&[b'b'; 1000]).unwrap();
                client.read_exact(&mut buffer).unwrap();
            }
            reset(client);
        }
        for number in 0..200 {
            let how = ending.recv_timeout(DEADLINE).unwrap();
            assert_eq!(how, Ending::Reset, "connection {number}");
        }
        assert_eq!(proxy.stop().connections, 200);
    });
}

#[test]
fn a_client_that_resets_after_its_half_close_does_not_leave_a_silent_upstream_waiting() {
    with_each(|engine| {
        let (address, clients) = one_upstream();
        let proxy = Proxy::to(engine, address);
        let client = proxy.connect();
        half_close(&client);
        let mut server = clients.recv_timeout(DEADLINE).unwrap();
        assert_ends(&mut server, b"", Ending::InOrder);
        reset(client);
        // This peer has the end of the stream already; the reset shows when it sends.
        while server.write_all(b"a").is_ok() {
            thread::yield_now();
        }
        assert_eq!(proxy.stop().connections, 1);
    });
}

#[test]
fn an_upstream_that_speaks_first_is_heard() {
    with_each(|engine| {
        let proxy = Proxy::to(engine, upstream(|mut stream| stream.write_all(b"welcome").unwrap()));
        for _ in 0..3 {
            assert_ends(&mut proxy.connect(), b"welcome", Ending::InOrder);
        }
        assert_eq!(proxy.stop(), Totals { connections: 3, refused: 0, up: 0, down: 21 });
    });
}

#[test]
fn an_upstream_that_is_down_costs_those_who_call_meanwhile_and_nobody_else() {
    with_each(|engine| {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let proxy = Proxy::to(engine, address);
        for _ in 0..3 {
            assert_refused(proxy.addresses[0]);
        }
        run(TcpListener::bind(address).unwrap(), echo);
        let mut client = proxy.connect();
        client.write_all(b"hello").unwrap();
        assert_comes(&mut client, b"hello");
        drop(client);
        assert_eq!(proxy.stop(), Totals { connections: 1, refused: 3, up: 5, down: 5 });
    });
}

#[test]
fn a_hundred_clients_in_quick_succession_are_all_served() {
    with_each(|engine| {
        let proxy = Proxy::to(engine, upstream(echo));
        let mut clients: Vec<TcpStream> = (0..100).map(|_| proxy.connect()).collect();
        for (number, client) in clients.iter_mut().enumerate() {
            client.write_all(number.to_string().as_bytes()).unwrap();
        }
        for (number, client) in clients.iter_mut().enumerate().rev() {
            half_close(client);
            assert_ends(client, number.to_string().as_bytes(), Ending::InOrder);
        }
        assert_eq!(proxy.stop(), Totals { connections: 100, refused: 0, up: 190, down: 190 });
    });
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn one_client_too_many_is_closed_and_a_place_that_is_free_again_is_given_away() {
    with_each(|engine| {
        let limits = Limits { max_connections: 1, ..Limits::default() };
        let proxy = Proxy::start(engine, &[upstream(echo)], limits);
        let mut first = proxy.connect();
        first.write_all(b"hello").unwrap();
        assert_comes(&mut first, b"hello");
        assert_refused(proxy.addresses[0]);
        half_close(&first);
        assert_ends(&mut first, b"", Ending::InOrder);
        // The client hears of its end a moment before the place is free.
        loop {
            let next = TcpStream::connect_timeout(&proxy.addresses[0], DEADLINE);
            let served = next.and_then(|mut next| {
                next.write_all(b"x")?;
                next.read(&mut [0])
            });
            if matches!(served, Ok(1)) {
                break;
            }
            thread::yield_now();
        }
        proxy.stop();
    });
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn a_connection_on_which_nothing_moves_is_closed_and_one_that_moves_one_way_is_not() {
    with_each(|engine| {
        let limits = Limits { idle_timeout: Duration::from_secs(2), ..Limits::default() };
        // A letter now and then, until it is told to end.
        let (end_drip, drip_ends) = mpsc::channel::<()>();
        let drip_ends = Arc::new(Mutex::new(drip_ends));
        let drip = move |mut stream: TcpStream| {
            let ends = drip_ends.lock().unwrap();
            while ends.recv_timeout(Duration::from_millis(50)) == Err(RecvTimeoutError::Timeout) {
                stream.write_all(b"a").unwrap();
            }
        };
        let (silent, clients) = one_upstream();
        let proxy = Proxy::start(engine, &[silent, upstream(drip)], limits);
        let mut drinks = connect(proxy.addresses[1]);
        assert_comes(&mut drinks, b"a");
        let mut nobody = proxy.connect();
        assert_ends(&mut nobody, b"", Ending::Reset);
        assert_ends(&mut clients.recv_timeout(DEADLINE).unwrap(), b"", Ending::Reset);
        // For that long no byte has gone to the server that drips, and its connection is still
        // open.
        drop(end_drip);
        let (came, ending) = read_to_end(&mut drinks);
        assert_eq!(ending, Ending::InOrder);
        let down = 1 + came.len() as u64;
        assert_eq!(proxy.stop(), Totals { connections: 2, refused: 0, up: 0, down });
    });
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn a_peer_that_takes_nothing_for_too_long_is_told_that_something_is_missing() {
    with_each(|engine| {
        let limits = Limits { idle_timeout: Duration::from_secs(2), ..Limits::default() };
        let (address, clients) = one_upstream();
        let proxy = Proxy::start(engine, &[address], limits);
        let mut client = proxy.connect();
        let mut server = clients.recv_timeout(DEADLINE).unwrap();
        // More than the kernel holds; nobody reads, so it comes to a stop, and then to an end.
        let sent = in_a_thread(move || client.write_all(&vec![b'a'; 64 << 20]).is_ok());
        assert!(
            !sent.recv_timeout(DEADLINE).unwrap(),
            "64 MiB were taken, and nobody has read any"
        );
        assert_eq!(read_to_end(&mut server).1, Ending::Reset);
        assert_eq!(proxy.stop().connections, 1);
    });
}

#[test]
fn while_the_receiver_has_no_room_the_sender_has_to_wait() {
    with_each(|engine| {
        let (address, clients) = one_upstream();
        let proxy = Proxy::to(engine, address);
        let mut client = proxy.connect();
        let mut server = clients.recv_timeout(DEADLINE).unwrap();
        // A send that has timed out may have sent a part on Windows, and says nothing of it. So none waits.
        client.set_nonblocking(true).unwrap();
        let (mut sent, mut taken_at, piece) = (0, Instant::now(), [b'a'; 4096]);
        loop {
            match client.write(&piece) {
                Ok(more) => (sent, taken_at) = (sent + more, Instant::now()),
                Err(error) if error.kind() != ErrorKind::WouldBlock => panic!("{error}"),
                Err(_) if taken_at.elapsed() < Duration::from_secs(1) => thread::yield_now(),
                Err(_) => break,
            }
            assert!(sent < 64 << 20, "the proxy has taken {sent} bytes that nobody reads");
        }
        client.set_nonblocking(false).unwrap();
        half_close(&client);
        let (came, ending) = read_to_end(&mut server);
        assert_eq!((came.len(), ending), (sent, Ending::InOrder));
        drop(server);
        assert_ends(&mut client, b"", Ending::InOrder);
        assert_eq!(proxy.stop().up, sent as u64);
    });
}

#[test]
fn after_a_request_to_stop_nobody_is_let_in_and_connections_go_on_until_they_are_abandoned() {
    with_each(|engine| {
        let proxy = Proxy::to(engine, upstream(echo));
        let [mut patient, mut quick] = [proxy.connect(), proxy.connect()];
        for client in [&mut patient, &mut quick] {
            client.write_all(b"before").unwrap();
            assert_comes(client, b"before");
        }
        proxy.stop.request();
        while TcpStream::connect_timeout(&proxy.addresses[0], DEADLINE).is_ok() {
            thread::yield_now();
        }
        quick.write_all(b"after").unwrap();
        half_close(&quick);
        assert_ends(&mut quick, b"after", Ending::InOrder);
        patient.write_all(b"after").unwrap();
        assert_comes(&mut patient, b"after");
        proxy.stop.abandon();
        assert_ends(&mut patient, b"", Ending::Reset);
        assert_eq!(proxy.totals(), Totals { connections: 2, refused: 0, up: 22, down: 22 });
    });
}

#[test]
fn each_route_leads_to_its_own_upstream() {
    with_each(|engine| {
        let words = ["one", "two", "three"];
        let upstreams =
            words.map(|word| upstream(move |mut s| s.write_all(word.as_bytes()).unwrap()));
        let proxy = Proxy::start(engine, &upstreams, Limits::default());
        for (address, word) in proxy.addresses.iter().zip(words) {
            assert_ends(&mut connect(*address), word.as_bytes(), Ending::InOrder);
        }
        assert_eq!(proxy.stop(), Totals { connections: 3, refused: 0, up: 0, down: 11 });
    });
}

#[test]
fn faults_are_done_to_the_direction_that_is_to_have_them() {
    let engine = |faults: &[&str]| {
        Engine::Relay(faults.iter().map(|fault| fault.parse().unwrap()).collect())
    };
    let sliced = Proxy::to(&engine(&["slice=1"]), upstream(echo));
    let mut client = sliced.connect();
    client.write_all(b"hello").unwrap();
    assert_comes(&mut client, b"hello");
    drop(client);
    assert_eq!(sliced.stop().down, 5);

    let limited = Proxy::to(&engine(&["down:limit=3"]), upstream(echo));
    let mut client = limited.connect();
    client.write_all(b"hello").unwrap();
    assert_ends(&mut client, b"hel", Ending::InOrder);
    drop(client);
    assert_eq!(limited.stop(), Totals { connections: 1, refused: 0, up: 5, down: 3 });
}
