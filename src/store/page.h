// A page of a list that is read newest first, by a key that only grows.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace citadel::store {

inline constexpr std::int64_t kNewestFirst = std::numeric_limits<std::int64_t>::max();

struct PageOrder {
    std::int64_t before = kNewestFirst;  // only what is older than this key
    int limit = 25;
};

template <typename Row>
struct Page {
    std::vector<Row> rows;
    bool has_more = false;
    std::int64_t next = 0;  // the next page is what is older than this
};

// Statements ask for one row more than wanted: whether it is there tells whether there is a next page.
template <typename Row>
Page<Row> CutPage(std::vector<Row> rows, int limit) {
    Page<Row> page;
    page.has_more = rows.size() > static_cast<std::size_t>(limit);
    if (page.has_more) rows.resize(static_cast<std::size_t>(limit));
    page.rows = std::move(rows);
    if (!page.rows.empty()) page.next = page.rows.back().id;
    return page;
}

}  // namespace citadel::store
