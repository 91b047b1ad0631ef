#include "recovery/compose.h"

#include <fmt/format.h>

#include "email/values.h"

namespace citadel::recovery {

store::MailIntent Compose(const Addressing& addressing, const store::Letterhead& head,
                          email::MailContext context) {
    context.merchant_name = head.from_name.empty() ? head.name : head.from_name;
    context.brand_color = head.brand_color;
    context.logo_url = head.logo_url;
    context.support_email = head.support_email;
    if (!head.own_body.empty()) context.own = email::OwnText{head.own_subject, head.own_body};
    if (addressing.links.on()) {
        email::LetterRef ref{addressing.merchant, addressing.recovery_id, context.kind, context.attempt};
        context.update_url = addressing.links.ClickUrl(ref);
        context.open_url = addressing.links.OpenUrl(ref);
    }
    email::Mail mail = email::Render(context);
    store::MailIntent intent;
    intent.kind = std::string(email::NameOf(context.kind));
    intent.attempt = context.attempt;
    intent.entity_ref_id = fmt::format("cit-{}-{}-{}-{}", addressing.merchant.id, addressing.recovery_id,
                                       intent.kind, context.attempt);
    intent.to = addressing.to;
    intent.from = fmt::format("{} <{}>", email::DisplayName(context.merchant_name), addressing.email_from);
    intent.reply_to = head.reply_to.empty() ? head.support_email : head.reply_to;
    intent.subject = std::move(mail.subject);
    intent.html = std::move(mail.html);
    intent.text = std::move(mail.text);
    intent.locale = context.locale;
    intent.links_to_us = addressing.links.on();
    return intent;
}

}  // namespace citadel::recovery
