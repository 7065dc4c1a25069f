/** Graph's answers, read with patience: whatever is not an id may be null or missing (providers.md 0.4). */
import { z } from "zod"

const text = z.string().nullish()
const texts = z.array(z.string()).nullish()

export const remoteRole = z.looseObject({
  id: z.string().min(1),
  value: text,
  displayName: text,
  description: text,
  isEnabled: z.boolean().nullish(),
  allowedMemberTypes: texts,
})
export type RemoteRole = z.output<typeof remoteRole>

/** Never with a value: Graph answers `secretText` once, to addPassword. */
export const remotePassword = z.object({
  keyId: z.string().min(1),
  displayName: text,
  startDateTime: text,
  endDateTime: text,
})
export type RemotePassword = z.output<typeof remotePassword>

export const application = z.object({
  id: z.string().min(1),
  appId: z.string().min(1),
  displayName: text,
  uniqueName: text,
  identifierUris: texts,
  appRoles: z.array(remoteRole).nullish(),
  api: z.looseObject({ requestedAccessTokenVersion: z.number().nullish() }).nullish(),
  tags: texts,
  isDisabled: z.boolean().nullish(),
  passwordCredentials: z.array(remotePassword).nullish(),
  keyCredentials: z.array(z.unknown()).nullish(),
})
export type Application = z.output<typeof application>

export const applicationFields =
  "id,appId,displayName,uniqueName,identifierUris,appRoles,api,tags,isDisabled,passwordCredentials,keyCredentials"

export const principal = z.object({
  id: z.string().min(1),
  appId: z.string().min(1),
  accountEnabled: z.boolean().nullish(),
  appRoleAssignmentRequired: z.boolean().nullish(),
})
export type Principal = z.output<typeof principal>

export const principalFields = "id,appId,accountEnabled,appRoleAssignmentRequired"

export const assignment = z.object({
  id: z.string().min(1),
  appRoleId: z.string().min(1),
  principalId: z.string().min(1),
  principalType: text,
  resourceId: z.string().min(1),
})
export type Assignment = z.output<typeof assignment>

export const lifetimePolicy = z.object({ id: z.string().min(1), displayName: text, definition: texts })
export type LifetimePolicy = z.output<typeof lifetimePolicy>

/** One record of a log. Only what the reading itself needs; lib/normalize reads the rest. */
export const logRecord = z.looseObject({ id: z.string().min(1) })
export type LogRecord = z.output<typeof logRecord>
