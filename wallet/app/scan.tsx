import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { withFields, Button, Failure, Field, useAction } from 'civic-ui'
import { canUseCamera, pixelsOf, watchCamera } from './camera.ts'
import { decodePicture } from './helper.ts'
import { openRequest } from './route.ts'

/** The ways to a request: the camera, a photo or screenshot, a pasted link. */
export function Scan(): JSX.Element {
  const open = useAction((link: string) => openRequest(link))
  const read = useAction(async (file: File | undefined) => {
    if (!file) return
    const code = await decodePicture(await pixelsOf(file))
    if (code === undefined) throw new Error('There is no QR code in this picture that can be read.')
    openRequest(code)
  })
  useEffect(() => {
    const paste = ({ clipboardData }: ClipboardEvent): void => {
      const [file] = clipboardData?.files ?? []
      if (file) read.run(file)
    }
    document.addEventListener('paste', paste)
    return () => document.removeEventListener('paste', paste)
  }, [])
  return (
    <div class="columns">
      <div class="stack">
        <h1 tabIndex={-1}>Scan a code</h1>
        {canUseCamera() ? (
          <Camera />
        ) : (
          <p class="note">This page cannot use the camera. Take a photo of the code, or paste its link.</p>
        )}
      </div>
      <div class="stack">
        <div class="card pad field">
          <label for="photo">A photo or screenshot of the code</label>
          <input
            id="photo"
            type="file"
            accept="image/*"
            onChange={({ currentTarget }) => read.run(currentTarget.files?.[0])}
          />
          <p class="hint">You can paste a screenshot as well.</p>
          <Failure text={read.failure} />
        </div>
        <form class="card pad stack" noValidate onSubmit={withFields(({ link = '' }) => open.run(link))}>
          <Field
            id="link"
            name="link"
            label="The code’s link"
            placeholder="Paste it here"
            autocomplete="off"
          />
          <Failure text={open.failure} />
          <Button type="submit">Open the request</Button>
        </form>
      </div>
    </div>
  )
}

function Camera(): JSX.Element {
  const video = useRef<HTMLVideoElement>(null)
  const [failure, setFailure] = useState('')
  const [isUnusable, setUnusable] = useState(false)
  useEffect(() => {
    if (!video.current) return undefined
    return watchCamera(video.current, {
      found: (text) => {
        try {
          openRequest(text)
          return true
        } catch (error) {
          setFailure((error as Error).message)
          return false
        }
      },
      failed: (why) => {
        setFailure(why)
        setUnusable(true)
      },
    })
  }, [])
  if (isUnusable) return <p class="note">{failure}</p>
  return (
    <div class="stack tight">
      <div class="camera">
        <video ref={video} muted playsInline aria-label="What the camera sees" />
      </div>
      <p class="soft">Point the camera at the code on the other screen.</p>
      <Failure text={failure} />
    </div>
  )
}
