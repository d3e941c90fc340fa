/** What the callback URL shows a person who opens it in a browser; the token is for wallets alone. */
export const PAGE_FOR_PEOPLE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>A login request</title>
<h1>This is a login request</h1>
<p>Open it with your wallet: read the QR code with the wallet, not with the camera.</p>
</html>
`

/** Whether a browser asks for a page to show: a person opened the URL, and no wallet fetches it. */
export function isNavigation(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
  // Browsers that do not say what a request is for ask for HTML as they navigate
  const { accept, 'sec-fetch-mode': mode = String(accept).includes('text/html') ? 'navigate' : '' } = headers
  return mode === 'navigate'
}
