//! The board's line on a TCP port of this machine, for a program that trades: as a USB serial port would be.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::Duration,
};

/// A longer line is cut here; the board refuses it long before.
const LONGEST: u64 = 4096;
/// How long a client that reads nothing holds the board's lines up before it is let go.
const PATIENCE: Duration = Duration::from_secs(5);

type Client = Arc<Mutex<Option<TcpStream>>>;

/// A port of 127.0.0.1, and the one client that may be there: a serial line has one end.
pub struct Port {
    /// Where it listens.
    pub number: u16,
    client: Client,
    lines: Receiver<Vec<u8>>,
}

impl Port {
    /// Listens on `port`, or on a free one for 0.
    ///
    /// # Errors
    /// If it cannot: most often another program has the port.
    pub fn listen(port: u16) -> Result<Self, String> {
        let error = |error| format!("--line: 127.0.0.1:{port}: {error}");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(error)?;
        let number = listener.local_addr().map_err(error)?.port();
        let (sender, lines) = mpsc::channel();
        let client = Client::default();
        let welcomed = Arc::clone(&client);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A second one is closed at once: it sees that, and does not wait for answers.
                let _ = welcome(stream, &welcomed, &sender);
            }
        });
        Ok(Port { number, client, lines })
    }

    /// What the client sent since this was asked last: whole lines, with their ends.
    pub fn received(&self) -> impl Iterator<Item = Vec<u8>> {
        self.lines.try_iter()
    }

    /// The client is told that the line is gone.
    pub fn close(&self) {
        if let Some(stream) = locked(&self.client).take() {
            // One that is gone itself needs no word.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Gives a line of the board to the client, if there is one.
    pub fn tell(&self, line: &str) {
        let mut client = locked(&self.client);
        let Some(stream) = client.as_mut() else { return };
        if stream.write_all(format!("{line}\n").as_bytes()).is_err() {
            // Part of a line may be out: a client that comes again starts with a whole one.
            let _ = stream.shutdown(Shutdown::Both);
            *client = None;
        }
    }
}

/// Reads the client until it goes.
fn welcome(stream: TcpStream, client: &Client, sender: &Sender<Vec<u8>>) -> std::io::Result<()> {
    let mut place = locked(client);
    if place.is_some() {
        return Ok(());
    }
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let (reader, client, sender) = (stream.try_clone()?, Arc::clone(client), sender.clone());
    *place = Some(stream);
    thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        loop {
            let mut line = Vec::new();
            let read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut line);
            // What has no end is no line: the client went in the midst of it.
            let is_over = !matches!(read, Ok(count) if count as u64 == LONGEST || line.ends_with(b"\n"));
            if is_over || sender.send(line).is_err() {
                break;
            }
        }
        *locked(&client) = None;
    });
    Ok(())
}

fn locked(client: &Client) -> MutexGuard<'_, Option<TcpStream>> {
    client.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::wait_for;

    fn connect(port: &Port) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port.number)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    fn next(port: &Port) -> Vec<u8> {
        wait_for("a line", Duration::from_secs(10), || port.received().next()).unwrap()
    }

    #[test]
    fn one_client_at_a_time_has_the_line_and_the_next_one_comes_after_it() {
        let port = Port::listen(0).unwrap();
        port.tell("#1 BOOT");
        let mut first = connect(&port);
        first.write_all(b"PING *1234\nPI").unwrap();
        assert_eq!(next(&port), b"PING *1234\n");
        port.tell("#2 PONG");
        let mut answer = [0; 8];
        first.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"#2 PONG\n");
        // The line has one end.
        assert_eq!(connect(&port).read(&mut answer).unwrap_or(0), 0);
        drop(first);
        let freed = || locked(&port.client).is_none().then_some(());
        wait_for("the end of the first", Duration::from_secs(10), freed).unwrap();
        connect(&port).write_all(b"STATUS\n").unwrap();
        // What the first one did not end is not put before it.
        assert_eq!(next(&port), b"STATUS\n");
    }
}
