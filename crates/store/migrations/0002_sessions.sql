-- People who are signed in to the pages.

CREATE TABLE sessions (
    id UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id),
    digest BYTEA NOT NULL UNIQUE,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    -- When the password was last given: sensitive pages ask again.
    proved_at BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);

-- A value that is handed out by a button is drawn when the button is pressed, once, by whoever holds the claim.
ALTER TABLE keys ADD COLUMN claim_digest BYTEA;
ALTER TABLE keys ADD COLUMN claim_until BIGINT;

-- What somebody did, beside what was done to them.
CREATE INDEX audit_events_actor ON audit_events (actor_id, id);

-- Which mails about its end a key has had.
ALTER TABLE keys ADD COLUMN warned_at BIGINT;
ALTER TABLE keys ADD COLUMN told_expired_at BIGINT;
CREATE INDEX keys_expiry ON keys (expires_at) WHERE revoked_at IS NULL;
