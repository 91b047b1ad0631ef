#include "postgres/server_process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>

#include "base/error.h"

namespace citadel::postgres {
namespace {

namespace fs = std::filesystem;

OsUser FromPasswd(const passwd& entry) { return {entry.pw_uid, entry.pw_gid, entry.pw_name}; }

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

[[noreturn]] void FailInChild(const char* what) {
    const char* why = strerrordesc_np(errno);
    for (const char* part : {"citadel: ", what, ": ", why ? why : "unknown error", "\n"}) {
        if (write(STDERR_FILENO, part, std::strlen(part)) < 0) break;
    }
    _exit(127);
}

void BecomeUser(const OsUser& user) {
    if (geteuid() == user.uid) return;
    if (setgroups(1, &user.gid) != 0 || setgid(user.gid) != 0 || setuid(user.uid) != 0) {
        FailInChild("cannot change to the server's user");
    }
}

// Between fork and exec only calls that are safe in a copy of a threaded process.
[[noreturn]] void ExecInChild(const OsUser& user, char* const* argv, char* const* environment, int output_fd,
                              pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    for (int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGCHLD}) signal(number, SIG_DFL);
    // A session of its own: Ctrl-C in a terminal is for us, and we stop the server after our last write.
    setsid();
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(output_fd, STDOUT_FILENO) < 0 ||
        dup2(output_fd, STDERR_FILENO) < 0) {
        _exit(127);
    }
    close_range(3, ~0U, 0);
    if (chdir("/") != 0) FailInChild("cannot change to /");
    BecomeUser(user);
    // After the change of user, which would clear it.
    if (prctl(PR_SET_PDEATHSIG, SIGINT) != 0) FailInChild("prctl");
    if (getppid() != parent) _exit(127);
    execve(argv[0], argv, environment);
    FailInChild(argv[0]);
}

bool Exists(pid_t pid) {
    if (waitpid(pid, nullptr, WNOHANG) == pid) return false;
    return kill(pid, 0) == 0 || errno == EPERM;
}

std::string ReadAll(int fd) {
    std::string text;
    std::array<char, 4096> buffer;
    for (;;) {
        auto size = read(fd, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

}  // namespace

OsUser UserById(uid_t uid) {
    if (auto entry = getpwuid(uid)) return FromPasswd(*entry);
    throw Trouble(TroubleKind::kConfiguration,
                  "user id " + std::to_string(uid) +
                      " has no name in /etc/passwd, which PostgreSQL needs; add one or set DATABASE_URL");
}

OsUser CurrentUser() { return UserById(geteuid()); }

OsUser UserForServers() {
    if (geteuid() != 0) return CurrentUser();
    for (const char* name : {"postgres", "nobody"}) {
        if (auto entry = getpwnam(name)) return FromPasswd(*entry);
    }
    throw Trouble(TroubleKind::kConfiguration,
                  "PostgreSQL does not run as root and there is neither a user postgres nor nobody; "
                  "start citadel as an ordinary user or set DATABASE_URL");
}

pid_t Spawn(const OsUser& user, const std::vector<std::string>& argv, int output_fd) {
    // Nothing of our environment: PG* variables would steer the server, others may hold secrets.
    const std::vector<std::string> environment = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"};
    auto argv_pointers = Pointers(argv);
    auto environment_pointers = Pointers(environment);
    auto parent = getpid();
    auto pid = fork();
    if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid == 0) ExecInChild(user, argv_pointers.data(), environment_pointers.data(), output_fd, parent);
    return pid;
}

Finished Run(const OsUser& user, const std::vector<std::string>& argv) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    auto pid = Spawn(user, argv, ends[1]);
    close(ends[1]);
    Finished finished;
    finished.output = ReadAll(ends[0]);
    close(ends[0]);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return finished;
}

bool WaitUntilGone(pid_t pid, std::chrono::milliseconds patience) {
    auto deadline = std::chrono::steady_clock::now() + patience;
    while (Exists(pid)) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

std::vector<pid_t> ServersOf(const fs::path& cluster) {
    std::vector<pid_t> found;
    std::error_code error;
    auto wanted = fs::canonical(cluster, error);
    if (error) return found;
    for (const auto& entry : fs::directory_iterator("/proc", error)) {
        auto pid = std::atoi(entry.path().filename().c_str());
        if (pid <= 0) continue;
        // Both links are unreadable for processes of others and empty for the dead: not ours then.
        auto works_in = fs::read_symlink(entry.path() / "cwd", error);
        if (error || works_in != wanted) continue;
        auto program = fs::read_symlink(entry.path() / "exe", error);
        if (!error && program.filename().string().starts_with("postgres")) found.push_back(pid);
    }
    return found;
}

}  // namespace citadel::postgres
