import type { NextRequest } from "next/server"
import { takeCspReport } from "../../../lib/web/csp-report.ts"

export const POST = (request: NextRequest): Promise<Response> => takeCspReport(request)
