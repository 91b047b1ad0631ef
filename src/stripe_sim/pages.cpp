#include "stripe_sim/pages.h"

#include <fmt/format.h>

#include "stripe_sim/clock_scope.h"
#include "stripe_sim/html.h"
#include "stripe_sim/intents.h"
#include "stripe_sim/page_actions.h"
#include "stripe_sim/params.h"
#include "stripe_sim/render.h"

namespace citadel::stripe_sim {
namespace {

http::Reply NotFound() { return HtmlPage(404, "Nothing here", "<p>This link leads nowhere.</p>"); }

http::Reply RedirectTo(const std::string& url) {
    http::Reply reply;
    reply.status = 303;
    reply.headers.emplace_back("Location", url);
    return reply;
}

bool HasMinorUnits(std::string_view currency) {
    return currency != "jpy" && currency != "krw" && currency != "vnd";
}

std::string Amount(std::int64_t amount, const std::string& currency) {
    if (!HasMinorUnits(currency)) return fmt::format("{} {}", amount, currency);
    return fmt::format("{}.{:02} {}", amount / 100, amount % 100, currency);
}

constexpr std::string_view kCardField =
    "<label>Card number <input name=\"card\" inputmode=\"numeric\" placeholder=\"4242 4242 4242 4242\">"
    "</label> ";

// The card of a form; a text that is no test card is told to the person.
struct Form {
    explicit Form(const http::Request& request) : fields(http::ParseForm(request.body)) {
        auto text = fields.TextOr("card");
        if (!text.empty()) card = ReadTypedCard(text);
        wrong_card = !text.empty() && !card;
    }
    Params fields;
    std::optional<NewCard> card;
    bool wrong_card = false;
};

http::Reply WrongCard() {
    return HtmlPage(402, "Not accepted", "<p>Your card number is incorrect. Go back and correct it.</p>");
}

http::Reply ShowInvoice(const Account& account, const Invoice& invoice) {
    auto content = fmt::format("<p>{}</p><p>{}: {}</p>", EscapeHtml(account.name), EscapeHtml(invoice.number),
                               Amount(invoice.amount_due, invoice.currency));
    if (invoice.status == "open" || invoice.status == "uncollectible") {
        content += fmt::format("<form method=\"post\">{}<button>Pay</button></form>", kCardField);
    } else {
        content += fmt::format("<p>This invoice is {}.</p>", EscapeHtml(invoice.status));
    }
    return HtmlPage(200, "Invoice", content);
}

http::Reply PayInvoice(World& world, Account& account, Invoice& invoice, const http::Request& request) {
    Form form(request);
    if (form.wrong_card) return WrongCard();
    if (PayOnHostedPage(world, account, invoice, std::move(form.card)))
        return HtmlPage(200, "Paid", "<p>Thank you.</p>");
    if (invoice.status == "open" || invoice.status == "uncollectible")
        return HtmlPage(402, "Not paid", "<p>Your card was declined.</p><p><a href=\"\">Try again</a></p>");
    return HtmlPage(409, "Not paid", fmt::format("<p>This invoice is {}.</p>", EscapeHtml(invoice.status)));
}

http::Reply ServeInvoice(World& world, Account& account, const std::string& id,
                         const http::Request& request) {
    auto* invoice = account.invoices.Find(id);
    if (!invoice || !invoice->finalized_at) return NotFound();
    if (request.method == "POST") return PayInvoice(world, account, *invoice, request);
    return ShowInvoice(account, *invoice);
}

std::string ReturnLink(const std::string& url) {
    if (url.empty()) return {};
    return fmt::format("<p><a href=\"{}\">Return</a></p>", EscapeHtml(url));
}

http::Reply ShowPortal(const World& world, const Account& account, const PortalSession& session,
                       std::string_view notice) {
    auto content = fmt::format("<p>{}</p><ul>", notice);
    for (const auto& invoice : account.invoices.all()) {
        if (invoice.customer != session.customer || invoice.status != "open") continue;
        content += fmt::format("<li><a href=\"{}\">{}: {}</a></li>", world.HostedUrl(account, invoice.id),
                               EscapeHtml(invoice.number), Amount(invoice.amount_due, invoice.currency));
    }
    content += fmt::format("</ul><form method=\"post\">{}<button>Save card</button></form>{}", kCardField,
                           ReturnLink(session.return_url));
    return HtmlPage(200, account.name, content);
}

// A new card is saved, or the one that the bank refuses to have saved is told.
http::Reply ServePortal(World& world, Account& account, const std::string& id, const http::Request& request) {
    auto* session = account.portal_sessions.Find(id);
    auto* customer = session ? account.customers.Find(session->customer) : nullptr;
    if (!customer || customer->deleted) return NotFound();
    if (request.method != "POST") return ShowPortal(world, account, *session, "");
    Form form(request);
    if (!form.card) return WrongCard();
    if (form.card->bank.refuses_new_customers)
        return HtmlPage(402, "Not accepted", "<p>Your card was declined.</p>");
    Cause cause;
    cause.driver = Driver::kCustomer;
    EnterNewCard(world, account, *customer, std::move(*form.card), cause);
    if (!session->after_completion_url.empty()) return RedirectTo(session->after_completion_url);
    return ShowPortal(world, account, *session, "Your card was saved.");
}

// Back to where the client wanted its payer, with what Stripe adds to the address.
http::Reply AfterAuthentication(std::string_view kind, const std::string& intent,
                                const std::string& return_url, bool succeeded) {
    std::string_view outcome = succeeded ? "succeeded" : "failed";
    if (return_url.empty()) return HtmlPage(200, "Authentication", fmt::format("<p>It {}.</p>", outcome));
    return RedirectTo(fmt::format("{}{}{}={}&{}_client_secret={}&redirect_status={}", return_url,
                                  return_url.find('?') == std::string::npos ? '?' : '&', kind, intent, kind,
                                  ClientSecretOf(intent), outcome));
}

template <typename Intent>
http::Reply AnswerAuthentication(World& world, Account& account, Intent& intent, std::string_view kind,
                                 const http::Request& request) {
    if (intent.status != "requires_action")
        return HtmlPage(409, "Authentication", "<p>There is nothing to confirm any more.</p>");
    if (request.method != "POST") {
        return HtmlPage(200, "Authentication",
                        "<p>Your bank asks you to confirm this payment.</p><form method=\"post\">"
                        "<button name=\"outcome\" value=\"complete\">Complete</button> "
                        "<button name=\"outcome\" value=\"fail\">Fail</button></form>");
    }
    bool confirms = Form(request).fields.TextOr("outcome") != "fail";
    auto id = intent.id, return_url = intent.return_url;
    Authenticate(world, account, intent, confirms);
    return AfterAuthentication(kind, id, return_url, intent.status != "requires_payment_method");
}

http::Reply ServeAuthentication(World& world, Account& account, const std::string& id,
                                const http::Request& request) {
    if (auto* payment = account.payment_intents.Find(id))
        return AnswerAuthentication(world, account, *payment, "payment_intent", request);
    if (auto* setup = account.setup_intents.Find(id))
        return AnswerAuthentication(world, account, *setup, "setup_intent", request);
    return NotFound();
}

// "/i/acct_1/in_1" to "acct_1" and "in_1".
std::pair<std::string, std::string> SplitPath(std::string_view path, std::string_view prefix) {
    path.remove_prefix(prefix.size());
    auto slash = path.find('/');
    if (slash == std::string_view::npos) return {std::string(path), ""};
    return {std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

using Page = http::Reply (*)(World&, Account&, const std::string&, const http::Request&);
constexpr std::pair<std::string_view, Page> kPages[] = {
    {"/i/", ServeInvoice}, {"/p/session/", ServePortal}, {"/authenticate/", ServeAuthentication}};

}  // namespace

http::Reply ServePage(World& world, const http::Request& request) {
    for (const auto& [prefix, page] : kPages) {
        if (!request.path.starts_with(prefix)) continue;
        auto [account_id, id] = SplitPath(request.path, prefix);
        auto* account = world.FindAccount(account_id);
        if (!account) break;
        InTimeOf inside(world, *account, ClockOf(*account, id));
        return page(world, *account, id, request);
    }
    return NotFound();
}

}  // namespace citadel::stripe_sim
