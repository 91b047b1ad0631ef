// Stripe's events about one invoice, made from tests/fixtures in either API shape with ids that fit
// together. Stories of different numbers share nothing: customer, subscription, invoice and payment are
// their own.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace citadel::testing {

inline constexpr const char* kOldShape = "2025-02-24.acacia";
inline constexpr const char* kNewShape = "2026-10-28.endive";

struct Told {
    std::string fixture;               // "invoice.payment_failed", "invoice.paid", … as in the fixtures
    std::optional<int> attempts = {};  // the invoice's attempt_count
    std::optional<Time> created = {};
};

class Story {
  public:
    Story(std::string shape, std::string account, int number)
        : shape_(std::move(shape)), account_(std::move(account)), number_(number) {}

    // The webhook's body. The same `told` has the same event id, so a second one is a second delivery.
    std::string Tell(const Told& told) const;
    std::string invoice() const { return "in_1" + Name("Cycle"); }

  private:
    std::string Name(const std::string& what) const { return what + std::to_string(number_); }

    std::string shape_;
    std::string account_;
    int number_;
};

}  // namespace citadel::testing
