#include "postgres/cluster.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <system_error>

#include "base/error.h"
#include "base/log.h"
#include "base/random.h"

namespace citadel::postgres {
namespace {

namespace fs = std::filesystem;

constexpr int kOldestVersion = 15;
// A socket's address holds 107 bytes, of which PostgreSQL's file name takes 14.
constexpr std::size_t kSocketDirBytesMax = 93;
constexpr std::uintmax_t kLogBytesMax = 16 << 20;

[[noreturn]] void Refuse(const std::string& what) { throw Trouble(TroubleKind::kConfiguration, what); }

struct stat StatusOf(const fs::path& path) {
    struct stat status{};
    if (lstat(path.c_str(), &status) != 0)
        throw fs::filesystem_error("stat", path, {errno, std::generic_category()});
    return status;
}

void MakePrivateFolder(const fs::path& folder, const OsUser& owner) {
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
        throw fs::filesystem_error("mkdir", folder, {errno, std::generic_category()});
    }
    auto status = StatusOf(folder);
    if (S_ISDIR(status.st_mode) && status.st_uid == geteuid() && status.st_uid != owner.uid) {
        if (lchown(folder.c_str(), owner.uid, owner.gid) != 0) {
            throw fs::filesystem_error("chown", folder, {errno, std::generic_category()});
        }
        status = StatusOf(folder);
    }
    if (!S_ISDIR(status.st_mode) || status.st_uid != owner.uid || (status.st_mode & 077) != 0) {
        Refuse(fmt::format("{} should be a folder of user {} with mode 0700 and is not; remove it",
                           folder.string(), owner.name));
    }
}

// Newest version first; a version 0 is one found on PATH, where the folder does not tell.
std::multimap<int, fs::path, std::greater<>> InstalledPrograms() {
    std::multimap<int, fs::path, std::greater<>> found;
    auto add = [&found](int version, const fs::path& folder) {
        if (access((folder / "initdb").c_str(), X_OK) == 0 &&
            access((folder / "postgres").c_str(), X_OK) == 0) {
            found.emplace(version, folder);
        }
    };
    std::error_code none;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", none)) {
        auto version = std::atoi(entry.path().filename().c_str());
        if (version >= kOldestVersion) add(version, entry.path() / "bin");
    }
    const char* path = std::getenv("PATH");
    std::string folders = path ? path : "";
    for (std::size_t begin = 0; begin < folders.size();) {
        auto end = std::min(folders.find(':', begin), folders.size());
        add(0, folders.substr(begin, end - begin));
        begin = end + 1;
    }
    return found;
}

// `version` as the cluster's own PG_VERSION says, 0 for a cluster yet to be made.
fs::path FindPrograms(int version) {
    auto installed = InstalledPrograms();
    if (version == 0 && !installed.empty()) return installed.begin()->second;
    for (int wanted : {version, 0}) {
        auto match = installed.find(wanted);
        if (version != 0 && match != installed.end()) return match->second;
    }
    Refuse(fmt::format(
        "PostgreSQL {} is not installed: apt-get install postgresql-{}, or set DATABASE_URL to a server",
        version ? std::to_string(version) : "15 or later", version ? version : kOldestVersion));
}

int VersionOf(const fs::path& cluster) {
    int version = 0;
    std::ifstream(cluster / "PG_VERSION") >> version;
    return version;
}

bool CanEnter(const OsUser& user, const fs::path& folder) {
    return user.uid == geteuid() || Run(user, {"/usr/bin/test", "-x", folder.string()}).exit_code == 0;
}

// Where the cluster is or shall be.
fs::path ChooseHome(const fs::path& data_dir, const OsUser& user) {
    auto usual = data_dir / "postgres";
    if (fs::is_symlink(usual)) return fs::read_symlink(usual);
    if (fs::exists(usual)) return usual;
    // Ours alone until now; the server's user must walk through it, but not look around.
    if (user.uid != geteuid()) fs::permissions(data_dir, fs::perms::others_exec, fs::perm_options::add);
    if (CanEnter(user, data_dir)) return usual;
    // The link comes first: after a crash here it is found again, and nothing is left lying about.
    auto elsewhere = fs::path("/var/lib/citadel") / RandomHex(8) / "postgres";
    fs::create_symlink(elsewhere, usual);
    return elsewhere;
}

OsUser OwnerOf(const fs::path& cluster) {
    auto uid = StatusOf(cluster).st_uid;
    if (geteuid() != 0 && uid != geteuid()) {
        Refuse(
            fmt::format("{} belongs to user id {}: run citadel as that user or as root, or choose another "
                        "CITADEL_DATA_DIR",
                        cluster.string(), uid));
    }
    return UserById(uid);
}

void SyncFolder(const fs::path& folder) {
    int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        throw fs::filesystem_error("fsync", folder, {errno, std::generic_category()});
    close(fd);
}

// Folders of ours above a cluster that lies elsewhere: the server's user may walk through them.
void MakeWalkable(const fs::path& folder) {
    fs::create_directories(folder);
    for (const auto& each : {folder.parent_path(), folder}) {
        fs::permissions(each, fs::perms::others_exec, fs::perm_options::add);
    }
}

