#include "policy_lab/report.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>

#include "policy/payday.h"

namespace citadel::policy_lab {
namespace {

namespace json = boost::json;

double Rounded(double value, double unit) { return std::round(value / unit) * unit; }

Contestant Named(std::string_view policy, std::string note, bool writes = true) {
    auto decide = [name = std::string(policy)](const policy::DunningState& state) {
        return policy::Decide(name, state);
    };
    return {std::string(policy), std::move(note), decide, writes, std::nullopt};
}

Contestant Parts(std::string name, std::string note, policy::PaydayParts parts, bool writes) {
    auto decide = [parts](const policy::DunningState& state) { return policy::DecidePayday(state, parts); };
    return {std::move(name), std::move(note), decide, writes, std::nullopt};
}

}  // namespace

std::vector<Contestant> AllPolicies() {
    return {Named("classic/1", "3, 5, 7 days"), Named("eight14/1", "8 tries in 14 days"),
            Named("eight28/1", "8 tries in 28 days"), Named(policy::kDefault, "the default")};
}

std::vector<Contestant> Ablation() {
    std::vector<Contestant> steps;
    steps.push_back(Named("eight14/1", "8 tries in 14 days, no letters", false));
    steps.push_back(Named("eight28/1", "the same spread over 28 days", false));
    steps.push_back(Parts("+ declines", "its own numbers of tries, outages at once", {false, false}, false));
    steps.push_back(
        Parts("+ paydays", "the likeliest days, at the hour of the failure", {true, false}, false));
    steps.push_back(Parts("+ hour", "late morning, not at night", {true, true}, false));
    steps.push_back(Parts("+ letters", "all of payday/1", {true, true}, true));
    auto short_window = Parts("in 14 days", "all of it in two weeks", {true, true}, true);
    short_window.window_days = 14;
    steps.push_back(std::move(short_window));
    return steps;
}

std::vector<Tally> PlayAll(const std::vector<Contestant>& contestants, const Population& population,
                           const Match& match) {
    std::vector<Tally> tallies;
    for (const auto& contestant : contestants) tallies.push_back(Play(contestant, population, match));
    return tallies;
}

std::string ToText(const std::vector<Tally>& tallies, const Population& population, const Match& match) {
    auto text = fmt::format("{} failed renewals of the population \"{}\", seed {}, {} days each\n\n",
                            match.customers, population.name, match.seed, population.horizon_days);
    text += fmt::format("{:<11} {:>9} {:>8} {:>9} {:>9} {:>7} {:>7} {:>8} {:>9}  {}\n", "policy", "recovered",
                        "by retry", "attempts/", "median", "p90", "mails/", "cancel-", "forbidden", "");
    text += fmt::format("{:<11} {:>9} {:>8} {:>9} {:>9} {:>7} {:>7} {:>8} {:>9}\n", "", "", "", "recovery",
                        "days", "days", "invoice", "led", "retries");
    for (const auto& each : tallies) {
        text += fmt::format(
            "{:<11} {:>7.1f} % {:>6.1f} % {:>9.2f} {:>9.1f} {:>7.1f} {:>7.2f} {:>6.1f} % {:>9}  {}\n",
            each.name, 100 * each.share(), each.failed ? 100.0 * each.by_retry / each.failed : 0,
            each.attempts_per_recovery(), each.days_at(0.5), each.days_at(0.9), each.mails_per_invoice(),
            each.failed ? 100.0 * each.cancelled / each.failed : 0, each.forbidden, each.note);
    }
    return text;
}

std::string ToJson(const std::vector<Tally>& tallies, const Population& population, const Match& match) {
    json::array policies;
    for (const auto& each : tallies) {
        policies.push_back(json::object{{"policy", each.name},
                                        {"note", each.note},
                                        {"failed", each.failed},
                                        {"recovered", each.recovered},
                                        {"recoveredShare", Rounded(each.share(), 1e-4)},
                                        {"recoveredByRetry", each.by_retry},
                                        {"cancelled", each.cancelled},
                                        {"attempts", each.attempts},
                                        {"attemptsPerRecovered", Rounded(each.attempts_per_recovery(), 1e-3)},
                                        {"medianDays", Rounded(each.days_at(0.5), 1e-2)},
                                        {"p90Days", Rounded(each.days_at(0.9), 1e-2)},
                                        {"mailsPerInvoice", Rounded(each.mails_per_invoice(), 1e-3)},
                                        {"neverRetryViolations", each.forbidden}});
    }
    json::object report{{"population", population.name},
                        {"seed", match.seed},
                        {"customers", match.customers},
                        {"horizonDays", population.horizon_days},
                        {"policies", std::move(policies)}};
    return json::serialize(report) + "\n";
}

}  // namespace citadel::policy_lab
