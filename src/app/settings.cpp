#include "app/settings.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cstdlib>

#include "base/error.h"

namespace citadel::app {
namespace {

std::string Lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

std::string TextOf(const toml::node& node, const std::string& where) {
    if (auto text = node.value_exact<std::string>()) return *text;
    if (auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
    if (auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
    throw Trouble(TroubleKind::kConfiguration, where + " must be a text, a whole number or true/false");
}

Values ReadFile(const std::string& path) {
    toml::table table;
    try {
        table = toml::parse_file(path);
    } catch (const toml::parse_error& bad) {
        throw Trouble(TroubleKind::kConfiguration, fmt::format("--config {}: line {}: {}", path,
                                                               bad.source().begin.line, bad.description()));
    }
    Values values;
    for (const auto& [key, node] : table) {
        std::string name(key.str());
        auto where = fmt::format("--config {}: line {}: {}", path, node.source().begin.line, name);
        bool known = false;
        for (const auto& setting : AllSettings()) {
            if (Lower(setting.env) != name) continue;
            values[setting.env] = TextOf(node, where);
            known = true;
        }
        if (!known)
            throw Trouble(TroubleKind::kConfiguration, where + " is not a setting; see citadel --help");
    }
    return values;
}

// What the service itself takes.
std::vector<Setting> ServiceSettings() {
    return {
        {"--database-url", "DATABASE_URL", "",
         "libpq URI, several hosts allowed; unset: an embedded PostgreSQL"},
        {"--data-dir", "CITADEL_DATA_DIR", "",
         "where the embedded PostgreSQL lives; default $XDG_DATA_HOME/citadel"},
        {"--host", "HOST", "127.0.0.1", "address to listen on"},
        {"--port", "PORT", "8080", "port to listen on; 0 takes a free one"},
        {"--metrics-port", "CITADEL_METRICS_PORT", "9090", "citadel worker: port of health and metrics"},
        {"--workers", "CITADEL_WORKERS", "64", "tasks run side by side; 0: none here"},
        {"--migrate", "CITADEL_MIGRATE", "", "bring the schema up to date before starting", true},
        {"--log-level", "LOG_LEVEL", "info", "trace, debug, info, warn, error or off"},
        {"--log-format", "LOG_FORMAT", "text", "json or text"},
        {"--clock", "CITADEL_CLOCK", "real", "real, fixed:TIME or fast:START:RATE"},
        {"--stripe-api-base", "STRIPE_API_BASE", "https://api.stripe.com",
         "Stripe's API; plain http only to loopback"},
        {"--stripe-deadline-ms", "CITADEL_STRIPE_DEADLINE_MS", "30000",
         "how long Stripe may take to answer a call"},
        {"--stripe-backoff-ms", "CITADEL_STRIPE_BACKOFF_MS", "500",
         "first pause before a call to Stripe is sent again; it doubles"},
        {"", "STRIPE_SECRET_KEY", "", "the platform's secret or restricted key"},
        {"--stripe-connect-base", "STRIPE_CONNECT_BASE", "https://connect.stripe.com",
         "Stripe Connect's OAuth; plain http only to loopback"},
        {"--stripe-client-id", "STRIPE_CLIENT_ID", "", "the platform's client id for Connect, ca_…"},
        {"--clerk-issuer", "CLERK_ISSUER", "",
         "Clerk's Frontend API address; whose tokens merchants sign in with"},
        {"--clerk-jwks-url", "CLERK_JWKS_URL", "",
         "where the issuer's keys are; default its .well-known/jwks.json; file:// too"},
        {"--clerk-authorized-parties", "CLERK_AUTHORIZED_PARTIES", "",
         "origins of the dashboard, comma separated; azp and Origin must be one of them"},
        {"--clerk-publishable-key", "CLERK_PUBLISHABLE_KEY", "", "for the dashboard's sign-in page"},
        {"", "CLERK_WEBHOOK_SECRET", "",
         "signing secrets of Clerk's webhooks, comma separated; any may match"},
        {"--local-issuer", "CITADEL_LOCAL_ISSUER", "",
         "demos only: anybody may sign in as anybody, at /dev/sign-in", true},
        {"", "STRIPE_WEBHOOK_SECRET", "", "endpoint secrets, comma separated; any may match"},
        {"", "ENCRYPTION_KEY", "",
         "64 hex characters, or id:hex pairs, comma separated; the first one writes"},
    };
}

// Mail, and what else the service sends out.
std::vector<Setting> MailSettings() {
    return {
        {"--email-from", "EMAIL_FROM", "billing@citadel.invalid", "address that mails come from"},
        {"--meter-event", "CITADEL_METER_EVENT", "citadel_recovered",
         "name of the usage events that the platform's meter adds up; {currency} stands for the currency"},
        {"--public-url", "PUBLIC_URL", "", "address used in mails and redirects"},
        {"", "RESEND_API_KEY", "", "sends mail; unset: mails are logged and kept here"},
        {"--resend-api-base", "RESEND_API_BASE", "https://api.resend.com",
         "Resend's API; plain http only to loopback"},
        {"", "RESEND_WEBHOOK_SECRET", "", "whsec_…, comma separated; any may match"},
        {"--resend-rate", "RESEND_REQUESTS_PER_SECOND", "2", "requests a second that Resend allows the team"},
        {"", "TRACKING_SECRET", "", "signs the links in mails; comma separated, the first one signs"},
        {"", "WORKER_SECRET", "", "opens /api/worker to who shows it; unset: that API answers 403"},
        {"", "ADMIN_KEY", "", "opens /api/admin to who shows it; unset: that API answers 403"},
        {"--cors-origins", "CORS_ORIGINS", "",
         "origins whose pages may call the API, comma separated; unset: none"},
        {"--caller-rate", "CITADEL_CALLER_RATE", "50",
         "requests a second of one merchant, five times that at once; 0: no limit"},
        {"--address-rate", "CITADEL_ADDRESS_RATE", "200",
         "requests a second of one address, five times that at once; 0: no limit"},
        {"--trusted-proxies", "CITADEL_TRUSTED_PROXIES", "0",
         "how many proxies of yours stand in front and write X-Forwarded-For"},
        {"--statements", "CITADEL_STATEMENTS", "prepared",
         "prepared, or unnamed behind PgBouncer before 1.21"},
    };
}

// What single commands take.
std::vector<Setting> CommandSettings() {
    return {
        {"--status", "CITADEL_STATUS", "", "migrate: list what is applied, change nothing", true},
        {"--days", "CITADEL_DEMO_DAYS", "45", "demo: days to play"},
        {"--merchants", "CITADEL_DEMO_MERCHANTS", "8", "demo: merchants"},
        {"--customers", "CITADEL_DEMO_CUSTOMERS", "400", "demo: customers of each merchant"},
        {"--seed", "CITADEL_SEED", "1", "demo, simulate, stripe-sim: what chance is drawn from"},
        {"--payers", "CITADEL_SIMULATE_PAYERS", "5000", "simulate: failed renewals to play"},
        {"--population", "CITADEL_POPULATION", "",
         "simulate: a file with payers; default: the built-in ones"},
        {"--ablate", "CITADEL_ABLATE", "", "simulate: the default policy taken apart instead", true},
        {"--stdio", "CITADEL_STDIO", "", "policy: questions on standard input, answers on standard output",
         true},
        {"--policy", "CITADEL_POLICY", "payday/1", "policy: payday/1, classic/1, eight14/1 or eight28/1"},
        {"--keep", "CITADEL_DEMO_KEEP", "", "demo: stay up after the report", true},
        {"--json", "CITADEL_JSON", "", "print one JSON object instead of text", true},
        {"--webhook-url", "CITADEL_SIM_WEBHOOK_URL", "", "stripe-sim: where webhooks go"},
        {"--webhook-secret", "CITADEL_SIM_WEBHOOK_SECRET", "whsec_sim_platform",
         "stripe-sim: signs platform events"},
        {"--connect-webhook-secret", "CITADEL_SIM_CONNECT_SECRET", "whsec_sim_connect",
         "stripe-sim: signs events of connected accounts"},
        {"--account", "CITADEL_MERCHANT_ACCOUNT", "", "merchants add: the Stripe account, acct_…"},
        {"--name", "CITADEL_MERCHANT_NAME", "", "merchants add: the name customers know"},
        {"--email", "CITADEL_MERCHANT_EMAIL", "", "merchants add: where the merchant is reached"},
        {"--retry-mode", "CITADEL_MERCHANT_RETRY_MODE", "weave", "merchants add: observe, weave or own"},
        {"--platform-customer", "CITADEL_MERCHANT_CUSTOMER", "",
         "merchants add: its customer id at the platform, cus_…"},
    };
}

}  // namespace

const std::vector<Setting>& AllSettings() {
    static const std::vector<Setting> all = [] {
        std::vector<Setting> made = ServiceSettings();
        for (const auto& setting : MailSettings()) made.push_back(setting);
        for (const auto& setting : CommandSettings()) made.push_back(setting);
        return made;
    }();
    return all;
}

const Setting& FindSetting(const std::string& env) {
    for (const auto& setting : AllSettings()) {
        if (env == setting.env) return setting;
    }
    CITADEL_CHECK(false, "the setting is in the table");
    return AllSettings().front();
}

Values Resolve(const Values& flags, const std::string& config_file) {
    Values from_file = config_file.empty() ? Values() : ReadFile(config_file);
    Values values;
    for (const auto& setting : AllSettings()) {
        auto flag = flags.find(setting.env);
        const char* environment = std::getenv(setting.env);
        auto file = from_file.find(setting.env);
        if (flag != flags.end()) values[setting.env] = flag->second;
        else if (environment && *environment) values[setting.env] = environment;
        else if (file != from_file.end()) values[setting.env] = file->second;
        else values[setting.env] = setting.initial;
    }
    return values;
}

}  // namespace citadel::app
