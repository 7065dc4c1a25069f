import { z } from "zod"
import type { RouteSpec } from "./route.ts"

export interface Operation {
  /** As the file stands: `/api/v1/clients/[id]`. */
  readonly path: string
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  readonly spec: RouteSpec
}

const schemaOf = (schema: z.ZodType): Record<string, unknown> => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    target: "draft-2020-12",
  })
  return json
}

function parameters(schema: z.ZodType | undefined, place: "path" | "query") {
  if (!schema) return []
  const json = schemaOf(schema) as { properties?: Record<string, object>; required?: string[] }
  return Object.entries(json.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || (json.required ?? []).includes(name),
    schema: property,
  }))
}

const problemAnswer = {
  description: "A problem (RFC 9457) with a stable code",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
}

/** What success looks like: the status that the route answers with, and a body where there is one. */
function answers({ status = 200, response }: RouteSpec): Record<string, object> {
  const empty = status === 204 ? { "204": { description: "Done; nothing is answered" } } : {}
  if (status === 204 && !response) return empty
  const content = response ? { content: { "application/json": { schema: schemaOf(response) } } } : {}
  return { ...empty, [status === 204 ? 200 : status]: { description: "Done", ...content } }
}

function operation({ method, path, spec }: Operation) {
  const fromPath = [...path.matchAll(/\[(\w+)\]/g)].map((m) => m[1] ?? "")
  const declared = parameters(spec.params, "path")
  const missing = fromPath
    .filter((name) => !declared.some((p) => p.name === name))
    .map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }))
  return {
    operationId: `${method.toLowerCase()}${path.replace(/^\/api\/v1/, "").replace(/[^A-Za-z0-9]+(\w?)/g, (_, c: string) => c.toUpperCase())}`,
    summary: spec.summary,
    ...(spec.permission === "public" ? { security: [] } : {}),
    ...(spec.permission && spec.permission !== "public"
      ? { description: `Needs the permission \`${spec.permission}\`.` }
      : {}),
    parameters: [...declared, ...missing, ...parameters(spec.query, "query")],
    ...(spec.body ? { requestBody: { content: { "application/json": { schema: schemaOf(spec.body) } } } } : {}),
    responses: { ...answers(spec), default: problemAnswer },
  }
}

/** OpenAPI 3.1 of every route, from the very schemas that the routes parse with. */
export function openApi(operations: readonly Operation[], serverUrl: string) {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const one of operations) {
    const path = one.path.replace(/\[(\w+)\]/g, "{$1}")
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operation(one) }
  }
  return {
    openapi: "3.1.0",
    info: { title: "Grantry", version: "1", description: "The control room for machine-to-machine OAuth." },
    servers: [{ url: serverUrl }],
    security: [{ bearer: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        session: { type: "apiKey", in: "cookie", name: "session" },
      },
      schemas: {
        Problem: {
          type: "object",
          required: ["type", "title", "status", "code", "detail", "request_id"],
          properties: {
            type: { type: "string" },
            title: { type: "string" },
            status: { type: "integer" },
            code: { type: "string" },
            detail: { type: "string" },
            request_id: { type: "string" },
            errors: {
              type: "array",
              items: {
                type: "object",
                required: ["path", "code", "message"],
                properties: { path: { type: "string" }, code: { type: "string" }, message: { type: "string" } },
              },
            },
          },
        },
      },
    },
  }
}
