// A merchant's browser as far as the API sees it: an issuer of our own for session tokens, its keys in a
// file, and the engine's settings that trust it.
#pragma once
#include <boost/json/object.hpp>

#include <fstream>
#include <string>

#include "base/clock.h"
#include "crypto/jwt.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace citadel::testing {

class TestIssuer {
  public:
    static constexpr const char* kIssuer = "https://clerk.example";
    static constexpr const char* kOrigin = "https://app.example";

    TestIssuer() : key_(crypto::SigningKey::Generate("ins_test")) {
        std::ofstream(folder_.path() / "jwks.json") << key_.PublicSet();
    }

    // A session token as Clerk makes them, good for a minute from `issued` on.
    std::string Token(const std::string& user, Time issued) const {
        auto at = ToUnixSeconds(issued);
        boost::json::object claims{{"iss", kIssuer}, {"sub", user}, {"sid", "sess_" + user},
                                   {"azp", kOrigin}, {"iat", at},   {"nbf", at - 10},
                                   {"exp", at + 60}};
        return key_.Sign(claims);
    }
    void AddTo(Environment& environment) const {
        environment["CLERK_ISSUER"] = kIssuer;
        environment["CLERK_JWKS_URL"] = "file://" + (folder_.path() / "jwks.json").string();
        environment["CLERK_AUTHORIZED_PARTIES"] = kOrigin;
    }

  private:
    TemporaryFolder folder_;
    crypto::SigningKey key_;
};

}  // namespace citadel::testing
