/**
 * The page for a person who followed a link that failed. Programs get JSON.
 * @param message the server's message
 */
export function errorPage(status: number, message: string): string {
  const title = status === 404 ? 'Not found' : 'This did not work'
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title}</title>
    <link rel="stylesheet" href="/dashboard/dashboard.css" />
  </head>
  <body>
    <div class="desk">
      <main>
        <h1>${title}</h1>
        <p>${escaped(sentence(message))}</p>
        <p><a href="/">Go to the start page</a></p>
      </main>
    </div>
  </body>
</html>
`
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}
