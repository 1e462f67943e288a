//! What a replay begins with: the rules of the session, the sizes of its buffers, the store's numbers, how it stands.

use core::time::Duration;

use super::{
    entry::{Fault, Numbers, Reader, kind},
    number::{Moved, ORIGIN, folded, put_bytes, put_number, put_optional, unfolded},
    tape::Tape,
};
use crate::{
    msg::{msg_type::MsgType, validate::Checks},
    session::{
        Standing,
        config::{Id, OnError, Role, SessionConfig, SessionId, ValidationPolicy, id},
        schedule::{MAX_TRANSITIONS, Schedule, Transition, Window},
    },
    time::{Mono, Now, Precision},
};

/// The version of the format that this is.
const VERSION: u64 = 1;

/// The beginning of a recording, or of what it goes on with.
#[derive(Clone)]
pub struct Start {
    /// When.
    pub now: Now,
    /// The rules of the session, without its dictionary.
    pub config: SessionConfig,
    /// The dictionary's [`fingerprint`](super::fingerprint); `None`: it had none.
    pub dictionary: Option<u32>,
    /// The sizes of the buffers for what is received, sent and kept, in bytes.
    pub sizes: [u64; 3],
    /// The store's numbers.
    pub numbers: Numbers,
    /// How many of the newest messages the store is sure to keep.
    pub capacity: u64,
    pub(super) standing: Standing,
    /// The engine had found no more work.
    pub(super) is_worked_off: bool,
}

impl core::fmt::Debug for Start {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Start").field("id", &self.config.id).field("numbers", &self.numbers).finish()
    }
}

/// All that a session is told that is yes or no. A new field of the configuration does not compile until it is here or in
/// [`Start::put`].
fn switches(config: &mut SessionConfig) -> [&mut bool; 19] {
    let SessionConfig {
        role: _,
        id: _,
        heart_bt_int: _,
        test_request_after_permille: _,
        heart_beat_timeout_permille: _,
        logon_timeout: _,
        logout_timeout: _,
        resend_request_chunk_size: _,
        max_latency: _,
        timestamp_precision: _,
        #[cfg(feature = "validation")]
            dictionary: _,
        checks: _,
        validation_policy: _,
        rejected_checks: _,
        on_error: _,
        gap_fill_types: _,
        resend_order_max_age: _,
        max_same_resend_requests: _,
        max_message_size: _,
        schedule: _,
        heart_bt_int_override,
        disable_heart_beat_check,
        send_logout_before_timeout,
        reset_on_logon,
        reset_on_logout,
        reset_on_disconnect,
        refresh_on_logon,
        persist_messages,
        queue_while_disconnected,
        send_redundant_resend_requests,
        send_next_expected_msg_seq_num,
        enable_last_msg_seq_num_processed,
        closed_resend_interval,
        ignore_poss_dup_resend_requests,
        resend_session_level_rejects,
        requires_orig_sending_time,
        validate_sequence_numbers,
        check_comp_id,
        validate_incoming_message,
    } = config;
    [
        heart_bt_int_override,
        disable_heart_beat_check,
        send_logout_before_timeout,
        reset_on_logon,
        reset_on_logout,
        reset_on_disconnect,
        refresh_on_logon,
        persist_messages,
        queue_while_disconnected,
        send_redundant_resend_requests,
        send_next_expected_msg_seq_num,
        enable_last_msg_seq_num_processed,
        closed_resend_interval,
        ignore_poss_dup_resend_requests,
        resend_session_level_rejects,
        requires_orig_sending_time,
        validate_sequence_numbers,
        check_comp_id,
        validate_incoming_message,
    ]
}

fn checks(checks: &mut Checks) -> [&mut bool; 12] {
    let Checks {
        fields_out_of_order,
        fields_have_values,
        user_defined_fields,
        allow_unknown_msg_fields,
        allow_unknown_enum_values,
        unordered_group_fields,
        first_field_in_group_is_delimiter,
        required_fields,
        repeated_fields,
        formats,
        group_counts,
        number_range,
    } = checks;
    [
        fields_out_of_order,
        fields_have_values,
        user_defined_fields,
        allow_unknown_msg_fields,
        allow_unknown_enum_values,
        unordered_group_fields,
        first_field_in_group_is_delimiter,
        required_fields,
        repeated_fields,
        formats,
        group_counts,
        number_range,
    ]
}

/// One bit each, the first the lowest.
fn put_bits<const N: usize>(tape: &impl Tape, bits: [&mut bool; N]) {
    put_number(tape, bits.iter().rev().fold(0, |number, bit| number << 1 | u64::from(**bit)));
}

