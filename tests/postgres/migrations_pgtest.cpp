// The schema's versions on a real server: several starters at once, and the promises of the contract
// about the result.
#include <gtest/gtest.h>

#include <thread>

#include "postgres/migrations.h"
#include "support/test_database.h"

namespace citadel::testing {
namespace {

TEST(Migrations, SeveralStartersAtOnceApplyEachOnce) {
    TestDatabase database;
    database.sql().Run("drop schema citadel cascade");
    std::vector<std::thread> starters;
    std::atomic<int> applied = 0, failed = 0;
    for (int i = 0; i < 6; ++i) {
        starters.emplace_back([&] {
            try {
                applied += static_cast<int>(postgres::Migrate(database.url()).size());
            } catch (const std::exception&) {
                ++failed;
            }
        });
    }
    for (auto& starter : starters) starter.join();
    auto versions = static_cast<int>(postgres::EmbeddedMigrations().size());
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(applied, versions);
    EXPECT_EQ(database.sql().Number("select count(*) from citadel.schema_migrations"), versions);
    EXPECT_EQ(postgres::ReadSchemaStatus(database.url()).state, postgres::SchemaState::kCurrent);
}

TEST(Migrations, TheSchemaIsWhatTheContractNames) {
    TestDatabase database;
    for (const char* table : {"merchants", "recoveries", "payment_attempts", "scheduled_tasks", "usage_logs",
                              "processed_events", "daily_metrics", "email_templates", "oauth_states"}) {
        auto query = std::string("select to_regclass('citadel.") + table + "') is not null";
        EXPECT_EQ(database.sql().Text(query), "t") << table;
    }
    // Tenant tables: keys that begin with the tenant, and row-level security.
    EXPECT_EQ(database.sql().Lines(R"sql(
        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'citadel' and c.relkind = 'r'
            and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'merchant_id')
            and c.relname not in ('stripe_accounts', 'oauth_states', 'clerk_users')
            and not (c.relrowsecurity and exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary
                and (select attname from pg_attribute a where a.attrelid = c.oid and a.attnum = i.indkey[0]) = 'bucket'))
        )sql"),
              "");
    EXPECT_EQ(database.sql().Lines(R"sql(
        select c.relname, o from pg_class c cross join unnest(c.reloptions) o
        where o like 'autovacuum_vacuum_scale_factor%' order by 1)sql"),
              "processed_events | autovacuum_vacuum_scale_factor=0.01\n"
              "scheduled_tasks | autovacuum_vacuum_scale_factor=0.01\n"
              "usage_logs | autovacuum_vacuum_scale_factor=0.05\n");
}

TEST(Migrations, ThePlansAreTheOnesThatAreSold) {
    TestDatabase database;
    EXPECT_EQ(database.sql().Lines("select tier, mails_per_month, queue_limit from citadel.plans order by 2"),
              "FREE | 0 | 0\n"
              "HOBBY | 20 | 5\n"
              "GROWTH | 1000 | 100\n"
              "PRO | 10000 | 1000\n");
}

// A role that is not the owner sees the rows of the tenant it named and nothing else.
TEST(Migrations, RowLevelSecurityHoldsAgainstAQueryThatForgetsItsTenant) {
    TestDatabase database;
    auto& sql = database.sql();
    sql.Run(R"sql(insert into citadel.usage_logs (bucket, merchant_id, metric_type, occurred_at)
        values (1, 11, 'payment_failed', now()), (2, 22, 'payment_failed', now()))sql");
    sql.Run("set role citadel_api");
    EXPECT_EQ(sql.Number("select count(*) from citadel.usage_logs"), 0);
    sql.Run("set citadel.merchant_id = '22'");
    EXPECT_EQ(sql.Lines("select merchant_id from citadel.usage_logs"), "22\n");
    sql.Run("reset role");
}

}  // namespace
}  // namespace citadel::testing
