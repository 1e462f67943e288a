// The same acceptor on QuickFIX C++: answers every order with the report that it is filled.
//   quickfix PORT memory|file FOLDER DICTIONARY
#include <quickfix/Application.h>
#include <quickfix/FileStore.h>
#include <quickfix/MessageStore.h>
#include <quickfix/Session.h>
#include <quickfix/SessionSettings.h>
#include <quickfix/SocketAcceptor.h>
#include <quickfix/fix44/ExecutionReport.h>
#include <quickfix/fix44/NewOrderSingle.h>

#include <csignal>
#include <sstream>
#include <string>

class Filler : public FIX::NullApplication {
  long execIds = 0;

  void fromApp(const FIX::Message &message, const FIX::SessionID &session)
      throw(FIX::FieldNotFound, FIX::IncorrectDataFormat, FIX::IncorrectTagValue, FIX::UnsupportedMessageType) override {
    if (message.getHeader().getField(FIX::FIELD::MsgType) != "D")
      throw FIX::UnsupportedMessageType();
    FIX::ClOrdID clOrdId;
    FIX::Symbol symbol;
    FIX::Side side;
    FIX::OrderQty qty;
    FIX::Price price;
    message.getField(clOrdId);
    message.getField(symbol);
    message.getField(side);
    message.getField(qty);
    message.getField(price);
    const std::string id = std::to_string(++execIds);
    FIX44::ExecutionReport report{FIX::OrderID{id},     FIX::ExecID{id},
                                  FIX::ExecType{FIX::ExecType_TRADE}, FIX::OrdStatus{FIX::OrdStatus_FILLED},
                                  side,                 FIX::LeavesQty{0},
                                  FIX::CumQty{qty},     FIX::AvgPx{price}};
    report.set(clOrdId);
    report.set(symbol);
    report.set(qty);
    report.set(FIX::LastQty(qty));
    report.set(FIX::LastPx(price));
    report.set(FIX::TransactTime{});
    FIX::Session::sendToTarget(report, session);
  }
};

int main(int count, char **arguments) {
  if (count != 5)
    return 2;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  std::stringstream text;
  text << "[DEFAULT]\nConnectionType=acceptor\nStartTime=00:00:00\nEndTime=00:00:00\nSocketNodelay=Y\n"
       << "SocketReuseAddress=Y\nUseDataDictionary=Y\nSocketAcceptPort=" << arguments[1]
       << "\nFileStorePath=" << arguments[3] << "\nDataDictionary=" << arguments[4]
       << "\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=SERVER\nTargetCompID=DRIVER\n";
  FIX::SessionSettings settings(text);
  Filler filler;
  FIX::MemoryStoreFactory memory;
  FIX::FileStoreFactory file(settings);
  FIX::MessageStoreFactory &stores =
      std::string(arguments[2]) == "memory" ? static_cast<FIX::MessageStoreFactory &>(memory) : file;
  FIX::SocketAcceptor acceptor(filler, stores, settings);
  acceptor.start();
  int signal;
  sigwait(&signals, &signal);
  acceptor.stop(true);
  return 0;
}
