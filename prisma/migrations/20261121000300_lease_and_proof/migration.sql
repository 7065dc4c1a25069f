-- One lease for whatever one process at a time may work on: a provider, a rotation. No release has run with the two before it.
CREATE TABLE "lease" (
    "subject_id" UUID NOT NULL,
    "holder" UUID NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "lease_pkey" PRIMARY KEY ("subject_id")
);

DROP TABLE "provider_lease";

ALTER TABLE "rotation" DROP COLUMN "lease_holder", DROP COLUMN "lease_until";

-- Kept by a job, so that a list of secrets asks nobody.
ALTER TABLE "client_secret" ADD COLUMN "last_seen_at" TIMESTAMPTZ(3);

-- Step-up (reliability.md T14): a session remembers when its user last proved who they are.
ALTER TABLE "session" ADD COLUMN "authenticated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
