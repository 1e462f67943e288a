// The work of the other peers done by QuickFIX C++, as it is meant to be used: a Message parsed with
// validation of BodyLength and CheckSum, and typed fields; typed message classes to encode.

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include <quickfix/fix44/ExecutionReport.h>
#include <quickfix/fix44/MarketDataSnapshotFullRefresh.h>
#include <quickfix/fix44/NewOrderSingle.h>

namespace {

struct Text {
  uint64_t len;
  char ends[2];
};

struct Values {
  uint64_t msg_seq_num;
  Text order_id;
  Text cl_ord_id;
  Text symbol;
  uint64_t side;
  uint64_t exec_type;
  double quantity;
  double price;
  uint64_t time_millis;
};

struct Entry {
  uint64_t entry_type;
  double price;
  double size;
};

Text text(const std::string &value) {
  return {value.size(), {value.front(), value.back()}};
}

uint64_t millis(const FIX::UtcTimeStamp &time) {
  return static_cast<uint64_t>(time.getTimeT()) * 1000 + time.getMillisecond();
}

template <typename T, typename M> T read(const M &message) {
  T field;
  message.getField(field);
  return field;
}

FIX::UtcTimeStamp at(int millisecond) {
  return FIX::UtcTimeStamp(12, 30, 45, millisecond, 24, 11, 2026);
}

size_t copy(FIX::Message &message, uint8_t *out, size_t max) {
  const std::string bytes = message.toString();
  const size_t len = bytes.size() < max ? bytes.size() : max;
  std::memcpy(out, bytes.data(), len);
  return len;
}

void header(FIX::Message &message, const char *sender, const char *target, int seq, int millisecond) {
  FIX::Header &header = message.getHeader();
  header.setField(FIX::SenderCompID(sender));
  header.setField(FIX::TargetCompID(target));
  header.setField(FIX::MsgSeqNum(seq));
  header.setField(FIX::SendingTime(at(millisecond), 3));
}

std::unique_ptr<FIX::DataDictionary> dictionary;

void decode(FIX::Message &message, const uint8_t *bytes, size_t len, bool validate) {
  const std::string text(reinterpret_cast<const char *>(bytes), len);
  if (validate) {
    message.setString(text, true, dictionary.get(), dictionary.get());
    dictionary->validate(message);
  } else {
    message.setString(text, true);
  }
}

} // namespace

extern "C" bool quickfix_load(const char *path) {
  try {
    dictionary.reset(new FIX::DataDictionary(path));
    return true;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "QuickFIX cannot load the dictionary: %s\n", error.what());
    return false;
  }
}

extern "C" bool quickfix_decode_order(const uint8_t *bytes, size_t len, bool validate, Values *out) {
  FIX::Message message;
  decode(message, bytes, len, validate);
  out->msg_seq_num = read<FIX::MsgSeqNum>(message.getHeader()).getValue();
  out->cl_ord_id = text(read<FIX::ClOrdID>(message).getValue());
  out->symbol = text(read<FIX::Symbol>(message).getValue());
  out->side = read<FIX::Side>(message).getValue();
  out->time_millis = millis(read<FIX::TransactTime>(message).getValue());
  out->quantity = read<FIX::OrderQty>(message).getValue();
  out->price = read<FIX::Price>(message).getValue();
  return true;
}

extern "C" bool quickfix_decode_report(const uint8_t *bytes, size_t len, bool validate, Values *out) {
  FIX::Message message;
  decode(message, bytes, len, validate);
  out->msg_seq_num = read<FIX::MsgSeqNum>(message.getHeader()).getValue();
  out->order_id = text(read<FIX::OrderID>(message).getValue());
  out->cl_ord_id = text(read<FIX::ClOrdID>(message).getValue());
  out->exec_type = read<FIX::ExecType>(message).getValue();
  out->side = read<FIX::Side>(message).getValue();
  out->quantity = read<FIX::LastQty>(message).getValue();
  out->price = read<FIX::LastPx>(message).getValue();
  out->time_millis = millis(read<FIX::TransactTime>(message).getValue());
  return true;
}

// QuickFIX knows repeating groups only from a data dictionary, given to it here as a group's member order.
extern "C" size_t quickfix_decode_snapshot(const uint8_t *bytes, size_t len, Values *out, Entry *entries, size_t max) {
  static const FIX::DataDictionary dictionary = [] {
    FIX::DataDictionary made;
    made.addMsgType("W");
    FIX::DataDictionary members;
    for (int field : {269, 270, 271, 278}) {
      members.addField(field);
    }
    made.addGroup("W", 268, 269, members);
    return made;
  }();
  FIX::Message message;
  message.setString(std::string(reinterpret_cast<const char *>(bytes), len), true, &dictionary, &dictionary);
  out->msg_seq_num = read<FIX::MsgSeqNum>(message.getHeader()).getValue();
  out->symbol = text(read<FIX::Symbol>(message).getValue());
  const size_t count = message.groupCount(268);
  FIX44::MarketDataSnapshotFullRefresh::NoMDEntries group;
  for (size_t index = 0; index < count && index < max; ++index) {
    message.getGroup(index + 1, group);
    entries[index].entry_type = read<FIX::MDEntryType>(group).getValue();
    entries[index].price = read<FIX::MDEntryPx>(group).getValue();
    entries[index].size = read<FIX::MDEntrySize>(group).getValue();
  }
  return count < max ? count : max;
}

extern "C" size_t quickfix_encode_order(uint8_t *out, size_t max) {
  FIX44::NewOrderSingle message;
  header(message, "BUYSIDE", "EXCHANGE", 1234567, 123);
  message.setField(FIX::ClOrdID("ORDER-12345"));
  message.setField(FIX::Account("ACCOUNT-77"));
  message.setField(FIX::HandlInst('1'));
  message.setField(FIX::Symbol("EUR/USD"));
  message.setField(FIX::Side('1'));
  message.setField(FIX::TransactTime(at(122), 3));
  message.setField(FIX::OrderQty(1500000));
  message.setField(FIX::OrdType('2'));
  message.setField(FIX::Price(1.09375));
  message.setField(FIX::TimeInForce('0'));
  return copy(message, out, max);
}

extern "C" size_t quickfix_encode_report(uint8_t *out, size_t max) {
  FIX44::ExecutionReport message;
  header(message, "EXCHANGE", "BUYSIDE", 7654321, 126);
  message.getHeader().setField(FIX::TargetSubID("DESK-1"));
  message.setField(FIX::OrderID("EXCH-ORD-0000098765"));
  message.setField(FIX::ClOrdID("ORDER-12345"));
  message.setField(FIX::ExecID("EXEC-000087654"));
  message.setField(FIX::ExecType('F'));
  message.setField(FIX::OrdStatus('1'));
  message.setField(FIX::Account("ACCOUNT-77"));
  message.setField(FIX::Symbol("EUR/USD"));
  message.setField(FIX::Side('1'));
  message.setField(FIX::OrderQty(1500000));
  message.setField(FIX::OrdType('2'));
  message.setField(FIX::Price(1.09375));
  message.setField(FIX::TimeInForce('0'));
  message.setField(FIX::LastQty(500000));
  message.setField(FIX::LastPx(1.09371));
  message.setField(FIX::LastMkt("XLON"));
  message.setField(FIX::LeavesQty(1000000));
  message.setField(FIX::CumQty(500000));
  message.setField(FIX::AvgPx(1.09371));
  message.setField(FIX::TradeDate("20261124"));
  message.setField(FIX::TransactTime(at(125), 3));
  message.setField(FIX::Text("partial fill"));
  return copy(message, out, max);
}
