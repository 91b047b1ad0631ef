// The people of the lab as data: shares of what keeps them from paying, when they are paid, how they answer
// mail. Read from JSON (docs/policy.md has the format, data/population.json the built-in one, with its
// sources).
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace citadel::policy_lab {

enum class Cause {
    kFunds,           // no money until a payday, and again once it is spent
    kHold,            // the bank is cautious for some days
    kOutage,          // the bank is away for hours
    kExpired,         // the updater mends some of these cards, their owners others
    kLost,            // only another card helps
    kAuthentication,  // the payer has to confirm
    kGone,            // never pays again
};

struct Range {
    double from = 0;
    double to = 0;
};

struct CodeShare {
    std::string code;
    double share = 0;
};

struct CauseShare {
    Cause cause = Cause::kFunds;
    double share = 0;
    std::vector<CodeShare> codes;
    double acts_on_mail = 0;    // chance that the first mail moves him to pay; fades with each further one
    double leaves_on_mail = 0;  // chance that a mail makes him cancel
    double leaves = 0;          // chance that he cancels by himself within the horizon
    Range lasts{1.0 / 3, 1};    // funds: so much of the pay period has money, from the payday on
    double daily_chance = 0;    // hold: ends with this chance each day
    Range hours;                // outage
    double mended = 0;          // expired: share that the updater mends …
    Range mended_days;          // … after so many days
    double advice = 0;  // funds on Mastercard: share whose bank names the time (advice codes 24 to 30)
};

struct PayPeriod {
    enum class Kind { kWeekly, kBiweekly, kTwiceAMonth, kMonthly, kFifthBusinessDay };
    Kind kind = Kind::kMonthly;
    double share = 0;
    int weekday = -1;       // 0 is Sunday; -1: any
    std::vector<int> days;  // of the month, 31 is its last; empty: any
};

struct Country {
    std::string code;
    double share = 0;
    std::vector<int> utc_offsets;  // minutes, equally likely
    std::vector<PayPeriod> pay;
};

struct Population {
    std::string name;
    int horizon_days = 30;  // nothing counts after it
    std::vector<CauseShare> causes;
    std::vector<Country> countries;
    double debit = 0.5;
    double mastercard = 0.3;
    double mail_fading = 0.7;
    Range mail_minutes{10, 5760};  // from mail to deed, evenly on a logarithmic scale
    Range night_hours{1, 4};       // local; the bank refuses more often
    double night_refusals = 0;
    double any_refusals = 0;  // of charges that would go through, at any hour
    int history_months = 0;   // of earlier renewals that are known
    double manages = 0.5;     // chance that an earlier renewal out of money went through all the same
};

// Throws std::invalid_argument that names the member and what it should be.
Population ReadPopulation(std::string_view json);
// data/population.json as it was when the program was built.
std::string_view PopulationData();

std::string_view NameOf(Cause cause);

}  // namespace citadel::policy_lab
