#include "api/worker_routes.h"

#include "api/answers.h"
#include "api/body.h"
#include "store/work.h"

namespace citadel::api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::int64_t kLeaseSecondsMax = 3600;
constexpr auto kNextRunOfASuccess = std::chrono::hours(24);

http::Reply LeaseLost() {
    return http::Problem(409, "lease_lost",
                         "The lease ran out or was never yours; nothing was changed. Stop this task.");
}

// "bucket.merchant.uuid", as Claim gave it. Nothing: it is no lease of ours.
std::optional<store::OutsideLease> ReadLease(const std::string& id, const std::string& token) {
    store::OutsideLease lease;
    auto first = token.find('.'), second = token.find('.', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos) return std::nullopt;
    auto bucket = ReadId(std::string_view(token).substr(0, first));
    auto merchant = ReadId(std::string_view(token).substr(first + 1, second - first - 1));
    auto task = ReadId(id);
    lease.lease_token = token.substr(second + 1);
    if (!bucket || *bucket >= kBuckets || !merchant || !task || !IsUuid(lease.lease_token))
        return std::nullopt;
    lease.merchant.bucket = static_cast<std::int16_t>(*bucket);
    lease.merchant.id = *merchant;
    lease.task_id = *task;
    return lease;
}

store::OutsideClaim ReadClaim(const http::Request& request, const Clock& clock) {
    Body body(request, {"limit", "taskTypes", "leaseSeconds"});
    store::OutsideClaim claim;
    claim.limit = static_cast<int>(body.Number("limit", 1, 100).value_or(10));
    claim.lease =
        clock.Stretch(std::chrono::seconds(body.Number("leaseSeconds", 10, kLeaseSecondsMax).value_or(120)));
    auto types = body.Texts("taskTypes");
    if (types && types->empty()) RefuseMember("taskTypes", "left out, or name at least one type");
    claim.task_types =
        types.value_or(std::vector<std::string>{store::kDunningRetry, store::kNotifyActionRequired});
    for (const auto& type : claim.task_types) {
        if (type != store::kDunningRetry && type != store::kNotifyActionRequired)
            RefuseMember("taskTypes", "a list of dunning_retry and notify_action_required");
    }
    return claim;
}

struct Completion {
    std::string lease_token;
    store::OutsideOutcome outcome;
};

Completion ReadCompletion(const http::Request& request, Time now) {
    Body body(request, {"leaseToken", "success", "recovered", "error", "retryInSeconds"});
    Completion completion;
    completion.lease_token = body.NeedText("leaseToken", 100);
    auto& outcome = completion.outcome;
    outcome.success = body.NeedFlag("success");
    if (auto recovered = body.Object("recovered", {"amount", "currency"})) {
        if (!outcome.success) RefuseMember("recovered", "left out where success is false");
        outcome.recovered =
            Money{recovered->NeedNumber("amount", 1, 999'999'999'999), recovered->NeedText("currency", 3)};
    }
    outcome.error = body.Text("error").value_or("");
    auto again = body.Number("retryInSeconds", 1, 30 * 86'400);
    if (again) outcome.run_again_at = now + std::chrono::seconds(*again);
    else if (outcome.success) outcome.run_again_at = now + kNextRunOfASuccess;
    return completion;
}

json::object ToJson(const std::string& id, const store::OutsideCompletion& completion) {
    json::value recovered = nullptr;
    if (completion.recovered) recovered = api::ToJson(*completion.recovered);
    return {{"id", id},
            {"status", completion.status},
            {"recoveryStatus", OrNull(completion.recovery_status)},
            {"recovered", std::move(recovered)},
            {"runAt", OrNull(completion.runs_at)}};
}

}  // namespace

asio::awaitable<http::Reply> WorkerRoutes::Claim(http::Request request) {
    store::OutsideClaim claim = ReadClaim(request, clock_);
    std::vector<store::OutsideTask> claimed =
        co_await store::ClaimAcrossMerchants(pool_, std::move(claim), clock_.Now());
    json::array tasks;
    for (const auto& task : claimed) tasks.push_back(api::ToJson(task));
    json::object body;
    body["tasks"] = std::move(tasks);
    co_return Answer(body);
}

asio::awaitable<http::Reply> WorkerRoutes::Heartbeat(http::Request request) {
    Body body(request, {"leaseToken", "leaseSeconds"});
    auto token = body.NeedText("leaseToken", 100);
    auto seconds = std::chrono::seconds(body.Number("leaseSeconds", 10, kLeaseSecondsMax).value_or(120));
    auto id = request.captures.at(0);
    if (!ReadId(id)) co_return NotFound();
    auto lease = ReadLease(id, token);
    if (!lease) co_return LeaseLost();
    store::Extended extended =
        co_await store::ExtendLease(pool_, std::move(*lease), clock_.Now() + clock_.Stretch(seconds));
    if (extended.verdict == store::LeaseVerdict::kNoSuchTask) co_return NotFound();
    if (extended.verdict == store::LeaseVerdict::kLost) co_return LeaseLost();
    json::object answer{{"id", id}, {"leaseExpiresAt", FormatTime(extended.lease_expires_at)}};
    co_return Answer(answer);
}

asio::awaitable<http::Reply> WorkerRoutes::Complete(http::Request request) {
    Completion wanted = ReadCompletion(request, clock_.Now());
    auto id = request.captures.at(0);
    if (!ReadId(id)) co_return NotFound();
    auto lease = ReadLease(id, wanted.lease_token);
    if (!lease) co_return LeaseLost();
    store::OutsideCompletion completion =
        co_await store::CompleteOutside(pool_, std::move(*lease), std::move(wanted.outcome), clock_.Now());
    if (completion.verdict == store::LeaseVerdict::kNoSuchTask) co_return NotFound();
    if (completion.verdict == store::LeaseVerdict::kLost) co_return LeaseLost();
    if (completion.wrong_currency) RefuseMember("recovered.currency", "the recovery's currency");
    co_return Answer(ToJson(id, completion));
}

}  // namespace citadel::api
