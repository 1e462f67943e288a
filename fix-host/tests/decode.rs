//! `fix-host decode`, as a user runs it.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Write as _},
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

fn decode(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fix-host"));
    command.arg("decode").args(args).stdin(Stdio::null());
    command
}

fn output(args: &[&str]) -> (String, String, Option<i32>) {
    texts(decode(args).output().unwrap())
}

fn texts(output: Output) -> (String, String, Option<i32>) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

fn piped(args: &[&str], input: &[u8]) -> (String, String, Option<i32>) {
    let mut child =
        decode(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Beside reading what comes out: neither pipe may fill up.
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input).unwrap());
        texts(child.wait_with_output().unwrap())
    })
}

/// A good message with this body, separated by `|`.
fn message(body: &str) -> String {
    let head = format!("8=FIX.4.4|9={}|{body}", body.len());
    let sum = head.bytes().fold(0u8, |sum, byte| sum.wrapping_add(if byte == b'|' { 1 } else { byte }));
    format!("{head}10={sum:03}|")
}

#[test]
fn an_argument_is_printed_in_words_with_groups_indented() {
    let text = message("35=D|11=A1|18=1 G|453=2|448=X|452=1|802=1|523=s|803=10|448=Y|54=1|9999=z|");
    let (out, err, code) = output(&[&text]);
    assert_eq!((err.as_str(), code), ("", Some(0)));
    let shown: Vec<_> =
        out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let sum = &text[text.len() - 4..text.len() - 1];
    assert_eq!(
        shown,
        [
            "NewOrderSingle",
            "BeginString(8) = FIX.4.4",
            "BodyLength(9) = 73",
            "MsgType(35) = D NEW_ORDER_SINGLE",
            "ClOrdID(11) = A1",
            "ExecInst(18) = 1 G NOT_HELD ALL_OR_NONE",
            "NoPartyIDs(453) = 2",
            "- PartyID(448) = X",
            "PartyRole(452) = 1 EXECUTING_FIRM",
            "NoPartySubIDs(802) = 1",
            "- PartySubID(523) = s",
            "PartySubIDType(803) = 10 SECURITIES_ACCOUNT_NUMBER",
            "- PartyID(448) = Y",
            "Side(54) = 1 BUY",
            "9999 = z",
            &format!("CheckSum(10) = {sum}"),
            ""
        ]
    );
    let indents: Vec<_> = out.lines().map(|line| line.len() - line.trim_start().len()).collect();
    assert_eq!(indents[7..13], [4, 6, 6, 8, 10, 4]);
}

#[test]
fn json_has_the_entries_of_groups() {
    let text = message("35=D|453=2|448=X|802=2|523=s|523=t|448=Y|78=0|54=1|");
    let (out, _, code) = output(&["--format", "json", &text]);
    assert_eq!(code, Some(0));
    let read: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&read["msg_type"], &read["name"]), (&json!("D"), &json!("NewOrderSingle")));
    let sub_id = |value| json!([{"tag": 523, "name": "PartySubID", "value": value}]);
    assert_eq!(
        read["fields"].as_array().unwrap()[3..6],
        [
            json!({"tag": 453, "name": "NoPartyIDs", "value": "2", "entries": [
                [
                    {"tag": 448, "name": "PartyID", "value": "X"},
                    {"tag": 802, "name": "NoPartySubIDs", "value": "2", "entries": [sub_id("s"), sub_id("t")]},
                ],
                [{"tag": 448, "name": "PartyID", "value": "Y"}],
            ]}),
            json!({"tag": 78, "name": "NoAllocs", "value": "0", "entries": []}),
            json!({"tag": 54, "name": "Side", "value": "1", "meaning": "BUY"}),
        ]
    );
}

#[test]
fn secrets_are_never_shown() {
    let logon =
        message("35=A|98=0|108=30|95=7|96=hunter2|553=me|554=hunter2|925=hunter2|1402=hunter2|1404=hunter2|");
    let garbled = logon.replace("98=0", "98=1");
    let broken = logon.replace("|553=", "|nonsense|553=");
    for text in [logon.clone(), logon.replace('|', "\u{1}"), logon.replace('|', "^A"), garbled, broken] {
        for format in ["text", "line", "json"] {
            let (out, err, _) = output(&["--format", format, &text]);
            assert!(!out.contains("hunter2") && !err.contains("hunter2"), "{out}{err}");
            assert!(out.contains("***"), "{out}");
        }
    }
    let (out, ..) = output(&["--format", "line", &message("35=B|95=4|96=news|")]);
    assert!(out.contains("RawData(96)=news"), "{out}");
}

