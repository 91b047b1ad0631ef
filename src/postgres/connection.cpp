#include "postgres/connection.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>

#include <deque>
#include <unordered_set>

#include "base/error.h"
#include "base/log.h"
#include "runtime/nursery.h"
#include "runtime/wake.h"

namespace citadel::postgres {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;
using Clock = std::chrono::steady_clock;

namespace {

// What one Run() waits for: `commands` answers, then the sync that ends the transaction.
struct Segment {
    explicit Segment(asio::io_context& io) : done(io.get_executor()), sent_at(Clock::now()) {}
    std::vector<const Statement*>
        prepares;  // sent in front of the queries, with how to plan them and as whom
    std::size_t answered = 0;
    std::vector<Rows> rows;
    std::exception_ptr failure;
    bool finished = false;
    runtime::Wake done;
    Clock::time_point sent_at;
};

// A plan made while the tables were small reads them whole for ever after, until the next analyze.
const Statement kForgetPlans{"forget_plans", "discard plans"};
// No statement of ours gains from knowing its values, and planning the large ones costs more than running
// them.
const Statement kPlanOnce{"plan_once", "set plan_cache_mode = force_generic_plan"};

const Statement kActAs{"act_as", "select set_config('role', $1, true)"};

std::exception_ptr MakeTrouble(TroubleKind kind, const std::string& text) {
    return std::make_exception_ptr(Trouble(kind, text));
}

std::exception_ptr ReadFailure(const PGresult* result) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    std::string sqlstate = state ? state : "";
    auto kind = sqlstate.empty()        ? TroubleKind::kUnknown
                : IsTransient(sqlstate) ? TroubleKind::kUnavailable
                                        : TroubleKind::kRejected;
    return MakeTrouble(kind,
                       fmt::format("postgres {}: {}", sqlstate, text ? text : PQresultErrorMessage(result)));
}

}  // namespace

struct Connection::State : std::enable_shared_from_this<Connection::State> {
    State(asio::io_context& context, ConnectionOptions given)
        : io(context), options(std::move(given)), nursery(context), opened(context.get_executor()) {}
    ~State() { Drop(); }

    asio::awaitable<void> Open();
    asio::awaitable<void> Dial();
    asio::awaitable<void> Read();
    asio::awaitable<void> Flush();
    asio::awaitable<void> Watch(std::uint64_t generation);
    void Send(const std::shared_ptr<Segment>& segment, const std::vector<Query>& queries);
    void ForgetPlansNowAndThen(Segment& segment);
    void ActAsRole(Segment& segment);
    void SendOne(const Query& query);
    void TakeAnswers();
    void TakeResult(Segment& segment, PGresult* result);
    void Fail(const std::string& why);
    void Drop();

    asio::io_context& io;
    ConnectionOptions options;
    runtime::Nursery nursery;
    PGconn* pg = nullptr;
    std::unique_ptr<Descriptor> socket;  // a duplicate: libpq closes its own
    bool connected = false;
    bool opening = false;
    bool flushing = false;
    std::uint64_t generation = 0;  // counts connections, so that old coroutines notice a new one
    runtime::Wake opened;
    std::deque<std::shared_ptr<Segment>> segments;
    std::unordered_set<std::string> prepared;
    std::uint64_t runs = 0;  // of this connection
    std::uint64_t forget_plans_at = 0;
};

Connection::Connection(asio::io_context& io, ConnectionOptions options)
    : state_(std::make_shared<State>(io, std::move(options))) {}

Connection::~Connection() { Close(); }

std::size_t Connection::in_flight() const { return state_->segments.size(); }

void Connection::Close() { state_->Fail("the connection was closed"); }

