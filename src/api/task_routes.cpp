#include "api/task_routes.h"

#include <fmt/format.h>

#include "api/answers.h"
#include "api/body.h"

namespace citadel::api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::string_view kTaskStatuses[] = {"pending", "running", "completed", "failed"};
constexpr std::string_view kTypes[] = {"dunning_retry", "notify_action_required", "report_usage",
                                       "send_weekly_digest"};

struct NewTask {
    std::string type;
    store::RecoveryName recovery;
};

NewTask ReadNewTask(const http::Request& request) {
    Body body(request, {"taskType", "recoveryId", "invoiceId"});
    NewTask task;
    task.type = body.NeedText("taskType", 64);
    if (task.type != "dunning_retry" && task.type != "notify_action_required") {
        throw BadInput(
            "task_type_not_allowed",
            fmt::format("\"taskType\" {} is not made here; dunning_retry and notify_action_required are.",
                        task.type));
    }
    auto recovery = body.Text("recoveryId", 20);
    task.recovery.invoice_id = body.Text("invoiceId", 255).value_or("");
    if (recovery.has_value() != task.recovery.invoice_id.empty())
        RefuseMember("recoveryId", "there, or else \"invoiceId\": the recovery that the task is for");
    if (!recovery) return task;
    auto id = ReadId(*recovery);
    if (!id) RefuseMember("recoveryId", "the id of a recovery, decimal digits");
    task.recovery.id = *id;
    return task;
}

http::Reply Refuse(store::TaskVerdict verdict) {
    using enum store::TaskVerdict;
    switch (verdict) {
        case kDone:
        case kNoSuchTask:
        case kNoSuchRecovery: break;
        case kUsageLimit:
            return http::Problem(403, "usage_limit",
                                 "The plan's e-mails of this month are used up; choose a larger plan.");
        case kQueueLimit: {
            auto reply =
                http::Problem(429, "queue_limit", "As many tasks wait as the plan allows; try again later.");
            reply.headers.emplace_back("Retry-After", "60");
            return reply;
        }
        case kExists:
            return http::Problem(409, "task_exists", "The recovery has an open task of this type already.");
        case kRecoveryClosed: return http::Problem(409, "recovery_closed", "Its recovery has ended.");
        case kRunning:
            return http::Problem(409, "task_running", "The task is being worked on at this moment.");
        case kCompleted:
            return http::Problem(409, "task_completed", "The task is completed; make a new one.");
        case kNotConnected:
            return http::Problem(409, "stripe_not_connected",
                                 "No Stripe account is connected; connect one first.");
    }
    return NotFound();
}

}  // namespace

asio::awaitable<http::Reply> TaskRoutes::List(Caller caller, http::Request request) {
    store::TaskFilter filter;
    filter.status = ReadFilter(request, "status", kTaskStatuses);
    filter.task_type = ReadFilter(request, "taskType", kTypes);
    auto order = ReadPageOrder(request);
    store::Page<store::TaskLine> page =
        co_await store::ListTasks(pool_, caller.merchant, std::move(filter), order);
    co_return AnswerPage(page);
}

asio::awaitable<http::Reply> TaskRoutes::One(Caller caller, http::Request request) {
    auto id = ReadId(request.captures.at(0));
    if (!id) co_return NotFound();
    std::optional<store::TaskLine> task = co_await store::ReadTask(pool_, caller.merchant, *id);
    if (!task) co_return NotFound();
    co_return Answer(ToJson(*task));
}

asio::awaitable<http::Reply> TaskRoutes::Create(Caller caller, http::Request request) {
    NewTask wanted = ReadNewTask(request);
    store::TaskChange change = co_await store::CreateTask(pool_, caller.merchant, std::move(wanted.type),
                                                          std::move(wanted.recovery), clock_.Now());
    if (change.verdict != store::TaskVerdict::kDone || !change.task) co_return Refuse(change.verdict);
    if (on_work_) on_work_();
    co_return Answer(ToJson(*change.task), 201);
}

asio::awaitable<http::Reply> TaskRoutes::Retry(Caller caller, http::Request request) {
    auto id = ReadId(request.captures.at(0));
    if (!id) co_return NotFound();
    store::TaskChange change = co_await store::RetryTask(pool_, caller.merchant, *id, clock_.Now());
    if (change.verdict != store::TaskVerdict::kDone || !change.task) co_return Refuse(change.verdict);
    if (on_work_) on_work_();
    co_return Answer(ToJson(*change.task));
}

asio::awaitable<http::Reply> TaskRoutes::Delete(Caller caller, http::Request request) {
    auto id = ReadId(request.captures.at(0));
    if (!id) co_return NotFound();
    store::TaskVerdict verdict = co_await store::DeleteTask(pool_, caller.merchant, *id, clock_.Now());
    if (verdict != store::TaskVerdict::kDone) co_return Refuse(verdict);
    co_return Answer(json::object{{"deleted", 1}, {"hasMore", false}});
}

asio::awaitable<http::Reply> TaskRoutes::DeleteCompleted(Caller caller, http::Request) {
    std::int64_t deleted = co_await store::DeleteCompletedTasks(pool_, caller.merchant);
    json::object body{{"deleted", deleted}, {"hasMore", deleted == store::kCompletedDeletedAtOnce}};
    co_return Answer(body);
}

}  // namespace citadel::api
