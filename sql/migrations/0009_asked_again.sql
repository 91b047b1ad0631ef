-- When a slot in doubt was asked about again under its key: its charge may be as young as the last of them.
alter table citadel.payment_attempts add column asked_again_at timestamptz[] not null default '{}';
