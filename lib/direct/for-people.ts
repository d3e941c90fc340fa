/** The page for a person who opens the callback URL in a browser. Only wallets get the token. */
export const PAGE_FOR_PEOPLE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>A login request</title>
<h1>This is a login request</h1>
<p>Open it with your wallet: read the QR code with the wallet, not with the camera.</p>
</html>
`

/** Whether a browser navigates to the URL, so that it is a person and not a wallet. */
export function isNavigation(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
  // Browsers without Sec-Fetch headers ask for HTML when they navigate
  const { accept, 'sec-fetch-mode': mode = String(accept).includes('text/html') ? 'navigate' : '' } = headers
  return mode === 'navigate'
}
