/** Control, direction and other invisible characters, and line breaks: with them a name can look like another one. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** Whether a text is shown as it is written. */
export function isPlainText(text: string): boolean {
  return !INVISIBLE.test(text)
}
