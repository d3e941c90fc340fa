import type { ComponentChildren, JSX } from 'preact'

/** One section of the settings. */
export function Section({
  title,
  text,
  children,
}: {
  title: string
  text: string
  children?: ComponentChildren
}): JSX.Element {
  const id = title.replaceAll(' ', '-').toLowerCase()
  return (
    <section class="card pad stack tight" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p class="soft">{text}</p>
      {children}
    </section>
  )
}
