// All that is kept about one merchant, section by section, for itself: a right of the people behind it, and
// its way out. Secrets (tokens, leases, keys of calls) stay here.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

#include "base/types.h"
#include "postgres/pool.h"

namespace citadel::store {

inline constexpr int kExportRowsMax = 1000;

struct ExportPage {
    std::string section;
    std::vector<std::string> rows;  // JSON objects, members named by their columns
    std::string next;               // where the next page begins; empty when nothing follows
};

const std::vector<std::string>& ExportSections();
// `after`: empty, or `next` of the page before. An unknown section is our own mistake.
boost::asio::awaitable<ExportPage> ReadExportPage(postgres::Pool& pool, MerchantKey merchant,
                                                  std::string section, std::string after);

}  // namespace citadel::store
