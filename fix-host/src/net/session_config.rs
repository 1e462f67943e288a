//! From the settings of a configuration file to the core's configuration of a session.

use std::time::Duration;

use fix_core::{
    dict::Dictionary,
    msg::validate::Checks,
    session::config::{Role as CoreRole, SessionConfig, SessionId, id},
    time::UtcTimestamp,
};

use super::schedule;
use crate::config::{Identity, RecoverySettings, Role, SessionSettings, TimingSettings, ValidationSettings};

/// The core's configuration for `settings`; its schedule covers the days around `now`.
///
/// # Errors
/// One line that names the key whose value the core cannot hold.
pub fn session_config(
    settings: &SessionSettings,
    dictionary: &'static Dictionary,
    now: UtcTimestamp,
) -> Result<SessionConfig, String> {
    let role = match &settings.role {
        Role::Initiator(_) => CoreRole::Initiator,
        Role::Acceptor(_) => CoreRole::Acceptor,
    };
    let mut config = SessionConfig::new(role, session_id(&settings.identity)?);
    match &settings.role {
        Role::Initiator(initiator) => config.heart_bt_int = seconds(initiator.heart_bt_int),
        Role::Acceptor(acceptor) => {
            if let Some(forced) = acceptor.heart_bt_int_override {
                config.heart_bt_int = seconds(forced);
                config.heart_bt_int_override = true;
            }
        }
    }
    timing(&mut config, &settings.timing);
    recovery(&mut config, &settings.recovery)?;
    validation(&mut config, &settings.validation, dictionary);
    config.schedule = schedule::compile(&settings.schedule, now);
    Ok(config)
}

/// The core's name of a session.
///
/// # Errors
/// One line that names the key whose value the core cannot hold.
pub fn session_id(identity: &Identity) -> Result<SessionId, String> {
    let part = |key: &str, text: Option<&str>| {
        id(text.unwrap_or_default()).map_err(|error| format!("{key}: {error}"))
    };
    let mut session = SessionId::new(&identity.sender_comp_id, &identity.target_comp_id)
        .map_err(|error| format!("SenderCompID or TargetCompID: {error}"))?;
    session.sender_sub_id = part("SenderSubID", identity.sender_sub_id.as_deref())?;
    session.sender_location_id = part("SenderLocationID", identity.sender_location_id.as_deref())?;
    session.target_sub_id = part("TargetSubID", identity.target_sub_id.as_deref())?;
    session.target_location_id = part("TargetLocationID", identity.target_location_id.as_deref())?;
    session.qualifier = part("SessionQualifier", identity.session_qualifier.as_deref())?;
    Ok(session)
}

fn timing(config: &mut SessionConfig, timing: &TimingSettings) {
    // The multipliers of QuickFIX count from the end of the first HeartBtInt on.
    let permille = |thousandths: u32| u16::try_from(thousandths.saturating_add(1000)).unwrap_or(u16::MAX);
    config.test_request_after_permille = permille(timing.test_request_delay_multiplier.0);
    config.heart_beat_timeout_permille = permille(timing.heart_beat_timeout_multiplier.0);
    config.disable_heart_beat_check = timing.disable_heart_beat_check;
    config.logon_timeout = timing.logon_timeout;
    config.logout_timeout = timing.logout_timeout;
    config.send_logout_before_timeout = timing.send_logout_before_disconnect_from_timeout;
    config.max_latency = timing.max_latency;
    config.timestamp_precision = timing.time_stamp_precision;
}

fn recovery(config: &mut SessionConfig, recovery: &RecoverySettings) -> Result<(), String> {
    config.reset_on_logon = recovery.reset_on_logon;
    config.reset_on_logout = recovery.reset_on_logout;
    config.reset_on_disconnect = recovery.reset_on_disconnect;
    config.refresh_on_logon = recovery.refresh_on_logon;
    config.persist_messages = recovery.persist_messages;
    config.send_redundant_resend_requests = recovery.send_redundant_resend_requests;
    config.send_next_expected_msg_seq_num = recovery.enable_next_expected_msg_seq_num;
    config.enable_last_msg_seq_num_processed = recovery.enable_last_msg_seq_num_processed;
    config.resend_request_chunk_size = recovery.resend_request_chunk_size;
    config.closed_resend_interval = recovery.closed_resend_interval;
    config.ignore_poss_dup_resend_requests = recovery.ignore_poss_dup_resend_requests;
    config.resend_session_level_rejects = recovery.resend_session_level_rejects;
    config.requires_orig_sending_time = recovery.requires_orig_sending_time;
    config.on_error = recovery.on_error;
    config.max_same_resend_requests = recovery.max_same_resend_requests;
    config.max_message_size = recovery.max_message_size;
    config.resend_order_max_age = recovery.resend_order_max_age;
    for msg_type in &recovery.gap_fill_msg_types {
        config.gap_fill_types.push(*msg_type).map_err(|error| format!("GapFillMsgTypes: {error}"))?;
    }
    Ok(())
}

