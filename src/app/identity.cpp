#include "app/identity.h"

#include <fmt/format.h>

#include "api/routes.h"
#include "base/error.h"
#include "base/log.h"

namespace citadel::app {

namespace asio = boost::asio;

namespace {

auth::KeySource::Options KeySettings(const Config& config, const auth::LocalIssuer* local) {
    auth::KeySource::Options options;
    options.url = local ? local->keys_url() : config.clerk_jwks_url;
    return options;
}

auth::SessionRules Rules(const Config& config, bool local) {
    auth::SessionRules rules;
    rules.issuer = local ? auth::LocalIssuer::kIssuer : config.clerk_issuer;
    rules.authorized_parties = config.clerk_authorized_parties;
    return rules;
}

stripe::Connect MakeConnect(http::Client& http, const Config& config) {
    stripe::ConnectSettings settings;
    settings.connect_base = config.stripe_connect_base;
    settings.api_base = config.stripe_api_base;
    settings.platform_key = config.stripe_secret_key;
    settings.client_id = config.stripe_client_id;
    return stripe::Connect(http, std::move(settings));
}

asio::awaitable<void> LeaveNothing(MerchantKey, std::string) { co_return; }

// "https://pay.example:8443" of "https://pay.example:8443/x".
std::string OriginOf(const std::string& url) {
    auto host = url.find("://");
    return host == url.npos ? url : url.substr(0, url.find('/', host + 3));
}

}  // namespace

Identity::Identity(asio::io_context& io, http::Client& http, postgres::Pool& pool, const Config& config,
                   StepHook at_step)
    : pool_(pool), public_url_(config.public_url), vault_(LoadEncryptionKeys(config)),
      own_keys_(pool, vault_) {
    if (config.local_issuer)
        local_issuer_ = std::make_unique<auth::LocalIssuer>(*config.clock, config.data_dir);
    keys_ =
        std::make_unique<auth::KeySource>(io, http, *config.clock, KeySettings(config, local_issuer_.get()));
    authenticator_ = std::make_unique<auth::ClerkAuthenticator>(*keys_, *config.clock,
                                                                Rules(config, local_issuer_ != nullptr));
    connect::Accounts::Options options;
    // No other clock may decide when customers are charged.
    options.live_allowed = dynamic_cast<const SystemClock*>(config.clock.get()) != nullptr;
    options.at_step = std::move(at_step);
    leaving_ = LeaveNothing;
    options.before_leaving = [this](MerchantKey merchant, std::string account) {
        return leaving_(merchant, std::move(account));
    };
    accounts_ =
        std::make_unique<connect::Accounts>(pool, *config.clock, MakeConnect(http, config), vault_, options);
    connect_routes_ =
        std::make_unique<api::ConnectRoutes>(*authenticator_, pool, *config.clock, *accounts_, public_url_);
    clerk_webhook_ =
        std::make_unique<api::ClerkWebhook>(pool, *config.clock, *accounts_, config.clerk_webhook_secrets);
    if (local_issuer_) {
        local_sign_in_ =
            std::make_unique<api::LocalSignIn>(*local_issuer_, pool, *config.clock, own_origins_);
    }
}

void Identity::AddRoutes(http::Router& router) {
    api::AddConnectRoutes(router, *connect_routes_, *clerk_webhook_);
    if (local_sign_in_) api::AddLocalSignInRoutes(router, *local_sign_in_);
}

void Identity::ServesAt(const std::string& host, int port) {
    if (public_url_.empty()) public_url_ = fmt::format("http://{}:{}", host, port);
    own_origins_ = {OriginOf(public_url_)};
    for (const char* name : {"127.0.0.1", "localhost"}) {
        auto origin = fmt::format("http://{}:{}", name, port);
        if (origin != own_origins_.front()) own_origins_.push_back(origin);
    }
    if (local_issuer_) authenticator_->AlsoAllow(own_origins_);
}

asio::awaitable<void> Identity::CheckStoredKeys() {
    std::map<std::string, std::int64_t> counts = co_await store::CountByKeyAcrossMerchants(pool_);
    for (const auto& [key_id, count] : counts) {
        if (vault_.Knows(key_id)) continue;
        throw Trouble(
            TroubleKind::kConfiguration,
            fmt::format("ENCRYPTION_KEY must list the key \"{}\": {} stored secrets are sealed under it",
                        key_id, count));
    }
}

asio::awaitable<void> Identity::Run() {
    while (!stopping_) {
        try {
            int confirmed = co_await accounts_->FinishRevocations(20);
            if (confirmed > 0) log::Info("revocations_confirmed", {{"count", confirmed}});
        } catch (const std::exception& error) {
            log::Warn("revocations_failed", {{"error", error.what()}});
        }
        for (int i = 0; i < 120 && !stopping_; ++i) co_await runtime::Sleep(std::chrono::milliseconds(250));
    }
}

void Identity::Stop() { stopping_ = true; }

}  // namespace citadel::app
