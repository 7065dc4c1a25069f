import "server-only"
import { headers } from "next/headers"
import { notFound, redirect } from "next/navigation"
import { NextRequest } from "next/server"
import { cache } from "react"
import type { Actor } from "../auth/actor.ts"
import { sessionActor } from "../auth/sessions.ts"
import { Refused } from "../base/errors.ts"
import { runtime } from "../runtime.ts"
import { sessionIdOf } from "./caller.ts"

/** The signed-in user of this page request, or null. Asked once per request. */
export const pageActor = cache(async (): Promise<Actor | null> => {
  const request = new NextRequest(runtime().env.publicUrl, { headers: new Headers(await headers()) })
  const sessionId = await sessionIdOf(request)
  return sessionId === null ? null : sessionActor(sessionId, null)
})

/** The signed-in user; whoever has no live session goes to the sign-in page and comes back after it. */
export async function requireActor(): Promise<Actor> {
  const actor = await pageActor()
  if (actor) return actor
  const path = (await headers()).get("x-grantry-path") ?? "/"
  redirect(path === "/" ? "/login" : `/login?next=${encodeURIComponent(path)}`)
}

/** The answer of a query, or the not-found page where it refuses with 404. Any other refusal goes on to the error page. */
export async function orNotFound<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Refused && error.status === 404) notFound()
    throw error
  }
}
