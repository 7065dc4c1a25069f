/** Arbitrary small worlds for the planner's laws, and a provider that carries plans out in memory. */
import fc from "fast-check"
import {
  grantKey,
  type AppliedObject,
  type DesiredObject,
  type Fields,
  type ObjectKind,
  type RemoteObject,
} from "../connectors/objects.ts"
import { idOf } from "./normal.ts"
import type { Planned, PlanPolicy } from "./plan.ts"

export const openPolicy: PlanPolicy = {
  reverting: new Set(),
  ignored: new Map(),
  rotating: new Set(),
  disabled: new Set(),
  refused: [],
  notes: [],
  notHeld: [],
  readOnly: null,
  project: () => ({ is: "exact", why: "it fits" }),
}

export const everythingReverts = (ids: Iterable<string>): PlanPolicy => ({ ...openPolicy, reverting: new Set(ids) })

const audiences = ["https://a.example", "https://b.example"]
const clients = ["one", "two", "three"]
const scopeNames = ["read", "write", "admin"]

const fieldsOf: Readonly<Record<ObjectKind, fc.Arbitrary<Fields>>> = {
  audience: fc.record({
    name: fc.constantFrom("A", "B"),
    scopes: fc.subarray(scopeNames).map((names) => names.map((name) => ({ name, description: "" }))),
    token_ttl_seconds: fc.constantFrom(300, 900),
  }),
  client: fc.record({
    display_name: fc.constantFrom("X", "Y"),
    owner: fc.constantFrom("team", ""),
    jwks: fc.constant(null),
    auth_method: fc.constantFrom("client_secret_basic", "private_key_jwt"),
    enabled: fc.boolean(),
  }),
  grant: fc.record({ scopes: fc.shuffledSubarray(scopeNames, { minLength: 1 }) }),
}
const objects: readonly { kind: ObjectKind; key: string }[] = [
  ...audiences.map((key) => ({ kind: "audience" as const, key })),
  ...clients.map((key) => ({ kind: "client" as const, key })),
  ...clients.flatMap((client) =>
    audiences.map((audience) => ({ kind: "grant" as const, key: grantKey(client, audience) })),
  ),
]

const some = (share: number) => fc.integer({ min: 0, max: 99 }).map((n) => n < share)

/** A desired state whose grants have both ends, as the registry's foreign keys make sure. */
export const desiredState: fc.Arbitrary<DesiredObject[]> = fc
  .tuple(
    ...objects.map(({ kind, key }) =>
      fc.record({ in: some(60), kind: fc.constant(kind), key: fc.constant(key), fields: fieldsOf[kind] }),
    ),
  )
  .map((all) => {
    const there = new Set(all.filter((object) => object.in).map(idOf))
    const whole = all.filter(
      (object) =>
        object.in &&
        (object.kind !== "grant" ||
          object.key.split(" ").every((end, i) => there.has(`${i === 0 ? "client" : "audience"} ${end}`))),
    )
    return whole.map(({ kind, key, fields }) => ({ kind, key, fields }))
  })

export interface World {
  readonly desired: DesiredObject[]
  readonly applied: AppliedObject[]
  readonly remote: RemoteObject[]
}

/** Anything may stand anywhere: ours, adopted, protected, foreign, unmarked, moved, gone, or not told. */
export const world: fc.Arbitrary<World> = fc
  .tuple(
    desiredState,
    fc.tuple(
      ...objects.map(({ kind, key }) =>
        fc.record({
          kind: fc.constant(kind),
          key: fc.constant(key),
          applied: some(60),
          remote: some(70),
          drifts: some(25),
          marked: some(80),
          replaced: some(5),
          origin: fc.constantFrom<"created" | "adopted">("created", "created", "adopted"),
          protected: some(10),
          had: fieldsOf[kind],
          found: fieldsOf[kind],
          unknown: fc.option(fc.constantFrom("scopes", "display_name"), { freq: 8 }),
        }),
      ),
    ),
  )
  .map(([desired, states]) => ({
    desired,
    applied: states
      .filter((s) => s.applied)
      .map((s) => ({
        kind: s.kind,
        key: s.key,
        remoteId: `r-${idOf(s)}`,
        origin: s.origin,
        protected: s.protected,
        fields: s.had,
      })),
    remote: states
      .filter((s) => s.remote)
      .map((s) => {
        const fields: Record<string, Fields[string]> = { ...(s.applied && !s.drifts ? s.had : s.found) }
        if (s.unknown) delete fields[s.unknown]
        return {
          kind: s.kind,
          key: s.key,
          remoteId: s.replaced ? `other-${idOf(s)}` : `r-${idOf(s)}`,
          marked: s.marked,
          fields,
          ...(s.unknown ? { unknown: [s.unknown] } : {}),
        }
      }),
  }))

/** What applying a plan leaves behind, by the journal's own rules for `applied`. */
export function carryOut({ changes }: Planned, before: World): World {
  const applied = new Map(before.applied.map((object) => [idOf(object), object]))
  const remote = new Map(before.remote.map((object) => [idOf(object), object]))
  for (const change of changes) {
    const id = idOf(change)
    if (change.verb === "delete") {
      applied.delete(id)
      remote.delete(id)
      continue
    }
    const moved = Object.fromEntries(change.fields.map(({ field, to }) => [field, to]))
    const there = remote.get(id)
    const had = applied.get(id)
    const remoteId = there?.remoteId ?? `new-${id}`
    remote.set(id, {
      kind: change.kind,
      key: change.key,
      remoteId,
      marked: there?.marked ?? true,
      fields: { ...there?.fields, ...moved },
      ...(there?.unknown ? { unknown: there.unknown } : {}),
    })
    applied.set(id, {
      kind: change.kind,
      key: change.key,
      remoteId,
      origin: had && there ? had.origin : "created",
      protected: had?.protected ?? false,
      fields: { ...had?.fields, ...moved },
    })
  }
  return { desired: before.desired, applied: [...applied.values()], remote: [...remote.values()] }
}

/** Everything of ours exactly as wanted. */
export const inSync = (desired: readonly DesiredObject[]): World => ({
  desired: [...desired],
  applied: desired.map((object) => ({ ...object, remoteId: `r-${idOf(object)}`, origin: "created", protected: false })),
  remote: desired.map((object) => ({ ...object, remoteId: `r-${idOf(object)}`, marked: true })),
})
