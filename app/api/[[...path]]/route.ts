import { notFoundHere } from "../../../lib/web/not-found.ts"

/** No API route at this address: a problem like every other refusal, not a page. */
export const GET = notFoundHere
export const POST = notFoundHere
export const PUT = notFoundHere
export const PATCH = notFoundHere
export const DELETE = notFoundHere
export const OPTIONS = notFoundHere
