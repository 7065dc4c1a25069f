import { createServer } from "node:net"

/** The first port from `from` on where this address can listen. */
export async function freePort(from: number, host: string, tries = 200): Promise<number> {
  for (let port = from; port < from + tries && port <= 65_535; port++) {
    if (await canListen(port, host)) return port
  }
  throw new Error(`No free port between ${from} and ${from + tries}.`)
}

const canListen = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
