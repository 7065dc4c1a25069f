import { run } from "../setup/run.ts"

/** What a Keycloak server needs on this machine. */
export interface Tools {
  readonly java: string
  readonly maven: string
}

/** Keycloak 26.7 runs on these: OpenJDK 17 (deprecated there), 21 and 25. */
const oldestJava = 17

/** Looks for Java and Maven. `missing` is one sentence: what is not here and what would bring it. */
export async function findTools(): Promise<Tools | { readonly missing: string }> {
  const home = process.env["JAVA_HOME"]
  const java = home ? `${home}/bin/java` : "java"
  const [javaSays, mavenSays] = await Promise.all([
    run(java, ["-version"], { timeoutMs: 60_000 }),
    run("mvn", ["-v"], { timeoutMs: 60_000 }),
  ])
  const version = Number(/version "(\d+)/.exec(javaSays.text)?.[1] ?? 0)
  const lacking = [
    ...(version >= oldestJava ? [] : [`Java ${oldestJava} or newer`]),
    ...(mavenSays.code === 0 ? [] : ["Maven"]),
  ]
  if (lacking.length === 0) return { java, maven: "mvn" }
  return {
    missing: `${lacking.join(" and ")} ${lacking.length > 1 ? "are" : "is"} not here; \`apt-get install default-jre-headless maven\` brings them, or KEYCLOAK_URL names a running server.`,
  }
}
