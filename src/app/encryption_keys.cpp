// The key that the embedded database brings along: a file beside it, complete or not there.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "app/identity.h"
#include "base/error.h"
#include "base/log.h"
#include "base/random.h"

namespace citadel::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyBytes = 32;

[[noreturn]] void Refuse(const fs::path& file, const std::string& why) {
    throw Trouble(TroubleKind::kConfiguration, fmt::format("the key file {} {}", file.string(), why));
}

// Written aside, synced, then linked to its name: whoever comes second keeps what is there.
void MakeKeyFile(const fs::path& file) {
    auto aside = file.string() + "." + RandomHex(8);
    int fd = open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) Refuse(file, "cannot be made; is the data directory writable?");
    auto text = RandomHex(kKeyBytes) + "\n";
    bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
    close(fd);
    bool linked = written && (link(aside.c_str(), file.c_str()) == 0 || errno == EEXIST);
    unlink(aside.c_str());
    if (!linked) Refuse(file, "cannot be written");
    log::Info("encryption_key_made",
              {{"file", file.string()}, {"mend", "keep a copy: secrets are lost without it"}});
}

std::string ReadKeyFile(const fs::path& file) {
    struct stat status{};
    if (stat(file.c_str(), &status) != 0) Refuse(file, "cannot be read");
    if ((status.st_mode & 077) != 0) Refuse(file, "can be read by others; run chmod 600 on it");
    std::ifstream stream(file);
    std::string text;
    std::getline(stream, text);
    return text;
}

}  // namespace

std::vector<crypto::EncryptionKey> LoadEncryptionKeys(const Config& config) {
    auto keys = config.encryption_keys;
    if (!config.embedded()) return keys;
    auto file = config.data_dir / "encryption.key";
    bool there = fs::exists(file);
    if (!there && !keys.empty()) return keys;
    if (!there) {
        std::error_code ignored;
        fs::create_directories(config.data_dir, ignored);
        MakeKeyFile(file);
    }
    std::vector<crypto::EncryptionKey> own;
    try {
        own = crypto::ParseEncryptionKeys("embedded:" + ReadKeyFile(file));
    } catch (const std::invalid_argument&) {
        Refuse(file, "must hold 64 hex characters");
    }
    for (const auto& key : keys) {
        if (key.id == own.front().id) return keys;
    }
    keys.push_back(std::move(own.front()));
    return keys;
}

}  // namespace citadel::app
