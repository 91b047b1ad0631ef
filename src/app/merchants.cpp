#include <boost/json.hpp>

#include <iostream>

#include "app/commands.h"
#include "app/engine.h"
#include "app/run_once.h"
#include "base/error.h"
#include "store/merchants.h"

namespace citadel::app {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

store::NewMerchant ReadMerchant(const Values& values) {
    store::NewMerchant merchant;
    merchant.stripe_account_id = values.at("CITADEL_MERCHANT_ACCOUNT");
    merchant.name = values.at("CITADEL_MERCHANT_NAME");
    merchant.email = values.at("CITADEL_MERCHANT_EMAIL");
    merchant.retry_mode = values.at("CITADEL_MERCHANT_RETRY_MODE");
    merchant.platform_customer_id = values.at("CITADEL_MERCHANT_CUSTOMER");
    if (!merchant.stripe_account_id.starts_with("acct_")) {
        throw Trouble(TroubleKind::kConfiguration, "--account must be a Stripe account id, acct_…");
    }
    if (merchant.name.empty())
        throw Trouble(TroubleKind::kConfiguration, "--name must be the name customers know");
    if (merchant.retry_mode != "observe" && merchant.retry_mode != "weave" && merchant.retry_mode != "own") {
        throw Trouble(TroubleKind::kConfiguration, "--retry-mode must be observe, weave or own");
    }
    return merchant;
}

asio::awaitable<void> Add(postgres::Pool& pool, const Clock& clock, store::NewMerchant merchant) {
    MerchantKey key = co_await store::AddMerchant(pool, merchant, clock.Now());
    std::cout << "merchant " << key.id << " is connected to " << merchant.stripe_account_id << "\n";
}

asio::awaitable<void> List(postgres::Pool& pool, bool as_json) {
    auto lines = co_await store::ListMerchantsAcrossTenants(pool);
    json::array all;
    for (const auto& line : lines) {
        if (as_json) {
            all.push_back({{"id", std::to_string(line.key.id)},
                           {"name", line.name},
                           {"email", line.email},
                           {"tier", line.tier},
                           {"retryMode", line.retry_mode},
                           {"stripeAccountId", line.stripe_account_id},
                           {"stripeConnected", line.connected}});
        } else {
            std::cout << fmt::format("{:<20} {:<28} {:<10} {:<8} {}{}\n", line.key.id, line.name, line.tier,
                                     line.retry_mode, line.stripe_account_id,
                                     line.connected ? "" : " (disconnected)");
        }
    }
    if (as_json) std::cout << json::serialize(all) << "\n";
}

}  // namespace

int AddMerchant(Config config) {
    auto merchant = ReadMerchant(config.raw);
    Database database(config);
    asio::io_context io(1);
    Engine engine(io, config, database.url());
    RunToEnd(io, Add(engine.pool(), *config.clock, std::move(merchant)));
    return 0;
}

int ListMerchants(Config config) {
    Database database(config);
    asio::io_context io(1);
    Engine engine(io, config, database.url());
    RunToEnd(io, List(engine.pool(), ReadSwitch(config.raw, "CITADEL_JSON")));
    return 0;
}

}  // namespace citadel::app
