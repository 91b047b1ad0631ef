// The settings with their types, checked at start: a wrong one is refused with the name of its flag and
// variable and what it should hold.
#pragma once
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/settings.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/step_hook.h"
#include "crypto/token_vault.h"

namespace citadel::app {

inline constexpr std::size_t kTrackingSecretBytesMin = 16;

struct Config {
    std::string database_url;  // empty: embedded
    std::filesystem::path data_dir;
    std::string host;
    int port = 8080;
    int metrics_port = 9090;
    int workers = 64;
    bool migrate = false;
    bool prepare = true;
    std::unique_ptr<Clock> clock;
    std::string stripe_api_base;
    std::chrono::milliseconds stripe_deadline{30'000};
    std::chrono::milliseconds stripe_backoff{500};
    Secret stripe_secret_key;
    std::vector<Secret> stripe_webhook_secrets;
    std::string stripe_connect_base;
    std::string stripe_client_id;
    std::vector<crypto::EncryptionKey> encryption_keys;  // the first one seals; see LoadEncryptionKeys
    std::string clerk_issuer;
    std::string clerk_jwks_url;
    std::vector<std::string> clerk_authorized_parties;
    std::vector<Secret> clerk_webhook_secrets;
    std::string clerk_publishable_key;
    bool local_issuer = false;  // DEMO ONLY: anybody signs in as anybody
    std::string email_from;     // the bare address
    std::string public_url;     // without a slash at the end; may be empty
    Secret resend_api_key;      // empty: mails stay on this machine
    std::string resend_api_base;
    std::vector<Secret> resend_webhook_secrets;
    int resend_requests_per_second = 2;
    std::vector<Secret> tracking_secrets;  // the first one signs
    std::string meter_event = "citadel_recovered";
    StepHook at_step;  // tests: told of every step that a crash may fall behind
    Values raw;        // what single commands read

    bool embedded() const { return database_url.empty(); }
};

// Throws Trouble(kConfiguration).
Config ReadConfig(Values values);
// For serve and worker: what must be there before strangers are served.
void RequireForServing(const Config& config);

// A whole number of a setting, within bounds.
std::int64_t ReadNumber(const Values& values, const std::string& env, std::int64_t least, std::int64_t most);
bool ReadSwitch(const Values& values, const std::string& env);

}  // namespace citadel::app
