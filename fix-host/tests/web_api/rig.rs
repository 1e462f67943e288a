//! The API on a free port, and a client of few words.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use fix_host::{
    contract::{
        control::Directory,
        intake::{Intake, intake},
        parse::OrderRules,
        publisher::Publisher,
    },
    market::{CounterpartyPrices, Market},
    observe::{Board, Metrics},
    web::{Api, Token, WebConfig, WebServer},
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    task::JoinHandle,
};

use super::engine;

/// The token of viewers, where there is one of traders.
pub(crate) const READ_TOKEN: &str = "fedcba9876543210-view";

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

pub(crate) struct Rig {
    pub(crate) addr: SocketAddr,
    pub(crate) board: Board,
    /// What counterparties tell of.
    pub(crate) prices: CounterpartyPrices,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) server: JoinHandle<()>,
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::start_with(None).await
    }

    pub(crate) async fn start_with(token: Option<Token>) -> Self {
        let (intake, requests) = intake(OrderRules::only(Market::new(1).symbols()));
        let rig = Self::serve(token, intake).await;
        let publisher: Arc<dyn Publisher> = Arc::new(rig.board.clone());
        tokio::spawn(engine::exchange(requests, publisher));
        rig
    }

    pub(crate) async fn serve(token: Option<Token>, intake: Intake) -> Self {
        let (board, prices) = (Board::default(), CounterpartyPrices::default());
        let (stop, stopped) = watch::channel(false);
        let publisher = Arc::new(board.clone());
        let api = Api {
            orders: fix_host::orders::Orders::default(),
            intake,
            publisher,
            board: board.clone(),
            directory: Directory::default(),
            metrics: Metrics::default(),
            venue: None,
            books: Some(Arc::new(prices.clone())),
            facts: fix_host::web::Facts::default(),
            stop: stopped,
        };
        let read_token = token.as_ref().and_then(|_| Token::new(READ_TOKEN));
        let web =
            WebServer::bind(WebConfig { addr: LOOPBACK, token, read_token, folder: None }).await.unwrap();
        let addr = web.local_addr();
        Rig { addr, board, prices, stop, server: tokio::spawn(web.serve(api)) }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.addr)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> (u16, Value) {
        self.post_as("application/json", path, body).await
    }

    pub(crate) async fn post_as(&self, content_type: &str, path: &str, body: &str) -> (u16, Value) {
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.addr,
            body.len()
        ))
        .await
    }

    /// Sends a whole request as it is and reads the whole answer, which must be JSON.
    pub(crate) async fn send(&self, request: &str) -> (u16, Value) {
        let answer = self.raw(request).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("cache-control: no-store"), "{head}");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}")))
    }

    /// Sends a whole request, in which `HOST` stands for the address, and gives the head of the answer.
    pub(crate) async fn head(&self, request: &str) -> String {
        let answer = self.raw(&request.replace("HOST", &self.addr.to_string())).await;
        answer.split("\r\n\r\n").next().unwrap().to_owned()
    }

    /// Sends a whole request as it is and gives the status of the answer, of which no more is read.
    pub(crate) async fn status_of(&self, request: &str) -> u16 {
        let mut socket = TcpStream::connect(self.addr).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut start = [0; 12];
        socket.read_exact(&mut start).await.unwrap_or_else(|error| panic!("{error}: {request}"));
        std::str::from_utf8(&start[9..]).unwrap().parse().unwrap()
    }

    /// Sends a whole request as it is and gives the whole answer.
    pub(crate) async fn raw(&self, request: &str) -> String {
        let mut socket = TcpStream::connect(self.addr).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        answer
    }
}
