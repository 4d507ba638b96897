-- People who make and end their own accounts, and what they are told.

-- Links that are sent by mail. The token is drawn when the mail is written: until then a link opens nothing.
CREATE TABLE links (
    id UUID PRIMARY KEY,
    -- confirm (the address belongs to the account), reset (a new password), invite (a new account).
    purpose TEXT NOT NULL,
    account_id UUID REFERENCES accounts (id),
    -- Where it is sent. A link is good for this address alone.
    email TEXT NOT NULL,
    digest BYTEA UNIQUE,
    invited_by UUID REFERENCES accounts (id),
    created_at BIGINT NOT NULL
);
CREATE INDEX links_account ON links (account_id);

-- Browsers that an account has signed in from: a sign-in from another one is told by mail.
CREATE TABLE devices (
    digest BYTEA NOT NULL,
    account_id UUID NOT NULL REFERENCES accounts (id),
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, digest)
);

-- Whether the owner hears of versions that are published or withdrawn.
ALTER TABLE accounts ADD COLUMN package_mails BOOLEAN NOT NULL DEFAULT TRUE;
-- A deleted account keeps its row and its name: both stand in the records of packages, and nobody may take the name over.
ALTER TABLE accounts ADD COLUMN deleted_at BIGINT;

-- Whether the owner was told that a legacy key is retired.
ALTER TABLE keys ADD COLUMN told_retired_at BIGINT;
CREATE INDEX keys_legacy ON keys (ecosystem) WHERE kind = 'legacy' AND told_retired_at IS NULL;
