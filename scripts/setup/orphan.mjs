const lookMs = 500

/**
 * npm runs a script by a shell, which takes a signal without passing it on: `kill` of `npm start` would leave us running.
 * Under npm the end of our parent is told to us as SIGTERM.
 */
export function endWithParent() {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const look = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(look)
    process.kill(process.pid, "SIGTERM")
  }, lookMs)
  look.unref()
}
