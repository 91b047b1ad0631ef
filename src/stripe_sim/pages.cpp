#include "stripe_sim/pages.h"

#include <fmt/format.h>

#include "stripe_sim/html.h"
#include "stripe_sim/payers.h"

namespace citadel::stripe_sim {
namespace {

http::Reply NotFound() { return HtmlPage(404, "Nothing here", "<p>This link leads nowhere.</p>"); }

bool HasMinorUnits(std::string_view currency) {
    return currency != "jpy" && currency != "krw" && currency != "vnd";
}

std::string Amount(const Invoice& invoice) {
    const auto& currency = invoice.currency;
    if (!HasMinorUnits(currency)) return fmt::format("{} {}", invoice.total, currency);
    return fmt::format("{}.{:02} {}", invoice.total / 100, invoice.total % 100, currency);
}

http::Reply ShowInvoice(const Account& account, const Invoice& invoice) {
    auto content = fmt::format("<p>{}</p><p>{}: {}</p>", EscapeHtml(account.name), EscapeHtml(invoice.number),
                               Amount(invoice));
    if (invoice.status == "open" || invoice.status == "uncollectible") {
        content += "<form method=\"post\"><button>Pay with a new card</button></form>";
    } else {
        content += fmt::format("<p>This invoice is {}.</p>", EscapeHtml(invoice.status));
    }
    return HtmlPage(200, "Invoice", content);
}

http::Reply ServeInvoice(World& world, Account& account, Invoice& invoice, bool pay) {
    if (!pay) return ShowInvoice(account, invoice);
    if (PayOnHostedPage(world, account, invoice)) return HtmlPage(200, "Paid", "<p>Thank you.</p>");
    return HtmlPage(409, "Not paid", fmt::format("<p>This invoice is {}.</p>", EscapeHtml(invoice.status)));
}

http::Reply ShowPortal(const World& world, const Account& account, const PortalSession& session) {
    std::string content = "<ul>";
    for (const auto& invoice : account.invoices.all()) {
        if (invoice.customer != session.customer || invoice.status != "open") continue;
        content += fmt::format("<li><a href=\"{}\">{}: {}</a></li>", world.HostedUrl(account, invoice.id),
                               EscapeHtml(invoice.number), Amount(invoice));
    }
    return HtmlPage(200, account.name, content + "</ul>");
}

// "/i/acct_1/in_1" to "acct_1" and "in_1".
std::pair<std::string, std::string> SplitPath(std::string_view path, std::string_view prefix) {
    path.remove_prefix(prefix.size());
    auto slash = path.find('/');
    if (slash == std::string_view::npos) return {std::string(path), ""};
    return {std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

}  // namespace

http::Reply ServePage(World& world, const http::Request& request) {
    bool portal = request.path.starts_with("/p/session/");
    if (!portal && !request.path.starts_with("/i/")) return NotFound();
    auto [account_id, id] = SplitPath(request.path, portal ? "/p/session/" : "/i/");
    auto* account = world.FindAccount(account_id);
    if (!account) return NotFound();
    if (portal) {
        auto* session = account->portal_sessions.Find(id);
        return session ? ShowPortal(world, *account, *session) : NotFound();
    }
    auto* invoice = account->invoices.Find(id);
    if (!invoice || !invoice->finalized_at) return NotFound();
    return ServeInvoice(world, *account, *invoice, request.method == "POST");
}

}  // namespace citadel::stripe_sim
