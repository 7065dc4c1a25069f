import type { Json } from "../../lib/base/json.ts"
import { fieldWord, setDiff, valueText, type FieldDiff } from "./shape.ts"
import classes from "./plans.module.css"

const signs = { added: "+", removed: "−", same: " " } as const
const words = { added: "comes", removed: "goes", same: "stays" } as const

/** Field by field, old and new; lists as sets. A create shows only the new values. */
export function FieldDiffTable({
  fields,
  create = false,
  oldWord = "Now",
  newWord = "Then",
}: {
  fields: readonly FieldDiff[]
  create?: boolean
  oldWord?: string
  newWord?: string
}) {
  const shown = create ? fields.filter((f) => valueText(f.to) !== null) : fields
  if (shown.length === 0) return null
  return (
    <table className={classes.diff}>
      <thead>
        <tr>
          <th scope="col">Field</th>
          {!create && <th scope="col">{oldWord}</th>}
          <th scope="col">{create ? "Value" : newWord}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((f) => (
          <tr key={f.field}>
            <th scope="row">{fieldWord(f.field)}</th>
            {Array.isArray(f.from) || Array.isArray(f.to) ? (
              <td colSpan={create ? 1 : 2}>
                <Members from={listOf(f.from)} to={listOf(f.to)} plain={create} />
              </td>
            ) : (
              <>
                {!create && (
                  <td className={classes.from}>
                    <Value value={f.from} />
                  </td>
                )}
                <td className={create ? undefined : classes.to}>
                  <Value value={f.to} />
                </td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
const listOf = (value: Json): readonly Json[] => (isList(value) ? value : value === null ? [] : [value])

const Value = ({ value }: { value: Json }) => valueText(value) ?? <span title="no value">–</span>

function Members({ from, to, plain }: { from: readonly Json[]; to: readonly Json[]; plain: boolean }) {
  return (
    <ul className={classes.members}>
      {setDiff(from, to).map((m) => (
        <li key={`${m.is} ${m.text}`} className={classes.member} data-is={plain ? undefined : m.is}>
          {!plain && (
            <span className={classes.mark} role="img" aria-label={words[m.is]}>
              {signs[m.is]}
            </span>
          )}
          {m.text}
        </li>
      ))}
    </ul>
  )
}
