#include "postgres/pool.h"

#include "base/error.h"
#include "runtime/wake.h"

namespace citadel::postgres {

namespace asio = boost::asio;

Pool::Pool(asio::io_context& io, ConnectionOptions options, std::size_t connections) {
    for (std::size_t i = 0; i < connections; ++i)
        connections_.push_back(std::make_unique<Connection>(io, options));
}

Connection& Pool::LeastBusy() {
    auto busier = [](const auto& a, const auto& b) { return a->in_flight() < b->in_flight(); };
    return **std::min_element(connections_.begin(), connections_.end(), busier);
}

asio::awaitable<std::vector<Rows>> Pool::Run(std::vector<Query> queries) {
    constexpr int kTries = 5;
    for (int attempt = 1;; ++attempt) {
        try {
            std::vector<Query> copy = queries;
            std::vector<Rows> rows = co_await LeastBusy().Run(std::move(copy));
            co_return rows;
        } catch (const Trouble& trouble) {
            bool collided = std::string_view(trouble.what()).find("postgres 40") != std::string_view::npos;
            if (!collided || attempt == kTries) throw;
        }
        co_await runtime::Sleep(std::chrono::milliseconds(3 * attempt));
    }
}

asio::awaitable<Rows> Pool::Run(const Statement& statement, Params params) {
    std::vector<Query> queries;
    queries.push_back(Query{&statement, std::move(params)});
    std::vector<Rows> rows = co_await Run(std::move(queries));
    Rows first = std::move(rows.front());
    co_return first;
}

void Pool::Close() {
    for (auto& connection : connections_) connection->Close();
}

}  // namespace citadel::postgres
