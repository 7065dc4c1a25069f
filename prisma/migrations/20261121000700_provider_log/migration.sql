-- A provider's own log as a source of events.
-- AlterTable
ALTER TABLE "source" ADD COLUMN     "provider_id" UUID;

-- CreateIndex
CREATE UNIQUE INDEX "source_provider_id_key" ON "source"("provider_id");

-- AddForeignKey
ALTER TABLE "source" ADD CONSTRAINT "source_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "provider"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Where the reading of a provider's log stands. Written in the transaction of the events that it brought, so Prisma leaves it alone.
CREATE TABLE "provider_log" (
    "provider_id" UUID PRIMARY KEY REFERENCES "provider"("id") ON DELETE CASCADE,
    "next_poll_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
    "every_seconds" INTEGER,
    -- Opaque, the connector's.
    "cursor" TEXT,
    -- Moves with every committed poll: who read from an older place commits nothing.
    "turn" BIGINT NOT NULL DEFAULT 0,
    "polled_at" TIMESTAMPTZ,
    "good_at" TIMESTAMPTZ,
    -- Polls that failed since the last good one, and the last failure: {code, message, at}.
    "failures" INTEGER NOT NULL DEFAULT 0,
    "error" JSONB,
    -- Why this provider has no log that can be read.
    "cannot" TEXT,
    -- Which facts of an event the log tells, derives or lacks.
    "provenance" JSONB
);

-- Records that became no event, by the provider's own word for their kind, with one of them as an example.
CREATE TABLE "provider_log_kind" (
    "provider_id" UUID NOT NULL REFERENCES "provider"("id") ON DELETE CASCADE,
    "raw_kind" TEXT NOT NULL,
    "n" BIGINT NOT NULL,
    "last_at" TIMESTAMPTZ NOT NULL,
    "example" TEXT NOT NULL,
    PRIMARY KEY ("provider_id", "raw_kind")
);

-- The records that were set aside lately, by digest: what is read again is not counted again.
CREATE TABLE "provider_log_aside" (
    "provider_id" UUID NOT NULL REFERENCES "provider"("id") ON DELETE CASCADE,
    "digest" UUID NOT NULL,
    "seen_at" TIMESTAMPTZ NOT NULL,
    PRIMARY KEY ("provider_id", "digest")
);
CREATE INDEX "provider_log_aside_seen" ON "provider_log_aside" ("seen_at");
