// Promise 9 for the weekly digest: each week once, none missing, none twice, on Mondays at eight of the
// merchant's own clock, whatever dies on the way.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/digest_routes.h"
#include "base/random.h"
#include "crypto/signed_id.h"
#include "store/digests.h"
#include "support/ingest.h"
#include "support/run.h"
#include "support/self_scheduled.h"
#include "support/state.h"
#include "support/stories.h"
#include "support/test_database.h"

namespace citadel::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kNowhere = "http://127.0.0.1:9";
const Time kBegin = *ParseTime("2026-01-01T00:00:00Z");

std::string AtSql(Time time) { return fmt::format("citadel.at({})", time.time_since_epoch().count()); }

void AddOpenRecoveries(Sql& sql, const std::string& which) {
    sql.Run(
        fmt::format("insert into citadel.recoveries (bucket, merchant_id, invoice_id, status, currency, "
                    "amount_due, policy, "
                    "first_failed_at, opened_at) select bucket, merchant_id, 'in_1', 'open', 'eur', 1000, "
                    "'classic', {0}, {0} "
                    "from citadel.merchants where {1}",
                    AtSql(kBegin), which));
}

// Zones with their changes of clocks on different days, by half an hour (Lord Howe), in the other half of the
// year (south), at odd offsets (Chatham), or none; and a name that no database knows.
constexpr const char* kZones =
    "array['UTC', 'Europe/Berlin', 'America/New_York', 'America/Los_Angeles', 'Australia/Sydney', "
    "'Australia/Lord_Howe', 'Pacific/Auckland', 'Pacific/Chatham', 'Asia/Kolkata', 'Africa/Cairo', "
    "'America/Sao_Paulo', 'Nowhere/Atlantis']";

TEST(Digest, InAYearOfAThousandMerchantsWithCrashes_ComesEveryWeekOnce) {
    TestDatabase database;
    auto& sql = database.sql();
    AddMerchants(sql, "acct_", 1000);
    sql.Run(
        fmt::format("update citadel.merchants set email = 'm' || merchant_id || '@example.com', "
                    "timezone = ({0})[1 + merchant_id % array_length({0}, 1)], "
                    "locale = (array['en', 'de', 'fr', 'es', 'pt-BR', 'xx'])[1 + merchant_id % 6]",
                    kZones));
    AddOpenRecoveries(sql, "merchant_id % 10 <> 0");  // the others have nothing to say
    sql.Run("alter database " + sql.Text("select current_database()") + " set synchronous_commit = off");

    SelfScheduledWork work(database.url(), kBegin, kNowhere);
    Random dice(2026);
    work.post.keeps_bodies = false;
    // Nobody dies a fourth time in one week: that would be the janitor's giving up, another story.
    Time moment = kBegin;
    work.dies_at = [&](std::string_view) { return work.clock.Now() - moment < 15min && dice.Chance(0.005); };
    work.post.is_away = [&dice] { return dice.Chance(0.01); };
    work.RunJanitor();
    const Time end = kBegin + std::chrono::days(365);
    for (auto next = work.NextDue(); next && *next < end; next = work.NextDue()) {
        work.clock.Set(std::max(*next, work.clock.Now()));
        moment = work.clock.Now();
        work.RunDueToTheEnd();
    }

    EXPECT_GT(work.deaths, 500);
    EXPECT_GT(work.post.resent, 50) << "no death fell between sending and booking";
    EXPECT_EQ(work.post.changed, 0);
    // Every Monday of the year that has come, on each merchant's own calendar, against the mails.
    auto weeks = fmt::format(R"sql(
        select m.merchant_id, to_char(monday, 'IYYY-"W"IW') as week, monday at time zone z.zone as due
        from citadel.merchants m cross join lateral (select citadel.known_zone(m.timezone) as zone) z
        cross join generate_series('2026-01-05 08:00'::timestamp, '2027-01-04', interval '7 days') monday
        where m.merchant_id % 10 <> 0 and monday at time zone z.zone <= {})sql",
                             AtSql(work.clock.Now()));
    EXPECT_EQ(sql.Number("select count(*) from (" + weeks + ") w"), 900 * 52);
    EXPECT_EQ(
        sql.Lines(fmt::format("select w.* from ({}) w left join citadel.digest_mails d using (merchant_id, "
                              "week) where d.status is distinct from 'sent' limit 5",
                              weeks)),
        "");
    EXPECT_EQ(sql.Lines(fmt::format(
                  "select d.merchant_id, d.week, d.intended_at, w.due from citadel.digest_mails d "
                  "left join ({}) w using (merchant_id, week) where d.intended_at < w.due "
                  "or d.intended_at > w.due + interval '3 hours' or w.due is null limit 5",
                  weeks)),
              "");
    EXPECT_EQ(static_cast<std::int64_t>(work.post.delivered.size()),
              sql.Number("select count(*) from citadel.digest_mails"));
    EXPECT_EQ(
        sql.Lines("select merchant_id, count(*) from citadel.scheduled_tasks where status in ('pending', "
                  "'running') group by 1 having count(*) <> 1"),
        "");
    EXPECT_EQ(sql.Number("select count(*) from citadel.scheduled_tasks where status = 'pending'"), 1000);
    EXPECT_EQ(BookDifferences(database.url()), 0);
}