fn read_bits<const N: usize>(reader: &mut Reader<'_>, bits: [&mut bool; N]) -> Result<(), Fault> {
    let mut number = reader.number()?;
    for bit in bits {
        *bit = number & 1 == 1;
        number >>= 1;
    }
    if number == 0 { Ok(()) } else { Err(Fault::Broken("set of switches")) }
}

const IDS: [fn(&mut SessionId) -> &mut Id; 7] = [
    |id| &mut id.sender_comp_id,
    |id| &mut id.sender_sub_id,
    |id| &mut id.sender_location_id,
    |id| &mut id.target_comp_id,
    |id| &mut id.target_sub_id,
    |id| &mut id.target_location_id,
    |id| &mut id.qualifier,
];

fn put_duration(tape: &impl Tape, duration: Option<Duration>) {
    put_optional(tape, duration.map(|duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)));
}

fn duration(reader: &mut Reader<'_>) -> Result<Option<Duration>, Fault> {
    Ok(reader.optional()?.map(Duration::from_nanos))
}

/// The moments of a schedule: how many, and of each its second and what begins then.
pub(super) fn put_schedule(tape: &impl Tape, schedule: &Schedule) {
    let moments = schedule.transitions();
    put_number(tape, moments.len() as u64);
    for moment in moments {
        put_number(tape, folded(moment.at));
        put_number(
            tape,
            match moment.to {
                Window::Closed => 0,
                Window::OpenNew => 1,
                Window::OpenContinued => 2,
            },
        );
    }
}

/// What [`put_schedule`] wrote.
pub(super) fn schedule(reader: &mut Reader<'_>) -> Result<Schedule, Fault> {
    const FAULT: Fault = Fault::Broken("schedule");
    let mut moments = heapless::Vec::<Transition, MAX_TRANSITIONS, u8>::new();
    for _ in 0..reader.number()? {
        let at = unfolded(reader.number()?);
        let to = match reader.number()? {
            0 => Window::Closed,
            1 => Window::OpenNew,
            2 => Window::OpenContinued,
            _ => return Err(FAULT),
        };
        moments.push(Transition { at, to }).map_err(|_| FAULT)?;
    }
    Schedule::new(&moments).map_err(|_| FAULT)
}

pub(super) fn put_numbers(tape: &impl Tape, numbers: &Numbers) {
    put_number(tape, numbers.next_out);
    put_optional(tape, numbers.next_in);
    match numbers.created {
        None => tape.put(&[0]),
        Some(created) => {
            tape.put(&[1]);
            put_number(tape, folded(created));
        }
    }
}

impl Start {
    /// Writes it, as the first entry or as a later one.
    pub(super) fn put(&self, tape: &impl Tape) {
        tape.put(&[kind::START]);
        put_number(tape, VERSION);
        let Moved { mono, utc } = Moved::between(ORIGIN, self.now);
        for number in [mono, utc].into_iter().chain(self.sizes) {
            put_number(tape, number);
        }
        put_numbers(tape, &self.numbers);
        put_number(tape, self.capacity);
        put_optional(tape, self.dictionary.map(u64::from));
        let standing = &self.standing;
        put_number(tape, u64::from(standing.is_logged_on) | u64::from(self.is_worked_off) << 1);
        put_number(tape, standing.heart_bt_int.into());
        put_number(tape, standing.last_sent.as_micros());
        put_number(tape, standing.last_received.as_micros());
        put_number(tape, standing.last_request.0);
        put_number(tape, standing.last_request.1.into());
        put_config(tape, &self.config);
    }

    /// Reads what stands behind [`Entry::Start`](super::Entry::Start). `intern` keeps the BeginString(8).
    ///
    /// # Errors
    /// [`Fault`].
    pub fn read(
        reader: &mut Reader<'_>,
        intern: impl Fn(&str) -> Option<&'static str>,
    ) -> Result<Start, Fault> {
        match reader.number()? {
            VERSION => {}
            other => return Err(Fault::Version(other)),
        }
        let now = reader.moved()?.after(ORIGIN);
        let sizes = [reader.number()?, reader.number()?, reader.number()?];
        let (numbers, capacity) = (reader.numbers()?, reader.number()?);
        let dictionary = reader.optional()?.map(narrow).transpose()?;
        let flags = reader.number()?;
        let standing = Standing {
            is_logged_on: flags & 1 == 1,
            heart_bt_int: narrow(reader.number()?)?,
            last_sent: Mono::from_micros(reader.number()?),
            last_received: Mono::from_micros(reader.number()?),
            last_request: (reader.number()?, narrow(reader.number()?)?),
        };
        let config = config(reader, intern)?;
        let is_worked_off = flags & 2 == 2;
        Ok(Start { now, config, dictionary, sizes, numbers, capacity, standing, is_worked_off })
    }
}

