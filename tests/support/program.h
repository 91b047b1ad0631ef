// The product as what it is: a process. Starts `citadel serve`, `worker` or `stripe-sim` with a given
// environment on a free port, waits until it is ready, kills it at will. Whatever is still running when
// the object goes is killed; so it is when the test itself dies.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/temporary_folder.h"

namespace citadel::testing {

using Environment = std::map<std::string, std::string>;

inline constexpr const char* kWebhookSecret = "whsec_test_endpoint";
inline constexpr const char* kStripeKey = "sk_test_citadel_sim";

class Program {
  public:
    // `arguments` as after "citadel". Nothing of the test's own environment reaches the child but PATH.
    Program(std::vector<std::string> arguments, Environment environment);
    ~Program();
    Program(const Program&) = delete;

    void Signal(int number);
    void Kill() {
        Signal(SIGKILL);
        Wait(std::chrono::seconds(10));
    }
    // Exit code, 128 + N after signal N; nullopt: still running after `patience`.
    std::optional<int> Wait(std::chrono::milliseconds patience);
    bool running() { return !Wait(std::chrono::milliseconds(0)); }

    // The port it says it listens on; throws when it ends, or says nothing for half a minute.
    int Port();
    std::string base() { return "http://127.0.0.1:" + std::to_string(Port()); }
    // Until /readyz answers 200.
    void WaitUntilReady();
    // All that it has written so far.
    std::string Output() const;

  private:
    TemporaryFolder folder_;
    pid_t pid_ = -1;
    std::optional<int> exit_code_;
    int port_ = 0;
};

struct EngineSettings {
    std::string database_url;
    std::string clock = "real";
    std::string stripe_base = "http://127.0.0.1:9";  // nobody answers there
    std::string resend_base;                         // empty: mails stay in the database
    int workers = 0;
    std::string die_at;  // CITADEL_TEST_DIE_AT
    std::string log_level = "info";
    std::string command = "serve";
    int port = 0;
    Environment more;
};

// `citadel serve` or `citadel worker`, as soon as there is a process.
std::unique_ptr<Program> LaunchEngine(const EngineSettings& settings);
// The same; returns when it is ready.
std::unique_ptr<Program> StartEngine(const EngineSettings& settings);

}  // namespace citadel::testing
