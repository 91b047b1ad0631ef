-- A bucket follows from its merchant, which the planner cannot know: it takes the two for independent and expects
-- one row of a merchant where there are thousands. Then all indexes that begin with the tenant look equally good to
-- it, and a recovery is sought along all invoices of its merchant. One distinct bucket says that it tells nothing
-- beside the merchant. Takes effect with each table's next analyze.
alter table citadel.merchants          alter column bucket set (n_distinct = 1);
alter table citadel.stripe_accounts    alter column bucket set (n_distinct = 1);
alter table citadel.recoveries         alter column bucket set (n_distinct = 1);
alter table citadel.payment_attempts   alter column bucket set (n_distinct = 1);
alter table citadel.recovery_decisions alter column bucket set (n_distinct = 1);
alter table citadel.emails             alter column bucket set (n_distinct = 1);
alter table citadel.renewal_notices    alter column bucket set (n_distinct = 1);
alter table citadel.scheduled_tasks    alter column bucket set (n_distinct = 1);
alter table citadel.processed_events   alter column bucket set (n_distinct = 1);
alter table citadel.usage_logs         alter column bucket set (n_distinct = 1);
alter table citadel.daily_metrics      alter column bucket set (n_distinct = 1);

-- What is forgotten is found by its age. A block-range index keeps the oldest time that a block ever held, so once
-- deleted rows' places were filled again, each look for old rows read the whole table.
drop index citadel.processed_events_age;
create index processed_events_age on citadel.processed_events (received_at);
create index scheduled_tasks_finished on citadel.scheduled_tasks (finished_at) where finished_at is not null;
