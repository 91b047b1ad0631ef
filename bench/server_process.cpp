#include "server_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace citadel::bench {

namespace fs = std::filesystem;

namespace {

std::string ReadAll(const fs::path& path) {
    std::ostringstream text;  // a process that ends while it is being read makes a short text, no exception
    text << std::ifstream(path).rdbuf();
    return text.str();
}

[[noreturn]] void BecomeServer(const std::string& database_url, const std::string& secret,
                               const fs::path& log_file) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int log = open(log_file.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0644);
    dup2(log, STDERR_FILENO);
    setenv("DATABASE_URL", database_url.c_str(), 1);
    setenv("STRIPE_WEBHOOK_SECRET", secret.c_str(), 1);
    setenv("STRIPE_SECRET_KEY", "sk_test_bench", 1);
    setenv("ENCRYPTION_KEY", std::string(64, 'b').c_str(), 1);
    execl(CITADEL_BINARY, "citadel", "serve", "--port", "0", "--workers", "0", "--log-format", "json",
          nullptr);
    _exit(127);
}

// The port in the line that says "ready", or 0.
int PortIn(const std::string& log) {
    auto ready = log.find("\"ready\"");
    if (ready == std::string::npos) return 0;
    auto at = log.find("\"port\":", ready);
    return at == std::string::npos ? 0 : std::atoi(log.c_str() + at + 7);
}

struct Usage {
    pid_t parent = 0;
    double micros = 0;
};

// Fields 4 and 14 to 15 of /proc/PID/stat (16 and 17 with reaped children), counted after the name in
// parentheses, which may hold spaces.
Usage ReadUsage(const std::string& pid, bool with_children) {
    auto text = ReadAll("/proc/" + pid + "/stat");
    auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return {};
    std::istringstream rest(text.substr(name_end + 1));
    std::vector<std::string> fields(std::istream_iterator<std::string>(rest), {});
    if (fields.size() < 15) return {};
    double ticks = std::stod(fields[11]) + std::stod(fields[12]);
    if (with_children) ticks += std::stod(fields[13]) + std::stod(fields[14]);
    return {static_cast<pid_t>(std::stol(fields[1])),
            ticks * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK))};
}

}  // namespace

ServerProcess::ServerProcess(const std::string& database_url, const std::string& webhook_secret,
                             const fs::path& log_file) {
    pid_ = fork();
    if (pid_ == 0) BecomeServer(database_url, webhook_secret, log_file);
    for (int i = 0; i < 1500; ++i) {
        port_ = PortIn(ReadAll(log_file));
        if (port_ > 0) return;
        if (waitpid(pid_, nullptr, WNOHANG) == pid_) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error("citadel serve did not start:\n" + ReadAll(log_file));
}

ServerProcess::~ServerProcess() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
}

double CpuMicros(pid_t process) { return ReadUsage(std::to_string(process), false).micros; }

double CpuMicrosOfServer(pid_t postmaster) {
    double sum = ReadUsage(std::to_string(postmaster), true).micros;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        auto pid = entry.path().filename().string();
        if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
        auto usage = ReadUsage(pid, false);
        if (usage.parent == postmaster) sum += usage.micros;
    }
    return sum;
}

}  // namespace citadel::bench
