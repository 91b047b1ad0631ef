#include "stripe_sim/test_clocks.h"

#include <algorithm>

#include "stripe_sim/calendar.h"
#include "stripe_sim/clock_scope.h"
#include "stripe_sim/customers.h"
#include "stripe_sim/subscriptions.h"

namespace citadel::stripe_sim {
namespace {

constexpr auto kLifetime = std::chrono::days(30);

Time AfterTwoPeriods(const Recurrence& recurrence, Time start) {
    return PeriodEnd(recurrence, start, PeriodEnd(recurrence, start, start));
}

void Finish(World& world, Account& account, TestClock& clock) {
    clock.frozen_time = *clock.target;
    clock.target.reset();
    account.timelines.at(clock.id).now = clock.frozen_time;
    world.Emit(account, "test_helpers.test_clock.ready", Keep(clock));
}

// One piece of work at a time, so that calls and webhooks get their turn in between.
void GoOn(World& world, Account& account, const std::string& id) {
    auto* clock = account.test_clocks.Find(id);
    if (!clock || !clock->target) return;
    auto& timeline = account.timelines.at(id);
    auto next = timeline.agenda.Next();
    if (!next || *next > *clock->target) return Finish(world, account, *clock);
    timeline.now = std::max(timeline.now, *next);
    InTimeOf inside(world, account, id);
    timeline.agenda.RunDue(timeline.now, 1);
    world.agenda.At(world.clock.Now(), [&world, &account, id] { GoOn(world, account, id); });
}

}  // namespace

TestClock& AddTestClock(World& world, Account& account, std::string name, Time frozen_time,
                        const Cause& cause) {
    TestClock clock;
    clock.id = world.NewId("clock_1");
    clock.name = std::move(name);
    clock.frozen_time = frozen_time;
    clock.created = world.clock.Now();
    clock.deletes_after = clock.created + kLifetime;
    account.timelines[clock.id].now = frozen_time;
    auto& added = account.test_clocks.Add(std::move(clock));
    world.Emit(account, "test_helpers.test_clock.created", Keep(added), cause);
    world.agenda.At(added.deletes_after, [&world, &account, id = added.id] {
        if (auto* due = account.test_clocks.Find(id)) DeleteTestClock(world, account, *due, {});
    });
    return added;
}

Time FurthestAdvance(const Account& account, const TestClock& clock) {
    std::optional<Time> furthest;
    for (const auto& subscription : account.subscriptions.all()) {
        if (HasEnded(subscription) || ClockOfCustomer(account, subscription.customer) != clock.id) continue;
        auto end = AfterTwoPeriods(*subscription.items.front().price->recurring, clock.frozen_time);
        furthest = std::min(end, furthest.value_or(end));
    }
    return furthest ? *furthest : AfterTwoPeriods({"year", 1, {}}, clock.frozen_time);
}

void AdvanceTestClock(World& world, Account& account, TestClock& clock, Time target, const Cause& cause) {
    clock.target = target;
    world.Emit(account, "test_helpers.test_clock.advancing", Keep(clock), cause);
    world.agenda.At(world.clock.Now(), [&world, &account, id = clock.id] { GoOn(world, account, id); });
}

void DeleteTestClock(World& world, Account& account, const TestClock& clock, const Cause& cause) {
    auto last = Keep(clock);
    InTimeOf inside(world, account, last->id);
    for (auto& customer : account.customers.all()) {
        if (customer.test_clock == last->id && !customer.deleted)
            DeleteCustomer(world, account, customer, cause);
    }
    account.timelines.at(last->id).agenda = Agenda();
    account.test_clocks.Remove(last->id);
    world.Emit(account, "test_helpers.test_clock.deleted", last, cause);
}

}  // namespace citadel::stripe_sim
