import { grantKey } from "../connectors/objects.ts"
import { literally } from "../db/like.ts"

/** The grants of this client among what is placed or has drifted, and of no other: `pay_a` is not `pay-a`. */
export const grantsOf = (client: string) => ({
  kind: "grant",
  key: { startsWith: literally(grantKey(client, "")) },
})
