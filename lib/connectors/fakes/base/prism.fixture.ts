/**
 * Vendors' contracts as judges between a connector and its fake: Prism as a proxy, and a preflight. Prism's validator
 * lets everything pass where a schema does not compile, without a word, so that is looked for first (providers.md 11.12).
 */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { createServer, type AddressInfo } from "node:net"
import { join, resolve } from "node:path"
import { getHttpOperationsFromSpec } from "@stoplight/prism-cli/dist/operations.js"
import { z } from "zod"
import type { GuardedFetch } from "../../../base/http.ts"
import { isObject } from "../../../base/json.ts"

/**
 * The contract file of this name; null where it is not at hand. Contracts lie in `folder` (GRANTRY_CONTRACTS), by default
 * in `shared/contracts` beside the repository.
 */
export function contractPath(name: string, folder: string | undefined): string | null {
  const path = join(folder ?? resolve(import.meta.dirname, "../../../../../shared/contracts"), name)
  return existsSync(path) ? path : null
}

type Compile = (schema: object) => (value: unknown) => boolean
interface Validator {
  compile: Compile
  addFormat(name: string, format: true): void
}
type NewValidator = new (options: object) => Validator

/** The validator as Prism sets it up, of Prism's own copy. */
export function prismValidator(): Validator {
  const own = createRequire(createRequire(import.meta.url).resolve("@stoplight/prism-http/package.json"))
  const { default: Ajv } = own("ajv") as { default: NewValidator }
  const { default: addFormats } = own("ajv-formats") as { default: (validator: Validator) => void }
  const quiet = { warn: () => undefined, log: () => undefined, error: () => undefined }
  const options = {
    allErrors: true,
    allowUnionTypes: true,
    allowMatchingProperties: true,
    strict: false,
    logger: quiet,
  }
  const validator = new Ajv(options)
  addFormats(validator)
  return validator
}

/** Why a schema does not compile, or null. */
export function compileError(schema: object, bundled: unknown): string | null {
  try {
    prismValidator().compile({ ...schema, __bundled__: bundled })
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const schemas = z.array(z.looseObject({ schema: z.looseObject({}).optional() })).optional()
const body = z.looseObject({ contents: schemas }).optional()
const operation = z.looseObject({
  method: z.string(),
  path: z.string(),
  request: z.looseObject({ body, path: schemas, query: schemas, headers: schemas }).optional(),
  responses: z.array(z.looseObject({ code: z.string(), contents: schemas, headers: schemas })),
  __bundled__: z.unknown().optional(),
})

export interface Preflight {
  /** How many schemas compiled. */
  readonly compiled: number
  /** `POST /clients 201: ...` for each that does not. */
  readonly broken: readonly string[]
}

/** Compiles every request and response schema of an OpenAPI document as Prism would. */
export async function preflight(document: string): Promise<Preflight> {
  const operations = z.array(operation).parse(await getHttpOperationsFromSpec(document))
  const broken: string[] = []
  let compiled = 0
  for (const { method, path, request, responses, __bundled__: bundled } of operations) {
    const parts: readonly (readonly [string, z.output<typeof schemas>])[] = [
      ["body", request?.body?.contents],
      ["path", request?.path],
      ["query", request?.query],
      ["headers", request?.headers],
      ...responses.map(({ code, contents }) => [code, contents] as const),
    ]
    for (const [part, list] of parts)
      for (const { schema } of list ?? []) {
        if (schema === undefined) continue
        const error = compileError(schema, bundled)
        if (error === null) compiled += 1
        else broken.push(`${method.toUpperCase()} ${path} ${part}: ${error}`)
      }
  }
  return { compiled, broken }
}

export interface Prism {
  readonly url: string
  stop(): Promise<void>
}

const startMs = 60_000

/** Prism between a client and `upstream`: what breaks the contract, on either side, is answered with an error. */
export async function startPrism(document: string, upstream: string): Promise<Prism> {
  const port = await freePort()
  const cli = createRequire(import.meta.url).resolve("@stoplight/prism-cli/dist/index.js")
  const child = spawn(process.execPath, [cli, "proxy", document, upstream, "--errors", "-p", String(port)], {
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  await new Promise<void>((ready, fail) => {
    const timer = setTimeout(() => fail(new Error(`Prism did not start: ${said.slice(-500)}`)), startMs)
    const hear = (chunk: Buffer) => {
      said += chunk.toString("utf8")
      if (!said.includes("Prism is listening")) return
      clearTimeout(timer)
      said = ""
      ready()
    }
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    child.once("exit", (code) => fail(new Error(`Prism ended with ${code}: ${said.slice(-500)}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      if (child.exitCode !== null) return
      const ended = new Promise((done) => child.once("exit", done))
      child.kill("SIGTERM")
      await ended
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

const verdict = z.looseObject({ type: z.string(), validation: z.array(z.unknown()).optional() })

/** What Prism found wrong, in its own words; null where this answer is not Prism's. */
export function violation(text: string): string | null {
  try {
    const parsed = verdict.safeParse(JSON.parse(text))
    if (!parsed.success || !parsed.data.type.includes("prism/errors")) return null
    return JSON.stringify(parsed.data.validation ?? parsed.data)
  } catch {
    return null
  }
}

/** Sends what goes to `from` by way of Prism, and throws at the first answer that is Prism's own. */
export const throughPrism =
  (fetch: GuardedFetch, from: string, prism: Prism): GuardedFetch =>
  async (url, init) => {
    if (!url.startsWith(`${from}/`)) return await fetch(url, init)
    const answer = await fetch(`${prism.url}${url.slice(from.length)}`, init)
    const found = violation(answer.text)
    if (found !== null)
      throw new Error(`${init?.method ?? "GET"} ${url.slice(from.length)} breaks the contract: ${found}`)
    return answer
  }

/** The JSON schemas of a file that holds one a member (log events). */
export const schemasOf = (document: unknown): Readonly<Record<string, object>> =>
  isObject(document)
    ? Object.fromEntries(Object.entries(document).filter((entry): entry is [string, object] => isObject(entry[1])))
    : {}
