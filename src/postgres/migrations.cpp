#include "postgres/migrations.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <memory>

#include "base/error.h"

namespace citadel::postgres {
namespace {

struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* result) const { PQclear(result); }
};
using Blocking = std::unique_ptr<PGconn, Finish>;
using Result = std::unique_ptr<PGresult, Finish>;

// "citadel" as two 32-bit words: the lock that all starters of this program share.
constexpr const char* kLock = "select pg_advisory_xact_lock(1667855457, 1684366700)";

// The migration that brings build_walls().
constexpr int kWalls = 6;

Blocking Connect(const std::string& url) {
    Blocking connection(PQconnectdb(url.c_str()));
    if (PQstatus(connection.get()) != CONNECTION_OK) {
        throw Trouble(TroubleKind::kUnavailable,
                      fmt::format("cannot connect to the database: {}", PQerrorMessage(connection.get())));
    }
    PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
    return connection;
}

Result Execute(PGconn* connection, const std::string& sql) {
    Result result(PQexec(connection, sql.c_str()));
    auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        throw Trouble(TroubleKind::kRejected, fmt::format("{}", PQerrorMessage(connection)));
    }
    return result;
}

int DatabaseVersion(PGconn* connection) {
    auto exists = Execute(connection, "select to_regclass('citadel.schema_migrations') is not null");
    if (std::string_view(PQgetvalue(exists.get(), 0, 0)) != "t") return 0;
    auto newest = Execute(connection, "select coalesce(max(version), 0) from citadel.schema_migrations");
    return std::stoi(PQgetvalue(newest.get(), 0, 0));
}

SchemaStatus Compare(int database_version) {
    int program_version = EmbeddedMigrations().back().version;
    auto state = database_version == program_version  ? SchemaState::kCurrent
                 : database_version < program_version ? SchemaState::kOlder
                                                      : SchemaState::kNewer;
    return {state, database_version, program_version};
}

void Apply(PGconn* connection, const Migration& migration) {
    try {
        Execute(connection, std::string(migration.sql));
    } catch (const Trouble& trouble) {
        throw Trouble(TroubleKind::kRejected,
                      fmt::format("migration {} failed: {}", migration.name, trouble.what()));
    }
    Execute(connection, fmt::format("insert into citadel.schema_migrations (version, name) values ({}, '{}')",
                                    migration.version, migration.name));
}

}  // namespace

SchemaStatus ReadSchemaStatus(const std::string& url) {
    auto connection = Connect(url);
    return Compare(DatabaseVersion(connection.get()));
}

std::vector<std::string> Migrate(const std::string& url) {
    auto connection = Connect(url);
    std::vector<std::string> applied;
    for (const auto& migration : EmbeddedMigrations()) {
        Execute(connection.get(), "begin");
        Execute(connection.get(), kLock);
        int version = DatabaseVersion(connection.get());
        if (Compare(version).state == SchemaState::kNewer) {
            throw Trouble(
                TroubleKind::kConfiguration,
                fmt::format("the schema has version {}, newer than this program's {}: run a newer citadel",
                            version, Compare(version).program_version));
        }
        if (version < migration.version) {
            Apply(connection.get(), migration);
            applied.emplace_back(migration.name);
            // A table that this one added stands behind the walls as well (0006_api).
            if (migration.version >= kWalls) Execute(connection.get(), "select citadel.build_walls()");
        }
        Execute(connection.get(), "commit");
    }
    return applied;
}

}  // namespace citadel::postgres
