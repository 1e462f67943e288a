//! The client in Python, with a board that the test plays: what it shows is what came, each line once.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
    process::{Command, Stdio},
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");

/// A board that is cut off after every byte of what it says, and starts anew; bytes come in pieces of any size.
const CUTS: &str = "
import gateway_client as g
said = []
g.warn = said.append
def line(number, rest):
    body = f'#{number} {rest}'.encode()
    return body + b' *%04X\\n' % g.crc(body)
class Source:
    def __init__(self, data, size): self.data, self.size = data, size
    def read(self):
        piece, self.data = self.data[:self.size], self.data[self.size:]
        return piece
def numbers(data, size):
    said.clear()
    gateway = g.Gateway(Source(data, size))
    try:
        while True: gateway.read()
    except EOFError:
        return [(each.number, each.word) for each in gateway.waiting]
before = [line(1, 'BOOT 58=next out 1, next in 1'), line(2, 'OK 11=A#1 34=2'), line(3, '8 11=A#1 17=E1 150=F 39=2')]
after = line(1, 'BOOT 58=next out 257, next in 3') + line(2, '8 43=Y 11=A#1 17=E1 150=F 39=2')
words = [(1, 'BOOT'), (2, 'OK'), (3, '8')]
stream = b''.join(before)
for cut in range(len(stream) + 1):
    whole = stream[:cut].count(b'\\n')
    for size in (1, 7, 4096):
        found = numbers(stream[:cut] + after, size)
        # A line without its end is one all the same, if all of it is there.
        assert found in (words[:whole] + [(1, 'BOOT'), (2, '8')], words[:whole + 1] + [(1, 'BOOT'), (2, '8')]), (cut, size, found)
        assert any('started anew' in text for text in said) == (len(found) > 2), (cut, said)
# BOOT itself is damaged.
assert numbers(stream + after.replace(b'BOOT', b'BOAT'), 5) == words + [(2, '8')]
assert any('started anew, and its first 1 lines were lost' in text for text in said), said
# A line is lost, and another one twice damaged.
assert numbers(before[0] + before[2], 9) == [words[0], words[2]] and said == ['lines 2 to 2 were lost: ask STATUS'], said
garbage = bytes(range(256)) * 3 + b'\\n' + b'# #1 ## *0000\\n' + b'#x 8 11 *1234\\n' + b'\\x1b[2J\\n'
assert numbers(before[0] + garbage + before[1], 11) == words[:2]
assert len(said) == 7 and not any('\\x1b' in text for text in said), said
assert numbers(b'U' * 9000 + b'\\n' + stream, 4096) == words and 'right port' in said[0], said
";

#[test]
fn no_line_is_lost_or_doubled_where_a_board_starts_anew() {
    let run = Command::new("python3").args(["-B", "-c", CUTS]).current_dir(FOLDER).output().expect("python3");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

/// What the client shows and says when a board sends that and goes; what the board got.
fn shown(typed: &[u8], answers: &[u8]) -> (String, String, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let place = listener.local_addr().unwrap().to_string();
    let mut command = Command::new("python3");
    command.args(["-B", "gateway_client.py", &place]).current_dir(FOLDER);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut client = command.spawn().expect("python3");
    let (mut board, _) = listener.accept().unwrap();
    let mut input = client.stdin.take().unwrap();
    input.write_all(typed).unwrap();
    let mut got = Vec::new();
    while !got.ends_with(b"\n") {
        let mut byte = [0];
        board.read_exact(&mut byte).unwrap();
        got.extend(byte);
    }
    board.write_all(answers).unwrap();
    drop(board);
    let output = client.wait_with_output().unwrap();
    drop(input);
    assert!(!output.status.success());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), text(got))
}

#[test]
fn a_line_that_is_closed_is_told_after_all_that_came() {
    let (out, said, got) = shown("é\nPING\n".as_bytes(), b"#1 PONG *7765\n#2 PO");
    assert_eq!(got, "PING *6427\n");
    assert_eq!(out, "#1 PONG\n");
    assert!(
        said.contains("not sent, a line is ASCII: é") && said.contains("the gateway's line is closed"),
        "{said}"
    );
}

#[test]
fn where_nobody_listens_a_line_says_so() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().to_string();
    let run = Command::new("python3").args(["-B", "gateway_client.py", &closed]).current_dir(FOLDER).output();
    let run = run.expect("python3");
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(!run.status.success() && said.lines().count() == 1 && said.contains("refused"), "{said}");
}
