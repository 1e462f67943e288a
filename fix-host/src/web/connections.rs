//! The connections of the API: how many there may be, and how long each may take to ask and to listen. Without
//! these bounds one client that sends a byte a minute, a thousand times over, keeps everyone else out.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::sleep,
};
use tokio_io_timeout::TimeoutStream;

use super::{
    crowd::{Activity, Crowd},
    routes::Pages,
};
use crate::open_files;

/// Connections at one time. For one more the longest idle makes room; if none can, it is answered with 503.
pub(super) const MOST_CONNECTIONS: usize = 256;
/// How long the head of a request may take, from the connection or the last answer on: so long an idle connection
/// is kept.
pub(super) const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the body of a request may take.
pub(super) const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may read nothing of an answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long open requests may take to end after the stop.
const STOP_GRACE: Duration = Duration::from_millis(500);
/// The pause after a failure to accept: without one, a want of file descriptors is a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves `pages` until `stop`, then gives open requests half a second.
pub(super) async fn serve(listener: TcpListener, pages: Pages, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    // Head and body in one piece: answers are short, and a write of one piece is the cheaper one.
    http.writev(false);
    let (mut crowd, closing) = (Crowd::default(), watch::Sender::new(false));
    let (mut connections, mut is_crowded) = (JoinSet::new(), false);
    tokio::pin!(stop);
    loop {
        let stream = tokio::select! {
            () = &mut stop => break,
            Some(ended) = connections.join_next_with_id() => {
                crowd.remove(ended.map_or_else(|error| error.id(), |(id, ())| id));
                continue;
            }
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    let advice = open_files::advice(&error).unwrap_or_default();
                    tracing::warn!("HTTP API: cannot accept a connection: {error}{advice}");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            }
        };
        let is_full = crowd.len() >= MOST_CONNECTIONS;
        if is_full && !is_crowded {
            tracing::warn!("HTTP API: {MOST_CONNECTIONS} connections are open; idle ones make room for more");
        }
        is_crowded = is_full;
        if is_full && !crowd.make_room() {
            refuse(stream);
            continue;
        }
        let Ok(stream) = timed(stream) else { continue };
        let (activity, pages) = (Activity::new(), Arc::new(pages.clone()));
        let working = Arc::clone(&activity);
        let service = service_fn(move |request| {
            let (working, pages) = (Arc::clone(&working), Arc::clone(&pages));
            async move {
                working.set_working(true);
                let answer = pages.answer(request).await;
                working.set_working(false);
                Ok::<_, Infallible>(answer)
            }
        });
        let connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
        let mut closing = closing.subscribe();
        let task = connections.spawn(async move {
            tokio::pin!(connection);
            // How it ended is the client's affair.
            tokio::select! {
                _ = &mut connection => return,
                _ = closing.wait_for(|closing| *closing) => {}
            }
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        });
        crowd.add(activity, task);
    }
    drop(listener);
    closing.send_replace(true);
    tokio::select! {
        () = async { while connections.join_next().await.is_some() {} } => {}
        () = sleep(STOP_GRACE) => {}
    }
}

fn timed(stream: TcpStream) -> io::Result<std::pin::Pin<Box<TimeoutStream<TcpStream>>>> {
    stream.set_nodelay(true)?;
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_TIMEOUT));
    Ok(Box::pin(stream))
}

/// Says why, if that is possible at once.
fn refuse(stream: TcpStream) {
    let body = format!("{{\"error\":\"{MOST_CONNECTIONS} connections are open already; try again\"}}");
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.try_write(answer.as_bytes());
}
