/** The realm's secret-rotation policy, which alone lets two secrets of a client live side by side. Pure but for its reading. */
import { isObject } from "../../base/json.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Admin } from "./admin.ts"
import { attribute } from "./names.ts"
import { policies, profiles, type Client, type Policies, type Profiles } from "./shapes.ts"

/** What the policy says for one client: how long a secret lives, and the old one beside it. `unknown`: we may not read it. */
export type Rotation =
  | { readonly is: "on"; readonly expirationSeconds: number; readonly overlapSeconds: number }
  | { readonly is: "off" }
  | { readonly is: "unknown" }

const executorName = "secret-rotation"
export const policyName = "grantry-rotation"
/** "Never" is not offered; nothing breaks at 2038. */
const expirationSeconds = 3_153_600_000
/** The old secret lives this long unless it is retired before: 30 days. */
const overlapSeconds = 2_592_000

export interface RealmPolicy {
  /** With which client's data the conditions are met. */
  of(client: Pick<Client, "publicClient" | "bearerOnly" | "attributes">): Rotation
}

/** Read afresh before each rotation and each write to a client in overlap: changes of policies leave no trace in the log. */
export async function readPolicy(admin: Admin): Promise<RealmPolicy> {
  try {
    const step = "read the rotation policy"
    const [told, kept] = await Promise.all([
      admin({ step, kind: "read", method: "GET", path: "/client-policies/policies" }, policies),
      admin({ step, kind: "read", method: "GET", path: "/client-policies/profiles" }, profiles),
    ])
    return { of: (client) => rotationOf(client, told, kept) }
  } catch (error) {
    if (error instanceof ConnectorError && error.code === "forbidden") return { of: () => ({ is: "unknown" }) }
    throw error
  }
}

/** Conditions that we cannot judge count as not met: then a person confirms a cut-over that would have been none. */
export function rotationOf(
  client: Pick<Client, "publicClient" | "bearerOnly" | "attributes">,
  told: Policies,
  kept: Profiles,
): Rotation {
  for (const { enabled, conditions, profiles: used } of told.policies ?? []) {
    if (!enabled || !conditions || conditions.length === 0) continue
    const executor = (kept.profiles ?? [])
      .filter(({ name }) => used?.includes(name))
      .flatMap(({ executors }) => executors ?? [])
      .find((one) => one.executor === executorName)
    if (executor && conditions.every((one) => isMet(one, client))) {
      const periodOf = (name: string, otherwise: number): number => {
        const told = executor.configuration?.[name]
        const seconds = typeof told === "number" || typeof told === "string" ? Number(told) : NaN
        return Number.isSafeInteger(seconds) && seconds >= 0 ? seconds : otherwise
      }
      return {
        is: "on",
        expirationSeconds: periodOf("expiration-period", expirationSeconds),
        overlapSeconds: periodOf("rotated-expiration-period", overlapSeconds),
      }
    }
  }
  return { is: "off" }
}

function isMet(
  { condition, configuration }: { condition: string; configuration?: Record<string, unknown> | null | undefined },
  client: Pick<Client, "publicClient" | "bearerOnly" | "attributes">,
): boolean {
  const told = configuration ?? {}
  const negative = told["is-negative-logic"] === true || told["is-negative-logic"] === "true"
  const met = judge(condition, told, client)
  return met !== null && met !== negative
}

function judge(
  condition: string,
  told: Record<string, unknown>,
  client: Pick<Client, "publicClient" | "bearerOnly" | "attributes">,
): boolean | null {
  if (condition === "any-client") return true
  if (condition === "client-access-type") {
    const type = client.publicClient ? "public" : client.bearerOnly ? "bearer-only" : "confidential"
    return Array.isArray(told.type) && told.type.includes(type)
  }
  if (condition !== "client-attributes" || typeof told.attributes !== "string") return null
  try {
    const wanted: unknown = JSON.parse(told.attributes)
    if (!Array.isArray(wanted)) return null
    return wanted.every(
      (one) => isObject(one) && typeof one.key === "string" && client.attributes[one.key] === one.value,
    )
  } catch {
    return null
  }
}

/** The profiles with ours among them; everything else stays as it is (the PUT replaces the whole list). */
export const withProfile = (kept: Profiles): Profiles => ({
  ...kept,
  profiles: [
    ...(kept.profiles ?? []).filter(({ name }) => name !== policyName),
    {
      name: policyName,
      description: "Made by Grantry: a new secret leaves the old one alive.",
      executors: [
        {
          executor: executorName,
          configuration: {
            "expiration-period": expirationSeconds,
            "rotated-expiration-period": overlapSeconds,
            "remaining-rotation-period": 864_000,
          },
        },
      ],
    },
  ],
})

/** The policies with ours among them. `attributes` must be a string: a list is accepted and then breaks the whole realm. */
export const withPolicy = (told: Policies): Policies => ({
  ...told,
  policies: [
    ...(told.policies ?? []).filter(({ name }) => name !== policyName),
    {
      name: policyName,
      description: "Made by Grantry, for the clients that it manages.",
      enabled: true,
      profiles: [policyName],
      conditions: [
        {
          condition: "client-attributes",
          configuration: {
            "is-negative-logic": false,
            attributes: JSON.stringify([{ key: attribute.rotation, value: "true" }]),
          },
        },
      ],
    },
  ],
})
