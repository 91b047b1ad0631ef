#include <fmt/format.h>

#include "stripe_sim/test_rig.h"

namespace citadel::stripe_sim {
namespace {

std::string Pay(const std::string& invoice) { return "/v1/invoices/" + invoice + "/pay"; }

TEST(ApiTest, Pay_AnswersADeclineWithStripesError) {
    Rig rig;
    auto made = rig.Prepare(R"(["insufficient_funds"])");
    auto invoice = rig.Renew(made);
    auto answer = rig.Post(Pay(invoice), "off_session=true", "slot-1");
    EXPECT_EQ(answer.status, 402);
    auto error = ErrorIn(answer);
    EXPECT_EQ(error.at("type"), "card_error");
    EXPECT_EQ(error.at("code"), "card_declined");
    EXPECT_EQ(error.at("decline_code"), "insufficient_funds");
    EXPECT_EQ(error.at("advice_code"), "try_again_later");
    EXPECT_EQ(error.at("network_decline_code"), "51");
    EXPECT_TRUE(error.at("charge").as_string().starts_with("ch_"));
}

TEST(ApiTest, Pay_SaysWhatTheBankWantsOfThePayer) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["requires_action"])"));
    auto answer = rig.Post(Pay(invoice));
    EXPECT_EQ(answer.status, 402);
    EXPECT_EQ(ErrorIn(answer).at("code"), "invoice_payment_intent_requires_action");
}

TEST(ApiTest, Pay_RefusesAnInvoiceThatIsPaid) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["approve"])"));
    auto answer = rig.Post(Pay(invoice));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(ErrorIn(answer).at("message"), "Invoice is already paid");
    EXPECT_EQ(rig.Sim("check").at("duplicateCharges"), 0);
}

TEST(ApiTest, Pay_TakesATestCardByName) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["lost_card"])"));
    auto answer = rig.Post(Pay(invoice), "payment_method=pm_card_visa&expand[]=payments");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(Parsed(answer).at("status"), "paid");
    EXPECT_EQ(Parsed(answer).at("payments").at("data").at(0).at("status"), "paid");
}

TEST(ApiTest, IdempotencyKey_ReplaysADeclineWithoutAskingTheBankAgain) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["insufficient_funds","insufficient_funds","approve"])"));
    auto first = rig.Post(Pay(invoice), "off_session=true", "slot-1");
    auto again = rig.Post(Pay(invoice), "off_session=true", "slot-1");
    EXPECT_EQ(first.status, 402);
    EXPECT_TRUE(first.header("Idempotent-Replayed").empty());
    EXPECT_EQ(again.status, 402);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(rig.Sim("check").at("attempts"), 1);
    EXPECT_EQ(rig.Post(Pay(invoice), "off_session=true", "slot-2").status, 200);
}

TEST(ApiTest, IdempotencyKey_RefusesOtherParametersAndOtherPlaces) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["insufficient_funds"])"));
    rig.Post(Pay(invoice), "off_session=true", "slot-1");
    for (auto& answer : {rig.Post(Pay(invoice), "off_session=false", "slot-1"),
                         rig.Post("/v1/invoices/" + invoice + "/void", "off_session=true", "slot-1")}) {
        EXPECT_EQ(answer.status, 400);
        EXPECT_EQ(ErrorIn(answer).at("type"), "idempotency_error");
    }
}

