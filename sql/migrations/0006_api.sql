-- The API: roles, the walls between tenants for each of them, who signs in as which merchant, what workers
-- outside were answered, and a line for each act of an administrator.

-- Roles belong to the whole cluster: another database of it, or another starter at this very moment, may have
-- made them. Whoever migrates has to be able to act as each of them.
do $$
declare
    wanted  text;
    may_act boolean;
begin
    foreach wanted in array array['citadel_api', 'citadel_worker', 'citadel_admin']
    loop
        if not exists (select from pg_roles where rolname = wanted) then
            begin
                execute format('create role %I nologin noinherit', wanted);
            exception
                when duplicate_object or unique_violation then null;
                when insufficient_privilege then
                    raise exception 'role % is missing and user % may not create it: let an administrator run '
                        '"create role % nologin; grant % to %" and start again',
                        wanted, current_user, wanted, wanted, quote_ident(current_user);
            end;
        end if;
        if (select rolsuper or rolbypassrls from pg_roles where rolname = wanted) then
            raise exception 'role % sees through row-level security: let an administrator run '
                '"alter role % nosuperuser nobypassrls" and start again', wanted, wanted;
        end if;
        if current_setting('server_version_num')::integer >= 160000 then
            may_act := pg_has_role(current_user, wanted, 'set');
        else
            may_act := pg_has_role(current_user, wanted, 'member');
        end if;
        if not may_act then
            begin
                execute format('grant %I to %I', wanted, current_user);
            exception
                when unique_violation then null;
                when insufficient_privilege then
                    raise exception 'user % may not act as role %: let an administrator run "grant % to %" '
                        'and start again', current_user, wanted, wanted, quote_ident(current_user);
            end;
        end if;
    end loop;
end $$;

-- Which merchant signs in as that user: a small reference table, like stripe_accounts, since a merchant's row
-- can only be found by its key.
create table citadel.clerk_users (
    clerk_user_id text primary key,
    bucket        smallint not null,
    merchant_id   bigint not null,
    created_at    timestamptz not null
);
create index clerk_users_merchant on citadel.clerk_users (bucket, merchant_id);
insert into citadel.clerk_users (clerk_user_id, bucket, merchant_id, created_at)
select clerk_user_id, bucket, merchant_id, created_at from citadel.merchants where clerk_user_id is not null
on conflict do nothing;

-- merchants.clerk_user_id is the fact, clerk_users where it is found by: whoever writes the one writes the other.
create function citadel.note_clerk_user() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        delete from citadel.clerk_users where clerk_user_id = old.clerk_user_id;
    end if;
    if new.clerk_user_id is not null then
        insert into citadel.clerk_users (clerk_user_id, bucket, merchant_id, created_at)
        values (new.clerk_user_id, new.bucket, new.merchant_id, new.created_at) on conflict do nothing;
    end if;
    return null;
end $$;
create trigger merchants_clerk_user after insert or update of clerk_user_id on citadel.merchants
    for each row execute function citadel.note_clerk_user();

-- What a worker outside was told when it completed a task: told again when it asks again.
create table citadel.worker_answers (
    bucket      smallint not null,
    merchant_id bigint not null,
    task_id     bigint not null,
    lease_token uuid not null,
    answer      jsonb not null,
    answered_at timestamptz not null,
    primary key (bucket, merchant_id, task_id, lease_token)
);
create index worker_answers_age on citadel.worker_answers (bucket, merchant_id, answered_at);

-- Kept when the merchant is gone: the proof that it is.
create table citadel.admin_audit (
    audit_id       bigint generated always as identity primary key,
    at             timestamptz not null,
    action         text not null,      -- merchants.list, merchants.erase
    subject        text not null,      -- the merchant's id, or empty
    outcome        text not null,      -- begun, done, refused
    detail         text not null default '',
    request_id     text not null,
    remote_address text not null
);

alter table citadel.daily_metrics
    add column if not exists opens bigint not null default 0,
    add column if not exists clicks bigint not null default 0;

-- Lists by end; of the open ones recoveries_open_by_customer knows all there are.
create index recoveries_by_end on citadel.recoveries (bucket, merchant_id, status, recovery_id)
    where status <> 'open';
-- Today's rows of everybody, for /metrics.
create index daily_metrics_by_date on citadel.daily_metrics (date);

-- The tenant that this transaction is about; null, and so nobody's rows, when nothing was said.
create function citadel.tenant() returns bigint language sql stable parallel safe
    return nullif(current_setting('citadel.merchant_id', true), '')::bigint;

