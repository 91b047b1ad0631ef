#include "stripe_sim/disputes.h"

#include <algorithm>

#include "stripe_sim/change.h"

namespace citadel::stripe_sim {
namespace {

bool Says(const Dispute& dispute, std::string_view word) {
    return std::ranges::any_of(dispute.evidence, [&](const auto& piece) { return piece.second == word; });
}

void End(World& world, Account& account, Dispute& dispute, std::string status, const Cause& cause) {
    json::object previous;
    previous["status"] = dispute.status;
    dispute.status = std::move(status);
    world.Emit(account, "charge.dispute.closed", Keep(dispute), cause, std::move(previous));
    if (dispute.status == "won") world.Emit(account, "charge.dispute.funds_reinstated", Keep(dispute), cause);
}

}  // namespace

Dispute& OpenDispute(World& world, Account& account, Charge& charge, DisputeCase about, const Cause& cause) {
    Dispute dispute;
    dispute.id = world.NewId("dp_1");
    dispute.charge = charge.id;
    dispute.payment_intent = charge.payment_intent;
    dispute.currency = charge.currency;
    dispute.brand = charge.card.brand;
    dispute.reason = std::move(about.reason);
    dispute.inquiry = about.inquiry;
    dispute.status = about.inquiry ? "warning_needs_response" : "needs_response";
    dispute.amount = charge.amount;
    dispute.created = world.clock.Now();
    charge.disputed = true;
    auto& added = account.disputes.Add(std::move(dispute));
    world.Emit(account, "charge.dispute.created", Keep(added), cause);
    if (!added.inquiry) world.Emit(account, "charge.dispute.funds_withdrawn", Keep(added), cause);
    return added;
}

bool IsClosed(const Dispute& dispute) {
    return dispute.status == "won" || dispute.status == "lost" || dispute.status == "warning_closed";
}

void SubmitEvidence(World& world, Account& account, Dispute& dispute, const Metadata& evidence,
                    const Cause& cause) {
    Change change(world, account, dispute);
    ApplyMetadata(dispute.evidence, evidence);
    dispute.status = dispute.inquiry ? "warning_under_review" : "under_review";
    ++dispute.submissions;
    change.Tell("charge.dispute.updated", cause);
    bool won = Says(dispute, "winning_evidence"), lost = Says(dispute, "losing_evidence");
    if (!won && !lost) return;
    std::string verdict = won ? "won" : "lost";
    if (dispute.inquiry) verdict = "warning_closed";
    End(world, account, dispute, std::move(verdict), cause);
}

void CloseDispute(World& world, Account& account, Dispute& dispute, const Cause& cause) {
    End(world, account, dispute, dispute.inquiry ? "warning_closed" : "lost", cause);
}

}  // namespace citadel::stripe_sim
