import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Resvg } from '@resvg/resvg-js'

// A machine without fonts draws the same letters.
const fontFiles = [
  import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
].map((url) => fileURLToPath(url))

/** Writes a picture as `PATH.svg`, and drawn from it, twice as large, as `PATH.png`; resolves to both names. */
export async function writePictures(path, svg) {
  const drawing = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: 2 },
    font: {
      loadSystemFonts: false,
      fontFiles,
      defaultFontFamily: 'DejaVu Sans',
    },
  })
  await writeFile(`${path}.svg`, svg)
  await writeFile(`${path}.png`, drawing.render().asPng())
  return [`${path}.svg`, `${path}.png`]
}
