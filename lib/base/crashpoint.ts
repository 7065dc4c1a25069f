/**
 * Named places between two effects at which a test may let the process die (reliability.md F17, F18). Without a hook they
 * do nothing and cost one comparison. The hook stands in by never answering: then no `catch` and no `finally` runs, as
 * under SIGKILL.
 */
type Hook = (name: string) => Promise<void> | void

const shared = globalThis as typeof globalThis & { grantryCrashHook?: Hook }

export function crashpoint(name: string): Promise<void> | void {
  return shared.grantryCrashHook?.(name)
}

/** For tests and fault rigs only. `null` takes the hook out. */
export function useCrashHook(hook: Hook | null): void {
  if (hook === null) delete shared.grantryCrashHook
  else shared.grantryCrashHook = hook
}
