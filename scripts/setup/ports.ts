import { randomInt } from "node:crypto"
import { createServer } from "node:net"
import { codeOf, SetupFailed } from "./failure.ts"

/** Why nobody can listen there now, as the system's code (`EADDRINUSE`), or null when it is free. */
export function listenFails(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once("error", (error) => resolve(codeOf(error) || "UNKNOWN"))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)))
  })
}

export async function requirePort(port: number, host: string): Promise<void> {
  const why = await listenFails(port, host)
  if (why === null) return
  if (why === "EADDRINUSE")
    throw new SetupFailed(
      `Port ${port} on ${host} is taken by another program. Stop it, or choose another: PORT=${port + 1} npm start`,
    )
  if (why === "EACCES")
    throw new SetupFailed(
      `Port ${port} needs more rights than this user has. Choose one above 1023: PORT=3000 npm start`,
    )
  throw new SetupFailed(`Cannot listen on ${host} port ${port} (${why}). Check HOST and PORT.`)
}

/**
 * A free port on the loopback below the range from which systems take ports of outgoing connections, so that a program
 * that retries while the server is down cannot take the server's port.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(20_000, 32_000)
    if ((await listenFails(port, "127.0.0.1")) === null) return port
  }
  throw new SetupFailed("Found no free port between 20000 and 32000 on 127.0.0.1.")
}
