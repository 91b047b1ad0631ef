// Mails in a real database: an intent forbidden by every stop signal under a race of hundreds, one mail a
// customer and day, an address that takes no more mail, and each opening, click and word counted once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "store/mails.h"
#include "store/suppressions.h"
#include "store/tasks.h"
#include "store/tracking.h"
#include "support/ingest.h"
#include "support/state.h"
#include "support/stories.h"

namespace citadel::testing {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using store::MailVerdict;

const Time kNow = *ParseTime("2026-01-20T12:00:00Z");

class Mails : public ::testing::Test {
  protected:
    void Fail(int stories, const std::string& account = "acct_1") {
        std::vector<std::string> events;
        for (int i = 1; i <= stories; ++i) {
            events.push_back(Story(kNewShape, account, i).Tell({"invoice.payment_failed"}));
        }
        ingest_.StoreAtOnce(events);
    }

    std::vector<store::Work> ClaimAll() {
        std::vector<store::Work> all;
        store::ClaimRound round;
        for (bool more = true; more;) {
            store::ClaimOrder order;
            order.now = ingest_.clock.Now();
            order.lease = 24h * 365;
            order.after = round.after();
            auto claimed = Await(ingest_.io, store::ClaimDueTasks(ingest_.pool, order));
            more = round.Advance(claimed);
            for (auto& work : claimed) all.push_back(std::move(work));
        }
        return all;
    }

    static store::MailIntent Letter(const std::string& to, const std::string& kind = "payment_failed",
                                    int attempt = 1) {
        store::MailIntent mail;
        mail.kind = kind;
        mail.attempt = attempt;
        mail.entity_ref_id = "ref";
        mail.to = to;
        mail.subject = "subject at " + kind;
        return mail;
    }

    store::MailPermit Intend(const store::Work& work, store::MailIntent mail) {
        return Await(ingest_.io, store::IntendMail(ingest_.pool, work.task, work.recovery.id, std::move(mail),
                                                   ingest_.clock.Now()));
    }
    asio::awaitable<void> Try(const store::Work& work, int& stored, int& put_off) {
        store::MailIntent mail = Letter("payer@example.com");
        auto permit =
            co_await store::IntendMail(ingest_.pool, work.task, work.recovery.id, std::move(mail), kNow);
        if (permit.verdict == MailVerdict::kStored) ++stored;
        if (permit.verdict == MailVerdict::kPutOff) ++put_off;
    }
    void Settle(const store::Work& work, const store::MailPermit& permit) {
        Await(ingest_.io, store::SettleMail(ingest_.pool, work.task.merchant, permit.mail.email_id, "re_1",
                                            "", ingest_.clock.Now()));
    }
    store::MailWord Word(const store::Work& work, const store::MailPermit& permit, const std::string& type,
                         const std::string& id) {
        store::MailWord word;
        word.merchant = work.task.merchant;
        word.email_id = permit.mail.email_id;
        word.provider_id = "re_1";
        word.word_id = id;
        word.type = type;
        word.said_at = ingest_.clock.Now();
        return word;
    }
    store::MailWordVerdict Book(store::MailWord word) {
        return Await(ingest_.io, store::BookMailWord(ingest_.pool, std::move(word), ingest_.clock.Now()));
    }
    std::string Ledger() {
        return database_.sql().Lines(
            "select metric_type, sum(quantity) from citadel.usage_logs where metric_type like 'email%' "
            "group by 1 order by 1");
    }

