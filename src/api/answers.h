// Rows as the JSON that docs/openapi.json describes: camelCase, ids as strings, times RFC 3339, money in
// minor units.
#pragma once
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <optional>
#include <string>

#include "api/inputs.h"
#include "http/message.h"
#include "store/activity.h"
#include "store/admin.h"
#include "store/dashboard.h"
#include "store/merchant_profile.h"
#include "store/recoveries_view.h"
#include "store/tasks_api.h"
#include "store/worker_api.h"

namespace citadel::api {

boost::json::object ToJson(const store::MerchantProfile& merchant);
boost::json::object ToJson(const store::RecoveryLine& recovery);
boost::json::object ToJson(const store::RecoveryStory& story);
boost::json::object ToJson(const store::TaskLine& task);
boost::json::object ToJson(const store::ActivityLine& line);
boost::json::object ToJson(const store::DailyFigures& day);
boost::json::object ToJson(const store::DashboardFigures& dashboard);
boost::json::object ToJson(const store::AdminMerchant& merchant);
boost::json::object ToJson(const store::OutsideTask& task);
boost::json::object ToJson(const Money& money);

// Empty text, and what is not there, as null.
boost::json::value OrNull(const std::string& text);
boost::json::value OrNull(const std::optional<Time>& time);
boost::json::value OrNull(const std::optional<store::RenewalLine>& renewal);
boost::json::value IdOrNull(const std::optional<std::int64_t>& id);
// "failed_count" to "failedCount".
std::string ToCamelCase(std::string_view name);

http::Reply Answer(const boost::json::object& body, int status = 200);
// Somebody else's and what never was: the same answer to the letter.
http::Reply NotFound();

template <typename Row>
http::Reply AnswerPage(const store::Page<Row>& page) {
    boost::json::array data;
    for (const auto& row : page.rows) data.push_back(ToJson(row));
    boost::json::object body{{"data", std::move(data)}, {"hasMore", page.has_more}, {"nextCursor", nullptr}};
    if (page.has_more) body["nextCursor"] = CursorFor(page.next);
    return Answer(body);
}

}  // namespace citadel::api
