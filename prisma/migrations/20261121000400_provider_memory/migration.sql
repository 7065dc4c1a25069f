-- CreateTable
CREATE TABLE "provider_memory" (
    "provider_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "sealed" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_memory_pkey" PRIMARY KEY ("provider_id","name")
);

-- AddForeignKey
ALTER TABLE "provider_memory" ADD CONSTRAINT "provider_memory_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "provider"("id") ON DELETE CASCADE ON UPDATE CASCADE;

