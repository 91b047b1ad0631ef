-- The recovery engine: attempts of everybody, budgets of the card networks, who collects, what a merchant
-- may change of the policy, and the daily comparison with Stripe.

alter table citadel.merchants
    add column policy           text not null default 'payday/1',  -- for recoveries that begin from now on
    add column charges_max      smallint check (charges_max between 0 and 15),  -- null: the policy's own, as below
    add column window_days      smallint check (window_days between 1 and 60),
    add column quiet_from_hour  smallint check (quiet_from_hour between 0 and 23),
    add column quiet_until_hour smallint check (quiet_until_hour between 0 and 23),
    add column final_action     text not null default 'leave'
        check (final_action in ('leave', 'uncollectible', 'cancel')),
    add check ((quiet_from_hour is null) = (quiet_until_hour is null));

alter table citadel.recoveries
    add column last_letter_at     timestamptz,
    add column last_clicked_at    timestamptz,
    add column mail_credit_until  timestamptz,  -- a payment by the customer until then is owed to a letter
    add column collect_now_at     timestamptz,  -- the merchant asked for a charge at once
    add column auto_advance_taken boolean not null default false,  -- we switched Stripe's own collection off
    add column collector_changes  integer not null default 0,      -- how often that was switched, for its keys
    add column wind_down          text not null default ''         -- what is still to be done at Stripe, once closed
        check (wind_down in ('', 'give_back', 'uncollectible', 'cancel', 'learn')),
    add column charge_seen        text not null default '',        -- Stripe's newest charge that is booked
    add column card_fingerprint   text not null default '',        -- of the card that would be charged
    add column card_network       text not null default '',
    add column paid_first_try     bigint[],                        -- Unix seconds; null: not asked yet
    add column budget_free_at     timestamptz;                     -- a network's limit is used up until then
-- What was closed and still has something to be done at Stripe; the janitor sees that it is done.
create index recoveries_winding_down on citadel.recoveries (bucket, merchant_id)
    where wind_down <> '' and status <> 'open';
-- By cause and by end, for the merchant's figures.
create index recoveries_closed on citadel.recoveries (bucket, merchant_id, closed_at) where closed_at is not null;

-- Attempts of others have no slot: an attempt is known by its number, ours by its slot, all by Stripe's charge.
alter table citadel.payment_attempts drop constraint payment_attempts_pkey;
alter table citadel.payment_attempts
    alter column slot drop not null,
    alter column idempotency_key drop not null,
    add column attempt_id  bigint generated always as identity,
    add column charge_id   text,
    add column fingerprint text not null default '',  -- '' only where no card is known
    add column network     text not null default '',  -- Stripe's brand: visa, mastercard, …
    add primary key (bucket, merchant_id, recovery_id, attempt_id),
    add check ((driver = 'citadel') = (slot is not null)),
    add check ((slot is null) = (idempotency_key is null));
create unique index payment_attempts_slot on citadel.payment_attempts (bucket, merchant_id, recovery_id, slot)
    where slot is not null;
create unique index payment_attempts_charge on citadel.payment_attempts (bucket, merchant_id, charge_id)
    where charge_id is not null;
-- A card's use of its network's budget.
create index payment_attempts_card on citadel.payment_attempts (bucket, merchant_id, fingerprint, intended_at)
    where fingerprint <> '';

alter table citadel.recovery_decisions add column rejected text not null default '';

-- The daily comparison of our open recoveries with Stripe's open invoices. swept_at null: never, so begin
-- with what failed before we came.
alter table citadel.stripe_accounts
    add column swept_at          timestamptz,
    add column sweep_lease_until timestamptz;

alter table citadel.daily_metrics add column churned_count bigint not null default 0;

-- Whose doing it is when a customer pays: a letter's, for a week after it was followed (or, where letters
-- carry no link of ours that could tell, after it was sent).
create function citadel.paid_by(paid_at timestamptz, mail_credit_until timestamptz) returns text
    language sql immutable parallel safe
    return case when paid_at <= mail_credit_until then 'customer_after_mail' else 'customer' end;
create index stripe_accounts_sweep on citadel.stripe_accounts (swept_at nulls first)
    where disconnected_at is null and stripe_account_id <> '';
