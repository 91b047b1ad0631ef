// A real PostgreSQL for tests: one embedded server for the whole executable, in a temporary folder, and
// a fresh database for each test, copied from a migrated template in a fraction of a second.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct pg_conn;

namespace citadel::testing {

// One blocking connection, for setting up and looking at what is there. A failed statement throws.
class Sql {
  public:
    explicit Sql(const std::string& url);
    ~Sql();
    Sql(const Sql&) = delete;

    using Row = std::vector<std::string>;
    std::vector<Row> Rows(const std::string& query);
    // First column of the first row.
    std::string Text(const std::string& query);
    std::int64_t Number(const std::string& query) { return std::stoll(Text(query)); }
    // All rows as lines, columns separated by " | ".
    std::string Lines(const std::string& query);
    void Run(const std::string& statement) { Rows(statement); }

  private:
    pg_conn* connection_;
};

// A migrated database of its own; dropped with this object, whoever is still connected.
class TestDatabase {
  public:
    TestDatabase();
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;

    const std::string& url() const { return url_; }
    Sql& sql() { return *sql_; }

  private:
    std::string name_;
    std::string url_;
    std::unique_ptr<Sql> sql_;
};

}  // namespace citadel::testing
