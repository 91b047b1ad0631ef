-- A recovery is the story of one failed invoice: opened by its failure, driven by tasks, closed once.
create table citadel.recoveries (
    bucket                 smallint not null,
    merchant_id            bigint not null,
    recovery_id            bigint generated always as identity,
    invoice_id             text not null,
    customer_id            text not null default '',
    subscription_id        text not null default '',
    payment_intent_id      text,          -- learned when the invoice is read
    status                 text not null check (status in ('open', 'recovered', 'stopped', 'exhausted')),
    reason                 text,          -- why it was closed: paid, voided, subscription_deleted, …
    cause                  text,          -- who brought it back: retry, stripe_retry, customer_after_mail, customer
    currency               text not null,
    amount_due             bigint not null,              -- minor units, as all amounts
    amount_recovered       bigint not null default 0,
    amount_reversed        bigint not null default 0,    -- refunded or disputed later
    policy                 text not null,                -- the version it began with and keeps
    needs_customer         boolean not null default false, -- the bank wants the payer: never charge blindly
    slots_used             integer not null default 0,   -- our own charge attempts
    mails_sent             integer not null default 0,
    stripe_attempts        bigint not null default 0,    -- Stripe's automatic attempts
    stripe_next_attempt_at timestamptz,
    stripe_attempted_at    timestamptz,                  -- the newest one that we know of
    decline_code           text not null default '',     -- of the newest attempt known
    advice_code            text not null default '',
    network_decline_code   text not null default '',
    network_advice_code    text not null default '',
    customer_email         text not null default '',
    customer_name          text not null default '',
    invoice_number         text not null default '',
    hosted_invoice_url     text not null default '',
    first_failed_at        timestamptz not null,
    last_attempt_at        timestamptz,
    method_changed_at      timestamptz,                  -- a new or refreshed card came in
    next_action_at         timestamptz,
    opened_at              timestamptz not null,
    closed_at              timestamptz,
    primary key (bucket, merchant_id, recovery_id),
    unique (bucket, merchant_id, invoice_id),
    check ((status = 'open') = (closed_at is null)),
    check (amount_reversed >= 0 and amount_recovered >= 0)
);
-- Stop signals by subscription or customer, new cards: all name the customer.
create index recoveries_open_by_customer on citadel.recoveries (bucket, merchant_id, customer_id)
    where status = 'open';
-- Refunds and disputes name the payment.
create index recoveries_by_payment on citadel.recoveries (bucket, merchant_id, payment_intent_id)
    where payment_intent_id is not null;

-- One row a charge slot: written before Stripe is called, settled after. outcome is null while nobody
-- knows; there is at most one such slot a recovery.
create table citadel.payment_attempts (
    bucket               smallint not null,
    merchant_id          bigint not null,
    recovery_id          bigint not null,
    slot                 integer not null,
    idempotency_key      text not null,
    payment_method       text not null default '',  -- as asked for: the same key needs the same request
    driver               text not null default 'citadel' check (driver in ('citadel', 'stripe', 'customer')),
    task_id              bigint,
    amount               bigint not null,
    currency             text not null,
    outcome              text check (outcome in ('succeeded', 'declined', 'action_required', 'not_charged')),
    decline_code         text not null default '',
    advice_code          text not null default '',
    network_decline_code text not null default '',
    network_advice_code  text not null default '',
    detail               text not null default '',
    intended_at          timestamptz not null,
    settled_at           timestamptz,
    primary key (bucket, merchant_id, recovery_id, slot),
    check ((outcome is null) = (settled_at is null))
);
create unique index payment_attempts_one_unsettled on citadel.payment_attempts (bucket, merchant_id, recovery_id)
    where outcome is null;

-- What was decided, why, and what comes next.
create table citadel.recovery_decisions (
    bucket      smallint not null,
    merchant_id bigint not null,
    recovery_id bigint not null,
    decision_id bigint generated always as identity,
    decided_at  timestamptz not null,
    action      text not null,           -- charge, write, wait, stop
    rule        text not null,           -- the rule's stable name
    reason      text not null,           -- in words, with its inputs
    next_at     timestamptz,
    policy      text not null,
    primary key (bucket, merchant_id, recovery_id, decision_id)
);

create table citadel.emails (
    bucket          smallint not null,
    merchant_id     bigint not null,
    email_id        bigint generated always as identity,
    recovery_id     bigint not null,
    kind            text not null,
    attempt         integer not null,
    entity_ref_id   text not null,
    to_address      text not null,
    from_address    text not null,
    reply_to        text not null default '',
    subject         text not null,
    html            text not null,
    text            text not null,
    status          text not null default 'intended' check (status in ('intended', 'sent', 'refused')),
    provider_id     text,
    error           text,
    intended_at     timestamptz not null,
    settled_at      timestamptz,
    primary key (bucket, merchant_id, email_id),
    unique (bucket, merchant_id, recovery_id, kind, attempt)
);

-- Of two stop signals for one invoice the stronger names the reason, in whatever order they come.
create function citadel.stop_rank(signal text) returns integer language sql immutable parallel safe
    return case signal when 'disputed' then 6 when 'refunded' then 5 when 'voided' then 4
        when 'uncollectible' then 3 when 'subscription_deleted' then 2 when 'disconnected' then 1 else 0 end;
