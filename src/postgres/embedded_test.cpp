#include "postgres/embedded.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "base/error.h"
#include "postgres/server_process.h"

namespace citadel::postgres {
namespace {

namespace fs = std::filesystem;

class TemporaryFolder {
  public:
    TemporaryFolder() {
        char name[] = "/tmp/citadel_embedded_test.XXXXXX";
        path_ = mkdtemp(name);
        chmod(name, 0755);
    }
    ~TemporaryFolder() { fs::remove_all(path_); }
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

// A cluster made once for the tests that do not ask how it is made: initdb takes a second.
const fs::path& SharedFolder() {
    static TemporaryFolder folder;
    return folder.path();
}

// The first column of the first row, or the error's text.
std::string Ask(const std::string& url, const char* sql) {
    auto connection = PQconnectdb(url.c_str());
    auto result = PQexec(connection, sql);
    bool has_row = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0;
    std::string answer = has_row ? PQgetvalue(result, 0, 0) : PQerrorMessage(connection);
    PQclear(result);
    PQfinish(connection);
    return answer;
}

void Keep(const std::string& url, int number) {
    auto text = "create table kept as select " + std::to_string(number) + " as n";
    Ask(url, ("drop table if exists kept; " + text).c_str());
}

std::string Kept(const std::string& url) { return Ask(url, "select n from kept"); }

std::string RefusalOf(const std::function<void()>& action) {
    try {
        action();
    } catch (const Trouble& trouble) {
        EXPECT_EQ(trouble.kind(), TroubleKind::kConfiguration);
        return trouble.what();
    }
    return "";
}

// A program that holds a server until it is killed.
class Holder {
  public:
    Holder(const fs::path& data_dir, int number) : cluster_(data_dir / "postgres") {
        int ends[2];
        EXPECT_EQ(pipe(ends), 0);
        pid_ = fork();
        if (pid_ == 0) {
            auto server = Embedded::Start(data_dir);
            Keep(server->url(), number);
            int postmaster = server->postmaster_pid();
            if (write(ends[1], &postmaster, sizeof postmaster) < 0) _exit(1);
            for (;;) pause();
        }
        close(ends[1]);
        EXPECT_EQ(read(ends[0], &postmaster_, sizeof postmaster_), static_cast<ssize_t>(sizeof postmaster_));
        close(ends[0]);
    }
    // The orphaned server needs a moment to shut down, and its files are about to be removed.
    ~Holder() {
        Kill();
        while (!ServersOf(cluster_).empty()) usleep(5'000);
    }
    void Kill() {
        if (pid_ <= 0) return;
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    pid_t pid() const { return pid_; }
    pid_t postmaster() const { return postmaster_; }

  private:
    fs::path cluster_;
    pid_t pid_ = -1;
    pid_t postmaster_ = -1;
};

TEST(Embedded, StartsServesAndStops) {
    TemporaryFolder folder;
    auto server = Embedded::Start(folder.path());
    auto postmaster = server->postmaster_pid();
    EXPECT_EQ(Ask(server->url(), "select current_database() || ' ' || current_user"), "citadel citadel");
    EXPECT_EQ(Ask(server->url(), "show listen_addresses"), "");
    EXPECT_EQ(Ask(server->url(), "show fsync"), "on");
    EXPECT_EQ(Ask(server->url(), "show data_checksums"), "on");
    EXPECT_EQ(Ask(server->url(), "show server_encoding"), "UTF8");
    auto url = server->url();
    server.reset();
    EXPECT_NE(kill(postmaster, 0), 0);
    EXPECT_EQ(PQping(url.c_str()), PQPING_NO_RESPONSE);
}

TEST(Embedded, KeepsDataOverARestart) {
    auto server = Embedded::Start(SharedFolder());
    Keep(server->url(), 42);
    server.reset();
    server = Embedded::Start(SharedFolder());
    EXPECT_EQ(Kept(server->url()), "42");
}

TEST(Embedded, RefusesASecondOwnerAndNamesTheFirst) {
    Holder holder(SharedFolder(), 102);
    auto refusal = RefusalOf([] { Embedded::Start(SharedFolder()); });
    EXPECT_NE(refusal.find("process " + std::to_string(holder.pid())), std::string::npos) << refusal;
    EXPECT_EQ(kill(holder.postmaster(), 0), 0);
}

TEST(Embedded, StartsAgainAfterItsOwnerWasKilled) {
    Holder holder(SharedFolder(), 103);
    holder.Kill();
    auto server = Embedded::Start(SharedFolder());
    EXPECT_NE(server->postmaster_pid(), holder.postmaster());
    EXPECT_EQ(Kept(server->url()), "103");
}

TEST(Embedded, RecoversAfterOwnerAndServerWereKilled) {
    Holder holder(SharedFolder(), 104);
    kill(holder.postmaster(), SIGKILL);
    holder.Kill();
    auto server = Embedded::Start(SharedFolder());
    EXPECT_EQ(Kept(server->url()), "104");
}

TEST(Embedded, StopsAServerThatOutlivedItsOwner) {
    Holder holder(SharedFolder(), 105);
    // Deaf to the signal that tells it of the owner's death, until it hears the second one.
    kill(holder.postmaster(), SIGSTOP);
    holder.Kill();
    auto waker = fork();
    if (waker == 0) {
        usleep(300'000);
        kill(holder.postmaster(), SIGCONT);
        _exit(0);
    }
    auto server = Embedded::Start(SharedFolder());
    waitpid(waker, nullptr, 0);
    EXPECT_EQ(Kept(server->url()), "105");
}

TEST(Embedded, IsNotMisledByAStaleProcessId) {
    Embedded::Start(SharedFolder());
    // A stranger who now has the number that the old server had. In a container this is common.
    mkdir((SharedFolder() / "postgres.socket").c_str(), 0700);
    for (const char* file : {"postgres/postmaster.pid", "postgres.socket/.s.PGSQL.5432.lock"}) {
        std::ofstream(SharedFolder() / file) << getppid() << "\n";
    }
    auto server = Embedded::Start(SharedFolder());
    EXPECT_EQ(Ask(server->url(), "select 1"), "1");
}

TEST(Embedded, HealsAnInterruptedInitdb) {
    TemporaryFolder folder;
    fs::create_directories(folder.path() / "postgres.new" / "base");
    std::ofstream(folder.path() / "postgres.new" / "PG_VERSION") << "15\n";
    auto server = Embedded::Start(folder.path());
    EXPECT_EQ(Ask(server->url(), "select 1"), "1");
}

TEST(Embedded, FindsRoomForItsSocketWhenThePathIsLong) {
    TemporaryFolder folder;
    auto server = Embedded::Start(folder.path() / std::string(120, 'x') / "with, comma and 100%");
    EXPECT_EQ(Ask(server->url(), "select 1"), "1");
}

TEST(Embedded, NamesTheDirectoryThatCannotBeUsed) {
    TemporaryFolder folder;
    std::ofstream(folder.path() / "file") << "in the way";
    auto refusal = RefusalOf([&folder] { Embedded::Start(folder.path() / "file"); });
    EXPECT_NE(refusal.find("CITADEL_DATA_DIR " + folder.path().string()), std::string::npos) << refusal;
}

TEST(Embedded, LivesElsewhereWhenTheServersUserCannotEnter) {
    if (geteuid() != 0) GTEST_SKIP() << "only root starts a server for another user";
    TemporaryFolder folder;
    chmod(folder.path().c_str(), 0700);
    auto data_dir = folder.path() / "citadel";
    auto server = Embedded::Start(data_dir);
    Keep(server->url(), 3);
    server.reset();
    auto home = fs::read_symlink(data_dir / "postgres");
    EXPECT_EQ(home.parent_path().parent_path(), "/var/lib/citadel");
    server = Embedded::Start(data_dir);
    EXPECT_EQ(Kept(server->url()), "3");
    server.reset();
    fs::remove_all(home.parent_path());
}

TEST(Embedded, WorksForAnOrdinaryUserToo) {
    if (geteuid() != 0) GTEST_SKIP() << "the other tests have shown it";
    TemporaryFolder folder;
    auto nobody = getpwnam("nobody");
    ASSERT_NE(nobody, nullptr);
    ASSERT_EQ(chown(folder.path().c_str(), nobody->pw_uid, nobody->pw_gid), 0);
    auto child = fork();
    if (child == 0) {
        if (setgid(nobody->pw_gid) != 0 || setuid(nobody->pw_uid) != 0) _exit(2);
        std::string answer;
        {
            auto server = Embedded::Start(folder.path());
            answer = Ask(server->url(), "select 1");
        }
        _exit(answer == "1" ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace citadel::postgres
