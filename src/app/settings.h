// Every setting of the program in one table: its flag, its environment variable, its default, its help.
// Flag beats environment beats file. The file is TOML; a key is the variable's name in lower case.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace citadel::app {

struct Setting {
    const char* flag;  // "--port"; empty: no flag, because it is a secret
    const char* env;   // "PORT"
    const char* initial;
    const char* help;
    bool is_switch = false;  // a flag without a value; "1", "true", "yes" in environment and file
};

const std::vector<Setting>& AllSettings();
const Setting& FindSetting(const std::string& env);

// Values by variable name.
using Values = std::map<std::string, std::string>;

// Puts flags, environment and file together. Throws Trouble(kConfiguration) for a file that cannot be
// read, is not TOML, or has a key nobody knows (named with its line).
Values Resolve(const Values& flags, const std::string& config_file);

}  // namespace citadel::app
