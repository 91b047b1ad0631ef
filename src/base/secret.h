// A string that must not be seen: no formatter or stream accepts it, it is wiped when it goes, and it
// is compared in constant time. Reveal() is the one way to its text, so that uses can be found.
#pragma once
#include <string>
#include <string_view>

namespace citadel {

class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    Secret(const Secret&) = default;
    Secret(Secret&&) = default;
    Secret& operator=(const Secret&) = default;
    Secret& operator=(Secret&&) = default;
    ~Secret();

    const std::string& Reveal() const { return text_; }
    bool empty() const { return text_.empty(); }
    // Constant time for texts of equal length.
    bool Equals(std::string_view other) const;

  private:
    std::string text_;
};

}  // namespace citadel
