// A policy asked from outside, in lines of JSON (docs/policy.md): events of invoices come in, the next retry
// and the next mail go out. The decisions are policy::LookAhead's, that is the engine's own; here the state
// is kept.
//
// Of a customer's invoices it is remembered when charges went through, since that tells when he has money:
// the engine knows it from its own history. Nothing else is learnt. Same lines, same answers.
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/json/object.hpp>

#include "policy/dunning.h"

namespace citadel::policy_lab {

class LineProtocol {
  public:
    explicit LineProtocol(std::string policy) : policy_(std::move(policy)) {}

    // One line without its end in, one out. Never throws for what the line says: {"error": "..."}.
    std::string Answer(std::string_view line);

  private:
    using Object = boost::json::object;
    struct Invoice {
        policy::DunningState state;
        std::string customer;
    };

    std::string Take(const Object& event);
    Invoice& Find(const Object& event, Time now);
    std::string Decide(Invoice& invoice) const;
    void Close(const Object& event, std::string_view kind, Time now);

    std::string policy_;
    std::unordered_map<std::string, Invoice> invoices_;
    std::unordered_map<std::string, std::vector<Time>> paid_;  // by customer
};

}  // namespace citadel::policy_lab
