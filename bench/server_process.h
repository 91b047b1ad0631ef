// A program under measurement as users run it, a process of its own, and what it and PostgreSQL spend of
// the processor.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace citadel::bench {

struct Command {
    std::string program;
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment{};
};
// `citadel serve` without workers on a free port.
Command ServeCommand(const std::string& database_url, const std::string& webhook_secret);

class ServerProcess {
  public:
    // Waits until it says on which port it serves; what it prints goes to `log_file`. Throws
    // std::runtime_error when it ends instead.
    ServerProcess(const Command& command, const std::filesystem::path& log_file);
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;

    int port() const { return port_; }
    pid_t pid() const { return pid_; }

  private:
    pid_t pid_ = -1;
    int port_ = 0;
};

// Processor time used so far, in microseconds: of one process, and of all PostgreSQL's processes under
// one postmaster (those that have ended are counted once they are reaped).
double CpuMicros(pid_t process);
double CpuMicrosOfServer(pid_t postmaster);

}  // namespace citadel::bench
