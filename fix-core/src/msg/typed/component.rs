//! Entries of the repeating groups that several messages have.

use crate::{
    decimal::Decimal,
    dict::fix44::code,
    time::{LocalMktDate, MonthYear},
    wire::value::Text,
};

entry! {
    /// A detail of a [`Party`].
    PartySub = PTYS_SUB_GRP {
        523 party_sub_id: optional Text<'a>,
        803 party_sub_id_type: optional code::PartySubIdType,
    }
}

entry! {
    /// Someone with a role in the trade: a firm, a trader, an account.
    Party = PARTIES {
        448 party_id: optional Text<'a>,
        447 party_id_source: optional code::PartyIdSource,
        452 party_role: optional code::PartyRole,
        802 subs: group PartySub<'a>,
    }
}

entry! {
    /// A detail of a [`NestedParty`].
    NestedPartySub = NSTD_PTYS_SUB_GRP {
        545 nested_party_sub_id: optional Text<'a>,
        805 nested_party_sub_id_type: optional code::NestedPartySubIdType,
    }
}

entry! {
    /// A [`Party`] of an allocation or of a leg.
    NestedParty = NESTED_PARTIES {
        524 nested_party_id: optional Text<'a>,
        525 nested_party_id_source: optional code::NestedPartyIdSource,
        538 nested_party_role: optional code::NestedPartyRole,
        804 subs: group NestedPartySub<'a>,
    }
}

entry! {
    /// The part of an order that is meant for an account.
    PreAlloc = PRE_ALLOC_GRP {
        79 alloc_account: optional Text<'a>,
        661 alloc_acct_id_source: optional code::AllocAcctIdSource,
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
        456 security_alt_id_source: optional code::SecurityAltIdSource<'a>,
    }
}

entry! {
    /// A condition on a security.
    Stipulation = STIPULATIONS {
        233 stipulation_type: optional code::StipulationType<'a>,
        234 stipulation_value: optional Text<'a>,
    }
}

entry! {
    /// A fee of a fill.
    MiscFee = MISC_FEES_GRP {
        137 misc_fee_amt: optional Decimal,
        138 misc_fee_curr: optional Text<'a>,
        139 misc_fee_type: optional code::MiscFeeType<'a>,
        891 misc_fee_basis: optional code::MiscFeeBasis,
    }
}

entry! {
    /// An instrument that another is derived from.
    Underlying = UND_INSTRMT_GRP {
        311 underlying_symbol: optional Text<'a>,
        309 underlying_security_id: optional Text<'a>,
        305 underlying_security_id_source: optional code::UnderlyingSecurityIdSource<'a>,
        462 underlying_product: optional code::Product,
        463 underlying_cfi_code: optional Text<'a>,
        310 underlying_security_type: optional Text<'a>,
        313 underlying_maturity_month_year: optional MonthYear,
        542 underlying_maturity_date: optional LocalMktDate,
        316 underlying_strike_price: optional Decimal,
        308 underlying_security_exchange: optional Text<'a>,
        318 underlying_currency: optional Text<'a>,
        879 underlying_qty: optional Decimal,
        810 underlying_px: optional Decimal,
    }
}

entry! {
    /// A leg of an instrument.
    Leg = INSTRMT_LEG_GRP {
        600 leg_symbol: optional Text<'a>,
        602 leg_security_id: optional Text<'a>,
        603 leg_security_id_source: optional code::LegSecurityIdSource<'a>,
        607 leg_product: optional code::Product,
        608 leg_cfi_code: optional Text<'a>,
        609 leg_security_type: optional Text<'a>,
        610 leg_maturity_month_year: optional MonthYear,
        611 leg_maturity_date: optional LocalMktDate,
        612 leg_strike_price: optional Decimal,
        613 leg_opt_attribute: optional u8,
        614 leg_contract_multiplier: optional Decimal,
        616 leg_security_exchange: optional Text<'a>,
        623 leg_ratio_qty: optional Decimal,
        624 leg_side: optional code::Side,
        556 leg_currency: optional Text<'a>,
    }
}
