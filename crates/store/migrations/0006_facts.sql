-- Lists of releases read neither the facts nor the texts of the index, which may be long: these have a table of their own.
CREATE TABLE release_facts (
    release_id UUID PRIMARY KEY REFERENCES releases (id),
    -- What the index of the ecosystem says of the release, ready to be joined.
    index_text TEXT NOT NULL,
    facts TEXT NOT NULL
);
INSERT INTO release_facts (release_id, index_text, facts) SELECT id, index_text, facts FROM releases;
ALTER TABLE releases DROP COLUMN index_text;
ALTER TABLE releases DROP COLUMN facts;

-- The releases of a package by age, a page at a time.
CREATE INDEX releases_published ON releases (package_id, published_at, id);

-- The live release that stands for its package in lists. Written again with the index at the next start.
ALTER TABLE packages ADD COLUMN latest_release_id UUID REFERENCES releases (id);
