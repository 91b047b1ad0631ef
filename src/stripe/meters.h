// Usage of the platform's own customers: facts that its meters add up and its prices bill. Events go by
// Stripe's v2, which checks them before it answers (v1 takes anything and complains later, elsewhere).
// An event's identifier is unique for at least 24 hours: sent again within them it counts once.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "stripe/client.h"

namespace citadel::stripe {

struct MeterEvent {
    std::string event_name;
    std::string identifier;                      // at most 100 characters
    std::map<std::string, std::string> payload;  // stripe_customer_id and what the meter adds up
    Time timestamp{};                            // at most 35 days old
};

inline constexpr std::chrono::days kMeterEventAgeMax{35};

enum class MeterReceipt { kTaken, kAlreadyThere };

struct Meter {
    std::string id;
    std::string formula;    // sum, count or last
    std::string value_key;  // the payload's member that is added up
};

// The refusals that the platform's owner mends, not the event: a meter is missing or switched off.
inline constexpr const char* kNoMeter = "no_meter";
inline constexpr const char* kArchivedMeter = "archived_meter";

// `platform` acts for the platform's own account ("").
// Tells one fact; one that Stripe has already is kAlreadyThere.
boost::asio::awaitable<Outcome<MeterReceipt>> SendMeterEvent(Client platform, MeterEvent event);
// The active meter that adds up events of this name; nullopt: there is none.
boost::asio::awaitable<Outcome<std::optional<Meter>>> FindMeter(Client platform, std::string event_name);
// What the meter has of the customer in [since, until), both on whole minutes.
boost::asio::awaitable<Outcome<std::int64_t>> ReadMeter(Client platform, Meter meter, std::string customer,
                                                        Time since, Time until);

}  // namespace citadel::stripe
