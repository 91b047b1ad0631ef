#include "store/card_use.h"

#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;

namespace {

// The card that would be charged, or else the one that was charged last.
const postgres::Statement kCardOf{"read_card_of_recovery", R"sql(
select c.fingerprint, c.network from (
    select card_fingerprint as fingerprint, card_network as network, null::timestamptz as at
    from citadel.recoveries where bucket = $1 and merchant_id = $2 and recovery_id = $3
    union all
    select fingerprint, network, intended_at
    from citadel.payment_attempts where bucket = $1 and merchant_id = $2 and recovery_id = $3
) c where c.fingerprint <> '' order by c.at desc nulls first limit 1)sql"};

}  // namespace

asio::awaitable<std::optional<Card>> ReadCardOf(postgres::Pool& pool, MerchantKey merchant,
                                                std::int64_t recovery_id) {
    postgres::Params params = KeyParams(merchant);
    params.Int(recovery_id);
    postgres::Rows rows = co_await RunAsTenant(pool, merchant, kCardOf, std::move(params));
    std::optional<Card> card;
    if (!rows.empty()) card = Card{"", rows.Text(0, 0), rows.Text(0, 1)};
    co_return card;
}

}  // namespace citadel::store
