#include "support/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <thread>

#include "support/http.h"

namespace citadel::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

std::vector<char*> Pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (auto& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

// Calls `look` until it is true; throws `what` after `patience`.
template <typename Look>
void PollFor(std::chrono::milliseconds patience, const std::string& what, Look look) {
    auto deadline = steady_clock::now() + patience;
    while (!look()) {
        if (steady_clock::now() > deadline) throw std::runtime_error(what);
        std::this_thread::sleep_for(5ms);
    }
}

}  // namespace

Program::Program(std::vector<std::string> arguments, Environment environment) {
    arguments.insert(arguments.begin(), CITADEL_BINARY);
    std::vector<std::string> variables;
    if (const char* path = std::getenv("PATH")) variables.push_back(std::string("PATH=") + path);
    for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
    auto argv = Pointers(arguments), envp = Pointers(variables);
    auto output = (folder_.path() / "output").string();
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
}

Program::~Program() {
    if (running()) Kill();
}

void Program::Signal(int number) {
    if (running()) kill(pid_, number);
}

std::optional<int> Program::Wait(std::chrono::milliseconds patience) {
    auto deadline = steady_clock::now() + patience;
    while (!exit_code_) {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        } else if (steady_clock::now() >= deadline) {
            break;
        } else {
            std::this_thread::sleep_for(1ms);
        }
    }
    return exit_code_;
}

std::string Program::Output() const {
    std::ifstream file(folder_.path() / "output");
    return std::string(std::istreambuf_iterator<char>(file), {});
}

int Program::Port() {
    if (port_ != 0) return port_;
    // "port":8080 in the engine's JSON log, http://127.0.0.1:8080 in the simulator's greeting.
    static const std::regex pattern(R"re("port":(\d+)|listens on http://127\.0\.0\.1:(\d+))re");
    PollFor(30s, "no port was told", [&] {
        auto output = Output();
        std::smatch match;
        if (std::regex_search(output, match, pattern)) {
            port_ = std::stoi(match[1].matched ? match[1].str() : match[2].str());
        } else if (!running()) {
            throw std::runtime_error(fmt::format("ended with {}:\n{}", *exit_code_, Output()));
        }
        return port_ != 0;
    });
    return port_;
}

void Program::WaitUntilReady() {
    auto url = base() + "/readyz";
    PollFor(30s, "not ready", [&] {
        if (!running()) throw std::runtime_error(fmt::format("ended with {}:\n{}", *exit_code_, Output()));
        return Get(url).status == 200;
    });
}

std::unique_ptr<Program> LaunchEngine(const EngineSettings& settings) {
    Environment environment{{"DATABASE_URL", settings.database_url},
                            {"ENCRYPTION_KEY", std::string(64, 'a')},
                            {"STRIPE_SECRET_KEY", kStripeKey},
                            {"STRIPE_API_BASE", settings.stripe_base},
                            {"STRIPE_WEBHOOK_SECRET", kWebhookSecret},
                            {"CITADEL_CLOCK", settings.clock},
                            {"CITADEL_WORKERS", std::to_string(settings.workers)},
                            {"LOG_FORMAT", "json"},
                            {"LOG_LEVEL", settings.log_level},
                            {"PORT", std::to_string(settings.port)},
                            {"CITADEL_METRICS_PORT", std::to_string(settings.port)}};
    if (!settings.resend_base.empty()) {
        environment["RESEND_API_KEY"] = "re_test_only";
        environment["RESEND_API_BASE"] = settings.resend_base;
        environment["RESEND_REQUESTS_PER_SECOND"] = "1000";
    }
    for (const auto& [name, value] : settings.more) environment[name] = value;
    if (!settings.die_at.empty()) environment["CITADEL_TEST_DIE_AT"] = settings.die_at;
    return std::make_unique<Program>(std::vector{settings.command}, std::move(environment));
}

std::unique_ptr<Program> StartEngine(const EngineSettings& settings) {
    auto program = LaunchEngine(settings);
    program->WaitUntilReady();
    return program;
}

}  // namespace citadel::testing
