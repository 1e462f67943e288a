//! SecurityDefinitionRequest(c): what an instrument is.

use fix_core::{
    dict::fix44::{self, code},
    msg::{
        message::Message,
        msg_type::MsgType,
        typed::{Extra, SecurityDefinition, SecurityDefinitionRequest},
    },
    session::{application::Outbox, error::BusinessReject},
};

use super::{
    Find,
    security::{Securities, described},
};
use crate::exchange::say::{named, reply};

/// Answers with a SecurityDefinition(d): the instrument as it is listed, or that there is no such one. Lists are asked for by
/// SecurityListRequest(x).
pub(super) fn answer(
    message: &Message<'_>,
    response_id: &str,
    securities: &Securities,
    find: Find<'_>,
    out: &mut dyn Outbox,
) -> Result<(), BusinessReject> {
    use code::{SecurityRequestType as Asks, SecurityResponseType as Answer};
    let request = SecurityDefinitionRequest::try_from(message)?;
    let is_one = matches!(
        request.security_request_type,
        Asks::REQUEST_SECURITY_IDENTITY_AND_SPECIFICATIONS
            | Asks::REQUEST_SECURITY_IDENTITY_FOR_SPECIFICATIONS
    );
    let instrument = match is_one {
        true => {
            let name = named(request.symbol, request.security_id, request.security_id_source)?;
            find(name).and_then(|place| securities.get(place))
        }
        false => None,
    };
    let level =
        fix44::DICTIONARY.message(MsgType::SECURITY_DEFINITION.as_bytes()).map(|message| &message.body);
    let fields = instrument.zip(level).map(|(instrument, level)| described(instrument, level));
    let (kind, text) = match (instrument, is_one) {
        (Some(_), _) => (Answer::ACCEPT_AS_IS, None),
        (None, true) => (Answer::CANNOT_MATCH_SELECTION_CRITERIA, Some("no such instrument is listed")),
        (None, false) => {
            (Answer::REJECT_SECURITY_PROPOSAL, Some("lists are asked for by SecurityListRequest(35=x)"))
        }
    };
    let definition = SecurityDefinition {
        security_req_id: request.security_req_id,
        security_response_id: response_id.into(),
        security_response_type: kind,
        symbol: instrument.map(|instrument| instrument.symbol.into()).or(request.symbol),
        text: text.map(Into::into),
        extra: Extra::encoded(fields.as_deref().unwrap_or_default()),
        ..SecurityDefinition::default()
    };
    reply(out, &definition);
    Ok(())
}
