//! The same server in today's most used way: tokio, with a task for each client.
//!
//! ```text
//! terminal 1:  cargo run -p lesson05-server --example tokio
//! terminal 2:  cargo run -p lesson05-client
//! ```
//!
//! A task reads like a thread: receive, answer, receive. But where a thread would wait, `.await` gives its thread
//! back, and a few threads, one for each core, run all tasks: each of them is an event loop such as `event.rs`. With
//! `-- current-thread` one thread runs them all.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use std::{env, io};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How many clients are served at the same time.
const MAX_CLIENTS: usize = 1024;
/// How long a client may be silent, and how long it may take to take its answer.
const IDLE_TIMEOUT: Duration = Duration::from_secs(600);
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

fn main() -> io::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let is_one_thread = words.iter().any(|it| it == "current-thread");
    let address = words.iter().find(|it| it.contains(':')).map_or("127.0.0.1:8005", |it| it);
    run(is_one_thread, address)
}

/// Serves at this address until Ctrl-C, on one thread or on as many as there are cores.
pub(crate) fn run(is_one_thread: bool, address: &str) -> io::Result<()> {
    let mut runtime =
        if is_one_thread { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    runtime.enable_all().build()?.block_on(serve(address))
}

async fn serve(address: &str) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    let (places, mut clients) = (Arc::new(Semaphore::new(MAX_CLIENTS)), JoinSet::new());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // What has ended is taken out, or the set would grow for ever.
            Some(_) = clients.join_next() => continue,
            stopped = tokio::signal::ctrl_c() => return stopped,
        };
        let Ok((mut stream, _)) = accepted else {
            // Such as: no descriptor to be had. That passes.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let place = Arc::clone(&places).try_acquire_owned();
        clients.spawn(async move {
            // A client's trouble, or its silence, ends this task only; the place goes back with it.
            _ = match place {
                Ok(_place) => converse(&mut stream).await,
                Err(_) => {
                    within(SEND_TIMEOUT, stream.write_all(b"busy: all places are taken\n")).await
                }
            };
        });
    }
}

async fn converse(stream: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let length = within(IDLE_TIMEOUT, stream.read(&mut buffer)).await?;
        if length == 0 {
            return Ok(());
        }
        let answer = &mut buffer[..length];
        answer.make_ascii_uppercase();
        within(SEND_TIMEOUT, stream.write_all(answer)).await?;
    }
}

/// A wait that may take so long and no longer.
async fn within<T>(limit: Duration, wait: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(limit, wait).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