TEST(ApiTest, IdempotencyKey_RefusesASecondCallWhileTheFirstRuns) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["insufficient_funds","approve"])"));
    rig.Sim("faults", R"({"path":"/v1/invoices/*/pay","kind":"latency","millis":200,"times":1})");
    std::optional<http::Answer> first;
    rig.Begin(rig.ApiCallTo("POST", Pay(invoice), "", "slot-1"), first);
    http::Answer second;
    do second = rig.Post(Pay(invoice), "", "slot-1");  // until the first has been read by the server
    while (second.status != 409 && !first);
    EXPECT_EQ(second.status, 409);
    EXPECT_EQ(ErrorIn(second).at("code"), "idempotency_key_in_use");
    rig.RunUntil([&] { return first.has_value(); });
    EXPECT_EQ(first->status, 200);
}

TEST(ApiTest, IdempotencyKey_IsForgottenAfterADay) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["insufficient_funds"])", R"({"retrySchedule":[]})"));
    rig.Post(Pay(invoice), "", "slot-1");
    rig.Advance(std::chrono::hours(23));
    EXPECT_EQ(rig.Post(Pay(invoice), "", "slot-1").header("Idempotent-Replayed"), "true");
    rig.Advance(std::chrono::hours(1));
    EXPECT_EQ(rig.Post(Pay(invoice), "", "slot-1").header("Idempotent-Replayed"), "");
    EXPECT_EQ(rig.Sim("check").at("attempts"), 2);
}

TEST(ApiTest, IdempotencyKey_IsNotKeptForARequestThatWasNeverExecuted) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["insufficient_funds","approve"])"));
    auto refused = rig.Post(Pay(invoice), "bogus=1", "slot-1");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(ErrorIn(refused).at("code"), "parameter_unknown");
    EXPECT_EQ(rig.Post(Pay(invoice), "", "slot-1").status, 200);
}

TEST(ApiTest, DroppedAnswer_LeavesTheChargeDoneAndTheKeyTellsIt) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["insufficient_funds","approve"])"));
    rig.Sim("faults", R"({"method":"POST","path":"/v1/invoices","kind":"drop_after"})");
    auto lost = rig.Post(Pay(invoice), "", "slot-1");
    EXPECT_EQ(lost.kind, http::Answer::Kind::kUnknown);
    rig.Sim("faults", R"({"clear":true})");
    auto told = rig.Post(Pay(invoice), "", "slot-1");
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(rig.Sim("check").at("attempts"), 1);
}

TEST(ApiTest, StatusFault_DoesNothing) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["insufficient_funds","approve"])"));
    rig.Sim("faults", R"({"path":"/v1/invoices","kind":"status","status":429,"times":1})");
    auto limited = rig.Post(Pay(invoice), "", "slot-1");
    EXPECT_EQ(limited.status, 429);
    EXPECT_EQ(limited.header("Stripe-Rate-Limited-Reason"), "global-rate");
    EXPECT_EQ(rig.Sim("check").at("attempts"), 0);
}

TEST(ApiTest, StripeAccount_HidesWhatBelongsToOthers) {
    Rig rig;
    auto made = rig.Prepare(R"(["approve"])");
    auto invoice = rig.Renew(made);
    rig.account = Rig::Text(rig.Sim("accounts", "{}"), "id");
    auto hidden = rig.Get("/v1/invoices/" + invoice);
    EXPECT_EQ(hidden.status, 404);
    EXPECT_EQ(ErrorIn(hidden).at("code"), "resource_missing");
    EXPECT_EQ(hidden.header("Stripe-Account"), rig.account);
    EXPECT_TRUE(hidden.header("Request-Id").starts_with("req_"));
    rig.account = made.account;
    EXPECT_EQ(rig.Get("/v1/invoices/" + invoice).status, 200);
}

TEST(ApiTest, RevokedAccount_Answers403) {
    Rig rig;
    auto made = rig.Prepare(R"(["approve"])");
    rig.Sim("deauthorize", R"({"account":")" + made.account + R"("})");
    auto answer = rig.Get("/v1/account");
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(ErrorIn(answer).at("code"), "account_invalid");
    rig.Settle();
    EXPECT_EQ(rig.Received("account.application.deauthorized").size(), 1u);
}

TEST(ApiTest, WrongKey_Answers401) {
    Rig rig;
    http::Call call;
    call.url = "/v1/account";
    EXPECT_EQ(rig.Send(call).status, 401);
    call.headers.emplace_back("Authorization", "Bearer sk_test_wrong");
    EXPECT_EQ(rig.Send(call).status, 401);
    call.headers = {{"Authorization", "Basic c2tfdGVzdF9jaXRhZGVsX3NpbTo="}};  // the key and a colon
    EXPECT_EQ(rig.Send(call).status, 200);
}

TEST(ApiTest, UnknownUrl_AnswersAsStripe) {
    Rig rig;
    auto answer = rig.Get("/v1/nothing");
    EXPECT_EQ(answer.status, 404);
    EXPECT_TRUE(
        ErrorIn(answer).at("message").as_string().starts_with("Unrecognized request URL (GET: /v1/nothing)"));
}

TEST(ApiTest, Lists_PageFromTheNewestAndBack) {
    Rig rig;
    auto made = rig.Prepare(R"(["approve"])");
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i) ids.push_back(rig.Renew(made));
    auto page = Parsed(rig.Get("/v1/invoices?limit=2"));
    EXPECT_EQ(page.at("object"), "list");
    EXPECT_EQ(page.at("data").at(0).at("id"), json::value(ids[4]));
    EXPECT_TRUE(page.at("has_more").as_bool());
    page = Parsed(rig.Get("/v1/invoices?limit=3&starting_after=" + ids[2]));
    EXPECT_EQ(page.at("data").as_array().size(), 2u);
    EXPECT_EQ(page.at("data").at(0).at("id"), json::value(ids[1]));
    EXPECT_FALSE(page.at("has_more").as_bool());
    page = Parsed(rig.Get("/v1/invoices?limit=2&ending_before=" + ids[1]));
    EXPECT_EQ(page.at("data").at(0).at("id"), json::value(ids[3]));
    EXPECT_EQ(page.at("data").at(1).at("id"), json::value(ids[2]));
    EXPECT_EQ(rig.Get("/v1/invoices?limit=101").status, 400);
    EXPECT_TRUE(Parsed(rig.Get("/v1/invoices?status=open")).at("data").as_array().empty());
}

TEST(ApiTest, Version_PicksTheShapeOfTheInvoice) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["insufficient_funds"])"));
    auto fresh = Parsed(rig.Get("/v1/invoices/" + invoice));
    EXPECT_TRUE(fresh.contains("parent"));
    EXPECT_FALSE(fresh.contains("payment_intent"));
    rig.version = kOldVersion;
    auto old = Parsed(rig.Get("/v1/invoices/" + invoice + "?expand[]=payment_intent.latest_charge"));
    EXPECT_FALSE(old.contains("parent"));
    EXPECT_EQ(old.at("payment_intent").at("latest_charge").at("outcome").at("reason"), "insufficient_funds");
}

TEST(ApiTest, Expand_RefusesWhatTheVersionDoesNotHave) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["approve"])"));
    EXPECT_EQ(rig.Get("/v1/invoices/" + invoice + "?expand[]=payment_intent").status, 400);
    EXPECT_EQ(rig.Get("/v1/invoices/" + invoice + "?expand[0]=payments.data.payment.payment_intent").status,
              200);
    EXPECT_EQ(rig.Get("/v1/invoices?expand[]=data.customer").status, 200);
}

TEST(ApiTest, Customer_GetsANewDefaultCardAndTellsIt) {
    Rig rig;
    auto made = rig.Prepare(R"(["approve"])");
    rig.Settle();
    rig.received.clear();
    auto attached =
        Parsed(rig.Post("/v1/payment_methods/pm_card_mastercard/attach", "customer=" + made.customer));
    auto id = Rig::Text(attached, "id");
    rig.Post("/v1/customers/" + made.customer, "invoice_settings[default_payment_method]=" + id, "key-1");
    rig.Settle();
    EXPECT_EQ(rig.Received("payment_method.attached").size(), 1u);
    auto told = rig.Received("customer.updated");
    ASSERT_EQ(told.size(), 1u);
    auto event = json::parse(told[0].body);
    EXPECT_EQ(event.at("request").at("idempotency_key"), "key-1");
    EXPECT_EQ(event.at("data").at("previous_attributes").at("invoice_settings").at("default_payment_method"),
              json::value(made.method));
}

TEST(ApiTest, Refund_TellsWhatWasRefunded) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["approve"])"));
    auto payments = Parsed(rig.Get("/v1/invoice_payments?invoice=" + invoice));
    auto intent = std::string(payments.at("data").at(0).at("payment").at("payment_intent").as_string());
    EXPECT_EQ(rig.Post("/v1/refunds", "payment_intent=" + intent).status, 200);
    EXPECT_EQ(ErrorIn(rig.Post("/v1/refunds", "payment_intent=" + intent)).at("code"),
              "charge_already_refunded");
    rig.Settle();
    ASSERT_EQ(rig.Received("charge.refunded").size(), 1u);
}

TEST(ApiTest, HostedPage_PaysAsTheCustomer) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["lost_card"])"));
    http::Call call;
    call.url = "/i/" + rig.account + "/" + invoice;
    EXPECT_NE(rig.Send(call).body.find("<form"), std::string::npos);
    call.method = "POST";
    EXPECT_EQ(rig.Send(call).status, 200);
    EXPECT_EQ(rig.Sim("check").at("recoveredByDriver").at("customer"), 1);
    EXPECT_EQ(rig.Send(call).status, 409);
}

}  // namespace
}  // namespace citadel::stripe_sim
