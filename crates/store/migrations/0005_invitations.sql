-- Invitations to own a package that were sent to an email address.

-- The address that somebody was invited by: owners see this, and not whose it is, until the invitation is accepted.
ALTER TABLE ownerships ADD COLUMN invited_as TEXT;

-- Invitations to addresses that no account has, or whose account was invited by its name. Owners cannot tell them from others.
CREATE TABLE unmatched_invitations (
    id UUID PRIMARY KEY,
    package_id UUID NOT NULL REFERENCES packages (id),
    email TEXT NOT NULL,
    email_key TEXT COLLATE "C" NOT NULL,
    role TEXT NOT NULL,
    invited_by UUID NOT NULL REFERENCES accounts (id),
    invited_at BIGINT NOT NULL,
    UNIQUE (package_id, email_key)
);
