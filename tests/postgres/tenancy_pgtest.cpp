// Promise 10: tenants are walls. The API's own statements show another tenant nothing, and where a statement
// forgets its tenant, row-level security still stands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "store/activity.h"
#include "store/dashboard.h"
#include "store/export.h"
#include "store/merchant_profile.h"
#include "store/merchants.h"
#include "store/recoveries_view.h"
#include "store/recovery_actions.h"
#include "store/tasks_api.h"
#include "support/tenants.h"

namespace citadel::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Walls : public ::testing::Test {
  protected:
    // What a session of the API sees that speaks plain SQL: `setting` is the tenant it acts for, or empty.
    std::string AsApi(const std::string& query, const std::string& setting) {
        Sql api(t_.database.url());
        api.Run("begin; set local role citadel_api");
        if (!setting.empty()) api.Run("set local citadel.merchant_id = '" + setting + "'");
        auto text = api.Lines(query);
        api.Run("commit");
        return text;
    }
    std::vector<std::string> TenantTables() {
        std::vector<std::string> names;
        for (const auto& row : t_.sql().Rows(
                 "select 'citadel.' || relname from pg_class where oid in (select citadel.tenant_tables())"))
            names.push_back(row[0]);
        return names;
    }
    bool MayRead(const std::string& table) {
        return t_.sql().Text("select has_table_privilege('citadel_api', '" + table + "', 'select')") == "t";
    }

    Tenants t_;
};

TEST_F(Walls, AStatementThatForgetsItsTenant_SeesThatTenantOnly) {
    auto mine = std::to_string(t_.mine.id);
    int read = 0;
    for (const auto& table : TenantTables()) {
        if (!MayRead(table)) continue;
        ++read;
        auto seen = AsApi("select distinct merchant_id from " + table, mine);
        EXPECT_TRUE(seen.empty() || seen == mine + "\n") << table << " shows " << seen;
        EXPECT_EQ(AsApi("select count(*) from " + table, ""), "0\n") << table << " without a tenant";
    }
    EXPECT_GE(read, 10);
    EXPECT_EQ(AsApi("select count(*) from citadel.recoveries", mine), "3\n");
}

TEST_F(Walls, WritingIntoAnotherTenant_IsRefusedOrReachesNothing) {
    auto mine = std::to_string(t_.mine.id);
    auto theirs = fmt::format("{}, {}", t_.theirs.bucket, t_.theirs.id);
    auto before = StateOf(t_.sql());
    for (const auto& insert :
         {"insert into citadel.usage_logs (bucket, merchant_id, metric_type, occurred_at) values (" + theirs +
              ", 'recovered', now())",
          "insert into citadel.scheduled_tasks (bucket, merchant_id, task_type, status, run_at, created_at) "
          "values (" +
              theirs + ", 'dunning_retry', 'pending', now(), now())",
          "insert into citadel.clerk_users (bucket, merchant_id, clerk_user_id, created_at) values (" +
              theirs + ", 'user_x', now())"}) {
        try {
            AsApi(insert, mine);
            ADD_FAILURE() << insert;
        } catch (const std::exception& error) {
            EXPECT_THAT(error.what(), HasSubstr("row-level security"));
        }
    }
    AsApi("update citadel.recoveries set status = 'stopped', closed_at = now() where merchant_id = " +
              std::to_string(t_.theirs.id),
          mine);
    AsApi("delete from citadel.scheduled_tasks where merchant_id <> " + mine, mine);
    EXPECT_EQ(StateOf(t_.sql()), before);
}

TEST_F(Walls, EveryTableWithAMerchant_StandsBehindThem) {
    EXPECT_EQ(t_.sql().Lines(R"sql(
select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'merchant_id'
where c.relnamespace = 'citadel'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and (not c.relrowsecurity or c.oid::regclass not in (select citadel.tenant_tables())
        or not exists (select from pg_policies p where p.schemaname = 'citadel' and p.tablename = c.relname
            and p.policyname = 'own_rows' and p.roles = '{citadel_api}' and p.with_check is not null)))sql"),
              "");
    EXPECT_EQ(t_.sql().Lines(R"sql(
select rolname from pg_roles where rolname like 'citadel\_%' and (rolsuper or rolbypassrls or rolcanlogin
    or exists (select from pg_class c where c.relowner = pg_roles.oid)))sql"),
              "");
}

