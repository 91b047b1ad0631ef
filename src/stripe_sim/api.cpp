#include "stripe_sim/api.h"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include "runtime/wake.h"
#include "stripe_sim/api_error.h"
#include "stripe_sim/authentication.h"
#include "stripe_sim/clock_scope.h"
#include "stripe_sim/expand.h"
#include "stripe_sim/json_params.h"
#include "stripe_sim/oauth.h"
#include "stripe_sim/path_pattern.h"

namespace citadel::stripe_sim {

namespace asio = boost::asio;

namespace {

ApiError Refused(ApiError error) {
    error.executed = false;
    return error;
}

bool IsV2(std::string_view path) { return path.starts_with("/v2/"); }

http::Reply RenderError(std::string_view path, const ApiError& error) {
    return IsV2(path) ? ReplyAsV2(error) : ReplyWith(error);
}

Params ReadParams(const http::Request& request) {
    if (request.method == "POST" && IsV2(request.path)) return ReadJsonParams(request.body);
    auto pairs = request.query;
    if (request.method == "POST") {
        auto form = http::ParseForm(request.body);
        pairs.insert(pairs.end(), form.begin(), form.end());
    }
    return Params(std::move(pairs));
}

LimitedRequest DescribeForLimits(const ApiRoute& route, const ApiCall& call) {
    LimitedRequest request;
    request.account = call.account.id;
    request.endpoint = fmt::format("{} {}", route.method, route.pattern);
    if (!call.captures.empty()) request.object = call.captures.front();
    request.subscription = call.params.TextOr("subscription");
    request.changes_quantity = call.params.Mentions("quantity");
    return request;
}

// Counts a request as running for as long as it lives.
class Occupied {
  public:
    Occupied(RateLimiter& limits, LimitedRequest request) : limits_(limits), request_(std::move(request)) {
        limits_.Begin(request_);
    }
    ~Occupied() { limits_.End(request_); }
    Occupied(const Occupied&) = delete;

  private:
    RateLimiter& limits_;
    LimitedRequest request_;
};

// Holds the object that a changing call names; throws lock_timeout when another call has it.
class HeldObject {
  public:
    HeldObject(ObjectLocks& locks, const ApiRoute& route, const ApiCall& call) : locks_(locks) {
        if (route.method == "GET" || call.captures.empty()) return;
        auto object = call.account.id + " " + call.captures.front();
        if (!locks_.Take(object)) throw LockTimeout();
        object_ = std::move(object);
    }
    ~HeldObject() { locks_.Release(object_); }
    HeldObject(const HeldObject&) = delete;

  private:
    ObjectLocks& locks_;
    std::string object_;
};

// Notes what is changed for as long as it lives.
class ChangesNoted {
  public:
    ChangesNoted(World& world, std::vector<std::string>& changes) : world_(world) {
        world_.changed = &changes;
    }
    ~ChangesNoted() { world_.changed = nullptr; }
    ChangesNoted(const ChangesNoted&) = delete;

