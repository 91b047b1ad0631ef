#include "email/tracking_link.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace citadel::email {
namespace {

const Secret kSecret("a secret of sixteen bytes or more");

LetterRef Ref() { return {{BucketOf(77), 77}, 12, MailKind::kFinalNotice, 4}; }

std::string TokenOf(const std::string& url) { return url.substr(url.rfind('/') + 1); }

TEST(TrackingLinks, LeadBackToTheirLetter) {
    TrackingLinks links("https://citadel.example", {kSecret});
    auto click = links.ClickUrl(Ref()), open = links.OpenUrl(Ref());
    EXPECT_TRUE(click.starts_with("https://citadel.example/api/track/click/"));
    EXPECT_TRUE(open.starts_with("https://citadel.example/api/track/open/"));
    EXPECT_EQ(links.ReadClick(TokenOf(click)), Ref());
    EXPECT_EQ(links.ReadOpen(TokenOf(open)), Ref());
    EXPECT_EQ(links.ClickUrl(Ref()), click) << "the same letter, rendered again, has the same link";
}

TEST(TrackingLinks, ServeTheirOwnPurposeOnly) {
    TrackingLinks links("https://citadel.example", {kSecret});
    EXPECT_EQ(links.ReadOpen(TokenOf(links.ClickUrl(Ref()))), std::nullopt);
    EXPECT_EQ(links.ReadClick(TokenOf(links.OpenUrl(Ref()))), std::nullopt);
}

TEST(TrackingLinks, AnyChangedBitIsAForgery) {
    TrackingLinks links("https://citadel.example", {kSecret});
    auto token = TokenOf(links.ClickUrl(Ref()));
    for (std::size_t i = 0; i < token.size(); ++i) {
        auto changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(links.ReadClick(changed), std::nullopt) << i;
    }
    for (auto bad : {"", "x", "../../etc", "https://evil.example"})
        EXPECT_EQ(links.ReadClick(bad), std::nullopt);
    EXPECT_EQ(links.ReadClick(token + "A"), std::nullopt);
    EXPECT_EQ(links.ReadClick(token.substr(1)), std::nullopt);
    EXPECT_EQ(links.ReadClick(std::string(1 << 20, 'A')), std::nullopt);
}

TEST(TrackingLinks, AnOlderSecretIsStillReadAndAForeignOneNever) {
    TrackingLinks older("https://citadel.example", {kSecret});
    auto token = TokenOf(older.ClickUrl(Ref()));
    TrackingLinks newer("https://citadel.example", {Secret("the newer secret of the engine"), kSecret});
    EXPECT_EQ(newer.ReadClick(token), Ref());
    EXPECT_NE(TokenOf(newer.ClickUrl(Ref())), token);
    TrackingLinks foreign("https://citadel.example", {Secret("somebody else's secret")});
    EXPECT_EQ(foreign.ReadClick(token), std::nullopt);
    EXPECT_EQ(TrackingLinks().ReadClick(token), std::nullopt);
    EXPECT_FALSE(TrackingLinks("", {kSecret}).on());
    EXPECT_FALSE(TrackingLinks("https://citadel.example", {}).on());
}

RC_GTEST_PROP(TrackingLinksProperty, EveryLetterComesBackAsItWas, ()) {
    LetterRef ref;
    ref.merchant.id = *rc::gen::inRange<std::int64_t>(0, std::numeric_limits<std::int64_t>::max());
    ref.merchant.bucket = BucketOf(ref.merchant.id);
    ref.recovery_id = *rc::gen::inRange<std::int64_t>(0, std::numeric_limits<std::int64_t>::max());
    ref.kind = *rc::gen::element(MailKind::kPaymentFailed, MailKind::kActionRequired, MailKind::kFinalNotice,
                                 MailKind::kPaid, MailKind::kCardExpiring);
    ref.attempt = *rc::gen::inRange(0, 65536);
    TrackingLinks links("https://citadel.example", {kSecret});
    RC_ASSERT(links.ReadClick(TokenOf(links.ClickUrl(ref))) == ref);
}

}  // namespace
}  // namespace citadel::email
