#include "auth/clerk.h"

#include <algorithm>
#include <optional>

#include "base/log.h"

namespace citadel::auth {

namespace asio = boost::asio;

using Verdict = std::variant<Session, Refusal>;
using Checked = std::variant<crypto::Jwt, crypto::JwtFault>;

namespace {

struct Credential {
    std::string token;
    bool from_cookie = false;
};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool SameText(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, Lower, Lower); }

std::string_view Trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// The first cookie of exactly that name; suffixed copies are no credentials.
std::string_view SessionCookie(std::string_view cookies) {
    constexpr std::string_view kName = "__session=";
    while (!cookies.empty()) {
        auto pair = cookies.substr(0, cookies.find(';'));
        cookies.remove_prefix(std::min(cookies.size(), pair.size() + 1));
        pair = Trim(pair);
        if (pair.starts_with(kName)) return pair.substr(kName.size());
    }
    return {};
}

std::optional<Credential> CredentialOf(const http::Request& request) {
    constexpr std::string_view kScheme = "bearer";
    auto authorization = Trim(request.header("Authorization"));
    auto scheme = authorization.substr(0, authorization.find(' '));
    if (SameText(scheme, kScheme)) {
        auto token = Trim(authorization.substr(scheme.size()));
        if (token.empty()) return std::nullopt;
        return Credential{std::string(token), false};
    }
    for (const auto& [name, value] : request.headers) {
        if (!SameText(name, "cookie")) continue;
        if (auto token = SessionCookie(value); !token.empty()) return Credential{std::string(token), true};
    }
    return std::nullopt;
}

bool ChangesThings(const std::string& method) {
    return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

}  // namespace

asio::awaitable<Verdict> ClerkAuthenticator::Authenticate(http::Request request) {
    Verdict verdict = co_await Judge(std::move(request), Duration{});
    co_return verdict;
}

asio::awaitable<Verdict> ClerkAuthenticator::AuthenticateReturn(http::Request request) {
    Verdict verdict = co_await Judge(std::move(request), clock_.Stretch(kReturnGrace));
    co_return verdict;
}

asio::awaitable<Verdict> ClerkAuthenticator::Judge(http::Request request, Duration grace) {
    auto credential = CredentialOf(request);
    if (!credential) co_return Refusal::kMissing;
    if (credential->from_cookie && ChangesThings(request.method) &&
        std::ranges::count(rules_.authorized_parties, request.header("Origin")) == 0) {
        log::Warn("foreign_origin",
                  {{"request_id", request.request_id}, {"origin", request.header("Origin")}});
        co_return Refusal::kForeignOrigin;
    }
    Keys keys = co_await keys_.Current();
    if (!keys) co_return Refusal::kUnavailable;
    Checked checked = crypto::VerifyJwt(credential->token, *keys);
    auto fault = std::get_if<crypto::JwtFault>(&checked);
    if (fault && *fault == crypto::JwtFault::kUnknownKey) {
        Keys newer = co_await keys_.NewerThan(keys);
        if (newer && newer != keys) checked = crypto::VerifyJwt(credential->token, *newer);
        fault = std::get_if<crypto::JwtFault>(&checked);
    }
    if (fault) {
        log::Info("token_refused", {{"request_id", request.request_id}, {"why", crypto::NameOf(*fault)}});
        co_return Refusal::kInvalid;
    }
    SessionRules rules = rules_;
    rules.skew = clock_.Stretch(rules_.skew);
    rules.expired_by_at_most = grace;
    Verdict verdict = ReadSession(std::get<crypto::Jwt>(checked), rules, clock_.Now());
    if (auto refusal = std::get_if<Refusal>(&verdict); refusal && *refusal == Refusal::kInvalid) {
        log::Info("token_refused", {{"request_id", request.request_id}, {"why", "claims"}});
    }
    co_return verdict;
}

}  // namespace citadel::auth
