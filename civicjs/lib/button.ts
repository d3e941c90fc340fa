/**
 * Adds a Civic button to `parent` and returns it. It is an `a` element, for sites' style sheets, that works like a
 * button.
 * @param parent an element, a selector, or a jQuery object
 * @throws TypeError if there is no such element
 */
export function injectButton(
  parent: Element | string | ArrayLike<Element>,
  text = 'Log in with Civic',
): HTMLAnchorElement {
  const place = elementOf(parent)
  if (place === null) throw new TypeError('injectButton needs an element of the page for the button')
  const label = document.createElement('span')
  label.className = 'civic-login'
  label.appendChild(document.createTextNode(text))
  const button = document.createElement('a')
  button.className = 'civic-button-a'
  // An id must be unique in the page
  if (document.getElementById('show-qrcode') === null) button.id = 'show-qrcode'
  button.setAttribute('role', 'button')
  button.tabIndex = 0
  button.addEventListener('keydown', (event) => {
    if (['Enter', ' ', 'Spacebar'].indexOf(event.key) < 0) return
    event.preventDefault()
    button.click()
  })
  button.appendChild(label)
  place.appendChild(button)
  return button
}

function elementOf(parent: Element | string | ArrayLike<Element> | null | undefined): Element | null {
  if (typeof parent === 'string') return document.querySelector(parent)
  if (parent instanceof Element) return parent
  return parent?.[0] ?? null
}
