// The tasks that schedule themselves, run and ended: whatever happens in a run, its end makes the successor
// or keeps the task (store/self_scheduled.h).
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "recovery/report_usage.h"
#include "recovery/weekly_digest.h"

namespace citadel::recovery {

// Put off while the world outside is not ready: from half a minute, doubling, to an hour (wall time).
store::SelfScheduledEnd PutOff(const store::Task& task, const Clock& clock, std::string why);

struct SelfScheduledOptions {
    UsageReporting usage;
    DigestOptions digest;
    int tries_max = 5;  // broken runs until this one is given up and the next one takes over
};

class SelfScheduled {
  public:
    // `tools` outlives this.
    SelfScheduled(boost::asio::io_context& io, const Tools& tools, SelfScheduledOptions options);

    // Runs a claimed task and commits its end. Throws what the database throws: then the lease runs out.
    boost::asio::awaitable<store::SettleVerdict> Run(store::Task task);
    boost::asio::awaitable<void> Close();

  private:
    boost::asio::awaitable<store::SelfScheduledEnd> RunTask(store::Task task);
    store::SelfScheduledEnd Broken(const store::Task& task, const std::string& error) const;

    const Tools& tools_;
    SelfScheduledOptions options_;
    WeeklyDigest digest_;
    runtime::Batcher<store::SelfScheduledEnd, store::SettleVerdict> ends_;
};

}  // namespace citadel::recovery
