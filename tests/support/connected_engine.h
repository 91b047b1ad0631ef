// An engine and a simulator as two processes whose clocks stand still at the same moment, and merchants who
// sign in and connect their accounts by HTTP as a browser would.
#pragma once
#include <boost/json/object.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "http/client.h"
#include "support/program.h"
#include "support/signed_in.h"
#include "support/simulator_program.h"
#include "support/test_database.h"

namespace citadel::testing {

class ConnectedEngine {
  public:
    explicit ConnectedEngine(Time now = *ParseTime("2026-01-01T00:00:00Z"));

    // Starts the engine anew with these settings on top (an empty value takes one away), at the same
    // database.
    void Restart(const std::map<std::string, std::string>& settings = {}, Time now = {});
    void Kill() { engine_->Kill(); }
    Program& engine() { return *engine_; }
    SimulatorProgram& simulator() { return simulator_; }
    Sql& sql() { return database_.sql(); }
    const std::string& database_url() const { return database_.url(); }
    Time now() const { return now_; }

    // A call with a fresh token of that user; `user` empty: with none.
    http::Answer Call(const std::string& method, const std::string& path, const std::string& user,
                      const std::string& body = "", std::vector<http::Header> headers = {});
    // The address of Stripe's page.
    std::string Authorize(const std::string& user);
    // Where the page sends the browser when the merchant chooses that account ("" cancels): path and query.
    std::string AnswerPage(const std::string& url, const std::string& account);
    // The whole way; what the dashboard is told: "connected=true" or "error=CODE".
    std::string Connect(const std::string& user, const std::string& account);
    // The same from the page's answer on.
    std::string Return(const std::string& user, const std::string& path_and_query);
    std::string NewAccount(bool connected = false);

    TestIssuer issuer;

  private:
    Environment Settings() const;

    Time now_;
    TestDatabase database_;
    SimulatorProgram simulator_;
    std::unique_ptr<Program> engine_;
};

}  // namespace citadel::testing