    TestDatabase database_;
    Ingest ingest_{database_.url(), kNow, 4};
};

TEST_F(Mails, OneCustomerGetsOneMailADayAcrossAllInvoices) {
    AddMerchants(database_.sql(), "acct_", 1);
    Fail(2);
    auto works = ClaimAll();
    ASSERT_EQ(works.size(), 2u);
    ASSERT_EQ(Intend(works[0], Letter("payer@example.com")).verdict, MailVerdict::kStored);
    auto second = Intend(works[1], Letter("Payer@Example.com"));
    EXPECT_EQ(second.verdict, MailVerdict::kPutOff);
    EXPECT_EQ(second.free_at, kNow + 24h);
    EXPECT_EQ(Intend(works[0], Letter("payer@example.com", "payment_failed", 2)).verdict,
              MailVerdict::kPutOff);
    EXPECT_EQ(Intend(works[1], Letter("other@example.com")).verdict, MailVerdict::kStored);
    ingest_.clock.Advance(24h - 1s);
    EXPECT_EQ(Intend(works[1], Letter("payer@example.com", "payment_failed", 2)).verdict,
              MailVerdict::kPutOff);
    ingest_.clock.Advance(1s);
    EXPECT_EQ(Intend(works[1], Letter("payer@example.com", "payment_failed", 2)).verdict,
              MailVerdict::kStored);
}

TEST_F(Mails, TheSameLetterAgainIsTheStoredOneAndNeedsNoOtherDay) {
    AddMerchants(database_.sql(), "acct_", 1);
    Fail(1);
    auto work = ClaimAll().at(0);
    auto first = Intend(work, Letter("payer@example.com"));
    EXPECT_EQ(first.mail.in_doubt_since, std::nullopt);
    ingest_.clock.Advance(1h);
    auto rendered_anew = Letter("payer@example.com");
    rendered_anew.subject = "another text";
    auto again = Intend(work, rendered_anew);
    EXPECT_EQ(again.verdict, MailVerdict::kStored);
    EXPECT_EQ(again.mail.email_id, first.mail.email_id);
    EXPECT_EQ(again.mail.mail.subject, "subject at payment_failed");
    EXPECT_EQ(again.mail.in_doubt_since, kNow);
    Await(ingest_.io, store::ClearMailDoubt(ingest_.pool, work.task.merchant, first.mail.email_id));
    EXPECT_EQ(Intend(work, rendered_anew).mail.in_doubt_since, std::nullopt);
    EXPECT_EQ(Intend(work, rendered_anew).mail.in_doubt_since, kNow + 1h) << "handed over once more";
    Settle(work, first);
    EXPECT_TRUE(Intend(work, rendered_anew).mail.settled);
    EXPECT_EQ(Ledger(), "email_sent | 1\n");
}

TEST_F(Mails, TwoInvoicesOfOneCustomerAtTheSameMomentGiveOneMail) {
    AddMerchants(database_.sql(), "acct_", 1);
    Fail(60);
    auto works = ClaimAll();
    ASSERT_EQ(works.size(), 60u);
    int stored = 0, put_off = 0;
    runtime::Nursery nursery(ingest_.io);
    for (const auto& work : works) nursery.Spawn("intend", Try(work, stored, put_off));
    Await(ingest_.io, nursery.Close());
    EXPECT_EQ(stored, 1);
    EXPECT_EQ(put_off, 59);
    EXPECT_EQ(database_.sql().Number("select count(*) from citadel.emails"), 1);
}

TEST_F(Mails, AHardBounceOrAComplaintClosesTheAddressForThatMerchantOnly) {
    AddMerchants(database_.sql(), "acct_", 2);
    Fail(2);
    Fail(1, "acct_2");
    auto& sql = database_.sql();
    sql.Run("update citadel.recoveries set customer_email = 'Payer@example.com'");
    auto works = ClaimAll();
    ASSERT_EQ(works.size(), 3u);
    auto permit = Intend(works[0], Letter("payer@example.com"));
    Settle(works[0], permit);
    auto bounce = Word(works[0], permit, "bounced", "msg_1");
    bounce.detail = "NoEmail";
    EXPECT_EQ(Book(bounce), store::MailWordVerdict::kBooked) << "transient";
    EXPECT_EQ(sql.Number("select count(*) from citadel.email_suppressions"), 0);
    bounce.for_good = true;
    bounce.word_id = "msg_2";
    EXPECT_EQ(Book(bounce), store::MailWordVerdict::kBooked);
    EXPECT_EQ(Book(bounce), store::MailWordVerdict::kDuplicate);
    EXPECT_EQ(sql.Lines("select address, reason, detail from citadel.email_suppressions"),
              "payer@example.com | bounced | NoEmail\n");
    ingest_.clock.Advance(24h * 400);
    for (const auto& work : works) {
        bool same = work.task.merchant == works[0].task.merchant;
        auto verdict = Intend(work, Letter("payer@example.com", "payment_failed", 2)).verdict;
        EXPECT_EQ(verdict, same ? MailVerdict::kSuppressed : MailVerdict::kStored);
    }
    // The policy, the timeline and the ledger are told.
    EXPECT_EQ(sql.Number("select count(*) from citadel.recoveries where address_suppressed"), 2);
    EXPECT_EQ(sql.Number("select count(*) from citadel.recovery_decisions where rule = 'mail.bounced'"), 2);
    EXPECT_EQ(Ledger(), "email_bounced | 1\nemail_delayed | 1\nemail_sent | 1\n");
    EXPECT_EQ(BookDifferences(database_.url()), 0);
}

TEST_F(Mails, EveryWordIsCountedOnceInWhateverOrderAndHoweverOften) {
    AddMerchants(database_.sql(), "acct_", 1);
    Fail(1);
    auto work = ClaimAll().at(0);
    auto permit = Intend(work, Letter("payer@example.com"));
    Settle(work, permit);
    Random random(7);
    std::vector<store::MailWord> words;
    for (int delivery = 0; delivery < 4; ++delivery) {
        for (auto type : {"opened", "delivered", "clicked", "opened", "clicked", "sent", "scheduled"}) {
            auto id = std::string("msg_") + type + std::to_string(words.size() % 9);
            words.push_back(Word(work, permit, type, id));
        }
    }
    for (std::size_t i = words.size(); i > 1; --i) std::swap(words[i - 1], words[random.Below(i)]);
    for (auto& word : words) Book(word);
    store::LetterKey key{work.task.merchant, work.recovery.id, "payment_failed", 1};
    for (int i = 0; i < 3; ++i) {
        Await(ingest_.io, store::RecordOpen(ingest_.pool, key, kNow));
        EXPECT_TRUE(Await(ingest_.io, store::RecordClick(ingest_.pool, key, kNow)));
    }
    EXPECT_EQ(Ledger(), "email_clicked | 1\nemail_delivered | 1\nemail_opened | 1\nemail_sent | 1\n");
    EXPECT_EQ(database_.sql().Lines("select sum(opens), sum(clicks), sum(emails_delivered), sum(emails_sent) "
                                    "from citadel.daily_metrics"),
              "1 | 1 | 1 | 1\n");
    EXPECT_EQ(BookDifferences(database_.url()), 0);
}

TEST_F(Mails, AWordAboutAnotherMailOrAnotherMerchantsChangesNothing) {
    AddMerchants(database_.sql(), "acct_", 2);
    Fail(1);
    Fail(1, "acct_2");
    auto works = ClaimAll();
    ASSERT_EQ(works.size(), 2u);
    auto permit = Intend(works[0], Letter("payer@example.com"));
    Settle(works[0], permit);
    auto foreign = Word(works[1], permit, "complained", "msg_1");
    EXPECT_EQ(Book(foreign), store::MailWordVerdict::kUnknownMail);
    auto other = Word(works[0], permit, "complained", "msg_2");
    other.provider_id = "re_2";
    EXPECT_EQ(Book(other), store::MailWordVerdict::kUnknownMail);
    EXPECT_EQ(database_.sql().Number("select count(*) from citadel.email_suppressions"), 0);
    store::LetterKey key{works[1].task.merchant, works[0].recovery.id, "payment_failed", 1};
    EXPECT_FALSE(Await(ingest_.io, store::RecordClick(ingest_.pool, key, kNow)));
}

TEST_F(Mails, AClickGivesTheLetterCreditForAWeek_AndALetterWithoutOurLinkHasItFromItsSending) {
    AddMerchants(database_.sql(), "acct_", 1);
    Fail(2);
    auto works = ClaimAll();
    ASSERT_EQ(works.size(), 2u);
    auto ours = Letter("a@example.com");
    ours.links_to_us = true;
    Settle(works[0], Intend(works[0], ours));
    Settle(works[1], Intend(works[1], Letter("b@example.com")));
    auto credit =
        "select citadel.micros(mail_credit_until) / 1000000 from citadel.recoveries where recovery_id = ";
    auto of = [&](const store::Work& work) {
        return database_.sql().Text(credit + std::to_string(work.recovery.id));
    };
    auto week = [](Time from) { return std::to_string(ToUnixSeconds(from + 24h * 7)); };
    EXPECT_EQ(of(works[0]), "");
    EXPECT_EQ(of(works[1]), week(kNow));
    store::LetterKey key{works[0].task.merchant, works[0].recovery.id, "payment_failed", 1};
    Await(ingest_.io, store::RecordClick(ingest_.pool, key, kNow + 1h));
    EXPECT_EQ(of(works[0]), week(kNow + 1h));
}

TEST_F(Mails, ThanksNeedAPaidInvoiceAndAMerchantWhoWantsThem) {
    AddMerchants(database_.sql(), "acct_", 1);
    Fail(1);
    auto work = ClaimAll().at(0);
    auto thanks = [&] {
        return Await(ingest_.io, store::IntendThanks(ingest_.pool, work.task.merchant, work.recovery.id,
                                                     Letter("payer@example.com", "paid"), kNow))
            .verdict;
    };
    database_.sql().Run("update citadel.merchants set thanks_enabled = true");
    EXPECT_EQ(thanks(), MailVerdict::kStopped) << "not paid";
    ingest_.StoreAtOnce({Story(kNewShape, "acct_1", 1).Tell({"invoice.paid"})});
    database_.sql().Run("update citadel.merchants set thanks_enabled = false");
    EXPECT_EQ(thanks(), MailVerdict::kStopped) << "not wanted";
    database_.sql().Run("update citadel.merchants set thanks_enabled = true");
    EXPECT_EQ(thanks(), MailVerdict::kStored);
}

// Promise 4. A trigger judges each mail in the moment of its commit: was a stop there already?
class MailRace : public Mails {
  protected:
    static constexpr int kStories = 800;

