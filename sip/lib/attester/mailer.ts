/** Sends messages to people. A promise that `send` returns is awaited. */
export interface Mailer {
  send(message: { readonly to: string; readonly subject: string; readonly text: string }): unknown
}
