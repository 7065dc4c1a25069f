/**
 * Tells what takes its time. On a terminal one line that counts the elapsed seconds, gone when the work has ended; else
 * (a pipe, a log, TERM=dumb) the plain line once, at the start. Passes on what the work resolves to or throws.
 */
export async function withProgress(line, work, out = process.stdout) {
  if (!out.isTTY || process.env.TERM === "dumb") {
    out.write(`${line}\n`)
    return work()
  }
  const began = performance.now()
  const show = () => {
    const seconds = Math.floor((performance.now() - began) / 1000)
    // A wrapped line could not be written over.
    out.write(`\r\x1b[K${`${line}: ${seconds} s`.slice(0, (out.columns || 80) - 1)}`)
  }
  show()
  const timer = setInterval(show, 1_000)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    out.write("\r\x1b[K")
  }
}
