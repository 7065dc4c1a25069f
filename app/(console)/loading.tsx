import classes from "./loading.module.css"

export default function Loading() {
  return (
    <div className={classes.loading} role="status" aria-busy="true" aria-label="Loading">
      <div className={classes.title} />
      <div className={classes.body} />
    </div>
  )
}
