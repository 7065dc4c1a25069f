-- Who asks for the rotation of a secret (a reveal, a list of clients without one) reads no other rotation.
CREATE INDEX "rotation_new_secret_id_idx" ON "rotation"("new_secret_id");
