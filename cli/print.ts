import type { Preview } from "./shapes.ts"

const signs: Readonly<Record<string, string>> = { create: "+", update: "~", disable: "!", delete: "-" }
const shownMax = 60

/** Names come from elsewhere: none of them moves the cursor or colours the terminal. */
export const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "\ufffd")

function shown(value: unknown): string {
  const text = plain(JSON.stringify(value ?? null))
  return text.length > shownMax ? `${text.slice(0, shownMax - 1)}…` : text
}

interface Line {
  readonly verb: string
  readonly kind: string
  readonly key: string
  readonly fields: readonly { readonly field: string; readonly from: unknown; readonly to: unknown }[]
  readonly projection?: { readonly is: string; readonly why: string } | undefined
}

function changeLines({ verb, kind, key, fields, projection }: Line): string[] {
  const head = `  ${signs[verb] ?? "?"} ${verb} ${kind} ${plain(key)}`
  const how = projection?.is === "widened" ? [`      widened: ${plain(projection.why)}`] : []
  if (verb === "delete") return [head]
  const told = fields.filter(({ from, to }) => verb !== "create" || !isEmpty(to) || !isEmpty(from))
  return [
    head,
    ...how,
    ...told.map(({ field, from, to }) =>
      verb === "create" ? `      ${field}: ${shown(to)}` : `      ${field}: ${shown(from)} → ${shown(to)}`,
    ),
  ]
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === "" || (Array.isArray(value) && value.length === 0)

const byDeletesFirst = <T extends { readonly verb: string }>(changes: readonly T[]): readonly T[] => [
  ...changes.filter(({ verb }) => verb === "delete"),
  ...changes.filter(({ verb }) => verb !== "delete"),
]

/** A preview as text: the registry, then every provider; deletes first; then what is left alone, with its reason. */
export function printPreview({ registry, providers, changes, kept }: Preview): string {
  const lines = [
    "Registry",
    ...(registry.length === 0 ? ["  no changes"] : byDeletesFirst(registry).flatMap(changeLines)),
  ]
  for (const { id, name } of providers) {
    const own = changes.filter((change) => change.provider_id === id)
    const left = kept.filter((item) => item.provider_id === id && item.code !== "not_ours")
    const foreign = kept.filter((item) => item.provider_id === id && item.code === "not_ours").length
    lines.push("", `Provider ${plain(name)}`)
    lines.push(...(own.length === 0 ? ["  no changes"] : byDeletesFirst(own).flatMap(changeLines)))
    lines.push(...left.map(({ kind, key, why }) => `  = kept ${kind} ${plain(key)}: ${plain(why)}`))
    if (foreign > 0) lines.push(`  = ${foreign} ${foreign === 1 ? "object is" : "objects are"} not ours and left alone`)
  }
  lines.push("", summary({ registry, changes }))
  return lines.join("\n")
}

export function summary({ registry, changes }: Pick<Preview, "registry" | "changes">): string {
  if (registry.length + changes.length === 0) return "No changes."
  const many = (count: number) => `${count} ${count === 1 ? "change" : "changes"}`
  const deletes = [...registry, ...changes].filter(({ verb }) => verb === "delete").length
  return `${many(registry.length)} in the registry, ${many(changes.length)} on providers${deletes === 0 ? "" : `, ${deletes} of them deletes`}.`
}
