// Randomness of two kinds: cryptographic bytes for tokens and ids, and a seeded generator that is
// handed in where a run must be repeatable.
#pragma once
#include <cstdint>
#include <string>

namespace citadel {

// `bytes` cryptographically random bytes as lower-case hex. Throws std::runtime_error if the system has none.
std::string RandomHex(std::size_t bytes);

// SplitMix64: small, fast, the same numbers on every machine for the same seed. Not for secrets.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t Next();
    // Uniform in [0, bound); bound > 0.
    std::uint64_t Below(std::uint64_t bound) { return Next() % bound; }
    // Uniform in [0, 1).
    double Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
    bool Chance(double probability) { return Unit() < probability; }

  private:
    std::uint64_t state_;
};

}  // namespace citadel
