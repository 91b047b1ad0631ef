// send_weekly_digest: what the week brought, to the merchant, on Monday morning in its own time zone. The
// mail is committed as an intent under merchant and week, sent, and booked; done again after a crash it sends
// the stored text under the stored key. A week with nothing to say sends nothing.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>
#include <string>

#include "base/secret.h"
#include "recovery/tools.h"
#include "runtime/batcher.h"
#include "store/digests.h"
#include "store/self_scheduled.h"

namespace citadel::recovery {

struct DigestOptions {
    std::string from_name = "The Citadel";
    std::string public_url;  // empty: no links to us
    Secret link_secret;      // signs the stop link; empty: none
};

class WeeklyDigest {
  public:
    // `tools` outlives this.
    WeeklyDigest(boost::asio::io_context& io, const Tools& tools, DigestOptions options);

    // What the task is to be ended with.
    boost::asio::awaitable<store::SelfScheduledEnd> Send(store::Task task);
    boost::asio::awaitable<void> Close();

  private:
    boost::asio::awaitable<store::SelfScheduledEnd> Deliver(store::SelfScheduledEnd end,
                                                            store::StoredDigest digest);
    store::DigestMail MailOf(const store::Task& task, const store::DigestFacts& facts) const;

    const Tools& tools_;
    DigestOptions options_;
    // Mondays at eight are the same moment for many: what they need of the database is asked in batches.
    runtime::Batcher<store::Task, store::DigestFacts> facts_;
    runtime::Batcher<store::DigestMail, std::optional<store::StoredDigest>> intents_;
    runtime::Batcher<store::DigestVerdict, bool> verdicts_;
};

}  // namespace citadel::recovery