    MailRace() {
        AddMerchants(database_.sql(), "acct_", 1);
        database_.sql().Run(R"sql(
create table citadel.mails_after_stop (email_id bigint);
create function citadel.judge_mail() returns trigger language plpgsql as $$
begin
    if (select status from citadel.recoveries r where r.bucket = new.bucket and r.merchant_id = new.merchant_id
        and r.recovery_id = new.recovery_id) <> 'open' then
        insert into citadel.mails_after_stop values (new.email_id);
    end if;
    return null;
end $$;
create constraint trigger judge after insert on citadel.emails deferrable initially deferred
    for each row execute function citadel.judge_mail())sql");
    }

    asio::awaitable<void> Write(const store::Work& work, int number) {
        bool stopped_before = stopped_.contains(work.recovery.invoice_id);
        auto permit = co_await store::IntendMail(ingest_.pool, work.task, work.recovery.id,
                                                 Letter(std::to_string(number) + "@example.com"), kNow);
        if (permit.verdict == MailVerdict::kStored) ++written_;
        else ++refused_;
        if (stopped_before && permit.verdict == MailVerdict::kStored) ++after_stop_;
    }
    asio::awaitable<void> StopIt(inbox::Inbox& inbox, std::string body, std::string invoice) {
        stripe::Event event = stripe::ParseEvent(body);
        co_await inbox.Store(event);
        stopped_.insert(invoice);
    }

