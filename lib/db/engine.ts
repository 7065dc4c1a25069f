import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { PrismaPg } from "@prisma/adapter-pg"
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils"
import type { SchemaEngine } from "@prisma/schema-engine-wasm"
import pg from "pg"

export interface Engine {
  readonly engine: SchemaEngine
  /** Frees the module's memory and ends its connections, which would hold the process for ten seconds more. */
  close(): Promise<void>
}

/** Prisma's own schema engine as WebAssembly: the native one is a download that a closed network refuses. */
export async function openEngine(connectionString: string): Promise<Engine> {
  const bindings = (await import("@prisma/schema-engine-wasm/schema_engine_bg")) as unknown as typeof import("@prisma/schema-engine-wasm") & {
    __wbg_set_wasm: (exports: WebAssembly.Exports) => void
  }
  const script = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg")
  const bytes = await readFile(script.replace(/\.js$/, ".wasm"))
  const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": bindings as unknown as WebAssembly.ModuleImports })
  bindings.__wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start
  if (typeof start === "function") start()
  const pool = new pg.Pool({ connectionString, application_name: "grantry-migrate", max: 2 })
  const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool))
  const datamodel = await readFile(new URL("../../prisma/schema.prisma", import.meta.url), "utf8")
  const engine = await bindings.SchemaEngine.new({ datamodels: [["schema.prisma", datamodel]] }, () => {}, factory)
  return {
    engine,
    async close() {
      engine.free()
      await pool.end()
    },
  }
}