#[test]
fn what_could_steer_a_terminal_is_escaped() {
    let text = message("35=B|148=\u{1b}[2J\u{7f}é\u{202e}|");
    let (out, ..) = output(&["--format", "line", &text]);
    assert!(out.contains("Headline(148)=\\x1b[2J\\x7fé\\xe2\\x80\\xae |"), "{out}");
    let (out, ..) = output(&["--format", "json", &text]);
    assert!(out.contains(r#""value":"\u001b[2J\u007fé\u202e""#), "{out}");
    let not_text = b"8=FIX.4.4\x019=8\x0135=\xff\x1b\x0110=000\x01";
    let (out, ..) = piped(&["--format", "line"], not_text);
    assert!(out.contains("unknown message \\xff\\x1b |"), "{out}");
}

#[test]
fn garbled_messages_are_told_with_their_line_and_the_rest_goes_on() {
    let good = message("35=0|");
    let log = format!(
        "20260102-10:11:12.123 : {good}\nEngine started\n: {}\n: {}\n: {good}\n",
        good.replace("35=0", "35=1"),
        good.replace("9=5|", "9=x|"),
    );
    let (out, err, code) = piped(&["--format", "line"], log.as_bytes());
    let lines: Vec<_> = out.lines().map(|line| line.split(" | ").next().unwrap()).collect();
    assert_eq!(
        lines,
        [
            "20260102-10:11:12.123 Heartbeat",
            "GARBLED at line 3: CheckSum(10) is 163, computed 164: TestRequest",
            "GARBLED at line 4: BeginString(8) is not followed by a numeric BodyLength(9): Heartbeat",
            "Heartbeat",
        ]
    );
    let summary = "fix-host: 2 of 4 messages are garbled; 25 bytes are part of neither a message nor the time in front of \
                   one\n";
    assert_eq!((err.as_str(), code), (summary, Some(1)));
}

#[test]
fn of_a_healthy_log_nothing_is_said() {
    let good = message("35=0|").replace('|', "\u{1}");
    for log in [
        format!("20260102-10:11:12.123456789 : {good}\n20260102-10:11:13 : {good}\n"),
        format!("20260102-10:11:12.123: {good}\r\n20260102-10:11:13.1: {good}\r\n"),
    ] {
        let (out, err, code) = piped(&["--format", "line"], log.as_bytes());
        assert_eq!((out.lines().count(), err.as_str(), code), (2, "", Some(0)));
    }
    let cut_off = format!("20260102-10:11:12.123 : {good}\n20260102-10:11:13.1 : ");
    let (_, err, _) = piped(&["--format", "line"], cut_off.as_bytes());
    assert!(err.contains("bytes are part of neither a message"), "no message follows this time: {err}");
}

#[test]
fn without_a_message_the_user_is_told_what_one_is() {
    let none = |bytes: usize| {
        format!(
            "fix-host: no FIX message found in {bytes} bytes: one starts with 8=FIX, and SOH, | or ^A separates its \
             fields\n"
        )
    };
    assert_eq!(output(&["hello"]), (String::new(), none(5), Some(1)));
    assert_eq!(piped(&[], &vec![0xa5; 1 << 20]), (String::new(), none(1 << 20), Some(1)));
    let (_, err, code) = output(&["--file", "/does/not/exist"]);
    assert_eq!(code, Some(74));
    assert!(err.starts_with("fix-host: /does/not/exist: No such file"), "{err}");
}

#[test]
fn a_users_dictionary_names_its_fields_and_frames_its_data() {
    let folder = TempDir::new().unwrap();
    let overlay = folder.path().join("broker.xml");
    let fields =
        "<field number='9000' name='BlobLength' type='LENGTH'/><field number='9001' name='Blob' type='DATA'/>
         <field number='9002' name='Desk' type='CHAR'><value enum='N' description='NEW_YORK'/></field>";
    fs::write(&overlay, format!("<fix><fields>{fields}</fields></fix>")).unwrap();
    let base = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/FIX44.xml");
    let options = ["--dictionary", base, "--overlay", overlay.to_str().unwrap(), "--format", "line"];
    let text = message("35=B|9000=9|9001=a|9002=X|9002=N|").replace('|', "\u{1}");
    let (out, err, _) = piped(&options, text.as_bytes());
    let text = message("35=B|9000=8|9001=a|9002=X|9002=N|").replace('|', "\u{1}");
    assert!(out.contains("Blob(9001)=a | Desk(9002)=X"), "{out}{err}");
    let (out, ..) = piped(&options, text.as_bytes());
    assert!(out.contains("Blob(9001)=a\\x019002=X | Desk(9002)=N NEW_YORK"), "{out}");
    // Without a dictionary the overlay lies on the built-in one.
    assert_eq!(piped(&options[2..], text.as_bytes()).0, out);
    let (_, err, code) = output(&["--dictionary", overlay.to_str().unwrap(), "x"]);
    assert_eq!(code, Some(78));
    assert!(err.contains("broker.xml:1:1: <fix> needs major and minor"), "{err}");
}

#[test]
fn each_version_of_fix_has_its_own_names() {
    let version = |begin: &str, body: &str| {
        let head = format!("8={begin}|9={}|{body}", body.len());
        let sum = head.bytes().fold(0u8, |sum, byte| sum.wrapping_add(if byte == b'|' { 1 } else { byte }));
        format!("{head}10={sum:03}|\n")
    };
    let log = [
        version("FIX.4.2", "35=8|20=0|76=BRK|150=1|"),
        version("FIX.4.4", "35=8|150=F|"),
        version("FIXT.1.1", "35=8|49=A|56=B|1180=x|"),
        version("FIXT.1.1", "35=A|49=A|56=B|1137=9|"),
        version("FIXT.1.1", "35=8|49=B|56=A|1057=Y|1128=9|"),
        version("FIX.4.9", "35=8|150=F|"),
    ];
    let (out, err, code) = piped(&["--format", "line"], log.concat().as_bytes());
    let lines: Vec<_> = out.lines().collect();
    assert!(lines[0].contains("ExecTransType(20)=0 NEW | ExecBroker(76)=BRK | ExecType(150)=1 PARTIAL_FILL"));
    assert!(lines[1].contains("ExecType(150)=F TRADE"), "{out}");
    assert!(lines[2].contains("ApplID(1180)=x"), "{out}");
    assert!(
        lines[4].contains("AggressorIndicator(1057)=Y") && lines[4].contains("ApplVerID(1128)=9"),
        "{out}"
    );
    assert!(lines[5].contains("BeginString(8) is no version of FIX: read as FIX 4.4"), "{out}");
    assert_eq!(
        (err.as_str(), code),
        (
            "fix-host: 1 of 6 messages are garbled; 1 messages of FIXT are read as FIX 5.0 SP2: neither \
             ApplVerID(1128) nor a Logon says otherwise\n",
            Some(1)
        )
    );
}

#[test]
fn a_large_log_comes_out_in_order_with_the_right_line_numbers() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("messages.log");
    let (mut log, mut expected) = (String::new(), String::new());
    for number in 0..60_000 {
        let text = message(&format!("35=1|34={number}|112=T{number}|")).replace('|', "\u{1}");
        let bad = number % 7777 == 0;
        let text = if bad { text.replace("112=", "113=") } else { text };
        writeln!(log, "20260102-10:11:12.123 : {text}").unwrap();
        let head = if bad { format!("GARBLED at line {}", number + 1) } else { "TestRequest".into() };
        writeln!(expected, "{head} {number}").unwrap();
    }
    fs::write(&file, &log).unwrap();
    let summary = |out: &str| {
        let mut summary = String::new();
        for line in out.lines() {
            let number = line.split("MsgSeqNum(34)=").nth(1).unwrap().split(' ').next().unwrap();
            let head = line.strip_prefix("20260102-10:11:12.123 ").expect("the time of the log line");
            writeln!(summary, "{} {number}", head.split([':', '|']).next().unwrap().trim()).unwrap();
        }
        summary
    };
    let (from_file, _, code) = output(&["--file", file.to_str().unwrap()]);
    assert_eq!(code, Some(1), "some are garbled");
    assert!(summary(&from_file) == expected, "the file's messages differ");
    let (from_pipe, ..) = piped(&["--format", "line"], log.as_bytes());
    assert!(from_pipe == from_file, "the pipe's messages differ from the file's");
}

#[test]
fn a_live_pipe_is_printed_message_by_message() {
    let mut child = decode(&["--format", "line"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut input, mut printed) =
        (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut next = || {
        let mut line = String::new();
        printed.read_line(&mut line).unwrap();
        line
    };
    // Whole with its SOHs, as an engine writes it; a line with bars; and one in two pieces.
    input.write_all(message("35=0|34=1|").replace('|', "\u{1}").as_bytes()).unwrap();
    assert!(next().contains("MsgSeqNum(34)=1 "));
    input.write_all(format!("{}\n", message("35=0|34=2|")).as_bytes()).unwrap();
    assert!(next().contains("MsgSeqNum(34)=2 "));
    let third = message("35=0|34=3|").replace('|', "\u{1}");
    input.write_all(&third.as_bytes()[..3]).unwrap();
    input.flush().unwrap();
    input.write_all(&third.as_bytes()[3..]).unwrap();
    assert!(next().contains("MsgSeqNum(34)=3 "));
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("messages.log");
    fs::write(&file, format!("{}\n", message("35=0|")).repeat(200_000)).unwrap();
    let mut child = decode(&["--file", file.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let (_, err, code) = texts(child.wait_with_output().unwrap());
    assert_eq!((err.as_str(), code), ("", Some(0)));
}

#[test]
fn a_filter_takes_types_fields_and_values() {
    let log = ["35=D|55=EUR/USD|54=1|", "35=8|55=EUR/USD|54=2|", "35=0|"].map(message).concat();
    let kept = |filters: &[&str]| {
        let options = filters.iter().flat_map(|filter| ["--filter", filter]);
        let options: Vec<_> = ["--format", "line"].into_iter().chain(options).collect();
        let (out, err, code) = piped(&options, log.as_bytes());
        (out.lines().map(|line| line.split(" | ").next().unwrap().to_owned()).collect::<Vec<_>>(), err, code)
    };
    let summary = |taken| format!("fix-host: --filter takes {taken} of 3 messages\n");
    assert_eq!(kept(&["Symbol=EUR/USD", "Side=BUY"]), (vec!["NewOrderSingle".into()], summary(1), Some(0)));
    assert_eq!(
        kept(&["8", "Heartbeat"]),
        (vec!["ExecutionReport".into(), "Heartbeat".into()], summary(2), Some(0))
    );
    assert_eq!(kept(&["44"]), (vec![], summary(0), Some(1)));
    let unknown = "fix-host: --filter Symbl: no message and no field is called so\n";
    assert_eq!(kept(&["Symbl"]), (vec![], unknown.into(), Some(2)));
}

#[test]
fn a_file_is_followed_behind_its_rotation() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("messages.log");
    let line = |number: u32| format!("10:11:12 : {}\n", message(&format!("35=0|34={number}|")));
    fs::write(&file, line(1)).unwrap();
    let mut child = decode(&["--follow", "--file", file.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap());
    let mut next = |number: u32| {
        let mut line = String::new();
        printed.read_line(&mut line).unwrap();
        assert!(
            line.starts_with("10:11:12 Heartbeat") && line.contains(&format!("(34)={number} ")),
            "{line}"
        );
    };
    next(1);
    let mut log = fs::OpenOptions::new().append(true).open(&file).unwrap();
    log.write_all(line(2).as_bytes()).unwrap();
    next(2);
    fs::rename(&file, folder.path().join("messages.1.log")).unwrap();
    log.write_all(line(3).as_bytes()).unwrap();
    next(3);
    fs::write(&file, line(4) + "end of the day\n").unwrap();
    next(4);
    // Cut and begun again.
    fs::write(&file, line(5)).unwrap();
    next(5);
    child.kill().unwrap();
    child.wait().unwrap();
}