    std::set<std::string> stopped_;
    int written_ = 0, refused_ = 0, after_stop_ = 0;
};

TEST_F(MailRace, NoMailIsIntendedAfterAnyStopSignal) {
    Fail(kStories);
    auto works = ClaimAll();
    ASSERT_EQ(works.size(), static_cast<std::size_t>(kStories));
    std::map<std::string, const store::Work*> by_invoice;
    for (const auto& work : works) by_invoice[work.recovery.invoice_id] = &work;
    inbox::Inbox inbox(ingest_.io, ingest_.pool, ingest_.clock, {}, [] {});
    runtime::Nursery nursery(ingest_.io);
    const std::vector<std::string> signals = {
        "invoice.paid", "invoice.voided", "invoice.marked_uncollectible", "customer.subscription.deleted"};
    Random random(11);
    for (int i = 1; i <= kStories; ++i) {
        Story story(kNewShape, "acct_1", i);
        const auto& work = *by_invoice.at(story.invoice());
        auto body = story.Tell({signals[random.Below(signals.size())]});
        if (i % 10 == 0) {  // some stops are surely first, however fast the letters are
            Await(ingest_.io, StopIt(inbox, body, story.invoice()));
            nursery.Spawn("write", Write(work, i));
            continue;
        }
        bool letter_first = random.Chance(0.5);
        if (letter_first) nursery.Spawn("write", Write(work, i));
        nursery.Spawn("stop", StopIt(inbox, body, story.invoice()));
        if (!letter_first) nursery.Spawn("write", Write(work, i));
        // Let some of it happen, so that all stages meet.
        if (random.Chance(0.2)) ingest_.io.poll();
    }
    Await(ingest_.io, nursery.Close());
    EXPECT_EQ(written_ + refused_, kStories);
    EXPECT_GT(written_, 0);
    EXPECT_GT(refused_, 0);
    EXPECT_EQ(after_stop_, 0);
    auto& sql = database_.sql();
    EXPECT_EQ(sql.Number("select count(*) from citadel.mails_after_stop"), 0);
    EXPECT_EQ(sql.Number("select count(*) from citadel.recoveries where status = 'open'"), 0);
    EXPECT_EQ(sql.Number("select count(*) from citadel.emails"), written_);
    for (const auto& work : works) {
        ASSERT_NE(
            Intend(work, Letter("late" + std::to_string(work.recovery.id) + "@example.com", "final_notice"))
                .verdict,
            MailVerdict::kStored);
    }
}

}  // namespace
}  // namespace citadel::testing
