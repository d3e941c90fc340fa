/** Whether this device is a phone or a tablet, which has the wallet. */
export function isMobile(): boolean {
  // An iPad reports that it is a Mac, but no Mac has a touch screen
  const { userAgent, maxTouchPoints } = window.navigator
  return (
    /Android|iP(?:hone|ad|od)|Mobile/i.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)
  )
}
