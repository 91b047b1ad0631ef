// Links that act for somebody without a session: an id and its signature in one word of hex digits. The
// purpose is signed too, so that a link of one kind is none of another.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace citadel::crypto {

// Purposes. What was sent stays valid, so they never change.
inline constexpr std::string_view kDigestStop = "digest-stop";

// `id` is not negative.
std::string SignId(const Secret& secret, std::string_view purpose, std::int64_t id);
// The id, if the token is one that SignId made with this secret for this purpose.
std::optional<std::int64_t> ReadSignedId(const Secret& secret, std::string_view purpose,
                                         std::string_view token);

}  // namespace citadel::crypto
