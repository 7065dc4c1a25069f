import { existsSync } from "node:fs"
import { mkdir, rm } from "node:fs/promises"
import { join, resolve } from "node:path"
import { SetupFailed } from "../setup/failure.ts"
import { root } from "../setup/root.ts"
import { run, tail } from "../setup/run.ts"
import { publish } from "./publish.ts"
import type { Tools } from "./tools.ts"

/** The version that the connector was tried against. */
export const keycloakVersion = "26.7.4"

const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
const fetchMs = 600_000

/** Where downloads are kept between runs: GRANTRY_CACHE_DIR, or `.cache` in the checkout. */
export const cacheDir = (): string => resolve(root, process.env["GRANTRY_CACHE_DIR"] || ".cache")

/** The folder of the unpacked server. Fetched by Maven (168 MiB) and unpacked once. Throws SetupFailed. */
export async function distribution({ maven }: Tools): Promise<string> {
  const cache = cacheDir()
  const home = join(cache, `keycloak-${keycloakVersion}`)
  if (existsSync(join(home, "bin/kc.sh"))) return home
  await mkdir(cache, { recursive: true })
  const archive = join(cache, `keycloak-quarkus-dist-${keycloakVersion}.tar.gz`)
  if (!existsSync(archive)) await fetchArchive(maven, cache)
  const draft = `${home}.${process.pid}`
  await mkdir(draft)
  try {
    const unpacked = await run("tar", ["xzf", archive, "-C", draft, "--strip-components=1"], { timeoutMs: fetchMs })
    if (unpacked.code !== 0) {
      await rm(archive, { force: true })
      throw new SetupFailed(`The Keycloak archive could not be unpacked: ${tail(unpacked.text, 1)}`)
    }
    await publish(draft, home, "bin/kc.sh")
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return home
}

async function fetchArchive(maven: string, cache: string): Promise<void> {
  const args = ["-q", "-B", plugin, `-Dartifact=org.keycloak:keycloak-quarkus-dist:${keycloakVersion}:tar.gz`]
  const done = await run(maven, [...args, `-DoutputDirectory=${cache}`], { timeoutMs: fetchMs })
  if (done.code !== 0) throw new SetupFailed(`Maven could not fetch Keycloak: ${tail(done.text, 3)}`)
}
