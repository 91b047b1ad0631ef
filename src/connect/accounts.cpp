#include "connect/accounts.h"

#include "base/log.h"
#include "base/random.h"
#include "connect/seal.h"
#include "crypto/digest.h"
#include "store/oauth_states.h"

namespace citadel::connect {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::minutes kStateLives{10};
constexpr std::size_t kStateBytes = 32;
// Longer than the call to Stripe may take: until then it is in one caller's hands.
constexpr std::chrono::seconds kRevocationLease{60};
constexpr std::chrono::seconds kLongestPause{6 * 3600};

std::optional<Refusal> RefusalOf(store::ConnectVerdict verdict) {
    switch (verdict) {
        case store::ConnectVerdict::kConnected: return std::nullopt;
        case store::ConnectVerdict::kAccountInUse: return Refusal::kAccountInUse;
        case store::ConnectVerdict::kOtherAccount: return Refusal::kOtherAccount;
        case store::ConnectVerdict::kRevocationPending: return Refusal::kDisconnectPending;
    }
    return Refusal::kStripeRefused;
}

Refusal RefusalOf(const stripe::ConnectFailure& failure) {
    if (!failure.refused) return Refusal::kStripeUnavailable;
    if (failure.error == "invalid_grant") return Refusal::kCodeInvalid;
    if (failure.error == "key_invalid") return Refusal::kKeyInvalid;
    if (failure.error == "key_permissions") return Refusal::kKeyPermissions;
    return Refusal::kStripeRefused;
}

void LogRefusal(MerchantKey merchant, const stripe::ConnectFailure& failure) {
    log::Warn("connect_refused",
              {{"merchant", merchant.id}, {"error", failure.error}, {"detail", failure.detail}});
}

}  // namespace

asio::awaitable<std::variant<std::string, Refusal>> Accounts::Begin(MerchantKey merchant, std::string user_id,
                                                                    std::string redirect_uri) {
    if (!stripe_.configured() || vault_.empty()) co_return Refusal::kNotConfigured;
    // What is still owed would end the new connection too.
    bool told = co_await TellStripeOf(merchant);
    if (!told) co_return Refusal::kDisconnectPending;
    auto state = RandomHex(kStateBytes);
    Time now = clock_.Now();
    Time expires_at = now + clock_.Stretch(kStateLives);
    co_await store::AddOAuthState(pool_, merchant, std::move(user_id), crypto::Sha256Hex(state), now,
                                  expires_at);
    co_return stripe_.AuthorizeUrl(state, redirect_uri);
}

asio::awaitable<std::optional<Refusal>> Accounts::Finish(MerchantKey merchant, std::string user_id,
                                                         Return back) {
    store::StateUse use = co_await store::UseOAuthState(pool_, merchant, std::move(user_id),
                                                        crypto::Sha256Hex(back.state), clock_.Now());
    switch (use) {
        case store::StateUse::kUnknown: co_return Refusal::kStateInvalid;
        case store::StateUse::kExpired: co_return Refusal::kStateExpired;
        case store::StateUse::kUsed: co_return Refusal::kStateUsed;
        case store::StateUse::kFirst: break;
    }
    if (back.error == "access_denied") co_return Refusal::kDenied;
    if (!back.error.empty()) co_return Refusal::kStripeRefused;
    if (back.code.empty()) co_return Refusal::kCodeInvalid;
    if (!stripe_.configured() || vault_.empty()) co_return Refusal::kNotConfigured;
    Reached(options_.at_step, "oauth_state_used");
    std::variant<stripe::Grant, stripe::ConnectFailure> redeemed =
        co_await stripe_.RedeemCode(std::move(back.code));
    if (auto failure = std::get_if<stripe::ConnectFailure>(&redeemed)) {
        LogRefusal(merchant, *failure);
        co_return RefusalOf(*failure);
    }
    Reached(options_.at_step, "oauth_code_redeemed");
    std::optional<Refusal> refusal = co_await Store(merchant, std::get<stripe::Grant>(std::move(redeemed)));
    co_return refusal;
}

