#include "policy/letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace citadel::policy {
namespace {

using std::chrono::days;
using std::chrono::hours;

// Days of the letters before the final notice, in a window of four weeks; a longer or shorter one stretches
// them. Where waiting and retrying may do, fewer are written than where only the customer can help.
constexpr std::array<int, 3> kWhereTimeHeals{0, 5, 13};
constexpr std::array<int, 4> kWhereHeMustAct{0, 3, 8, 16};
// The next tries may mend it before he has read of it.
constexpr std::array<int, 3> kAfterOutage{1, 6, 13};
// The merchant has to mend it: he gets a few days before his customer is told.
constexpr std::array<int, 1> kAfterMerchant{3};
// The payer ended it himself: he is told once that something is still open.
constexpr std::array<int, 1> kToldOnce{0};

constexpr days kWindow{28};
constexpr days kFinalNotice{4};  // before the end
constexpr hours kApart{44};      // between two letters, at least

struct LetterPlan {
    std::span<const int> on_days;
    bool final_notice = true;
    std::string_view rule;
};

LetterPlan PlanFor(const DunningState& s) {
    if (s.needs_customer || s.decline.family == DeclineFamily::kAuthentication)
        return {kWhereHeMustAct, true, "payday.ask_to_confirm"};
    if (s.decline.action == DeclineAction::kStop) return {kToldOnce, false, "payday.tell_once"};
    if (s.decline.family == DeclineFamily::kMerchant)
        return {kAfterMerchant, true, "payday.after_the_merchant"};
    if (s.decline.family == DeclineFamily::kTechnical) return {kAfterOutage, true, "payday.letter"};
    if (!s.decline.retry_same_card) return {kWhereHeMustAct, true, "payday.ask_for_card"};
    return {kWhereTimeHeals, true, "payday.letter"};
}

// In proportion to the window.
Duration Scaled(const Course& course, const DunningState& s, Duration length) {
    auto window = std::max(course.end - s.first_failed_at, Duration(0));
    double share = static_cast<double>(window.count()) / static_cast<double>(Duration(kWindow).count());
    return Duration(static_cast<std::int64_t>(static_cast<double>(length.count()) * share));
}

struct Due {
    std::optional<Time> at;
    bool final = false;
};

// The letter after `written` ones, the newest of which went out at `last`.
Due NextLetter(const Course& course, const DunningState& s, const LetterPlan& plan, int written,
               std::optional<Time> last) {
    auto count = static_cast<int>(plan.on_days.size());
    Time final_at = course.end - Scaled(course, s, kFinalNotice);
    Duration apart = std::min<Duration>(kApart, Scaled(course, s, kApart) * 2);
    Time earliest = last ? *last + apart : s.first_failed_at;
    bool final_written = last && *last >= final_at;
    if (written >= kLettersMax || final_written) return {};
    if (written < count) {
        Time at =
            s.first_failed_at + Scaled(course, s, days(plan.on_days[static_cast<std::size_t>(written)]));
        at = std::max(at, earliest);
        Time sent = ClosedFor(s, course.letter_closed).NextOpen(ZoneOf(s), std::max(at, s.now));
        // The first one comes however late; a reminder so near the end is the final notice itself.
        if (written == 0 || !plan.final_notice || sent + apart <= final_at) return {at, false};
    }
    if (!plan.final_notice) return {};
    return {std::max(final_at, earliest), true};
}

Letter KindOf(const DunningState& s, bool final) {
    if (s.needs_customer || s.decline.family == DeclineFamily::kAuthentication)
        return Letter::kActionRequired;
    return final ? Letter::kFinalNotice : Letter::kPaymentFailed;
}

}  // namespace

void PlanLetters(Course& course, const DunningState& s) {
    auto plan = PlanFor(s);
    auto due = NextLetter(course, s, plan, s.letters, s.last_letter_at);
    if (!due.at) return;
    course.letter_at = due.at;
    course.letter = KindOf(s, due.final);
    course.letter_rule = plan.rule;
    course.letter_reason = fmt::format(
        "{} {} of {} at most; {}; {} days after the failure", due.final ? "final notice, letter" : "letter",
        s.letters + 1, static_cast<int>(plan.on_days.size()) + (plan.final_notice ? 1 : 0), s.decline.rule,
        std::chrono::floor<days>(s.now - s.first_failed_at).count());
    course.following_letter_at = NextLetter(course, s, plan, s.letters + 1, std::max(s.now, *due.at)).at;
}

}  // namespace citadel::policy