asio::awaitable<std::vector<Rows>> Connection::Run(std::vector<Query> queries) {
    auto state = state_;
    while (!state->connected) {
        if (state->opening) co_await state->opened.Wait();
        else co_await state->Open();
        if (!state->connected && !state->opening) {
            throw Trouble(TroubleKind::kUnavailable, "no connection to the database");
        }
    }
    auto segment = std::make_shared<Segment>(state->io);
    state->Send(segment, queries);
    while (!segment->finished) co_await segment->done.Wait();
    if (segment->failure) std::rethrow_exception(segment->failure);
    std::vector<Rows> rows = std::move(segment->rows);
    co_return rows;
}

asio::awaitable<void> Connection::State::Open() {
    opening = true;
    std::exception_ptr failure;
    try {
        co_await Dial();
    } catch (...) {
        failure = std::current_exception();
        Drop();
    }
    opening = false;
    opened.NotifyAll();
    if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> Connection::State::Dial() {
    auto self = shared_from_this();
    pg = PQconnectStart(options.url.c_str());
    if (!pg) throw Trouble(TroubleKind::kUnavailable, "libpq could not begin a connection");
    auto deadline = Clock::now() + std::chrono::seconds(10);
    auto poll = PQconnectPoll(pg);
    while (poll != PGRES_POLLING_OK) {
        if (poll == PGRES_POLLING_FAILED || Clock::now() > deadline) {
            throw Trouble(TroubleKind::kUnavailable,
                          fmt::format("cannot connect to the database: {}", PQerrorMessage(pg)));
        }
        Descriptor waiting(io, dup(PQsocket(pg)));  // libpq changes its socket between hosts
        auto direction = poll == PGRES_POLLING_READING ? Descriptor::wait_read : Descriptor::wait_write;
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await waiting.async_wait(direction, token);
        poll = PQconnectPoll(pg);
    }
    PQsetnonblocking(pg, 1);
    PQsetNoticeProcessor(
        pg, [](void*, const char* text) { log::Debug("postgres_notice", {{"text", text}}); }, nullptr);
    CITADEL_CHECK(PQenterPipelineMode(pg) == 1, "a fresh connection enters pipeline mode");
    socket = std::make_unique<Descriptor>(io, dup(PQsocket(pg)));
    prepared.clear();
    runs = 0;
    forget_plans_at = 1;
    connected = true;
    ++generation;
    nursery.Spawn("postgres_read", Read());
    nursery.Spawn("postgres_watch", Watch(generation));
}

void Connection::State::Send(const std::shared_ptr<Segment>& segment, const std::vector<Query>& queries) {
    segments.push_back(segment);
    ForgetPlansNowAndThen(*segment);
    // All preparations go first: if a query fails, none of them is skipped by the abort.
    for (const auto& query : queries) {
        const auto& statement = *query.statement;
        if (!options.prepare || !prepared.insert(statement.name).second) continue;
        segment->prepares.push_back(&statement);
        PQsendPrepare(pg, statement.name.c_str(), statement.sql.c_str(), 0, nullptr);
    }
    ActAsRole(*segment);
    for (const auto& query : queries) SendOne(query);
    PQpipelineSync(pg);
    if (!flushing) {
        flushing = true;
        nursery.Spawn("postgres_flush", Flush());
    }
}

// First of all, and each time the number of runs has doubled, so that a plan is never much older than half
// of the rows; from some minutes on autovacuum's analyze sees to it.
void Connection::State::ForgetPlansNowAndThen(Segment& segment) {
    if (!options.prepare || ++runs < forget_plans_at) return;
    forget_plans_at = std::max<std::uint64_t>(16, 2 * runs);
    for (const auto* statement : {&kPlanOnce, &kForgetPlans}) {
        segment.prepares.push_back(statement);
        PQsendQueryParams(pg, statement->sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0);
    }
}

void Connection::State::ActAsRole(Segment& segment) {
    if (options.role.empty()) return;
    const char* role = options.role.c_str();
    segment.prepares.push_back(&kActAs);
    PQsendQueryParams(pg, kActAs.sql.c_str(), 1, nullptr, &role, nullptr, nullptr, 0);
}

void Connection::State::SendOne(const Query& query) {
    std::vector<const char*> values;
    for (const auto& param : query.params.values()) values.push_back(param ? param->c_str() : nullptr);
    auto count = static_cast<int>(values.size());
    const auto& statement = *query.statement;
    if (options.prepare)
        PQsendQueryPrepared(pg, statement.name.c_str(), count, values.data(), nullptr, nullptr, 0);
    else PQsendQueryParams(pg, statement.sql.c_str(), count, nullptr, values.data(), nullptr, nullptr, 0);
}

asio::awaitable<void> Connection::State::Flush() {
    auto self = shared_from_this();
    auto mine = generation;
    while (connected && mine == generation) {
        int left = PQflush(pg);
        if (left == 0) break;
        if (left < 0) {
            Fail(PQerrorMessage(pg));
            break;
        }
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await socket->async_wait(Descriptor::wait_write, token);
        if (error) break;
    }
    flushing = false;
}

asio::awaitable<void> Connection::State::Read() {
    auto self = shared_from_this();
    auto mine = generation;
    while (connected && mine == generation) {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await socket->async_wait(Descriptor::wait_read, token);
        if (error || !connected || mine != generation) co_return;
        if (!PQconsumeInput(pg)) {
            Fail(PQerrorMessage(pg));
            co_return;
        }
        TakeAnswers();
        while (connected && mine == generation) {
            PGnotify* notice = PQnotifies(pg);
            if (!notice) break;
            PQfreemem(notice);
            if (options.on_notify) options.on_notify();
        }
    }
}

void Connection::State::TakeAnswers() {
    while (connected && !segments.empty() && !PQisBusy(pg)) {
        PGresult* result = PQgetResult(pg);
        if (!result) continue;  // the end of one command; the next one follows
        auto segment = segments.front();
        if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            segments.pop_front();
            segment->finished = true;
            segment->done.NotifyAll();
        } else {
            TakeResult(*segment, result);
        }
    }
}

