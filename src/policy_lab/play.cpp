#include "policy_lab/play.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/random.h"
#include "policy/decline_table.h"

namespace citadel::policy_lab {
namespace {

using policy::DunningStep;
using std::chrono::days;
using std::chrono::hours;

const Time kRenewalsBegin = *ParseTime("2026-01-05T00:00:00Z");

// One invoice from its failure to its end.
class Story {
  public:
    Story(const Contestant& contestant, const Payer& payer, int horizon_days, Tally& tally)
        : contestant_(contestant), payer_(payer), tally_(tally),
          horizon_(payer.failed_at() + days(horizon_days)) {
        state_.now = state_.first_failed_at = payer.failed_at();
        state_.failed_at = {payer.failed_at()};
        state_.last_attempt_at = payer.failed_at();
        state_.has_address = contestant.writes;
        state_.mode = policy::RetryMode::kOwn;
        state_.deadline = horizon_;
        state_.country = payer.country();
        state_.utc_offset_minutes = payer.utc_offset_minutes();
        state_.brand = payer.mastercard() ? "mastercard" : "visa";
        state_.funding = payer.debit() ? "debit" : "credit";
        state_.paid_first_try = payer.paid_first_try();
        state_.overrides.window_days = contestant.window_days;
        Learn(payer.first_decline());
        if (payer.card_mended_at()) events_.emplace(*payer.card_mended_at(), Event::kCardMended);
        if (payer.leaves_at()) events_.emplace(*payer.leaves_at(), Event::kLeaves);
    }

    void Run() {
        ++tally_.failed;
        for (int steps = 0; !over_; ++steps) {
            CITADEL_CHECK(steps < 1000, "a policy gets on with it");
            auto step = given_up_ ? Rest() : contestant_.decide(state_);
            switch (step.action) {
                case DunningStep::Action::kGiveUp: given_up_ = true; break;
                case DunningStep::Action::kCharge: Charge(); break;
                case DunningStep::Action::kWrite: Write(); break;
                case DunningStep::Action::kWait: WaitUntil(*step.next_at); break;
            }
        }
    }

  private:
    enum class Event { kCardMended, kLeaves, kPays };

    // After the policy has given up, what the customer was moved to still happens.
    DunningStep Rest() const {
        DunningStep step;
        step.next_at = horizon_;
        return step;
    }

    void Learn(const policy::Decline& decline) {
        state_.decline_codes = decline;
        state_.decline = policy::ReadDecline(decline);
        state_.needs_customer = state_.decline.family == policy::DeclineFamily::kAuthentication;
    }

    // By the networks' own rules, read from the codes alone: a card that may never be tried again, an advised
    // delay cut short, or more attempts in the window than any network allows.
    bool Forbidden() const {
        if (!state_.new_method) {
            const auto& codes = state_.decline_codes;
            using policy::DeclineInput;
            for (const auto* row : {policy::FindDecline(DeclineInput::kAdvice, codes.advice),
                                    policy::FindDecline(DeclineInput::kNetworkAdvice, codes.network_advice),
                                    policy::FindDecline(DeclineInput::kNetworkCode, codes.network_code),
                                    policy::FindDecline(DeclineInput::kDeclineCode, codes.code)}) {
                if (!row) continue;
                if (row->same_card == policy::SameCard::kNever) return true;
                if (state_.now < *state_.last_attempt_at + row->not_before) return true;
            }
        }
        return state_.attempts >= 15;
    }

    void Charge() {
        if (Forbidden()) ++tally_.forbidden;
        ++tally_.attempts;
        ++state_.charges;
        ++state_.attempts;
        state_.last_charge_at = state_.last_attempt_at = state_.now;
        auto decline = payer_.Charge(state_.now);
        state_.new_method = false;
        if (!decline) return Recover(true);
        state_.failed_at.push_back(state_.now);
        Learn(*decline);
    }

    void Write() {
        ++tally_.mails;
        ++state_.letters;
        state_.last_letter_at = state_.now;
        if (moved_) return;
        auto deed = payer_.Read(state_.letters, state_.now);
        if (!deed) return;
        moved_ = true;
        events_.emplace(deed->at, deed->pays ? Event::kPays : Event::kLeaves);
    }

    void WaitUntil(Time until) {
        if (!events_.empty() && events_.begin()->first <= std::min(until, horizon_)) {
            auto [at, event] = *events_.begin();
            events_.erase(events_.begin());
            state_.now = std::max(state_.now, at);
            return Happen(event);
        }
        state_.now = std::min(until, horizon_);
        if (state_.now >= horizon_) over_ = true;
    }

    void Happen(Event event) {
        switch (event) {
            case Event::kCardMended: state_.new_method = true; break;
            case Event::kPays: Recover(false); break;
            case Event::kLeaves:
                ++tally_.cancelled;
                over_ = true;
                break;
        }
    }

    void Recover(bool by_retry) {
        ++tally_.recovered;
        if (by_retry) ++tally_.by_retry;
        tally_.days.push_back(static_cast<double>((state_.now - payer_.failed_at()).count()) / 86'400e6);
        over_ = true;
    }

    const Contestant& contestant_;
    const Payer& payer_;
    Tally& tally_;
    Time horizon_;
    policy::DunningState state_;
    std::multimap<Time, Event> events_;
    bool moved_ = false;
    bool given_up_ = false;
    bool over_ = false;
};

}  // namespace

double Tally::days_at(double part) const {
    if (days.empty()) return 0;
    auto place = static_cast<std::size_t>(part * static_cast<double>(days.size() - 1) + 0.5);
    return days[place];
}

Tally Play(const Contestant& contestant, const Population& population, const Match& match) {
    Tally tally;
    tally.name = contestant.name;
    tally.note = contestant.note;
    Random random(match.seed);
    for (int i = 0; i < match.customers; ++i) {
        Payer payer(population, random.Next(), kRenewalsBegin);
        Story(contestant, payer, population.horizon_days, tally).Run();
    }
    std::sort(tally.days.begin(), tally.days.end());
    return tally;
}

}  // namespace citadel::policy_lab
