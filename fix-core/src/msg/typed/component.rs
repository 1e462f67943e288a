//! Entries of the repeating groups that several messages have.

use crate::{decimal::Decimal, wire::value::Text};

entry! {
    /// A detail of a [`Party`].
    PartySub = PTYS_SUB_GRP {
        523 party_sub_id: optional Text<'a>,
        803 party_sub_id_type: optional u32,
    }
}

entry! {
    /// Someone with a role in the trade: a firm, a trader, an account.
    Party = PARTIES {
        448 party_id: optional Text<'a>,
        447 party_id_source: optional u8,
        452 party_role: optional u32,
        802 subs: group PartySub<'a>,
    }
}

entry! {
    /// A detail of a [`NestedParty`].
    NestedPartySub = NSTD_PTYS_SUB_GRP {
        545 nested_party_sub_id: optional Text<'a>,
        805 nested_party_sub_id_type: optional u32,
    }
}

entry! {
    /// A [`Party`] of an allocation or of a leg.
    NestedParty = NESTED_PARTIES {
        524 nested_party_id: optional Text<'a>,
        525 nested_party_id_source: optional u8,
        538 nested_party_role: optional u32,
        804 subs: group NestedPartySub<'a>,
    }
}

entry! {
    /// The part of an order that is meant for an account.
    PreAlloc = PRE_ALLOC_GRP {
        79 alloc_account: optional Text<'a>,
        661 alloc_acct_id_source: optional u32,
        736 alloc_settl_currency: optional Text<'a>,
        467 individual_alloc_id: optional Text<'a>,
        539 nested_parties: group NestedParty<'a>,
        80 alloc_qty: optional Decimal,
    }
}

entry! {
    /// A trading session that an order or a request is meant for.
    TradingSession = TRDG_SES_GRP {
        336 trading_session_id: optional Text<'a>,
        625 trading_session_sub_id: optional Text<'a>,
    }
}

entry! {
    /// Another name of an instrument.
    SecurityAltId = SEC_ALT_ID_GRP {
        455 security_alt_id: optional Text<'a>,
        456 security_alt_id_source: optional Text<'a>,
    }
}
