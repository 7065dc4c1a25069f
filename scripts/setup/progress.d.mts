/** Where the line goes: standard output, or what a test looks at. */
export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export function withProgress<T>(line: string, work: () => Promise<T>, out?: Terminal): Promise<T>
