#include "app/mail_setup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "email/resend.h"

namespace citadel::app {
namespace {

[[noreturn]] void FailKeyFile(const std::filesystem::path& path) {
    throw Trouble(TroubleKind::kConfiguration,
                  fmt::format("the key of the links in mails cannot be kept in {}: {}; set TRACKING_SECRET",
                              path.string(), std::strerror(errno)));
}

// Whoever comes first makes it; the others read it.
Secret KeptKey(const std::filesystem::path& path) {
    std::filesystem::create_directories(path.parent_path());
    auto fresh = path.string() + "." + RandomHex(4);
    int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) FailKeyFile(path);
    auto key = RandomHex(32);
    bool written = ::write(file, key.data(), key.size()) == static_cast<ssize_t>(key.size());
    written = ::fsync(file) == 0 && written;
    ::close(file);
    // A link is made whole or not at all, and not over one that is there.
    bool mine = written && ::link(fresh.c_str(), path.c_str()) == 0;
    bool there = mine || (written && errno == EEXIST);
    ::unlink(fresh.c_str());
    if (!there) FailKeyFile(path);
    std::ifstream reader(path);
    std::string kept;
    reader >> kept;
    if (kept.size() < kTrackingSecretBytesMin) FailKeyFile(path);
    return Secret(kept);
}

}  // namespace

std::unique_ptr<email::Sender> MakeSender(http::Client& http, const Config& config) {
    if (config.resend_api_key.empty()) return std::make_unique<email::ConsoleSender>();
    email::ResendSettings settings;
    settings.base = config.resend_api_base;
    settings.key = config.resend_api_key;
    settings.requests_per_second = config.resend_requests_per_second;
    return std::make_unique<email::ResendSender>(http, std::move(settings));
}

email::TrackingLinks MakeTrackingLinks(const Config& config) {
    auto secrets = config.tracking_secrets;
    if (secrets.empty() && config.embedded()) secrets.push_back(KeptKey(config.data_dir / "tracking.key"));
    if (!config.public_url.empty() && secrets.empty()) {
        log::Warn("tracking_off",
                  {{"mend", "set TRACKING_SECRET; until then mails link to Stripe's own pages"}});
    }
    return email::TrackingLinks(config.public_url, std::move(secrets));
}

}  // namespace citadel::app
