-- Tenants. Every tenant row's key begins with (bucket, merchant_id); see docs/decisions.
create schema if not exists citadel;

create table citadel.schema_migrations (
    version    integer primary key,
    name       text not null,
    applied_at timestamptz not null default now()
);

-- Times cross the wire as microseconds since 1970, exact and free of session settings.
create function citadel.at(micros bigint) returns timestamptz language sql stable parallel safe
    return 'epoch'::timestamptz + micros * interval '1 microsecond';
create function citadel.micros(moment timestamptz) returns bigint language sql immutable parallel safe
    return (extract(epoch from moment) * 1000000)::bigint;

-- What a plan allows, as data. Matched to the platform's own subscriptions by price.
create table citadel.plans (
    tier            text primary key,
    stripe_price_id text unique,
    lookup_key      text not null unique,
    mails_per_month integer not null,
    queue_limit     integer not null
);
insert into citadel.plans (tier, lookup_key, mails_per_month, queue_limit) values
    ('FREE',   'citadel_free',   0,     0),
    ('HOBBY',  'citadel_hobby',  20,    5),
    ('GROWTH', 'citadel_growth', 1000,  100),
    ('PRO',    'citadel_pro',    10000, 1000);

create table citadel.merchants (
    bucket               smallint not null,
    merchant_id          bigint not null,
    clerk_user_id        text,
    name                 text not null default '',
    email                text not null default '',
    tier                 text not null default 'FREE' references citadel.plans,
    plan_changed_at      timestamptz,  -- created time of the platform event that set the tier
    platform_customer_id text,
    retry_mode           text not null default 'weave' check (retry_mode in ('observe', 'weave', 'own')),
    all_billing_reasons  boolean not null default false,  -- recover other failures than renewals too
    from_name            text not null default '',
    support_email        text not null default '',
    reply_to             text not null default '',
    brand_color          text not null default '#1a56db',
    logo_url             text not null default '',
    timezone             text not null default 'UTC',
    locale               text not null default 'en',
    digest_enabled       boolean not null default true,
    billing_country      text not null default '',
    billing_address      text not null default '',
    created_at           timestamptz not null,
    primary key (bucket, merchant_id)
);
create index merchants_platform_customer on citadel.merchants (platform_customer_id)
    where platform_customer_id is not null;

-- Whose events an account's events are. A small reference table: the same on every node of a cluster.
-- The row '' stands for the platform's own account, whose events name no account.
create table citadel.stripe_accounts (
    stripe_account_id text primary key,
    bucket            smallint not null,
    merchant_id       bigint not null,
    connected_at      timestamptz not null,
    disconnected_at   timestamptz
);
create index stripe_accounts_merchant on citadel.stripe_accounts (bucket, merchant_id);
insert into citadel.stripe_accounts values ('', 0, 0, 'epoch', null);

create table citadel.oauth_states (
    state_hash    text primary key,
    bucket        smallint not null,
    merchant_id   bigint not null,
    clerk_user_id text not null,
    created_at    timestamptz not null,
    expires_at    timestamptz not null,
    used_at       timestamptz
);
