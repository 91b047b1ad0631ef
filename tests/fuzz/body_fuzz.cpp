// Any bytes as a request's body, read as each route reads its own: an answer or BadInput, and nothing else.
// What is accepted has the bounds that the statements behind it rely on.
#include "api/body.h"
#include "api/inputs.h"
#include "base/error.h"

using namespace citadel;

namespace {

void ReadSettings(const http::Request& request) {
    api::Body body(request, {"billingAddress", "logoUrl", "timezone", "supportEmail", "digestEnabled"},
                   {"email"});
    auto address = body.Text("billingAddress", 500, true);
    CITADEL_CHECK(!address || (address->size() <= 500 && address->find('\0') == std::string::npos), "fits");
    if (auto logo = body.Text("logoUrl", 2048)) api::IsHttpsUrl(*logo);
    if (auto zone = body.Text("timezone")) api::IsTimeZone(*zone);
    if (auto email = body.Text("supportEmail", 254); email && api::IsEmailAddress(*email))
        CITADEL_CHECK(email->find_first_of("\r\n <>,") == std::string::npos, "cannot break a mail's header");
    body.Flag("digestEnabled");
}

void ReadCompletion(const http::Request& request) {
    api::Body body(request, {"leaseToken", "success", "recovered", "error", "retryInSeconds", "taskTypes"});
    auto seconds = body.Number("retryInSeconds", 1, 2'592'000);
    CITADEL_CHECK(!seconds || (*seconds >= 1 && *seconds <= 2'592'000), "within bounds");
    body.Texts("taskTypes");
    if (auto recovered = body.Object("recovered", {"amount", "currency"})) {
        recovered->NeedNumber("amount", 1, 999'999'999'999);
        recovered->NeedText("currency", 3);
    }
    api::IsUuid(body.NeedText("leaseToken", 100));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    http::Request request;
    request.body.assign(reinterpret_cast<const char*>(data), size);
    for (auto* read : {&ReadSettings, &ReadCompletion}) {
        try {
            (*read)(request);
        } catch (const api::BadInput& bad) {
            CITADEL_CHECK(!bad.code().empty(), "a refusal has its code");
        }
    }
    return 0;
}