asio::awaitable<std::optional<Refusal>> Accounts::Store(MerchantKey merchant, stripe::Grant grant) {
    if (grant.livemode && !options_.live_allowed) co_return Refusal::kLiveKeyNotAllowed;
    store::Credential credential;
    credential.account = grant.account;
    credential.kind = "oauth";
    credential.scope = grant.scope;
    credential.livemode = grant.livemode;
    credential.business_name = std::move(grant.name);
    Tokens tokens;
    tokens.access = std::move(grant.access_token);
    tokens.refresh = std::move(grant.refresh_token);
    SealTokens(vault_, merchant, tokens, credential);
    auto account = credential.account;
    store::ConnectVerdict verdict =
        co_await store::ConnectAccount(pool_, merchant, std::move(credential), clock_.Now());
    auto refusal = RefusalOf(verdict);
    log::Info("stripe_connect", {{"merchant", merchant.id},
                                 {"account", account},
                                 {"result", refusal ? CodeOf(*refusal) : std::string_view("connected")}});
    co_return refusal;
}

asio::awaitable<std::variant<std::string, Refusal>> Accounts::ConnectWithKey(MerchantKey merchant,
                                                                             Secret key) {
    if (vault_.empty()) co_return Refusal::kNotConfigured;
    bool live = key.Reveal().starts_with("rk_live_");
    if (!live && !key.Reveal().starts_with("rk_test_")) co_return Refusal::kKeyInvalid;
    if (live && !options_.live_allowed) co_return Refusal::kLiveKeyNotAllowed;
    std::variant<stripe::KeyOwner, stripe::ConnectFailure> inspected = co_await stripe_.InspectKey(key);
    if (auto failure = std::get_if<stripe::ConnectFailure>(&inspected)) {
        LogRefusal(merchant, *failure);
        co_return RefusalOf(*failure);
    }
    store::Credential credential;
    credential.account = std::get<stripe::KeyOwner>(inspected).account;
    credential.business_name = std::get<stripe::KeyOwner>(inspected).name;
    credential.kind = "restricted_key";
    credential.livemode = live;
    Tokens tokens;
    tokens.access = std::move(key);
    SealTokens(vault_, merchant, tokens, credential);
    auto account = credential.account;
    store::ConnectVerdict verdict =
        co_await store::ConnectAccount(pool_, merchant, std::move(credential), clock_.Now());
    if (auto refusal = RefusalOf(verdict)) co_return *refusal;
    log::Info("stripe_connect",
              {{"merchant", merchant.id}, {"account", account}, {"result", "restricted_key"}});
    co_return account;
}

asio::awaitable<Farewell> Accounts::Disconnect(MerchantKey merchant) {
    Farewell farewell;
    std::optional<store::ConnectedAccount> connected = co_await store::FindConnectedAccount(pool_, merchant);
    if (connected) {
        farewell.account = connected->account;
        if (options_.before_leaving) co_await options_.before_leaving(merchant, connected->account);
        co_await store::DisconnectAccount(pool_, *connected, clock_.Now());
        log::Info("stripe_disconnected", {{"merchant", merchant.id}, {"account", connected->account}});
        Reached(options_.at_step, "disconnected");
    }
    farewell.revoked = co_await TellStripeOf(merchant);
    if (!farewell.revoked) {
        farewell.detail =
            stripe_.configured()
                ? "Stripe has not confirmed yet that our access has ended. It is asked again until it "
                  "does; you can also end it in your Stripe dashboard, under Installed apps."
                : "Access cannot be ended at Stripe from here, since STRIPE_CLIENT_ID is not set; end "
                  "it in your Stripe dashboard, under Installed apps.";
    } else if (connected && connected->kind == "restricted_key") {
        farewell.detail = "The restricted key is forgotten here; delete it in your Stripe dashboard as well.";
    }
    co_return farewell;
}

asio::awaitable<bool> Accounts::TellStripeOf(MerchantKey merchant) {
    std::vector<store::OwedRevocation> owed =
        co_await store::TakeOwedRevocations(pool_, merchant, clock_.Now(), clock_.Stretch(kRevocationLease));
    bool all = true;
    for (auto& one : owed) {
        bool told = co_await TellStripe(std::move(one));
        all = all && told;
    }
    co_return all;
}

