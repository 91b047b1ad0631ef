// Starts PostgreSQL's programs under the right operating-system user and waits for their end. Every
// process started here gets SIGINT when the thread that started it ends, however it ends, so a crash
// leaves no server behind for long. Linux only.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace citadel::postgres {

struct OsUser {
    uid_t uid = 0;
    gid_t gid = 0;
    std::string name;
};

// Who we are. Throws Trouble(kConfiguration) when the user id has no name: PostgreSQL insists on one.
OsUser CurrentUser();
OsUser UserById(uid_t uid);
// PostgreSQL refuses to run as root: then its own user, else nobody; otherwise ourselves.
OsUser UserForServers();

// Starts argv[0] (a path) as `user`, with its output going to `output_fd`; the caller waits for it.
pid_t Spawn(const OsUser& user, const std::vector<std::string>& argv, int output_fd);

struct Finished {
    int exit_code = -1;  // 128 + N after signal N
    std::string output;
};
Finished Run(const OsUser& user, const std::vector<std::string>& argv);

// True once no process of that id is left; reaps our own child. False after `patience`.
bool WaitUntilGone(pid_t pid, std::chrono::milliseconds patience);

// The PostgreSQL processes that work in that data directory, whoever started them.
std::vector<pid_t> ServersOf(const std::filesystem::path& cluster);

}  // namespace citadel::postgres
