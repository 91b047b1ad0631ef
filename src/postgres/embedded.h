// A private PostgreSQL for a start with nothing configured: the same engine as in production, on a Unix
// socket only, owned by an unprivileged user when we are root, stopped when we end.
#pragma once
#include <filesystem>
#include <memory>
#include <string>

namespace citadel::postgres {

class Embedded {
  public:
    // Creates the cluster under `data_dir`/postgres if it is not there, starts it, waits until it takes
    // connections and makes the database "citadel". A server left behind by a crashed program is stopped
    // and its cluster recovered. Throws Trouble(kConfiguration): PostgreSQL is not installed, the
    // directory is not usable, or another running citadel owns it (the text names its process id).
    // Call it from the main thread before other threads exist.
    static std::unique_ptr<Embedded> Start(const std::filesystem::path& data_dir);
    ~Embedded();  // a fast shutdown, waited for

    const std::string& url() const { return url_; }  // for libpq
    int postmaster_pid() const { return postmaster_; }

  private:
    Embedded() = default;
    std::filesystem::path cluster_;
    std::filesystem::path socket_dir_;
    std::string url_;
    int postmaster_ = -1;
    int lock_ = -1;
};

}  // namespace citadel::postgres
