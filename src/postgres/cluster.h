// Where the private PostgreSQL keeps its files and whose they are, and how they come to be: a cluster
// is either complete or not there, a crash in the middle of its making included.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "postgres/server_process.h"

namespace citadel::postgres {

struct Cluster {
    OsUser owner;                      // the server runs as this user
    std::filesystem::path data;        // the cluster itself, given to PostgreSQL as -D
    std::filesystem::path socket_dir;  // mode 0700, the only way in
    std::filesystem::path log_file;    // in our data directory
    std::filesystem::path programs;    // where initdb and postgres are
};

// Finds or makes the cluster that belongs to `data_dir` and prepares it for a start: who may connect
// (the owner and we, as role citadel), socket folder, log. When we are root and the server's user
// cannot walk into `data_dir`, the cluster lies under /var/lib/citadel and `data_dir`/postgres is a
// link to it. The caller holds the lock of `data_dir`. Throws Trouble(kConfiguration).
Cluster PrepareCluster(const std::filesystem::path& data_dir);

// The command that runs the server, settings included.
std::vector<std::string> ServerCommand(const Cluster& cluster);

}  // namespace citadel::postgres
