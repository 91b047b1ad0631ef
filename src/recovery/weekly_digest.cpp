#include "recovery/weekly_digest.h"

#include <algorithm>

#include "base/log.h"
#include "crypto/signed_id.h"
#include "email/digest.h"
#include "recovery/self_scheduled.h"

namespace citadel::recovery {

namespace asio = boost::asio;
using store::DigestFacts;
using store::SelfScheduledEnd;

namespace {

// The mail service keeps a key for 24 hours; a mail in doubt for longer might go out twice.
constexpr std::chrono::hours kKeyIsSafeFor{23};
constexpr int kWeeks = 8;

template <typename Sums>
auto& SumOf(Sums& sums, const std::string& currency) {
    auto found = std::ranges::find_if(sums, [&](const auto& sum) { return sum.amount.currency == currency; });
    if (found != sums.end()) return *found;
    auto& added = sums.emplace_back();
    added.amount.currency = currency;
    return added;
}

void AddRecovered(email::DigestContext& context, const store::RecoveredLine& line) {
    const auto& currency = line.amount.currency;
    if (line.weeks_ago == 0) {
        auto& sum = SumOf(context.recovered, currency);
        sum.count += line.count;
        sum.amount.minor += line.amount.minor;
        context.causes.push_back({line.cause, line.count, line.amount});
        if (line.cause == "customer_after_mail") context.paid_after_letter += line.count;
    }
    if (line.weeks_ago == 1) {
        auto& sum = SumOf(context.recovered, currency);
        sum.count_before += line.count;
        sum.minor_before += line.amount.minor;
    }
}

// The trend is shown in the currency that has most invoices in these weeks.
void AddTrend(email::DigestContext& context, const DigestFacts& facts) {
    std::vector<email::RecoveredSum> totals;
    for (const auto& line : facts.recovered) SumOf(totals, line.amount.currency).count += line.count;
    if (totals.empty()) return;
    auto by_count = [](const auto& a, const auto& b) { return a.count < b.count; };
    auto currency = std::ranges::max_element(totals, by_count)->amount.currency;
    context.trend.assign(kWeeks, Money{0, currency});
    for (const auto& line : facts.recovered) {
        bool counts = line.amount.currency == currency && line.weeks_ago >= 0 && line.weeks_ago < kWeeks;
        if (counts) context.trend[std::size_t(kWeeks - 1 - line.weeks_ago)].minor += line.amount.minor;
    }
}

email::DigestContext ContextOf(const DigestFacts& facts) {
    email::DigestContext context;
    context.merchant_name = facts.merchant_name;
    context.locale = facts.locale;
    context.brand_color = facts.brand_color;
    context.monday = facts.monday;
    for (const auto& line : facts.recovered) AddRecovered(context, line);
    AddTrend(context, facts);
    for (const auto& line : facts.open) {
        context.open.push_back({line.count, line.amount});
        context.planned += line.planned;
        context.need_customer += line.need_customer;
        if (!line.next_action) continue;
        context.next_action = std::min(context.next_action.value_or(*line.next_action), *line.next_action);
    }
    context.letters_sent = facts.letters_sent;
    context.letters_delivered = facts.letters_delivered;
    context.letters_opened = facts.letters_opened;
    context.letters_clicked = facts.letters_clicked;
    return context;
}

email::Envelope EnvelopeOf(const store::DigestMail& mail) {
    email::Envelope envelope;
    envelope.from = mail.from;
    envelope.to = mail.to;
    envelope.entity_ref_id = mail.entity_ref_id;
    envelope.idempotency_key = mail.entity_ref_id;
    if (!mail.unsubscribe_url.empty()) {
        envelope.headers.emplace_back("List-Unsubscribe", "<" + mail.unsubscribe_url + ">");
        envelope.headers.emplace_back("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    }
    envelope.mail = {mail.subject, mail.html, mail.text};
    return envelope;
}

// Why there is nothing to be sent; empty: there is something.
std::string SilenceOf(const DigestFacts& facts) {
    if (!facts.wanted) return "not sent: the merchant is not connected, or wants no digest";
    if (facts.email.empty()) return "not sent: no address of the merchant is known";
    return email::HasNews(ContextOf(facts)) ? "" : "not sent: there is nothing to say";
}

}  // namespace

WeeklyDigest::WeeklyDigest(asio::io_context& io, const Tools& tools, DigestOptions options)
    : tools_(tools), options_(std::move(options)),
      facts_(io, "digest_facts", {64, 4096, 1},
             [this](std::vector<store::Task> batch) {
                 return store::ReadDigestFacts(tools_.pool, std::move(batch));
             }),
      intents_(io, "digest_intents", {64, 4096, 1},
               [this](std::vector<store::DigestMail> batch) {
                   return store::IntendDigests(tools_.pool, std::move(batch), tools_.clock.Now());
               }),
      verdicts_(io, "digest_verdicts", {64, 4096, 1}, [this](std::vector<store::DigestVerdict> batch) {
          return store::SettleDigests(tools_.pool, std::move(batch), tools_.clock.Now());
      }) {}

store::DigestMail WeeklyDigest::MailOf(const store::Task& task, const DigestFacts& facts) const {
    email::DigestContext context = ContextOf(facts);
    store::DigestMail mail;
    if (!options_.public_url.empty()) {
        context.dashboard_url = options_.public_url;
        if (!options_.link_secret.empty()) {
            auto token = crypto::SignId(options_.link_secret, crypto::kDigestStop, task.merchant.id);
            context.stop_url = options_.public_url + "/api/digest/stop/" + token;
        }
    }
    email::Mail rendered = email::RenderDigest(context);
    mail.task = task;
    mail.week = facts.week;
    mail.entity_ref_id = fmt::format("cit-digest-{}-{}", task.merchant.id, facts.week);
    mail.to = facts.email;
    mail.from = fmt::format("{} <{}>", options_.from_name, tools_.email_from);
    mail.unsubscribe_url = context.stop_url;
    mail.subject = std::move(rendered.subject);
    mail.html = std::move(rendered.html);
    mail.text = std::move(rendered.text);
    return mail;
}

asio::awaitable<SelfScheduledEnd> WeeklyDigest::Send(store::Task task) {
    SelfScheduledEnd end;
    end.task = task;
    DigestFacts facts = co_await facts_.Add(task);
    end.result = SilenceOf(facts);
    if (!end.result.empty()) co_return end;
    store::DigestMail mail = MailOf(task, facts);
    auto stored = co_await intents_.Add(std::move(mail));
    if (!stored) {
        end.result = "not sent: the merchant left a moment ago, or the lease is lost";
        co_return end;
    }
    if (stored->settled) {
        end.result = "had been sent before";
        co_return end;
    }
    tools_.Reached("digest_intended");
    SelfScheduledEnd delivered = co_await Deliver(std::move(end), std::move(*stored));
    co_return delivered;
}

asio::awaitable<SelfScheduledEnd> WeeklyDigest::Deliver(SelfScheduledEnd end, store::StoredDigest digest) {
    store::DigestVerdict verdict;
    verdict.merchant = end.task.merchant;
    verdict.week = digest.mail.week;
    Time now = tools_.clock.Now();
    if (now - digest.intended_at > kKeyIsSafeFor) {
        verdict.error = "for a day nobody knew whether it was sent; not sent again, lest it come twice";
    } else {
        email::Envelope envelope = EnvelopeOf(digest.mail);
        email::Sent sent = co_await tools_.sender.Send(std::move(envelope));
        bool later = sent.result == email::Sent::Result::kTryLater;
        if (later || sent.result == email::Sent::Result::kHeld) {
            // An older doubt is not cleared by a newer refusal.
            bool surely_unsent = !sent.in_doubt && digest.intended_at == now;
            if (surely_unsent)
                co_await store::NoteDigestUnsent(tools_.pool, verdict.merchant, verdict.week, now);
            co_return PutOff(end.task, tools_.clock,
                             later ? "the mail service is away" : "held: " + sent.error);
        }
        tools_.Reached("digest_sent");
        verdict.provider_id = sent.provider_id;
        if (sent.result == email::Sent::Result::kRefused) verdict.error = "refused: " + sent.error;
    }
    end.result = verdict.error.empty() ? "sent the digest of " + verdict.week : verdict.error;
    co_await verdicts_.Add(std::move(verdict));
    tools_.Reached("digest_settled");
    co_return end;
}

asio::awaitable<void> WeeklyDigest::Close() {
    co_await facts_.Close();
    co_await intents_.Close();
    co_await verdicts_.Close();
}

}  // namespace citadel::recovery
