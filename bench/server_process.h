// The program under measurement as users run it: `citadel serve` as a process of its own, and what
// it and PostgreSQL spend of the processor.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <string>

namespace citadel::bench {

class ServerProcess {
  public:
    // Starts `citadel serve` without workers on a free port and waits until it serves; what it logs goes to
    // `log_file`. Throws std::runtime_error when it ends instead.
    ServerProcess(const std::string& database_url, const std::string& webhook_secret,
                  const std::filesystem::path& log_file);
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
