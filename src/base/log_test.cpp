#include "base/log.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace citadel::log {
namespace {

// What `write` puts on standard error.
template <typename Write>
std::string Written(Write write) {
    testing::internal::CaptureStderr();
    write();
    return testing::internal::GetCapturedStderr();
}

TEST(Log, AJsonLineHasTimeLevelEventAndTypedFields) {
    Configure("info", "json");
    auto line = Written([] { Info("mail_sent", {{"attempt", 2}, {"late", true}, {"to", "a@b.example"}}); });
    EXPECT_TRUE(line.starts_with(R"({"time":"20)")) << line;
    EXPECT_TRUE(
        line.ends_with(R"(,"level":"info","event":"mail_sent","attempt":2,"late":true,"to":"a@b.example"})"
                       "\n"))
        << line;
}

TEST(Log, AStrangersTextCannotForgeALineOrAField) {
    std::string hostile = "x\n{\"level\":\"error\"}\t\"\\";
    Configure("info", "json");
    EXPECT_TRUE(Written([&] { Info("e", {{"name", hostile}}); })
                    .ends_with(R"("name":"x\n{\"level\":\"error\"}\u0009\"\\"})"
                               "\n"));
    Configure("info", "text");
    EXPECT_TRUE(Written([&] { Info("e", {{"name", hostile}}); })
                    .ends_with(R"( e name="x\n{\"level\":\"error\"}\u0009\"\\")"
                               "\n"));
}

TEST(Log, LinesBelowTheLevelAreNotWritten) {
    Configure("warn", "text");
    EXPECT_EQ(Written([] { Info("unimportant"); }), "");
    EXPECT_NE(Written([] { Warn("important"); }), "");
    Configure("off", "text");
    EXPECT_EQ(Written([] { Error("nobody_listens"); }), "");
    Configure("info", "text");
}

TEST(Log, ABadSettingNamesItsVariable) {
    auto refusal = [](std::string_view level, std::string_view format) {
        try {
            Configure(level, format);
        } catch (const std::invalid_argument& refused) {
            return std::string(refused.what());
        }
        return std::string("accepted");
    };
    EXPECT_EQ(refusal("loud", "json"),
              "LOG_LEVEL must be trace, debug, info, warn, error or off; got \"loud\"");
    EXPECT_EQ(refusal("info", "xml"), "LOG_FORMAT must be json or text; got \"xml\"");
}

}  // namespace
}  // namespace citadel::log
