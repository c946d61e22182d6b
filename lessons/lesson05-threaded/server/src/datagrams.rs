//! `--udp`: the same service over datagrams, one after the other or a thread for each.
//!
//! There is no connection, so there is nothing to accept and nobody to wait for: one socket hears
//! everyone, and a slow client costs nothing. A thread for each datagram, as in the tutorial's
//! ThreadingUDPServer, pays only where to answer takes long.

use std::io;
use std::sync::atomic::AtomicUsize;
use std::thread;

use console::{Log, ServerLog};
use endpoint::{Datagram, Datagrams, Policy, Route, check_thread_memory};
use trace::Observer;

use crate::{Place, STACK_SIZE, Service, Totals, answer};

/// How many bytes of a datagram are taken; the rest is lost. Python's socketserver takes as many.
pub const RECV_SIZE: usize = 8192;

/// Answers each datagram, one after the other, until Ctrl-C.
///
/// # Errors
/// When the socket itself fails.
pub fn serial(
    socket: &Datagrams,
    service: &Service,
    policy: &Policy,
    server_log: &ServerLog,
) -> io::Result<Totals> {
    let (mut totals, mut buffer) = (Totals::default(), vec![0; RECV_SIZE]);
    while !policy.stop.is_requested() {
        let Some(datagram) = socket.recv_from(&mut buffer, None)? else { continue };
        totals.served += 1;
        let mut log = received(&datagram, server_log);
        exchange(socket, datagram.bytes, datagram.way_back(), service, &mut log);
    }
    Ok(totals)
}

/// Answers each datagram in a thread of its own, until Ctrl-C. Beyond `--max-connections` threads,
/// datagrams are dropped, as the kernel drops those for which it has no room: UDP's clients ask
/// again.
///
/// # Errors
/// When the socket itself fails.
pub fn threads(
    socket: &Datagrams,
    service: &Service,
    policy: &Policy,
    server_log: &ServerLog,
) -> io::Result<Totals> {
    let (mut totals, mut buffer) = (Totals::default(), vec![0; RECV_SIZE]);
    let taken = &AtomicUsize::new(0);
    thread::scope(|scope| {
        while !policy.stop.is_requested() {
            let Some(datagram) = socket.recv_from(&mut buffer, None)? else { continue };
            let Some(place) = Place::take(taken, policy.limits.max_connections) else {
                totals.refused += 1;
                continue;
            };
            let mut log = received(&datagram, server_log);
            // The buffer is needed for the next datagram, so the thread gets a copy.
            let (request, way_back) = (datagram.bytes.to_vec(), datagram.way_back());
            let thread = move || {
                let _place = place;
                exchange(socket, &request, way_back, service, &mut log);
            };
            let started = check_thread_memory(STACK_SIZE).and_then(|()| {
                thread::Builder::new().stack_size(STACK_SIZE).spawn_scoped(scope, thread)
            });
            match started {
                Ok(_) => totals.served += 1,
                Err(_) => totals.refused += 1,
            }
        }
        Ok(totals)
    })
}

fn received(datagram: &Datagram<'_>, server_log: &ServerLog) -> Log {
    let mut log = server_log.datagrams(datagram.from);
    log.received(datagram.bytes);
    if datagram.bytes_lost() > 0 {
        log.note(format_args!(
            "{} more bytes of it are lost: no room for them",
            datagram.bytes_lost()
        ));
    }
    log
}

fn exchange(socket: &Datagrams, request: &[u8], way_back: Route, service: &Service, log: &mut Log) {
    let reply = answer(request, service);
    match socket.send_along(&reply, way_back) {
        Ok(()) => log.sent(&reply),
        Err(error) => log.note(format_args!("cannot send: {error}")),
    }
}
