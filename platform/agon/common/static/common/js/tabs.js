// On a narrow screen a row of tabs scrolls; this brings the current one into sight.

for (const current of document.querySelectorAll(
  ".tabs [aria-current], .console-sections [aria-current]",
)) {
  current.scrollIntoView({ block: "nearest", inline: "center" });
}