TEST(NextDigest, IsMondayAtEightOnTheMerchantsOwnClock_AcrossChangesOfClocks) {
    TestDatabase database;
    auto next = [&](const std::string& zone, const std::string& after) {
        auto micros = database.sql().Number(fmt::format(
            "select citadel.micros(citadel.next_digest_at(citadel.known_zone('{}'), '{}'))", zone, after));
        return FormatTime(Time(Duration(micros)));
    };
    EXPECT_EQ(next("UTC", "2026-03-09T07:59:59Z"), "2026-03-09T08:00:00Z");
    EXPECT_EQ(next("UTC", "2026-03-09T08:00:00Z"), "2026-03-16T08:00:00Z");
    EXPECT_EQ(next("Europe/Berlin", "2026-03-23T07:00:00Z"), "2026-03-30T06:00:00Z");  // to summer time
    EXPECT_EQ(next("Europe/Berlin", "2026-10-19T06:00:00Z"), "2026-10-26T07:00:00Z");  // and back
    EXPECT_EQ(next("America/New_York", "2026-03-02T13:00:00Z"),
              "2026-03-09T12:00:00Z");  // three weeks before
    EXPECT_EQ(next("Pacific/Auckland", "2026-03-30T00:00:00Z"), "2026-04-05T20:00:00Z");  // the other way
    EXPECT_EQ(next("Australia/Lord_Howe", "2026-03-30T00:00:00Z"), "2026-04-05T21:30:00Z");
    EXPECT_EQ(next("Asia/Kolkata", "2026-03-09T02:30:00Z"), "2026-03-16T02:30:00Z");
    EXPECT_EQ(next("Nowhere/Atlantis", "2026-03-09T08:00:00Z"), "2026-03-16T08:00:00Z");
}

class OneDigest : public ::testing::Test {
  protected:
    OneDigest() {
        AddMerchants(database_.sql(), "acct_", 1);
        Change("email = 'owner@example.com', name = 'Acme & Söhne', timezone = 'Europe/Berlin'");
        recovery::SelfScheduledOptions options;
        options.digest.public_url = "https://citadel.example";
        options.digest.link_secret = Secret("of links");
        work_ = std::make_unique<SelfScheduledWork>(database_.url(), kBegin, kNowhere, options);
        work_->RunJanitor();
    }

    void Change(const std::string& what) { sql().Run("update citadel.merchants set " + what); }
    void AddOpen() { AddOpenRecoveries(sql(), "true"); }

    void AddRecovered(const std::string& closed_at, const std::string& cause, int amount,
                      const std::string& currency) {
        sql().Run(fmt::format(
            "insert into citadel.recoveries (bucket, merchant_id, invoice_id, status, cause, currency, "
            "amount_due, "
            "amount_recovered, policy, first_failed_at, opened_at, closed_at) select bucket, merchant_id, "
            "'in_' || gen_random_uuid(), 'recovered', '{1}', '{3}', {2}, {2}, 'classic', '{0}', '{0}', '{0}' "
            "from citadel.merchants",
            closed_at, cause, amount, currency));
    }

    // Runs the digest that is due next.
    void RunNext() {
        work_->clock.Set(*work_->NextDue());
        work_->RunDueToTheEnd();
    }
    std::string Results() {
        return sql().Lines(
            "select status, result from citadel.scheduled_tasks where result is not null order by task_id");
    }
    std::int64_t OpenTasks() {
        return sql().Number(
            "select count(*) from citadel.scheduled_tasks where status in ('pending', 'running')");
    }
    const email::Envelope& TheMail() { return work_->post.delivered.begin()->second; }
    Sql& sql() { return database_.sql(); }

    TestDatabase database_;
    std::unique_ptr<SelfScheduledWork> work_;
};

