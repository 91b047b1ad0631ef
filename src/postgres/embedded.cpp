#include "postgres/embedded.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <system_error>
#include <thread>

#include "base/error.h"
#include "base/log.h"
#include "postgres/cluster.h"
#include "postgres/server_process.h"

namespace citadel::postgres {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kStopPatience = 30s;
// Crash recovery replays at most max_wal_size; on a slow disk that takes its time.
constexpr auto kStartPatience = 300s;

// Held until the returned descriptor is closed, by a crash too.
int LockFolder(const fs::path& data_dir) {
    auto file = data_dir / "citadel.lock";
    int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) throw fs::filesystem_error("open", file, {errno, std::generic_category()});
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        std::string owner;
        std::getline(std::ifstream(file), owner);
        close(fd);
        throw Trouble(
            TroubleKind::kConfiguration,
            fmt::format("CITADEL_DATA_DIR {} is in use by another citadel, process {}; stop that one or "
                        "choose another directory",
                        data_dir.string(), owner));
    }
    auto pid = fmt::format("{}\n", getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) {
        auto error = errno;
        close(fd);
        throw fs::filesystem_error("write", file, {error, std::generic_category()});
    }
    return fd;
}

void SignalAll(const std::vector<pid_t>& servers, int signal_number) {
    for (auto pid : servers) kill(pid, signal_number);
}

bool WaitUntilNoServers(const fs::path& cluster, std::chrono::milliseconds patience) {
    auto deadline = steady_clock::now() + patience;
    while (!ServersOf(cluster).empty()) {
        if (steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(20ms);
    }
    return true;
}

// What a crashed program left: its server, or only the children of a server that was killed too. We
// hold the lock, so nobody needs them any more.
void StopServersLeftBehind(const fs::path& cluster) {
    auto servers = ServersOf(cluster);
    if (servers.empty()) return;
    log::Warn("postgres.left_behind", {{"cluster", cluster.string()}, {"processes", servers.size()}});
    SignalAll(servers, SIGINT);
    if (WaitUntilNoServers(cluster, kStopPatience)) return;
    SignalAll(ServersOf(cluster), SIGQUIT);
    if (WaitUntilNoServers(cluster, 10s)) return;
    throw Trouble(
        TroubleKind::kUnavailable,
        fmt::format("an old PostgreSQL works on {} and does not stop; end it by hand", cluster.string()));
}

// A killed server leaves files with its process id. The id may be someone else's by now, whom
// PostgreSQL would take for a running server; that there is none has just been made sure of.
void RemoveStaleMarks(const Cluster& cluster) {
    fs::remove(cluster.data / "postmaster.pid");
    for (const char* name : {".s.PGSQL.5432", ".s.PGSQL.5432.lock"}) fs::remove(cluster.socket_dir / name);
}

std::string LastLines(const fs::path& file, std::size_t bytes_max = 1500) {
    std::ifstream stream(file);
    std::string text((std::istreambuf_iterator<char>(stream)), {});
    return text.size() > bytes_max ? text.substr(text.size() - bytes_max) : text;
}

pid_t Launch(const Cluster& cluster) {
    int log_fd = open(cluster.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (log_fd < 0) throw fs::filesystem_error("open", cluster.log_file, {errno, std::generic_category()});
    auto pid = Spawn(cluster.owner, ServerCommand(cluster), log_fd);
    close(log_fd);
    return pid;
}

std::string UrlOf(const Cluster& cluster, std::string_view database) {
    std::string host;
    for (unsigned char c : cluster.socket_dir.native()) {
        bool plain = std::isalnum(c) || c == '-' || c == '_' || c == '.';
        host += plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
    }
    return fmt::format("postgresql:///{}?host={}&user=citadel", database, host);
}

void WaitUntilReady(const Cluster& cluster, pid_t postmaster) {
    auto url = UrlOf(cluster, "postgres");
    auto deadline = steady_clock::now() + kStartPatience;
    while (PQping(url.c_str()) != PQPING_OK) {
        bool ended = WaitUntilGone(postmaster, 10ms);
        if (ended || steady_clock::now() >= deadline) {
            throw Trouble(TroubleKind::kUnavailable,
                          fmt::format("the embedded PostgreSQL {}; the end of {}:\n{}",
                                      ended ? "ended while starting" : "did not get ready",
                                      cluster.log_file.string(), LastLines(cluster.log_file)));
        }
    }
}

struct CloseConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};

void MakeDatabase(const Cluster& cluster) {
    std::unique_ptr<PGconn, CloseConnection> connection(PQconnectdb(UrlOf(cluster, "postgres").c_str()));
    auto ask = [&connection](const char* sql) {
        return std::unique_ptr<PGresult, ClearResult>(PQexec(connection.get(), sql));
    };
    auto known = ask("select 1 from pg_database where datname = 'citadel'");
    bool done = PQntuples(known.get()) == 1;
    if (!done) done = PQresultStatus(ask("create database citadel").get()) == PGRES_COMMAND_OK;
    if (!done) {
        throw Trouble(TroubleKind::kUnavailable,
                      fmt::format("the embedded PostgreSQL refused its database: {}",
                                  PQerrorMessage(connection.get())));
    }
}

}  // namespace

std::unique_ptr<Embedded> Embedded::Start(const fs::path& data_dir) {
    auto began = steady_clock::now();
    try {
        fs::create_directories(data_dir);
        auto folder = fs::canonical(data_dir);
        std::unique_ptr<Embedded> server(new Embedded());
        server->lock_ = LockFolder(folder);
        auto cluster = PrepareCluster(folder);
        StopServersLeftBehind(cluster.data);
        RemoveStaleMarks(cluster);
        server->cluster_ = cluster.data;
        server->socket_dir_ = cluster.socket_dir;
        server->url_ = UrlOf(cluster, "citadel");
        server->postmaster_ = Launch(cluster);
        WaitUntilReady(cluster, server->postmaster_);
        MakeDatabase(cluster);
        auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began);
        log::Info("postgres.started", {{"cluster", cluster.data.string()}, {"ms", took.count()}});
        return server;
    } catch (const std::system_error& error) {
        throw Trouble(TroubleKind::kConfiguration,
                      fmt::format("CITADEL_DATA_DIR {} cannot be used: {}", data_dir.string(), error.what()));
    }
}

Embedded::~Embedded() {
    if (postmaster_ > 0) {
        kill(postmaster_, SIGINT);
        if (!WaitUntilGone(postmaster_, kStopPatience)) {
            log::Warn("postgres.slow_stop", {{"cluster", cluster_.string()}});
            kill(postmaster_, SIGQUIT);
            WaitUntilGone(postmaster_, 10s);
        }
        std::error_code none;
        fs::remove(socket_dir_, none);
    }
    if (lock_ >= 0) close(lock_);
}

}  // namespace citadel::postgres
