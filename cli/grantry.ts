import { Command, CommanderError } from "commander"
import { Api } from "./api.ts"
import { carryOut } from "./apply.ts"
import { readDocumentFile, writeDocumentFile } from "./document.ts"
import { Ends, endings, type Ending } from "./ending.ts"
import { askPreview, isEmpty } from "./plan.ts"
import { plain, printPreview } from "./print.ts"
import type { World } from "./world.ts"

interface Common {
  readonly url?: string
  readonly plainHttp: boolean
}
interface Planning extends Common {
  readonly file: string
  readonly provider: readonly string[]
  readonly json: boolean
}
interface Applying extends Planning {
  readonly yes: boolean
  readonly confirm?: string
  readonly acceptWidened: boolean
  readonly beyondLimit: boolean
  readonly timeout: number
}

const exitCodes = `
Exit codes: 0 nothing differs, 1 something does, 2 the command cannot be used as given, 3 Grantry or a provider is out of reach.
Environment: GRANTRY_URL (http://127.0.0.1:3000), GRANTRY_TOKEN.`

/** Runs one command line and answers its exit code; never throws for what is expected. `args` without node and script. */
export async function grantry(args: readonly string[], world: World): Promise<number> {
  let ending: Ending = "none"
  const program = commands(world, (end) => {
    ending = end
  })
  try {
    await program.parseAsync([...args], { from: "user" })
    return endings[ending]
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? endings.none : endings.usage
    if (!(error instanceof Ends)) throw error
    if (args.includes("--json"))
      world.out(`${JSON.stringify({ ending: error.ending, message: error.message, ...error.json })}\n`)
    else world.err(`${error.message.split("\n").map(plain).join("\n")}\n`)
    return endings[error.ending]
  }
}

function commands(world: World, end: (ending: Ending) => void): Command {
  const program = new Command("grantry")
    .description("The registry of service clients, APIs and grants as a file: what it would change, and making it so.")
    .configureOutput({ writeOut: world.out, writeErr: world.err })
    .addHelpText("after", exitCodes)
    .exitOverride()
  const api = ({ url, plainHttp }: Common) => new Api(world, url, plainHttp)

  planning(program.command("plan"))
    .description("Say what the file would change, in the registry and on the providers; change nothing")
    .action(async (options: Planning) => {
      const shown = await askPreview(api(options), await readDocumentFile(world, options.file), options.provider)
      const ending = isEmpty(shown) ? "none" : "changes"
      world.out(`${options.json ? JSON.stringify({ ending, ...shown }) : printPreview(shown)}\n`)
      end(ending)
    })

  planning(program.command("apply"))
    .description("Make the registry what the file says, and the providers what the registry says")
    .option("-y, --yes", "do not ask whether to begin; deletes and widened grants are still asked for", false)
    .option("--confirm <phrase>", 'what would be typed to delete: "delete client orders", "delete 3"')
    .option("--accept-widened", "take grants that a provider can only hold wider than registered", false)
    .option("--beyond-limit", "delete more than the limit of one run", false)
    .option("--timeout <seconds>", "how long to wait for the end", seconds, 900)
    .action(async (options: Applying) => {
      const connected = api(options)
      const file = await readDocumentFile(world, options.file)
      const shown = await askPreview(connected, file, options.provider)
      const tell = options.json ? world.err : world.out
      tell(`${printPreview(shown)}\n`)
      const done = isEmpty(shown)
        ? null
        : await carryOut(world, connected, file, shown, { ...options, timeoutMs: options.timeout * 1000 })
      if (options.json) world.out(`${JSON.stringify({ ending: "none", ...shown, plan: done })}\n`)
      else if (!isEmpty(shown)) world.out("Done: nothing of this differs any more.\n")
      end("none")
    })

  common(program.command("export"))
    .description("Write the registry as it stands, as YAML")
    .option("-o, --output <file>", "a file instead of standard output")
    .action(async (options: Common & { output?: string }) => {
      const text = await api(options).text("/registry?format=yaml", { answers: "application/yaml" })
      if (options.output === undefined) world.out(text)
      else await writeDocumentFile(world, options.output, text)
      end("none")
    })
  return program
}

const common = (command: Command): Command =>
  command
    .option("--url <address>", "Grantry's address, in place of GRANTRY_URL")
    .option("--plain-http", "send the token over plain http to another machine", false)

const planning = (command: Command): Command =>
  common(command)
    .requiredOption("-f, --file <registry.yaml>", "the registry file, YAML or JSON; - is standard input")
    .option("-p, --provider <name>", "only this provider; may be repeated", (one, all: string[]) => [...all, one], [])
    .option("--json", "one JSON document on standard output", false)

function seconds(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0)
    throw new Ends("usage", `--timeout ${JSON.stringify(text)} is no number of seconds.`)
  return value
}
