-- Free text finds the beginning of a trace or token id, and words that few rows carry.
-- The pattern classes serve both equality and prefixes, whatever the collation of the database.
DROP INDEX "token_event_trace";
CREATE INDEX "token_event_trace" ON "token_event" ("trace_id" text_pattern_ops) WHERE "trace_id" IS NOT NULL;
DROP INDEX "token_event_jti";
CREATE INDEX "token_event_jti" ON "token_event" ("jti" text_pattern_ops) WHERE "jti" IS NOT NULL;
CREATE INDEX "token_event_resource" ON "token_event" ("resource", "ts") WHERE "resource" IS NOT NULL;
CREATE INDEX "token_event_agent" ON "token_event" ("agent", "ts") WHERE "agent" IS NOT NULL;
