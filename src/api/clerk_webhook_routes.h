// POST /api/webhooks/clerk: keeps a merchant's address and its user's end in step with Clerk. Signed by Svix;
// each delivery counts once. user.deleted disconnects the merchant; its books stay until an administrator
// erases them.
#pragma once
#include <vector>

#include "base/secret.h"
#include "connect/accounts.h"
#include "http/message.h"
#include "postgres/pool.h"

namespace citadel::api {

class ClerkWebhook {
  public:
    ClerkWebhook(postgres::Pool& pool, const Clock& clock, connect::Accounts& accounts,
                 std::vector<Secret> secrets)
        : pool_(pool), clock_(clock), accounts_(accounts), secrets_(std::move(secrets)) {}

    boost::asio::awaitable<http::Reply> Receive(http::Request request);

  private:
    struct UserEvent {
        std::string svix_id;
        std::string type;
        std::string user_id;
        std::string email;
        std::int64_t updated_ms = 0;
    };
    static std::variant<UserEvent, std::string> Read(const std::string& body);  // or what is wrong with it
    boost::asio::awaitable<bool> Update(UserEvent event);
    boost::asio::awaitable<bool> Delete(UserEvent event);

    postgres::Pool& pool_;
    const Clock& clock_;
    connect::Accounts& accounts_;
    std::vector<Secret> secrets_;
};

}  // namespace citadel::api
