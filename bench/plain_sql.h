// A blocking libpq connection, as thin as can be: what PostgreSQL itself can do is measured with it.
// An error ends the benchmark.
#pragma once
#include <string>

#include "postgres/statement.h"

struct pg_conn;

namespace citadel::bench {

class PlainConnection {
  public:
    explicit PlainConnection(const std::string& url);
    ~PlainConnection();
    PlainConnection(const PlainConnection&) = delete;

    // Any number of statements, without parameters.
    void Execute(const std::string& sql);
    void Prepare(const postgres::Statement& statement);
    postgres::Rows Run(const postgres::Statement& prepared, const postgres::Params& params);

  private:
    pg_conn* connection_;
};

// The URL of another database of the same server.
std::string UrlOfDatabase(const std::string& url, const std::string& database);
// Makes the database with our schema and kMerchants connected merchants, and returns its URL.
std::string MakeDatabase(const std::string& server_url, const std::string& name);

struct Tenant {
    int bucket = 0;
    std::int64_t merchant_id = 0;
};
Tenant TenantOf(int index);

}  // namespace citadel::bench
