/** Control, direction and other invisible characters, and line breaks: they can make a name look like another one. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** Whether a text is displayed as written. */
export function isPlainText(text: string): boolean {
  return !INVISIBLE.test(text)
}
