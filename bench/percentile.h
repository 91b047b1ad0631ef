// Of measured times: the one that a share of them does not exceed.
#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

namespace citadel::bench {

// 0 for none. `share` is between 0 and 1; the values are left in another order.
template <typename T>
T Percentile(std::vector<T>& values, double share) {
    if (values.empty()) return 0;
    auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

}  // namespace citadel::bench
