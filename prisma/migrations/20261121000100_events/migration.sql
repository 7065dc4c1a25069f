-- Token events: tables that Prisma does not manage. design.md section 7, docs/map.md.
-- (The engine parts statements at each semicolon, so those inside of function bodies are spelled \x3b.)

-- Every word that repeats: client, audience, provider, scope set, reason... Never deleted. `digest` is the first 16 bytes of SHA-256,
-- so that a long word needs no long index entry. Id 0 stands for "kept inline", when a field has too many different words.
CREATE TABLE "dimension" (
    "id" INTEGER GENERATED ALWAYS AS IDENTITY (START WITH 1) PRIMARY KEY,
    "field" SMALLINT NOT NULL,
    "digest" BYTEA NOT NULL,
    "value" TEXT NOT NULL,
    UNIQUE ("field", "digest")
);

CREATE TABLE "token_event" (
    "ts" TIMESTAMPTZ NOT NULL,
    "received_at" TIMESTAMPTZ NOT NULL,
    "id" UUID NOT NULL,
    "duration_ms" DOUBLE PRECISION,
    "source" INTEGER NOT NULL,
    "client" INTEGER,
    "audience" INTEGER,
    "provider" INTEGER,
    "scopes" INTEGER,
    "reason" INTEGER,
    "grant_type" INTEGER,
    "resource" INTEGER,
    "agent" INTEGER,
    "kid" INTEGER,
    "secret" INTEGER,
    "purpose" INTEGER,
    "expires_in" INTEGER,
    "event" SMALLINT NOT NULL,
    "result" SMALLINT NOT NULL,
    "token_type" SMALLINT,
    "flags" SMALLINT NOT NULL,
    "ip" INET,
    "trace_id" TEXT,
    "jti" TEXT,
    "user_id" TEXT,
    "given_id" TEXT,
    "inline" JSONB,
    "extra" JSONB
) PARTITION BY RANGE ("ts");

-- Nearly append-only, de-duplication and keyset paging both.
CREATE UNIQUE INDEX "token_event_ts_id" ON "token_event" ("ts", "id");
CREATE INDEX "token_event_client" ON "token_event" ("client", "ts");
CREATE INDEX "token_event_audience" ON "token_event" ("audience", "ts");
CREATE INDEX "token_event_reason" ON "token_event" ("reason", "ts") WHERE "reason" IS NOT NULL;
CREATE INDEX "token_event_secret" ON "token_event" ("secret", "ts") WHERE "secret" IS NOT NULL;
CREATE INDEX "token_event_client_reason" ON "token_event" ("client", "reason", "ts") WHERE "reason" IS NOT NULL;
CREATE INDEX "token_event_purpose" ON "token_event" ("purpose", "ts") WHERE "purpose" IS NOT NULL;
-- What is looked for by the whole value: 4 bytes of hash each, whatever the length of the text. An absent value costs nothing.
CREATE INDEX "token_event_trace" ON "token_event" USING hash ("trace_id");
CREATE INDEX "token_event_jti" ON "token_event" USING hash ("jti");
CREATE INDEX "token_event_user" ON "token_event" USING hash ("user_id");
-- Free text looks into these line by line.
CREATE INDEX "token_event_loose" ON "token_event" ("ts") WHERE "extra" IS NOT NULL OR "inline" IS NOT NULL;
CREATE INDEX "token_event_seldom" ON "token_event" USING brin
  ("id" uuid_bloom_ops, "ip" inet_bloom_ops, "source" int4_bloom_ops, "provider" int4_bloom_ops, "scopes" int4_bloom_ops)
  WITH (pages_per_range = 32);
CREATE INDEX "token_event_received" ON "token_event" USING brin ("received_at") WITH (pages_per_range = 32);

-- Stays empty, a row in it is an alarm (the partition job did not run).
CREATE TABLE "token_event_default" PARTITION OF "token_event" DEFAULT;

-- One day, UTC. Rows that had to go to the default partition move along. Run it in a transaction of its own, never from an ingest.
CREATE FUNCTION "make_event_partition"("day" date) RETURNS boolean LANGUAGE plpgsql AS E'
DECLARE
  part text := ''token_event_'' || to_char(day, ''YYYYMMDD'')\x3b
  low timestamptz := day::timestamp AT TIME ZONE ''UTC''\x3b
  high timestamptz := (day + 1)::timestamp AT TIME ZONE ''UTC''\x3b
BEGIN
  IF to_regclass(part) IS NOT NULL THEN RETURN false\x3b END IF\x3b
  PERFORM pg_advisory_xact_lock(4270926123)\x3b
  IF to_regclass(part) IS NOT NULL THEN RETURN false\x3b END IF\x3b
  EXECUTE format(''CREATE TABLE %I (LIKE token_event INCLUDING DEFAULTS INCLUDING STORAGE) WITH (autovacuum_vacuum_insert_scale_factor = 0.05)'', part)\x3b
  EXECUTE format(''ALTER TABLE %I ADD CONSTRAINT %I CHECK (ts >= %L AND ts < %L)'', part, part || ''_day'', low, high)\x3b
  IF EXISTS (SELECT FROM token_event_default WHERE ts >= low AND ts < high) THEN
    LOCK TABLE token_event IN ACCESS EXCLUSIVE MODE\x3b
    EXECUTE format(''WITH moved AS (DELETE FROM token_event_default WHERE ts >= %L AND ts < %L RETURNING *) INSERT INTO %I SELECT * FROM moved'', low, high, part)\x3b
  END IF\x3b
  EXECUTE format(''ALTER TABLE token_event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)'', part, low, high)\x3b
  EXECUTE format(''ALTER TABLE %I DROP CONSTRAINT %I'', part, part || ''_day'')\x3b
  RETURN true\x3b
