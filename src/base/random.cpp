#include "base/random.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <stdexcept>
#include <vector>

namespace citadel {

std::string RandomHex(std::size_t bytes) {
    std::vector<unsigned char> buffer(bytes);
    if (RAND_bytes(buffer.data(), static_cast<int>(bytes)) != 1) {
        throw std::runtime_error("the system gave no random bytes");
    }
    std::string text;
    text.reserve(2 * bytes);
    for (unsigned char byte : buffer) text += fmt::format("{:02x}", byte);
    return text;
}

std::uint64_t Random::Next() {
    state_ += 0x9e3779b97f4a7c15ull;
    auto x = state_;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

}  // namespace citadel
