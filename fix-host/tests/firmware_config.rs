//! `fix-host firmware-config`, as a person types it.

mod support;

use std::fs;

use fix_host::exit;
use support::{fix_host, write_file};

const CFG: &str = "[DEFAULT]\nConnectionType=initiator\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=BOARD\n\
                   TargetCompID=EXCHANGE\nSocketConnectHost=192.0.2.1\nSocketConnectPort=9876\nHeartBtInt=30\n";

/// Exit code, standard output and standard error of `firmware-config` with a .cfg that has these lines more.
fn made(folder: &std::path::Path, more: &str, arguments: &[&str]) -> (i32, String, String) {
    let cfg = write_file(folder, "board.cfg", &format!("{CFG}{more}"));
    let out = fix_host(&["firmware-config", &cfg]).args(arguments).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

#[test]
fn who_gives_credentials_hears_that_they_are_not_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for credentials in ["Username=desk7\n", "Username=desk7\nPassword=much-secret\n"] {
        let (code, file, said) = made(folder.path(), credentials, &[]);
        assert_eq!(code, i32::from(exit::OK), "{said}");
        assert!(!file.contains("desk7") && !file.contains("much-secret"));
        assert!(
            said.contains("Username and Password are not in the file; --provision FILE writes them"),
            "{said}"
        );
    }
    assert_eq!(made(folder.path(), "", &[]).2, "");
}

#[test]
fn secrets_are_not_overwritten_and_the_line_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--provision", "secrets.bin", "-o", "gateway.rs"];
    let credentials = "Username=desk7\nPassword=much-secret\n";
    assert_eq!(made(folder.path(), credentials, &arguments).0, i32::from(exit::OK));
    let before = fs::read(folder.path().join("secrets.bin")).unwrap();
    let (code, _, said) = made(folder.path(), "Username=other\nPassword=another\n", &arguments);
    assert_eq!(code, i32::from(exit::STORE_IO), "{said}");
    assert!(said.contains("secrets.bin: ") && said.contains("delete it, or choose another name"), "{said}");
    assert_eq!(fs::read(folder.path().join("secrets.bin")).unwrap(), before);
}

/// Who reads the file must be able to check its moments, and see that without a schedule the session is always up.
#[test]
fn a_schedule_is_explained_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let (_, always, _) = made(folder.path(), "", &[]);
    assert!(
        always.contains("/// No moments: the session is always up.\nconst SCHEDULE: &[u32] = &[];\n"),
        "{always}"
    );
    let (_, daily, _) = made(folder.path(), "StartTime=08:00:00\nEndTime=17:00:00\n", &["--years", "1"]);
    assert!(daily.contains("Each is its seconds since 2020 times four"), "{daily}");
}