fn narrow<T: TryFrom<u64>>(number: u64) -> Result<T, Fault> {
    T::try_from(number).map_err(|_| Fault::Broken("number"))
}

fn put_config(tape: &impl Tape, config: &SessionConfig) {
    let mut config = config.clone();
    put_number(tape, u64::from(config.role == Role::Acceptor));
    put_bytes(tape, config.id.begin_string.as_bytes());
    for field in IDS {
        put_bytes(tape, field(&mut config.id).as_bytes());
    }
    put_bits(tape, switches(&mut config));
    let precision = config.timestamp_precision.digits() / 3;
    let policy = match config.validation_policy {
        ValidationPolicy::Reject => 0,
        ValidationPolicy::DeliverFirst => 1,
        ValidationPolicy::DeliverAndReport => 2,
        ValidationPolicy::Warn => 3,
    };
    let on_error = match config.on_error {
        OnError::Reject => 0,
        OnError::Disconnect => 1,
        OnError::Reset => 2,
    };
    for number in [
        config.heart_bt_int.into(),
        config.test_request_after_permille.into(),
        config.heart_beat_timeout_permille.into(),
        config.resend_request_chunk_size.into(),
        config.max_same_resend_requests.into(),
        precision as u64,
        policy,
        on_error,
    ] {
        put_number(tape, number);
    }
    put_optional(tape, config.max_message_size.map(u64::from));
    let timeouts = [Some(config.logon_timeout), Some(config.logout_timeout)];
    for limit in timeouts.into_iter().chain([config.max_latency, config.resend_order_max_age]) {
        put_duration(tape, limit);
    }
    for set in [&mut config.checks, &mut config.rejected_checks] {
        put_bits(tape, checks(set));
    }
    put_number(tape, config.gap_fill_types.len() as u64);
    for msg_type in config.gap_fill_types.iter() {
        put_bytes(tape, msg_type.as_bytes());
    }
    put_schedule(tape, &config.schedule);
}

fn config(
    reader: &mut Reader<'_>,
    intern: impl Fn(&str) -> Option<&'static str>,
) -> Result<SessionConfig, Fault> {
    let role = if reader.number()? == 0 { Role::Initiator } else { Role::Acceptor };
    let begin_string = intern(reader.text()?).ok_or(Fault::Broken("BeginString(8)"))?;
    let mut session = SessionId {
        begin_string,
        sender_comp_id: Id::new(),
        sender_sub_id: Id::new(),
        sender_location_id: Id::new(),
        target_comp_id: Id::new(),
        target_sub_id: Id::new(),
        target_location_id: Id::new(),
        qualifier: Id::new(),
    };
    for field in IDS {
        *field(&mut session) = id(reader.text()?).map_err(|_| Fault::Broken("CompID"))?;
    }
    let mut config = SessionConfig::new(role, session);
    read_bits(reader, switches(&mut config))?;
    config.heart_bt_int = narrow(reader.number()?)?;
    config.test_request_after_permille = narrow(reader.number()?)?;
    config.heart_beat_timeout_permille = narrow(reader.number()?)?;
    config.resend_request_chunk_size = narrow(reader.number()?)?;
    config.max_same_resend_requests = narrow(reader.number()?)?;
    config.timestamp_precision = match reader.number()? {
        0 => Precision::Seconds,
        1 => Precision::Millis,
        2 => Precision::Micros,
        _ => Precision::Nanos,
    };
    config.validation_policy = match reader.number()? {
        0 => ValidationPolicy::Reject,
        1 => ValidationPolicy::DeliverFirst,
        2 => ValidationPolicy::DeliverAndReport,
        _ => ValidationPolicy::Warn,
    };
    config.on_error = match reader.number()? {
        0 => OnError::Reject,
        1 => OnError::Disconnect,
        _ => OnError::Reset,
    };
    config.max_message_size = reader.optional()?.map(narrow).transpose()?;
    config.logon_timeout = duration(reader)?.unwrap_or_default();
    config.logout_timeout = duration(reader)?.unwrap_or_default();
    config.max_latency = duration(reader)?;
    config.resend_order_max_age = duration(reader)?;
    for set in [&mut config.checks, &mut config.rejected_checks] {
        read_bits(reader, checks(set))?;
    }
    for _ in 0..reader.number()? {
        let msg_type = MsgType::from_bytes(reader.bytes()?).ok_or(Fault::Broken("MsgType(35)"))?;
        config.gap_fill_types.push(msg_type).map_err(|_| Fault::Broken("list of message types"))?;
    }
    config.schedule = schedule(reader)?;
    Ok(config)
}
