// A merchant's letters: the built-in text or its own, how it would look, and a test of it to its own address.
#pragma once
#include <string>

#include "api/access.h"
#include "base/clock.h"
#include "email/sender.h"
#include "postgres/pool.h"

namespace citadel::api {

class TemplateRoutes {
  public:
    // `email_from` is the bare address that letters come from. `sender` outlives this.
    TemplateRoutes(postgres::Pool& pool, const Clock& clock, email::Sender& sender, std::string email_from)
        : pool_(pool), clock_(clock), sender_(sender), email_from_(std::move(email_from)) {}

    // All of /api/email-templates/{kind}/{attempt}; a letter that there is not answers 404.
    boost::asio::awaitable<http::Reply> Read(Caller caller, http::Request request);     // GET
    boost::asio::awaitable<http::Reply> Write(Caller caller, http::Request request);    // PUT
    boost::asio::awaitable<http::Reply> Reset(Caller caller, http::Request request);    // DELETE
    boost::asio::awaitable<http::Reply> Preview(Caller caller, http::Request request);  // POST …/preview
    boost::asio::awaitable<http::Reply> Test(Caller caller, http::Request request);     // POST …/test

  private:
    postgres::Pool& pool_;
    const Clock& clock_;
    email::Sender& sender_;
    std::string email_from_;
};

}  // namespace citadel::api
