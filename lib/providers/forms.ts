/** What a person fills in to connect each kind of provider, drawn from the kind's own schema: a new kind needs no page. */
import { z } from "zod"
import { isObject } from "../base/json.ts"
import { kinds } from "../connectors/kinds.ts"

export interface SettingField {
  readonly name: string
  /** Sealed once it is stored, and never answered. */
  readonly secret: boolean
  readonly required: boolean
  readonly description: string
}

export interface KindForm {
  readonly kind: string
  readonly title: string
  readonly fields: readonly SettingField[]
}

export const kindForms = (): readonly KindForm[] =>
  kinds.map(({ kind, title, settings, secrets }) => {
    const { properties = {}, required = [] } = z.toJSONSchema(settings, { io: "input" })
    return {
      kind,
      title,
      fields: Object.entries(properties).map(([name, schema]) => ({
        name,
        secret: secrets.includes(name),
        required: required.includes(name),
        description: isObject(schema) && typeof schema.description === "string" ? schema.description : "",
      })),
    }
  })
