#include "email/sender.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace citadel::email {
namespace {

TEST(ConsoleSender, KeepsTheMailHereAndLogsNoBody) {
    Envelope envelope;
    envelope.to = "payer@example.com";
    envelope.entity_ref_id = "mail-7";
    envelope.mail.subject = "Your payment";
    envelope.mail.html = "<p>the letter</p>";
    envelope.mail.text = "the letter";
    ConsoleSender sender;
    boost::asio::io_context io;
    testing::internal::CaptureStderr();
    auto sending = boost::asio::co_spawn(io, sender.Send(std::move(envelope)), boost::asio::use_future);
    io.run();
    auto sent = sending.get();
    auto log = testing::internal::GetCapturedStderr();
    EXPECT_EQ(sent.result, Sent::Result::kSent);
    EXPECT_EQ(sent.provider_id, "console-mail-7");
    EXPECT_NE(log.find("payer@example.com"), std::string::npos);
    EXPECT_NE(log.find("Your payment"), std::string::npos);
    EXPECT_EQ(log.find("the letter"), std::string::npos);
}

}  // namespace
}  // namespace citadel::email
