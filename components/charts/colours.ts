/** Colours of marks on the page's surface: at least 3:1 in both themes; beside each stands a pattern or a word. */
export const colours = {
  success: "var(--chart-1)",
  failure: "var(--chart-2)",
  third: "var(--chart-3)",
  fourth: "var(--chart-4)",
  fifth: "var(--chart-5)",
  rest: "var(--chart-rest)",
} as const
/** For series without a meaning of their own, in order. */
export const seriesColours: readonly string[] = [
  colours.success,
  colours.third,
  colours.fourth,
  colours.fifth,
  colours.failure,
  colours.rest,
]
/** Dashes beside the colours, in the same order. */
export const seriesDashes: readonly string[] = ["0", "6 3", "2 3", "10 3 2 3", "4 2", "1 4"]
