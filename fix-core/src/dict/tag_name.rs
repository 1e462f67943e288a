//! How a tag is shown.

use core::fmt;

#[cfg(any(test, not(feature = "field-names")))]
use super::FieldNames;
#[cfg(feature = "field-names")]
use super::fix44::NAMES;
#[cfg(any(test, not(feature = "field-names")))]
use crate::tag;
use crate::tag::Tag;

/// The names that a board carries: of what a session and an order gateway can say something about. All 900 names take
/// 20 KB of flash.
#[cfg(not(feature = "field-names"))]
static NAMES: FieldNames = FieldNames::new(&[], &OF_SESSIONS_AND_ORDERS);

/// Ascending. A static: an image's symbols tell how much of it the names are.
#[cfg(any(test, not(feature = "field-names")))]
static OF_SESSIONS_AND_ORDERS: [(Tag, &str); 79] = [
    (tag::ACCOUNT, "Account"),
    (tag::BEGIN_SEQ_NO, "BeginSeqNo"),
    (tag::BEGIN_STRING, "BeginString"),
    (tag::BODY_LENGTH, "BodyLength"),
    (tag::CHECK_SUM, "CheckSum"),
    (tag::CL_ORD_ID, "ClOrdID"),
    (tag::CUM_QTY, "CumQty"),
    (tag::CURRENCY, "Currency"),
    (tag::END_SEQ_NO, "EndSeqNo"),
    (tag::EXEC_ID, "ExecID"),
    (tag::EXEC_INST, "ExecInst"),
    (tag::EXEC_REF_ID, "ExecRefID"),
    (tag::HANDL_INST, "HandlInst"),
    (tag::SECURITY_ID_SOURCE, "SecurityIDSource"),
    (tag::LAST_PX, "LastPx"),
    (tag::LAST_QTY, "LastQty"),
    (tag::MSG_SEQ_NUM, "MsgSeqNum"),
    (tag::MSG_TYPE, "MsgType"),
    (tag::NEW_SEQ_NO, "NewSeqNo"),
    (tag::ORDER_ID, "OrderID"),
    (tag::ORDER_QTY, "OrderQty"),
    (tag::ORD_STATUS, "OrdStatus"),
    (tag::ORD_TYPE, "OrdType"),
    (tag::ORIG_CL_ORD_ID, "OrigClOrdID"),
    (tag::POSS_DUP_FLAG, "PossDupFlag"),
    (tag::PRICE, "Price"),
    (tag::REF_SEQ_NUM, "RefSeqNum"),
    (tag::SECURITY_ID, "SecurityID"),
    (tag::SENDER_COMP_ID, "SenderCompID"),
    (tag::SENDER_SUB_ID, "SenderSubID"),
    (tag::SENDING_TIME, "SendingTime"),
    (tag::SIDE, "Side"),
    (tag::SYMBOL, "Symbol"),
    (tag::TARGET_COMP_ID, "TargetCompID"),
    (tag::TARGET_SUB_ID, "TargetSubID"),
    (tag::TEXT, "Text"),
    (tag::TIME_IN_FORCE, "TimeInForce"),
    (tag::TRANSACT_TIME, "TransactTime"),
    (tag::SIGNATURE, "Signature"),
    (tag::SIGNATURE_LENGTH, "SignatureLength"),
    (tag::POSS_RESEND, "PossResend"),
    (tag::ENCRYPT_METHOD, "EncryptMethod"),
    (tag::STOP_PX, "StopPx"),
    (tag::EX_DESTINATION, "ExDestination"),
    (tag::CXL_REJ_REASON, "CxlRejReason"),
    (tag::ORD_REJ_REASON, "OrdRejReason"),
    (tag::HEART_BT_INT, "HeartBtInt"),
    (tag::MIN_QTY, "MinQty"),
    (tag::MAX_FLOOR, "MaxFloor"),
    (tag::TEST_REQ_ID, "TestReqID"),
    (tag::ON_BEHALF_OF_COMP_ID, "OnBehalfOfCompID"),
    (tag::ON_BEHALF_OF_SUB_ID, "OnBehalfOfSubID"),
    (tag::ORIG_SENDING_TIME, "OrigSendingTime"),
    (tag::GAP_FILL_FLAG, "GapFillFlag"),
    (tag::DELIVER_TO_COMP_ID, "DeliverToCompID"),
    (tag::DELIVER_TO_SUB_ID, "DeliverToSubID"),
    (tag::RESET_SEQ_NUM_FLAG, "ResetSeqNumFlag"),
    (tag::SENDER_LOCATION_ID, "SenderLocationID"),
    (tag::TARGET_LOCATION_ID, "TargetLocationID"),
    (tag::ON_BEHALF_OF_LOCATION_ID, "OnBehalfOfLocationID"),
    (tag::DELIVER_TO_LOCATION_ID, "DeliverToLocationID"),
    (tag::EXEC_TYPE, "ExecType"),
    (tag::LEAVES_QTY, "LeavesQty"),
    (tag::SECURITY_EXCHANGE, "SecurityExchange"),
    (tag::LAST_MSG_SEQ_NUM_PROCESSED, "LastMsgSeqNumProcessed"),
    (tag::REF_TAG_ID, "RefTagID"),
    (tag::REF_MSG_TYPE, "RefMsgType"),
    (tag::SESSION_REJECT_REASON, "SessionRejectReason"),
    (tag::BUSINESS_REJECT_REF_ID, "BusinessRejectRefID"),
    (tag::BUSINESS_REJECT_REASON, "BusinessRejectReason"),
    (tag::MAX_MESSAGE_SIZE, "MaxMessageSize"),
    (tag::CXL_REJ_RESPONSE_TO, "CxlRejResponseTo"),
    (tag::MASS_CANCEL_REQUEST_TYPE, "MassCancelRequestType"),
    (tag::MASS_CANCEL_RESPONSE, "MassCancelResponse"),
    (tag::MASS_CANCEL_REJECT_REASON, "MassCancelRejectReason"),
    (tag::TOTAL_AFFECTED_ORDERS, "TotalAffectedOrders"),
    (tag::USERNAME, "Username"),
    (tag::PASSWORD, "Password"),
    (tag::NEXT_EXPECTED_MSG_SEQ_NUM, "NextExpectedMsgSeqNum"),
];

/// With its name in FIX 4.4, such as `ClOrdID(11)`; a tag without one is just the number.
impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.get(*self) {
            Some(name) => write!(f, "{name}({})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fix44, *};

    #[test]
    fn the_names_of_a_board_are_those_of_fix_44() {
        let names = FieldNames::new(&[], &OF_SESSIONS_AND_ORDERS);
        assert!(OF_SESSIONS_AND_ORDERS.is_sorted());
        for (tag, name) in OF_SESSIONS_AND_ORDERS {
            assert_eq!((fix44::NAMES.get(tag), names.get(tag)), (Some(name), Some(name)));
        }
    }
}
