import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "@playwright/test"
import { expect } from "./console.ts"
import { settle } from "./scene.ts"

const wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

/** Every rule on what stands there now, in both themes. */
export async function look(page: Page, what: string): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" })
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", theme)
    await settle(page)
    // Legacy: without the window of its own that each analysis opens to look into frames of other sites. There are none.
    expect(page.frames()).toHaveLength(1)
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).withTags(wcag).analyze()
    const bad = violations.filter((v) => v.impact === "serious" || v.impact === "critical")
    expect
      .soft(
        bad.flatMap((v) =>
          v.nodes.map((n) => `${what} ${theme}: ${v.id}: ${n.target.join(" ")}: ${n.failureSummary ?? ""}`),
        ),
      )
      .toEqual([])
  }
}
