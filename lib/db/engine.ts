import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { PrismaPg } from "@prisma/adapter-pg"
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils"
import type { SchemaEngine } from "@prisma/schema-engine-wasm"

type Bindings = typeof import("@prisma/schema-engine-wasm") & { __wbg_set_wasm: (exports: WebAssembly.Exports) => void }

let loading: Promise<Bindings> | undefined
/** Once in a process: a second instance would leave the bindings with views into the memory of the first. */
const bindingsOf = (): Promise<Bindings> => (loading ??= load())

async function load(): Promise<Bindings> {
  const bindings = (await import("@prisma/schema-engine-wasm/schema_engine_bg")) as unknown as Bindings
  const script = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg")
  const bytes = await readFile(script.replace(/\.js$/, ".wasm"))
  const { instance } = await WebAssembly.instantiate(bytes, {
    "./schema_engine_bg.js": bindings as unknown as WebAssembly.ModuleImports,
  })
  bindings.__wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start
  if (typeof start === "function") start()
  return bindings
}

/**
 * Prisma's own schema engine as WebAssembly: the native one is a download that a closed network refuses. Its connections
 * end by themselves shortly after the last use.
 */
export async function openEngine(connectionString: string): Promise<SchemaEngine> {
  const bindings = await bindingsOf()
  const factory = bindMigrationAwareSqlAdapterFactory(
    new PrismaPg({
      connectionString,
      application_name: "grantry-migrate",
      max: 2,
      idleTimeoutMillis: 100,
      allowExitOnIdle: true,
    }),
  )
  const datamodel = await readFile(new URL("../../prisma/schema.prisma", import.meta.url), "utf8")
  return bindings.SchemaEngine.new({ datamodels: [["schema.prisma", datamodel]] }, () => {}, factory)
}
