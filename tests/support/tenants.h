// Two merchants with failed renewals of their own, stored as webhooks store them, and the pools of the API on
// them.
#pragma once
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "store/tenant.h"
#include "support/ingest.h"
#include "support/state.h"
#include "support/stories.h"
#include "support/test_database.h"

namespace citadel::testing {

class Tenants {
  public:
    static constexpr int kInvoices = 3;  // of each

    explicit Tenants(Time now = *ParseTime("2026-01-20T12:00:00Z"))
        : ingest(database.url(), now), tenant_pool(ingest.io, As(""), 3),
          worker_pool(ingest.io, As("citadel_worker"), 2), admin_pool(ingest.io, As("citadel_admin"), 1) {
        AddMerchants(sql(), "acct_", 2);
        sql().Run("update citadel.merchants set tier = 'PRO', policy = 'classic/1' where merchant_id > 0");
        for (int n = 1; n <= kInvoices; ++n) {
            ingest.StoreAtOnce({Told("acct_1", n, "invoice.payment_failed")});
            ingest.StoreAtOnce({Told("acct_2", 100 + n, "invoice.payment_failed")});
        }
        mine = KeyOf("acct_1");
        theirs = KeyOf("acct_2");
        ingest.clock.Advance(std::chrono::hours(24));  // whatever their first run waits for, it is due
    }
    ~Tenants() {
        tenant_pool.Close();
        worker_pool.Close();
        admin_pool.Close();
    }

    static std::string Told(const std::string& account, int number, const std::string& event) {
        return Story(kNewShape, account, number).Tell({event});
    }

    Sql& sql() { return database.sql(); }
    Time now() const { return ingest.clock.Now(); }

    template <typename T>
    T Do(boost::asio::awaitable<T> work) {
        return Await(ingest.io, std::move(work));
    }
    void Do(boost::asio::awaitable<void> work) { Await(ingest.io, std::move(work)); }

    // The merchant's n-th recovery and its task, oldest first.
    std::int64_t Recovery(MerchantKey merchant, int n = 1) {
        return Nth("recoveries", "recovery_id", merchant, n);
    }
    std::int64_t Task(MerchantKey merchant, int n = 1) {
        return Nth("scheduled_tasks", "task_id", merchant, n);
    }
    std::string StatusOf(std::int64_t recovery) {
        return sql().Text(fmt::format(
            "select status || coalesce(' ' || reason, '') from citadel.recoveries where recovery_id = {}",
            recovery));
    }
    std::int64_t CountOpenTasks(std::int64_t recovery) {
        return sql().Number(
            fmt::format("select count(*) from citadel.scheduled_tasks where recovery_id = {} and "
                        "status in ('pending', 'running')",
                        recovery));
    }
    // Nothing that must always hold was broken.
    void ExpectWholeState() {
        EXPECT_EQ(BookDifferences(database.url()), 0);
        EXPECT_EQ(Stranded(sql()), 0);
    }

    TestDatabase database;
    Ingest ingest;
    postgres::Pool tenant_pool, worker_pool, admin_pool;
    MerchantKey mine, theirs;

  private:
    postgres::ConnectionOptions As(const char* role) const {
        postgres::ConnectionOptions options;
        options.url = database.url();
        options.role = role;
        return options;
    }
    MerchantKey KeyOf(const std::string& account) {
        auto row =
            sql().Rows("select bucket, merchant_id from citadel.stripe_accounts where stripe_account_id = '" +
                       account + "'");
        return {static_cast<std::int16_t>(std::stoi(row.at(0).at(0))), std::stoll(row.at(0).at(1))};
    }
    std::int64_t Nth(const char* table, const char* id, MerchantKey merchant, int n) {
        return sql().Number(
            fmt::format("select {1} from citadel.{0} where merchant_id = {2} order by {1} offset {3} "
                        "limit 1",
                        table, id, merchant.id, n - 1));
    }
};

}  // namespace citadel::testing
