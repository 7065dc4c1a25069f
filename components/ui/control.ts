/** A selector for what the keyboard stops at. */
export const control = 'button, a[href], input, select, textarea, [tabindex="0"]'
