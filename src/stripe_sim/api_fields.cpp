#include "stripe_sim/api_fields.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace citadel::stripe_sim {
namespace {

using AddressMember = std::pair<std::string_view, std::string Address::*>;
constexpr std::array<AddressMember, 6> kAddressMembers{{{"city", &Address::city},
                                                        {"country", &Address::country},
                                                        {"line1", &Address::line1},
                                                        {"line2", &Address::line2},
                                                        {"postal_code", &Address::postal_code},
                                                        {"state", &Address::state}}};

bool ReadsAddress(const Params& params, const std::string& name, Address& address) {
    bool any = false;
    for (const auto& [member, field] : kAddressMembers) {
        auto text = params.Text(fmt::format("{}[{}]", name, member));
        if (!text) continue;
        address.*field = *text;
        any = true;
    }
    return any;
}

}  // namespace

void ReadText(const Params& params, std::string_view name, std::string& text) {
    if (auto given = params.Text(name)) text = *given;
}

void ReadMetadata(const Params& params, Metadata& metadata) {
    auto whole = params.Text("metadata");
    if (whole && whole->empty()) metadata.clear();
    ApplyMetadata(metadata, params.Members("metadata"));
}

void ReadAddress(const Params& params, const std::string& name, std::optional<Address>& address) {
    auto whole = params.Text(name);
    if (whole && whole->empty()) address.reset();
    Address given;
    if (ReadsAddress(params, name, given)) address = std::move(given);
}

void ReadShipping(const Params& params, const std::string& name, std::optional<Shipping>& shipping) {
    auto whole = params.Text(name);
    if (whole && whole->empty()) shipping.reset();
    Shipping given;
    bool any = ReadsAddress(params, name + "[address]", given.address);
    for (auto [member, field] : {std::pair("name", &Shipping::name), std::pair("phone", &Shipping::phone),
                                 std::pair("carrier", &Shipping::carrier),
                                 std::pair("tracking_number", &Shipping::tracking_number)}) {
        auto text = params.Text(fmt::format("{}[{}]", name, member));
        if (!text) continue;
        given.*field = *text;
        any = true;
    }
    if (any) shipping = std::move(given);
}

void ReadBillingDetails(const Params& params, const std::string& name, BillingDetails& details) {
    ReadText(params, name + "[email]", details.email);
    ReadText(params, name + "[name]", details.name);
    ReadText(params, name + "[phone]", details.phone);
    ReadsAddress(params, name + "[address]", details.address);
}

}  // namespace citadel::stripe_sim
