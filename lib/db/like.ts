/**
 * Text as LIKE finds it and nothing else: without this `_` stands for any character and `%` for any text. Prisma's
 * `startsWith` and `contains` do not do it either. PostgreSQL 18 manual, section 9.7.1.
 */
export const literally = (text: string): string => text.replace(/[\\%_]/g, "\\$&")