TEST_F(OneDigest, WithNothingToSay_IsNotSent_AndTheNextOneIsPlanned) {
    RunNext();
    EXPECT_EQ(Results(), "completed | not sent: there is nothing to say\n");
    EXPECT_TRUE(work_->post.delivered.empty());
    EXPECT_EQ(
        sql().Text("select run_at at time zone 'Europe/Berlin' from citadel.scheduled_tasks where status = "
                   "'pending'"),
        "2026-01-12 08:00:00");
}

// The digest of Monday, 5 January, is about 29 December to 4 January, Berlin time.
TEST_F(OneDigest, AddsUpTheMerchantsOwnWeek) {
    AddRecovered("2025-12-28T22:59:59Z", "retry", 100, "eur");   // a second before it: the week before
    AddRecovered("2025-12-28T23:00:00Z", "retry", 2000, "eur");  // its first second
    AddRecovered("2026-01-04T22:59:59Z", "customer_after_mail", 40000, "eur");  // its last one
    AddRecovered("2026-01-04T23:00:00Z", "retry", 800000, "eur");               // the week after
    AddRecovered("2026-01-02T12:00:00Z", "stripe_retry", 7, "jpy");
    AddOpen();
    RunNext();
    ASSERT_EQ(work_->post.delivered.size(), 1U);
    const auto& mail = TheMail();
    EXPECT_EQ(mail.to, "owner@example.com");
    EXPECT_EQ(mail.idempotency_key,
              fmt::format("cit-digest-{}-2026-W02", sql().Text("select merchant_id from citadel.merchants")));
    EXPECT_THAT(mail.mail.text, AllOf(HasSubstr("December 29 to January 4"), HasSubstr("€420.00"),
                                      HasSubstr("Week before: €1.00"), HasSubstr("+€419.00"), HasSubstr("¥7"),
                                      HasSubstr("€10.00")));
    EXPECT_THAT(mail.mail.text, ::testing::Not(HasSubstr("8,000")));
    EXPECT_THAT(mail.mail.html, HasSubstr("Acme &amp; Söhne"));
    ASSERT_EQ(mail.headers.size(), 2U);
    EXPECT_THAT(mail.headers[0].second, HasSubstr("<https://citadel.example/api/digest/stop/"));
    EXPECT_EQ(mail.headers[1],
              std::pair(std::string("List-Unsubscribe-Post"), std::string("List-Unsubscribe=One-Click")));
    auto link = mail.headers[0].second;
    EXPECT_THAT(mail.mail.text, HasSubstr(link.substr(1, link.size() - 2)));
    EXPECT_EQ(sql().Lines("select metric_type, quantity from citadel.usage_logs"), "digest_sent | 1\n");
}

TEST_F(OneDigest, OfAMerchantWhoLeft_IsNotSent_AndHasNoSuccessorUntilItComesBack) {
    AddOpen();
    sql().Run("update citadel.stripe_accounts set disconnected_at = 'epoch' where stripe_account_id <> ''");
    RunNext();
    EXPECT_TRUE(work_->post.delivered.empty());
    EXPECT_EQ(OpenTasks(), 0);
    EXPECT_EQ(work_->RunJanitor().tasks_restored, 0);
    sql().Run("update citadel.stripe_accounts set disconnected_at = null");
    EXPECT_EQ(work_->RunJanitor().tasks_restored, 1);
}

TEST_F(OneDigest, OfAMerchantWhoTakesAccessAway_IsGoneAtOnce) {
    Ingest ingest(database_.url(), kBegin);
    ingest.StoreAtOnce({Story(kNewShape, "acct_1", 1).Tell({"account.application.deauthorized"})});
    EXPECT_EQ(OpenTasks(), 0);
    EXPECT_EQ(work_->RunJanitor().tasks_restored, 0);
}

TEST_F(OneDigest, AfterAnOutageOfWeeks_ComesOnceForTheNewestWeek) {
    AddOpen();
    work_->clock.Set(*ParseTime("2026-02-05T12:00:00Z"));
    work_->RunDueToTheEnd();
    std::vector<std::string> weeks;
    for (const auto& row : sql().Rows("select week from citadel.digest_mails order by 1"))
        weeks.push_back(row.at(0));
    EXPECT_THAT(weeks,
                ElementsAre("2026-W02", "2026-W06"));  // the one that was planned, and the newest missed
    EXPECT_EQ(sql().Text("select run_at from citadel.scheduled_tasks where status = 'pending'").substr(0, 10),
              "2026-02-09");
}

TEST_F(OneDigest, ThatWasRefused_IsBookedAndFollowed) {
    AddOpen();
    work_->post.refuses = [](const email::Envelope&) { return true; };
    RunNext();
    EXPECT_EQ(sql().Lines("select status, error from citadel.digest_mails"),
              "refused | refused: invalid address\n");
    EXPECT_EQ(OpenTasks(), 1);
}