  private:
    World& world_;
};

// The test clock in whose time a call is answered: that of an object in its path, or of one that it names.
std::string ClockOf(const ApiCall& call) {
    if (call.account.timelines.empty()) return {};
    auto ids = call.captures;
    for (auto name : {"customer", "subscription", "invoice", "payment_intent", "charge", "test_clock"})
        ids.push_back(call.params.TextOr(name));
    for (const auto& id : ids) {
        auto clock = ClockOf(call.account, id);
        if (!clock.empty()) return clock;
    }
    return {};
}

void RefuseWhileAdvancing(const Account& account, const std::string& clock) {
    const auto* found = account.test_clocks.Find(clock);
    if (!found || !found->target) return;
    throw RateLimited(
        "", fmt::format("Test clock advancement underway - cannot perform modifications: {}", clock));
}

RequestRecord BeginRecord(World& world, const http::Request& request) {
    RequestRecord record;
    record.arrived = world.Now();
    record.request_id = world.NewId("req_", 14);
    record.method = request.method;
    record.path = request.path;
    record.idempotency_key = request.header("Idempotency-Key");
    return record;
}

void FinishRecord(World& world, RequestRecord record, const http::Reply& reply) {
    if (record.method == "GET") return;
    record.answered = world.Now();
    record.status = reply.status;
    std::ranges::sort(record.changed);
    auto repeated = std::ranges::unique(record.changed);
    record.changed.erase(repeated.begin(), repeated.end());
    std::erase(record.changed, "");
    world.requests.Add(std::move(record));
}

void EchoHeaders(const http::Request& request, const std::string& request_id, http::Reply& reply) {
    reply.headers.emplace_back("Request-Id", request_id);
    auto version = request.header("Stripe-Version");
    reply.headers.emplace_back("Stripe-Version", version.empty() ? kNewVersion : version);
    for (auto name : {"Stripe-Account", "Idempotency-Key"}) {
        auto value = request.header(name);
        if (!value.empty()) reply.headers.emplace_back(name, value);
    }
}

}  // namespace

bool Api::Serves(std::string_view path) {
    return path.starts_with("/v1/") || path.starts_with("/v2/") || path == "/oauth/token" ||
           path == "/oauth/deauthorize";
}

// "2025-02-24.acacia", or a plain date as older clients send.
void CheckVersion(std::string_view version) {
    bool date = version.size() >= 10 && version[4] == '-' && version[7] == '-' && version < "2100" &&
                version > "2010";
    if (!date) throw Refused(InvalidRequest(400, "", fmt::format("Invalid Stripe API version: {}", version)));
}

asio::awaitable<http::Reply> Api::Handle(http::Request request) {
    auto record = BeginRecord(world_, request);
    auto strike = faults_.Strike(request.method, request.path);
    if (strike.rule) record.fault = NameOf(strike.rule->kind);
    http::Reply reply;
    if (strike.Is(FaultKind::kDropBefore)) {
        reply.wire = http::Reply::Wire::kDrop;
    } else if (strike.Is(FaultKind::kSilence)) {
        reply.wire = http::Reply::Wire::kSilence;
        reply.hold = std::chrono::milliseconds(strike.rule->millis);
    } else if (strike.Is(FaultKind::kStatus)) {
        reply = FaultReply(*strike.rule);
    } else {
        reply = co_await Serve(request, strike, record);
    }
    if (strike.rule) Spoil(*strike.rule, reply);
    EchoHeaders(request, record.request_id, reply);
    FinishRecord(world_, std::move(record), reply);
    co_return reply;
}

asio::awaitable<http::Reply> Api::Serve(const http::Request& request, const FaultStrike& strike,
                                        RequestRecord& record) {
    Outcome outcome;
    std::optional<IdempotencyKey> claimed;
    if (request.path.starts_with("/oauth/")) {
        co_await runtime::Sleep(strike.wait);
        ChangesNoted noted(world_, record.changed);
        co_return ServeOAuth(world_, request, CauseOf(request, record.request_id));
    }
    auto& keys = IsV2(request.path) ? keys_of_v2_ : keys_;
    try {
        auto call = ReadCall(request, record.request_id);
        record.account = call.account.id;
        const auto& route = FindRoute(request, call.captures);
        auto limited = DescribeForLimits(route, call);
        CheckLimits(limited);
        Occupied occupied(world_.limits, std::move(limited));
        if (request.method == "POST" && !call.cause.idempotency_key.empty()) {
            IdempotencyKey key{call.account.id, call.cause.idempotency_key};
            auto stored = keys.Claim(key, request.path, call.params.Canonical(), world_.Now());
            record.replayed = stored.has_value();
            if (stored) co_return *stored;
            claimed = std::move(key);
        }
        HeldObject held(locks_, route, call);
        if (strike.wait.count() > 0) co_await runtime::Sleep(strike.wait);
        ChangesNoted noted(world_, record.changed);
        if (strike.Is(FaultKind::kStatusKept)) outcome = {FaultReply(*strike.rule), true};
        else outcome = Execute(route, call);
    } catch (const ApiError& error) {
        outcome.reply = RenderError(request.path, error);
    }
    bool keeps = outcome.executed && (!IsV2(request.path) || outcome.reply.status < 300);
    if (claimed && keeps) keys.Keep(*claimed, outcome.reply);
    if (claimed && !keeps) keys.Release(*claimed);
    co_return outcome.reply;
}

void Api::CheckLimits(const LimitedRequest& request) const {
    auto reason = world_.limits.Admit(request);
    if (!reason) return;
    faults_.Count("limit");
    bool concurrency = reason->ends_with("concurrency");
    auto error = RateLimited(
        "rate_limit", concurrency ? "Request concurrency limit exceeded." : "Request rate limit exceeded.");
    error.headers.emplace_back("Stripe-Rate-Limited-Reason", *reason);
    throw error;
}

Cause Api::CauseOf(const http::Request& request, const std::string& request_id) const {
    return {Driver::kEngine, request_id, std::string(request.header("Idempotency-Key")),
            world_.ledger.acknowledged().size()};
}

ApiCall Api::ReadCall(const http::Request& request, const std::string& request_id) const {
    std::string version(request.header("Stripe-Version"));
    if (version.empty()) version = kNewVersion;
    CheckVersion(version);
    auto text = KeyIn(request.header("Authorization"));
    bool stream = request.path == "/v2/billing/meter_event_stream";
    auto key = stream ? AuthenticateSession(world_, text) : Authenticate(world_, text);
    auto for_account = request.header("Stripe-Account");
    if (for_account.empty()) for_account = request.header("Stripe-Context");  // v2's name for it
    auto& account = AccountOf(world_, key, for_account);
    CheckPermission(key, account, request.method, request.path);
    auto params = ReadParams(request);
    auto cause = CauseOf(request, request_id);
    if (cause.idempotency_key.size() > 255) {
        throw BadParameter("", "Idempotency-Key must be at most 255 characters.", "");
    }
    View view{world_, account, ShapeOf(version)};
    return {world_, account,         std::move(key), std::move(version), view, std::move(params),
            {},     std::move(cause)};
}

const ApiRoute& Api::FindRoute(const http::Request& request, std::vector<std::string>& captures) const {
    for (auto routes :
         {AccountRoutes(), MeterV2Routes(), ThinEventRoutes(), CatalogRoutes(), CustomerRoutes(),
          PaymentMethodRoutes(), PaymentIntentRoutes(), SetupIntentRoutes(), ChargeRoutes(), DisputeRoutes(),
          PortalRoutes(), WebhookRoutes(), MeterRoutes(), SubscriptionRoutes(), InvoiceItemRoutes(),
          InvoiceRoutes(), InvoiceActionRoutes(), InvoicePaymentRoutes(), TestClockRoutes()}) {
        for (const auto& route : routes) {
            if (route.method == request.method && MatchTemplate(route.pattern, request.path, captures))
                return route;
        }
    }
    throw Refused(
        InvalidRequest(404, "",
                       fmt::format("Unrecognized request URL ({}: {}). If you are trying to list objects, "
                                   "remove the trailing slash. If you are trying to retrieve an object, "
                                   "make sure you passed a valid (non-empty) identifier in your code. "
                                   "Please see https://stripe.com/docs or we can help at "
                                   "https://support.stripe.com/.",
                                   request.method, request.path)));
}

Outcome Api::Execute(const ApiRoute& route, ApiCall& call) const {
    Outcome outcome;
    try {
        auto clock = ClockOf(call);
        if (route.method != "GET") RefuseWhileAdvancing(call.account, clock);
        InTimeOf inside(call.world, call.account, clock);
        call.params.AllowOnly(route.parameters);
        auto answer = route.answer(call);
        outcome.executed = true;
        const auto* id = answer.if_contains("id");
        if (id && id->is_string()) world_.changed->emplace_back(id->as_string());
        Expand(call.view, answer, call.params.List("expand"));
        outcome.reply = http::Json(200, json::serialize(answer));
    } catch (const ApiError& error) {
        // An answer that cannot be expanded has had its effect.
        outcome.executed = outcome.executed || error.executed;
        outcome.reply = RenderError(route.pattern, error);
    }
    return outcome;
}

}  // namespace citadel::stripe_sim
