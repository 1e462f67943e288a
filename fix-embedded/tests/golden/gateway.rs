// Made of desk.cfg by fix-host firmware-config; not to be edited. Passwords and private keys are not in it: see --provision.
#[allow(unused_imports, reason = "which of them are used depends on the configuration")]
use fix_embedded::{
    config::{Addressing, BackOff, Cancels, DeadMan, FlashRules, Gateway, Host, TimeRules, TlsRules},
    schedule::Table,
};
#[allow(unused_imports, reason = "which of them are used depends on the configuration")]
use fix_core::{
    decimal::Decimal,
    pre_trade::{BasisPoints, Limits, WithoutPrice},
};

/// UTC moments up to 20281130: the board needs a new table by then. Each is its seconds since 2020 times four, and what begins
/// then: 0 closed, 1 open with numbers from 1, 2 open with those of before.
const SCHEDULE: &[u32] = &[
    870192001, 871912800, 872611201, 874332000, 875030401, 876751200, 877449601, 879170400,
    879868801, 881589600, 882288001, 884008800, 884707201, 886428000, 887126401, 888847200,
    889545601, 891266400, 891964801, 893685600, 894384001, 896104800, 896803201, 898524000,
    899222401, 900943200, 901641601, 903362400, 904060801, 905781600, 906480001, 908200800,
    908884801, 910605600, 911304001, 913024800, 913723201, 915444000, 916142401, 917863200,
    918561601, 920282400, 920980801, 922701600, 923400001, 925120800, 925819201, 927540000,
    928238401, 929959200, 930657601, 932378400, 933076801, 934797600, 935496001, 937216800,
    937915201, 939636000, 940334401, 942055200, 942753601, 944474400, 945172801, 946893600,
    947592001, 949312800, 950011201, 951732000, 952430401, 954151200, 954849601, 956570400,
    957268801, 958989600, 959688001, 961408800, 962107201, 963828000, 964526401, 966247200,
    966945601, 968666400, 969364801, 971085600, 971784001, 973504800, 974203201, 975924000,
    976622401, 978343200, 979041601, 980762400, 981460801, 983181600, 983880001, 985600800,
    986299201, 988020000, 988718401, 990439200, 991152001, 992872800, 993571201, 995292000,
    995990401, 997711200, 998409601, 1000130400, 1000828801, 1002549600, 1003248001, 1004968800,
    1005667201, 1007388000, 1008086401, 1009807200, 1010505601, 1012226400, 1012924801, 1014645600,
    1015344001, 1017064800, 1017763201, 1019484000, 1020182401, 1021903200, 1022601601, 1024322400,
    1025020801, 1026741600, 1027440001, 1029160800, 1029859201, 1031580000, 1032278401, 1033999200,
    1034683201, 1036404000, 1037102401, 1038823200, 1039521601, 1041242400, 1041940801, 1043661600,
    1044360001, 1046080800, 1046779201, 1048500000, 1049198401, 1050919200, 1051617601, 1053338400,
    1054036801, 1055757600, 1056456001, 1058176800, 1058875201, 1060596000, 1061294401, 1063015200,
    1063713601, 1065434400, 1066132801, 1067853600, 1068552001, 1070272800, 1070971201, 1072692000,
    1073390401, 1075111200, 1075809601, 1077530400, 1078228801, 1079949600, 1080648001, 1082368800,
    1083067201, 1084788000, 1085486401, 1087207200, 1087905601, 1089626400, 1090324801, 1092045600,
    1092744001, 1094464800, 1095163201, 1096884000, 1097582401, 1099303200, 1100001601, 1101722400,
    1102420801, 1104141600, 1104840001, 1106560800, 1107259201, 1108980000, 1109678401, 1111399200,
    1112097601, 1113818400, 1114516801, 1116237600, 1116950401, 1118671200, 1119369601, 1121090400,
    1121788801, 1123509600, 1124208001, 1125273600,
];

/// An authority that is trusted, DER.
const ROOT_0: &[u8] = &[
    48, 1, 2,
];

/// An authority that is trusted, DER.
const ROOT_1: &[u8] = &[
    48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48,
    48, 48, 48, 48, 48, 48,
];

/// What the board shows, DER. Its key is a secret of the board: see --provision.
const CERTIFICATE: &[u8] = &[
    48, 3,
];

/// What the gateway is told.
pub const GATEWAY: Gateway = Gateway {
    sender_comp_id: "DESK",
    sender_sub_id: "a\"b\\",
    target_comp_id: "VENUE",
    heart_bt_int: 20,
    reset_on_logon: true,
    reset_on_logout: false,
    reset_on_disconnect: false,
    max_latency_seconds: Some(120),
    resend_order_max_age_seconds: Some(10),
    hosts: &[Host { name: "fix.example.com", port: 9876 }, Host { name: "10.0.0.7", port: 9877 }],
    back_off: BackOff { first_millis: 2000, most_millis: 30000, connect_millis: 60000, ..BackOff::DEFAULT },
    send_timeout_millis: 5000,
    limits: Limits {
        max_order_qty: Some(Decimal::new(1000, 0)),
        max_notional: Some(Decimal::new(25000050, 2)),
        price_band: Some(BasisPoints(250)),
        without_price: WithoutPrice::Pass,
        max_orders_per_second: None,
        max_open_orders: Some(20),
    },
    addressing: Addressing::Static { address: [192, 168, 1, 20], prefix_len: 24, gateway: Some([192, 168, 1, 1]), dns: &[[192, 168, 1, 1]] },
    dead_man: DeadMan { silent_seconds: 30, cancels: Cancels::Each },
    kill: Cancels::Mass,
    time: TimeRules { servers: &[Host { name: "pool.ntp.org", port: 123 }], ..TimeRules::DEFAULT },
    flash: FlashRules { erase_stall_millis: 2000, ..FlashRules::DEFAULT },
    tls: Some(TlsRules { server_name: "fix.venue.example", roots: &[ROOT_0, ROOT_1], certificate: CERTIFICATE }),
    schedule: Table(SCHEDULE),
    ..Gateway::DEFAULT
};
