#include "support/test_database.h"

#include <libpq-fe.h>

#include <stdexcept>

#include "postgres/embedded.h"
#include "postgres/migrations.h"
#include "support/temporary_folder.h"

namespace citadel::testing {
namespace {

constexpr const char* kTemplate = "citadel_template";

// Lives until the executable ends. Started by the first test that asks, from the main thread.
class Server {
  public:
    Server() : postgres_(postgres::Embedded::Start(folder_.path())) {
        Sql(UrlOf("postgres")).Run(std::string("create database ") + kTemplate);
        postgres::Migrate(UrlOf(kTemplate));
    }

    std::string UrlOf(const std::string& database) const {
        auto url = postgres_->url();
        auto begin = url.find("///") + 3;
        return url.replace(begin, url.find('?') - begin, database);
    }

    std::string NextName() { return "test_" + std::to_string(++count_); }

  private:
    TemporaryFolder folder_;
    std::unique_ptr<postgres::Embedded> postgres_;
    int count_ = 0;
};

Server& TheServer() {
    static Server server;
    return server;
}

}  // namespace

Sql::Sql(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
    if (PQstatus(connection_) == CONNECTION_OK) return;
    std::string error = PQerrorMessage(connection_);
    PQfinish(connection_);
    throw std::runtime_error("test database: " + error);
}

Sql::~Sql() { PQfinish(connection_); }

std::vector<Sql::Row> Sql::Rows(const std::string& query) {
    std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_, query.c_str()), PQclear);
    auto status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        throw std::runtime_error(PQerrorMessage(connection_) + query);
    }
    std::vector<Row> rows(static_cast<std::size_t>(PQntuples(result.get())));
    for (int row = 0; row < PQntuples(result.get()); ++row) {
        for (int column = 0; column < PQnfields(result.get()); ++column) {
            rows[static_cast<std::size_t>(row)].push_back(PQgetvalue(result.get(), row, column));
        }
    }
    return rows;
}

std::string Sql::Text(const std::string& query) {
    auto rows = Rows(query);
    if (rows.empty()) throw std::runtime_error("no row: " + query);
    return rows.front().front();
}

std::string Sql::Lines(const std::string& query) {
    std::string text;
    for (const auto& row : Rows(query)) {
        for (std::size_t i = 0; i < row.size(); ++i) text += (i ? " | " : "") + row[i];
        text += '\n';
    }
    return text;
}

TestDatabase::TestDatabase() : name_(TheServer().NextName()), url_(TheServer().UrlOf(name_)) {
    Sql(TheServer().UrlOf("postgres")).Run("create database " + name_ + " template " + kTemplate);
    sql_ = std::make_unique<Sql>(url_);
}

TestDatabase::~TestDatabase() {
    sql_.reset();
    try {
        Sql(TheServer().UrlOf("postgres")).Run("drop database " + name_ + " with (force)");
    } catch (const std::exception&) {
        // The whole server goes with the executable.
    }
}

}  // namespace citadel::testing
