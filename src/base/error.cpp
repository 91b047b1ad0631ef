#include "base/error.h"

#include <cstdio>
#include <cstdlib>

namespace citadel {

void FailCheck(const char* why, const char* file, int line) {
    std::fprintf(stderr, "citadel: broken promise: %s (%s:%d)\n", why, file, line);
    std::abort();
}

}  // namespace citadel
