// Who collects an invoice (promise 5). In mode "own" Stripe's collection of it is switched off before we
// charge; in every other mode, and when the recovery ends, it is given back. What the merchant wants done
// at the end of the sequence is done here too.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "recovery/tools.h"

namespace citadel::recovery {

// Makes the invoice's collector the one that the merchant's mode asks for. A settlement: it could not be
// done now, the run ends with it.
boost::asio::awaitable<std::optional<store::Settlement>> AgreeOnCollector(const Tools& tools,
                                                                          store::Work& work,
                                                                          store::Settlement& settlement,
                                                                          stripe::LiveInvoice& live);

// What remains to be done at Stripe when the sequence has ended without money: "" when nothing.
std::string WindDownOf(const store::Work& work);
// Does it, for a recovery that is closed; `live` is its invoice as just read.
boost::asio::awaitable<store::Settlement> WindDown(const Tools& tools, store::Work work,
                                                   store::Settlement settlement, stripe::LiveInvoice live);

// Every invoice of an account that Stripe does not collect because of us: it does again. Before our access
// ends; what Stripe refuses is logged, and left.
boost::asio::awaitable<void> GiveBackAll(postgres::Pool& pool, const stripe::ClientFactory& stripe,
                                         MerchantKey merchant, std::string account);

}  // namespace citadel::recovery
