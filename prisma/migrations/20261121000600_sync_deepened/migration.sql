-- Reads on a schedule, a provider's own pace, when a drift came about, how a plan's grants are held and what it led to.
-- AlterTable
ALTER TABLE "provider" ADD COLUMN     "next_read_at" TIMESTAMPTZ(3),
ADD COLUMN     "read_every_seconds" INTEGER,
ADD COLUMN     "retry_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "drift_item" ADD COLUMN     "since" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "plan" ADD COLUMN     "outcome" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "report" JSONB NOT NULL DEFAULT '[]';