TEST_F(OneDigest, WhoseFateNobodyKnewForADay_IsNotSentAgain) {
    AddOpen();
    work_->dies_at = [](std::string_view step) { return step == "digest_sent"; };
    work_->clock.Set(*work_->NextDue());
    work_->RunDue();
    work_->dies_at = [](std::string_view) { return false; };
    work_->clock.Advance(24h);
    work_->RunDueToTheEnd();
    EXPECT_EQ(work_->post.resent, 0);
    EXPECT_EQ(sql().Text("select status from citadel.digest_mails"), "refused");
    EXPECT_EQ(OpenTasks(), 1);
}

TEST_F(OneDigest, ThatSurelyWasNotSentForDays_IsSentWhenTheMailServiceIsBack) {
    AddOpen();
    work_->post.is_away = [] { return true; };
    work_->clock.Set(*work_->NextDue());
    for (int i = 0; i < 60; ++i) {
        work_->RunDue();
        work_->clock.Set(*work_->NextDue());
    }
    EXPECT_GT(work_->clock.Now(), kBegin + std::chrono::days(6));
    work_->post.is_away = [] { return false; };
    work_->RunDueToTheEnd();
    EXPECT_EQ(sql().Lines("select week, status from citadel.digest_mails"), "2026-W02 | sent\n");
}

TEST_F(OneDigest, WhoseEndIsAlwaysABreak_IsGivenUp_AndTheNextWeekIsTriedAgain) {
    AddOpen();
    sql().Run("alter table citadel.digest_mails add constraint broken check (week <> '2026-W02')");
    work_->clock.Set(*work_->NextDue());
    for (int i = 0; i < 10; ++i) {
        work_->RunDue();
        work_->clock.Advance(2min);
    }
    EXPECT_EQ(sql().Number("select count(*) from citadel.scheduled_tasks where status = 'failed'"), 1);
    EXPECT_EQ(OpenTasks(), 1);
    RunNext();
    EXPECT_EQ(sql().Text("select week from citadel.digest_mails"), "2026-W03");
}

TEST_F(OneDigest, StopLink_StopsByPostOnly) {
    AddOpen();
    auto id = sql().Number("select merchant_id from citadel.merchants");
    sql().Run(fmt::format("update citadel.scheduled_tasks set bucket = {0}", BucketOf(id)));
    sql().Run(
        fmt::format("update citadel.stripe_accounts set bucket = {0} where merchant_id > 0", BucketOf(id)));
    Change(fmt::format("bucket = {}", BucketOf(id)));
    api::DigestStop stop(work_->pool, {Secret("newer"), Secret("of links")});
    auto ask = [&](auto function, const std::string& token) {
        http::Request request;
        request.captures = {token};
        return Await(work_->io, (stop.*function)(std::move(request))).status;
    };
    auto token = crypto::SignId(Secret("of links"), crypto::kDigestStop, id);
    EXPECT_EQ(ask(&api::DigestStop::Ask, token), 200);
    EXPECT_EQ(ask(&api::DigestStop::Stop, token.substr(1) + "0"), 403);
    EXPECT_EQ(ask(&api::DigestStop::Ask, "forged"), 403);
    EXPECT_EQ(sql().Text("select digest_enabled from citadel.merchants"), "t");
    EXPECT_EQ(OpenTasks(), 1);
    EXPECT_EQ(ask(&api::DigestStop::Stop, token), 200);
    EXPECT_EQ(sql().Text("select digest_enabled from citadel.merchants"), "f");
    EXPECT_EQ(OpenTasks(), 0);
    EXPECT_EQ(work_->RunJanitor().tasks_restored, 0);
}

TEST_F(OneDigest, StoppedBetweenItsFiguresAndItsIntent_IsNotSent) {
    AddOpen();
    auto claimed = Await(work_->io, store::ClaimSelfScheduledAcrossMerchants(
                                        work_->pool, kBegin + std::chrono::days(30), 10, 5min));
    ASSERT_EQ(claimed.size(), 1U);
    Await(work_->io, store::StopDigests(work_->pool, claimed[0].merchant));
    store::DigestMail mail;
    mail.task = claimed[0];
    mail.week = "2026-W02";
    std::vector<store::DigestMail> batch{mail};
    Change("digest_enabled = false");
    EXPECT_FALSE(Await(work_->io, store::IntendDigests(work_->pool, std::move(batch), kBegin)).at(0));
    EXPECT_EQ(sql().Number("select count(*) from citadel.digest_mails"), 0);
}

}  // namespace
}  // namespace citadel::testing
