-- One text for both engines. Times are microseconds since 1970 (UTC); *_key columns hold the folded form that is compared.

CREATE TABLE accounts (
    id UUID PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    handle TEXT NOT NULL,
    handle_key TEXT COLLATE "C" NOT NULL UNIQUE,
    email TEXT,
    email_key TEXT COLLATE "C" UNIQUE,
    email_confirmed_at BIGINT,
    password_hash TEXT,
    is_admin BOOLEAN NOT NULL,
    second_factor TEXT NOT NULL,
    locked_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE TABLE keys (
    id UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id),
    ecosystem TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    digest BYTEA NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    expires_at BIGINT,
    lifetime_days BIGINT,
    otp_required BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    last_push_at BIGINT,
    revoked_at BIGINT,
    ownership_lost TEXT
);
CREATE INDEX keys_account ON keys (account_id, id);

-- The packages that a key covers. A key without a row here covers none.
CREATE TABLE grants (
    key_id UUID NOT NULL REFERENCES keys (id),
    position BIGINT NOT NULL,
    selector TEXT NOT NULL,
    pattern TEXT,
    ownership_id UUID,
    PRIMARY KEY (key_id, position)
);
CREATE INDEX grants_ownership ON grants (ownership_id);

CREATE TABLE packages (
    id UUID PRIMARY KEY,
    ecosystem TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    -- The name without separators: names that differ only there are too similar.
    similar_key TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    -- Grows with each release that appears or goes: whoever keeps something derived from the package compares it.
    revision BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    UNIQUE (ecosystem, name_key)
);
CREATE INDEX packages_similar ON packages (ecosystem, similar_key);

CREATE TABLE releases (
    id UUID PRIMARY KEY,
    package_id UUID NOT NULL REFERENCES packages (id),
    number TEXT NOT NULL,
    -- The number in the form that is compared: 1.0 and 1.0.0 are one.
    canonical TEXT COLLATE "C" NOT NULL,
    platform TEXT COLLATE "C" NOT NULL,
    resolved_platform TEXT COLLATE "C" NOT NULL,
    prerelease BOOLEAN NOT NULL,
    facts TEXT NOT NULL,
    -- What the index of the ecosystem says of the release, ready to be joined.
    index_text TEXT NOT NULL,
    downloads BIGINT NOT NULL,
    published_by UUID NOT NULL REFERENCES accounts (id),
    published_with UUID REFERENCES keys (id),
    published_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    UNIQUE (package_id, canonical, platform),
    UNIQUE (package_id, canonical, resolved_platform)
);

CREATE TABLE artifacts (
    release_id UUID NOT NULL REFERENCES releases (id),
    kind TEXT NOT NULL,
    blob TEXT NOT NULL UNIQUE,
    sha256 BYTEA NOT NULL,
    size BIGINT NOT NULL,
    PRIMARY KEY (release_id, kind)
);

CREATE TABLE pending_blobs (
    blob TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL
);

CREATE TABLE ownerships (
    id UUID PRIMARY KEY,
    package_id UUID NOT NULL REFERENCES packages (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL,
    invited_by UUID,
    invitation_digest BYTEA UNIQUE,
    invited_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    UNIQUE (package_id, account_id)
);
CREATE INDEX ownerships_account ON ownerships (account_id);

-- File names are unique over all gems: `a` 1.0 for platform x-2.0 and `a-1.0-x` 2.0 would be one file.
CREATE TABLE gem_full_names (
    full_name_key TEXT COLLATE "C" PRIMARY KEY,
    release_id UUID NOT NULL REFERENCES releases (id)
);
CREATE INDEX gem_full_names_release ON gem_full_names (release_id);

CREATE TABLE gem_index (
    id BIGINT PRIMARY KEY,
    generation BIGINT NOT NULL,
    -- The form of the documents whose digests the lines carry.
    format TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_line BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
INSERT INTO gem_index (id, generation, format, created_at, last_line, changed_at) VALUES (1, 0, '', 0, 0, 0);

CREATE TABLE gem_index_lines (
    generation BIGINT NOT NULL,
    line BIGINT NOT NULL,
    package_id UUID NOT NULL REFERENCES packages (id),
    text TEXT NOT NULL,
    PRIMARY KEY (generation, line)
);

CREATE TABLE audit_events (
    id UUID PRIMARY KEY,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,
    actor_id UUID,
    actor_key_id UUID,
    account_id UUID,
    package_id UUID,
    release_id UUID,
    key_id UUID,
    details TEXT NOT NULL
);
CREATE INDEX audit_events_account ON audit_events (account_id, id);
CREATE INDEX audit_events_package ON audit_events (package_id, id);

CREATE TABLE outbox (
    id UUID PRIMARY KEY,
    event TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT
);
CREATE INDEX outbox_due ON outbox (due_at);

-- Each change that narrows what an account or its keys may do has a number; every process follows these numbers.
CREATE TABLE authorization_epoch (
    id BIGINT PRIMARY KEY,
    epoch BIGINT NOT NULL
);
INSERT INTO authorization_epoch (id, epoch) VALUES (1, 0);

CREATE TABLE authorization_changes (
    epoch BIGINT PRIMARY KEY,
    account_id UUID NOT NULL
);

-- The processes that keep credentials in memory, and the change that each has seen.
CREATE TABLE nodes (
    id UUID PRIMARY KEY,
    seen_epoch BIGINT NOT NULL
);

CREATE TABLE setup_tokens (
    digest BYTEA PRIMARY KEY,
    created_at BIGINT NOT NULL
);
