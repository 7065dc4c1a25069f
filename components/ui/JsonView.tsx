import { CodeBlock } from "./CodeBlock.tsx"

/** Any JSON value, indented, as text. */
export const JsonView = ({ value, label }: { value: unknown; label: string }) => <CodeBlock code={JSON.stringify(value, null, 2) ?? "null"} label={label} />
