#include "base/secret.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <concepts>
#include <ostream>

namespace citadel {
namespace {

template <typename T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

// Checked by the compiler: a line that would print a secret does not build.
static_assert(!Streamable<Secret>);
static_assert(!fmt::is_formattable<Secret>::value);
static_assert(!std::convertible_to<Secret, std::string>);
static_assert(!std::convertible_to<Secret, std::string_view>);
static_assert(!std::convertible_to<std::string, Secret>);

TEST(Secret, EqualsItsOwnTextOnly) {
    using namespace std::string_view_literals;
    Secret secret("whsec_abc");
    EXPECT_TRUE(secret.Equals("whsec_abc"));
    EXPECT_FALSE(secret.Equals("whsec_abd"));
    EXPECT_FALSE(secret.Equals("whsec_ab"));
    EXPECT_FALSE(secret.Equals("whsec_abc\0"sv));
    EXPECT_FALSE(secret.Equals(""));
    EXPECT_TRUE(Secret().Equals(""));
}

TEST(Secret, EmptyMeansNotConfigured) {
    EXPECT_TRUE(Secret().empty());
    EXPECT_TRUE(Secret("").empty());
    EXPECT_FALSE(Secret("x").empty());
}

TEST(Secret, CopiesAndMovesKeepTheText) {
    Secret first("a longer text than fits into the string itself");
    Secret copy = first;
    Secret moved = std::move(first);
    EXPECT_TRUE(copy.Equals(moved.Reveal()));
    EXPECT_EQ(moved.Reveal(), "a longer text than fits into the string itself");
}

}  // namespace
}  // namespace citadel
