#include "api/recovery_routes.h"

#include <boost/json/parse.hpp>

#include <algorithm>

#include "api/answers.h"
#include "api/body.h"
#include "api/breakdown.h"
#include "store/recovery_search.h"

namespace citadel::api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::string_view kStatuses[] = {"open", "recovered", "stopped", "exhausted"};

// The parser of JSON refuses a string that is not.
bool IsUtf8(std::string_view text) {
    json::error_code error;
    json::parse(json::serialize(json::value(text)), error);
    return !error;
}

// What to look for, without the blanks around it; empty: nothing in particular. Throws BadInput.
std::string ReadWords(const http::Request& request) {
    std::string words(QueryValue(request, "q"));
    auto plain = [](unsigned char c) { return c >= 0x20 && c != 0x7f; };
    bool fits = words.size() <= 100 && std::all_of(words.begin(), words.end(), plain) && IsUtf8(words);
    if (!fits) throw BadInput("invalid_parameter", "\"q\" must be at most 100 bytes of text.");
    auto begin = words.find_first_not_of(' ');
    if (begin == words.npos) return "";
    return words.substr(begin, words.find_last_not_of(' ') - begin + 1);
}

http::Reply Refuse(store::ActionVerdict verdict) {
    using enum store::ActionVerdict;
    switch (verdict) {
        case kDone:
        case kNoSuchRecovery: break;
        case kClosed:
            return http::Problem(409, "recovery_closed", "This recovery has ended; nothing can be done.");
        case kCustomerNeeded:
            return http::Problem(
                409, "customer_needed",
                "The bank wants the customer to confirm; a charge without would be refused.");
        case kObserveOnly:
            return http::Problem(409, "observe_only",
                                 "retryMode is observe: nothing is charged. Change it first.");
        case kNetworkLimit:
            return http::Problem(
                409, "network_limit",
                "The card's network allows no further try for now; see the recovery's timeline.");
        case kNotConnected:
            return http::Problem(409, "stripe_not_connected",
                                 "No Stripe account is connected; connect one first.");
    }
    return NotFound();
}

}  // namespace

asio::awaitable<http::Reply> RecoveryRoutes::List(Caller caller, http::Request request) {
    auto status = ReadFilter(request, "status", kStatuses);
    auto words = ReadWords(request);
    auto order = ReadPageOrder(request);
    store::Page<store::RecoveryLine> page;
    if (words.empty())
        page = co_await store::ListRecoveries(pool_, caller.merchant, std::move(status), order);
    else
        page = co_await store::SearchRecoveries(pool_, caller.merchant, std::move(status), std::move(words),
                                                order);
    co_return AnswerPage(page);
}

asio::awaitable<http::Reply> RecoveryRoutes::One(Caller caller, http::Request request) {
    auto id = ReadId(request.captures.at(0));
    if (!id) co_return NotFound();
    std::optional<store::RecoveryStory> story =
        co_await store::ReadRecoveryStory(pool_, caller.merchant, *id);
    if (!story) co_return NotFound();
    json::array budgets = co_await NetworkBudgets(pool_, caller.merchant, story->recovery, clock_.Now());
    auto body = ToJson(*story);
    body["networkBudgets"] = std::move(budgets);
    co_return Answer(body);
}

asio::awaitable<http::Reply> RecoveryRoutes::Retry(Caller caller, http::Request request) {
    auto id = ReadId(request.captures.at(0));
    if (!id) co_return NotFound();
    std::optional<store::RecoveryLine> recovery = co_await store::ReadRecovery(pool_, caller.merchant, *id);
    if (!recovery) co_return NotFound();
    if (options_.network_objection && recovery->status == "open") {
        std::optional<std::string> objection =
            co_await options_.network_objection(caller.merchant, *id, clock_.Now());
        if (objection) co_return http::Problem(409, "network_limit", *objection);
    }
    store::ActionVerdict verdict = co_await store::CollectNow(pool_, caller.merchant, *id, clock_.Now());
    if (verdict == store::ActionVerdict::kDone && options_.on_work) options_.on_work();
    http::Reply reply = co_await AnswerAction(std::move(caller), *id, verdict);
    co_return reply;
}

asio::awaitable<http::Reply> RecoveryRoutes::Stop(Caller caller, http::Request request) {
    auto id = ReadId(request.captures.at(0));
    if (!id) co_return NotFound();
    store::ActionVerdict verdict = co_await store::StopByMerchant(pool_, caller.merchant, *id, clock_.Now());
    http::Reply reply = co_await AnswerAction(std::move(caller), *id, verdict);
    co_return reply;
}

asio::awaitable<http::Reply> RecoveryRoutes::AnswerAction(Caller caller, std::int64_t recovery_id,
                                                          store::ActionVerdict verdict) {
    if (verdict != store::ActionVerdict::kDone) co_return Refuse(verdict);
    std::optional<store::RecoveryLine> recovery =
        co_await store::ReadRecovery(pool_, caller.merchant, recovery_id);
    if (!recovery) co_return NotFound();
    co_return Answer(ToJson(*recovery));
}

asio::awaitable<http::Reply> RecoveryRoutes::ByCustomer(Caller caller, http::Request request) {
    auto customer = request.captures.at(0);
    if (!IsStripeId(customer)) co_return NotFound();
    store::Entitlement entitlement = co_await store::ReadEntitlement(pool_, caller.merchant, customer);
    json::array due;
    for (const auto& money : entitlement.due) due.push_back(ToJson(money));
    std::optional<Time> until;
    if (entitlement.newest_failure_at) until = *entitlement.newest_failure_at + options_.grace;
    json::object body{{"customerId", customer},
                      {"inGrace", entitlement.open_recoveries > 0},
                      {"until", OrNull(until)},
                      {"openRecoveries", entitlement.open_recoveries},
                      {"nextActionAt", OrNull(entitlement.next_action_at)},
                      {"needsCustomer", entitlement.needs_customer}};
    body["due"] = std::move(due);
    co_return Answer(body);
}

}  // namespace citadel::api
