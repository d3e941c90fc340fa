/** Whether this device is a phone or a tablet, with the wallet on it. */
export function isMobile(): boolean {
  // An iPad says that it is a Mac, but no Mac has a touch screen
  const { userAgent, maxTouchPoints } = window.navigator
  return (
    /Android|iP(?:hone|ad|od)|Mobile/i.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)
  )
}
