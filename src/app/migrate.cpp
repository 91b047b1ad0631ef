#include <iostream>

#include "app/commands.h"
#include "base/error.h"
#include "postgres/embedded.h"
#include "postgres/migrations.h"

namespace citadel::app {
namespace {

// One line a migration: applied or missing. Exit 1 when the schema is not this program's.
int ShowStatus(const std::string& url) {
    auto status = postgres::ReadSchemaStatus(url);
    for (const auto& migration : postgres::EmbeddedMigrations()) {
        bool applied = migration.version <= status.database_version;
        std::cout << (applied ? "applied  " : "missing  ") << migration.name << "\n";
    }
    if (status.state == postgres::SchemaState::kNewer) {
        std::cout << "the database has version " << status.database_version << ", newer than this program's "
                  << status.program_version << "\n";
    }
    return status.state == postgres::SchemaState::kCurrent ? 0 : 1;
}

}  // namespace

int MigrateSchema(Config config) {
    std::unique_ptr<postgres::Embedded> embedded;
    std::string url = config.database_url;
    if (config.embedded()) {
        embedded = postgres::Embedded::Start(config.data_dir);
        url = embedded->url();
    }
    if (ReadSwitch(config.raw, "CITADEL_STATUS")) return ShowStatus(url);
    auto applied = postgres::Migrate(url);
    for (const auto& name : applied) std::cout << "applied  " << name << "\n";
    std::cout << "schema version " << postgres::ReadSchemaStatus(url).database_version << ", "
              << applied.size() << " migrations applied now\n";
    return 0;
}

}  // namespace citadel::app
