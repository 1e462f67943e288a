//! The text of a scenario, read into lines.

use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};

use fix_core::session::config::Role;

pub enum Line {
    /// `+ connect`
    Action(String),
    /// `@1500`
    At(u64),
    /// `< 35=0|34=2|`
    In(String),
    /// `> 35=0|34=2|` or `> close Reason`
    Out(String),
    /// `~ logon`
    Journal(String),
    /// `= next_in 5`
    State(String),
}

pub struct Script {
    pub lines: Vec<(usize, Line)>,
    /// `: heart_bt_int 30`
    pub settings: Vec<(String, String)>,
    roles: Vec<Role>,
}

impl Script {
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut script = Script { lines: Vec::new(), settings: Vec::new(), roles: Vec::new() };
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            let Some(mark) = line.chars().next() else { continue };
            let rest = line[mark.len_utf8()..].trim().to_string();
            let parsed = match mark {
                '#' => continue,
                ':' => {
                    script.setting(&rest)?;
                    continue;
                }
                '+' => Line::Action(rest),
                '@' => Line::At(rest.parse().map_err(|_| format!("line {}: no time", index + 1))?),
                '<' => Line::In(rest),
                '>' => Line::Out(rest),
                '~' => Line::Journal(rest),
                '=' => Line::State(rest),
                _ => return Err(format!("line {}: unknown mark {mark:?}", index + 1)),
            };
            script.lines.push((index + 1, parsed));
        }
        Ok(script)
    }

    fn setting(&mut self, text: &str) -> Result<(), String> {
        let (key, value) = text.split_once(' ').unwrap_or((text, "Y"));
        match (key, value) {
            ("role", "acceptor") => self.roles = vec![Role::Acceptor],
            ("role", "initiator") => self.roles = vec![Role::Initiator],
            ("role", _) => return Err(format!("unknown role {value}")),
            _ => self.settings.push((key.into(), value.into())),
        }
        Ok(())
    }

    /// Both, if the script does not say.
    pub fn roles(&self) -> &[Role] {
        if self.roles.is_empty() { &[Role::Acceptor, Role::Initiator] } else { &self.roles }
    }
}
