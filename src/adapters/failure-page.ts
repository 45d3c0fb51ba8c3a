/** The page a browser gets when a session fails. Complete without styles, scripts or pictures. */

const HEADINGS: Readonly<Record<number, string>> = {
  401: "Sign in to continue",
  403: "Request refused",
  409: "Please try again",
  413: "Too much data",
  503: "Back in a moment",
};

export function failurePage(status: number, message: string, signIn: string | undefined): string {
  const heading = HEADINGS[status] ?? "Something went wrong";
  const link = signIn === undefined ? "" : `<p><a href="${escapeHtml(signIn)}">Sign in</a></p>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${heading}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}p{white-space:pre-line}</style>
</head>
<body>
<main>
<h1>${heading}</h1>
<p>${escapeHtml(message)}</p>
${link}</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
