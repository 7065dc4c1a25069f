-- CreateTable
CREATE TABLE "user_account" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "user_account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "ip" TEXT,
    "user_agent" TEXT,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "one_time_link" (
    "id" UUID NOT NULL,
    "purpose" TEXT NOT NULL,
    "hmac" BYTEA NOT NULL,
    "user_id" UUID,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "one_time_link_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "login_attempt" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "ip" TEXT,
    "ok" BOOLEAN NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "login_attempt_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hmac" BYTEA NOT NULL,
    "hint" TEXT NOT NULL,
    "permissions" TEXT[],
    "source_id" UUID,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "setting" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "setting_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "idempotency_key" (
    "actor" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "body_hash" BYTEA NOT NULL,
    "status" INTEGER,
    "response" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("actor","route","key")
);

-- CreateTable
CREATE TABLE "trail_entry" (
    "seq" BIGINT NOT NULL,
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "actor_name" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target_kind" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "target_name" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "reason" TEXT,
    "request_id" TEXT,
    "prev_hash" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "trail_entry_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "trail_head" (
    "id" INTEGER NOT NULL,
    "seq" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "trail_head_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "client" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "auth_method" TEXT NOT NULL,
    "jwks" JSONB,
    "tags" TEXT[],
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "client_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "client_provider" (
    "client_id" UUID NOT NULL,
    "provider_id" UUID NOT NULL,

    CONSTRAINT "client_provider_pkey" PRIMARY KEY ("client_id","provider_id")
);

