/** A page with a form that goes straight to the storage, and shows what became of it. */
export const page = (action: string, fields: Readonly<Record<string, string>>): string => `<!doctype html>
<meta charset="utf-8">
<title>Upload</title>
<form action="${action}" method="post" enctype="multipart/form-data">
${Object.entries(fields)
  .map(([name, value]) => `  <input type="hidden" name="${name}" value="${value}">`)
  .join('\n')}
  <input type="file" name="file" required>
  <button>Upload</button>
</form>
<output></output>
<script type="module">
  const form = document.querySelector('form')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const answer = await fetch(form.action, { method: 'POST', body: new FormData(form) })
    document.querySelector('output').textContent = answer.ok ? 'Stored.' : await answer.text()
  })
</script>
`
