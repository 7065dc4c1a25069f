/**
 * Writes docs/connectors.md from the declarations of lib/connectors: what each kind takes, can, cannot, and what it was
 * tried against. `--check` fails when the file is not the one that would be written.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { kinds } from "../lib/connectors/kinds.ts"
import { portNames, sheetOf, type KindSheet, type PortName, type PortSheet } from "../lib/connectors/sheet.ts"

const titles: Readonly<Record<PortName, string>> = {
  write: "Clients, audiences, grants",
  secrets: "Secrets",
  introspection: "Introspection",
  events: "Token events of its own",
  changes: "Authors of changes",
}

/** A cell holds no line break, and its bars are words. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ").trim()
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n")

const anchor = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-")

function overview(sheets: readonly KindSheet[]): string {
  return table(
    ["kind", ...portNames.map((name) => titles[name]), "verified against", "on"],
    sheets.map((sheet) => [
      `[${sheet.title}](#${anchor(sheet.title)})`,
      ...sheet.ports.map(({ can }) => (can ? "yes" : "no")),
      [...new Set(sheet.verified.map(({ against }) => against))].join(", "),
      sheet.verified.map(({ on }) => on).sort()[0] ?? "",
    ]),
  )
}

function port({ name, can, why, source, facts }: PortSheet): string {
  const told = can ? [why, ...facts].join(" ") : `Not possible: ${why}${source === null ? "" : ` (${source})`}`
  return `- **${titles[name]}.** ${told.replaceAll(/\s+/g, " ")}`
}

function section(sheet: KindSheet): string {
  const { title, kind, versions, verified, privileges, mapping, fields, ports } = sheet
  const settings = fields.map((field) => [
    `\`${field.name}\``,
    field.required ? "needed" : field.fallback === null ? "optional" : `\`${field.fallback}\``,
    field.secret ? "sealed" : "",
    field.description,
  ])
  return [
    `## ${title}`,
    `Kind \`${kind}\`. ${versions}`,
    ...verified.map(({ against, what, on }) => `- Verified against: **${against}**, ${on}. ${what}`),
    "### What can be done",
    ...ports.map(port),
    "### What becomes what",
    table(
      ["in Grantry", "there", "what that means"],
      mapping.map(({ ours, theirs, why }) => [ours, theirs, why]),
    ),
    ...(privileges.length === 0
      ? []
      : [
          "### Least privileges",
          table(
            ["privilege", "needed", "gives"],
            privileges.map(({ name, needed, gives }) => [name, needed, gives]),
          ),
        ]),
    "### Settings",
    table(["setting", "", "", ""], settings),
  ]
    .join("\n\n")
    .replaceAll(/\n\n(?=- )(?<=\n- .*\n\n)/g, "\n")
}

/** The whole page. Pure. */
export const connectorsDoc = (sheets: readonly KindSheet[]): string =>
  [
    "<!-- Written by scripts/connectors-doc.ts from lib/connectors; a unit test holds it equal. -->",
    "# Connectors",
    "Each kind of identity provider that Grantry drives: what it can, what it cannot and why, and **what that was verified against**. The same declarations draw the page on which a provider is connected and the capability page of each provider. What is possible with the settings that a kind needs stands here; more settings may open more.",
    overview(sheets),
    "*Real server*: the contract suite of all connectors ran on the provider's own software. *Vendor contract*: requests and answers were held against the vendor's machine-readable contract. *Own fake*, *twin*: it ran on a stateful server of ours that knows the provider's laws.",
    ...sheets.map(section),
  ].join("\n\n") + "\n"

if (import.meta.main) {
  const file = new URL("../docs/connectors.md", import.meta.url)
  const wanted = connectorsDoc(kinds.map(sheetOf))
  if (!process.argv.includes("--check")) writeFileSync(file, wanted)
  else if (readFileSync(file, "utf8") !== wanted) {
    console.error("docs/connectors.md is not what the declarations say: node scripts/connectors-doc.ts")
    process.exitCode = 1
  }
}
