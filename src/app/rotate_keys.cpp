// citadel rotate-keys: re-encrypts stored secrets under the newest key, while others serve. A batch at a
// time, row by row: stopped anywhere and started again, it goes on with what is left. A row that changes
// under its hands was sealed anew by somebody else and is left alone.
#include <iostream>

#include "app/commands.h"
#include "app/engine.h"
#include "app/identity.h"
#include "app/run_once.h"
#include "base/error.h"
#include "connect/seal.h"

namespace citadel::app {

namespace asio = boost::asio;

namespace {

constexpr int kBatch = 100;

struct Rotation {
    std::int64_t rotated = 0;
    std::int64_t changed = 0;     // meanwhile, by others
    std::int64_t unreadable = 0;  // their key is not ours, or they are damaged
};

// False: it cannot be opened; said on standard error.
bool Reseal(const crypto::TokenVault& vault, const store::SealedRow& row, store::Credential& fresh) {
    try {
        connect::SealTokens(vault, row.merchant, connect::OpenTokens(vault, row.merchant, row.credential),
                            fresh);
        return true;
    } catch (const Trouble& trouble) {
        std::cerr << "merchant " << row.merchant.id << ": " << trouble.what() << "\n";
    }
    return false;
}

asio::awaitable<void> Rotate(postgres::Pool& pool, const Clock& clock, const crypto::TokenVault& vault,
                             Rotation& counts) {
    MerchantKey after{-1, 0};
    while (true) {
        std::vector<store::SealedRow> rows =
            co_await store::ListNotUnderKeyAcrossMerchants(pool, vault.newest(), after, kBatch);
        if (rows.empty()) co_return;
        for (auto& row : rows) {
            after = row.merchant;
            auto fresh = row.credential;
            if (!Reseal(vault, row, fresh)) {
                ++counts.unreadable;
                continue;
            }
            bool replaced = co_await store::ReplaceSealed(pool, row.merchant, std::move(row.credential),
                                                          std::move(fresh), clock.Now());
            ++(replaced ? counts.rotated : counts.changed);
        }
    }
}

}  // namespace

int RotateKeys(Config config) {
    crypto::TokenVault vault(LoadEncryptionKeys(config));
    if (vault.empty()) {
        throw Trouble(
            TroubleKind::kConfiguration,
            "ENCRYPTION_KEY must be set: the new key first, then those to be replaced, as id:hex pairs");
    }
    Database database(config);
    asio::io_context io(1);
    Engine engine(io, config, database.url());
    Rotation counts;
    RunToEnd(io, Rotate(engine.pool(), *config.clock, vault, counts));
    std::cout << counts.rotated << " secrets are now under key \"" << vault.newest() << "\", "
              << counts.changed << " were changed by others meanwhile, " << counts.unreadable
              << " could not be opened\n";
    return counts.unreadable == 0 ? 0 : 1;
}

}  // namespace citadel::app
