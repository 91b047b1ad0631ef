#include "http/router.h"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace citadel::http {
namespace {

namespace asio = boost::asio;

// Answers with its name and what the placeholders matched.
asio::awaitable<Reply> Name(std::string name, Request request) {
    for (const auto& capture : request.captures) name += " " + capture;
    Reply reply;
    reply.body = name;
    co_return reply;
}

Handler Named(std::string name) {
    return [name](Request request) { return Name(name, std::move(request)); };
}

asio::awaitable<void> Keep(const Router& router, Request request, Reply& reply) {
    reply = co_await router.Route(std::move(request));
}

class RouterTest : public testing::Test {
  protected:
    RouterTest() {
        router.Add("GET", "/api/tasks", Named("list"));
        router.Add("POST", "/api/tasks", Named("create"));
        router.Add("DELETE", "/api/tasks/completed", Named("clear"));
        router.Add("GET", "/api/tasks/{id}", Named("one"));
        router.Add("DELETE", "/api/tasks/{id}", Named("delete"));
        router.Add("PUT", "/api/email-templates/{kind}/{attempt}", Named("template"));
        router.Add("GET", "/", Named("root"));
    }
    Reply Route(const std::string& method, const std::string& path) {
        Request request;
        request.method = method;
        request.path = path;
        asio::io_context io;
        Reply reply;
        asio::co_spawn(io, Keep(router, std::move(request), reply), [](std::exception_ptr failure) {
            if (failure) std::rethrow_exception(failure);
        });
        io.run();
        return reply;
    }
    Router router;
};

TEST_F(RouterTest, MethodAndPathFindTheirHandler) {
    EXPECT_EQ(Route("GET", "/api/tasks").body, "list");
    EXPECT_EQ(Route("POST", "/api/tasks").body, "create");
    EXPECT_EQ(Route("GET", "/").body, "root");
}

TEST_F(RouterTest, APlaceholderMatchesOneSegmentThatIsNotEmpty) {
    EXPECT_EQ(Route("GET", "/api/tasks/42").body, "one 42");
    EXPECT_EQ(Route("PUT", "/api/email-templates/payment_failed/2").body, "template payment_failed 2");
    EXPECT_EQ(Route("GET", "/api/tasks/").status, 404);
    EXPECT_EQ(Route("GET", "/api/tasks/42/more").status, 404);
}

TEST_F(RouterTest, TheFirstRouteThatMatchesCounts) {
    EXPECT_EQ(Route("DELETE", "/api/tasks/completed").body, "clear");
    EXPECT_EQ(Route("DELETE", "/api/tasks/7").body, "delete 7");
}

TEST_F(RouterTest, AnUnknownPathIsAProblem) {
    auto reply = Route("GET", "/nothing");
    EXPECT_EQ(reply.status, 404);
    EXPECT_NE(reply.body.find("\"code\":\"not_found\""), std::string::npos);
    EXPECT_EQ(Route("GET", "/api").status, 404);
    EXPECT_EQ(Route("GET", "").status, 404);
    EXPECT_EQ(Route("GET", "*").status, 404);
}

TEST_F(RouterTest, AnotherMethodIsToldWhatTheAddressTakes) {
    auto reply = Route("PATCH", "/api/tasks");
    EXPECT_EQ(reply.status, 405);
    EXPECT_EQ(FindHeader(reply.headers, "Allow"), "GET, POST");
    EXPECT_EQ(FindHeader(Route("POST", "/api/tasks/9").headers, "Allow"), "GET, DELETE");
}

TEST_F(RouterTest, HeadGoesWhereGetGoes) {
    EXPECT_EQ(Route("HEAD", "/api/tasks").status, 200);
    EXPECT_EQ(Route("HEAD", "/api/email-templates/a/1").status, 405);
}

}  // namespace
}  // namespace citadel::http
