-- Work that schedules itself, what the platform is paid by, and the weekly digest (docs/decisions/0012).

-- At most one open task of these kinds a merchant: what makes them neither die nor fork. The platform's own
-- (report_usage) is that of merchant 0.
create unique index scheduled_tasks_one_self_scheduled on citadel.scheduled_tasks (bucket, merchant_id, task_type)
    where status in ('pending', 'running') and task_type in ('report_usage', 'send_weekly_digest');

-- Every merchant has a digest planned at any time. The walk of a claim from tenant to tenant must not pass
-- them all, so they are found by their time, and the index of the walk is without them.
drop index citadel.scheduled_tasks_due;
create index scheduled_tasks_due on citadel.scheduled_tasks (bucket, merchant_id, run_at)
    where status = 'pending' and task_type in ('dunning_retry', 'notify_action_required');
create index scheduled_tasks_self_scheduled_due on citadel.scheduled_tasks (run_at)
    where status = 'pending' and task_type in ('report_usage', 'send_weekly_digest');

-- The zone by that name, or UTC where PostgreSQL knows none: a wrong setting must not stop anybody's work.
create function citadel.known_zone(zone text) returns text language plpgsql stable parallel safe as $$
begin
    perform 'epoch'::timestamptz at time zone zone;
    return zone;
exception when invalid_parameter_value then
    return 'UTC';
end $$;

-- The first Monday, 08:00 on the clock of that zone, after `moment`. Reckoned on the local calendar, so a week
-- with a change of clocks is an hour shorter or longer. `zone` is a known one.
create function citadel.next_digest_at(zone text, moment timestamptz) returns timestamptz language sql stable
    parallel safe
    return (date_trunc('week', (moment at time zone zone) - interval '8 hours') + interval '7 days 8 hours')
        at time zone zone;

-- Since when the merchant pays: what was recovered before is not counted. Set once, by its first plan.
alter table citadel.merchants add column metered_since timestamptz;

-- When the report of this line to the platform's meter was begun.
alter table citadel.usage_logs add column metered_at timestamptz;
create index usage_logs_not_metered on citadel.usage_logs (bucket, merchant_id, occurred_at, log_id)
    where metric_type = 'recovered' and metered_at is null;

-- One row a ledger line that is told to Stripe: written before the call, with all that the call says, since the
-- same identifier needs the same event; settled after. outcome is null while nobody knows.
create table citadel.usage_reports (
    bucket      smallint not null,
    merchant_id bigint not null,
    log_id      bigint not null,
    event_name  text not null,
    customer_id text not null,          -- the merchant as a customer of the platform
    identifier  text not null,
    quantity    bigint not null,        -- invoices
    amount      bigint not null,        -- minor units
    currency    text not null,
    happened_at timestamptz not null,
    intended_at timestamptz not null,   -- of the newest sending
    outcome     text check (outcome in ('reported', 'set_aside')),
    reason      text not null default '',   -- why it was set aside
    settled_at  timestamptz,
    primary key (bucket, merchant_id, log_id),
    check ((outcome is null) = (settled_at is null))
);
create index usage_reports_in_doubt on citadel.usage_reports (happened_at, log_id) where outcome is null;
create index usage_reports_set_aside on citadel.usage_reports (settled_at) where outcome = 'set_aside';
-- What an event in doubt is weighed against: the reported ones of its minute.
create index usage_reports_by_time on citadel.usage_reports (bucket, merchant_id, happened_at);

-- A digest is a row before it is a mail: one a merchant and ISO week ("2026-W11", the week it is sent in).
create table citadel.digest_mails (
    bucket        smallint not null,
    merchant_id   bigint not null,
    week          text not null,
    entity_ref_id text not null,
    to_address    text not null,
    from_address  text not null,
    unsubscribe_url text not null default '',
    subject       text not null,
    html          text not null,
    text          text not null,
    status        text not null default 'intended' check (status in ('intended', 'sent', 'refused')),
    provider_id   text,
    error         text,
    intended_at   timestamptz not null,
    unsent        boolean not null default false,  -- surely, whatever was tried since intended_at
    settled_at    timestamptz,
    primary key (bucket, merchant_id, week),
    check ((status = 'intended') = (settled_at is null))
);

-- The digest's weeks: what came back when, and which letters went out when.
create index recoveries_recovered on citadel.recoveries (bucket, merchant_id, closed_at) where status = 'recovered';
create index emails_sent on citadel.emails (bucket, merchant_id, settled_at) where status = 'sent';

select citadel.build_walls();
