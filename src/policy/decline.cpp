#include "policy/decline.h"

#include <algorithm>
#include <array>
#include <utility>

#include "policy/decline_table.h"

namespace citadel::policy {
namespace {

// What is known of one answer, in order of authority; nullptr where it said nothing or nothing known.
using Found = std::array<const DeclineRow*, 4>;

bool TimeHeals(DeclineFamily family) {
    return family == DeclineFamily::kFunds || family == DeclineFamily::kVague ||
           family == DeclineFamily::kTechnical;
}

// "Later" from the issuer or the network says when, not why: the first of the other inputs that names
// a cause which time heals does.
const DeclineRow* CauseOf(const Found& found) {
    for (const auto* row : found) {
        if (row && row->family != DeclineFamily::kVague && TimeHeals(row->family)) return row;
    }
    return nullptr;
}

DeclineReading Reading(const DeclineRow& row) {
    DeclineReading reading;
    reading.family = row.family;
    reading.action = row.action;
    reading.retry_same_card = row.same_card == SameCard::kLater;
    reading.rule = std::string(NameOf(row.input)) + " " + std::string(row.code);
    return reading;
}

// Why it was refused, and the longest wait that any of the inputs asks for.
DeclineReading LaterReading(const DeclineRow& decisive, const Found& found) {
    auto reading = Reading(decisive);
    if (const auto* cause = CauseOf(found)) {
        reading.family = cause->family;
        reading.action = cause->action;
    } else {
        reading.family = DeclineFamily::kVague;
        reading.action = DeclineAction::kSpace;
    }
    for (const auto* row : found) {
        if (!row || row->not_before <= reading.not_before) continue;
        reading.not_before = row->not_before;
        reading.money_expected = row->action == DeclineAction::kPayday;
    }
    return reading;
}

}  // namespace

DeclineReading ReadDecline(const Decline& decline) {
    // In their order of authority. Stripe's decline code was made from the network's response code, which
    // therefore comes after it, but before one that gives no reason.
    Found found = {FindDecline(DeclineInput::kAdvice, decline.advice),
                   FindDecline(DeclineInput::kNetworkAdvice, decline.network_advice),
                   FindDecline(DeclineInput::kDeclineCode, decline.code),
                   FindDecline(DeclineInput::kNetworkCode, decline.network_code)};
    if (found[2] && found[2]->family == DeclineFamily::kVague && found[3]) std::swap(found[2], found[3]);
    for (const auto* row : found) {
        if (row && row->same_card == SameCard::kNever) return Reading(*row);
    }
    for (const auto* row : found) {
        if (row) return row->same_card == SameCard::kLater ? LaterReading(*row, found) : Reading(*row);
    }
    DeclineReading unknown;
    unknown.retry_same_card = true;
    unknown.known = false;
    unknown.rule = decline.code.empty() ? "no decline code" : "unknown decline_code " + decline.code;
    return unknown;
}

}  // namespace citadel::policy
