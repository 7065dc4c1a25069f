/** The closed vocabulary of the admin audit trail: noun.verb. */
export const trailActions = [
  "user.create", "user.update", "user.disable", "user.enable", "user.password_change", "user.sign_in", "user.sign_in_failed", "user.sign_out", "user.sign_out_everywhere", "user.lost_password",
  "api_token.create", "api_token.update", "api_token.revoke",
  "client.create", "client.update", "client.disable", "client.enable", "client.delete",
  "audience.create", "audience.update", "audience.delete",
  "grant.create", "grant.update", "grant.delete",
  "registry.replace",
  "provider.create", "provider.update", "provider.delete", "provider.read", "provider.import",
  "placement.adopt", "placement.unmanage",
  "drift.revert", "drift.adopt", "drift.ignore",
  "plan.create", "plan.update", "plan.approve", "plan.discard", "plan.apply", "plan.resume", "plan.finish",
  "change.intent", "change.done", "change.failed",
  "token.fetch",
  "secret.issue", "secret.verify", "secret.reveal", "secret.retire",
  "rotation.create", "rotation.advance", "rotation.confirm", "rotation.extend", "rotation.abort", "rotation.retire", "rotation.emergency_revoke",
  "source.create", "source.update", "source.delete",
  "setting.update", "demo.start", "demo.remove",
] as const
export type TrailAction = (typeof trailActions)[number]
