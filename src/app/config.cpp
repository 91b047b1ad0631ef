#include "app/config.h"

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>

#include <charconv>
#include <cstdlib>

#include "base/error.h"
#include "base/log.h"
#include "crypto/svix.h"
#include "email/values.h"

namespace citadel::app {
namespace {

[[noreturn]] void Refuse(const std::string& env, const std::string& expected, const std::string& got) {
    std::string flag = FindSetting(env).flag;
    auto name = flag.empty() ? env : fmt::format("{} ({})", env, flag);
    throw Trouble(TroubleKind::kConfiguration, fmt::format("{} must be {}; got \"{}\"", name, expected, got));
}

// By address, not by spelling: 127.0.0.1.example.com is somebody else's, though Boost.URL 1.81 reads it
// as the address followed by a path.
bool IsLoopback(const boost::urls::url_view& url) {
    auto path = std::string(url.encoded_path());
    if (!path.empty() && !path.starts_with('/')) return false;
    boost::system::error_code error;
    auto address = boost::asio::ip::make_address(url.host_address(), error);
    return url.host_address() == "localhost" || (!error && address.is_loopback());
}

std::string ReadBase(const Values& values, const std::string& env) {
    auto text = values.at(env);
    auto url = boost::urls::parse_uri(text);
    bool https = url && url->scheme() == "https";
    bool local = url && url->scheme() == "http" && IsLoopback(*url);
    if (!https && !local) Refuse(env, "an https address, or http on loopback", text);
    while (text.ends_with('/')) text.pop_back();
    return text;
}

// Of http or https, whatever its host.
std::string ReadAddress(const Values& values, const std::string& env) {
    auto text = values.at(env);
    auto url = boost::urls::parse_uri(text);
    bool fits = url && (url->scheme() == "https" || url->scheme() == "http") && !url->has_query() &&
                !url->has_fragment() && !url->encoded_host().empty();
    if (!fits) Refuse(env, "an http or https address", text);
    while (text.ends_with('/')) text.pop_back();
    return text;
}

std::vector<Secret> ReadSecrets(const std::string& text) {
    std::vector<Secret> secrets;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        auto end = std::min(text.find(',', begin), text.size());
        auto part = text.substr(begin, end - begin);
        auto first = part.find_first_not_of(" \t\r\n");
        if (first != std::string::npos) {
            secrets.emplace_back(part.substr(first, part.find_last_not_of(" \t\r\n") - first + 1));
        }
        begin = end + 1;
    }
    return secrets;
}

std::filesystem::path DefaultDataDir() {
    if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data)
        return std::filesystem::path(data) / "citadel";
    if (const char* home = std::getenv("HOME"); home && *home)
        return std::filesystem::path(home) / ".local/share/citadel";
    return "/var/lib/citadel";
}

bool IsLiveKey(const Secret& key) {
    return key.Reveal().starts_with("sk_live") || key.Reveal().starts_with("rk_live");
}

std::vector<crypto::EncryptionKey> ReadEncryptionKeys(const std::string& text) {
    try {
        return crypto::ParseEncryptionKeys(text);
    } catch (const std::invalid_argument& bad) {
        throw Trouble(TroubleKind::kConfiguration, std::string("ENCRYPTION_KEY must be ") + bad.what());
    }
}

std::vector<std::string> ReadOrigins(const Values& values, const std::string& env) {
    std::vector<std::string> origins;
    for (const auto& entry : ReadSecrets(values.at(env))) {
        auto url = boost::urls::parse_uri(entry.Reveal());
        bool origin = url && url->encoded_path().empty() && !url->has_query() && !url->has_fragment() &&
                      (url->scheme() == "https" || url->scheme() == "http");
        if (!origin)
            Refuse(env, "origins such as https://app.example, comma separated, without a path",
                   entry.Reveal());
        origins.push_back(entry.Reveal());
    }
    return origins;
}

