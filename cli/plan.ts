import type { Api } from "./api.ts"
import { placed, type DocumentFile } from "./document.ts"
import { preview, type Preview } from "./shapes.ts"

/** What the file would change in the registry and on the providers (by name or id; none: all). Changes nothing. */
export async function askPreview(api: Api, file: DocumentFile, providers: readonly string[]): Promise<Preview> {
  const query = new URLSearchParams(providers.map((name) => ["provider", name]))
  try {
    return await api.send(`/registry/plan${query.size === 0 ? "" : `?${query}`}`, preview, {
      document: { text: file.text, type: file.type },
    })
  } catch (error) {
    throw placed(error, file)
  }
}

export const isEmpty = ({ registry, changes }: Preview): boolean => registry.length + changes.length === 0