END';

SELECT "make_event_partition"((now() AT TIME ZONE 'UTC')::date + offs) FROM generate_series(-31, 3) AS offs;

-- Lines without a timestamp: the time that they were given when they first came (kept 7 days).
CREATE TABLE "event_undated" (
    "id" UUID PRIMARY KEY,
    "ts" TIMESTAMPTZ NOT NULL
);
CREATE INDEX "event_undated_ts" ON "event_undated" ("ts");

-- What one batch adds to the rollups and to its source's progress, as parallel lists. Insert only, folded by a job, readers sum both.
-- In lists: minutes and hours since 1970, -1 is absent.
CREATE TABLE "event_delta" (
    "id" BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "source" INTEGER NOT NULL,
    "received_at" TIMESTAMPTZ NOT NULL,
    "last_ts" TIMESTAMPTZ,
    "stored" INTEGER NOT NULL,
    "duplicates" INTEGER NOT NULL,
    "rejected" INTEGER NOT NULL,
    "flow" BIGINT[] NOT NULL,
    "party" INTEGER[] NOT NULL,
    "latency" INTEGER[] NOT NULL
);

-- `span` is 60, 3600 or 86400 seconds, every event is in each span once.
CREATE TABLE "rollup_flow" (
    "span" INTEGER NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "event" INTEGER NOT NULL,
    "result" INTEGER NOT NULL,
    "reason" INTEGER NOT NULL,
    "provider" INTEGER NOT NULL,
    "source" INTEGER NOT NULL,
    "grant_type" INTEGER NOT NULL,
    "n" BIGINT NOT NULL,
    "lives" BIGINT NOT NULL,
    "life_seconds" BIGINT NOT NULL,
    PRIMARY KEY ("span", "at", "event", "result", "reason", "provider", "source", "grant_type")
);

-- `span` is 3600 or 86400.
CREATE TABLE "rollup_party" (
    "span" INTEGER NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "event" INTEGER NOT NULL,
    "result" INTEGER NOT NULL,
    "reason" INTEGER NOT NULL,
    "provider" INTEGER NOT NULL,
    "source" INTEGER NOT NULL,
    "client" INTEGER NOT NULL,
    "audience" INTEGER NOT NULL,
    "scopes" INTEGER NOT NULL,
    "n" BIGINT NOT NULL,
    PRIMARY KEY ("span", "at", "client", "audience", "event", "result", "reason", "provider", "source", "scopes")
);

CREATE INDEX "rollup_party_client" ON "rollup_party" ("span", "client", "at");

-- `span` is 60, 3600 or 86400. `bucket` b holds durations up to 2^(b/2)/4 ms.
CREATE TABLE "rollup_latency" (
    "span" INTEGER NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "event" INTEGER NOT NULL,
    "provider" INTEGER NOT NULL,
    "source" INTEGER NOT NULL,
    "bucket" INTEGER NOT NULL,
    "n" BIGINT NOT NULL,
    PRIMARY KEY ("span", "at", "event", "provider", "source", "bucket")
);

-- Folded progress of a source. `dimension` is its id in the dimension table.
CREATE TABLE "source_state" (
    "dimension" INTEGER PRIMARY KEY,
    "last_ts" TIMESTAMPTZ,
    "last_received_at" TIMESTAMPTZ,
    "stored" BIGINT NOT NULL DEFAULT 0,
    "duplicates" BIGINT NOT NULL DEFAULT 0,
    "rejected" BIGINT NOT NULL DEFAULT 0,
    "heartbeat_at" TIMESTAMPTZ,
    "complete_until" TIMESTAMPTZ
);

-- Times of which a source cannot show that nothing is missing. `until` is null while it is silent.
CREATE TABLE "source_gap" (
    "id" BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "dimension" INTEGER NOT NULL,
    "since" TIMESTAMPTZ NOT NULL,
    "until" TIMESTAMPTZ,
    "filled_at" TIMESTAMPTZ,
    "noticed_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE ("dimension", "since")
);

-- Lines that the database refused as data: kept with their raw bytes and the reason, to be sent again after a fix.
CREATE TABLE "event_parked" (
    "id" UUID PRIMARY KEY,
    "source" INTEGER NOT NULL,
    "received_at" TIMESTAMPTZ NOT NULL,
    "sqlstate" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "raw" BYTEA NOT NULL
);
CREATE INDEX "event_parked_received" ON "event_parked" ("received_at");

-- One id with two bodies: the first one won.
CREATE TABLE "event_conflict" (
    "id" UUID NOT NULL,
    "source" INTEGER NOT NULL,
    "kept_ts" TIMESTAMPTZ NOT NULL,
    "other_ts" TIMESTAMPTZ NOT NULL,
    "noticed_at" TIMESTAMPTZ NOT NULL,
    "other" JSONB NOT NULL,
    PRIMARY KEY ("id", "noticed_at", "other_ts")
);

-- Where a job of this room stands (conflict search).
CREATE TABLE "event_cursor" (
    "job" TEXT PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL
);