// Whoever signs in, and how it is checked. The issuer's own address has the keys unless another is given.
void ReadSignIn(Config& config, const Values& values) {
    config.clerk_issuer = values.at("CLERK_ISSUER");
    if (!config.clerk_issuer.empty()) config.clerk_issuer = ReadBase(values, "CLERK_ISSUER");
    config.clerk_jwks_url = values.at("CLERK_JWKS_URL");
    bool file = config.clerk_jwks_url.starts_with("file:///");
    if (!config.clerk_jwks_url.empty() && !file) config.clerk_jwks_url = ReadBase(values, "CLERK_JWKS_URL");
    if (config.clerk_jwks_url.empty() && !config.clerk_issuer.empty())
        config.clerk_jwks_url = config.clerk_issuer + "/.well-known/jwks.json";
    config.clerk_authorized_parties = ReadOrigins(values, "CLERK_AUTHORIZED_PARTIES");
    config.clerk_publishable_key = values.at("CLERK_PUBLISHABLE_KEY");
    config.clerk_webhook_secrets = ReadSecrets(values.at("CLERK_WEBHOOK_SECRET"));
    for (const auto& secret : config.clerk_webhook_secrets) {
        if (crypto::IsSvixSecret(secret)) continue;
        throw Trouble(TroubleKind::kConfiguration,
                      "CLERK_WEBHOOK_SECRET must be signing secrets of Clerk's webhooks, whsec_ and base64");
    }
    config.local_issuer = ReadSwitch(values, "CITADEL_LOCAL_ISSUER");
    bool alone = config.clerk_issuer.empty() && !IsLiveKey(config.stripe_secret_key);
    bool local = config.host == "127.0.0.1" || config.host == "localhost" || config.host == "::1";
    if (config.local_issuer && !(alone && local)) {
        throw Trouble(
            TroubleKind::kConfiguration,
            "CITADEL_LOCAL_ISSUER (--local-issuer) lets anybody sign in as anybody: it must not be set "
            "with CLERK_ISSUER, with a live Stripe key, or where HOST is not this machine's own");
    }
}

std::unique_ptr<Clock> ReadClock(const Values& values, const Secret& key) {
    const auto& text = values.at("CITADEL_CLOCK");
    if (text != "real" && IsLiveKey(key)) {
        throw Trouble(
            TroubleKind::kConfiguration,
            "CITADEL_CLOCK must be real with a live Stripe key in STRIPE_SECRET_KEY: no other clock may "
            "decide when customers are charged");
    }
    try {
        return ParseClock(text);
    } catch (const std::invalid_argument& bad) {
        throw Trouble(TroubleKind::kConfiguration, bad.what());
    }
}

// "billing@example.com", or with a name before it, which each merchant's own takes the place of.
std::string ReadFromAddress(const Values& values) {
    auto text = values.at("EMAIL_FROM");
    auto open = text.rfind('<');
    if (open != std::string::npos && text.ends_with('>'))
        text = text.substr(open + 1, text.size() - open - 2);
    if (!email::IsPlainAddress(text)) {
        Refuse("EMAIL_FROM", "an address such as billing@example.com, or Name <billing@example.com>",
               values.at("EMAIL_FROM"));
    }
    return text;
}

void ReadMail(const Values& values, Config& config) {
    config.email_from = ReadFromAddress(values);
    if (!values.at("PUBLIC_URL").empty()) config.public_url = ReadAddress(values, "PUBLIC_URL");
    config.resend_api_key = Secret(values.at("RESEND_API_KEY"));
    config.resend_api_base = ReadBase(values, "RESEND_API_BASE");
    config.resend_webhook_secrets = ReadSecrets(values.at("RESEND_WEBHOOK_SECRET"));
    for (const auto& secret : config.resend_webhook_secrets) {
        if (!crypto::IsSvixSecret(secret)) {
            throw Trouble(TroubleKind::kConfiguration,
                          "RESEND_WEBHOOK_SECRET must be whsec_ and base64, as Resend shows it; several "
                          "are comma separated");
        }
    }
    config.resend_requests_per_second =
        static_cast<int>(ReadNumber(values, "RESEND_REQUESTS_PER_SECOND", 1, 1000));
    config.tracking_secrets = ReadSecrets(values.at("TRACKING_SECRET"));
    for (const auto& secret : config.tracking_secrets) {
        if (secret.Reveal().size() < kTrackingSecretBytesMin) {
            throw Trouble(TroubleKind::kConfiguration,
                          "TRACKING_SECRET must be 16 characters or more, for instance from openssl rand "
                          "-hex 32; several are comma separated, the first one signs");
        }
    }
}

}  // namespace

std::int64_t ReadNumber(const Values& values, const std::string& env, std::int64_t least, std::int64_t most) {
    const auto& text = values.at(env);
    std::int64_t number = 0;
    auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    if (!whole || number < least || number > most) {
        Refuse(env, fmt::format("a whole number from {} to {}", least, most), text);
    }
    return number;
}

bool ReadSwitch(const Values& values, const std::string& env) {
    const auto& text = values.at(env);
    if (text == "1" || text == "true" || text == "yes") return true;
    if (text.empty() || text == "0" || text == "false" || text == "no") return false;
    Refuse(env, "true or false", text);
}