-- CreateTable
CREATE TABLE "audience" (
    "id" UUID NOT NULL,
    "identifier" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "legacy" BOOLEAN NOT NULL DEFAULT false,
    "token_ttl_seconds" INTEGER NOT NULL,
    "token_format" TEXT NOT NULL,
    "signing_alg" TEXT NOT NULL,
    "tags" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "audience_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audience_provider" (
    "audience_id" UUID NOT NULL,
    "provider_id" UUID NOT NULL,

    CONSTRAINT "audience_provider_pkey" PRIMARY KEY ("audience_id","provider_id")
);

-- CreateTable
CREATE TABLE "scope" (
    "id" UUID NOT NULL,
    "audience_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "scope_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audience_grant" (
    "id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "audience_id" UUID NOT NULL,
    "reason" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "audience_grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "grant_scope" (
    "grant_id" UUID NOT NULL,
    "scope_id" UUID NOT NULL,

    CONSTRAINT "grant_scope_pkey" PRIMARY KEY ("grant_id","scope_id")
);

-- CreateTable
CREATE TABLE "provider" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "environment" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "token_endpoint" TEXT NOT NULL,
    "jwks_uri" TEXT NOT NULL,
    "introspection_endpoint" TEXT,
    "settings" JSONB NOT NULL,
    "sealed_settings" JSONB,
    "status" TEXT NOT NULL DEFAULT 'unknown',
    "status_why" TEXT,
    "latency_ms" INTEGER,
    "checked_at" TIMESTAMPTZ(3),
    "last_read_at" TIMESTAMPTZ(3),
    "last_read_error" TEXT,
    "read_requested_at" TIMESTAMPTZ(3),
    "last_read" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "provider_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "placement" (
    "id" UUID NOT NULL,
    "provider_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "remote_id" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "protected" BOOLEAN NOT NULL DEFAULT false,
    "applied" JSONB NOT NULL,
    "applied_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "placement_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "provider_lease" (
    "provider_id" UUID NOT NULL,
    "holder" TEXT NOT NULL,
    "fence" BIGINT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "provider_lease_pkey" PRIMARY KEY ("provider_id")
);

-- CreateTable
CREATE TABLE "drift_item" (
    "id" UUID NOT NULL,
    "provider_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "fields" JSONB NOT NULL,
    "actor" JSONB,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'open',
    "ignore_until" TIMESTAMPTZ(3),
    "reason" TEXT,
    "decided_by" TEXT,
    "fingerprint" TEXT NOT NULL,

    CONSTRAINT "drift_item_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "import" (
    "id" UUID NOT NULL,
    "provider_id" UUID NOT NULL,
    "found" JSONB NOT NULL,
    "adopted" JSONB NOT NULL DEFAULT '[]',
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "import_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "plan" (
    "id" UUID NOT NULL,
    "status" TEXT NOT NULL,
    "provider_ids" TEXT[],
    "kept" JSONB NOT NULL,
    "basis" JSONB NOT NULL,
    "hash" TEXT NOT NULL,
    "purpose" TEXT,
    "confirmed" TEXT[],
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "approved_by" TEXT,
    "approved_at" TIMESTAMPTZ(3),
    "applied_by" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "error" JSONB,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "plan_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "plan_change" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "provider_id" UUID NOT NULL,
    "verb" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "fields" JSONB NOT NULL,
    "object" JSONB,
    "remote_id" TEXT,
    "observed" TEXT,
    "projection" JSONB,
    "needs_confirmation" BOOLEAN NOT NULL DEFAULT false,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "error" JSONB,
    "intent_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "plan_change_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "client_secret" (
    "id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "provider_id" UUID NOT NULL,
    "remote_id" TEXT,
    "state" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "sealed" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "verified_at" TIMESTAMPTZ(3),
    "revealed_at" TIMESTAMPTZ(3),
    "retired_at" TIMESTAMPTZ(3),
    "error" JSONB,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "client_secret_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rotation" (
    "id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "provider_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "strategy" TEXT NOT NULL,
    "evidence_grade" TEXT NOT NULL,
    "emergency" BOOLEAN NOT NULL DEFAULT false,
    "old_secret_ids" TEXT[],
    "new_secret_id" UUID,
    "grace_started_at" TIMESTAMPTZ(3),
    "grace_until" TIMESTAMPTZ(3),
    "override" JSONB,
    "gate" JSONB,
    "stuck_why" TEXT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "rotation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rotation_step" (
    "id" UUID NOT NULL,
    "rotation_id" UUID NOT NULL,
    "step" TEXT NOT NULL,
    "phase" TEXT NOT NULL,
    "detail" JSONB,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rotation_step_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "source" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "silent_after_seconds" INTEGER,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "source_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "saved_search" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "query" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "team" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "saved_search_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_account_email_key" ON "user_account"("email");

-- CreateIndex
CREATE INDEX "session_user_id_idx" ON "session"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "one_time_link_hmac_key" ON "one_time_link"("hmac");

-- CreateIndex
CREATE INDEX "login_attempt_email_at_idx" ON "login_attempt"("email", "at");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_hmac_key" ON "api_token"("hmac");

-- CreateIndex
CREATE INDEX "idempotency_key_created_at_idx" ON "idempotency_key"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "trail_entry_id_key" ON "trail_entry"("id");

-- CreateIndex
CREATE INDEX "trail_entry_target_kind_target_id_seq_idx" ON "trail_entry"("target_kind", "target_id", "seq");

-- CreateIndex
CREATE INDEX "trail_entry_action_seq_idx" ON "trail_entry"("action", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "client_name_key" ON "client"("name");

-- CreateIndex
CREATE INDEX "client_owner_idx" ON "client"("owner");

-- CreateIndex
CREATE INDEX "client_created_at_id_idx" ON "client"("created_at", "id");

-- CreateIndex
CREATE INDEX "client_provider_provider_id_idx" ON "client_provider"("provider_id");

-- CreateIndex
CREATE UNIQUE INDEX "audience_identifier_key" ON "audience"("identifier");

-- CreateIndex
CREATE UNIQUE INDEX "scope_audience_id_name_key" ON "scope"("audience_id", "name");

-- CreateIndex
CREATE INDEX "audience_grant_audience_id_idx" ON "audience_grant"("audience_id");

-- CreateIndex
CREATE INDEX "audience_grant_expires_at_idx" ON "audience_grant"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "audience_grant_client_id_audience_id_key" ON "audience_grant"("client_id", "audience_id");

-- CreateIndex
CREATE INDEX "grant_scope_scope_id_idx" ON "grant_scope"("scope_id");

-- CreateIndex
CREATE UNIQUE INDEX "provider_name_key" ON "provider"("name");

-- CreateIndex
CREATE INDEX "placement_kind_key_idx" ON "placement"("kind", "key");

-- CreateIndex
CREATE UNIQUE INDEX "placement_provider_id_kind_key_key" ON "placement"("provider_id", "kind", "key");

-- CreateIndex
CREATE UNIQUE INDEX "drift_item_provider_id_kind_key_key" ON "drift_item"("provider_id", "kind", "key");

-- CreateIndex
CREATE INDEX "plan_created_at_id_idx" ON "plan"("created_at", "id");

-- CreateIndex
CREATE INDEX "plan_status_idx" ON "plan"("status");

-- CreateIndex
CREATE UNIQUE INDEX "plan_change_plan_id_ordinal_key" ON "plan_change"("plan_id", "ordinal");

-- CreateIndex
CREATE INDEX "client_secret_client_id_provider_id_idx" ON "client_secret"("client_id", "provider_id");

-- CreateIndex
CREATE INDEX "client_secret_fingerprint_idx" ON "client_secret"("fingerprint");

-- CreateIndex
CREATE INDEX "rotation_client_id_idx" ON "rotation"("client_id");

-- CreateIndex
CREATE INDEX "rotation_state_idx" ON "rotation"("state");

-- CreateIndex
CREATE INDEX "rotation_step_rotation_id_at_idx" ON "rotation_step"("rotation_id", "at");

-- CreateIndex
CREATE UNIQUE INDEX "source_name_key" ON "source"("name");

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user_account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "source"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_provider" ADD CONSTRAINT "client_provider_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "client"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_provider" ADD CONSTRAINT "client_provider_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "provider"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audience_provider" ADD CONSTRAINT "audience_provider_audience_id_fkey" FOREIGN KEY ("audience_id") REFERENCES "audience"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audience_provider" ADD CONSTRAINT "audience_provider_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "provider"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scope" ADD CONSTRAINT "scope_audience_id_fkey" FOREIGN KEY ("audience_id") REFERENCES "audience"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audience_grant" ADD CONSTRAINT "audience_grant_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "client"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audience_grant" ADD CONSTRAINT "audience_grant_audience_id_fkey" FOREIGN KEY ("audience_id") REFERENCES "audience"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grant_scope" ADD CONSTRAINT "grant_scope_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "audience_grant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grant_scope" ADD CONSTRAINT "grant_scope_scope_id_fkey" FOREIGN KEY ("scope_id") REFERENCES "scope"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "placement" ADD CONSTRAINT "placement_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "provider"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "drift_item" ADD CONSTRAINT "drift_item_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "provider"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import" ADD CONSTRAINT "import_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "provider"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_change" ADD CONSTRAINT "plan_change_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plan"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_secret" ADD CONSTRAINT "client_secret_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "client"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_secret" ADD CONSTRAINT "client_secret_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "provider"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rotation" ADD CONSTRAINT "rotation_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "client"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rotation" ADD CONSTRAINT "rotation_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "provider"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rotation_step" ADD CONSTRAINT "rotation_step_rotation_id_fkey" FOREIGN KEY ("rotation_id") REFERENCES "rotation"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- One rotation per client and provider is in flight (reliability.md 3.2, invariant 4).
CREATE UNIQUE INDEX "rotation_in_flight" ON "rotation" ("client_id", "provider_id")
  WHERE "state" NOT IN ('done', 'aborted');

-- Client search by any part of its words, at tens of thousands of clients.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX "client_words" ON "client" USING gin ((lower("name" || ' ' || "display_name" || ' ' || "owner")) gin_trgm_ops);

-- The trail is insert only: a second fence behind the code that never updates it.
INSERT INTO "trail_head" ("id", "seq", "hash") VALUES (1, 0, decode(repeat('00', 32), 'hex'));
-- (The engine parts statements at each semicolon, so the one in this body is spelled \x3b.)
CREATE FUNCTION "trail_is_append_only"() RETURNS trigger LANGUAGE plpgsql AS
  E'BEGIN RAISE EXCEPTION ''the admin audit trail is append only'' USING ERRCODE = ''42501''\x3b END';
CREATE TRIGGER "trail_entry_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "trail_entry"
  FOR EACH STATEMENT EXECUTE FUNCTION "trail_is_append_only"();
