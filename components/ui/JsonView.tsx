import { CodeBlock } from "./CodeBlock.tsx"
import { visibleJson } from "./marks.ts"

/** Any JSON value, indented, as text; what would not be seen stands as an escape. */
export const JsonView = ({ value, label }: { value: unknown; label: string }) => (
  <CodeBlock code={visibleJson(value)} label={label} />
)
