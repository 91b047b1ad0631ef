// The subcommands. Each returns the exit status: 0 success, 1 failure at run time; wrong configuration
// is thrown as Trouble(kConfiguration) and becomes 2 in RunProgram.
#pragma once
#include <string>
#include <vector>

#include "app/config.h"

namespace citadel::app {

int Serve(Config config);
int Work(Config config);
int MigrateSchema(Config config);
int Demo(Config config);
int StripeSim(Config config);
int Simulate(Config config);
int AnswerForPolicy(Config config);
int Replay(Config config, const std::string& file);
int AddMerchant(Config config);
int ListMerchants(Config config);
// Writes every letter in every language into a folder.
int WriteLetters(Config config, const std::string& folder);
int RotateKeys(Config config);

// The whole command line.
int RunProgram(int argc, char** argv);

}  // namespace citadel::app