fn validation(config: &mut SessionConfig, settings: &ValidationSettings, dictionary: &'static Dictionary) {
    config.validate_sequence_numbers = settings.validate_sequence_numbers;
    config.check_comp_id = settings.check_comp_id;
    config.dictionary = settings.use_data_dictionary.then_some(dictionary);
    config.validate_incoming_message = settings.validate_incoming_message;
    config.validation_policy = settings.policy;
    config.rejected_checks = settings.rejected_checks;
    config.checks = Checks {
        fields_out_of_order: settings.validate_fields_out_of_order,
        fields_have_values: settings.validate_fields_have_values,
        user_defined_fields: settings.validate_user_defined_fields,
        allow_unknown_msg_fields: settings.allow_unknown_msg_fields,
        allow_unknown_enum_values: settings.allow_unknown_enum_values,
        unordered_group_fields: settings.validate_unordered_group_fields,
        first_field_in_group_is_delimiter: settings.first_field_in_group_is_delimiter,
        ..Checks::ALL
    };
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use fix_core::{
        dict::fix44,
        session::config::{OnError, ValidationPolicy},
        time::Precision,
    };

    use super::*;
    use crate::{
        clock::utc_now,
        config::{System, parse_bytes},
    };

    fn config(lines: &str) -> SessionConfig {
        let text = format!(
            "[SESSION]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=US\nTargetCompID=THEM\n\
             TargetSubID=DESK\nSocketAcceptPort=9876\n{lines}\n"
        );
        let settings =
            parse_bytes("t.cfg", text.as_bytes(), &System).unwrap_or_else(|error| panic!("{error}"));
        session_config(&settings.sessions[0], &fix44::DICTIONARY, utc_now()).unwrap()
    }

    #[test]
    fn what_a_file_does_not_say_is_the_cores_default() {
        let (ours, core) = (config(""), SessionConfig::new(CoreRole::Acceptor, config("").id));
        assert_eq!(ours.id.to_string(), "FIX.4.4:US->THEM/DESK");
        assert_eq!(ours.validation_policy, core.validation_policy);
        assert_eq!(ours.resend_order_max_age, core.resend_order_max_age);
        assert_eq!(ours.max_same_resend_requests, core.max_same_resend_requests);
        assert_eq!((ours.logon_timeout, ours.logout_timeout), (core.logon_timeout, core.logout_timeout));
        assert_eq!(ours.heart_beat_timeout_permille, core.heart_beat_timeout_permille);
        assert!(ours.dictionary.is_some() && !ours.reset_on_logon && ours.persist_messages);
    }

    #[test]
    fn errors_and_numbers_are_dealt_with_as_the_file_says() {
        assert_eq!((config("").on_error, config("").validate_sequence_numbers), (OnError::Reject, true));
        let lax = config("ValidateSequenceNumbers=N\nDisconnectOnError=Y");
        assert_eq!((lax.on_error, lax.validate_sequence_numbers), (OnError::Disconnect, false));
        assert_eq!(config("DisconnectOnError=Y\nResetOnError=Y").on_error, OnError::Reset);
    }

    #[test]
    fn every_rule_that_a_file_can_set_reaches_the_session() {
        let config = config(
            "MaxSameResendRequests=3\nResendOrderMaxAge=60\nGapFillMsgTypes=D, AE\nClosedResendInterval=Y\n\
             ResendRequestChunkSize=50\nSendRedundantResendRequests=Y\nEnableNextExpectedMsgSeqNum=Y\n\
             EnableLastMsgSeqNumProcessed=Y\nIgnorePossDupResendRequests=Y\nRequiresOrigSendingTime=N\n\
             ResendSessionLevelRejects=Y\nLogonTimeout=7\nLogoutTimeout=4\nMaxLatency=9\nTimestampPrecision=6",
        );
        let types: Vec<String> = config.gap_fill_types.iter().map(ToString::to_string).collect();
        assert_eq!(types, ["D", "AE"]);
        assert_eq!((config.max_same_resend_requests, config.resend_request_chunk_size), (3, 50));
        assert_eq!(config.resend_order_max_age, Some(Duration::from_secs(60)));
        assert!(config.closed_resend_interval && config.send_redundant_resend_requests);
        assert!(config.send_next_expected_msg_seq_num && config.enable_last_msg_seq_num_processed);
        assert!(config.ignore_poss_dup_resend_requests && !config.requires_orig_sending_time);
        assert!(config.resend_session_level_rejects);
        let seconds = (config.logon_timeout.as_secs(), config.logout_timeout.as_secs());
        assert_eq!((seconds, config.max_latency), ((7, 4), Some(Duration::from_secs(9))));
        assert_eq!(config.timestamp_precision, Precision::Micros);
    }

    #[test]
    fn an_order_may_be_resent_whatever_its_age() {
        assert_eq!(config("ResendOrderMaxAge=0").resend_order_max_age, None);
    }

    #[test]
    fn the_policy_has_four_values_and_its_own_key_goes_first() {
        let policy = |lines: &str| config(lines).validation_policy;
        assert_eq!(policy("InvalidMessagePolicy=report"), ValidationPolicy::DeliverAndReport);
        assert_eq!(policy("InvalidMessagePolicy=WARN\nRejectInvalidMessage=Y"), ValidationPolicy::Warn);
        assert_eq!(policy("InvalidMessagePolicy=REJECT\nRejectInvalidMessage=N"), ValidationPolicy::Reject);
    }

    #[test]
    fn an_initiator_delivers_first_unless_a_key_stands_in_the_file() {
        let initiator = |lines: &str| {
            let text = format!(
                "[SESSION]\nConnectionType=initiator\nBeginString=FIX.4.4\nSenderCompID=US\nTargetCompID=THEM\n\
                 HeartBtInt=30\nSocketConnectHost=localhost\nSocketConnectPort=9876\n{lines}\n"
            );
            let settings = parse_bytes("t.cfg", text.as_bytes(), &System).unwrap();
            session_config(&settings.sessions[0], &fix44::DICTIONARY, utc_now()).unwrap()
        };
        let (ours, core) = (initiator(""), SessionConfig::new(CoreRole::Initiator, config("").id));
        assert_eq!(ours.validation_policy, ValidationPolicy::DeliverFirst);
        assert_eq!((ours.validation_policy, ours.checks), (core.validation_policy, core.checks));
        assert_eq!(ours.rejected_checks, core.rejected_checks);
        for (lines, expected) in [
            ("RejectInvalidMessage=Y", ValidationPolicy::Reject),
            ("RejectInvalidMessage=N", ValidationPolicy::DeliverAndReport),
            ("InvalidMessagePolicy=REJECT", ValidationPolicy::Reject),
            ("RejectInvalidMessage=Y\nInvalidMessagePolicy=DELIVER_FIRST", ValidationPolicy::DeliverFirst),
        ] {
            assert_eq!(initiator(lines).validation_policy, expected, "{lines}");
        }
        let rejected = initiator(
            "ValidateUserDefinedFields=Y\nAllowUnknownMsgFields=N\nAllowUnknownEnumValues=N\n\
             ValidateFieldsHaveValues=Y",
        );
        assert_eq!(
            rejected.rejected_checks,
            Checks { required_fields: false, number_range: false, ..Checks::ALL }
        );
        assert_eq!(config("").validation_policy, ValidationPolicy::Reject, "an acceptor rejects");
    }

    #[test]
    fn an_invalid_message_may_be_delivered_all_the_same() {
        let config = config("RejectInvalidMessage=N\nHeartBtIntOverride=Y\nHeartBtInt=7");
        assert_eq!(config.validation_policy, ValidationPolicy::DeliverAndReport);
        assert_eq!((config.heart_bt_int, config.heart_bt_int_override), (7, true));
    }
}
