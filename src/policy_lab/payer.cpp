#include "policy_lab/payer.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace citadel::policy_lab {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;

Duration Hours(double count) { return Duration(static_cast<std::int64_t>(count * 3.6e9)); }
Duration Days(double count) { return Hours(24 * count); }

template <typename Share>
const Share& Pick(Random& random, const std::vector<Share>& from) {
    double total = 0;
    for (const auto& each : from) total += each.share;
    double draw = random.Unit() * total;
    for (const auto& each : from) {
        if ((draw -= each.share) < 0) return each;
    }
    return from.back();
}

double Between(Random& random, Range range) { return range.from + random.Unit() * (range.to - range.from); }

bool IsWeekend(std::chrono::sys_days day) {
    std::chrono::weekday weekday(day);
    return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
}

std::chrono::sys_days DayIn(std::chrono::year_month month, int wanted) {
    auto last = std::chrono::year_month_day_last(month / std::chrono::last);
    auto day = std::min(static_cast<unsigned>(wanted), static_cast<unsigned>(last.day()));
    std::chrono::sys_days date(month / std::chrono::day(day));
    while (IsWeekend(date)) date -= days(1);
    return date;
}

std::chrono::sys_days FifthBusinessDay(std::chrono::year_month month) {
    std::chrono::sys_days date(month / std::chrono::day(1));
    for (int business = IsWeekend(date) ? 0 : 1; business < 5;) {
        date += days(1);
        if (!IsWeekend(date)) ++business;
    }
    return date;
}

// The paydays of a person in a stretch of time, and how long his pay period is.
struct Wages {
    std::vector<std::chrono::sys_days> paydays;
    int period = 30;
};

Wages DrawPaydays(Random& random, const PayPeriod& pay, std::chrono::sys_days from,
                  std::chrono::sys_days until) {
    using Kind = PayPeriod::Kind;
    Wages wages;
    if (pay.kind == Kind::kWeekly || pay.kind == Kind::kBiweekly) {
        wages.period = pay.kind == Kind::kWeekly ? 7 : 14;
        auto weekday =
            pay.weekday >= 0 ? static_cast<unsigned>(pay.weekday) : static_cast<unsigned>(random.Below(7));
        auto day = from + (std::chrono::weekday(weekday) - std::chrono::weekday(from));
        if (wages.period == 14 && random.Chance(0.5)) day += days(7);
        for (; day < until; day += days(wages.period)) wages.paydays.push_back(day);
        return wages;
    }
    std::vector<int> dates = pay.days;
    bool twice = pay.kind == Kind::kTwiceAMonth;
    if (dates.empty()) dates.push_back(1 + static_cast<int>(random.Below(twice ? 15 : 31)));
    else if (!twice) dates = {dates[random.Below(dates.size())]};
    if (twice && dates.size() == 1) dates.push_back(dates[0] + 15);
    wages.period = twice ? 15 : 30;
    std::chrono::year_month_day first(from), last(until);
    auto end = last.year() / last.month();
    for (auto month = first.year() / first.month(); month <= end; month += std::chrono::months(1)) {
        if (pay.kind == Kind::kFifthBusinessDay) wages.paydays.push_back(FifthBusinessDay(month));
        else
            for (int date : dates) wages.paydays.push_back(DayIn(month, date));
    }
    return wages;
}

}  // namespace

