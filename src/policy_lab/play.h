// Plays a policy against the people of a population and adds up what came of it. Every policy meets the same
// people.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/dunning.h"
#include "policy_lab/payer.h"

namespace citadel::policy_lab {

struct Contestant {
    std::string name;
    std::string note;  // what is special about it, for people
    std::function<policy::DunningStep(const policy::DunningState&)> decide;
    bool writes = true;              // false: the customers have no address
    std::optional<int> window_days;  // in place of the policy's own
};

struct Tally {
    std::string name;
    std::string note;
    int failed = 0;
    int recovered = 0;
    int by_retry = 0;  // the rest came after a mail
    int cancelled = 0;
    int attempts = 0;  // ours, the failure that began it not included
    int mails = 0;
    int forbidden = 0;         // retries that the network or the issuer forbids: must be 0
    std::vector<double> days;  // to recovery, rising

    double share() const { return failed > 0 ? static_cast<double>(recovered) / failed : 0; }
    double attempts_per_recovery() const {
        return recovered > 0 ? static_cast<double>(attempts) / recovered : 0;
    }
    double mails_per_invoice() const { return failed > 0 ? static_cast<double>(mails) / failed : 0; }
    double days_at(double part) const;  // 0.5: the median
};

struct Match {
    std::uint64_t seed = 1;
    int customers = 2000;
};

Tally Play(const Contestant& contestant, const Population& population, const Match& match);

}  // namespace citadel::policy_lab
