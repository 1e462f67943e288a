use super::{security::doubt, *};
use crate::{
    exchange::{
        book::Phase,
        floor::listed,
        venue::Rules,
        wire::{Line, said},
    },
    market::default_instruments,
};

struct Asker {
    desk: SecurityDesk,
    line: Line,
    venue: Venue,
}

impl Asker {
    fn new() -> Self {
        let instruments = default_instruments();
        Asker {
            desk: SecurityDesk::new(Securities::new(&instruments)),
            line: Line::new(),
            venue: Venue::new(Rules::default(), &instruments.iter().map(listed).collect::<Vec<_>>()),
        }
    }

    fn outcome(&mut self, text: &str) -> Result<(), BusinessReject> {
        let Asker { desk, line, venue } = self;
        desk.see(venue);
        said(text, |message| desk.request(message, &|named| venue.find(named), line))
    }

    fn ask(&mut self, text: &str) -> Vec<String> {
        self.outcome(text).unwrap();
        self.line.take()
    }

    fn publish(&mut self) -> Vec<String> {
        let Asker { desk, line, venue } = self;
        desk.see(venue);
        desk.publish(line);
        line.take()
    }
}

#[test]
fn one_instrument_is_listed_with_what_its_file_says() {
    let mut asker = Asker::new();
    let expected = "35=y|146=1|55=2Y|48=912999AA7|22=1|167=TNOTE|541=20280131|225=20260131|223=0.035|\
                    107=US Treasury 3.5% 31 Jan 2028|15=USD|320=a|322=S1|393=1|560=0|893=Y|";
    assert_eq!(asker.ask("35=x|320=a|559=0|55=2Y|"), [expected]);
    let by_id = [expected.replace("320=a|322=S1", "320=b|322=S2")];
    assert_eq!(
        asker.ask("35=x|320=b|559=0|55=[N/A]|48=912999AA7|22=1|"),
        by_id,
        "FIX 4.4's word for no symbol"
    );
    assert_eq!(asker.ask("35=x|320=c|559=0|48=912999AA7|22=4|"), ["35=y|320=c|322=S3|393=0|560=2|893=Y|"]);
    let unnamed = asker.outcome("35=x|320=d|559=0|").unwrap_err();
    assert!(unnamed.to_string().contains("Symbol(55)"), "{unnamed}");
}

#[test]
fn lists_are_by_type_by_session_or_of_all() {
    let mut asker = Asker::new();
    let mut count = |text: &str| {
        let lists = asker.ask(text);
        lists.iter().map(|list| list.matches("|55=").count()).sum::<usize>()
    };
    assert_eq!(count("35=x|320=a|559=1|167=TNOTE|"), 4);
    assert_eq!(count("35=x|320=a|559=1|167=FUT|"), 5);
    assert_eq!(count("35=x|320=a|559=3|336=DAY|"), 10);
    assert_eq!(count("35=x|320=a|559=3|336=NIGHT|"), 0);
    assert_eq!(count("35=x|320=a|559=4|"), 10);
    assert_eq!(count("35=x|320=a|559=4|263=2|"), 0);
    for unsupported in ["559=1|", "559=2|", "559=3|", "559=9|"] {
        let answer = asker.ask(&format!("35=x|320=a|{unsupported}"));
        assert!(answer[0].contains("|560=1|"), "{answer:?}");
    }
}

#[test]
fn a_long_list_comes_in_parts_as_there_is_room_for_them() {
    let one = default_instruments()[0];
    let mut asker = Asker::new();
    asker.desk = SecurityDesk::new(Securities::new(&vec![one; 120]));
    asker.line.room = 1;
    let mut lists = asker.ask("35=x|320=a|559=4|");
    assert_eq!(lists.len(), 1);
    assert!(asker.desk.is_watching());
    asker.line.room = 9;
    lists.extend(asker.publish());
    let told: Vec<_> =
        lists.iter().map(|list| (list.matches("|55=").count(), list.contains("|893=Y|"))).collect();
    assert_eq!(told, [(50, false), (50, false), (20, true)]);
    assert!(lists.iter().all(|list| list.contains("|393=120|")));
    assert!(!asker.desk.is_watching());
}

#[test]
fn who_does_not_read_his_lists_is_refused_more() {
    let mut asker = Asker::new();
    asker.line.room = 0;
    for _ in 0..16 {
        asker.ask("35=x|320=a|559=4|");
    }
    let busy = asker.outcome("35=x|320=b|559=4|").unwrap_err();
    assert!(busy.to_string().contains("wait to be sent"), "{busy}");
    asker.line.room = 99;
    assert_eq!(asker.publish().len(), 16);
}

