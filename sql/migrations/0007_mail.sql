-- Mails: when an address may be written to, what became of a mail, and which addresses are left in peace.

-- One row an address that a merchant has written to. free_at is when the next mail to it may be intended:
-- a day after the last one, and never once the address is suppressed. Intents take the row's lock, so that
-- neither two invoices of one customer nor a complaint under way can slip past each other.
create table citadel.email_addresses (
    bucket      smallint not null,
    merchant_id bigint not null,
    address     text not null,           -- lower case
    free_at     timestamptz not null,    -- 'infinity': suppressed
    primary key (bucket, merchant_id, address)
) with (fillfactor = 70);

create table citadel.email_suppressions (
    bucket        smallint not null,
    merchant_id   bigint not null,
    address       text not null,         -- lower case
    reason        text not null check (reason in ('bounced', 'complained', 'suppressed')),
    detail        text not null default '',
    email_id      bigint,                -- the mail that told us
    suppressed_at timestamptz not null,
    primary key (bucket, merchant_id, address)
);

alter table citadel.emails
    add column locale           text not null default 'en',
    add column links_to_us      boolean not null default false,  -- its link tells us of a click
    add column in_doubt_since   timestamptz,  -- handed over, perhaps: nobody has heard what became of it
    add column delivered_at     timestamptz,
    add column first_opened_at  timestamptz,
    add column first_clicked_at timestamptz,
    add column bounced_at       timestamptz,
    add column complained_at    timestamptz,
    add column failed_at        timestamptz;
-- For what the mail service says without our tags.
create index emails_provider on citadel.emails (provider_id) where provider_id is not null;

-- The payer's address bounced or complained: no letter can reach them, and the policy is told so.
alter table citadel.recoveries add column address_suppressed boolean not null default false;

alter table citadel.merchants
    add column thanks_enabled boolean not null default false;  -- write to the payer when it was paid
create index merchants_thanks on citadel.merchants (bucket, merchant_id) where thanks_enabled;

alter table citadel.daily_metrics
    add column if not exists emails_delivered bigint not null default 0,
    add column if not exists opens            bigint not null default 0,
    add column if not exists clicks           bigint not null default 0,
    add column if not exists emails_bounced   bigint not null default 0;

do $$
declare
    tenant_table text;
begin
    foreach tenant_table in array array['email_addresses', 'email_suppressions']
    loop
        execute format('alter table citadel.%I enable row level security', tenant_table);
        execute format('create policy own_rows on citadel.%I using (merchant_id = '
            'nullif(current_setting(''citadel.merchant_id'', true), '''')::bigint)', tenant_table);
    end loop;
end $$;
