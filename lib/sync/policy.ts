import "server-only"
import { z } from "zod"
import type { db } from "../db/client.ts"
import type { Tx } from "../db/tx.ts"

/** The setting `plan_rules`. Without it: no approval, and per run at most 5 deletes or a tenth of what stands on the providers (reliability.md T30). */
export const planRulesSetting = z.object({
  approval: z.boolean().default(false),
  deletesAlways: z.int().min(0).default(5),
  deletesPercent: z.number().min(0).max(100).default(10),
})
export type PlanRules = z.infer<typeof planRulesSetting>

export async function planRules(through: Tx | ReturnType<typeof db>): Promise<PlanRules> {
  const row = await through.setting.findUnique({ where: { key: "plan_rules" } })
  return planRulesSetting.parse(row?.value ?? {})
}

/** How many deletes one run may hold: the larger of the fixed number and the share of what stands there. Pure. */
export const deletesLimit = (rules: PlanRules, placed: number): number =>
  Math.max(rules.deletesAlways, Math.floor((placed * rules.deletesPercent) / 100))
