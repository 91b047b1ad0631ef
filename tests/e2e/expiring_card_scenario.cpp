// A card that ends before the renewal it is to pay: a week before, Stripe tells of the renewal, the engine
// looks at the card that will really be charged, and its owner is asked for another one. Once, and only where
// it is needed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <regex>

#include "base/types.h"
#include "support/http.h"
#include "support/mail_recorder.h"
#include "support/simulator_program.h"
#include "support/state.h"

namespace citadel::testing {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

const Time kBegin = *ParseTime("2026-03-02T09:00:00Z");
const Time kRenewal = *ParseTime("2026-04-10T09:00:00Z");
const Time kTold = kRenewal - 24h * 7;

class ExpiringCard : public ::testing::Test {
  protected:
    struct Person {
        std::string customer, method, subscription;
    };

    ExpiringCard() : simulator_(kBegin), account_(simulator_.AddMerchant(database_.sql())) {
        // Links name a merchant by its id alone, so its bucket has to be the one that goes with it.
        auto& sql = database_.sql();
        auto bucket = BucketOf(sql.Number("select max(merchant_id) from citadel.stripe_accounts"));
        for (auto table : {"merchants", "stripe_accounts"})
            sql.Run(fmt::format("update citadel.{} set bucket = {} where merchant_id > 0", table, bucket));
    }

    static std::string Text(const json::object& object, std::string_view name) {
        return std::string(object.at(name).as_string());
    }
    void SetExpiry(const std::string& method, int month, int year) {
        simulator_.Tell(
            "/_sim/card",
            {{"account", account_}, {"paymentMethod", method}, {"expMonth", month}, {"expYear", year}});
    }
    std::string Subscribe(const std::string& customer, Time renewal = kRenewal) {
        return Text(simulator_.Tell("/_sim/subscriptions", {{"account", account_},
                                                            {"customer", customer},
                                                            {"amount", 2000},
                                                            {"currency", "usd"},
                                                            {"renewAt", FormatTime(renewal)}}),
                    "id");
    }
    Person AddPerson(const std::string& name, int month, int year) {
        auto made = simulator_.Tell("/_sim/customers", {{"account", account_},
                                                        {"name", name},
                                                        {"email", name + "@example.com"},
                                                        {"outcomes", {"approve"}}});
        Person person{Text(made, "id"), Text(made, "paymentMethod"), ""};
        SetExpiry(person.method, month, year);
        person.subscription = Subscribe(person.customer);
        return person;
    }
    // A second card of theirs, which no default names yet.
    std::string AddCard(const Person& person, int month, int year) {
        auto card = simulator_.Api("POST", "/v1/payment_methods/pm_card_mastercard/attach", account_,
                                   "customer=" + person.customer);
        SetExpiry(Text(card, "id"), month, year);
        return Text(card, "id");
    }
    void Change(const Person& person, const std::string& form) {
        simulator_.Api("POST", "/v1/subscriptions/" + person.subscription, account_, form);
    }

    std::unique_ptr<Program> Launch(Time now) {
        EngineSettings settings;
        settings.database_url = database_.url();
        settings.clock = "fixed:" + FormatTime(now);
        settings.stripe_base = simulator_.base();
        settings.resend_base = recorder_.base();
        settings.workers = 4;
        settings.more = {{"PUBLIC_URL", "http://127.0.0.1:8080"},
                         {"TRACKING_SECRET", "0123456789abcdef0123456789abcdef"}};
        auto engine = StartEngine(settings);
        simulator_.SendWebhooksTo(*engine);
        simulator_.SetClock(now);
        for (int i = 0; i < 2; ++i) {
            simulator_.WaitUntilNothingIsDue();
            WaitUntilIdle(database_.sql(), now);
        }
        return engine;
    }
    void RunAt(Time now) {
        auto engine = Launch(now);
        engine->Signal(SIGTERM);
        EXPECT_EQ(engine->Wait(30s), 0) << engine->Output();
    }

