create table citadel.scheduled_tasks (
    bucket           smallint not null,
    merchant_id      bigint not null,
    task_id          bigint generated always as identity,
    task_type        text not null
        check (task_type in ('dunning_retry', 'notify_action_required', 'report_usage', 'send_weekly_digest')),
    status           text not null check (status in ('pending', 'running', 'completed', 'failed')),
    run_at           timestamptz not null,
    recovery_id      bigint,
    tries            smallint not null default 0,   -- claims that ended without a word from the worker
    deferrals        integer not null default 0,    -- put off in order: Stripe away, rate limits
    lease_token      uuid,
    lease_expires_at timestamptz,
    result           text,                          -- what came of it, in words
    created_at       timestamptz not null,
    finished_at      timestamptz,
    primary key (bucket, merchant_id, task_id),
    check ((status = 'running') = (lease_token is not null)),
    check ((status = 'running') = (lease_expires_at is not null)),
    check ((status in ('completed', 'failed')) = (finished_at is not null))
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);
-- What is due, tenant by tenant: the claim walks it so that no tenant starves another.
create index scheduled_tasks_due on citadel.scheduled_tasks (bucket, merchant_id, run_at)
    where status = 'pending';
create index scheduled_tasks_leases on citadel.scheduled_tasks (lease_expires_at) where status = 'running';
create unique index scheduled_tasks_one_open on citadel.scheduled_tasks (bucket, merchant_id, recovery_id, task_type)
    where status in ('pending', 'running') and recovery_id is not null;

-- Each event of a known account once. Stop facts are kept with their subject, so that a failure which
-- arrives after its own end is opened already closed.
create table citadel.processed_events (
    bucket      smallint not null,
    merchant_id bigint not null,
    event_id    text not null,
    type        text not null,
    kind        text not null,
    invoice_id  text,
    subject     text,            -- of a stop fact: invoice, subscription or payment intent
    signal      text,            -- paid, voided, uncollectible, subscription_deleted, refunded, disputed
    amount      bigint,
    stripe_attempts bigint not null default 0,  -- Stripe's count when the fact was stated
    created_at  timestamptz not null,   -- Stripe's time
    received_at timestamptz not null,
    primary key (bucket, merchant_id, event_id)
) with (autovacuum_vacuum_scale_factor = 0.01);
create index processed_events_signals on citadel.processed_events (bucket, merchant_id, subject)
    where signal is not null;
create index processed_events_age on citadel.processed_events using brin (received_at);

-- The ledger. daily_metrics is its sum by day, written in the same transaction.
create table citadel.usage_logs (
    bucket      smallint not null,
    merchant_id bigint not null,
    log_id      bigint generated always as identity,
    metric_type text not null,
    quantity    bigint not null default 1,
    amount      bigint not null default 0,   -- minor units
    currency    text not null default '',
    recovery_id bigint,
    event_id    text,
    occurred_at timestamptz not null,
    primary key (bucket, merchant_id, log_id)
) with (autovacuum_vacuum_scale_factor = 0.05);
create index usage_logs_recovery on citadel.usage_logs (bucket, merchant_id, recovery_id);

create table citadel.daily_metrics (
    bucket             smallint not null,
    merchant_id        bigint not null,
    date               date not null,     -- UTC
    currency           text not null,
    failed_count       bigint not null default 0,
    failed_amount      bigint not null default 0,
    recovered_count    bigint not null default 0,
    recovered_amount   bigint not null default 0,
    reversed_count     bigint not null default 0,
    reversed_amount    bigint not null default 0,
    stopped_count      bigint not null default 0,
    exhausted_count    bigint not null default 0,
    attempts           bigint not null default 0,
    attempts_declined  bigint not null default 0,
    emails_sent        bigint not null default 0,
    tasks_completed    bigint not null default 0,
    tasks_failed       bigint not null default 0,
    primary key (bucket, merchant_id, date, currency)
) with (fillfactor = 70);

create table citadel.email_templates (
    bucket      smallint not null,
    merchant_id bigint not null,
    kind        text not null,
    attempt     integer not null,
    subject     text not null,
    body        text not null,
    updated_at  timestamptz not null,
    primary key (bucket, merchant_id, kind, attempt)
);

-- The second wall between tenants: whoever is not the owner of these tables sees the rows of the
-- merchant named by the transaction's setting and nothing else.
do $$
declare
    tenant_table text;
begin
    foreach tenant_table in array array['merchants', 'recoveries', 'payment_attempts', 'recovery_decisions',
        'emails', 'scheduled_tasks', 'processed_events', 'usage_logs', 'daily_metrics', 'email_templates']
    loop
        execute format('alter table citadel.%I enable row level security', tenant_table);
        execute format('create policy own_rows on citadel.%I using (merchant_id = '
            'nullif(current_setting(''citadel.merchant_id'', true), '''')::bigint)', tenant_table);
    end loop;
end $$;
