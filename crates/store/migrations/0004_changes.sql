-- Who makes a change, as the transaction of the change sees them.

-- Grows with each new password: whoever proved the one before is no longer believed.
ALTER TABLE accounts ADD COLUMN password_epoch BIGINT NOT NULL DEFAULT 0;

-- The name of the operator at the command line; changes of accounts and of the server itself have none.
ALTER TABLE audit_events ADD COLUMN operator TEXT;

-- When the name of a package without live versions may change hands; empty while it may not.
ALTER TABLE packages ADD COLUMN reclaimable_at BIGINT;