void Connection::State::TakeResult(Segment& segment, PGresult* result) {
    std::shared_ptr<void> owned(result, [](void* raw) { PQclear(static_cast<PGresult*>(raw)); });
    bool is_prepare = segment.answered < segment.prepares.size();
    const Statement* preparing = is_prepare ? segment.prepares[segment.answered] : nullptr;
    ++segment.answered;
    switch (PQresultStatus(result)) {
        case PGRES_TUPLES_OK:
        case PGRES_COMMAND_OK:
            if (!is_prepare) segment.rows.emplace_back(std::move(owned));
            return;
        case PGRES_PIPELINE_ABORTED:
            if (preparing) prepared.erase(preparing->name);
            return;
        default:
            if (preparing) prepared.erase(preparing->name);
            if (!segment.failure) segment.failure = ReadFailure(result);
    }
}

// A connection that gives no answer is given up, so that a database that hangs is noticed.
asio::awaitable<void> Connection::State::Watch(std::uint64_t mine) {
    auto weak = weak_from_this();
    while (true) {
        co_await runtime::Sleep(std::chrono::milliseconds(250));
        auto self = weak.lock();
        if (!self || !connected || mine != generation) co_return;
        if (segments.empty()) continue;
        auto& oldest = *segments.front();
        if (Clock::now() - oldest.sent_at > options.answer_deadline)
            Fail("the database did not answer in time");
    }
}

void Connection::State::Fail(const std::string& why) {
    if (!connected && segments.empty()) return;
    if (!segments.empty()) log::Warn("database_connection_lost", {{"error", why}});
    auto broken = std::move(segments);
    segments.clear();
    Drop();
    for (const auto& segment : broken) {
        segment->failure = MakeTrouble(TroubleKind::kUnknown, "the database connection broke: " + why);
        segment->finished = true;
        segment->done.NotifyAll();
    }
}

void Connection::State::Drop() {
    connected = false;
    flushing = false;
    socket.reset();
    if (pg) PQfinish(pg);
    pg = nullptr;
}

}  // namespace citadel::postgres
