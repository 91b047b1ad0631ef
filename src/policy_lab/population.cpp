#include "policy_lab/population.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <stdexcept>

namespace citadel::policy_lab {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<std::string_view, Cause>, 7> kCauses = {{
    {"funds", Cause::kFunds},
    {"hold", Cause::kHold},
    {"outage", Cause::kOutage},
    {"expired", Cause::kExpired},
    {"lost", Cause::kLost},
    {"authentication", Cause::kAuthentication},
    {"gone", Cause::kGone},
}};

constexpr std::array<std::pair<std::string_view, PayPeriod::Kind>, 5> kKinds = {{
    {"weekly", PayPeriod::Kind::kWeekly},
    {"biweekly", PayPeriod::Kind::kBiweekly},
    {"twice_a_month", PayPeriod::Kind::kTwiceAMonth},
    {"monthly", PayPeriod::Kind::kMonthly},
    {"fifth_business_day", PayPeriod::Kind::kFifthBusinessDay},
}};

[[noreturn]] void Refuse(const std::string& where, std::string_view what) {
    throw std::invalid_argument(fmt::format("population: {} must be {}", where, what));
}

// Reads the members of one object and refuses those that nobody asked for.
class Members {
  public:
    Members(const json::value& value, std::string where) : where_(std::move(where)) {
        if (!value.is_object()) Refuse(where_, "an object");
        object_ = &value.get_object();
    }

    const json::value* Find(std::string_view name) {
        asked_.emplace_back(name);
        return object_->if_contains(name);
    }

    double Number(std::string_view name, double initial, double least, double most) {
        const auto* value = Find(name);
        if (!value) return initial;
        double number = value->is_number() ? value->to_number<double>() : least - 1;
        if (!(number >= least && number <= most))
            Refuse(Path(name), fmt::format("a number from {} to {}", least, most));
        return number;
    }

    Range Pair(std::string_view name, Range initial) {
        const auto* value = Find(name);
        if (!value) return initial;
        bool fits = value->is_array() && value->get_array().size() == 2 &&
                    value->get_array()[0].is_number() && value->get_array()[1].is_number();
        if (!fits) Refuse(Path(name), "two numbers, from and to");
        Range range{value->get_array()[0].to_number<double>(), value->get_array()[1].to_number<double>()};
        if (!(range.from >= 0 && range.from <= range.to && range.to <= 1e6))
            Refuse(Path(name), "a rising pair, 0 or more");
        return range;
    }

    std::string Text(std::string_view name) {
        const auto* value = Find(name);
        if (!value || !value->is_string()) Refuse(Path(name), "a text");
        return std::string(value->get_string());
    }

    const json::array& List(std::string_view name) {
        const auto* value = Find(name);
        if (!value || !value->is_array() || value->get_array().empty())
            Refuse(Path(name), "a list that is not empty");
        return value->get_array();
    }

    std::vector<int> Integers(std::string_view name, int least, int most) {
        std::vector<int> numbers;
        if (!Find(name)) return numbers;
        for (const auto& value : List(name)) {
            if (!value.is_int64() || value.get_int64() < least || value.get_int64() > most)
                Refuse(Path(name), fmt::format("whole numbers from {} to {}", least, most));
            numbers.push_back(static_cast<int>(value.get_int64()));
        }
        return numbers;
    }

    std::string Path(std::string_view name) const {
        return where_.empty() ? std::string(name) : where_ + "." + std::string(name);
    }

    void Finish() {
        for (const auto& member : *object_) {
            bool known = member.key() == "source" ||
                         std::find(asked_.begin(), asked_.end(), member.key()) != asked_.end();
            if (!known) Refuse(Path(member.key()), "left out: nobody knows it");
        }
    }

