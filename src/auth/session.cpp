#include "auth/session.h"

#include <boost/json/value.hpp>

#include <algorithm>
#include <optional>

namespace citadel::auth {
namespace {

namespace json = boost::json;

constexpr std::string_view kMachineToMachine = "cl_B7d4PD333AAA";

std::string TextOf(const json::object& object, std::string_view name) {
    auto member = object.if_contains(name);
    return member && member->is_string() ? std::string(member->as_string()) : std::string();
}

// NumericDate, with or without a fraction; nullopt when it is no number.
std::optional<double> SecondsOf(const json::value& value) {
    if (value.is_int64()) return static_cast<double>(value.get_int64());
    if (value.is_uint64()) return static_cast<double>(value.get_uint64());
    if (value.is_double()) return value.get_double();
    return std::nullopt;
}

// nbf and iat: may be missing, but must be in the past if they are there.
bool HasBegun(const json::object& claims, std::string_view name, double latest) {
    auto member = claims.if_contains(name);
    if (!member) return true;
    auto seconds = SecondsOf(*member);
    return seconds && *seconds <= latest;
}

double Seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

}  // namespace

std::variant<Session, Refusal> ReadSession(const crypto::Jwt& token, const SessionRules& rules, Time now) {
    const auto& claims = token.claims;
    if (TextOf(token.header, "cat") == kMachineToMachine) return Refusal::kInvalid;
    if (rules.issuer.empty() || TextOf(claims, "iss") != rules.issuer) return Refusal::kInvalid;
    const auto& parties = rules.authorized_parties;
    if (!parties.empty() && std::ranges::count(parties, TextOf(claims, "azp")) == 0) return Refusal::kInvalid;
    Session session{TextOf(claims, "sub"), TextOf(claims, "sid")};
    if (session.user_id.empty() || session.session_id.empty()) return Refusal::kInvalid;
    if (auto status = claims.if_contains("sts"); status && TextOf(claims, "sts") != "active")
        return Refusal::kInvalid;
    double clock = Seconds(now.time_since_epoch()), skew = Seconds(rules.skew);
    if (!HasBegun(claims, "nbf", clock + skew) || !HasBegun(claims, "iat", clock + skew))
        return Refusal::kInvalid;
    auto expiry = claims.if_contains("exp");
    auto ends = expiry ? SecondsOf(*expiry) : std::nullopt;
    if (!ends) return Refusal::kInvalid;
    if (*ends <= clock - skew - Seconds(rules.expired_by_at_most)) return Refusal::kExpired;
    return session;
}

}  // namespace citadel::auth
