import "server-only"
import { z } from "zod"
import type { Tx } from "../db/tx.ts"

/** The setting `plan_rules`. Without it: no approval, and at most 20 deletes or a tenth of what stands on the providers per run. */
const planRulesSetting = z.object({
  approval: z.boolean().default(false),
  deletesAlways: z.int().min(0).default(20),
  deletesPercent: z.number().min(0).max(100).default(10),
})
export type PlanRules = z.infer<typeof planRulesSetting>

export async function planRules(tx: Tx): Promise<PlanRules> {
  const row = await tx.setting.findUnique({ where: { key: "plan_rules" } })
  return planRulesSetting.parse(row?.value ?? {})
}