  private:
    std::string where_;
    const json::object* object_ = nullptr;
    std::vector<std::string> asked_;
};

template <typename Value, std::size_t N>
Value ReadWord(const std::array<std::pair<std::string_view, Value>, N>& words, const std::string& word,
               const std::string& where) {
    std::string all;
    for (const auto& [name, value] : words) {
        if (name == word) return value;
        all += (all.empty() ? "" : ", ") + std::string(name);
    }
    Refuse(where, "one of " + all);
}

CauseShare ReadCause(const json::value& value, const std::string& where) {
    Members members(value, where);
    CauseShare cause;
    cause.cause = ReadWord(kCauses, members.Text("cause"), members.Path("cause"));
    cause.share = members.Number("share", 0, 0, 1e6);
    const auto* codes = members.Find("codes");
    if (!codes || !codes->is_object() || codes->get_object().empty())
        Refuse(members.Path("codes"), "an object of code: share");
    for (const auto& code : codes->get_object()) {
        if (!code.value().is_number()) Refuse(members.Path("codes"), "an object of code: share");
        cause.codes.push_back({std::string(code.key()), code.value().to_number<double>()});
    }
    cause.acts_on_mail = members.Number("actsOnMail", 0, 0, 1);
    cause.leaves_on_mail = members.Number("leavesOnMail", 0, 0, 1);
    cause.leaves = members.Number("leaves", 0, 0, 1);
    cause.lasts = members.Pair("lasts", cause.lasts);
    cause.daily_chance = members.Number("dailyChance", 0.25, 0.001, 0.999);
    cause.hours = members.Pair("hours", {0.5, 20});
    cause.mended = members.Number("mended", 0, 0, 1);
    cause.mended_days = members.Pair("mendedDays", {0.5, 10});
    cause.advice = members.Number("advice", 0, 0, 1);
    members.Finish();
    return cause;
}

PayPeriod ReadPay(const json::value& value, const std::string& where) {
    Members members(value, where);
    PayPeriod pay;
    pay.kind = ReadWord(kKinds, members.Text("period"), members.Path("period"));
    pay.share = members.Number("share", 0, 0, 1e6);
    pay.weekday = static_cast<int>(members.Number("weekday", -1, -1, 6));
    pay.days = members.Integers("days", 1, 31);
    bool two = pay.kind == PayPeriod::Kind::kTwiceAMonth;
    if (two && !pay.days.empty() && pay.days.size() != 2) Refuse(members.Path("days"), "two days");
    members.Finish();
    return pay;
}

Country ReadCountry(const json::value& value, const std::string& where) {
    Members members(value, where);
    Country country;
    country.code = members.Text("country");
    country.share = members.Number("share", 1, 0, 1e6);
    country.utc_offsets = members.Integers("utcOffsets", -840, 840);
    if (country.utc_offsets.empty()) country.utc_offsets.push_back(0);
    int i = 0;
    for (const auto& pay : members.List("pay"))
        country.pay.push_back(ReadPay(pay, fmt::format("{}[{}]", members.Path("pay"), i++)));
    members.Finish();
    return country;
}

json::value Parse(std::string_view text) {
    boost::system::error_code error;
    auto value = json::parse(text, error);
    if (error) throw std::invalid_argument("population: no JSON: " + error.message());
    return value;
}

}  // namespace

Population ReadPopulation(std::string_view text) {
    auto value = Parse(text);
    Members members(value, "");
    Population population;
    population.name = members.Text("name");
    population.horizon_days = static_cast<int>(members.Number("horizonDays", 30, 1, 60));
    int i = 0;
    for (const auto& cause : members.List("causes"))
        population.causes.push_back(ReadCause(cause, fmt::format("causes[{}]", i++)));
    i = 0;
    for (const auto& country : members.List("countries"))
        population.countries.push_back(ReadCountry(country, fmt::format("countries[{}]", i++)));
    population.debit = members.Number("debit", population.debit, 0, 1);
    population.mastercard = members.Number("mastercard", population.mastercard, 0, 1);
    population.mail_fading = members.Number("mailFading", population.mail_fading, 0, 1);
    population.mail_minutes = members.Pair("mailMinutes", population.mail_minutes);
    population.night_hours = members.Pair("nightHours", population.night_hours);
    population.night_refusals = members.Number("nightRefusals", 0, 0, 1);
    population.any_refusals = members.Number("anyRefusals", 0, 0, 1);
    population.history_months = static_cast<int>(members.Number("historyMonths", 0, 0, 24));
    population.manages = members.Number("manages", population.manages, 0, 1);
    members.Finish();
    return population;
}

std::string_view NameOf(Cause cause) {
    for (const auto& [name, value] : kCauses) {
        if (value == cause) return name;
    }
    return "unknown";
}

}  // namespace citadel::policy_lab
