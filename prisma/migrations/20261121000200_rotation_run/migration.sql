-- What a rotation needs to be run by several processes and resumed by any of them (reliability.md section 3).
ALTER TABLE "rotation"
  ADD COLUMN "grace_seconds" INTEGER NOT NULL DEFAULT 86400,
  ADD COLUMN "stuck_from" TEXT,
  ADD COLUMN "confirmed_at" TIMESTAMPTZ(3),
  ADD COLUMN "retire_requested_at" TIMESTAMPTZ(3),
  ADD COLUMN "abort_requested_at" TIMESTAMPTZ(3),
  ADD COLUMN "attempts" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "next_attempt_at" TIMESTAMPTZ(3),
  ADD COLUMN "trouble" JSONB,
  ADD COLUMN "lease_holder" UUID,
  ADD COLUMN "lease_until" TIMESTAMPTZ(3);

-- Pages of the list, newest first.
CREATE INDEX "rotation_created_at_id_idx" ON "rotation" ("created_at", "id");
