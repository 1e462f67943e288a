//! A connection, plain or encrypted, as the driver meets it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_io_timeout::TimeoutReader;
use tokio_rustls::TlsStream;

use super::socket;
use crate::config::SocketSettings;

/// A connection. Plain TCP costs one branch a call and no allocation.
///
/// Bytes that `poll_write` took may still be inside (TLS records): flush before waiting.
#[derive(Debug)]
pub struct Stream(Kind);

#[derive(Debug)]
enum Kind {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Timed(Pin<Box<TimeoutReader<Stream>>>),
}

impl Stream {
    /// Ends with [`io::ErrorKind::TimedOut`] when `SocketReceiveTimeout` passes without a byte. The driver
    /// itself sees to `SocketSendTimeout`.
    #[must_use]
    pub fn timed(self, settings: &SocketSettings) -> Stream {
        if settings.socket_receive_timeout.is_none() {
            return self;
        }
        let mut timed = TimeoutReader::new(self);
        timed.set_timeout(settings.socket_receive_timeout);
        Stream(Kind::Timed(Box::pin(timed)))
    }

    /// Sets the options of a connection that was accepted before its session was known.
    ///
    /// # Errors
    /// If the system refuses one.
    pub fn with_options(self, settings: &SocketSettings) -> io::Result<Stream> {
        socket::apply(&SockRef::from(self.tcp()), settings)?;
        Ok(self.timed(settings))
    }

    fn tcp(&self) -> &TcpStream {
        match &self.0 {
            Kind::Tcp(stream) => stream,
            Kind::Tls(stream) => stream.get_ref().0,
            Kind::Timed(timed) => timed.get_ref().tcp(),
        }
    }

    /// Whether what is written is encrypted.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        match &self.0 {
            Kind::Tcp(_) => false,
            Kind::Tls(_) => true,
            Kind::Timed(timed) => timed.get_ref().is_tls(),
        }
    }
}

impl From<TcpStream> for Stream {
    fn from(stream: TcpStream) -> Self {
        Stream(Kind::Tcp(stream))
    }
}

impl From<TlsStream<TcpStream>> for Stream {
    fn from(stream: TlsStream<TcpStream>) -> Self {
        Stream(Kind::Tls(Box::new(stream)))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Kind::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Kind::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
            Kind::Timed(stream) => stream.as_mut().poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().0 {
            Kind::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Kind::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
            Kind::Timed(stream) => stream.as_mut().poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Kind::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Kind::Tls(stream) => Pin::new(stream).poll_flush(context),
            Kind::Timed(stream) => stream.as_mut().poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Kind::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Kind::Tls(stream) => Pin::new(stream).poll_shutdown(context),
            Kind::Timed(stream) => stream.as_mut().poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::net::socket::tests::defaults;

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (client, listener.accept().await.unwrap().0)
    }

    #[tokio::test]
    async fn bytes_pass_through() {
        let (client, mut server) = pair().await;
        let mut stream = Stream::from(client).timed(&defaults());
        assert!(!stream.is_tls());
        stream.write_all(b"8=FIX.4.4\x01").await.unwrap();
        let mut bytes = [0; 10];
        server.read_exact(&mut bytes).await.unwrap();
        server.write_all(&bytes).await.unwrap();
        stream.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"8=FIX.4.4\x01");
        stream.shutdown().await.unwrap();
        assert_eq!(server.read(&mut bytes).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn silence_longer_than_the_receive_timeout_ends_it() {
        let (client, server) = pair().await;
        let settings =
            SocketSettings { socket_receive_timeout: Some(Duration::from_millis(20)), ..defaults() };
        let mut stream = Stream::from(client).timed(&settings);
        let error = stream.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(server);
    }
}
