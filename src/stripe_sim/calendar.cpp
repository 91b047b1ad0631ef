#include "stripe_sim/calendar.h"

#include <algorithm>

namespace citadel::stripe_sim {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::months;

Time PeriodEnd(const Recurrence& recurrence, Time anchor, Time start) {
    if (recurrence.interval == "day") return start + days(recurrence.count);
    if (recurrence.interval == "week") return start + days(7 * recurrence.count);
    auto anchor_day = floor<days>(anchor);
    std::chrono::year_month_day anchored(anchor_day), begun(floor<days>(start));
    auto step = months(recurrence.interval == "year" ? 12 * recurrence.count : recurrence.count);
    auto month = begun.year() / begun.month() + step;
    auto day = std::min(anchored.day(), (month / std::chrono::last).day());
    return std::chrono::sys_days(month / day) + (anchor - anchor_day);
}

}  // namespace citadel::stripe_sim