#[test]
fn a_definition_is_of_a_listed_instrument() {
    let mut asker = Asker::new();
    assert_eq!(
        asker.ask("35=c|320=a|321=0|55=TYH6|"),
        [
            "35=d|55=TYH6|320=a|322=S1|323=1|167=FUT|200=202603|207=XCBT|107=10-Year T-Note Future March 2026|15=USD|"
        ]
    );
    let unknown = asker.ask("35=c|320=b|321=1|55=NONE|");
    assert!(unknown[0].contains("|323=6|") && unknown[0].contains("|55=NONE|"), "{unknown:?}");
    let list = asker.ask("35=c|320=c|321=3|");
    assert!(list[0].contains("|323=5|") && list[0].contains("35=x"), "{list:?}");
}

#[test]
fn the_phase_is_told_when_asked_and_with_each_change() {
    let mut asker = Asker::new();
    let first = asker.ask("35=e|324=s|263=1|55=2Y|");
    assert_eq!(first, ["35=f|55=2Y|60=20261124-05:53:00.000|324=s|326=17|336=DAY|"]);
    asker.ask("35=e|324=once|263=0|55=5Y|");
    asker.ask("35=g|335=g|263=1|");
    assert_eq!(asker.publish(), [""; 0]);
    asker.venue.set_phase_of(0, Phase::Halted, &mut Vec::new());
    let changed = asker.publish();
    assert_eq!(
        changed,
        ["35=f|55=2Y|60=20261124-05:53:00.000|324=s|325=Y|326=2|336=DAY|"],
        "the others trade on"
    );
    for (phase, trading, session) in
        [(Phase::PreOpen, "21", "4"), (Phase::Closing, "21", "5"), (Phase::Closed, "18", "3")]
    {
        asker.venue.set_phase(phase, &mut Vec::new());
        let told = asker.publish();
        assert!(told[0].contains(&format!("|326={trading}|")), "{told:?}");
        assert!(told[1].contains(&format!("|340={session}|")), "{told:?}");
    }
    asker.ask("35=e|324=s|263=2|55=2Y|");
    asker.ask("35=g|335=g|263=2|");
    assert!(!asker.desk.is_watching());
}

#[test]
fn who_has_no_room_is_told_the_latest_phase_later() {
    let mut asker = Asker::new();
    asker.ask("35=e|324=s|263=1|55=2Y|");
    asker.line.room = 0;
    asker.venue.set_phase_of(0, Phase::Halted, &mut Vec::new());
    assert_eq!(asker.publish(), [""; 0]);
    asker.venue.set_phase_of(0, Phase::Closed, &mut Vec::new());
    asker.line.room = 5;
    let told = asker.publish();
    assert!(told.len() == 1 && told[0].contains("|326=18|"), "{told:?}");
}

#[test]
fn what_cannot_be_asked_is_said() {
    let mut asker = Asker::new();
    let unknown = asker.ask("35=e|324=s|263=1|55=NONE|");
    assert!(unknown[0].contains("|326=20|"), "{unknown:?}");
    let of_another = asker.ask("35=e|324=s|263=1|55=2Y|336=NIGHT|");
    assert!(
        of_another[0].contains("|58=the one trading session is DAY|") && of_another[0].contains("|326=20|"),
        "{of_another:?}"
    );
    let other = asker.ask("35=g|335=g|263=0|336=NIGHT|");
    assert!(other[0].contains("|340=6|") && other[0].contains("|567=1|"), "{other:?}");
    assert!(asker.outcome("35=e|324=s|263=7|55=2Y|").is_err());
    assert!(!asker.desk.is_watching());
}

#[test]
fn a_coupon_in_percent_is_doubted() {
    let head = "symbol,startPrice,tick,step,halfSpread,list:CouponRate\n";
    let of = |rate: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("i.csv");
        std::fs::write(&path, format!("{head}A,1,1,1,1,{rate}\n")).unwrap();
        doubt(&crate::market::load(&path).unwrap()[0])
    };
    assert_eq!([of("0.035"), of("1")], [None, None]);
    let said = of("3.5").unwrap();
    assert!(said.contains("i.csv:2: CouponRate(223) of A") && said.contains("3.5 is 350 %"), "{said}");
}
