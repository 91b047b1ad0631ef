// /v1/disputes.
#include <fmt/format.h>

#include "stripe_sim/api_fields.h"
#include "stripe_sim/api_list.h"
#include "stripe_sim/change.h"
#include "stripe_sim/disputes.h"

namespace citadel::stripe_sim {
namespace {

Dispute& DisputeIn(ApiCall& call) {
    return FindOr404(call.account.disputes, "dispute", call.captures.at(0), "dispute");
}

json::object GetDispute(ApiCall& call) { return Render(call.view, DisputeIn(call)); }

json::object ListDisputes(ApiCall& call) {
    auto charge = call.params.Text("charge"), intent = call.params.Text("payment_intent");
    auto keep = [&](const Dispute& dispute) {
        return (!charge || dispute.charge == *charge) && (!intent || dispute.payment_intent == *intent) &&
               call.params.InRange("created", dispute.created);
    };
    return ListOf(call, "/v1/disputes", call.account.disputes.all(), keep);
}

void RequireOpen(const Dispute& dispute) {
    if (!IsClosed(dispute)) return;
    throw InvalidRequest(400, "",
                         fmt::format("This dispute is already closed: its status is {}.", dispute.status));
}

// Evidence goes to the bank at once unless the call says submit=false.
json::object UpdateDispute(ApiCall& call) {
    auto& dispute = DisputeIn(call);
    auto evidence = call.params.Members("evidence");
    bool submit = call.params.Flag("submit").value_or(!evidence.empty());
    if (submit || !evidence.empty()) RequireOpen(dispute);
    {
        Change change(call.world, call.account, dispute);
        ReadMetadata(call.params, dispute.metadata);
        if (!submit) ApplyMetadata(dispute.evidence, evidence);
        change.Tell("charge.dispute.updated", call.cause);
    }
    if (submit) SubmitEvidence(call.world, call.account, dispute, evidence, call.cause);
    return Render(call.view, dispute);
}

json::object Close(ApiCall& call) {
    auto& dispute = DisputeIn(call);
    RequireOpen(dispute);
    CloseDispute(call.world, call.account, dispute, call.cause);
    return Render(call.view, dispute);
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/v1/disputes", "limit starting_after ending_before charge payment_intent created", ListDisputes},
    {"GET", "/v1/disputes/{}", "", GetDispute},
    {"POST", "/v1/disputes/{}",
     "evidence[access_activity_log] evidence[billing_address] evidence[cancellation_policy] "
     "evidence[cancellation_policy_disclosure] evidence[cancellation_rebuttal] "
     "evidence[customer_communication] evidence[customer_email_address] evidence[customer_name] "
     "evidence[customer_purchase_ip] evidence[customer_signature] "
     "evidence[duplicate_charge_documentation] evidence[duplicate_charge_explanation] "
     "evidence[duplicate_charge_id] evidence[product_description] evidence[receipt] "
     "evidence[refund_policy] evidence[refund_policy_disclosure] evidence[refund_refusal_explanation] "
     "evidence[service_date] evidence[service_documentation] evidence[shipping_address] "
     "evidence[shipping_carrier] evidence[shipping_date] evidence[shipping_documentation] "
     "evidence[shipping_tracking_number] evidence[uncategorized_file] evidence[uncategorized_text] "
     "metadata submit",
     UpdateDispute},
    {"POST", "/v1/disputes/{}/close", "", Close}};

}  // namespace

std::span<const ApiRoute> DisputeRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim
