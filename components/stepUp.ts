/** Where the API asks for a fresh proof of who is there, whoever shows the dialog is asked once; the request is then sent again. */
type Prover = () => Promise<boolean>

let prover: Prover | null = null

/** Takes the asking over until the returned function is called. */
export function answerStepUps(with_: Prover): () => void {
  prover = with_
  return () => {
    if (prover === with_) prover = null
  }
}

/** True: the user has just confirmed. False: they would not, or nobody can ask. */
export const confirmed = (): Promise<boolean> => prover?.() ?? Promise.resolve(false)
