-- Whoever keeps searches gives each name once. Of names that were given twice at the same moment, the later search keeps
-- its name with its id behind it.
UPDATE "saved_search" AS s SET "name" = left(s."name", 60) || ' ' || s."id", "version" = s."version" + 1
WHERE EXISTS (SELECT FROM "saved_search" AS o WHERE o."user_id" = s."user_id" AND o."name" = s."name" AND o."id" < s."id");

-- CreateIndex
CREATE UNIQUE INDEX "saved_search_user_id_name_key" ON "saved_search"("user_id", "name");
