#include "auth/local_issuer.h"

#include <boost/json/object.hpp>

#include <fstream>

#include "base/error.h"
#include "base/random.h"
#include "crypto/digest.h"

namespace citadel::auth {

namespace fs = std::filesystem;

LocalIssuer::LocalIssuer(const Clock& clock, const fs::path& folder)
    : clock_(clock), file_(folder / "local-issuer" / "jwks.json"),
      key_(crypto::SigningKey::Generate("ins_local_" + RandomHex(8))) {
    std::error_code error;
    fs::create_directories(file_.parent_path(), error);
    std::ofstream file(file_, std::ios::trunc);
    file << key_.PublicSet();
    file.close();
    if (error || !file)
        throw Trouble(TroubleKind::kConfiguration, "the local issuer cannot write " + file_.string());
    keys_url_ = "file://" + fs::absolute(file_).string();
}

LocalIssuer::~LocalIssuer() {
    std::error_code ignored;
    fs::remove(file_, ignored);
}

std::string LocalIssuer::SignIn(const std::string& user_id, const std::string& authorized_party) const {
    auto now = ToUnixSeconds(clock_.Now());
    auto life = std::chrono::floor<std::chrono::seconds>(clock_.Stretch(std::chrono::hours(12))).count();
    boost::json::object claims{{"iss", kIssuer},          {"sub", user_id},  {"sid", "sess_" + RandomHex(12)},
                               {"azp", authorized_party}, {"iat", now},      {"nbf", now - 10},
                               {"exp", now + life},       {"sts", "active"}, {"v", 2}};
    return key_.Sign(claims);
}

std::string LocalIssuer::UserOf(std::string_view email) {
    return "user_local" + crypto::Sha256Hex(email).substr(0, 24);
}

}  // namespace citadel::auth
