#include "support/stories.h"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <map>

#include "support/fixtures.h"

namespace citadel::testing {
namespace {

struct Sample {
    std::string id;
    std::string text;
};

// The fixture's event as text, read once.
const Sample& SampleOf(const std::string& shape, const std::string& name) {
    static std::map<std::string, boost::json::value> files;
    static std::map<std::string, Sample> samples;
    auto& sample = samples[shape + name];
    if (!sample.text.empty()) return sample;
    auto& file = files[shape];
    if (file.is_null()) file = ReadFixture("stripe_events_" + shape + ".json");
    const auto& event = file.at("events").at(name);
    sample = {std::string(event.at("id").as_string()), boost::json::serialize(event)};
    return sample;
}

void ReplaceAll(std::string& text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

// Sets the first whole number that stands under `name`.
void SetNumber(std::string& text, const std::string& name, std::int64_t value) {
    auto begin = text.find("\"" + name + "\":");
    if (begin == std::string::npos) throw std::runtime_error("the event has no " + name);
    begin += name.size() + 3;
    text.replace(begin, text.find_first_of(",}", begin) - begin, std::to_string(value));
}

}  // namespace

std::string Story::Tell(const Told& told) const {
    const auto& sample = SampleOf(shape_, told.fixture);
    auto text = sample.text;
    auto name = told.fixture + (told.attempts ? fmt::format("_{}", *told.attempts) : "");
    ReplaceAll(text, sample.id, fmt::format("evt_{}_{}", number_, name));
    ReplaceAll(text, "acct_1TestMerchant", account_);
    ReplaceAll(text, "TestCycle1", Name("Cycle"));
    ReplaceAll(text, "TestPayer1", Name("Payer"));
    ReplaceAll(text, "TestMonthly1", Name("Monthly"));
    ReplaceAll(text, "payer@example.com", Name("payer") + "@example.com");
    if (told.attempts) SetNumber(text, "attempt_count", *told.attempts);
    if (told.created) SetNumber(text, "created", ToUnixSeconds(*told.created));
    return text;
}

}  // namespace citadel::testing
