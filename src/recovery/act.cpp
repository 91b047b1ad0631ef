// Everything that the policy may say but a charge; declared in charge.h.
#include "recovery/charge.h"
#include "recovery/collector.h"
#include "recovery/plan.h"
#include "recovery/write_letter.h"

namespace citadel::recovery {

namespace asio = boost::asio;
using store::Settlement;
using store::Work;

namespace {

// Not now, but not dropped: the policy asks for the same letter again. What is due earlier keeps its time.
Settlement PutOff(Settlement settlement, policy::DunningStep step, const LetterResult& letter) {
    if (letter.again_at && (!step.next_at || *letter.again_at < *step.next_at))
        step.next_at = letter.again_at;
    step.rule = "mail.put_off";
    step.reason = "the letter is put off: " + letter.why;
    Note(settlement, "wait", step);
    return Continue(std::move(settlement), step.next_at, step.reason);
}

asio::awaitable<Settlement> Write(const Tools& tools, Work work, Settlement settlement,
                                  policy::DunningStep step) {
    LetterOrder order;
    order.letter = step.letter;
    order.number = step.letter_number;
    order.next_charge_at = step.next_charge_at;
    order.card_needs_update = !step.next_charge_at && step.letter == policy::Letter::kPaymentFailed;
    if (step.letter == policy::Letter::kFinalNotice) order.final_action_at = step.next_at;
    LetterResult written = co_await WriteLetter(tools, work, order);
    switch (written.outcome) {
        case LetterOutcome::kTryLater:
            co_return Defer(std::move(settlement), work, tools.clock, "the mail service is away");
        case LetterOutcome::kStopped:
            co_return Defer(std::move(settlement), work, tools.clock, "a stop signal came first");
        case LetterOutcome::kPutOff: co_return PutOff(std::move(settlement), std::move(step), written);
        case LetterOutcome::kSent: Note(settlement, "write", step); break;
        case LetterOutcome::kRefused:
            step.rule = "mail.refused";
            step.reason = "the letter could not be sent: " + written.why;
            Note(settlement, "wait", step);
            break;
    }
    auto result = fmt::format("letter {} {}", step.letter_number,
                              written.why.empty() ? "sent" : "could not be sent: " + written.why);
    co_return Continue(std::move(settlement), step.next_at, std::move(result));
}

Settlement GiveUp(const Tools& tools, const Work& work, Settlement settlement,
                  const policy::DunningStep& step) {
    Note(settlement, "stop", step);
    settlement.recovery_end = store::RecoveryEnd::kExhausted;
    settlement.reason = "sequence_ended";
    auto left = WindDownOf(work);
    if (!left.empty()) {
        settlement.wind_down = left;
        settlement.next_task_type = store::kDunningRetry;
        settlement.next_run_at = tools.clock.Now();
    }
    return Complete(std::move(settlement), step.reason);
}

}  // namespace

Settlement Continue(Settlement settlement, std::optional<Time> at, std::string result) {
    settlement.next_task_type = store::kDunningRetry;
    settlement.next_run_at = at;
    return Complete(std::move(settlement), std::move(result));
}

asio::awaitable<Settlement> Act(const Tools& tools, Work work, Settlement settlement,
                                policy::DunningStep step) {
    switch (step.action) {
        case policy::DunningStep::Action::kGiveUp: co_return GiveUp(tools, work, std::move(settlement), step);
        case policy::DunningStep::Action::kWrite: {
            Settlement written =
                co_await Write(tools, std::move(work), std::move(settlement), std::move(step));
            co_return written;
        }
        case policy::DunningStep::Action::kWait:
        case policy::DunningStep::Action::kCharge: break;
    }
    Note(settlement, "wait", step);
    co_return Continue(std::move(settlement), step.next_at, step.reason);
}

}  // namespace citadel::recovery
