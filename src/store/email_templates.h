// A merchant's own words for its letters, one row a kind and number of the sequence.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"

namespace citadel::store {

struct TemplateName {
    std::string kind;
    int attempt = 1;
};

struct TemplateText {
    std::string subject;
    std::string body;  // Markdown
    Time updated_at{};
};

boost::asio::awaitable<std::optional<TemplateText>> ReadTemplate(postgres::Pool& pool, MerchantKey merchant,
                                                                 TemplateName name);
boost::asio::awaitable<void> WriteTemplate(postgres::Pool& pool, MerchantKey merchant, TemplateName name,
                                           TemplateText text);
// Taking away what is not there is no mistake.
boost::asio::awaitable<void> DeleteTemplate(postgres::Pool& pool, MerchantKey merchant, TemplateName name);

}  // namespace citadel::store