void MakeCluster(const Cluster& cluster) {
    // Made beside its place and moved there when whole.
    auto unfinished = cluster.data;
    unfinished += ".new";
    fs::remove_all(unfinished);
    MakePrivateFolder(unfinished, cluster.owner);
    auto made = Run(cluster.owner, {(cluster.programs / "initdb").string(), "--pgdata=" + unfinished.string(),
                                    "--username=citadel", "--auth=peer", "--encoding=UTF8",
                                    "--locale=C.UTF-8", "--data-checksums", "--no-instructions"});
    if (made.exit_code != 0)
        Refuse(fmt::format("initdb could not make {}: {}", unfinished.string(), made.output));
    fs::rename(unfinished, cluster.data);
    SyncFolder(cluster.data.parent_path());
}

// Written anew beside the old and moved over it, so that no link in the server's folder is followed.
void ReplaceFile(const fs::path& file, const OsUser& owner, std::string_view text) {
    auto fresh = file;
    fresh += ".new";
    fs::remove(fresh);
    int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) throw fs::filesystem_error("open", fresh, {errno, std::generic_category()});
    bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                   (owner.uid == geteuid() || fchown(fd, owner.uid, owner.gid) == 0) && fsync(fd) == 0;
    auto error = errno;
    close(fd);
    if (!written) throw fs::filesystem_error("write", fresh, {error, std::generic_category()});
    fs::rename(fresh, file);
}

// Nobody but the server's user and we, who are known to the kernel: no password, no port.
void WriteAccessRules(const Cluster& cluster) {
    std::string map;
    for (const auto& name : std::set{cluster.owner.name, CurrentUser().name}) {
        map += fmt::format("citadel \"{}\" citadel\n", name);
    }
    ReplaceFile(cluster.data / "pg_ident.conf", cluster.owner, map);
    ReplaceFile(cluster.data / "pg_hba.conf", cluster.owner, "local all citadel peer map=citadel\n");
}

fs::path MakeSocketDir(const Cluster& cluster) {
    auto folder = cluster.data;
    folder += ".socket";
    // libpq takes a comma for the end of a host.
    if (folder.native().size() > kSocketDirBytesMax || folder.native().find(',') != std::string::npos) {
        auto status = StatusOf(cluster.data);
        folder = fmt::format("/tmp/citadel-{:x}-{:x}", status.st_dev, status.st_ino);
    }
    MakePrivateFolder(folder, cluster.owner);
    return folder;
}

void RotateLog(const fs::path& log_file) {
    std::error_code none;
    if (fs::file_size(log_file, none) < kLogBytesMax || none) return;
    auto older = log_file;
    older += ".1";
    fs::rename(log_file, older);
}

std::string SharedBuffers() {
    auto memory = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                  static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    return fmt::format("{}MB", std::clamp<std::uint64_t>(memory / 8 >> 20, 16, 256));
}

}  // namespace

Cluster PrepareCluster(const fs::path& data_dir) {
    Cluster cluster;
    cluster.owner = UserForServers();
    cluster.data = ChooseHome(data_dir, cluster.owner);
    cluster.log_file = data_dir / "postgres.log";
    RotateLog(cluster.log_file);
    if (cluster.data.parent_path() != data_dir) {
        MakeWalkable(cluster.data.parent_path());
        log::Info("postgres.elsewhere", {{"cluster", cluster.data.string()},
                                         {"why", "the server's user cannot enter " + data_dir.string()}});
    }
    auto exists = fs::exists(cluster.data);
    if (exists) cluster.owner = OwnerOf(cluster.data);
    cluster.programs = FindPrograms(VersionOf(cluster.data));
    if (!exists) MakeCluster(cluster);
    WriteAccessRules(cluster);
    cluster.socket_dir = MakeSocketDir(cluster);
    return cluster;
}

std::vector<std::string> ServerCommand(const Cluster& cluster) {
    const std::vector<std::pair<std::string, std::string>> settings = {
        {"listen_addresses", ""},
        {"unix_socket_directories", '"' + cluster.socket_dir.string() + '"'},
        {"port", "5432"},
        {"cluster_name", "citadel"},
        {"shared_buffers", SharedBuffers()},
        {"max_connections", "100"},
        {"wal_compression", "lz4"},  // pglz takes most of a core after each checkpoint
        {"checkpoint_timeout", "15min"},
        {"max_wal_size", "2GB"},
        {"jit", "off"},  // statements here take less time than their compilation would
        {"timezone", "UTC"},
        {"log_timezone", "UTC"},
        {"log_line_prefix", "%m [%p] %q%d "},
    };
    std::vector<std::string> command = {(cluster.programs / "postgres").string(), "-D",
                                        cluster.data.string()};
    for (const auto& [name, value] : settings) {
        command.push_back("-c");
        command.push_back(name + "=" + value);
    }
    return command;
}

}  // namespace citadel::postgres
