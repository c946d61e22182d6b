//! Connections: so many at a time, each with an end.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::guard::{Lab, guard};
use crate::{page, plays};

/// How many connections there may be at once; the next one waits in the accept queue.
const MAX_CONNECTIONS: usize = 64;
/// How long a client may take to say what it wants.
const HEADER_TIME: Duration = Duration::from_secs(5);
/// How long a connection may take in all: a play has 10 seconds, and the rest is more than a client needs
/// that reads.
const CONNECTION_TIME: Duration = Duration::from_secs(20);
/// How long, and how much, we go on reading what a refused client still sends: closed at once, the
/// connection would be reset, and the client might never see the answer.
const LINGER_TIME: Duration = Duration::from_secs(1);
const LINGER_BYTES: u64 = 16 * 1024 * 1024;

/// Serves until it is dropped.
pub async fn serve(listener: TcpListener, lab: Lab) {
    let router = Router::new()
        .route("/", get(page::show))
        .route("/play", post(plays::play))
        .fallback(plays::nothing_here)
        .layer(from_fn_with_state(lab.clone(), guard))
        .with_state(lab);
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let router = router.clone();
                tokio::spawn(async move {
                    // What a client does wrong is its own affair.
                    _ = timeout(CONNECTION_TIME, answer(stream, router)).await;
                    drop(place);
                });
            }
            // No descriptor is free, say: a little later there may be one.
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Answers one request, and closes.
async fn answer(stream: TcpStream, router: Router) -> hyper::Result<()> {
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    let parts = connection.without_shutdown().await?;
    let mut stream = parts.io.into_inner();
    _ = timeout(LINGER_TIME, linger(&mut stream)).await;
    Ok(())
}

async fn linger(stream: &mut TcpStream) -> Result<(), Infallible> {
    let mut buffer = vec![0; 64 * 1024];
    let mut left = LINGER_BYTES;
    if stream.shutdown().await.is_err() {
        return Ok(());
    }
    while left > 0 {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(got) => left = left.saturating_sub(got as u64),
        }
    }
    Ok(())
}
