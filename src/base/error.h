// Two kinds of things that go wrong. Trouble is the world's: a connection, a statement, a full queue;
// it ends this piece of work and is caught at the four places that own work (request, task, batch,
// loop). Check() is for our own mistakes: it logs and aborts, in every build. What the business acts
// on (a decline, a stale lease, a bad signature) is neither: it is returned as a value.
#pragma once
#include <stdexcept>
#include <string>

namespace citadel {

enum class TroubleKind {
    kUnavailable,    // nothing was done; may be tried again
    kUnknown,        // may or may not have been done; only idempotent work may be tried again
    kOverloaded,     // refused before it was begun, try later
    kRejected,       // the other side refused what we sent: trying again will not help
    kConfiguration,  // a setting is missing or wrong; the text names it
};

class Trouble : public std::runtime_error {
  public:
    Trouble(TroubleKind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
    TroubleKind kind() const { return kind_; }
    bool retryable() const { return kind_ == TroubleKind::kUnavailable || kind_ == TroubleKind::kOverloaded; }

  private:
    TroubleKind kind_;
};

[[noreturn]] void FailCheck(const char* why, const char* file, int line);

#define CITADEL_CHECK(condition, why) \
    ((condition) ? void(0) : ::citadel::FailCheck((why), __FILE__, __LINE__))

}  // namespace citadel