-- Every table with a tenant's rows.
create function citadel.tenant_tables() returns setof regclass language sql stable as $$
    select c.oid::regclass from pg_class c
    where c.relnamespace = 'citadel'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and (select count(*) from pg_attribute a where a.attrelid = c.oid and a.attname in ('bucket', 'merchant_id')
            and not a.attisdropped) = 2
    order by c.relname
$$;

-- Run at the end of every migration, so that a table that was added later stands behind the wall too. What the
-- API may do with a table is granted table by table; without that it may do nothing.
create function citadel.build_walls() returns void language plpgsql as $$
declare
    tenant_table regclass;
begin
    for tenant_table in select * from citadel.tenant_tables()
    loop
        execute format('alter table %s enable row level security', tenant_table);
        execute format('drop policy if exists own_rows on %s', tenant_table);
        execute format('create policy own_rows on %s to citadel_api using (merchant_id = (select citadel.tenant())) '
            'with check (merchant_id = (select citadel.tenant()))', tenant_table);
        execute format('drop policy if exists all_rows on %s', tenant_table);
        execute format('create policy all_rows on %s to citadel_worker, citadel_admin using (true) with check (true)',
            tenant_table);
    end loop;
    grant usage on schema citadel to citadel_api, citadel_worker, citadel_admin;
    grant select, insert, update, delete on all tables in schema citadel to citadel_worker;
    revoke all on citadel.admin_audit, citadel.schema_migrations from citadel_worker;
    grant select, delete on all tables in schema citadel to citadel_admin;
    grant insert on citadel.admin_audit to citadel_admin;
    revoke delete on citadel.admin_audit, citadel.plans, citadel.schema_migrations from citadel_admin;
    -- To lock them before they go.
    grant update (run_at) on citadel.scheduled_tasks to citadel_admin;
    grant update (next_action_at) on citadel.recoveries to citadel_admin;
end $$;

-- Somebody who signs in knows its user id and not yet its tenant.
create policy own_sign_in on citadel.clerk_users for select to citadel_api
    using (clerk_user_id = (select current_setting('citadel.clerk_user_id', true)));

grant usage on schema citadel to citadel_api;
grant select on citadel.plans, citadel.merchants, citadel.stripe_accounts, citadel.clerk_users, citadel.recoveries,
    citadel.payment_attempts, citadel.recovery_decisions, citadel.emails, citadel.scheduled_tasks,
    citadel.processed_events, citadel.usage_logs, citadel.daily_metrics, citadel.email_templates,
    citadel.oauth_states to citadel_api;
grant insert on citadel.clerk_users, citadel.merchants, citadel.scheduled_tasks, citadel.usage_logs,
    citadel.daily_metrics, citadel.recovery_decisions, citadel.email_templates to citadel_api;
grant update (from_name, support_email, reply_to, brand_color, logo_url, timezone, locale, retry_mode,
    digest_enabled, billing_country, billing_address) on citadel.merchants to citadel_api;
grant update (status, reason, closed_at, next_action_at, collect_now_at, wind_down) on citadel.recoveries to citadel_api;
grant update (status, run_at, tries, result, finished_at) on citadel.scheduled_tasks to citadel_api;
grant update on citadel.daily_metrics, citadel.email_templates to citadel_api;
grant delete on citadel.scheduled_tasks, citadel.email_templates to citadel_api;

-- Takes at most `rows_max` rows of each of the merchant's tables but its own row, which goes when nothing else is
-- left. Returns how many went; 0: nothing is left at all.
create function citadel.erase_rows(of_bucket smallint, of_merchant bigint, rows_max integer) returns bigint
    language plpgsql as $$
declare
    tenant_table regclass;
    gone         bigint;
    gone_in_all  bigint := 0;
begin
    for tenant_table in select t from citadel.tenant_tables() t where t <> 'citadel.merchants'::regclass
    loop
        execute format('delete from %1$s where bucket = $1 and merchant_id = $2 and ctid = any (array('
            'select ctid from %1$s where bucket = $1 and merchant_id = $2 limit $3))', tenant_table)
            using of_bucket, of_merchant, rows_max;
        get diagnostics gone = row_count;
        gone_in_all := gone_in_all + gone;
    end loop;
    if gone_in_all = 0 then
        delete from citadel.merchants where bucket = of_bucket and merchant_id = of_merchant;
        get diagnostics gone_in_all = row_count;
    end if;
    return gone_in_all;
end $$;

select citadel.build_walls();