TEST_F(Walls, AnotherTenantsIds_LookLikeMissingOnes) {
    auto& pool = t_.tenant_pool;
    auto before = StateOf(t_.sql());
    auto recovery = t_.Recovery(t_.theirs), task = t_.Task(t_.theirs);
    EXPECT_FALSE(t_.Do(store::ReadRecovery(pool, t_.mine, recovery)));
    EXPECT_FALSE(t_.Do(store::ReadRecoveryStory(pool, t_.mine, recovery)));
    EXPECT_FALSE(t_.Do(store::ReadTask(pool, t_.mine, task)));
    EXPECT_EQ(t_.Do(store::StopByMerchant(pool, t_.mine, recovery, t_.now())),
              store::ActionVerdict::kNoSuchRecovery);
    EXPECT_EQ(t_.Do(store::CollectNow(pool, t_.mine, recovery, t_.now())),
              store::ActionVerdict::kNoSuchRecovery);
    EXPECT_EQ(t_.Do(store::DeleteTask(pool, t_.mine, task, t_.now())), store::TaskVerdict::kNoSuchTask);
    EXPECT_EQ(t_.Do(store::RetryTask(pool, t_.mine, task, t_.now())).verdict,
              store::TaskVerdict::kNoSuchTask);
    store::RecoveryName by_id{recovery, ""}, by_invoice{0, Story(kNewShape, "acct_2", 101).invoice()};
    for (const auto& name : {by_id, by_invoice}) {
        auto made = t_.Do(store::CreateTask(pool, t_.mine, "notify_action_required", name, t_.now()));
        EXPECT_EQ(made.verdict, store::TaskVerdict::kNoSuchRecovery);
    }
    auto customer = t_.sql().Text("select customer_id from citadel.recoveries where recovery_id = " +
                                  std::to_string(recovery));
    EXPECT_EQ(t_.Do(store::ReadEntitlement(pool, t_.mine, customer)).open_recoveries, 0);
    EXPECT_EQ(t_.Do(store::ReadEntitlement(pool, t_.theirs, customer)).open_recoveries, 1);
    EXPECT_EQ(StateOf(t_.sql()), before);
}

TEST_F(Walls, ListsHoldTheCallersRowsOnly) {
    auto& pool = t_.tenant_pool;
    std::set<std::string> invoices;
    for (int n = 1; n <= Tenants::kInvoices; ++n) invoices.insert(Story(kNewShape, "acct_1", n).invoice());
    std::set<std::string> seen;
    for (const auto& line : t_.Do(store::ListRecoveries(pool, t_.mine, "", {})).rows)
        seen.insert(line.invoice_id);
    EXPECT_EQ(seen, invoices);
    EXPECT_EQ(t_.Do(store::ListRecoveries(pool, t_.mine, "open", {})).rows.size(), invoices.size());
    EXPECT_EQ(t_.Do(store::ListTasks(pool, t_.mine, {}, {})).rows.size(), 3U);
    EXPECT_EQ(t_.Do(store::ListActivity(pool, t_.mine, "", {})).rows.size(), 3U);
    auto figures = t_.Do(store::ReadDailyFigures(pool, t_.mine, "2026-01-01", "2026-01-31"));
    ASSERT_EQ(figures.size(), 1U);
    EXPECT_EQ(figures[0].values.at("failed_count"), 3);
    EXPECT_EQ(t_.Do(store::ReadDashboard(pool, t_.mine, t_.now()))->open_recoveries, 3);
    auto theirs = Story(kNewShape, "acct_2", 101).invoice();
    for (const auto& section : store::ExportSections()) {
        for (const auto& row : t_.Do(store::ReadExportPage(pool, t_.mine, section, "")).rows) {
            EXPECT_THAT(row, Not(HasSubstr(theirs))) << section;
            EXPECT_THAT(row, Not(HasSubstr(std::to_string(t_.theirs.id) + "}"))) << section;
        }
    }
}

