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

[[noreturn]] void Become(const Command& command, const fs::path& log_file) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int log = open(log_file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0644);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    for (const auto& [name, value] : command.environment) setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> arguments{const_cast<char*>(command.program.c_str())};
    for (const auto& argument : command.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    execv(command.program.c_str(), arguments.data());
    _exit(127);
}

// The port in the engine's line that says "ready", or in the simulator's greeting; else 0.
int PortIn(const std::string& log) {
    for (const char* words : {"\"ready\"", "listens on "}) {
        auto said = log.find(words);
        if (said == std::string::npos) continue;
        std::string_view mark = *words == '"' ? "\"port\":" : "http://127.0.0.1:";
        auto at = log.find(mark, said);
        if (at != std::string::npos) return std::atoi(log.c_str() + at + mark.size());
    }
    return 0;
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

Command ServeCommand(const std::string& database_url, const std::string& webhook_secret) {
    return {CITADEL_BINARY,
            {"serve", "--port", "0", "--workers", "0", "--log-format", "json"},
            {{"DATABASE_URL", database_url},
             {"STRIPE_WEBHOOK_SECRET", webhook_secret},
             {"STRIPE_SECRET_KEY", "sk_test_bench"},
             {"ENCRYPTION_KEY", std::string(64, 'b')}}};
}

ServerProcess::ServerProcess(const Command& command, const fs::path& log_file) {
    pid_ = fork();
    if (pid_ == 0) Become(command, log_file);
    for (int i = 0; i < 1500; ++i) {
        port_ = PortIn(ReadAll(log_file));
        if (port_ > 0) return;
        if (waitpid(pid_, nullptr, WNOHANG) == pid_) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error(command.program + " did not start:\n" + ReadAll(log_file));
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
