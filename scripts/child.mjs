// Preloaded (`node --import`) into every child of the supervisor: a child ends when it is told to or when its supervisor
// died. Event streams listen for the process event `grantry:drain` and end first, since a server that closes waits for
// every open connection.
const deadlineMs = 30_000
const shared = globalThis

function drain() {
  if (shared.grantryDraining) return
  shared.grantryDraining = true
  process.channel?.unref()
  process.emit("grantry:drain")
  setTimeout(() => process.exit(1), deadlineMs).unref()
  // A child that does not listen itself has nothing to drain.
  if (process.listenerCount("SIGTERM") === 1) process.exit(0)
}

process.on("SIGTERM", drain)
// The terminal's Ctrl-C is the supervisor's business; a child is told by SIGTERM.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"))
