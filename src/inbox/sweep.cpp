#include "inbox/sweep.h"

#include <boost/asio/redirect_error.hpp>

#include <algorithm>

#include "base/log.h"
#include "inbox/triage.h"

namespace citadel::inbox {

namespace asio = boost::asio;

namespace {

// The same for the same invoice, so that a backfill done twice is spread alike.
Duration SpreadOf(const std::string& invoice, std::chrono::hours spread) {
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(spread).count();
    return std::chrono::seconds(
        static_cast<std::int64_t>(std::hash<std::string>()(invoice) % std::uint64_t(seconds)));
}

}  // namespace

Sweeper::Sweeper(asio::io_context& io, postgres::Pool& pool, const Clock& clock,
                 const stripe::ClientFactory& stripe, Inbox& inbox, std::function<void()> on_work,
                 SweepOptions options)
    : pool_(pool), clock_(clock), stripe_(stripe), inbox_(inbox), on_work_(std::move(on_work)),
      options_(options), timer_(io) {}

void Sweeper::Stop() {
    stopping_ = true;
    timer_.cancel();
}

asio::awaitable<void> Sweeper::Run() {
    while (!stopping_) {
        try {
            SweepResult result = co_await SweepDue();
            if (result.opened + result.hastened > 0) {
                log::Info("sweep_found_work", {{"accounts", result.accounts},
                                               {"opened", result.opened},
                                               {"hastened", result.hastened}});
            }
        } catch (const std::exception& error) {
            log::Warn("sweep_failed", {{"error", error.what()}});
        }
        if (stopping_) break;
        timer_.expires_after(options_.poll);
        boost::system::error_code cancelled;
        auto token = asio::redirect_error(asio::use_awaitable, cancelled);
        co_await timer_.async_wait(token);
    }
}

asio::awaitable<SweepResult> Sweeper::SweepDue() {
    SweepResult result;
    while (!stopping_) {
        Time now = clock_.Now();
        auto sweep = co_await store::ClaimSweepAcrossMerchants(pool_, now - options_.every,
                                                               now + clock_.Stretch(options_.lease), now);
        if (!sweep) break;
        bool done = co_await SweepOne(*sweep, result);
        if (done) co_await store::FinishSweep(pool_, *sweep, now);
    }
    if (result.opened + result.hastened > 0) on_work_();
    co_return result;
}

// False: not now.
asio::awaitable<bool> Sweeper::SweepOne(store::Sweep sweep, SweepResult& result) {
    stripe::Client client = stripe_.For(sweep.account);
    Time since = clock_.Now() - options_.reach;
    std::vector<std::string> open;
    std::string after;
    for (int page_number = 0; page_number < options_.pages_max; ++page_number) {
        auto listed = co_await client.ListOpenInvoices(since, after);
        if (auto failure = std::get_if<stripe::Failure>(&listed)) {
            log::Warn("sweep_not_read", {{"account", sweep.account}, {"error", failure->message}});
            co_return failure->kind == stripe::FailureKind::kOutOfReach;
        }
        const auto& page = std::get<stripe::Client::InvoicePage>(listed);
        std::vector<stripe::Invoice> failed;
        for (const auto& invoice : page.invoices) {
            open.push_back(invoice.id);
            if (invoice.attempt_count > 0) failed.push_back(invoice);
        }
        result.opened += co_await OpenUnknown(sweep, std::move(failed));
        if (!page.has_more || page.invoices.empty()) break;
        after = open.back();
    }
    // Within a day of the edge an invoice may be older than its failure.
    result.hastened += co_await store::HastenMissing(pool_, sweep.merchant, std::move(open),
                                                     since + std::chrono::days(1), clock_.Now());
    ++result.accounts;
    co_return true;
}

asio::awaitable<int> Sweeper::OpenUnknown(store::Sweep sweep, std::vector<stripe::Invoice> failed) {
    int opened = 0;
    if (failed.empty()) co_return opened;
    std::vector<std::string> ids;
    for (const auto& invoice : failed) ids.push_back(invoice.id);
    auto unknown = co_await store::ListUnknownInvoices(pool_, sweep.merchant, std::move(ids));
    for (const auto& invoice : failed) {
        if (std::ranges::find(unknown, invoice.id) == unknown.end()) continue;
        store::Intake intake = TriageListed(invoice, sweep.account, clock_.Now());
        if (intake.kind == store::IntakeKind::kIgnore) continue;
        Time now = clock_.Now();
        if (sweep.first && intake.created < now - options_.fresh)
            intake.begin_at = now + SpreadOf(invoice.id, options_.spread);
        store::IntakeResult taken = co_await inbox_.StoreIntake(std::move(intake));
        if (taken.action == store::IntakeResult::Action::kEnqueued) ++opened;
    }
    co_return opened;
}

}  // namespace citadel::inbox
