use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::*;

const ONE: &[u8] = b"8=FIX.4.4\x019=12\x0135=0\x0134=001\x0110=172\x01";

fn faulty(text: &str, slow: Option<u64>) -> (Faulty<DuplexStream>, DuplexStream) {
    let (ours, theirs) = duplex(1 << 20);
    let tamper = Tamper::new(toml_edit::de::from_str(text).unwrap(), 1);
    let whose = Whose { session: "A->B".into(), profile: "test".into() };
    (Faulty::new(ours, Arc::new(Mutex::new(tamper)), slow, whose), theirs)
}

fn good() -> Vec<u8> {
    let mut message = ONE[..ONE.len() - 7].to_vec();
    let sum = fix_core::wire::check_sum::check_sum(&message);
    message.extend_from_slice(format!("10={sum:03}\x01").as_bytes());
    assert!(matches!(scan(&message, 512), Scan::Frame(_, _)));
    message
}

#[tokio::test]
async fn messages_go_through_whole_however_they_are_written() {
    let (mut line, mut theirs) = faulty("cut = 1000000000", None);
    for byte in good() {
        line.write_all(&[byte]).await.unwrap();
    }
    line.write_all(&[good(), good()].concat()).await.unwrap();
    let mut read = vec![0; 3 * good().len()];
    theirs.read_exact(&mut read).await.unwrap();
    assert_eq!(read, good().repeat(3));
}

#[tokio::test]
async fn a_cut_ends_the_connection_in_the_middle_of_a_message() {
    let (mut line, mut theirs) = faulty("cut = 1", None);
    let error = line.write_all(&good()).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    drop(line);
    let mut read = Vec::new();
    theirs.read_to_end(&mut read).await.unwrap();
    assert_eq!(read, good()[..good().len() / 2]);
}

#[tokio::test]
async fn a_half_open_line_reads_and_says_nothing() {
    let (mut line, mut theirs) = faulty("half-open = 1", None);
    for _ in 0..3 {
        line.write_all(&good()).await.unwrap();
    }
    theirs.write_all(b"x").await.unwrap();
    assert_eq!(line.read_u8().await.unwrap(), b'x');
    drop(line);
    let mut read = Vec::new();
    theirs.read_to_end(&mut read).await.unwrap();
    assert!(read.is_empty(), "{read:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_takes_so_many_bytes_a_second() {
    let (mut line, mut theirs) = faulty("", Some(1_000));
    theirs.write_all(&[7; 5_000]).await.unwrap();
    let begin = Instant::now();
    let mut read = [0; 5_000];
    line.read_exact(&mut read).await.unwrap();
    let took = begin.elapsed();
    assert!((Duration::from_millis(4_800)..Duration::from_millis(5_200)).contains(&took), "{took:?}");
}
