-- What opens a merchant's Stripe account, sealed; what Stripe still has to be told of those who left; what Clerk
-- said of its users.

-- At most one a merchant: OAuth's tokens, or a restricted key of its own. Sealed with AES-256-GCM under the key
-- `key_id`, bound to the row and the column (src/connect/seal.h): moved elsewhere it cannot be opened.
create table citadel.stripe_credentials (
    bucket            smallint not null,
    merchant_id       bigint not null,
    stripe_account_id text not null,
    kind              text not null check (kind in ('oauth', 'restricted_key')),
    key_id            text not null,
    sealed_access     text not null,             -- access token or restricted key
    sealed_refresh    text not null default '',  -- refresh token; '' for a restricted key
    scope             text not null default '',
    livemode          boolean not null,
    created_at        timestamptz not null,
    resealed_at       timestamptz,
    primary key (bucket, merchant_id)
);
create index stripe_credentials_account on citadel.stripe_credentials (stripe_account_id);
-- What is not yet under the newest key.
create index stripe_credentials_by_key on citadel.stripe_credentials (key_id, bucket, merchant_id);

-- Our access that a merchant has ended and Stripe has not confirmed. The tokens are gone already: revoking takes
-- the platform's key only.
create table citadel.stripe_revocations (
    bucket            smallint not null,
    merchant_id       bigint not null,
    stripe_account_id text not null,
    owed_since        timestamptz not null,
    next_try_at       timestamptz not null,
    tries             integer not null default 0,
    last_error        text not null default '',
    primary key (bucket, merchant_id, stripe_account_id)
);
create index stripe_revocations_due on citadel.stripe_revocations (next_try_at);
create index stripe_revocations_account on citadel.stripe_revocations (stripe_account_id);

create index oauth_states_merchant on citadel.oauth_states (bucket, merchant_id, expires_at);

-- Clerk's webhooks come unordered: the newest word on an address counts, and a deleted user stays deleted. The
-- address itself is the merchant's and goes with it.
create table citadel.clerk_profiles (
    clerk_user_id text primary key,
    updated_ms    bigint not null default 0,  -- Clerk's own time of the newest word
    deleted_at    timestamptz
);
-- Deliveries that were handled, by svix-id.
create table citadel.clerk_events (
    svix_id     text primary key,
    received_at timestamptz not null
);
create index clerk_events_age on citadel.clerk_events using brin (received_at);

do $$
declare
    tenant_table text;
begin
    foreach tenant_table in array array['stripe_credentials', 'stripe_revocations', 'oauth_states']
    loop
        execute format('alter table citadel.%I enable row level security', tenant_table);
        execute format('create policy own_rows on citadel.%I using (merchant_id = '
            'nullif(current_setting(''citadel.merchant_id'', true), '''')::bigint)', tenant_table);
    end loop;
end $$;