Payer::Payer(const Population& population, std::uint64_t seed, Time around)
    : population_(population), seed_(seed) {
    Random random(seed);
    plan_ = &Pick(random, population.causes);
    cause_ = plan_->cause;
    code_ = Pick(random, plan_->codes).code;
    const auto& country = Pick(random, population.countries);
    country_ = country.code;
    utc_offset_ = country.utc_offsets[random.Below(country.utc_offsets.size())];
    debit_ = random.Chance(population.debit);
    mastercard_ = random.Chance(population.mastercard);
    bank_advises_ = random.Chance(plan_->advice);
    failed_at_ = around + minutes(random.Below(28 * 1440));
    double patience = random.Unit(), other = random.Unit(), when = random.Unit();
    DrawWages(country, random.Next());
    if (cause_ == Cause::kHold)
        heals_at_ = failed_at_ + hours(3) +
                    Days(std::min(std::log(1 - patience) / std::log(1 - plan_->daily_chance), 90.0));
    if (cause_ == Cause::kOutage)
        heals_at_ = failed_at_ + Hours(plan_->hours.from + patience * (plan_->hours.to - plan_->hours.from));
    if (cause_ == Cause::kExpired && patience < plan_->mended)
        mended_at_ = failed_at_ +
                     Days(plan_->mended_days.from + when * (plan_->mended_days.to - plan_->mended_days.from));
    if (other < plan_->leaves) leaves_at_ = failed_at_ + Days(0.25 + when * (population.horizon_days - 1));
    for (int month = population.history_months; month > 0; --month) {
        Time renewal = failed_at_ - days(30 * month);
        bool manages = cause_ != Cause::kFunds || HasMoney(renewal) ||
                       Dice(77'000 + static_cast<std::uint64_t>(month)) < population.manages;
        if (manages) paid_first_try_.push_back(renewal);
    }
}

// For money troubles the renewal falls where there is none, else he would not be here.
void Payer::DrawWages(const Country& country, std::uint64_t seed) {
    if (cause_ != Cause::kFunds) return;
    Random random(seed);
    for (int draw = 0; draw < 200; ++draw) {
        money_.clear();
        auto from = floor<days>(failed_at_) - days(30 * population_.history_months + 70);
        auto wages = DrawPaydays(random, Pick(random, country.pay), from, floor<days>(failed_at_) + days(70));
        auto booked = Hours(random.Unit() * 10) - minutes(utc_offset_);
        auto lasts = Days(wages.period * Between(random, plan_->lasts));
        for (auto payday : wages.paydays)
            money_.emplace_back(Time(payday) + booked, Time(payday) + booked + lasts);
        if (!HasMoney(failed_at_)) return;
        // Another hour or person: somebody who is hit by this cause.
        failed_at_ += hours(7);
    }
}

double Payer::Dice(std::uint64_t about) const {
    return Random(seed_ ^ (about * 0x9E3779B97F4A7C15ull)).Unit();
}

bool Payer::HasMoney(Time at) const {
    return std::any_of(money_.begin(), money_.end(),
                       [at](const auto& span) { return at >= span.first && at < span.second; });
}

bool Payer::Approves(Time at) const {
    auto local = at + minutes(utc_offset_);
    double hour = static_cast<double>((local - floor<days>(local)).count()) / 3.6e9;
    bool night = hour >= population_.night_hours.from && hour < population_.night_hours.to;
    double refusals = population_.any_refusals + (night ? population_.night_refusals : 0);
    auto moment = static_cast<std::uint64_t>(at.time_since_epoch() / hours(1));
    if (Dice(moment) < refusals) return false;
    switch (cause_) {
        case Cause::kFunds: return HasMoney(at);
        case Cause::kHold:
        case Cause::kOutage: return at >= *heals_at_;
        case Cause::kExpired: return mended_at_ && at >= *mended_at_;
        case Cause::kLost:
        case Cause::kAuthentication:
        case Cause::kGone: break;
    }
    return false;
}

policy::Decline Payer::Refused(Time at) const {
    policy::Decline decline;
    decline.code = code_;
    if (!mastercard_ || !bank_advises_ || code_ != "insufficient_funds") return decline;
    decline.network_code = "51";
    auto next =
        std::find_if(money_.begin(), money_.end(), [at](const auto& span) { return span.first > at; });
    if (next == money_.end()) return decline;
    constexpr std::pair<int, const char*> kSteps[] = {{1, "24"},  {24, "25"},  {48, "26"},
                                                      {96, "27"}, {144, "28"}, {192, "29"}};
    decline.network_advice = "30";
    for (auto [count, code] : kSteps) {
        if (next->first - at > hours(count)) continue;
        decline.network_advice = code;
        break;
    }
    return decline;
}

std::optional<policy::Decline> Payer::Charge(Time at) const {
    if (Approves(at)) return std::nullopt;
    return Refused(at);
}

std::optional<Payer::Deed> Payer::Read(int mail, Time at) const {
    double fading = std::pow(population_.mail_fading, mail - 1);
    auto about = 1'000 * static_cast<std::uint64_t>(mail);
    auto slow = std::log(population_.mail_minutes.from + 1),
         slowest = std::log(population_.mail_minutes.to + 1);
    Time then = at + Hours(std::exp(slow + Dice(about + 3) * (slowest - slow)) / 60);
    if (Dice(about + 1) < plan_->leaves_on_mail * fading) return Deed{then, false};
    if (Dice(about + 2) < plan_->acts_on_mail * fading) return Deed{then, true};
    return std::nullopt;
}

}  // namespace citadel::policy_lab
