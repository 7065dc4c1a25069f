/** What is wrong with wanted objects, before any call. Pure. */
import type { DesiredObject, ObjectKind, Refusal } from "./objects.ts"

/** Where in its object, and what. */
export type Problem = readonly [path: string, why: string]

/** One, or none. */
export const problem = (bad: boolean, path: string, why: string): readonly Problem[] => (bad ? [[path, why]] : [])

/** The refusals of all of them, by what is wrong with each kind of object. */
export const refusalsOf = (
  desired: readonly DesiredObject[],
  problemsOf: Readonly<Record<ObjectKind, (object: DesiredObject) => readonly Problem[]>>,
): readonly Refusal[] =>
  desired.flatMap((object) =>
    problemsOf[object.kind](object).map(([path, why]) => ({ kind: object.kind, key: object.key, path, why })),
  )
