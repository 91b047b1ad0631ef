// One person of the lab: what is the matter, when there is money, what the bank says and how he answers mail.
// All of it is drawn from his own seed. What chance decides at a moment (does the bank refuse this hour? does
// the second mail move him?) depends on his seed and that moment only, so every policy meets the same person.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "policy/decline.h"
#include "policy_lab/population.h"

namespace citadel::policy_lab {

class Payer {
  public:
    Payer(const Population& population, std::uint64_t seed, Time around);

    // The bank's answer to a charge of the old card; nullopt: approved.
    std::optional<policy::Decline> Charge(Time at) const;
    // What a mail does: nothing, or a payment or the end of the subscription at a time.
    struct Deed {
        Time at{};
        bool pays = false;
    };
    std::optional<Deed> Read(int mail, Time at) const;

    Cause cause() const { return cause_; }
    const std::string& country() const { return country_; }
    int utc_offset_minutes() const { return utc_offset_; }
    bool debit() const { return debit_; }
    bool mastercard() const { return mastercard_; }
    Time failed_at() const { return failed_at_; }
    policy::Decline first_decline() const { return Refused(failed_at_); }
    const std::vector<Time>& paid_first_try() const { return paid_first_try_; }
    std::optional<Time> card_mended_at() const { return mended_at_; }
    std::optional<Time> leaves_at() const { return leaves_at_; }

  private:
    bool HasMoney(Time at) const;
    bool Approves(Time at) const;
    policy::Decline Refused(Time at) const;
    double Dice(std::uint64_t about) const;
    void DrawWages(const Country& country, std::uint64_t seed);

    const Population& population_;
    const CauseShare* plan_ = nullptr;
    std::uint64_t seed_;
    Cause cause_ = Cause::kFunds;
    std::string code_;
    std::string country_;
    int utc_offset_ = 0;
    bool debit_ = true;
    bool mastercard_ = false;
    bool bank_advises_ = false;
    Time failed_at_{};
    std::vector<std::pair<Time, Time>> money_;  // from, until; rising
    std::optional<Time> heals_at_;
    std::optional<Time> mended_at_;
    std::optional<Time> leaves_at_;
    std::vector<Time> paid_first_try_;
};

}  // namespace citadel::policy_lab
