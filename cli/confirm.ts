import { Ends } from "./ending.ts"
import { plain } from "./print.ts"
import type { Preview } from "./shapes.ts"
import type { World } from "./world.ts"

/** What was agreed to before it was asked: the options of `apply`. */
export interface Agreed {
  readonly yes: boolean
  /** The phrase that would be typed. */
  readonly confirm?: string | undefined
  readonly acceptWidened: boolean
  readonly beyondLimit: boolean
}

/** One delete is named, several are counted, so that nobody confirms by habit. Null where nothing goes. */
export function deletePhrase({ registry, changes }: Pick<Preview, "registry" | "changes">): string | null {
  const gone = [...registry, ...changes].filter(({ verb }) => verb === "delete")
  const keys = new Set(gone.map(({ kind, key }) => `${kind} ${key}`))
  const [only] = keys
  if (only === undefined) return null
  return keys.size === 1 ? `delete ${plain(only)}` : `delete ${keys.size}`
}

/**
 * Asks what must be asked: whether at all, the widened grants, and the deletes by their phrase. Ends `usage` where
 * nobody can be asked or more would be deleted than one run may, `changes` where somebody said no.
 */
export async function confirmed(world: World, preview: Preview, agreed: Agreed): Promise<void> {
  const widened = preview.changes.filter(({ projection }) => projection?.is === "widened").length
  const phrase = deletePhrase(preview)
  const deletes = preview.changes.filter(({ verb }) => verb === "delete").length
  if (deletes > preview.deletes_limit && !agreed.beyondLimit)
    throw new Ends(
      "usage",
      `This deletes ${deletes} objects on providers; the limit of one run is ${preview.deletes_limit}. Where this is meant, say --beyond-limit`,
      { code: "blast_radius", deletes, limit: preview.deletes_limit },
    )
  if (!agreed.yes) await wants(world, "Carry this out? Type yes: ", "yes", "--yes")
  if (widened > 0 && !agreed.acceptWidened) {
    const many = widened === 1 ? "A grant becomes" : `${widened} grants become`
    await wants(world, `${many} wider than registered on a provider. Type widen: `, "widen", "--accept-widened")
  }
  if (phrase === null) return
  if (agreed.confirm === undefined)
    return wants(world, `This deletes. Type ${phrase}: `, phrase, `--confirm ${JSON.stringify(phrase)}`)
  if (agreed.confirm !== phrase)
    throw new Ends("usage", `--confirm ${JSON.stringify(agreed.confirm)} is not what this asks for: ${phrase}`, {
      phrase,
    })
}

async function wants(world: World, question: string, answer: string, option: string): Promise<void> {
  if (!world.ask) throw new Ends("usage", `Nobody is here to ask. Where this is meant, say ${option}`, { option })
  if ((await world.ask(question)) !== answer) throw new Ends("changes", "Nothing was changed.")
}