asio::awaitable<bool> Accounts::TellStripe(store::OwedRevocation owed) {
    std::string error = "STRIPE_CLIENT_ID or STRIPE_SECRET_KEY is not set";
    if (stripe_.configured()) {
        std::optional<stripe::ConnectFailure> failure = co_await stripe_.Deauthorize(owed.account);
        if (!failure) {
            Reached(options_.at_step, "stripe_revoked");
            co_await store::SettleRevocation(pool_, std::move(owed));
            co_return true;
        }
        error = failure->detail;
    }
    log::Warn(
        "revocation_owed",
        {{"merchant", owed.merchant.id}, {"account", owed.account}, {"tries", owed.tries}, {"error", error}});
    auto pause = std::min<std::chrono::seconds>(std::chrono::seconds(60) * (1 << std::min(owed.tries, 10)),
                                                kLongestPause);
    Time next_try_at = clock_.Now() + clock_.Stretch(pause);
    co_await store::PostponeRevocation(pool_, std::move(owed), next_try_at, std::move(error));
    co_return false;
}

asio::awaitable<int> Accounts::FinishRevocations(int limit) {
    int confirmed = 0;
    if (!stripe_.configured()) co_return confirmed;
    std::vector<store::OwedRevocation> owed = co_await store::TakeOwedRevocationsAcrossMerchants(
        pool_, clock_.Now(), clock_.Stretch(kRevocationLease), limit);
    for (auto& one : owed) {
        bool told = co_await TellStripe(std::move(one));
        if (told) ++confirmed;
    }
    co_return confirmed;
}

std::string_view CodeOf(Refusal refusal) {
    switch (refusal) {
        case Refusal::kNotConfigured: return "connect_not_configured";
        case Refusal::kStateInvalid: return "state_invalid";
        case Refusal::kStateExpired: return "state_expired";
        case Refusal::kStateUsed: return "state_used";
        case Refusal::kDenied: return "access_denied";
        case Refusal::kCodeInvalid: return "code_invalid";
        case Refusal::kStripeRefused: return "stripe_refused";
        case Refusal::kStripeUnavailable: return "stripe_unavailable";
        case Refusal::kAccountInUse: return "account_in_use";
        case Refusal::kOtherAccount: return "other_account_connected";
        case Refusal::kDisconnectPending: return "disconnect_pending";
        case Refusal::kKeyInvalid: return "key_invalid";
        case Refusal::kKeyPermissions: return "key_permissions";
        case Refusal::kLiveKeyNotAllowed: return "live_key_not_allowed";
    }
    return "stripe_refused";
}

std::string_view Explain(Refusal refusal) {
    switch (refusal) {
        case Refusal::kNotConfigured:
            return "This engine cannot connect accounts: set STRIPE_CLIENT_ID, STRIPE_SECRET_KEY and "
                   "ENCRYPTION_KEY.";
        case Refusal::kStateInvalid: return "This is not an answer to a connection that you began.";
        case Refusal::kStateExpired: return "That took longer than ten minutes; begin again.";
        case Refusal::kStateUsed: return "This answer was used before; begin again.";
        case Refusal::kDenied: return "Access was denied on Stripe's page.";
        case Refusal::kCodeInvalid: return "Stripe does not take the code; begin again.";
        case Refusal::kStripeRefused: return "Stripe refused.";
        case Refusal::kStripeUnavailable: return "Stripe could not be asked; try again.";
        case Refusal::kAccountInUse: return "This Stripe account is connected to another merchant.";
        case Refusal::kOtherAccount: return "Another Stripe account is connected; disconnect it first.";
        case Refusal::kDisconnectPending:
            return "Stripe has not confirmed yet that the earlier access has ended; try again later.";
        case Refusal::kKeyInvalid:
            return "The key must be a restricted key that Stripe knows: rk_live_… or rk_test_….";
        case Refusal::kKeyPermissions:
            return "The key needs write access to Invoices and read access to the account, Customers, "
                   "Subscriptions, "
                   "Charges and PaymentIntents.";
        case Refusal::kLiveKeyNotAllowed:
            return "With CITADEL_CLOCK other than real no live account is connected.";
    }
    return "";
}

}  // namespace citadel::connect
