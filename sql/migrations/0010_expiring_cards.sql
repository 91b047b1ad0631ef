-- Letters about a card that ends before the renewal it is to pay (docs/decisions/0015). Nothing here reads or
-- rewrites a table that has rows: new columns without a value or with a constant one, a table of its own.

-- A renewal that Stripe has told of beforehand, once each, and what became of it. `card` and `card_expires` are
-- those of the letter; without a letter they are null.
create table citadel.renewal_notices (
    bucket          smallint not null,
    merchant_id     bigint not null,
    notice_id       bigint generated always as identity,
    customer_id     text not null,
    subscription_id text not null,
    renews_at       timestamptz not null,
    amount_due      bigint not null,         -- minor units
    currency        text not null,
    noted_at        timestamptz not null,
    card            text,                    -- fingerprint, or the method's id where Stripe tells none
    card_expires    text,                    -- "2027-03"
    email_id        bigint,
    primary key (bucket, merchant_id, notice_id),
    unique (bucket, merchant_id, subscription_id, renews_at),
    check ((email_id is null) = (card is null)),
    check ((email_id is null) = (card_expires is null))
);
-- One letter a card and expiry, whatever renews how often.
create unique index renewal_notices_letter
    on citadel.renewal_notices (bucket, merchant_id, customer_id, card, card_expires) where email_id is not null;
-- Most renewals need no letter; their notices go with the events that told of them.
create index renewal_notices_age on citadel.renewal_notices (noted_at) where email_id is null;

-- What the task is about, where it is about no recovery.
alter table citadel.scheduled_tasks add column notice_id bigint;
-- Null: the letter belongs to a notice, which names it.
alter table citadel.emails alter column recovery_id drop not null;
-- Of emails_sent: those that no recovery asked for. They do not count against the plan.
alter table citadel.daily_metrics add column notices_sent bigint not null default 0;

select citadel.build_walls();
grant select on citadel.renewal_notices to citadel_api;