TEST_F(Walls, AKeyThatIsNotTheSessionsOwn_ShowsNothing) {
    // A statement with another tenant's key, in a transaction that acts for this one.
    MerchantKey confused = t_.theirs;
    for (auto acting : {t_.mine, t_.theirs}) {
        std::vector<postgres::Query> queries{{&store::ProfileStatement(), store::KeyParams(confused)}};
        auto answers = t_.Do(store::RunAsTenant(t_.tenant_pool, acting, std::move(queries)));
        EXPECT_EQ(answers.at(0).empty(), acting != confused);
    }
}

TEST_F(Walls, TheRoleAndTheTenant_EndWithTheirTransaction) {
    postgres::ConnectionOptions options;
    options.url = t_.database.url();
    postgres::Pool one(t_.ingest.io, options, 1);
    EXPECT_TRUE(t_.Do(store::ReadProfile(one, t_.mine)));
    const postgres::Statement who{"who", "select current_user, current_setting('citadel.merchant_id', true)"};
    std::vector<postgres::Query> queries{{&who, postgres::Params()}};
    auto answers = t_.Do(one.Run(std::move(queries)));
    EXPECT_EQ(answers.at(0).Text(0, 0), "citadel");
    EXPECT_EQ(answers.at(0).Text(0, 1), "");
    one.Close();
}

TEST_F(Walls, FiftyFirstCallsAtOnce_MakeOneMerchant) {
    postgres::ConnectionOptions options;
    options.url = t_.database.url();
    postgres::Pool wide(t_.ingest.io, options, 16);
    std::set<MerchantKey> keys;
    int ended = 0;
    for (int i = 0; i < 50; ++i) {
        boost::asio::co_spawn(t_.ingest.io, store::ProvisionMerchant(wide, "user_new", t_.now()),
                              [&](std::exception_ptr failure, MerchantKey key) {
                                  EXPECT_FALSE(failure);
                                  keys.insert(key);
                                  ++ended;
                              });
    }
    t_.ingest.io.restart();
    while (ended < 50) t_.ingest.io.run_one();
    EXPECT_EQ(keys.size(), 1U);
    EXPECT_EQ(
        t_.sql().Lines("select tier, clerk_user_id from citadel.merchants where clerk_user_id is not null"),
        "FREE | user_new\n");
    EXPECT_EQ(t_.Do(store::ProvisionMerchant(wide, "user_new", t_.now())), *keys.begin());
    EXPECT_NE(t_.Do(store::ProvisionMerchant(wide, "user_other", t_.now())), *keys.begin());
    wide.Close();
}

TEST_F(Walls, AnAdoptedUser_SignsInAsThatMerchant) {
    t_.sql().Run("update citadel.merchants set clerk_user_id = 'user_late' where merchant_id = " +
                 std::to_string(t_.mine.id));
    EXPECT_EQ(t_.Do(store::ProvisionMerchant(t_.tenant_pool, "user_late", t_.now())), t_.mine);
}

TEST_F(Walls, AProfileIsChangedByItsOwnerAlone) {
    store::ProfileChange change;
    change.brand_color = "#102030";
    change.digest_enabled = false;
    auto changed = t_.Do(store::ChangeProfile(t_.tenant_pool, t_.mine, change));
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->brand_color, "#102030");
    EXPECT_FALSE(changed->digest_enabled);
    EXPECT_EQ(changed->locale, "en");
    EXPECT_EQ(t_.Do(store::ReadProfile(t_.tenant_pool, t_.theirs))->brand_color, "#1a56db");
    // What the server owns is not even granted.
    EXPECT_THROW(AsApi("update citadel.merchants set tier = 'PRO'", std::to_string(t_.mine.id)),
                 std::exception);
}

}  // namespace
}  // namespace citadel::testing
