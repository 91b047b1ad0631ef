// Populate(): merchants, their customers, and the latent causes of what will fail.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "stripe_sim/billing.h"
#include "stripe_sim/cards.h"
#include "stripe_sim/customers.h"
#include "stripe_sim/payers.h"
#include "stripe_sim/shapes.h"

namespace citadel::stripe_sim {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;

struct Market {
    std::string_view country, currency;
    std::int64_t step, from, to;  // prices: from..to times step, in minor units
};

constexpr Market kMarkets[] = {{"US", "usd", 100, 9, 149},  {"DE", "eur", 100, 9, 99},
                               {"GB", "gbp", 100, 7, 89},   {"JP", "jpy", 100, 10, 150},
                               {"US", "usd", 100, 19, 299}, {"AU", "aud", 100, 12, 120}};

constexpr std::string_view kFirst[] = {"Harbour", "Juniper", "Quiet",   "Copper", "Meadow", "Lantern",
                                       "North",   "Willow",  "Granite", "Tidal",  "Amber",  "Cedar"};
constexpr std::string_view kSecond[] = {"Fitness", "Letters",  "Studio",  "Analytics", "Coffee Club",
                                        "Yoga",    "Software", "Gardens", "Cinema",    "Languages"};
constexpr std::string_view kGiven[] = {"Ada",  "Ben",   "Chika", "Dora", "Emil", "Farah", "Goran", "Hana",
                                       "Iris", "Jonas", "Kaya",  "Liam", "Mina", "Noor",  "Otto",  "Paula"};
constexpr std::string_view kFamily[] = {"Abel",    "Brandt", "Castro", "Dunn",  "Endo",
                                        "Fischer", "Gray",   "Hughes", "Ito",   "Jansen",
                                        "Keller",  "Lopez",  "Moreau", "Novak", "Okafor"};

struct TroubleRow {
    Trouble trouble;
    int weight;
    double willing;  // chance of acting on the first mail
    double leaving;
};

// Shares after Recurly's and Visa's published decline reasons (funds, vague refusals and lost or
// invalid cards); readiness to act after what e-mail tools report: few act on "try again", more when
// they alone can mend it.
constexpr TroubleRow kTroubles[] = {
    {Trouble::kNoFunds, 32, 0.13, 0.01},   {Trouble::kCautiousBank, 26, 0.13, 0.01},
    {Trouble::kIssuerAway, 6, 0.10, 0.00}, {Trouble::kExpiredCard, 13, 0.38, 0.03},
    {Trouble::kLostCard, 8, 0.42, 0.03},   {Trouble::kAuthentication, 7, 0.45, 0.02},
    {Trouble::kGone, 8, 0.00, 0.15}};

template <typename T, std::size_t N>
const T& Pick(Random& random, const T (&from)[N]) {
    return from[random.Below(N)];
}

const TroubleRow& PickTrouble(Random& random) {
    int total = 0;
    for (const auto& row : kTroubles) total += row.weight;
    auto draw = static_cast<int>(random.Below(static_cast<std::uint64_t>(total)));
    for (const auto& row : kTroubles) {
        if ((draw -= row.weight) < 0) return row;
    }
    return kTroubles[0];
}

// How many days until wages arrive and how long they last. Shares of pay periods: US Bureau of Labor
// Statistics; Friday where the period is in weeks, else any day.
void WaitForPayday(Random& random, Time renewal, BankStance& bank) {
    bank.decline_code = "insufficient_funds";
    std::chrono::weekday today(floor<days>(renewal));
    auto to_friday = (std::chrono::Friday - today).count();
    auto draw = random.Below(1000);
    auto morning = floor<days>(renewal) + hours(5) + std::chrono::minutes(random.Below(300));
    if (draw < 324) {
        bank.clears_at = morning + days(to_friday);
        bank.period = days(7);
    } else if (draw < 689) {
        bank.clears_at = morning + days(to_friday + 7 * static_cast<int>(random.Below(2)));
        bank.period = days(14);
    } else {
        auto length = draw < 887 ? 15 : 30;
        bank.clears_at =
            morning + days(1 + static_cast<int>(random.Below(static_cast<std::uint64_t>(length))));
        bank.period = days(length);
    }
    if (*bank.clears_at <= renewal) *bank.clears_at += bank.period;
    // Money lasts between a third of the period and all of it.
    bank.window = bank.period / 3 + Duration(static_cast<std::int64_t>(
                                        random.Unit() * static_cast<double>((bank.period * 2 / 3).count())));
}

// Each day it heals with the chance of one in four.
Duration DaysOfCaution(Random& random) {
    double count = std::log(1.0 - random.Unit()) / std::log(0.75);
    return Duration(static_cast<std::int64_t>(std::min(count, 60.0) * 86'400'000'000.0)) + hours(3);
}

void RefreshLater(World& world, Account& account, const PaymentMethod& method, Time at) {
    world.At(at, [&world, &account, id = method.id] {
        auto& card = *account.payment_methods.Find(id);
        if (card.bank.decline_code == "expired_card") RefreshCard(world, account, card);
    });
}

// Gives the card the bank's stance that this trouble means.
void Afflict(World& world, Account& account, Payer& payer, PaymentMethod& method,
             const Subscription& subscription) {
    auto& bank = method.bank;
    auto& random = payer.random;
    auto renewal = subscription.period_end;
    switch (payer.trouble) {
        case Trouble::kNone: return;
        case Trouble::kNoFunds: return WaitForPayday(random, renewal, bank);
        case Trouble::kCautiousBank:
            bank.decline_code = random.Chance(0.6) ? "do_not_honor" : "generic_decline";
            bank.clears_at = renewal + DaysOfCaution(random);
            return;
        case Trouble::kIssuerAway:
            bank.decline_code = "issuer_not_available";
            bank.clears_at = renewal + std::chrono::minutes(30 + random.Below(20 * 60));
            return;
        case Trouble::kExpiredCard: {
            auto date = std::chrono::year_month_day(floor<days>(renewal - days(32)));
            method.card.exp_year = static_cast<int>(date.year());
            method.card.exp_month = static_cast<int>(static_cast<unsigned>(date.month()));
            bank.decline_code = "expired_card";
            auto refresh = renewal + hours(12 + random.Below(9 * 24));
            if (random.Chance(0.35)) RefreshLater(world, account, method, refresh);
            return;
        }
        case Trouble::kLostCard: bank.decline_code = random.Chance(0.6) ? "lost_card" : "stolen_card"; return;
        case Trouble::kAuthentication: bank.decline_code = "authentication_required"; return;
        case Trouble::kGone: {
            bank.decline_code = random.Chance(0.7) ? "do_not_honor" : "insufficient_funds";
            auto leaving = renewal + hours(6 + random.Below(14 * 24));
            if (random.Chance(0.4)) LeaveLater(world, account, subscription.id, leaving);
            return;
        }
    }
}

Account& MakeMerchant(World& world, int index, Random& random) {
    const auto& market = kMarkets[static_cast<std::size_t>(index) % std::size(kMarkets)];
    auto name = fmt::format("{} {}", Pick(random, kFirst), Pick(random, kSecond));
    auto& account = world.AddAccount(name, std::string(index % 2 == 0 ? kNewVersion : kOldVersion));
    account.email = fmt::format("owner{}@merchant.example", index + 1);
    account.country = market.country;
    account.currency = market.currency;
    // Stripe's fixed schedule, its recommended one (8 tries in 2 weeks), or none at all.
    switch (index % 3) {
        case 0: account.retry_schedule = {3, 5, 7}; break;
        case 1: account.retry_schedule = {1, 2, 4, 6, 8, 10, 12, 14}; break;
        default: account.retry_schedule.clear();
    }
    return account;
}

void MakePayer(World& world, Account& account, const PopulationPlan& plan, std::uint64_t seed,
               std::int64_t amount) {
    auto payer = std::make_unique<Payer>(seed);
    auto& random = payer->random;
    auto given = Pick(random, kGiven), family = Pick(random, kFamily);
    auto& customer = AddCustomer(world, account, fmt::format("{} {}", given, family),
                                 fmt::format("payer.{:x}@example.com", random.Next() >> 24));
    auto spread = plan.spread_days > 0 ? plan.spread_days : std::max(1, plan.days / 3);
    SubscriptionTerms terms;
    terms.amount = amount;
    terms.currency = account.currency;
    terms.first_renewal =
        world.Now() + std::chrono::seconds(60 + random.Below(static_cast<std::uint64_t>(spread) * 86'400));
    terms.renewals = 1;
    auto& subscription = StartSubscription(world, account, customer, terms);
    // Attached long ago: no event.
    NewCard card = GoodCard(random, account.country);
    PaymentMethod method;
    method.id = world.NewId("pm_1");
    method.customer = customer.id;
    method.card = std::move(card.card);
    method.created = subscription.created;
    auto& added = account.payment_methods.Add(std::move(method));
    customer.default_payment_method = added.id;
    if (random.Chance(plan.failure_rate)) {
        const auto& row = PickTrouble(random);
        payer->trouble = row.trouble;
        payer->willing = row.willing;
        payer->leaving = row.leaving;
        Afflict(world, account, *payer, added, subscription);
    }
    world.payers.emplace(customer.id, std::move(payer));
}

}  // namespace

std::vector<Account*> Populate(World& world, const PopulationPlan& plan) {
    std::vector<Account*> made;
    for (int i = 0; i < plan.merchants; ++i) {
        Random random(plan.seed * 1'000'003 + static_cast<std::uint64_t>(i));
        auto& account = MakeMerchant(world, i, random);
        const auto& market = kMarkets[static_cast<std::size_t>(i) % std::size(kMarkets)];
        for (int j = 0; j < plan.customers; ++j) {
            auto steps = market.from + static_cast<std::int64_t>(
                                           random.Below(static_cast<std::uint64_t>(market.to - market.from)));
            MakePayer(world, account, plan, random.Next(), steps * market.step);
        }
        made.push_back(&account);
    }
    return made;
}

}  // namespace citadel::stripe_sim
