import { z } from "zod"

/** `/{kind}/{id}`: an id that is no UUID is simply not there. */
export const idParams = z.object({ id: z.uuid() })
