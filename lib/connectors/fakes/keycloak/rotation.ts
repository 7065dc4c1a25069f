/** The secret-rotation executor: what a write of a client does to its secrets, with and without a matching policy. */
import { isObject } from "../../../base/json.ts"
import { newSecret, type FakeClient, type FakeRealm } from "./state.ts"

const [created, expires] = ["client.secret.creation.time", "client.secret.expiration.time"]
const [rotated, rotatedCreated, rotatedExpires] = [
  "client.secret.rotated",
  "client.secret.rotated.creation.time",
  "client.secret.rotated.expiration.time",
]

/** The periods of the policy that covers this client, in seconds; null: none does. */
function periods(realm: FakeRealm, client: FakeClient): { expiration: number; overlap: number } | null {
  const covering = realm.policies.policies
    .filter(isObject)
    .filter(({ enabled, conditions }) => {
      const all = objects(conditions)
      return enabled === true && all.length > 0 && all.every((one) => votes(one, client))
    })
    .flatMap((policy): unknown[] => (Array.isArray(policy.profiles) ? policy.profiles : []))
  const [rotating] = objects(realm.profiles.profiles)
    .filter(({ name }) => covering.includes(name))
    .flatMap(({ executors }) => objects(executors))
    .filter(({ executor }) => executor === "secret-rotation")
  if (!rotating || !isObject(rotating.configuration)) return null
  return {
    expiration: Number(rotating.configuration["expiration-period"]),
    overlap: Number(rotating.configuration["rotated-expiration-period"]),
  }
}

const objects = (value: unknown): readonly Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isObject) : []

/** A condition of a client policy; what matches no call of the admin API never does (providers.md 1.4). */
function votes({ condition, configuration }: Record<string, unknown>, client: FakeClient): boolean {
  const told = isObject(configuration) ? configuration : {}
  const access = client.publicClient ? "public" : client.bearerOnly ? "bearer-only" : "confidential"
  const wanted = objects(typeof told.attributes === "string" ? JSON.parse(told.attributes) : [])
  const yes: Readonly<Record<string, boolean>> = {
    "any-client": true,
    "client-access-type": [told.type].flat().includes(access),
    "client-attributes": wanted.every(({ key, value }) => client.attributes[String(key)] === value),
  }
  const vote = yes[String(condition)]
  return vote !== undefined && vote !== (String(told["is-negative-logic"]) === "true")
}

const forgetRotated = ({ attributes }: FakeClient): void => {
  for (const name of [rotated, rotatedCreated, rotatedExpires]) delete attributes[name]
}

/**
 * After the write of `client` was put together from the request. False: the real server answers 500, because there was no
 * `attributes` where a date had to be written.
 */
export function afterWrite(realm: FakeRealm, client: FakeClient, sent: Record<string, unknown>, now: number): boolean {
  const policy = periods(realm, client)
  if (!policy) {
    forgetRotated(client)
    delete client.attributes[expires]
    return true
  }
  const ends = Number(client.attributes[expires] ?? 0)
  if (ends > now) return true
  if (!isObject(sent.attributes)) return false
  if (ends > 0) rotate(realm, client, now)
  else Object.assign(client.attributes, { [created]: String(now), [expires]: String(now + policy.expiration) })
  return true
}

/** `POST …/client-secret`: with a policy the old value lives on as the rotated one, without it dies at once. */
export function rotate(realm: FakeRealm, client: FakeClient, now: number): void {
  const policy = periods(realm, client)
  const old = client.secret
  client.secret = newSecret()
  if (!policy) return forgetRotated(client)
  Object.assign(client.attributes, {
    [rotated]: old,
    [rotatedCreated]: client.attributes[created] ?? String(now),
    [rotatedExpires]: String(now + policy.overlap),
    [created]: String(now),
    [expires]: String(now + policy.expiration),
  })
}

/** Does this value log the client in? The main secret's end gates both. */
export function accepts(client: FakeClient, value: string, now: number): boolean {
  const { attributes } = client
  const ends = Number(attributes[expires] ?? 0)
  if (ends > 0 && ends <= now) return false
  if (value === client.secret) return true
  const live = attributes[rotatedCreated] !== undefined && Number(attributes[rotatedExpires] ?? 0) > now
  return live && value === attributes[rotated]
}

export const dropRotated = forgetRotated
export const rotatedValue = ({ attributes }: FakeClient): string | undefined => attributes[rotated]