Config ReadConfig(Values values) {
    Config config;
    try {
        log::Configure(values.at("LOG_LEVEL"), values.at("LOG_FORMAT"));
    } catch (const std::invalid_argument& bad) {
        throw Trouble(TroubleKind::kConfiguration, bad.what());
    }
    config.database_url = values.at("DATABASE_URL");
    config.data_dir = values.at("CITADEL_DATA_DIR").empty()
                          ? DefaultDataDir()
                          : std::filesystem::path(values.at("CITADEL_DATA_DIR"));
    config.host = values.at("HOST");
    config.port = static_cast<int>(ReadNumber(values, "PORT", 0, 65535));
    config.metrics_port = static_cast<int>(ReadNumber(values, "CITADEL_METRICS_PORT", 0, 65535));
    config.workers = static_cast<int>(ReadNumber(values, "CITADEL_WORKERS", 0, 4096));
    config.migrate = ReadSwitch(values, "CITADEL_MIGRATE");
    const auto& statements = values.at("CITADEL_STATEMENTS");
    if (statements != "prepared" && statements != "unnamed")
        Refuse("CITADEL_STATEMENTS", "prepared or unnamed", statements);
    config.prepare = statements == "prepared";
    config.stripe_secret_key = Secret(values.at("STRIPE_SECRET_KEY"));
    config.stripe_api_base = ReadBase(values, "STRIPE_API_BASE");
    // No more than this: a task's calls, each sent three times, share a lease of five minutes.
    config.stripe_deadline =
        std::chrono::milliseconds(ReadNumber(values, "CITADEL_STRIPE_DEADLINE_MS", 10, 30'000));
    config.stripe_backoff =
        std::chrono::milliseconds(ReadNumber(values, "CITADEL_STRIPE_BACKOFF_MS", 1, 5'000));
    config.stripe_webhook_secrets = ReadSecrets(values.at("STRIPE_WEBHOOK_SECRET"));
    config.clock = ReadClock(values, config.stripe_secret_key);
    config.encryption_keys = ReadEncryptionKeys(values.at("ENCRYPTION_KEY"));
    config.stripe_connect_base = ReadBase(values, "STRIPE_CONNECT_BASE");
    config.stripe_client_id = values.at("STRIPE_CLIENT_ID");
    ReadSignIn(config, values);
    ReadMail(values, config);
    config.meter_event = values.at("CITADEL_METER_EVENT");
    if (config.meter_event.empty() || config.meter_event.size() > 100) {
        Refuse("CITADEL_METER_EVENT", "a name of 1 to 100 characters", config.meter_event);
    }
    config.raw = std::move(values);
    return config;
}

void RequireForServing(const Config& config) {
    if (!config.embedded() && config.encryption_keys.empty()) {
        throw Trouble(TroubleKind::kConfiguration,
                      "ENCRYPTION_KEY must be set when DATABASE_URL is: 64 hex characters, for instance from "
                      "openssl rand -hex 32");
    }
    if (config.clerk_issuer.empty() && !config.local_issuer) {
        log::Warn("clerk_issuer_missing", {{"mend", "set CLERK_ISSUER; until then no merchant can sign in"}});
    }
    if (!config.clerk_issuer.empty() && config.clerk_authorized_parties.empty()) {
        log::Warn("authorized_parties_missing",
                  {{"mend",
                    "set CLERK_AUTHORIZED_PARTIES to the dashboard's origin; until then tokens that were "
                    "made for other sites pass, and nothing can be changed with the cookie"}});
    }
    if (config.local_issuer) {
        log::Warn("local_issuer",
                  {{"mend", "for demos only: anybody who reaches this port signs in as anybody"}});
    }
    if (config.stripe_webhook_secrets.empty()) {
        log::Warn("webhook_secret_missing",
                  {{"mend", "set STRIPE_WEBHOOK_SECRET; until then every webhook is refused"}});
    }
    if (!config.resend_api_key.empty() && config.resend_webhook_secrets.empty()) {
        log::Warn("resend_webhook_secret_missing",
                  {{"mend", "set RESEND_WEBHOOK_SECRET; until then bounces and complaints are not heard"}});
    }
    if (config.stripe_secret_key.empty()) {
        log::Warn("stripe_key_missing",
                  {{"mend", "set STRIPE_SECRET_KEY; until then no invoice can be read or paid"}});
    }
}

}  // namespace citadel::app
