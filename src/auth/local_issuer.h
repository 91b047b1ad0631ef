// DEMO ONLY: an issuer of session tokens inside this process, so that the demo's sign-in walks the very road
// that Clerk's tokens walk. Its key pair is made at start and dies with it; its public half is published as a
// file. It asks for no password: whoever may write to this process's port may be anybody.
#pragma once
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "crypto/jwt.h"

namespace citadel::auth {

class LocalIssuer {
  public:
    static constexpr const char* kIssuer = "https://local-issuer.citadel.invalid";

    // Writes `folder`/local-issuer/jwks.json. Throws Trouble(kConfiguration) when it cannot.
    LocalIssuer(const Clock& clock, const std::filesystem::path& folder);
    ~LocalIssuer();
    LocalIssuer(const LocalIssuer&) = delete;

    const std::string& keys_url() const { return keys_url_; }  // file://…
    // Good for twelve hours, since nobody refreshes it.
    std::string SignIn(const std::string& user_id, const std::string& authorized_party) const;
    // The user that this issuer makes of an address.
    static std::string UserOf(std::string_view email);

  private:
    const Clock& clock_;
    std::filesystem::path file_;
    std::string keys_url_;
    crypto::SigningKey key_;
};

}  // namespace citadel::auth