    std::string Letters() {
        return database_.sql().Lines(
            "select kind, to_address, status, recovery_id is null from citadel.emails order by to_address");
    }
    std::string Results() {
        return database_.sql().Lines(
            "select status, result from citadel.scheduled_tasks "
            "where notice_id is not null order by task_id");
    }
    void ExpectQuietBooks() {
        EXPECT_EQ(BookDifferences(database_.url()), 0);
        EXPECT_EQ(database_.sql().Number("select count(*) from citadel.recoveries"), 0);
        EXPECT_EQ(recorder_.Requests().size(),
                  static_cast<std::size_t>(
                      database_.sql().Number("select count(*) from citadel.emails where status = 'sent'")));
    }

    TestDatabase database_;
    SimulatorProgram simulator_;
    MailRecorder recorder_;
    std::string account_;
};

TEST_F(ExpiringCard, ItsOwnerIsAskedAWeekBefore_AndNobodyElse) {
    AddPerson("ends", 3, 2026);
    AddPerson("good", 4, 2026);  // through the last day of April
    AddPerson("long", 1, 2030);
    RunAt(kTold);
    EXPECT_EQ(Letters(), "card_expiring | ends@example.com | sent | t\n");
    EXPECT_EQ(database_.sql().Number("select count(*) from citadel.scheduled_tasks "
                                     "where task_type = 'notify_action_required' and status = 'completed'"),
              3);
    auto text = database_.sql().Text("select text from citadel.emails");
    EXPECT_THAT(text, HasSubstr("•••• 4242"));
    EXPECT_THAT(text, HasSubstr("03/2026"));
    EXPECT_THAT(text, HasSubstr("$20.00"));
    ExpectQuietBooks();
}

TEST_F(ExpiringCard, TheSubscriptionsOwnCardCountsBeforeTheCustomersDefault) {
    auto pinned_bad = AddPerson("pinned-bad", 1, 2030);
    Change(pinned_bad, "default_payment_method=" + AddCard(pinned_bad, 3, 2026));
    auto pinned_good = AddPerson("pinned-good", 3, 2026);
    Change(pinned_good, "default_payment_method=" + AddCard(pinned_good, 1, 2030));
    RunAt(kTold);
    EXPECT_EQ(Letters(), "card_expiring | pinned-bad@example.com | sent | t\n");
    EXPECT_THAT(database_.sql().Text("select text from citadel.emails"), HasSubstr("Mastercard"));
    ExpectQuietBooks();
}

TEST_F(ExpiringCard, ACardThatPaysForSeveralThingsIsAskedForOnce) {
    auto person = AddPerson("ends", 3, 2026);
    Subscribe(person.customer, kRenewal + 24h);
    Subscribe(person.customer, kRenewal + 24h * 3);
    for (int day = 0; day <= 5; ++day) RunAt(kTold + 24h * day);
    EXPECT_EQ(Results(),
              "completed | the customer was asked for a new card\n"
              "completed | the customer was asked for a new card\n"
              "completed | the customer was asked for a new card\n");
    EXPECT_EQ(Letters(), "card_expiring | ends@example.com | sent | t\n");
    ExpectQuietBooks();
}

TEST_F(ExpiringCard, AMerchantWhoOnlyWatchesWritesToNobody) {
    AddPerson("ends", 3, 2026);
    database_.sql().Run("update citadel.merchants set retry_mode = 'observe' where merchant_id > 0");
    RunAt(kTold);
    EXPECT_EQ(Letters(), "");
    EXPECT_EQ(Results(), "completed | no letter: the merchant only watches\n");
    ExpectQuietBooks();
}

TEST_F(ExpiringCard, QuietHoursAreTheCustomers_AndPutTheSameTaskOff) {
    auto person = AddPerson("ends", 3, 2026);
    simulator_.Api("POST", "/v1/customers/" + person.customer, account_, "address[country]=JP");
    database_.sql().Run("update citadel.merchants set quiet_from_hour = 17, quiet_until_hour = 20");
    RunAt(kTold);  // 18:00 in Tokyo
    EXPECT_EQ(Letters(), "");
    EXPECT_EQ(database_.sql().Lines("select status, run_at = '2026-04-03T11:00:00Z' "
                                    "from citadel.scheduled_tasks where notice_id is not null"),
              "pending | t\n");
    RunAt(kTold + 2h);
    EXPECT_EQ(Letters(), "card_expiring | ends@example.com | sent | t\n");
    ExpectQuietBooks();
}

TEST_F(ExpiringCard, WhatChangesWhileALetterIsPutOffIsReadAgain) {
    std::map<std::string, Person> people;
    for (auto name : {"still", "updated", "replaced", "ending", "pausing", "gone", "suppressed"})
        people[name] = AddPerson(name, 3, 2026);
    database_.sql().Run("update citadel.merchants set quiet_from_hour = 8, quiet_until_hour = 10");
    RunAt(kTold);
    EXPECT_EQ(Letters(), "");
    simulator_.Tell("/_sim/card",
                    {{"account", account_}, {"paymentMethod", people["updated"].method}, {"update", true}});
    simulator_.Api("POST", "/v1/customers/" + people["replaced"].customer, account_,
                   "invoice_settings[default_payment_method]=" + AddCard(people["replaced"], 1, 2030));
    Change(people["ending"], "cancel_at_period_end=true");
    Change(people["pausing"], "pause_collection[behavior]=void");
    simulator_.Api("DELETE", "/v1/subscriptions/" + people["gone"].subscription, account_);
    database_.sql().Run(
        "insert into citadel.email_addresses select bucket, merchant_id, "
        "'suppressed@example.com', 'infinity' from citadel.merchants where merchant_id > 0");
    RunAt(kTold + 1h);
    EXPECT_EQ(Letters(), "card_expiring | still@example.com | sent | t\n");
    EXPECT_EQ(database_.sql().Lines("select result, count(*) from citadel.scheduled_tasks "
                                    "where notice_id is not null group by 1 order by 1"),
              "no letter: the card is good for the renewal | 2\n"
              "no letter: the subscription is canceled | 1\n"
              "no letter: the subscription will not renew | 1\n"
              "no letter: the subscription's collection is paused | 1\n"
              "the customer was asked for a new card | 1\n"
              "the letter could not be sent: the address bounced or complained | 1\n");
    ExpectQuietBooks();
}

TEST_F(ExpiringCard, TheLetterSpeaksTheMerchantsOwnWords) {
    AddPerson("ends", 3, 2026);
    database_.sql().Run(
        "insert into citadel.email_templates select bucket, merchant_id, 'card_expiring', 1, "
        "'A word, {{customer_name}}', 'Your card ends. {{update_url}}', 'epoch' "
        "from citadel.merchants where merchant_id > 0");
    RunAt(kTold);
    EXPECT_EQ(database_.sql().Text("select subject from citadel.emails"), "A word, ends");
}

TEST_F(ExpiringCard, ItsLinkLeadsToAFreshPageForACard) {
    AddPerson("ends", 3, 2026);
    auto engine = Launch(kTold);
    auto html = database_.sql().Text("select html from citadel.emails");
    std::smatch link;
    ASSERT_TRUE(
        std::regex_search(html, link, std::regex("http://127.0.0.1:8080(/api/track/click/[A-Za-z0-9_-]+)")));
    http::Call call;
    call.url = engine->base() + link[1].str();
    auto answer = Fetch(call);
    EXPECT_EQ(answer.status, 302) << answer.error << answer.body;
    EXPECT_THAT(std::string(answer.header("Location")), HasSubstr(simulator_.base()));
    Fetch(call);
    auto made = simulator_.Ask("/_sim/requests?path=/v1/billing_portal/sessions").at("requests").as_array();
    EXPECT_GE(made.size(), 1u);
    EXPECT_EQ(database_.sql().Lines("select sum(emails_sent), sum(notices_sent), sum(clicks) "
                                    "from citadel.daily_metrics"),
              "1 | 1 | 1\n");
    ExpectQuietBooks();
}

}  // namespace
}  // namespace citadel::testing
