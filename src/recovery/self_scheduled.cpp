#include "recovery/self_scheduled.h"

#include "base/log.h"

namespace citadel::recovery {

namespace asio = boost::asio;
using store::SelfScheduledEnd;

SelfScheduledEnd PutOff(const store::Task& task, const Clock& clock, std::string why) {
    constexpr std::chrono::seconds kFirst{30};
    constexpr std::chrono::seconds kLongest{3600};
    SelfScheduledEnd end;
    end.task = task;
    end.end = store::TaskEnd::kDeferred;
    end.next_at =
        clock.Now() + clock.Stretch(std::min(kFirst * (1 << std::min(task.deferrals, 10)), kLongest));
    end.result = std::move(why);
    return end;
}

SelfScheduled::SelfScheduled(asio::io_context& io, const Tools& tools, SelfScheduledOptions options)
    : tools_(tools), options_(std::move(options)), digest_(io, tools, options_.digest),
      ends_(io, "self_scheduled", {64, 4096, 1}, [this](std::vector<SelfScheduledEnd> batch) {
          return store::EndSelfScheduled(tools_.pool, std::move(batch), tools_.clock.Now());
      }) {}

asio::awaitable<store::SettleVerdict> SelfScheduled::Run(store::Task task) {
    SelfScheduledEnd end = co_await RunTask(task);
    tools_.Reached("task_ran");
    auto result = end.result;
    auto verdict = co_await ends_.Add(std::move(end));
    tools_.Reached("task_settled");
    log::Debug("task_settled", {{"task", task.id},
                                {"type", task.type},
                                {"result", result},
                                {"lease_lost", verdict == store::SettleVerdict::kLeaseLost}});
    co_return verdict;
}

asio::awaitable<SelfScheduledEnd> SelfScheduled::RunTask(store::Task task) {
    std::string error;
    try {
        if (task.type == store::kReportUsage) {
            SelfScheduledEnd told = co_await ReportUsage(tools_, options_.usage, task);
            co_return told;
        }
        SelfScheduledEnd written = co_await digest_.Send(task);
        co_return written;
    } catch (const std::exception& broken) {
        error = broken.what();
    }
    log::Error("task_broke", {{"task", task.id}, {"type", task.type}, {"error", error}});
    co_return Broken(task, error);
}

SelfScheduledEnd SelfScheduled::Broken(const store::Task& task, const std::string& error) const {
    bool given_up = task.tries >= options_.tries_max;
    const auto& clock = tools_.clock;
    SelfScheduledEnd end;
    end.task = task;
    end.end = given_up ? store::TaskEnd::kFailed : store::TaskEnd::kRetried;
    end.result = error;
    end.next_at = clock.Now() + (given_up ? Duration(options_.usage.every)
                                          : clock.Stretch(std::chrono::seconds(10) * task.tries));
    return end;
}

asio::awaitable<void> SelfScheduled::Close() {
    co_await digest_.Close();
    co_await ends_.Close();
}

}  // namespace citadel::recovery
